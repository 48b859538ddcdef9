//! Bodies: JSON with expressions, and references whose host is always the configured one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{ArgumentError, Root};
use crate::ApiVersion;
use crate::template::{Part, Scope, Template, TemplateError};

const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// A JSON body with its holes.
#[derive(Debug)]
pub(crate) enum BodyTemplate {
    Literal(Value),
    Template(Template),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
    /// `{ ref: directoryObjects, id: "{{ params.member_id }}" }`: the URL of an object.
    /// The identifier may be a list; then the value is the list of URLs.
    Reference {
        set: String,
        id: Template,
    },
    /// The whole body is one argument of the type `binary`: its bytes, not JSON.
    Bytes(Template),
}

/// What a body is bound with.
pub(super) struct BodyContext<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) root: &'a Root,
    pub(super) version: ApiVersion,
}

impl BodyTemplate {
    /// The keys of an object, as far as they are known.
    pub(crate) fn keys(&self) -> Vec<&str> {
        match self {
            Self::Literal(Value::Object(object)) => object.keys().map(String::as_str).collect(),
            Self::Object(entries) => entries.iter().map(|(key, _)| key.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the body is an object with this key.
    pub(crate) fn has_key(&self, name: &str) -> bool {
        self.keys().contains(&name)
    }

    /// The bytes of a body that is not JSON.
    pub(super) fn bytes(&self, scope: &Scope<'_>) -> Option<Vec<u8>> {
        let Self::Bytes(template) = self else { return None };
        let value = scalar(template, scope).ok().flatten()?;
        STANDARD.decode(value.as_str()?).ok()
    }

    /// The value; `None` when it is absent.
    pub(super) fn bind(
        &self,
        context: &BodyContext<'_>,
        place: &str,
        errors: &mut Vec<ArgumentError>,
    ) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()),
            Self::List(items) => {
                let bind = |(index, item): (usize, &Self)| {
                    item.bind(context, &format!("{place}[{index}]"), errors)
                };
                Some(Value::Array(items.iter().enumerate().filter_map(bind).collect()))
            }
            Self::Object(entries) => {
                let mut object = Map::new();
                for (key, entry) in entries {
                    if let Some(value) = entry.bind(context, &format!("{place}.{key}"), errors) {
                        object.insert(key.clone(), value);
                    }
                }
                Some(Value::Object(object))
            }
            Self::Template(template) => {
                keep(scalar(template, context.scope).map_err(Problem::from), place, errors)
            }
            // Never JSON: see `bytes`.
            Self::Bytes(_) => None,
            Self::Reference { set, id } => keep(reference(set, id, context), place, errors),
        }
    }
}

struct Problem(String);

impl From<TemplateError> for Problem {
    fn from(error: TemplateError) -> Self {
        Self(error.to_string())
    }
}

fn keep(
    value: Result<Option<Value>, Problem>,
    place: &str,
    errors: &mut Vec<ArgumentError>,
) -> Option<Value> {
    value.unwrap_or_else(|Problem(reason)| {
        errors.push(ArgumentError::DoesNotFit { place: place.to_owned(), reason });
        None
    })
}

/// A scalar's value: of its own type when it is one expression, text otherwise.
fn scalar(template: &Template, scope: &Scope<'_>) -> Result<Option<Value>, TemplateError> {
    match template.whole() {
        Some(expression) => expression.value(scope),
        None => text(template, scope).map(|text| Some(Value::String(text))),
    }
}

/// A template as text.
pub(super) fn text(template: &Template, scope: &Scope<'_>) -> Result<String, TemplateError> {
    let mut out = String::new();
    for part in template.parts() {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Expression(expression) => out.push_str(&expression.text(scope)?),
        }
        if out.len() > crate::template::MAX_OUTPUT_BYTES {
            return Err(TemplateError::TooLarge);
        }
    }
    Ok(out)
}

fn reference(
    set: &str,
    id: &Template,
    context: &BodyContext<'_>,
) -> Result<Option<Value>, Problem> {
    let url = |id: &Value| match id.as_str() {
        Some(id) => reference_url(set, id, context).map(Value::String),
        None => Err(Problem("an identifier is text".to_owned())),
    };
    match scalar(id, context.scope)? {
        None => Ok(None),
        Some(Value::Array(ids)) => {
            ids.iter().map(url).collect::<Result<Vec<_>, _>>().map(|urls| Some(Value::Array(urls)))
        }
        Some(id) => url(&id).map(Some),
    }
}

fn reference_url(set: &str, id: &str, context: &BodyContext<'_>) -> Result<String, Problem> {
    let slashes = id.contains(['/', '\\']) || id.chars().any(char::is_control);
    if id.is_empty() || matches!(id, "." | "..") || slashes {
        return Err(Problem("an identifier is one path segment".to_owned()));
    }
    let (root, version) = (context.root, context.version);
    Ok(format!("{root}/{version}/{set}/{}", utf8_percent_encode(id, SEGMENT)))
}
