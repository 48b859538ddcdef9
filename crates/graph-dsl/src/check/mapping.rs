//! Schema mappings of commands: what they read is what the answer has.

use super::property::Site;
use super::{Checker, Target};
use crate::definition::{CommandSource, Reading};
use crate::diagnostic::{Code, Finding};
use crate::graph_index::PlaceKind;
use crate::mapping::{JsonPath, path_of};
use crate::source::{Node, NodeKind, Span};

impl Checker<'_> {
    /// GD0504: a mapping reads what the command's answer has.
    pub(super) fn mapping(
        &self,
        name: Option<&str>,
        command: &CommandSource<'_>,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        let Some(name) = name else { return };
        let mapping = self.mappings.and_then(Node::mapping).and_then(|all| all.get(name));
        let Some(mapping) = mapping.and_then(|entry| entry.value.mapping()) else { return };
        let of = target.place.of.filter(|of| self.index.is_structured(of.position()));
        let Some(of) = of.filter(|_| target.place.kind != PlaceKind::Action) else { return };
        let selected = selected(command);
        for attribute in &mapping.entries {
            let path = match attribute.value.mapping() {
                Some(long) => long.get("path").map(|entry| &entry.value),
                None => Some(&attribute.value),
            };
            let Some((node, scalar)) = path.and_then(|node| Some((node, node.scalar()?))) else {
                continue;
            };
            let readable = JsonPath::compile(path_of(&scalar.text)).is_ok();
            let Some(rest) = scalar.text.strip_prefix("$.").filter(|_| readable) else { continue };
            let end = rest
                .find(|each: char| !(each.is_alphanumeric() || each == '_'))
                .unwrap_or(rest.len());
            if end > 0 {
                let span = scalar.locate(node.span, reading.text, 2, 2 + end);
                let property = &rest[..end];
                let found =
                    self.property(of.position(), property, span, Site::Mapping, target, reading);
                let lacking = |(_, names): &&(&Node, Vec<&str>)| {
                    !names.iter().any(|it| it.split('/').next() == Some(property))
                };
                if let (Some(_), Some((select, _))) = (found, selected.as_ref().filter(lacking)) {
                    let message =
                        format!("mapping `{name}` reads `{property}`, which is not selected");
                    let finding = Finding::new(Code::NotSelected, select.span, message);
                    let finding = finding.help("add it, or drop `$select`");
                    reading.report.add(match last_name(select, reading) {
                        Some((end, comma)) => {
                            finding.edit(Span::at(end), format!("{comma}{property}"))
                        }
                        None => finding,
                    });
                }
            }
        }
    }
}

/// Where another name of a `$select` may be written, and what separates it from the last one.
fn last_name(select: &Node, reading: &Reading<'_>) -> Option<(usize, &'static str)> {
    match &select.kind {
        NodeKind::List(items) => {
            let flow = reading.text.slice(select.span).starts_with('[');
            flow.then(|| items.last().map(|item| (item.span.end, ", "))).flatten()
        }
        NodeKind::Scalar(scalar) => {
            let quote = usize::from(!scalar.plain);
            let whole = reading.text.slice(select.span);
            (!whole.contains('\n')).then_some((select.span.end - quote, ","))
        }
        _ => None,
    }
}

/// What `$select` names, when it is written out.
fn selected<'c>(command: &CommandSource<'c>) -> Option<(&'c Node, Vec<&'c str>)> {
    let node = &command.query?.value.mapping()?.get("$select")?.value;
    let items = match &node.kind {
        NodeKind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let texts: Vec<&str> = items.iter().filter_map(|it| Some(it.scalar()?.text.as_str())).collect();
    let written_out = !texts.iter().any(|text| text.contains(['{', '*']));
    written_out.then(|| (node, texts.iter().flat_map(|it| it.split(',')).map(str::trim).collect()))
}
