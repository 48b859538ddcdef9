//! What changed since the release before: commands that scripts rely on.

use crate::System;
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::plan::{Argument, ArgumentKind, CommandPlan};
use crate::source::Span;

/// GD0708: a command that is gone, or that refuses a call which the release before took.
pub(super) fn check(released: &System, now: &System, reading: &mut Reading<'_>) {
    for old in released.catalogue.iter().filter(|old| old.deprecated.is_none()) {
        let name = old.full_name();
        let Some(new) = now.catalogue.get(&name) else {
            let message = format!("`{name}` was removed");
            let finding = Finding::new(Code::IncompatibleChange, Span::at(0), message);
            reading.report.add(
                finding.help("add `deprecated:` for one release, or keep the name under `aliases`"),
            );
            continue;
        };
        for change in changes(old, new) {
            let here = new.defined_at.file == reading.file;
            let start = if here { new.defined_at.position.offset } else { 0 };
            let span = Span::new(start, start + if here { new.name.len() } else { 0 });
            let message = format!("`{name}` changed: {change}");
            let finding = Finding::new(Code::IncompatibleChange, span, message);
            reading.report.add(finding.help("give the new behaviour another name"));
        }
    }
}

fn changes(old: &CommandPlan, new: &CommandPlan) -> Vec<String> {
    let mut found = Vec::new();
    for argument in &old.signature.arguments {
        let name = &argument.name;
        match new.signature.get(name) {
            None => found.push(format!("argument `{name}` was removed")),
            Some(now) if !accepts(&now.kind, &argument.kind) => found.push(format!(
                "argument `{name}` was {}, and is {}",
                argument.kind.name(),
                now.kind.name()
            )),
            Some(now) if is_needed(now) && !is_needed(argument) => {
                found.push(format!("argument `{name}` is required now"));
            }
            Some(_) => {}
        }
    }
    let added = new.signature.arguments.iter().filter(|it| is_needed(it));
    let added = added.filter(|it| old.signature.get(&it.name).is_none());
    found.extend(added.map(|it| format!("it needs `{}`", it.name)));
    if old.safety.reads && !new.safety.reads {
        found.push("it only read, and writes".to_owned());
    }
    found
}

fn is_needed(argument: &Argument) -> bool {
    argument.required && argument.default.is_none()
}

/// Whether every value of the second kind is one of the first.
fn accepts(wide: &ArgumentKind, narrow: &ArgumentKind) -> bool {
    use ArgumentKind::{Any, Email, Enum, Guid, List, String, Upn, UpnOrGuid};
    match (wide, narrow) {
        (Any, _)
        | (String, Guid | Upn | UpnOrGuid | Email | Enum(_))
        | (UpnOrGuid, Guid | Upn)
        | (Email, Upn)
        | (List(None), List(_)) => true,
        (Enum(wide), Enum(narrow)) => narrow.iter().all(|word| wide.contains(word)),
        (List(Some(wide)), List(Some(narrow))) => accepts(wide, narrow),
        _ => wide == narrow,
    }
}
