//! `window`: how the time of a log is cut.

use std::time::Duration;

use super::WINDOW_KEYS;
use crate::definition::Reading;
use crate::definition::fields::{Fields, wrong_type};
use crate::definition::tuning::seconds_within;
use crate::diagnostic::{Code, Finding};
use crate::source::Plain;
use crate::stream::{StreamKind, StreamPlan, Window};

const DAY: u64 = 86_400;
/// Longest span of a window, in seconds: what the service advises against (facts: graph-protocol 10.1).
const LONGEST: f64 = 31.0 * 86_400.0;
/// Longest retention, in days.
const MOST_DAYS: u64 = 3_650;

/// Reads `window`. GD0801: a log has one, and nothing else does.
pub(super) fn read(plan: &mut StreamPlan, fields: &Fields<'_>, reading: &mut Reading<'_>) {
    let is_log = plan.kind == StreamKind::Window;
    let Some(entry) = fields.get("window") else {
        if is_log && plan.window.is_none() {
            fields.require("window", reading);
        }
        return;
    };
    if !is_log {
        let message = "only a stream of `kind: window` is read by spans of time";
        reading.report.add(Finding::new(Code::InvalidStream, entry.key.span, message));
        return;
    }
    let known = plan.window.take();
    let fields = Fields::read("`window`", entry.key.span, &entry.value, WINDOW_KEYS, reading);
    let property = match (&known, fields.text("property", reading)) {
        (_, Some(property)) => property.value,
        (Some(known), None) => known.property.clone(),
        (None, None) => {
            fields.require("property", reading);
            return;
        }
    };
    let mut window = known.unwrap_or_else(|| Window::over(&property));
    window.property = property;
    let mut seconds =
        |key: &str, above: f64| seconds_within(&fields, key, (above, LONGEST), reading);
    window.slice = seconds("slice", 0.0).unwrap_or(window.slice);
    window.delay = seconds("delay", -1.0).unwrap_or(window.delay);
    window.overlap = seconds("overlap", -1.0).unwrap_or(window.overlap);
    window.retention = days(&fields, reading).unwrap_or(window.retention);
    plan.select_property(&window.property);
    plan.window = Some(window);
}

fn days(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Duration> {
    let node = &fields.get("retention_days")?.value;
    let days = node.scalar().map(Plain::of).and_then(|plain| match plain {
        Plain::Number(number) => number.as_u64().filter(|days| (1..=MOST_DAYS).contains(days)),
        _ => None,
    });
    if days.is_none() {
        wrong_type(node, "a whole number of days", reading);
    }
    days.map(|days| Duration::from_secs(days * DAY))
}
