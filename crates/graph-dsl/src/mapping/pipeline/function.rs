//! The functions of pipelines: one table, read by the compiler, the reference and the schema.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// A function of pipelines. Null passes through all of them but `default`.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// How it is written, with its arguments.
    pub(crate) usage: &'static str,
    /// What it does, for the reference.
    pub(crate) summary: &'static str,
    pub(crate) takes: Shape,
    gives: Shape,
    /// How many texts it is given; `default` takes any one value.
    arguments: usize,
    apply: fn(&Value, &[Value]) -> Result<Value, &'static str>,
}

/// What a step takes or gives, as far as that is known before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Any,
    Text,
    Number,
    Boolean,
    List,
    TextOrList,
}

/// Every function, by name.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function {
        name: "date",
        usage: "date",
        summary: "The day of a timestamp, in UTC: `2026-01-31`.",
        takes: Shape::Text,
        gives: Shape::Text,
        arguments: 0,
        apply: date,
    },
    Function {
        name: "default",
        usage: "default(\"none\")",
        summary: "A value in place of null.",
        takes: Shape::Any,
        gives: Shape::Any,
        arguments: 1,
        apply: |value, given| Ok(or_default(value, given)),
    },
    Function {
        name: "first",
        usage: "first",
        summary: "The first item of a list; null when it is empty.",
        takes: Shape::List,
        gives: Shape::Any,
        arguments: 0,
        apply: |value, _| with_list(value, |items| items.into_iter().next().unwrap_or(Value::Null)),
    },
    Function {
        name: "join",
        usage: "join(\",\")",
        summary: "The items of a list as one text, nulls left out.",
        takes: Shape::List,
        gives: Shape::Text,
        arguments: 1,
        apply: |value, given| {
            with_list(value, |items| Value::String(crate::mapping::joined(&items, text(given, 0))))
        },
    },
    Function {
        name: "last",
        usage: "last",
        summary: "The last item of a list; null when it is empty.",
        takes: Shape::List,
        gives: Shape::Any,
        arguments: 0,
        apply: |value, _| with_list(value, |mut items| items.pop().unwrap_or(Value::Null)),
    },
    Function {
        name: "length",
        usage: "length",
        summary: "How many items a list has, or characters a text.",
        takes: Shape::TextOrList,
        gives: Shape::Number,
        arguments: 0,
        apply: |value, _| length(value),
    },
    Function {
        name: "lower",
        usage: "lower",
        summary: "Text in lower case.",
        takes: Shape::Text,
        gives: Shape::Text,
        arguments: 0,
        apply: |value, _| with_text(value, |text| text.to_lowercase().into()),
    },
    Function {
        name: "replace",
        usage: "replace(\"-\", \"\")",
        summary: "Text with every occurrence of one text replaced by another.",
        takes: Shape::Text,
        gives: Shape::Text,
        arguments: 2,
        apply: |value, given| {
            with_text(value, |it| replaced(it, text(given, 0), text(given, 1)).into())
        },
    },
    Function {
        name: "sort",
        usage: "sort",
        summary: "A list in the order of its items as text.",
        takes: Shape::List,
        gives: Shape::List,
        arguments: 0,
        apply: |value, _| with_list(value, sorted),
    },
    Function {
        name: "split",
        usage: "split(\",\")",
        summary: "The parts of a text as a list.",
        takes: Shape::Text,
        gives: Shape::List,
        arguments: 1,
        apply: |value, given| with_text(value, |it| parts(it, text(given, 0))),
    },
    Function {
        name: "trim",
        usage: "trim",
        summary: "Text without spaces around it.",
        takes: Shape::Text,
        gives: Shape::Text,
        arguments: 0,
        apply: |value, _| with_text(value, |text| text.trim().into()),
    },
    Function {
        name: "unique",
        usage: "unique",
        summary: "A list without repeated items.",
        takes: Shape::List,
        gives: Shape::List,
        arguments: 0,
        apply: |value, _| with_list(value, unique),
    },
    Function {
        name: "upper",
        usage: "upper",
        summary: "Text in upper case.",
        takes: Shape::Text,
        gives: Shape::Text,
        arguments: 0,
        apply: |value, _| with_text(value, |text| text.to_uppercase().into()),
    },
];

impl Function {
    pub(super) fn takes_arguments(&self, given: &[Value]) -> bool {
        given.len() == self.arguments
            && (self.name == "default" || given.iter().all(Value::is_string))
    }

    /// The shape of the result, when the value has this one.
    pub(super) fn shape_after(&self, before: Shape, given: &[Value]) -> Shape {
        match given.first() {
            Some(value) if self.name == "default" && Shape::of(value) == before => before,
            _ => self.gives,
        }
    }

    pub(super) fn apply(&self, value: &Value, given: &[Value]) -> Result<Value, &'static str> {
        if value.is_null() && self.name != "default" {
            return Ok(Value::Null);
        }
        (self.apply)(value, given)
    }
}

impl Shape {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(_) => Self::Text,
            Value::Number(_) => Self::Number,
            Value::Bool(_) => Self::Boolean,
            Value::Array(_) => Self::List,
            Value::Null | Value::Object(_) => Self::Any,
        }
    }

    /// Whether a value of the other shape may be taken.
    pub(super) fn accepts(self, other: Self) -> bool {
        let either = self == Self::TextOrList && matches!(other, Self::Text | Self::List);
        self == other || self == Self::Any || other == Self::Any || either
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Text => "text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::List => "a list",
            Self::TextOrList => "text or a list",
        }
    }
}

fn text(given: &[Value], at: usize) -> &str {
    given.get(at).and_then(Value::as_str).unwrap_or_default()
}

fn with_text(value: &Value, apply: impl FnOnce(&str) -> Value) -> Result<Value, &'static str> {
    value.as_str().map(apply).ok_or(Shape::Text.words())
}

fn with_list(
    value: &Value,
    apply: impl FnOnce(Vec<Value>) -> Value,
) -> Result<Value, &'static str> {
    match value {
        Value::Array(items) => Ok(apply(items.clone())),
        _ => Err(Shape::List.words()),
    }
}

fn or_default(value: &Value, given: &[Value]) -> Value {
    if value.is_null() { given.first().cloned().unwrap_or_default() } else { value.clone() }
}

fn date(value: &Value, _: &[Value]) -> Result<Value, &'static str> {
    let moment = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let moment = moment.ok_or("a timestamp")?;
    Ok(moment.to_zoned(TimeZone::UTC).date().to_string().into())
}

fn length(value: &Value) -> Result<Value, &'static str> {
    match value {
        Value::Array(items) => Ok(items.len().into()),
        Value::String(text) => Ok(text.chars().count().into()),
        _ => Err(Shape::TextOrList.words()),
    }
}

/// An empty text to look for stands everywhere and nowhere: nothing is replaced.
fn replaced(text: &str, from: &str, to: &str) -> String {
    if from.is_empty() { text.to_owned() } else { text.replace(from, to) }
}

fn parts(text: &str, separator: &str) -> Value {
    if separator.is_empty() {
        return Value::Array(vec![text.into()]);
    }
    text.split(separator).collect::<Vec<_>>().into()
}

fn sorted(mut items: Vec<Value>) -> Value {
    items.sort_by_cached_key(|item| match item {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    Value::Array(items)
}

fn unique(items: Vec<Value>) -> Value {
    let mut seen = std::collections::HashSet::new();
    Value::Array(items.into_iter().filter(|item| seen.insert(item.to_string())).collect())
}
