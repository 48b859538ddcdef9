//! `expect` (also `expected_outcomes`): what answers mean.

use super::Reading;
use super::fields::{Fields, list, text, wrong_type};
use super::tuning::status;
use crate::diagnostic::{Code, Finding, suggest};
use crate::plan::{MessagePattern, Outcome, OutcomeRule, PatternError};
use crate::source::{Node, NodeKind, Span};

pub(super) const KEYS: &[&str] = &["as", "code", "message", "status"];

/// A rule and where it stands.
pub(crate) struct RuleSource {
    pub(crate) span: Span,
    pub(crate) rule: OutcomeRule,
    /// Where its statuses are written.
    pub(crate) statuses: Option<Span>,
}

/// The word for the answers that say that there is such an object already.
pub(super) const ALREADY_EXISTS: &str = "already_exists";

pub(super) fn read_rules(command: &Fields<'_>, reading: &mut Reading<'_>) -> Vec<RuleSource> {
    let spellings = [command.get("expect"), command.get("expected_outcomes")];
    let nodes: Vec<&Node> = spellings.into_iter().flatten().map(|entry| &entry.value).collect();
    let mut rules = Vec::new();
    for node in nodes {
        // One word stands for a list of it.
        let items = match node.scalar() {
            Some(_) => std::slice::from_ref(node),
            None => list(node, reading).unwrap_or_default(),
        };
        for item in items {
            match item.scalar() {
                Some(scalar) if scalar.text == ALREADY_EXISTS => {
                    rules.extend(already_exists(item.span));
                }
                _ => rules.extend(read_rule(item, reading)),
            }
        }
    }
    check_shadowed(&rules, reading);
    rules
}

/// `already_exists`: how Graph says it, service by service (cases: dsl D, facts: graph-protocol 8).
fn already_exists(span: Span) -> Vec<RuleSource> {
    let coded = |code: &str| OutcomeRule {
        statuses: Vec::new(),
        code: Some(code.to_owned()),
        message: None,
        outcome: Outcome::Present,
    };
    let worded = OutcomeRule {
        statuses: vec![400, 409],
        code: None,
        message: Some("already exist|conflicting object".parse().expect("a constant pattern")),
        outcome: Outcome::Present,
    };
    let names = ["Request_MultipleObjectsWithSameKeyValue", "RoleAssignmentExists"].map(coded);
    let rules = names.into_iter().chain([worded]);
    rules.map(|rule| RuleSource { span, rule, statuses: None }).collect()
}

fn read_rule(node: &Node, reading: &mut Reading<'_>) -> Option<RuleSource> {
    let fields = Fields::read("an outcome rule", node.span, node, KEYS, reading);
    if !fields.is_readable() {
        return None;
    }
    let statuses = read_statuses(&fields, reading);
    let code = fields.text("code", reading).map(|text| text.value);
    let message = fields.get("message").and_then(|entry| read_message(&entry.value, reading));
    if ["status", "code", "message"].iter().all(|key| fields.get(key).is_none())
        && !reading.truncated
    {
        let finding = Finding::new(Code::EmptyRule, node.span, "the rule has no condition");
        reading.report.add(finding.help("give `status`, `code` or `message`"));
        return None;
    }
    let entry = fields.require("as", reading)?;
    let word = fields.text("as", reading)?;
    let Ok(outcome) = word.value.parse::<Outcome>() else {
        reading.report.add(unknown_outcome(&word.value, entry.value.span));
        return None;
    };
    let rule = OutcomeRule { statuses, code, message, outcome };
    let statuses = fields.get("status").map(|entry| entry.value.span);
    Some(RuleSource { span: node.span, rule, statuses })
}

/// GD0512.
fn read_message(node: &Node, reading: &mut Reading<'_>) -> Option<MessagePattern> {
    let text = text(node, reading)?;
    match text.value.parse() {
        Ok(pattern) => Some(pattern),
        Err(PatternError { at, message }) => {
            let end = text.value[at..].chars().next().map_or(at, |next| at + next.len_utf8());
            let scalar = node.scalar()?;
            let span = scalar.locate(node.span, reading.text, at, end);
            let finding = Finding::new(Code::InvalidPattern, span, message);
            reading.report.add(finding.help("a regular expression in RE2's syntax"));
            None
        }
    }
}

pub(super) fn read_statuses(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Vec<u16> {
    let Some(entry) = fields.get("status") else { return Vec::new() };
    let nodes = match &entry.value.kind {
        NodeKind::List(items) => items.iter().collect(),
        _ => vec![&entry.value],
    };
    let mut statuses = Vec::new();
    for node in nodes {
        match status(node) {
            Some(status) => statuses.push(status),
            None => wrong_type(node, "an HTTP status", reading),
        }
    }
    statuses
}

fn unknown_outcome(word: &str, span: Span) -> Finding {
    let finding = Finding::new(Code::UnknownOutcome, span, format!("unknown outcome `{word}`"));
    let meant = match word {
        "exists" | "already_exists" => Some("present"),
        "gone" | "missing" => Some("absent"),
        "success" => Some("ok"),
        "error" => Some("failed"),
        _ => suggest(word, Outcome::ALL.map(Outcome::as_str)),
    };
    if meant.is_some() {
        return finding.did_you_mean(span, meant);
    }
    finding.help(format!("one of {}", Outcome::ALL.map(Outcome::as_str).join(", ")))
}

/// GD0510: an earlier rule matches everything that this one matches.
fn check_shadowed(rules: &[RuleSource], reading: &mut Reading<'_>) {
    for (index, later) in rules.iter().enumerate() {
        let earlier = rules[..index].iter().find(|earlier| earlier.rule.covers(&later.rule));
        if let Some(earlier) = earlier {
            let line = reading.text.position(earlier.span.start).line;
            let message = format!("never reached: line {line} already matches");
            let finding = Finding::new(Code::ShadowedRule, later.span, message);
            let finding = finding.also(earlier.span, "this rule comes first");
            reading.report.add(finding.help("put the narrower rule first"));
        }
    }
}
