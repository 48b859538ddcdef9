//! What a stream selects: properties of its items, in every claimed cloud.

use super::super::property::Site;
use super::super::{Checker, Target};
use super::Get;
use crate::connection::CLOUD_NAMES;
use crate::definition::Reading;
use crate::graph_index::TypeRef;
use crate::source::{Mapping, Node, NodeKind};

impl Checker<'_> {
    /// GD0420, GD0427, GD0804 for `key`, `select`, `external_id` and every column.
    pub(super) fn stream_properties(
        &self,
        of: TypeRef,
        target: &Target,
        get: &Get<'_>,
        reading: &mut Reading<'_>,
    ) {
        for key in ["key", "select", "external_id"] {
            for node in get(key).map(items).unwrap_or_default() {
                self.stream_property(of, target, node, reading);
            }
        }
        if let Some(columns) = get("columns").and_then(Node::mapping) {
            self.stream_columns(of, target, columns, reading);
        }
        let sets = get("column_sets").and_then(Node::mapping);
        for set in sets.into_iter().flat_map(|sets| &sets.entries) {
            if let Some(columns) = set.value.mapping() {
                self.stream_columns(of, target, columns, reading);
            }
        }
    }

    fn stream_columns(
        &self,
        of: TypeRef,
        target: &Target,
        columns: &Mapping,
        reading: &mut Reading<'_>,
    ) {
        for column in &columns.entries {
            let Some(long) = column.value.mapping() else {
                self.stream_property(of, target, &column.value, reading);
                continue;
            };
            let Some(property) = long.get("property") else { continue };
            let lacking = long.get("clouds").map(|entry| lacking(&entry.value));
            let clouds = self.claims.without(&lacking.unwrap_or_default()).bits();
            let clouds = target.clouds & clouds;
            // Nowhere to be missing from: the name is checked against the reference cloud alone.
            let clouds = if clouds == 0 { target.cloud } else { clouds };
            let (place, cloud) = (target.place.clone(), target.cloud);
            let narrowed = Target { place, cloud, clouds, beta: target.beta };
            self.stream_property(of, &narrowed, &property.value, reading);
        }
    }

    /// A dotted path, part by part.
    fn stream_property(
        &self,
        of: TypeRef,
        target: &Target,
        node: &Node,
        reading: &mut Reading<'_>,
    ) {
        let Some(scalar) = node.scalar() else { return };
        let mut position = of.position();
        let mut at = 0;
        for name in scalar.text.split('.') {
            let span = scalar.locate(node.span, reading.text, at, at + name.len());
            let found = self.property(position, name, span, Site::Stream, target, reading);
            if let Some(finding) = found.and_then(|it| self.is_relation(it, span)) {
                reading.report.add(finding);
                return;
            }
            let Some(member) = found.filter(|it| self.index.is_structured(it.of.position())) else {
                return;
            };
            position = member.of.position();
            at += name.len() + 1;
        }
    }
}

/// The clouds that `clouds: { china: false }` or `clouds: [global]` leaves out; what is wrong in it
/// was reported when it was read.
fn lacking(node: &Node) -> Vec<String> {
    if let Some(mapping) = node.mapping() {
        let excluded = mapping.entries.iter();
        let excluded =
            excluded.filter(|entry| entry.value.scalar().is_some_and(|it| it.text == "false"));
        return excluded.map(|entry| entry.key.value.clone()).collect();
    }
    let listed: Vec<&str> =
        items(node).iter().filter_map(|it| Some(it.scalar()?.text.as_str())).collect();
    let missing = CLOUD_NAMES[..7].iter().filter(|cloud| !listed.contains(cloud));
    missing.map(|cloud| (*cloud).to_owned()).collect()
}

/// A list's items; anything else is a list of one.
pub(super) fn items(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    }
}
