//! Compiling `query`: option names checked, values as templates.

use super::arguments::{Site, Uses};
use super::scalar::{check_ambiguous, refuse_template, template};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding, suggest};
use crate::plan::{QueryOption, QueryValue};
use crate::source::{Entry, Node, NodeKind, Plain, Span};

/// System query options of Graph (facts: graph-protocol 4 to 6).
const OPTIONS: &[&str] = &[
    "$count",
    "$deltatoken",
    "$expand",
    "$filter",
    "$format",
    "$orderby",
    "$search",
    "$select",
    "$skip",
    "$skiptoken",
    "$top",
];

pub(super) fn compile(
    entry: &Entry,
    uses: &mut Uses<'_>,
    reading: &mut Reading<'_>,
) -> Vec<QueryOption> {
    let Some(mapping) = entry.value.mapping() else {
        let message =
            format!("expected a mapping of query options, found {}", entry.value.describe());
        reading.report.add(Finding::new(Code::WrongType, entry.value.span, message));
        return Vec::new();
    };
    let mut options = Vec::new();
    for option in &mapping.entries {
        let name = &option.key;
        if refuse_template(&name.value, name.span, "a key", reading) {
            continue;
        }
        check_name(&name.value, name.span, reading);
        if let Some(value) = value(&option.value, uses, reading) {
            if name.value == "$count" && value.literal().as_deref() == Some("true") {
                reading.report.add(redundant(name.span, "`$count`"));
            }
            options.push(QueryOption { name: name.value.clone(), value });
        }
    }
    options
}

/// GD0419.
pub(super) fn check_name(name: &str, span: Span, reading: &mut Reading<'_>) {
    let lower = name.to_ascii_lowercase();
    if OPTIONS.contains(&lower.as_str()) {
        return;
    }
    let with_dollar = format!("${lower}");
    let forgotten = OPTIONS.iter().copied().find(|option| *option == with_dollar);
    let found = forgotten.or_else(|| {
        lower.starts_with('$').then(|| suggest(&lower, OPTIONS.iter().copied())).flatten()
    });
    if found.is_none() && !name.starts_with('$') && !name.is_empty() {
        return;
    }
    let finding =
        Finding::new(Code::UnknownQueryOption, span, format!("unknown query option `{name}`"));
    reading.report.add(match found {
        Some(_) => finding.did_you_mean(span, found),
        None => finding.help(format!("known: {}", OPTIONS.join(", "))),
    });
}

/// GD0431.
pub(super) fn redundant(span: Span, what: &str) -> Finding {
    let message = format!("{what} is set automatically when it is needed");
    Finding::new(Code::RedundantAdvanced, span, message)
        .help("remove it, or say `advanced: always`")
}

fn value(node: &Node, uses: &mut Uses<'_>, reading: &mut Reading<'_>) -> Option<QueryValue> {
    match &node.kind {
        NodeKind::Scalar(scalar) => match Plain::of(scalar) {
            Plain::Text => {
                check_ambiguous(node, scalar, reading);
                template(node, scalar, Site::Query, uses, reading).map(QueryValue::Template)
            }
            Plain::Null => {
                reading.report.add(Finding::new(
                    Code::EmptyValue,
                    node.span,
                    "the option is empty",
                ));
                None
            }
            Plain::Bool(value) => Some(QueryValue::Literal(value.to_string())),
            Plain::Number(number) => Some(QueryValue::Literal(number.to_string())),
        },
        NodeKind::List(items) => {
            let items: Vec<QueryValue> =
                items.iter().filter_map(|item| value(item, uses, reading)).collect();
            Some(QueryValue::List(items))
        }
        NodeKind::Mapping(_) => {
            reading.report.add(Finding::new(
                Code::WrongType,
                node.span,
                "expected text, found a mapping",
            ));
            None
        }
        NodeKind::Invalid => None,
    }
}
