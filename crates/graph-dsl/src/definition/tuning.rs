//! `timeouts`, `retry`, `logging` and concurrency: numbers with bounds.

use std::time::Duration;

use super::Reading;
use super::fields::{Fields, list, wrong_type};
use crate::connection::{Backoff, Concurrency, LogFormat, Logging, RetrySettings, TimeoutSettings};
use crate::diagnostic::{Code, Finding, suggest};
use crate::source::{Node, Plain, Span};

pub(super) const TIMEOUT_KEYS: &[&str] = &["connect", "pool", "read", "write"];
pub(super) const RETRY_KEYS: &[&str] = &[
    "backoff",
    "backoff_base",
    "backoff_factor",
    "jitter",
    "max_attempts",
    "retry_after_header_names",
    "retry_on_status",
];
pub(super) const LOGGING_KEYS: &[&str] = &["auth", "enabled", "format", "request", "response"];
/// Most attempts that a request may take.
const MAX_ATTEMPTS: u64 = 10;
/// Longest timeout and longest first backoff, a day in seconds.
const DAY: f64 = 86_400.0;

pub(super) fn read_timeouts(connection: &Fields<'_>, reading: &mut Reading<'_>) -> TimeoutSettings {
    let mut timeouts = TimeoutSettings::default();
    let Some(entry) = connection.get("timeouts") else { return timeouts };
    let fields = Fields::read("`timeouts`", entry.key.span, &entry.value, TIMEOUT_KEYS, reading);
    timeouts.connect = seconds(&fields, "connect", 0.0, reading);
    timeouts.read = seconds(&fields, "read", 0.0, reading);
    timeouts.write = seconds(&fields, "write", 0.0, reading);
    timeouts.pool = seconds(&fields, "pool", 0.0, reading);
    timeouts
}

pub(super) fn read_retry(connection: &Fields<'_>, reading: &mut Reading<'_>) -> RetrySettings {
    let mut retry = RetrySettings::default();
    let Some(entry) = connection.get("retry") else { return retry };
    let fields = Fields::read("`retry`", entry.key.span, &entry.value, RETRY_KEYS, reading);
    if let Some(attempts) = max_attempts(&fields, reading) {
        retry.max_attempts = attempts;
    }
    if let Some(base) = seconds(&fields, "backoff_base", -1.0, reading) {
        retry.backoff_base = base;
    }
    if let Some(jitter) = seconds(&fields, "jitter", -1.0, reading) {
        retry.jitter = jitter;
    }
    if let Some(factor) = number(&fields, "backoff_factor", 1.0, reading) {
        retry.backoff_factor = factor;
    }
    if let Some(kind) = choice(&fields, "backoff", &["exponential", "linear"], reading) {
        retry.backoff = if kind == "linear" { Backoff::Linear } else { Backoff::Exponential };
    }
    if let Some(entry) = fields.get("retry_on_status") {
        retry.retry_on_status = statuses(&entry.value, reading);
    }
    if fields.get("retry_after_header_names").is_some() {
        let names = fields.texts("retry_after_header_names", reading);
        retry.retry_after_header_names = names.into_iter().map(|name| name.value).collect();
    }
    retry
}

pub(super) fn read_logging(connection: &Fields<'_>, reading: &mut Reading<'_>) -> Logging {
    let mut logging = Logging::default();
    let Some(entry) = connection.get("logging") else { return logging };
    let fields = Fields::read("`logging`", entry.key.span, &entry.value, LOGGING_KEYS, reading);
    let mut flag = |key: &str| fields.boolean(key, reading).is_some_and(|flag| flag.value);
    logging.enabled = flag("enabled");
    logging.request = flag("request");
    logging.response = flag("response");
    logging.auth = flag("auth");
    if let Some("detailed") = choice(&fields, "format", &["basic", "detailed"], reading).as_deref()
    {
        logging.format = LogFormat::Detailed;
    }
    logging
}

pub(super) fn read_concurrency(
    connection: &Fields<'_>,
    reading: &mut Reading<'_>,
) -> Option<Concurrency> {
    let node = &connection.get("max_concurrent_requests")?.value;
    let scalar = node.scalar();
    if scalar.is_some_and(|scalar| scalar.text == "auto") {
        return Some(Concurrency::Auto);
    }
    match scalar.map(Plain::of) {
        Some(Plain::Number(number))
            if number.as_u64().is_some_and(|count| (1..=1000).contains(&count)) =>
        {
            usize::try_from(number.as_u64()?).ok().map(Concurrency::AtMost)
        }
        _ => {
            wrong_type(node, "a whole number from 1 to 1000 or `auto`", reading);
            None
        }
    }
}

