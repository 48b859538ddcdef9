//! `ensure` and `wait_for`: the reads around a command, as written.

use std::time::Duration;

use super::Reading;
use super::fields::{Fields, json_of, wrong_type};
use super::mapping::read_pipeline;
use super::outcome::read_statuses;
use super::tuning::seconds;
use crate::diagnostic::{Code, Finding};
use crate::plan::Condition;
use crate::source::{Entry, Plain, Span, Spanned};

/// Keys of `ensure`.
pub(super) const ENSURE_KEYS: &[&str] = &["compare", "params", "read", "update"];
/// Keys of `wait_for`.
pub(super) const WAIT_KEYS: &[&str] =
    &["attempts", "every", "failed_when", "max", "params", "read", "until"];
/// Keys of `until` and `failed_when`.
pub(super) const CONDITION_KEYS: &[&str] = &["equals", "path", "status"];

/// Longest wait of `wait_for`, in seconds.
const MAX_WAIT: u64 = 600;
/// Pause between two reads where the file names none.
const EVERY: Duration = Duration::from_secs(2);

/// `ensure` as written.
pub(crate) struct EnsureSource<'a> {
    pub(crate) span: Span,
    pub(crate) read: Spanned<String>,
    pub(crate) update: Option<Spanned<String>>,
    /// Properties of the body; all of them when absent.
    pub(crate) compare: Option<Vec<Spanned<String>>>,
    pub(crate) params: Option<&'a Entry>,
}

/// `wait_for` as written.
pub(crate) struct WaitSource<'a> {
    /// Absent: the answer's `Location` is followed.
    pub(crate) read: Option<Spanned<String>>,
    pub(crate) params: Option<&'a Entry>,
    pub(crate) until: Option<Condition>,
    pub(crate) failed_when: Option<Condition>,
    pub(crate) every: Duration,
    pub(crate) max: Duration,
    pub(crate) attempts: Option<u32>,
}

pub(super) fn read_ensure<'a>(
    command: &Fields<'a>,
    reading: &mut Reading<'_>,
) -> Option<EnsureSource<'a>> {
    let entry = command.get("ensure")?;
    let fields = Fields::read("`ensure`", entry.key.span, &entry.value, ENSURE_KEYS, reading);
    fields.require("read", reading);
    let compare = fields.get("compare").map(|_| fields.texts("compare", reading));
    let update = fields.text("update", reading);
    let params = fields.get("params");
    let read = fields.text("read", reading)?;
    Some(EnsureSource { span: entry.key.span, read, update, compare, params })
}

pub(super) fn read_wait<'a>(
    command: &Fields<'a>,
    reading: &mut Reading<'_>,
) -> Option<WaitSource<'a>> {
    let entry = command.get("wait_for")?;
    let fields = Fields::read("`wait_for`", entry.key.span, &entry.value, WAIT_KEYS, reading);
    // Without `read` it is the monitor that a 202 names, which has no conditions of ours.
    let conditions = ["attempts", "every", "failed_when", "params", "until"];
    if conditions.iter().any(|key| fields.has(key)) {
        fields.require("read", reading);
    }
    let max = read_max(&fields, entry.key.span, reading);
    let until = read_condition(&fields, "until", reading);
    let failed_when = read_condition(&fields, "failed_when", reading);
    let every = seconds(&fields, "every", 0.0, reading).unwrap_or(EVERY);
    let attempts = read_attempts(&fields, reading);
    let params = fields.get("params");
    let read = fields.text("read", reading);
    if read.is_none() && fields.has("read") {
        return None;
    }
    Some(WaitSource { read, params, until, failed_when, every, max: max?, attempts })
}

/// GD0516.
fn read_max(fields: &Fields<'_>, name: Span, reading: &mut Reading<'_>) -> Option<Duration> {
    let max = fields.get("max").map(|entry| &entry.value);
    let seconds = max.and_then(|node| node.scalar()).map(Plain::of).and_then(|plain| match plain {
        Plain::Number(number) => number.as_u64(),
        _ => None,
    });
    let bounded = seconds.filter(|seconds| (1..=MAX_WAIT).contains(seconds));
    if fields.is_readable() && bounded.is_none() {
        let span = max.map_or(name, |node| node.span);
        let finding = Finding::new(Code::UnboundedWait, span, "`wait_for` is not bounded");
        reading.report.add(finding.help("give `max` in seconds (at most 600)"));
    }
    bounded.map(Duration::from_secs)
}

fn read_attempts(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<u32> {
    let node = &fields.get("attempts")?.value;
    let number = node.scalar().map(Plain::of).and_then(|plain| match plain {
        Plain::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        _ => None,
    });
    let number = number.filter(|number| *number > 0);
    if number.is_none() {
        wrong_type(node, "a whole number above 0", reading);
    }
    number
}

fn read_condition(block: &Fields<'_>, key: &str, reading: &mut Reading<'_>) -> Option<Condition> {
    let entry = block.get(key)?;
    let what = format!("`{key}`");
    let fields = Fields::read(what, entry.key.span, &entry.value, CONDITION_KEYS, reading);
    if !fields.is_readable() {
        return None;
    }
    if fields.get("equals").is_some() {
        fields.require("path", reading);
    } else if fields.get("path").is_none() && fields.get("status").is_none() {
        let finding = Finding::new(Code::EmptyRule, entry.value.span, "there is no condition");
        reading.report.add(finding.help("give `status`, or `path` and `equals`"));
    }
    Some(Condition {
        statuses: read_statuses(&fields, reading),
        path: fields
            .get("path")
            .and_then(|entry| read_pipeline(&entry.value, reading))
            .map(|(path, pipeline, _)| (path, pipeline)),
        equals: fields.get("equals").map(|entry| json_of(&entry.value)),
    })
}
