//! The scan of a delta stream, and the relations that its query tracks.

use super::super::property::Site;
use super::super::{Checker, Target, Written};
use super::Get;
use super::properties::items;
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::graph_index::{MemberRecord, PathSegment, Role};
use crate::plan::is_advanced;
use crate::source::{Node, Span};
use crate::stream::StreamPlan;

impl Checker<'_> {
    /// The collection of the scan and its parts.
    pub(super) fn scan(
        &self,
        plan: &StreamPlan,
        delta: &Target,
        get: &Get<'_>,
        reading: &mut Reading<'_>,
    ) {
        let Some(scan) = &plan.scan else { return };
        let mapping = get("scan").and_then(Node::mapping);
        let own = |key: &str| mapping.and_then(|it| it.get(key)).map(|entry| &entry.value);
        let written = own("endpoint").and_then(|node| Written::new(node, &scan.endpoint));
        let target = match &written {
            Some(written) => {
                let claims = self.claims.without(&plan.unavailable_in);
                self.endpoint(written, &claims, plan.version, reading)
            }
            None => self.inherited_scan(plan, delta),
        };
        let Some(target) = target else { return };
        if let Some(written) = &written
            && self.scans_others(&target, delta, written.node, reading)
        {
            return;
        }
        if let Some((name, node)) = scan.partition.as_deref().zip(own("partition")) {
            self.partition(name, node, &scan.endpoint, &target, reading);
        }
    }

    fn inherited_scan(&self, plan: &StreamPlan, delta: &Target) -> Option<Target> {
        let segments = PathSegment::split(&plan.scan.as_ref()?.endpoint);
        let place = self.index.resolve(&segments, delta.cloud).whole()?.clone();
        Some(Target { place, cloud: delta.cloud, clouds: delta.clouds, beta: delta.beta })
    }

    /// GD0803: whether the collection holds other objects than the delta query.
    fn scans_others(
        &self,
        target: &Target,
        delta: &Target,
        node: &Node,
        reading: &mut Reading<'_>,
    ) -> bool {
        let (Some(of), Some(wanted)) = (target.place.of, delta.place.of) else { return true };
        if of == wanted {
            return false;
        }
        let (read, found) = (self.index.describe(of), self.index.describe(wanted));
        let message = format!("the scan reads `{read}`, the delta `{found}`");
        reading.report.add(Finding::new(Code::InvalidScan, node.span, message));
        true
    }

    /// GD0803: Graph filters the collection by ranges of the property, without an advanced query.
    fn partition(
        &self,
        name: &str,
        node: &Node,
        endpoint: &str,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        let Some(of) = target.place.of.filter(|_| !target.beta) else { return };
        let member = self.property(of.position(), name, node.span, Site::Stream, target, reading);
        let Some(member) = member else { return };
        let text = self.index.describe(member.of) == "Edm.String";
        let filter = format!("{name} ge 'a'");
        let problem = if member.role != Role::Property || !text {
            format!("`{name}` is not text: its values have no ranges")
        } else if is_advanced(endpoint, "$filter", &filter) {
            format!("Graph filters by `{name}` in advanced queries only, which lag behind")
        } else {
            return;
        };
        let finding = Finding::new(Code::InvalidScan, node.span, problem);
        reading.report.add(finding.help("use a text property such as `displayName`"));
    }

    /// GD0803: the property of a window is a point in time.
    pub(super) fn window(
        &self,
        plan: &StreamPlan,
        target: &Target,
        get: &Get<'_>,
        reading: &mut Reading<'_>,
    ) {
        let Some(window) = &plan.window else { return };
        let own = get("window").and_then(Node::mapping).and_then(|it| it.get("property"));
        let Some(node) = own.map(|entry| &entry.value).filter(|_| !target.beta) else { return };
        let Some(of) = target.place.of else { return };
        let (name, position) = (window.property.as_str(), of.position());
        let found = self.property(position, name, node.span, Site::Stream, target, reading);
        let Some(member) = found else { return };
        if self.index.describe(member.of) != "Edm.DateTimeOffset" {
            let message = format!("`{name}` is no point in time");
            let finding = Finding::new(Code::InvalidScan, node.span, message);
            reading
                .report
                .add(finding.help("a window is cut by a property such as `activityDateTime`"));
        }
    }

    /// GD0804: what the delta query tracks are relations, and edges out of it lead to one object.
    pub(super) fn relations(
        &self,
        plan: &StreamPlan,
        target: &Target,
        node: Option<&Node>,
        reading: &mut Reading<'_>,
    ) {
        let (Some(node), Some(of)) = (node, target.place.of) else { return };
        for item in items(node) {
            let Some(scalar) = item.scalar() else { continue };
            let name = scalar.text.as_str();
            let found =
                self.property(of.position(), name, item.span, Site::Stream, target, reading);
            let Some(member) = found else { continue };
            if !leads_elsewhere(member) {
                let message = format!("`{name}` is a property, no relation");
                let finding = Finding::new(Code::NotARelation, item.span, message);
                reading.report.add(finding.help("write it under `select`"));
            } else if plan.is_edges() && member.of.is_many() {
                let message = format!("`{name}` leads to many objects: a delta may cut the list");
                let finding = Finding::new(Code::NotARelation, item.span, message);
                let place = target.place.path.trim_end_matches("/delta").to_owned();
                let help = format!("read it per owner: `endpoint: '{place}/{{id}}/{name}'`");
                reading.report.add(finding.help(help));
            }
        }
    }

    /// GD0804: a relation among the properties.
    pub(super) fn is_relation(&self, member: &MemberRecord, span: Span) -> Option<Finding> {
        let name = self.index.text(member.name);
        let message = format!("`{name}` is a relation, no property");
        let finding = || Finding::new(Code::NotARelation, span, message);
        leads_elsewhere(member).then(|| finding().help("write it under `relations`"))
    }
}

fn leads_elsewhere(member: &MemberRecord) -> bool {
    matches!(member.role, Role::Reference | Role::Containment)
}
