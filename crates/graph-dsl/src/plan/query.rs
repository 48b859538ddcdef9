//! Query options: values encoded, quotes inside literals doubled, absent ones dropped.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::ArgumentError;
use crate::template::{Expression, Part, Scope, Template, TemplateError, text_of};

/// Left as they are in a query value: unreserved characters and the marks that OData uses.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b':')
    .remove(b'/')
    .remove(b'$')
    .remove(b'*')
    .remove(b'@')
    .remove(b'!');

/// One option of the query string.
#[derive(Debug)]
pub(crate) struct QueryOption {
    pub(crate) name: String,
    pub(crate) value: QueryValue,
}

/// What an option's value is made of.
#[derive(Debug)]
pub(crate) enum QueryValue {
    /// A number, boolean or text without expression.
    Literal(String),
    Template(Template),
    /// `[id, "{{ params.extra }}"]`: joined by commas, absent items left out.
    List(Vec<Self>),
}

/// The names and values of a bound query, not yet encoded.
pub(super) type Pairs = Vec<(String, String)>;

/// The options of a query as text, absent and null ones dropped.
pub(super) fn bind(
    options: &[QueryOption],
    scope: &Scope<'_>,
    errors: &mut Vec<ArgumentError>,
) -> Pairs {
    let mut pairs = Vec::new();
    for option in options {
        match option.value.text(&option.name, scope) {
            Ok(Some(text)) => pairs.push((option.name.clone(), text)),
            Ok(None) => {}
            Err(error) => errors.push(ArgumentError::DoesNotFit {
                place: format!("query {}", option.name),
                reason: error.to_string(),
            }),
        }
    }
    pairs
}

/// `?$top=5&$select=id`, or nothing.
pub(super) fn encode(pairs: &Pairs) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.extend(utf8_percent_encode(name, VALUE));
        query.push('=');
        query.extend(utf8_percent_encode(value, VALUE));
    }
    query
}

impl QueryValue {
    fn text(&self, option: &str, scope: &Scope<'_>) -> Result<Option<String>, TemplateError> {
        match self {
            Self::Literal(text) => Ok(Some(text.clone())),
            Self::List(items) => {
                let texts = items.iter().filter_map(|item| item.text(option, scope).transpose());
                let texts = texts.collect::<Result<Vec<_>, _>>()?;
                Ok((!texts.is_empty()).then(|| texts.join(",")))
            }
            Self::Template(template) => match template.whole() {
                Some(expression) => whole(expression, scope),
                None => composed(template, option, scope).map(Some),
            },
        }
    }

    /// The value, when no argument takes part in it.
    pub(crate) fn literal(&self) -> Option<String> {
        match self {
            Self::Literal(text) => Some(text.clone()),
            Self::Template(template) => template.literal().map(str::to_owned),
            Self::List(items) => {
                items.iter().map(Self::literal).collect::<Option<Vec<_>>>().map(|all| all.join(","))
            }
        }
    }
}

/// A whole-scalar expression: scalars as text, a list of scalars joined by commas.
fn whole(expression: &Expression, scope: &Scope<'_>) -> Result<Option<String>, TemplateError> {
    match expression.value(scope)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => {
            let texts: Option<Vec<String>> = items.iter().map(text_of).collect();
            let texts = texts.ok_or(TemplateError::NotText("a list of lists or objects"))?;
            Ok((!texts.is_empty()).then(|| texts.join(",")))
        }
        Some(value) => text_of(&value).map(Some).ok_or(TemplateError::NotText("an object")),
    }
}

/// Text with expressions in it. Inside `'…'` quotes are doubled, inside `$search`'s `"…"` escaped;
/// outside of both a value must be a bare literal, or a value could rewrite the filter.
fn composed(template: &Template, option: &str, scope: &Scope<'_>) -> Result<String, TemplateError> {
    let mut out = String::new();
    let (mut single, mut double) = (false, false);
    for part in template.parts() {
        match part {
            Part::Text(text) => {
                single ^= text.matches('\'').count() % 2 == 1;
                double ^= text.matches('"').count() % 2 == 1;
                out.push_str(text);
            }
            Part::Expression(expression) => {
                let value = expression.text(scope)?;
                match option {
                    "$filter" if single => out.push_str(&value.replace('\'', "''")),
                    "$filter" if !expression.is_odata_literal() && !is_bare_literal(&value) => {
                        let reason = "a value outside quotes must be a number, GUID, date or word; \
                                      use `| odata` for text";
                        return Err(TemplateError::Failed(reason.to_owned()));
                    }
                    "$search" if double => {
                        out.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
                    }
                    _ => out.push_str(&value),
                }
            }
        }
    }
    Ok(out)
}

fn is_bare_literal(value: &str) -> bool {
    let bare = |each: char| each.is_ascii_alphanumeric() || "-+.:_".contains(each);
    !value.is_empty() && value.chars().all(bare)
}
