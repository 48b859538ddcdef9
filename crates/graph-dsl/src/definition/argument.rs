//! The `arguments` block of a command.

use serde_json::Value;

use super::Reading;
use super::fields::{Fields, json_of, list, mapping, text};
use crate::diagnostic::{Code, Finding, suggest};
use crate::plan::{Argument, ArgumentKind};
use crate::source::{Entry, Node, Span, Spanned};

pub(super) const KEYS: &[&str] =
    &["default", "example", "items", "required", "summary", "type", "values"];

/// A declared argument.
pub(crate) struct ArgumentSource {
    pub(crate) name: Spanned<String>,
    pub(crate) argument: Argument,
}

/// Reads `arguments: { id: { type: guid } }`; `id: guid` is the same.
pub(super) fn read_arguments(
    command: &Fields<'_>,
    reading: &mut Reading<'_>,
) -> Option<Vec<ArgumentSource>> {
    let entry = command.get("arguments")?;
    let entries = mapping(&entry.value, reading).map_or(&[][..], |mapping| &mapping.entries);
    Some(entries.iter().filter_map(|entry| read_argument(entry, reading)).collect())
}

fn read_argument(entry: &Entry, reading: &mut Reading<'_>) -> Option<ArgumentSource> {
    let name = &entry.key;
    if let Some(finding) = parameter_name_issue(name) {
        reading.report.add(finding);
    }
    if entry.value.is_invalid() {
        return None;
    }
    let mut argument = Argument::required(name.value.clone(), ArgumentKind::String);
    if entry.value.scalar().is_some() {
        argument.kind = kind_named(&text(&entry.value, reading)?, reading);
        if argument.kind == ArgumentKind::Enum(Vec::new()) {
            reading.report.add(no_values(name));
        }
        return Some(ArgumentSource { name: name.clone(), argument });
    }
    let what = format!("parameter `{}`", name.value);
    let fields = Fields::read(what, name.span, &entry.value, KEYS, reading);
    argument.kind = read_kind(&fields, name, reading);
    argument.summary = fields.text("summary", reading).map(|text| text.value);
    argument.sample = fields.get("example").map(|entry| json_of(&entry.value));
    let required = fields.boolean("required", reading);
    let default = fields.get("default").map(|entry| &entry.value);
    argument.required = required.as_ref().map_or(default.is_none(), |flag| flag.value);
    if let Some(node) = default {
        argument.default =
            read_default(node, &argument, required.is_some_and(|flag| flag.value), reading);
        argument.required = false;
    }
    check_sample(&argument, &fields, reading);
    Some(ArgumentSource { name: name.clone(), argument })
}

/// The declared kind; one that cannot be read counts as any, so that nothing else is said about it.
fn read_kind(
    fields: &Fields<'_>,
    name: &Spanned<String>,
    reading: &mut Reading<'_>,
) -> ArgumentKind {
    let Some(entry) = fields.get("type") else { return ArgumentKind::String };
    let Some(word) = text(&entry.value, reading) else { return ArgumentKind::Any };
    match kind_named(&word, reading) {
        ArgumentKind::Enum(_) => {
            let values: Vec<String> =
                fields.texts("values", reading).into_iter().map(|value| value.value).collect();
            if values.is_empty() {
                reading.report.add(no_values(name));
                return ArgumentKind::Any;
            }
            ArgumentKind::Enum(values)
        }
        ArgumentKind::List(_) => {
            let items = fields.text("items", reading);
            ArgumentKind::List(items.map(|word| Box::new(kind_named(&word, reading))))
        }
        kind => kind,
    }
}

fn kind_named(word: &Spanned<String>, reading: &mut Reading<'_>) -> ArgumentKind {
    ArgumentKind::named(&word.value).unwrap_or_else(|| {
        let message = format!("unknown parameter type `{}`", word.value);
        let finding = Finding::new(Code::UnknownArgumentType, word.span, message);
        let finding = finding.help(format!("one of {}", ArgumentKind::NAMES.join(", ")));
        let found = suggest(&word.value, ArgumentKind::NAMES);
        reading.report.add(finding.did_you_mean(word.span, found));
        ArgumentKind::Any
    })
}

fn read_default(
    node: &Node,
    argument: &Argument,
    required: bool,
    reading: &mut Reading<'_>,
) -> Option<Value> {
    if required {
        let finding = Finding::new(
            Code::ImpossibleDefault,
            node.span,
            "a required parameter cannot have a default",
        );
        reading.report.add(finding.help("remove `required` or the default"));
        return None;
    }
    if argument.kind == ArgumentKind::Secret {
        let message = "a secret parameter cannot have a default";
        reading.report.add(Finding::new(Code::ImpossibleDefault, node.span, message));
        return None;
    }
    let accepted = argument.kind.accept(&json_of(node));
    if accepted.is_none() {
        let message = format!("the default is not {}", argument.kind.expectation());
        reading.report.add(Finding::new(Code::ImpossibleDefault, node.span, message));
    }
    accepted
}

fn check_sample(argument: &Argument, fields: &Fields<'_>, reading: &mut Reading<'_>) {
    let (Some(sample), Some(entry)) = (&argument.sample, fields.get("example")) else { return };
    if argument.kind == ArgumentKind::Secret {
        reading.report.add(password_literal(entry.value.span));
    } else if argument.kind.accept(sample).is_none() {
        let message = format!("the example is not {}", argument.kind.expectation());
        reading.report.add(Finding::new(Code::InvalidExample, entry.value.span, message));
    }
}

/// GD0606: a password where anybody can read it.
pub(super) fn password_literal(span: Span) -> Finding {
    let finding = Finding::new(Code::PasswordLiteral, span, "a literal password");
    finding.label("the value is not shown").help("declare a `secret` parameter and pass the value")
}

fn no_values(name: &Spanned<String>) -> Finding {
    let message = format!("enum `{}` lists no values", name.value);
    Finding::new(Code::EnumWithoutValues, name.span, message).help("add `values: [a, b]`")
}

fn parameter_name_issue(name: &Spanned<String>) -> Option<Finding> {
    let mut chars = name.value.chars();
    let valid = chars.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
        && chars.all(|each| each == '_' || each.is_ascii_alphanumeric());
    let message = "parameter names use letters, digits and `_`, and start with a letter";
    (!valid).then(|| Finding::new(Code::InvalidName, name.span, message))
}

/// The items of a list node, for callers that read examples.
pub(super) fn items<'a>(node: &'a Node, reading: &mut Reading<'_>) -> &'a [Node] {
    list(node, reading).unwrap_or_default()
}
