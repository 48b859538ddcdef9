//! The scan of a delta stream, and the relations that its query tracks.

use super::super::property::Site;
use super::super::{Checker, Target, Written};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::graph_index::{MemberRecord, Role};
use crate::plan::is_advanced;
use crate::source::{Node, NodeKind, Span};
use crate::stream::StreamPlan;

impl Checker<'_> {
    /// GD0803: the collection holds the delta's objects, and Graph filters it by the partition.
    pub(super) fn scan(
        &self,
        plan: &StreamPlan,
        delta: &Target,
        node: Option<&Node>,
        reading: &mut Reading<'_>,
    ) {
        let Some((scan, mapping)) = plan.scan.as_ref().zip(node.and_then(Node::mapping)) else {
            return;
        };
        let get = |key: &str| mapping.get(key).map(|entry| &entry.value);
        let written = get("endpoint").and_then(|node| Written::new(node, &scan.endpoint));
        let Some(written) = written else { return };
        let target = self.endpoint(&written, &self.claims, plan.version, reading);
        let Some(target) = target else { return };
        let (Some(of), Some(wanted)) = (target.place.of, delta.place.of) else { return };
        if of != wanted {
            let (read, found) = (self.index.describe(of), self.index.describe(wanted));
            let message = format!("the scan reads `{read}`, the delta `{found}`");
            reading.report.add(Finding::new(Code::InvalidScan, written.node.span, message));
            return;
        }
        let partition = scan.partition.as_deref().zip(get("partition"));
        let Some((name, node)) = partition.filter(|_| !target.beta) else { return };
        let member = self.property(of.position(), name, node.span, Site::Stream, &target, reading);
        let Some(member) = member else { return };
        let text = self.index.describe(member.of) == "Edm.String";
        let filter = format!("{name} ge 'a'");
        let problem = if member.role != Role::Property || !text {
            format!("`{name}` is not text: its values have no ranges")
        } else if is_advanced(&scan.endpoint, "$filter", &filter) {
            format!("Graph filters by `{name}` in advanced queries only, which lag behind")
        } else {
            return;
        };
        let finding = Finding::new(Code::InvalidScan, node.span, problem);
        reading.report.add(finding.help("use a text property such as `displayName`"));
    }

    /// GD0804: what the delta query tracks are relations.
    pub(super) fn relations(
        &self,
        target: &Target,
        node: Option<&Node>,
        reading: &mut Reading<'_>,
    ) {
        let (Some(node), Some(of)) = (node, target.place.of) else { return };
        let items = match &node.kind {
            NodeKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for item in items {
            let Some(scalar) = item.scalar() else { continue };
            let name = scalar.text.as_str();
            let found =
                self.property(of.position(), name, item.span, Site::Stream, target, reading);
            if found.is_some_and(|member| !leads_elsewhere(member)) {
                let message = format!("`{name}` is a property, no relation");
                let finding = Finding::new(Code::NotARelation, item.span, message);
                reading.report.add(finding.help("write it under `select`"));
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
