//! Compiling an endpoint: its path, and the query that may be written behind it.

use percent_encoding::percent_decode_str;

use super::arguments::{Site, Uses};
use super::scalar::reference;
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::plan::{PathTemplate, QueryOption, QueryValue};
use crate::source::{Entry, Node, Scalar, Span};
use crate::template::Template;

/// A compiled endpoint.
pub(super) struct Endpoint {
    /// As written, without the query.
    pub(super) written: String,
    pub(super) path: PathTemplate,
    pub(super) query: Vec<QueryOption>,
}

pub(super) fn compile(
    entry: &Entry,
    uses: &mut Uses<'_>,
    reading: &mut Reading<'_>,
) -> Option<Endpoint> {
    let node = &entry.value;
    let Some(scalar) = node.scalar() else {
        let message = format!("expected a path, found {}", node.describe());
        reading.report.add(Finding::new(Code::WrongType, node.span, message));
        return None;
    };
    if let Some(finding) = shape(node, scalar, reading) {
        reading.report.add(finding);
        return None;
    }
    let (path, query) = match scalar.text.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (scalar.text.as_str(), None),
    };
    let place = Place { node, scalar };
    let compiled = place.path(path, uses, reading);
    let options = query.map(|query| place.query(query, path.len() + 1, uses, reading));
    Some(Endpoint { written: path.to_owned(), path: compiled?, query: options.unwrap_or_default() })
}

/// What no endpoint may be: a URL, a relative path, a reference.
fn shape(node: &Node, scalar: &Scalar, reading: &Reading<'_>) -> Option<Finding> {
    let text = scalar.text.as_str();
    if let Some(finding) = reference(node, scalar, reading) {
        return Some(finding);
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        let end = text
            .char_indices()
            .filter(|(_, each)| *each == '/')
            .nth(2)
            .map_or(text.len(), |(at, _)| at);
        let span = scalar.locate(node.span, reading.text, 0, end);
        let finding =
            Finding::new(Code::LiteralHost, span, "the host must follow `connection.cloud`");
        return Some(finding.help("write the path below the version: `/users/{id}`"));
    }
    let message = if !text.starts_with('/') {
        "an endpoint starts with `/`"
    } else if text.split('?').next().unwrap_or_default().contains("//") {
        "an endpoint has no empty segments"
    } else if text.starts_with("/v1.0/") || text.starts_with("/beta/") {
        "the version is not part of the endpoint"
    } else if text.contains('#') {
        "an endpoint has no fragment"
    } else {
        return None;
    };
    let finding = Finding::new(Code::BrokenSegment, node.span, message);
    Some(finding.help("write the path below the version: `/users/{id}`"))
}

struct Place<'a> {
    node: &'a Node,
    scalar: &'a Scalar,
}

impl Place<'_> {
    fn span(&self, start: usize, end: usize, reading: &Reading<'_>) -> Span {
        self.scalar.locate(self.node.span, reading.text, start, end)
    }

    fn path(
        &self,
        path: &str,
        uses: &mut Uses<'_>,
        reading: &mut Reading<'_>,
    ) -> Option<PathTemplate> {
        let compiled = match PathTemplate::compile(path) {
            Ok(compiled) => compiled,
            Err(issues) => {
                for issue in issues {
                    let finding = issue.finding(self.scalar, self.node.span, reading.text);
                    reading.report.add(finding);
                }
                return None;
            }
        };
        for (expression, range) in compiled.values() {
            let braces = if path[range.clone()].starts_with("{{") { 2 } else { 1 };
            let site = if braces == 2 { Site::Path } else { Site::Placeholder };
            let start = range.start + braces;
            let whole = self.span(range.start, range.end, reading);
            let locate = |inner: std::ops::Range<usize>| {
                self.span(start + inner.start, start + inner.end, reading)
            };
            let mut found = uses.check(expression, &locate, whole, site, true);
            let filters = expression.uses().filters.iter();
            let encoding = filters.filter(|(filter, _)| filter == "urlencode");
            found.extend(encoding.map(|(_, place)| manual_encoding(locate(place.clone()))));
            reading.report.extend(found);
        }
        Some(compiled)
    }

    /// `$top=5&$select=id` behind the path: read as if it stood under `query`.
    fn query(
        &self,
        query: &str,
        offset: usize,
        uses: &mut Uses<'_>,
        reading: &mut Reading<'_>,
    ) -> Vec<QueryOption> {
        let mut options = Vec::new();
        let mut at = offset;
        for pair in split_pairs(query) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name_span = self.span(at, at + name.len(), reading);
            let value_at = at + pair.len() - value.len();
            at += pair.len() + 1;
            let name = decoded(name);
            super::query::check_name(&name, name_span, reading);
            if let Some(value) = self.option(value, value_at, uses, reading) {
                options.push(QueryOption { name, value });
            }
        }
        options
    }

    fn option(
        &self,
        value: &str,
        at: usize,
        uses: &mut Uses<'_>,
        reading: &mut Reading<'_>,
    ) -> Option<QueryValue> {
        // `{cutoff}` behind the `?` is the same placeholder as in the path.
        let text = braces_to_expressions(&decoded(value));
        let whole = self.span(at, at + value.len(), reading);
        match Template::compile(&text) {
            Ok(template) => {
                for expression in template.expressions() {
                    let found = uses.check(
                        expression,
                        &|_| whole,
                        whole,
                        Site::Query,
                        template.whole().is_none(),
                    );
                    reading.report.extend(found);
                }
                Some(QueryValue::Template(template))
            }
            Err(issues) => {
                for issue in issues {
                    let finding =
                        Finding::new(issue.code, whole, issue.message).maybe_help(issue.help);
                    reading.report.add(finding);
                }
                None
            }
        }
    }
}

/// GD0314; the span starts at the `|`.
fn manual_encoding(span: Span) -> Finding {
    let message = "path values are encoded automatically";
    let finding = Finding::new(Code::ManualEncoding, span, message);
    finding.help("remove it: the value would be encoded twice").edit(span, "")
}

/// Splits at `&` outside of expressions.
fn split_pairs(query: &str) -> Vec<&str> {
    let (mut pairs, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (at, each) in query.char_indices() {
        match each {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '&' if depth == 0 => {
                pairs.push(&query[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pairs.push(&query[start..]);
    pairs.into_iter().filter(|pair| !pair.is_empty()).collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn braces_to_expressions(text: &str) -> String {
    if text.contains("{{") {
        return text.to_owned();
    }
    text.replace('{', "{{ params.").replace('}', " }}")
}
