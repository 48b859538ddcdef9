//! What a plain scalar means: YAML 1.2's JSON-compatible core, and nothing that tools disagree about.

use serde_json::{Number, Value};

use super::Scalar;

/// The meaning of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain {
    Null,
    Bool(bool),
    Number(Number),
    Text,
}

impl Plain {
    /// Quoted and block scalars are text; so is a plain one that YAML tools read in different ways (`0123`).
    pub(crate) fn of(scalar: &Scalar) -> Self {
        if !scalar.plain {
            return Self::Text;
        }
        match scalar.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            text => number(text).map_or(Self::Text, Self::Number),
        }
    }

    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text => "text",
        }
    }
}

impl Scalar {
    /// The scalar as JSON.
    pub(crate) fn to_json(&self) -> Value {
        match Plain::of(self) {
            Plain::Null => Value::Null,
            Plain::Bool(value) => Value::Bool(value),
            Plain::Number(value) => Value::Number(value),
            Plain::Text => Value::String(self.text.clone()),
        }
    }
}

/// Numbers as JSON writes them; anything else that looks like one stays text.
fn number(text: &str) -> Option<Number> {
    let first = text.bytes().find(|byte| *byte != b'-')?;
    first.is_ascii_digit().then(|| serde_json::from_str(text).ok()).flatten()
}

/// Why a plain scalar is read differently by different YAML tools, if it is.
pub(crate) fn ambiguity(scalar: &Scalar) -> Option<&'static str> {
    if !scalar.plain {
        return None;
    }
    let text = scalar.text.as_str();
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "yes" | "no" | "on" | "off" | "y" | "n") {
        return Some("true or false");
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let has = |set: &str| digits.chars().all(|each| each.is_ascii_digit() || set.contains(each));
    let octal = digits.len() > 1 && digits.starts_with('0') && has("");
    let prefixed = digits.starts_with("0x") || digits.starts_with("0o");
    if octal || prefixed || (has("_") && digits.contains('_')) {
        return Some("a number");
    }
    if has(".") && digits.matches('.').count() == 1 && digits.ends_with('0') {
        return Some("a number without its last zero");
    }
    if has("-:TZ. +") && (is_date(digits) || is_clock(digits)) {
        return Some("a date or a time");
    }
    None
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-'
}

fn is_clock(text: &str) -> bool {
    text.contains(':') && text.split(':').all(|part| (1..=2).contains(&part.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar {
        Scalar { text: text.to_owned(), plain: true }
    }

    #[test]
    fn only_json_numbers_are_numbers() {
        for (text, json) in [("12", "12"), ("-1", "-1"), ("1.5", "1.5"), ("1e3", "1000.0")] {
            assert_eq!(plain(text).to_json().to_string(), json);
        }
        for text in ["0123", "1_000", "0x1F", "+1", ".5", "1.", "12:30:45", "2024-01-02", "-"] {
            assert_eq!(plain(text).to_json(), Value::String(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn gd0115_scalars_that_tools_disagree_about_are_found() {
        for text in ["0123", "1_000", "1.10", "no", "off", "2024-01-02", "12:30:45"] {
            assert!(ambiguity(&plain(text)).is_some(), "{text}");
        }
        for text in ["0", "10", "1.5", "none", "a-b", "1.2.3", "10 users", "11111111-1111"] {
            assert!(ambiguity(&plain(text)).is_none(), "{text}");
        }
    }
}
