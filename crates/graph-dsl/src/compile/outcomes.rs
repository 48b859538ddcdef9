//! Checks on outcomes and safety that need the whole command.

use crate::definition::{CommandSource, Reading};
use crate::diagnostic::{Code, Finding};
use crate::plan::{Method, Outcome};

/// POSTs of Graph that only read.
const READING_ACTIONS: &[&str] = &[
    "checkMemberGroups",
    "checkMemberObjects",
    "evaluate",
    "getAvailableExtensionProperties",
    "getByIds",
    "getMemberGroups",
    "getMemberObjects",
    "validateProperties",
];

pub(super) fn check(command: &CommandSource<'_>, method: Method, reading: &mut Reading<'_>) {
    if method != Method::Get {
        for rule in &command.expect {
            if rule.rule.statuses.contains(&404) && rule.rule.outcome == Outcome::Ok {
                let message = format!("a 404 on {method} is `absent`, not `ok`");
                let finding = Finding::new(Code::SilentNotFound, rule.span, message);
                reading.report.add(finding.help("write `as: absent`"));
            }
        }
    }
    if let Some(entry) = command.body.filter(|_| !method.has_body()) {
        let finding =
            Finding::new(Code::BodyNotSent, entry.key.span, format!("{method} has no body"));
        reading.report.add(finding.help("move it to `query`"));
    }
    let endpoint = command.endpoint.and_then(|entry| entry.value.scalar());
    let last = endpoint.and_then(|scalar| scalar.text.rsplit('/').next()).unwrap_or_default();
    let reads = command.safety.as_ref().is_some_and(|safety| safety.reads);
    if method == Method::Post && READING_ACTIONS.contains(&last) && !reads {
        let finding = Finding::new(Code::UndeclaredRead, command.name.span, "this POST only reads");
        reading
            .report
            .add(finding.help("add `safety: { reads: true }`: read-only mode then allows it"));
    }
    if let (Some(entry), "$value", Method::Get, false) =
        (command.endpoint, last, method, command.binary)
    {
        let finding = Finding::new(Code::BinaryAnswer, entry.value.span, "`$value` returns bytes");
        reading.report.add(finding.help("add `response: binary`"));
    }
}
