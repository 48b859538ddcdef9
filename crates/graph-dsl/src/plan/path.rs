//! Endpoints: `/groups/{id}/members`, where each value is one encoded path segment.

use std::ops::Range;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ArgumentError;
use crate::diagnostic::Code;
use crate::template::{Expression, Issue, Piece, Scope, split};

/// Encoded in a value that is a segment: everything but unreserved characters and `@`.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');
/// In a quoted key, `(name='…')`, the doubled quote and a leading `$` stay as they are.
const KEY: &AsciiSet = &SEGMENT.remove(b'\'').remove(b'$');
/// Encoded in the literal part of an endpoint: what may not stand in a URL at all.
const LITERAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'#');

/// A path with its holes.
#[derive(Debug, Default)]
pub(crate) struct PathTemplate {
    parts: Vec<PathPart>,
}

#[derive(Debug)]
enum PathPart {
    Literal(String),
    Value(Box<PathValue>),
}

/// A value in a path.
#[derive(Debug)]
struct PathValue {
    /// The argument, or the expression as written: what errors call it.
    name: String,
    place: PathPlace,
    expression: Expression,
    /// Its placeholder in the endpoint, braces included.
    range: Range<usize>,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PathPlace {
    /// It is the whole segment.
    Segment,
    /// Other characters share its segment.
    WithinSegment,
    /// It is a quoted key, `(name='{x}')`.
    Quoted,
}

/// A problem in an endpoint, with its byte range there.
pub(crate) type PathIssue = Issue;

impl PathTemplate {
    /// Compiles the path of an endpoint, query excluded.
    pub(crate) fn compile(path: &str) -> Result<Self, Vec<PathIssue>> {
        let pieces = split(path).map_err(|issue| vec![issue])?;
        let mut builder = Builder::default();
        for piece in pieces {
            match piece {
                Piece::Text(range) => builder.text(path, range),
                Piece::Expression { outer, inner } => builder.expression(path, &outer, inner),
            }
        }
        if builder.issues.is_empty() { Ok(builder.finish(path)) } else { Err(builder.issues) }
    }

    /// Every value with the byte range of its placeholder in the endpoint, braces included.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&Expression, &Range<usize>)> {
        self.parts.iter().filter_map(|part| match part {
            PathPart::Value(value) => Some((&value.expression, &value.range)),
            PathPart::Literal(_) => None,
        })
    }

    /// The path with `{}` for every value: what two commands must not share.
    pub(crate) fn shape(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            PathPart::Literal(text) => text.as_str(),
            PathPart::Value(_) => "{}",
        });
        parts.collect()
    }

    /// The encoded path.
    pub(crate) fn bind(&self, scope: &Scope<'_>, errors: &mut Vec<ArgumentError>) -> String {
        let mut path = String::new();
        for part in &self.parts {
            match part {
                PathPart::Literal(text) => path.push_str(text),
                PathPart::Value(value) => {
                    if let Err(error) = value.push(scope, &mut path) {
                        errors.push(error);
                    }
                }
            }
        }
        if errors.is_empty() && path.split('/').any(|segment| matches!(segment, "." | "..")) {
            let reason = "a segment may not be `.` or `..`";
            errors.push(ArgumentError::NotAPathValue { name: "path".to_owned(), reason });
        }
        path
    }
}

impl PathValue {
    fn push(&self, scope: &Scope<'_>, path: &mut String) -> Result<(), ArgumentError> {
        let value = self.expression.text(scope).map_err(|error| ArgumentError::DoesNotFit {
            place: format!("path value `{}`", self.name),
            reason: error.to_string(),
        })?;
        if let Some(reason) = refusal(&value, self.place) {
            return Err(ArgumentError::NotAPathValue { name: self.name.clone(), reason });
        }
        push(path, &value, self.place);
        Ok(())
    }
}

/// Why a value cannot stand in a path.
fn refusal(value: &str, place: PathPlace) -> Option<&'static str> {
    if value.is_empty() {
        return Some("it is empty");
    }
    if value.chars().any(char::is_control) {
        return Some("it holds a control character");
    }
    if matches!(value, "." | "..") {
        return Some("it may not be `.` or `..`");
    }
    (place != PathPlace::Quoted && value.contains(['/', '\\'])).then_some("it holds a slash")
}

