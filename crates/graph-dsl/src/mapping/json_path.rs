//! JSONPath (RFC 9535), compiled once.

use std::fmt;

use jsonpath_rust::parser::model::{JpQuery, Segment, Selector};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::Value;

/// A compiled JSONPath.
#[derive(Clone)]
pub(crate) struct JsonPath {
    text: String,
    program: Program,
}

#[derive(Clone)]
enum Program {
    /// Member names only, `$.manager.displayName`: the path of nearly every attribute.
    Members(Vec<String>),
    Query(JpQuery),
}

/// A path that does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathError {
    /// Byte offset in the path.
    pub(crate) at: usize,
    pub(crate) message: String,
}

impl JsonPath {
    pub(crate) fn compile(text: &str) -> Result<Self, PathError> {
        if !text.starts_with('$') {
            return Err(PathError { at: 0, message: "a JSONPath starts with `$`".to_owned() });
        }
        let query = parse_json_path(text).map_err(|error| path_error(text, &error.to_string()))?;
        let program = members(&query).map_or(Program::Query(query), Program::Members);
        Ok(Self { text: text.to_owned(), program })
    }

    /// Whether the path may find more than one value.
    pub(crate) fn is_many(&self) -> bool {
        matches!(&self.program, Program::Query(query) if !query.segments.iter().all(is_single))
    }

    /// What the path finds: one value, a list when it may find several (or `list` asks for one), null for nothing.
    pub(crate) fn read(&self, object: &Value, list: bool) -> Value {
        match &self.program {
            Program::Members(names) => {
                let found = names.iter().try_fold(object, |value, name| value.get(name));
                found.cloned().unwrap_or(Value::Null)
            }
            Program::Query(query) => {
                let found = js_path_process(query, object).unwrap_or_default();
                let mut values: Vec<Value> =
                    found.into_iter().map(|each| each.val().clone()).collect();
                match (self.is_many() || (list && values.len() > 1), values.len()) {
                    (true, _) => Value::Array(values),
                    (false, 0) => Value::Null,
                    (false, _) => values.swap_remove(0),
                }
            }
        }
    }
}

impl fmt::Debug for JsonPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn members(query: &JpQuery) -> Option<Vec<String>> {
    let name = |segment: &Segment| match segment {
        Segment::Selector(Selector::Name(name)) => Some(unquoted(name).to_owned()),
        _ => None,
    };
    query.segments.iter().map(name).collect()
}

/// The parser keeps the quotes of `$['name']`.
fn unquoted(name: &str) -> &str {
    let inner = |quote| name.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(name)
}

fn is_single(segment: &Segment) -> bool {
    matches!(segment, Segment::Selector(Selector::Name(_) | Selector::Index(_)))
}

/// pest's report names the place as ` --> 1:8`.
fn path_error(text: &str, report: &str) -> PathError {
    let column = report.split("--> 1:").nth(1).and_then(|rest| {
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>().ok()
    });
    let at = column.map_or(text.len(), |column| column.saturating_sub(1));
    let at = text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
    let message = if at >= text.len() && text.matches('[').count() > text.matches(']').count() {
        "expected `]`"
    } else if at >= text.len() {
        "the path ends too early"
    } else {
        "unexpected character in the path"
    };
    PathError { at, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_filters_and_wildcards_read_what_they_name() {
        let user = json!({"id": "1", "a b": 2, "manager": {"mail": "m"}, "phones": ["1", "2"],
            "identities": [{"t": "x", "v": "p"}, {"t": "y", "v": "q"}]});
        let read = |path: &str| JsonPath::compile(path).unwrap().read(&user, false);
        assert_eq!(read("$.id"), json!("1"));
        assert_eq!(read("$['a b']"), json!(2));
        assert_eq!(read("$.manager.mail"), json!("m"));
        assert_eq!(read("$.absent.mail"), json!(null));
        assert_eq!(read("$.phones[0]"), json!("1"));
        assert_eq!(read("$.phones[*]"), json!(["1", "2"]));
        assert_eq!(read("$.identities[?@.t == 'y'].v"), json!(["q"]));
    }

    #[test]
    fn gd0503_a_broken_path_says_where() {
        assert!(JsonPath::compile("$.emails[").is_err());
        assert_eq!(JsonPath::compile("displayName").unwrap_err().at, 0);
    }
}
