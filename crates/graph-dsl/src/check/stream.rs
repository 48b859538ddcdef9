//! Streams: endpoint, `$select`, columns and permission, and the schema mappings of commands.

mod scan;

use super::property::Site;
use super::{Checker, Target, Written};
use crate::definition::{CommandSource, Reading};
use crate::diagnostic::{Code, Finding};
use crate::graph_index::PlaceKind;
use crate::mapping::{JsonPath, path_of};
use crate::source::{Entry, Node, NodeKind, Span, Spanned};
use crate::stream::StreamPlan;

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
    fn stream<'n>(
        &self,
        plan: &StreamPlan,
        get: &dyn Fn(&str) -> Option<&'n Node>,
        reading: &mut Reading<'_>,
    ) {
        let written = get("endpoint").and_then(|node| Written::new(node, &plan.endpoint));
        let Some(written) = written else { return };
        let target = self.endpoint(&written, &self.claims, plan.version, reading);
        let Some(target) = target else { return };
        if !target.beta {
            self.stream_properties(&target, get, reading);
            self.relations(&target, get("relations"), reading);
        }
        self.scan(plan, &target, get("scan"), reading);
        let needs = self.index.needs("GET", &target.place.path);
        let Some(node) = get("permission") else { return };
        let Some(scalar) = node.scalar() else { return };
        let name = Spanned::new(scalar.text.clone(), node.span);
        if let Some(finding) = self.unknown_permission(&name, false) {
            reading.report.add(finding);
        } else if !needs.application.is_empty()
            && !needs.application.iter().any(|set| set.as_slice() == [name.value.as_str()])
        {
            let message = format!("`{}` does not open `GET {}`", name.value, target.place.path);
            let sets: Vec<String> = needs
                .application
                .iter()
                .take(4)
                .map(|set| format!("`{}`", set.join(" + ")))
                .collect();
            let finding = Finding::new(Code::WrongPermission, name.span, message);
            reading.report.add(finding.help(format!("Graph asks for {}", sets.join(", "))));
        }
    }

    fn stream_properties<'n>(
        &self,
        target: &Target,
        get: &dyn Fn(&str) -> Option<&'n Node>,
        reading: &mut Reading<'_>,
    ) {
        let Some(of) = target.place.of.filter(|of| self.index.is_structured(of.position())) else {
            return;
        };
        let mut check = |node: &Node| {
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
                let Some(member) = found.filter(|it| self.index.is_structured(it.of.position()))
                else {
                    return;
                };
                position = member.of.position();
                at += name.len() + 1;
            }
        };
        match get("select").map(|node| (&node.kind, node)) {
            Some((NodeKind::List(items), _)) => items.iter().for_each(&mut check),
            Some((_, node)) => check(node),
            None => {}
        }
        let columns = get("columns").and_then(Node::mapping);
        for column in columns.into_iter().flat_map(|mapping| &mapping.entries) {
            match column.value.mapping() {
                Some(mapping) => {
                    mapping.get("property").into_iter().for_each(|it| check(&it.value));
                }
                None => check(&column.value),
            }
        }
    }

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