fn max_attempts(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<u32> {
    let node = &fields.get("max_attempts")?.value;
    let count = node.scalar().map(Plain::of).and_then(|plain| match plain {
        Plain::Number(number) => number.as_u64(),
        _ => None,
    });
    match count {
        Some(count) if (1..=MAX_ATTEMPTS).contains(&count) => u32::try_from(count).ok(),
        _ => {
            let message = format!("`max_attempts` is a whole number from 1 to {MAX_ATTEMPTS}");
            let finding = Finding::new(Code::InvalidRetry, node.span, message);
            reading.report.add(finding.help("the first attempt counts: 1 never repeats"));
            None
        }
    }
}

fn statuses(node: &Node, reading: &mut Reading<'_>) -> Vec<u16> {
    let items = list(node, reading).unwrap_or_default();
    let mut found = Vec::new();
    for item in items {
        match status(item) {
            Some(status) if (400..=599).contains(&status) => found.push(status),
            Some(status) => {
                let kind = if (200..=299).contains(&status) {
                    "a success status"
                } else {
                    "no error status"
                };
                let message = format!("{status} is {kind}");
                reading.report.add(Finding::new(Code::InvalidRetry, item.span, message));
            }
            None => wrong_type(item, "an HTTP status", reading),
        }
    }
    found
}

/// An HTTP status from 100 to 599.
pub(super) fn status(node: &Node) -> Option<u16> {
    match Plain::of(node.scalar()?) {
        Plain::Number(number) => {
            let status = number.as_u64().and_then(|status| u16::try_from(status).ok())?;
            (100..=599).contains(&status).then_some(status)
        }
        _ => None,
    }
}

pub(super) fn seconds(
    fields: &Fields<'_>,
    key: &str,
    above: f64,
    reading: &mut Reading<'_>,
) -> Option<Duration> {
    seconds_within(fields, key, (above, DAY), reading)
}

/// Seconds above one figure and at most another.
pub(super) fn seconds_within(
    fields: &Fields<'_>,
    key: &str,
    (above, most): (f64, f64),
    reading: &mut Reading<'_>,
) -> Option<Duration> {
    let node = &fields.get(key)?.value;
    let value = plain_number(node).filter(|value| *value > above && *value <= most);
    if let Some(value) = value {
        return Some(Duration::from_secs_f64(value.max(0.0)));
    }
    reading.report.add(invalid_seconds(node, most, reading.text.slice(node.span)));
    None
}

fn invalid_seconds(node: &Node, most: f64, written: &str) -> Finding {
    let message = match node.scalar() {
        Some(_) => format!("expected seconds as a number, found `{written}`"),
        None => format!("expected seconds as a number, found {}", node.describe()),
    };
    let finding = Finding::new(Code::InvalidDuration, node.span, message);
    let digits: String = node.scalar().map(|scalar| scalar.text.clone()).unwrap_or_default();
    let digits: String =
        digits.chars().take_while(|each| each.is_ascii_digit() || *each == '.').collect();
    match digits.parse::<f64>() {
        Ok(value) if value > 0.0 => {
            finding.help(format!("write `{digits}`")).edit(node.span, digits)
        }
        _ => finding.help(format!("a number above 0 and at most {most}")),
    }
}

fn number(fields: &Fields<'_>, key: &str, least: f64, reading: &mut Reading<'_>) -> Option<f64> {
    let node = &fields.get(key)?.value;
    let value = plain_number(node).filter(|value| *value >= least && *value <= 100.0);
    if value.is_none() {
        let message = format!("`{key}` is a number from {least} to 100");
        reading.report.add(Finding::new(Code::InvalidRetry, node.span, message));
    }
    value
}

fn plain_number(node: &Node) -> Option<f64> {
    match Plain::of(node.scalar()?) {
        Plain::Number(number) => number.as_f64(),
        _ => None,
    }
}

/// One of a few words.
pub(super) fn choice(
    fields: &Fields<'_>,
    key: &str,
    known: &[&str],
    reading: &mut Reading<'_>,
) -> Option<String> {
    let text = fields.text(key, reading)?;
    if known.contains(&text.value.as_str()) {
        return Some(text.value);
    }
    reading.report.add(unknown_word(key, &text.value, text.span, known));
    None
}

fn unknown_word(key: &str, word: &str, span: Span, known: &[&str]) -> Finding {
    let message = format!("unknown {key} `{word}`");
    let finding = Finding::new(Code::WrongType, span, message);
    match suggest(word, known.iter().copied()) {
        found @ Some(_) => finding.did_you_mean(span, found),
        None => finding.help(format!("one of {}", known.join(", "))),
    }
}
