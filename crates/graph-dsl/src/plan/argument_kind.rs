//! What an argument accepts, and how text from a command line or a CSV cell becomes it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The type of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgumentKind {
    /// Anything (arguments that no `arguments` block declares).
    Any,
    /// A GUID, `11111111-2222-3333-4444-555555555555`.
    Guid,
    /// A user principal name, `ada@contoso.com`.
    Upn,
    /// Either of both.
    UpnOrGuid,
    /// Text.
    String,
    /// A whole number.
    Int,
    /// `true` or `false`.
    Bool,
    /// A timestamp with offset, or a date, which means its midnight in UTC.
    DateTime,
    /// An ISO 8601 duration, `PT1H`.
    Duration,
    /// A mail address.
    Email,
    /// A DNS domain name.
    Domain,
    /// One of some words.
    Enum(Vec<String>),
    /// A list; of one kind when the file says `items`.
    List(Option<Box<Self>>),
    /// A JSON object.
    Object,
    /// Bytes, in base64 wherever they are text (`Edm.Binary`); as a whole body they are sent as they are.
    Binary,
    /// Text that is never printed, logged or put into a URL.
    Secret,
}

impl ArgumentKind {
    /// Names that `type:` may have.
    pub const NAMES: [&'static str; 15] = [
        "guid",
        "upn",
        "upn_or_guid",
        "string",
        "int",
        "bool",
        "datetime",
        "duration",
        "email",
        "domain",
        "enum",
        "list",
        "object",
        "binary",
        "secret",
    ];

    /// The kind with this name; `enum` and `list` without their details.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "guid" => Self::Guid,
            "upn" => Self::Upn,
            "upn_or_guid" => Self::UpnOrGuid,
            "string" => Self::String,
            "int" => Self::Int,
            "bool" => Self::Bool,
            "datetime" => Self::DateTime,
            "duration" => Self::Duration,
            "email" => Self::Email,
            "domain" => Self::Domain,
            "enum" => Self::Enum(Vec::new()),
            "list" => Self::List(None),
            "object" => Self::Object,
            "binary" => Self::Binary,
            "secret" => Self::Secret,
            _ => return None,
        })
    }

    /// The name in a system file; `any` for inferred arguments.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Guid => "guid",
            Self::Upn => "upn",
            Self::UpnOrGuid => "upn_or_guid",
            Self::String => "string",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::DateTime => "datetime",
            Self::Duration => "duration",
            Self::Email => "email",
            Self::Domain => "domain",
            Self::Enum(_) => "enum",
            Self::List(_) => "list",
            Self::Object => "object",
            Self::Binary => "binary",
            Self::Secret => "secret",
        }
    }

    /// The value of an argument of the type `binary` with these bytes.
    pub fn bytes(bytes: &[u8]) -> Value {
        STANDARD.encode(bytes).into()
    }

    /// A value that fits, as a person would type it.
    pub fn example(&self) -> String {
        let text = match self {
            Self::Any | Self::String => "text",
            Self::Guid => "11111111-2222-3333-4444-555555555555",
            Self::Upn | Self::UpnOrGuid | Self::Email => "ada@contoso.com",
            Self::Int => "10",
            Self::Bool => "true",
            Self::DateTime => "2026-01-31T12:00:00Z",
            Self::Duration => "PT1H",
            Self::Domain => "contoso.com",
            Self::Enum(values) => values.first().map_or("text", String::as_str),
            Self::List(None) => "a,b",
            Self::List(Some(kind)) => match kind.as_ref() {
                Self::Object => "[{\"key\":\"value\"}]",
                Self::List(_) => "[[]]",
                _ => return kind.example(),
            },
            Self::Object => "{\"key\":\"value\"}",
            Self::Binary => "SGVsbG8=",
            Self::Secret => "(read from a file or a prompt)",
        };
        text.to_owned()
    }

    /// What is expected, for a message: "a GUID", "one of Member, Guest".
    pub fn expectation(&self) -> String {
        match self {
            Self::Any => "a value".to_owned(),
            Self::Guid => "a GUID".to_owned(),
            Self::Upn => "a user principal name".to_owned(),
            Self::UpnOrGuid => "a user principal name or a GUID".to_owned(),
            Self::String | Self::Secret => "text".to_owned(),
            Self::Int => "a whole number".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::DateTime => "a timestamp with offset or a date".to_owned(),
            Self::Duration => "an ISO 8601 duration".to_owned(),
            Self::Email => "a mail address".to_owned(),
            Self::Domain => "a domain name".to_owned(),
            Self::Enum(values) => format!("one of {}", values.join(", ")),
            Self::List(None) => "a list".to_owned(),
            Self::List(Some(items)) => format!("a list, each item {}", items.expectation()),
            Self::Object => "an object".to_owned(),
            Self::Binary => "bytes in base64".to_owned(),
        }
    }

    /// The value in its normal form (a date becomes a timestamp); `None` when it does not fit.
    pub fn accept(&self, value: &Value) -> Option<Value> {
        let fits = match (self, value) {
            (Self::DateTime, Value::String(text)) => return timestamp(text).map(Value::String),
            (Self::List(Some(kind)), Value::Array(items)) => {
                return items
                    .iter()
                    .map(|item| kind.accept(item))
                    .collect::<Option<_>>()
                    .map(Value::Array);
            }
            (Self::Any, _)
            | (Self::List(None), Value::Array(_))
            | (Self::Object, Value::Object(_))
            | (Self::String | Self::Secret, Value::String(_))
            | (Self::Bool, Value::Bool(_)) => true,
            (Self::Int, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (_, Value::String(text)) => self.accepts_text(text),
            _ => false,
        };
        fits.then(|| value.clone())
    }

    /// The value that text means: `false` is a boolean where one is expected; `None` when it does not fit.
    ///
    /// Text for an argument of any type stays text; JSON is read only for lists and objects, a
    /// list of plain words also separated by commas.
    pub fn read_text(&self, text: &str) -> Option<Value> {
        let value = match self {
            Self::Int => text.trim().parse::<i64>().ok().map(Value::from)?,
            Self::Bool => Value::Bool(text.trim().parse().ok()?),
            Self::List(kind) if !text.trim_start().starts_with('[') => {
                let kind = kind.as_deref().unwrap_or(&Self::String);
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::Array(items.map(|item| kind.read_text(item)).collect::<Option<_>>()?)
            }
            Self::List(_) | Self::Object => serde_json::from_str(text).ok()?,
            _ => Value::String(text.to_owned()),
        };
        self.accept(&value)
    }

    fn accepts_text(&self, text: &str) -> bool {
        match self {
            Self::Guid => is_guid(text),
            Self::Upn => is_upn(text),
            Self::UpnOrGuid => is_guid(text) || is_upn(text),
            Self::Duration => text.starts_with('P') && text.parse::<jiff::Span>().is_ok(),
            Self::Email => is_upn(text) && text.rsplit('@').next().is_some_and(is_domain),
            Self::Domain => is_domain(text),
            Self::Binary => STANDARD.decode(text).is_ok(),
            Self::Enum(values) => values.iter().any(|value| value == text),
            _ => false,
        }
    }
}