fn push(path: &mut String, value: &str, place: PathPlace) {
    if place == PathPlace::Quoted {
        path.extend(utf8_percent_encode(&value.replace('\'', "''"), KEY));
        return;
    }
    // Graph reads `/users/$x@y` as a system segment; the key syntax is the documented way in.
    if place == PathPlace::Segment
        && value.starts_with('$')
        && path.len() > 1
        && path.ends_with('/')
    {
        path.pop();
        path.push_str("('");
        path.extend(utf8_percent_encode(&value.replace('\'', "''"), KEY));
        path.push_str("')");
        return;
    }
    path.extend(utf8_percent_encode(value, SEGMENT));
}

type Named = (String, Expression);

#[derive(Default)]
struct Builder {
    /// Literal text, or a value with its name.
    parts: Vec<(Range<usize>, Option<Named>)>,
    issues: Vec<Issue>,
}

impl Builder {
    /// Literal text with `{name}` placeholders.
    fn text(&mut self, path: &str, range: Range<usize>) {
        let mut at = range.start;
        while let Some(open) = path[at..range.end].find(['{', '}']).map(|found| at + found) {
            let close = path[open..range.end].find('}').map(|found| open + found);
            let (Some(close), true) = (close, path[open..].starts_with('{')) else {
                let issue =
                    Issue::new(Code::BrokenSegment, open..open + 1, "unbalanced brace in the path");
                self.issues.push(issue.help("a placeholder is `{name}`"));
                return;
            };
            if open > at {
                self.parts.push((at..open, None));
            }
            self.placeholder(path, open..close + 1);
            at = close + 1;
        }
        if at < range.end {
            self.parts.push((at..range.end, None));
        }
    }

    fn placeholder(&mut self, path: &str, range: Range<usize>) {
        let name = &path[range.start + 1..range.end - 1];
        let mut chars = name.chars();
        let valid = chars.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
            && chars.all(|each| each == '_' || each.is_ascii_alphanumeric());
        if valid {
            let value = (name.to_owned(), Expression::parameter(name));
            self.parts.push((range, Some(value)));
        } else {
            let message = format!("`{{{name}}}` is not a placeholder");
            let issue = Issue::new(Code::BrokenSegment, range, message);
            self.issues.push(issue.help("one placeholder is one path segment: `{id}`"));
        }
    }

    fn expression(&mut self, path: &str, outer: &Range<usize>, inner: Range<usize>) {
        let start = inner.start;
        match Expression::compile(&path[inner]) {
            Ok(expression) if expression.uses().slash => {
                let message = "an expression in a path may not build more than one segment";
                let issue = Issue::new(Code::BrokenSegment, outer.clone(), message);
                self.issues.push(issue.help("one placeholder = one path segment"));
            }
            Ok(expression) => {
                let name = format!("{expression:?}");
                let name = expression.bare_parameter().map_or(name, str::to_owned);
                self.parts.push((outer.clone(), Some((name, expression))));
            }
            Err(found) => {
                self.issues.extend(found.into_iter().map(|issue| issue.shift(start)));
            }
        }
    }

    fn finish(self, path: &str) -> PathTemplate {
        let parts = self.parts.into_iter().map(|(range, value)| match value {
            None => PathPart::Literal(utf8_percent_encode(&path[range], LITERAL).to_string()),
            Some((name, expression)) => {
                let place = PathPlace::at(path, &range);
                PathPart::Value(Box::new(PathValue { name, place, expression, range }))
            }
        });
        PathTemplate { parts: parts.collect() }
    }
}

impl PathPlace {
    fn at(path: &str, range: &Range<usize>) -> Self {
        let before = &path[..range.start];
        let segment = &before[before.rfind('/').map_or(0, |slash| slash + 1)..];
        if segment.contains('(') && segment.matches('\'').count() % 2 == 1 {
            return Self::Quoted;
        }
        let after = path[range.end..].chars().next();
        match (segment.is_empty(), after) {
            (true, None | Some('/')) => Self::Segment,
            _ => Self::WithinSegment,
        }
    }
}
