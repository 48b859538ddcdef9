//! A YAML syntax error in the words of the person who made it.

use super::reader::unquoted_template;
use super::{SourceText, Span};
use crate::diagnostic::{Code, Finding};

/// Where the YAML parser gave up and what was open then.
pub(super) struct Failure<'a> {
    pub(super) at: usize,
    pub(super) info: &'a str,
    /// End of the last event before the failure.
    pub(super) last_end: usize,
    /// Opening bracket of the innermost flow collection.
    pub(super) open_flow: Option<Span>,
}

/// The one finding that a syntax error gives: the likeliest mistake, or the parser's own words.
pub(super) fn classify(text: &SourceText, failure: &Failure<'_>) -> Finding {
    tab(text, failure)
        .or_else(|| template(text, failure))
        .or_else(|| indicator(text, failure))
        .or_else(|| unclosed(text, failure))
        .or_else(|| colon(text, failure))
        .unwrap_or_else(|| {
            let message = format!("not valid YAML: {}", failure.info);
            Finding::new(Code::InvalidYaml, caret(text, failure.at), message)
        })
}

fn caret(text: &SourceText, at: usize) -> Span {
    let next = text.as_str()[at..].chars().next().filter(|next| *next != '\n');
    Span::new(at, at + next.map_or(0, char::len_utf8))
}

/// GD0101: a tab in the indentation of the failing line, or of the line the failure comes from.
fn tab(text: &SourceText, failure: &Failure<'_>) -> Option<Finding> {
    let first = text.position(failure.last_end).line;
    let last = text.position(failure.at).line;
    // A plain value that goes on over a tab fails where the value starts, not at the tab.
    let last = if failure.info.contains("tab") { last + 1 } else { last };
    let (start, offset) = (first..=last).find_map(|line| {
        let content = text.line(line);
        let indentation = content.len() - content.trim_start().len();
        let offset = content[..indentation].find('\t')?;
        Some((text.line_offset(line), offset))
    })?;
    let span = Span::new(start + offset, start + offset + 1);
    let finding = Finding::new(Code::TabIndentation, span, "tab character used for indentation");
    let (help, width) = match indentation(text.as_str()) {
        Some(width) => (format!("use spaces; this file uses {width} per level"), width),
        None => ("use spaces; 2 per level".to_owned(), 2),
    };
    Some(finding.help(help).edit(span, " ".repeat(width)))
}

/// The spaces of the least indented line that has any.
fn indentation(text: &str) -> Option<usize> {
    let spaces = text.lines().filter(|line| !line.trim().is_empty()).map(|line| {
        let width = line.len() - line.trim_start_matches(' ').len();
        if line[width..].starts_with(['\t', '#']) { 0 } else { width }
    });
    spaces.filter(|width| *width > 0).min()
}

/// GD0104: an unquoted value on the failing line starts with `{{`.
fn template(text: &SourceText, failure: &Failure<'_>) -> Option<Finding> {
    let line = text.position(failure.at).line;
    [line, line.saturating_sub(1)].into_iter().find_map(|line| {
        let content = text.line(line);
        let at = value_start(content)?;
        if !content[at..].starts_with("{{") {
            return None;
        }
        let start = text.line_offset(line) + at;
        Some(unquoted_template(start, start + content[at..].trim_end().len()))
    })
}

/// GD0105: the failing value starts with a character that YAML reserves.
fn indicator(text: &SourceText, failure: &Failure<'_>) -> Option<Finding> {
    let line = text.position(failure.at).line;
    let content = text.line(line);
    let at = value_start(content)?;
    let first = content[at..].chars().next()?;
    if !matches!(first, '@' | '`' | '%' | '*') {
        return None;
    }
    let start = text.line_offset(line) + at;
    let end = start + content[at..].trim_end().len();
    let what = if first == '`' { "a backtick".to_owned() } else { format!("`{first}`") };
    let message = format!("{what} cannot start a plain value");
    let finding = Finding::new(Code::ReservedIndicator, Span::new(start, start + 1), message);
    Some(finding.help("quote it").edit(Span::at(start), "\"").edit(Span::at(end), "\""))
}

/// GD0102: a quote or bracket that is open at the failure.
fn unclosed(text: &SourceText, failure: &Failure<'_>) -> Option<Finding> {
    let info = failure.info;
    let quoted = info.contains("quoted scalar");
    let opening = if quoted {
        let gap = text.as_str().get(failure.last_end..)?;
        failure.last_end + gap.find(['"', '\''])?
    } else {
        let at_end = text.as_str()[failure.at..].trim().is_empty();
        let flow = info.contains("flow") || at_end || failure.at > failure.last_end;
        failure.open_flow.filter(|_| flow)?.start
    };
    let mark = text.as_str()[opening..].chars().next()?;
    let message = format!("this `{mark}` is never closed");
    let finding = Finding::new(Code::Unclosed, Span::new(opening, opening + 1), message);
    let stopped = if quoted { after_quote(text.as_str(), opening, mark) } else { failure.at };
    if stopped > opening + 1 {
        return Some(finding.also(caret(text, stopped), "reading stopped here"));
    }
    Some(finding)
}

/// Behind the next quote of the same kind, where the parser found no YAML; else the end of the text.
fn after_quote(text: &str, opening: usize, mark: char) -> usize {
    let rest = &text[opening + 1..];
    rest.find(mark).map_or_else(|| text.trim_end().len(), |at| opening + 1 + at + 1)
}

/// GD0103: `a: b: c`.
fn colon(text: &SourceText, failure: &Failure<'_>) -> Option<Finding> {
    let line = text.position(failure.at).line;
    let content = text.line(line);
    let value = value_start(content)?;
    let second = value
        + content[value..]
            .find(": ")
            .or_else(|| content[value..].trim_end().strip_suffix(':').map(str::len))?;
    let start = text.line_offset(line);
    let span = Span::new(start + second, start + second + 1);
    let end = start + content.trim_end().len();
    let written = text.slice(Span::new(start + value, end));
    let finding = Finding::new(Code::ColonInPlainValue, span, "a plain value cannot contain `: `");
    let finding = finding.help("quote the value");
    if written.contains(['"', '\\']) {
        return Some(finding);
    }
    Some(finding.edit(Span::at(start + value), "\"").edit(Span::at(end), "\""))
}

/// Where the value of a `key: value` or `- value` line starts, in bytes.
fn value_start(line: &str) -> Option<usize> {
    let indentation = line.len() - line.trim_start().len();
    let content = &line[indentation..];
    let after = match (content.strip_prefix("- "), content.find(": ")) {
        (Some(item), _) => match item.find(": ") {
            Some(colon) => indentation + 2 + colon + 1,
            None => indentation + 2,
        },
        (None, Some(colon)) => indentation + colon + 1,
        (None, None) => return None,
    };
    let value = line[after..].trim_start();
    (!value.is_empty()).then(|| line.len() - value.len())
}