impl fmt::Display for ArgumentKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Eight, four, four, four and twelve hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Two parts around the last `@`, without spaces or control characters.
fn is_upn(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    let clean = !text.chars().any(|each| each.is_whitespace() || each.is_control());
    clean && parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let inner = label.chars().all(|each| each.is_alphanumeric() || each == '-');
        !label.is_empty() && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    text.contains('.') && text.len() <= 253 && text.split('.').all(label)
}

fn timestamp(text: &str) -> Option<String> {
    if text.parse::<jiff::Timestamp>().is_ok() {
        return Some(text.to_owned());
    }
    let date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    date.then(|| format!("{text}T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_becomes_what_the_type_says() {
        let read = |kind: &ArgumentKind, text: &str| kind.read_text(text);
        assert_eq!(read(&ArgumentKind::Bool, "false"), Some(json!(false)));
        assert_eq!(read(&ArgumentKind::Bool, "no"), None);
        assert_eq!(read(&ArgumentKind::Int, "12"), Some(json!(12)));
        assert_eq!(read(&ArgumentKind::Any, "478"), Some(json!("478")));
        assert_eq!(read(&ArgumentKind::List(None), "a, b"), Some(json!(["a", "b"])));
        assert_eq!(read(&ArgumentKind::List(None), "[1]"), Some(json!([1])));
        assert_eq!(read(&ArgumentKind::Object, "{\"a\":1}"), Some(json!({"a": 1})));
        assert_eq!(
            read(&ArgumentKind::DateTime, "2024-01-02"),
            Some(json!("2024-01-02T00:00:00Z"))
        );
        assert_eq!(read(&ArgumentKind::DateTime, "2024-01-02T03:04:05"), None);
    }

    #[test]
    fn every_kind_accepts_its_own_example() {
        for name in ArgumentKind::NAMES {
            let mut kind = ArgumentKind::named(name).unwrap();
            if let ArgumentKind::Enum(values) = &mut kind {
                values.push("Member".to_owned());
            }
            assert!(kind.read_text(&kind.example()).is_some(), "{name}");
            let list = ArgumentKind::List(Some(Box::new(kind)));
            assert!(list.read_text(&list.example()).is_some(), "list of {name}");
        }
    }

    #[test]
    fn guest_and_dollar_names_are_user_principal_names() {
        for upn in ["a_b.com#EXT#@contoso.onmicrosoft.com", "$admin@contoso.com", "o'neil@c.com"] {
            assert!(ArgumentKind::Upn.accept(&json!(upn)).is_some(), "{upn}");
        }
        assert!(ArgumentKind::Upn.accept(&json!("ada")).is_none());
    }
}
