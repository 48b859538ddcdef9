//! References: the body of a `$ref`, and `…@odata.bind` in an object.

use super::body::Body;
use super::{Checker, Target};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding, suggest};
use crate::graph_index::{MemberRecord, PathSegment, Role};
use crate::source::{Entry, Node, NodeKind};

/// Sets that are named first where many are possible.
const USUAL_SETS: &[&str] =
    &["directoryObjects", "users", "groups", "devices", "servicePrincipals", "contacts"];

impl Checker<'_> {
    /// The body of a POST or PUT on `$ref`.
    pub(super) fn link(&self, node: &Node, target: &Target, reading: &mut Reading<'_>) {
        let Some(mapping) = node.mapping().filter(|mapping| mapping.get("ref").is_none()) else {
            return;
        };
        let Some((_, member)) = target.place.member else { return };
        for entry in &mapping.entries {
            if entry.key.value == "@odata.id" {
                self.set(&entry.value, member, target, reading);
            } else if !entry.key.value.starts_with('@') {
                let message = format!("a link has `@odata.id`, no `{}`", entry.key.value);
                let finding = Finding::new(Code::InvalidReference, entry.key.span, message);
                reading.report.add(
                    finding.help("write `{ ref: directoryObjects, id: … }` under `@odata.id`"),
                );
            }
        }
    }

    /// `members@odata.bind: [{ ref: users, id: … }]`
    pub(super) fn bind(
        &self,
        entry: &Entry,
        member: &MemberRecord,
        body: &Body<'_>,
        reading: &mut Reading<'_>,
    ) {
        let name = self.index.text(member.name);
        if !matches!(member.role, Role::Reference | Role::Containment) {
            let message = format!("`{name}` is a property: only navigation properties are bound");
            let finding = Finding::new(Code::InvalidReference, entry.key.span, message);
            reading.report.add(finding.help(format!("write `{name}`")));
            return;
        }
        match &entry.value.kind {
            NodeKind::List(items) => {
                for item in items {
                    self.set(item, member, body.target, reading);
                }
            }
            _ => self.set(&entry.value, member, body.target, reading),
        }
    }

    /// GD0413: the set of `{ ref: users, id: … }` holds what the navigation property takes.
    fn set(&self, node: &Node, member: &MemberRecord, target: &Target, reading: &mut Reading<'_>) {
        let Some(set) = node.mapping().and_then(|mapping| mapping.get("ref")) else { return };
        let Some(scalar) = set.value.scalar() else { return };
        let valid = |each: char| each.is_ascii_alphanumeric() || each == '/';
        if !scalar.text.chars().all(valid) {
            return;
        }
        let takes = member.of.position();
        let related = |position: usize| {
            self.index.is_a(position, takes, target.cloud)
                || self.index.is_a(takes, position, target.cloud)
        };
        let segments = PathSegment::split(&scalar.text);
        let found = self.index.resolve(&segments, target.cloud);
        if found
            .whole()
            .and_then(|it| it.of)
            .is_some_and(|of| of.is_many() && related(of.position()))
        {
            return;
        }
        let roots = &self.index.data().roots;
        let fitting = roots.iter().filter(|root| {
            root.clouds & target.cloud != 0 && root.of.is_many() && related(root.of.position())
        });
        let names: Vec<&str> = fitting.map(|root| self.index.text(root.name)).collect();
        let name = self.index.text(member.name);
        let usual = USUAL_SETS.iter().copied().filter(|it| names.contains(it));
        let others = names.iter().copied().filter(|it| !USUAL_SETS.contains(it));
        let shown: Vec<&str> = usual.chain(others).take(6).collect();
        let what = if shown.is_empty() { self.name_of(takes).to_owned() } else { shown.join(", ") };
        let message = format!("`{name}` takes {what}; not `{}`", scalar.text);
        let finding = Finding::new(Code::InvalidReference, set.value.span, message);
        let near = suggest(&scalar.text, names.iter().copied());
        reading.report.add(finding.did_you_mean(set.value.span, near));
    }
}
