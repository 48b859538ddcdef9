//! Methods: what an action, a link, a collection and an object take.

use super::{Checker, Target, Written};
use crate::definition::{CommandSource, Reading};
use crate::diagnostic::{Code, Finding};
use crate::graph_index::{PlaceKind, SegmentKind, TypeRef};
use crate::plan::Method;
use crate::source::Span;

impl Checker<'_> {
    /// Whether the method fits the place; says so where not.
    pub(super) fn method(
        &self,
        command: &CommandSource<'_>,
        written: &Written<'_>,
        target: &Target,
        reading: &mut Reading<'_>,
    ) -> bool {
        let Some(method) = &command.method else { return false };
        let allowed = self.methods(&target.place, target.cloud);
        if allowed.contains(&method.value.as_str()) {
            missing_body(command, method.value, target, reading);
            return true;
        }
        if removes_link_by_query(command, written, method.value, target) {
            return true;
        }
        let deletes_target = command.safety.as_ref().is_some_and(|safety| safety.deletes_target);
        let place = &target.place;
        let linked =
            place.link().is_some() && !matches!(place.kind, PlaceKind::Ref | PlaceKind::Count);
        if linked && method.value == Method::Delete {
            if !deletes_target {
                reading.report.add(deletes_object(written, reading));
            }
            return deletes_target;
        }
        if target.beta
            && !matches!(place.kind, PlaceKind::Action | PlaceKind::Function | PlaceKind::Ref)
        {
            return true;
        }
        let many = place.of.is_some_and(TypeRef::is_many);
        let finding = if linked && many && method.value == Method::Post {
            creates_through_link(written, method.span)
        } else {
            wrong_method(written, method.value, method.span, target, &allowed)
        };
        reading.report.add(finding);
        false
    }
}

fn wrong_method(
    written: &Written<'_>,
    method: Method,
    span: Span,
    target: &Target,
    allowed: &[&str],
) -> Finding {
    let place = &target.place;
    let last = written.segments.last().map_or("", |it| it.name());
    let many = place.of.is_some_and(TypeRef::is_many);
    let (code, message) = match place.kind {
        PlaceKind::Action => {
            (Code::OperationMethod, format!("`{last}` is an action: it needs POST"))
        }
        PlaceKind::Function => {
            (Code::OperationMethod, format!("`{last}` is a function: it needs GET"))
        }
        PlaceKind::Ref => (Code::ReferenceMethod, reference_message(written, target, method)),
        _ => {
            let path = written.scalar.text.split('?').next().unwrap_or_default();
            let message = match (method, many) {
                (Method::Post, false) => {
                    format!("POST needs a collection; `{path}` is one object")
                }
                (Method::Patch | Method::Put | Method::Delete, true) => {
                    format!("{method} needs one object; `{path}` is a collection")
                }
                _ => format!("Graph does not take {method} on `{path}`"),
            };
            (Code::ObjectMethod, message)
        }
    };
    let finding = Finding::new(code, span, message);
    let link = place.kind == PlaceKind::Ref && matches!(method, Method::Post | Method::Put);
    if let Some(meant) = ["POST", "PUT"].into_iter().find(|it| link && allowed.contains(it)) {
        return finding.help(format!("write `{meant}`")).edit(span, meant);
    }
    match allowed {
        [] => finding,
        [one] => finding.help(format!("write `{one}`")).edit(span, *one),
        several => finding.help(format!("it takes {}", several.join(", "))),
    }
}

/// GD0409.
fn creates_through_link(written: &Written<'_>, span: Span) -> Finding {
    let name = link_name(written).map_or("this", |(_, name)| name);
    let message = format!("creating through `{name}` is allowed only for documented paths");
    let finding = Finding::new(Code::CreateThroughLink, span, message);
    finding.help("append `/$ref` to link what exists already")
}

/// GD0411.
fn missing_body(
    command: &CommandSource<'_>,
    method: Method,
    target: &Target,
    reading: &mut Reading<'_>,
) {
    let bytes = matches!(target.place.kind, PlaceKind::Value | PlaceKind::Property);
    let action = target.place.kind == PlaceKind::Action;
    if command.body.is_some()
        || command.has_body_key
        || !method.has_body()
        || method == Method::Delete
        || bytes
        || action
    {
        return;
    }
    let message = match (target.place.kind, method) {
        (PlaceKind::Ref, _) => format!("{method} without a body links nothing"),
        (_, Method::Post) => "POST without a body creates nothing".to_owned(),
        _ => format!("{method} without a body changes nothing"),
    };
    let finding = Finding::new(Code::MissingBody, command.name.span, message);
    reading.report.add(finding.help("add `body`"));
}

/// GD0406.
fn reference_message(written: &Written<'_>, target: &Target, method: Method) -> String {
    let name = link_name(written).map_or("", |(_, name)| name);
    let collection = target.place.member.is_some_and(|(_, member)| member.of.is_many());
    let many = target.place.of.is_some_and(TypeRef::is_many);
    match (collection, many) {
        (false, _) if method == Method::Post => {
            format!("`{name}/$ref` is single-valued: use PUT")
        }
        (false, _) => format!("`{name}/$ref` is single-valued: {method} does not apply to it"),
        (true, true) if method == Method::Delete => {
            format!("`{name}/$ref` is a collection: DELETE needs `{name}/{{id}}/$ref`")
        }
        (true, true) => format!("`{name}/$ref` is a collection: use POST"),
        (true, false) if method == Method::Post => {
            format!("POST needs the collection, `{name}/$ref`, without a key")
        }
        (true, false) => format!("`{name}/{{id}}/$ref` is one link: use DELETE"),
    }
}

/// GD0407.
fn deletes_object(written: &Written<'_>, reading: &Reading<'_>) -> Finding {
    let (at, name) = link_name(written).unwrap_or((0, "this"));
    let span = written.tail(at, reading);
    let message = match name {
        "members" => "this deletes the member object itself, not the membership".to_owned(),
        _ => format!("this deletes the `{name}` object itself, not the link to it"),
    };
    Finding::new(Code::DeletesTarget, span, message)
        .label(format!("`{name}` is a plain reference"))
        .help("append `/$ref`")
        .edit(Span::new(span.end, span.end), "/$ref")
        .note("if the object itself is meant, say `safety: { delete_target: object }`")
}

/// The last navigation property of the path, with its segment.
fn link_name<'w>(written: &'w Written<'_>) -> Option<(usize, &'w str)> {
    let is_name =
        |kind: &SegmentKind| !matches!(kind, SegmentKind::Placeholder | SegmentKind::System);
    let mut segments = written.segments.iter().enumerate().rev();
    let found = segments.find(|(_, it)| is_name(&it.kind) && !it.text.contains('.'))?;
    Some((found.0, found.1.name()))
}

/// `DELETE …/$ref?@id=…`: the link is named in the query.
fn removes_link_by_query(
    command: &CommandSource<'_>,
    written: &Written<'_>,
    method: Method,
    target: &Target,
) -> bool {
    let by_query = |text: &str| text.contains("@id=") || text.contains("@odata.id=");
    let in_query = command.query.and_then(|entry| entry.value.mapping());
    let named = in_query.is_some_and(|it| it.get("@id").or(it.get("@odata.id")).is_some());
    target.place.kind == PlaceKind::Ref
        && method == Method::Delete
        && (named || by_query(&written.scalar.text))
}
