//! Checks on outcomes, `ensure`, `wait_for` and safety that need the whole command.

use crate::definition::{CommandSource, Fields, Reading};
use crate::diagnostic::{Code, Finding};
use crate::plan::{Method, Outcome};
use crate::source::{Entry, Plain};

/// Longest wait of `wait_for`, in seconds.
const MAX_WAIT: u64 = 600;
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
    if let Some(entry) = command.wait_for {
        check_wait(entry, reading);
    }
    if let Some(entry) = command.ensure {
        let fields = Fields::read(
            "`ensure`",
            entry.key.span,
            &entry.value,
            &["compare", "params", "read"],
            reading,
        );
        fields.require("read", reading);
        fields.text("read", reading);
    }
}

/// GD0516.
fn check_wait(entry: &Entry, reading: &mut Reading<'_>) {
    let keys = &["every", "max", "params", "read", "until"];
    let fields = Fields::read("`wait_for`", entry.key.span, &entry.value, keys, reading);
    fields.require("read", reading);
    let max = fields.get("max").map(|entry| &entry.value);
    let seconds = max.and_then(|node| node.scalar()).map(Plain::of).and_then(|plain| match plain {
        Plain::Number(number) => number.as_u64(),
        _ => None,
    });
    if fields.is_readable() && !seconds.is_some_and(|seconds| (1..=MAX_WAIT).contains(&seconds)) {
        let span = max.map_or(entry.key.span, |node| node.span);
        let finding = Finding::new(Code::UnboundedWait, span, "`wait_for` is not bounded");
        reading.report.add(finding.help("give `max` in seconds (at most 600)"));
    }
}
