//! Streams: endpoint, `$select`, columns and permission, in every claimed cloud.

mod properties;
mod scan;

use super::{Checker, Claims, Target, Written};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::graph_index::{Needs, PathSegment, TypeRef};
use crate::source::{Entry, Node, Spanned};
use crate::stream::StreamPlan;

/// The keys of a stream as the file has them.
type Get<'n> = dyn Fn(&str) -> Option<&'n Node> + 'n;

/// Checks every stream of the `streams` block that could be read.
pub(crate) fn check_streams(
    checker: &Checker<'_>,
    entry: &Entry,
    plans: &[StreamPlan],
    reading: &mut Reading<'_>,
) {
    let entries = entry.value.mapping().map_or(&[][..], |mapping| &mapping.entries);
    for entry in entries {
        let plan = plans.iter().find(|plan| plan.name == entry.key.value);
        if let (Some(plan), Some(mapping)) = (plan, entry.value.mapping()) {
            let get = |key: &str| mapping.get(key).map(|entry| &entry.value);
            checker.stream(plan, &get, reading);
        }
    }
}

impl Checker<'_> {
    fn stream(&self, plan: &StreamPlan, get: &Get<'_>, reading: &mut Reading<'_>) {
        let elsewhere: Vec<String> = plan.per_cloud.iter().map(|(name, _)| name.clone()).collect();
        let claims = self.claims.without(&plan.unavailable_in).without(&elsewhere);
        let target = match get("endpoint").and_then(|node| Written::new(node, &plan.endpoint)) {
            Some(written) => self.endpoint(&written, &claims, plan.version, reading),
            None => self.known_endpoint(plan, &claims),
        };
        self.variants(plan, get, reading);
        let Some(target) = target else { return };
        if !target.beta
            && let Some(of) = self.item_type(plan, &target, get, reading)
        {
            self.stream_properties(of, &target, get, reading);
            self.relations(plan, &target, get("relations"), reading);
        }
        self.scan(plan, &target, get, reading);
        if let Some(node) = get("filter").filter(|_| !target.beta) {
            self.stream_filter(node, &target, reading);
        }
        self.window(plan, &target, get, reading);
        self.stream_permission(plan, &target, get("permission"), reading);
    }

    /// The endpoint that the base of this stream has, checked there.
    fn known_endpoint(&self, plan: &StreamPlan, claims: &Claims) -> Option<Target> {
        let segments = PathSegment::split(&plan.endpoint);
        let all = self.index.all_clouds();
        let bits = (0..u8::BITS).map(|at| 1 << at).filter(|bit| bit & all & claims.bits() != 0);
        let found: Vec<_> = bits
            .filter_map(|bit| Some((bit, self.index.resolve(&segments, bit).whole()?.clone())))
            .collect();
        let clouds = found.iter().fold(0, |bits, (bit, _)| bits | bit);
        let (cloud, place) = found.into_iter().next()?;
        let beta = plan.version == crate::ApiVersion::Beta;
        Some(Target { place, cloud, clouds, beta })
    }

    /// The paths that single clouds have of their own, and what is selected there.
    fn variants(&self, plan: &StreamPlan, get: &Get<'_>, reading: &mut Reading<'_>) {
        for (cloud, variant) in &plan.per_cloud {
            let own = get("per_cloud").and_then(Node::mapping).and_then(|all| all.get(cloud));
            let own = own.and_then(|entry| entry.value.mapping());
            let Some(node) = own.and_then(|own| own.get("endpoint")).map(|entry| &entry.value)
            else {
                continue;
            };
            let claims = self.claims.only(cloud);
            let Some(written) =
                Written::new(node, &variant.endpoint).filter(|_| claims.bits() != 0)
            else {
                continue;
            };
            if let Some(target) = self.endpoint(&written, &claims, plan.version, reading)
                && let Some(of) = target.place.of.filter(|_| !target.beta)
            {
                self.stream_properties(of, &target, get, reading);
            }
        }
    }

    /// The type of the stream's items. GD0426: `of_type` is one that the collection holds.
    fn item_type(
        &self,
        plan: &StreamPlan,
        target: &Target,
        get: &Get<'_>,
        reading: &mut Reading<'_>,
    ) -> Option<TypeRef> {
        let of = target.place.of.filter(|of| self.index.is_structured(of.position()))?;
        let (Some(name), Some(node)) = (&plan.of_type, get("of_type")) else { return Some(of) };
        let named = self.index.type_named(&format!("microsoft.graph.{name}"));
        if let Some(found) = named
            && self.index.is_a(found, of.position(), target.cloud)
        {
            return u32::try_from(found).ok().map(|position| TypeRef::new(position, false));
        }
        let message = format!("`{}` holds no `{name}`", target.place.path);
        let derived = self.index.descendants(of.position()).into_iter();
        let known: Vec<&str> = derived.map(|it| self.index.type_name(it)).collect();
        let finding = Finding::new(Code::UnrelatedCast, node.span, message);
        let near = crate::diagnostic::suggest(name, known);
        reading.report.add(finding.did_you_mean(node.span, near));
        None
    }

    /// GD0429: the permission opens the call.
    fn stream_permission(
        &self,
        plan: &StreamPlan,
        target: &Target,
        node: Option<&Node>,
        reading: &mut Reading<'_>,
    ) {
        // One type of several is opened by the type's permission (facts: graph-protocol 5.1).
        let needs = match &plan.of_type {
            None => self.index.needs("GET", &target.place.path),
            Some(_) => Needs::default(),
        };
        let Some((node, scalar)) = node.and_then(|node| Some((node, node.scalar()?))) else {
            return;
        };
        let name = Spanned::new(scalar.text.clone(), node.span);
        if let Some(finding) = self.unknown_permission(&name, false) {
            reading.report.add(finding);
        } else if !needs.application.is_empty()
            && !needs.application.iter().any(|set| set.as_slice() == [name.value.as_str()])
        {
            let message = format!("`{}` does not open `GET {}`", name.value, target.place.path);
            let sets = needs.application.iter().take(4);
            let sets: Vec<String> = sets.map(|set| format!("`{}`", set.join(" + "))).collect();
            let finding = Finding::new(Code::WrongPermission, name.span, message);
            reading.report.add(finding.help(format!("Graph asks for {}", sets.join(", "))));
        }
    }
}
