//! Query options: `$select`, `$orderby`, `$expand`, `$filter` name properties; `$top` has a limit.

use super::property::Site;
use super::{Checker, Target, Written, filter};
use crate::definition::{CommandSource, Reading};
use crate::diagnostic::{Code, Finding};
use crate::graph_index::Role;
use crate::plan::{Advanced, is_advanced};
use crate::source::{Node, NodeKind, Scalar, Span};

/// A stretch of an option's text, with where it is.
struct QueryText<'q> {
    name: String,
    text: &'q str,
    /// Where `text` starts within `scalar`.
    offset: usize,
    node: &'q Node,
    scalar: &'q Scalar,
}

impl QueryText<'_> {
    fn span(&self, start: usize, end: usize, reading: &Reading<'_>) -> Span {
        let (start, end) = (self.offset + start, self.offset + end);
        self.scalar.locate(self.node.span, reading.text, start, end)
    }
}

impl Checker<'_> {
    /// Checks the options of a command, in `query` and behind the `?` of its endpoint.
    pub(super) fn query(
        &self,
        command: &CommandSource<'_>,
        written: &Written<'_>,
        target: &Target,
        path: usize,
        reading: &mut Reading<'_>,
    ) {
        let mapping = command.query.and_then(|entry| entry.value.mapping());
        for entry in mapping.into_iter().flat_map(|mapping| &mapping.entries) {
            let items = match &entry.value.kind {
                NodeKind::List(items) => items.as_slice(),
                _ => std::slice::from_ref(&entry.value),
            };
            for node in items {
                let Some(scalar) = node.scalar() else { continue };
                let name = entry.key.value.to_ascii_lowercase();
                self.option(
                    &QueryText { name, text: &scalar.text, offset: 0, node, scalar },
                    target,
                    command.advanced,
                    reading,
                );
            }
        }
        let Some(query) = written.scalar.text.get(path + 1..) else { return };
        let mut at = path + 1;
        for pair in query.split('&') {
            if let Some((name, text)) =
                pair.split_once('=').filter(|(_, text)| !text.contains(['%', '+']))
            {
                let offset = at + name.len() + 1;
                let name = name.to_ascii_lowercase();
                let option =
                    QueryText { name, text, offset, node: written.node, scalar: written.scalar };
                self.option(&option, target, command.advanced, reading);
            }
            at += pair.len() + 1;
        }
    }

    /// The `filter` of a stream.
    pub(super) fn stream_filter(&self, node: &Node, target: &Target, reading: &mut Reading<'_>) {
        let Some(scalar) = node.scalar() else { return };
        let (name, text) = ("$filter".to_owned(), scalar.text.as_str());
        let option = QueryText { name, text, offset: 0, node, scalar };
        self.option(&option, target, Advanced::Auto, reading);
    }

    fn option(
        &self,
        option: &QueryText<'_>,
        target: &Target,
        advanced: Advanced,
        reading: &mut Reading<'_>,
    ) {
        if advanced == Advanced::Never {
            reading.report.extend(advanced_feature(option, target, reading));
        }
        if option.name == "$search" {
            reading.report.extend(unquoted_search(option, target, reading));
        }
        let Some(of) = target.place.of else { return };
        let position = of.position();
        if !self.index.is_structured(position) {
            return;
        }
        match option.name.as_str() {
            "$select" => self.names(option, 0, option.text, position, target, reading),
            "$orderby" => self.orders(option, position, target, reading),
            "$expand" => self.expand(option, 0, option.text, position, target, reading),
            "$filter" => self.filter(option, position, target, reading),
            "$top" => self.top(option, target, reading),
            _ => {}
        }
    }

    /// GD0420 for a list of names.
    fn names(
        &self,
        option: &QueryText<'_>,
        offset: usize,
        text: &str,
        position: usize,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        for (at, name) in split(text, ',') {
            if name == "*" || !is_name(name) {
                continue;
            }
            // `employeeOrgData/division`: what is selected is the property.
            let name = name.split('/').next().unwrap_or(name);
            let start = offset + at;
            let span = option.span(start, start + name.len(), reading);
            self.property(position, name, span, Site::Query, target, reading);
        }
    }

    fn orders(
        &self,
        option: &QueryText<'_>,
        position: usize,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        for (at, item) in split(option.text, ',') {
            let path = item.split_whitespace().next().unwrap_or_default();
            if is_name(path) {
                self.path(option, at, path, position, target, reading);
            }
        }
    }

    /// `a/b/c`: each name a property of what the one before it is.
    fn path(
        &self,
        option: &QueryText<'_>,
        offset: usize,
        path: &str,
        position: usize,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        let (mut position, mut at) = (position, offset);
        for name in path.split('/') {
            if name.starts_with('$') || name.contains('.') || !self.index.is_structured(position) {
                return;
            }
            let span = option.span(at, at + name.len(), reading);
            let found = self.property(position, name, span, Site::Query, target, reading);
            let Some(member) = found else { return };
            position = member.of.position();
            at += name.len() + 1;
        }
    }

    /// `manager($select=id),members`
    fn expand(
        &self,
        option: &QueryText<'_>,
        offset: usize,
        text: &str,
        position: usize,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        for (at, item) in split(text, ',') {
            let open = item.find('(');
            let name = item[..open.unwrap_or(item.len())].trim_end();
            let name = name.split('/').next().unwrap_or(name);
            if name == "*" || !is_name(name) {
                continue;
            }
            let start = offset + at;
            let span = option.span(start, start + name.len(), reading);
            let found = self.property(position, name, span, Site::Query, target, reading);
            let Some(member) = found else { continue };
            if member.role == Role::Property {
                let message =
                    format!("`{name}` is a property: only navigation properties are expanded");
                let finding = Finding::new(Code::UnknownProperty, span, message);
                reading.report.add(finding.help("name it in `$select`"));
                continue;
            }
            let inner =
                open.and_then(|open| Some((open + 1, item.get(open + 1..)?.strip_suffix(')')?)));
            for (inner_at, nested) in inner.into_iter().flat_map(|(open, inner)| {
                split(inner, ';').into_iter().map(move |(at, it)| (open + at, it))
            }) {
                let Some((nested_name, value)) = nested.split_once('=') else { continue };
                let value_at = start + inner_at + nested_name.len() + 1;
                match nested_name.to_ascii_lowercase().as_str() {
                    "$select" => {
                        self.names(option, value_at, value, member.of.position(), target, reading);
                    }
                    "$expand" => {
                        self.expand(option, value_at, value, member.of.position(), target, reading);
                    }
                    _ => {}
                }
            }
        }
    }

    fn filter(
        &self,
        option: &QueryText<'_>,
        position: usize,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        match filter::names(option.text) {
            Ok(names) => {
                for name in names {
                    let within = name
                        .within
                        .as_deref()
                        .map_or(Some(position), |path| self.item_of(path, position, target));
                    if let Some(position) = within {
                        self.path(option, name.start, &name.path, position, target, reading);
                    }
                }
            }
            Err(problem) => {
                let end = problem.end.min(option.text.len());
                let span = option.span(problem.start.min(end), end, reading);
                reading.report.add(Finding::new(Code::InvalidFilter, span, problem.message));
            }
        }
    }

    /// The type of a collection's items, by its path.
    fn item_of(&self, path: &str, position: usize, target: &Target) -> Option<usize> {
        path.split('/').try_fold(position, |position, name| {
            let (_, member) = self.index.property(position, name, target.cloud)?;
            Some(member.of.position()).filter(|it| self.index.is_structured(*it))
        })
    }

    /// GD0424.
    fn top(&self, option: &QueryText<'_>, target: &Target, reading: &mut Reading<'_>) {
        let root = self.index.text(target.place.root.name);
        let limits = &self.index.data().overlay.page_sizes;
        let most = limits.iter().find(|(name, _)| *name == root).map(|(_, most)| *most);
        let (Some(most), Ok(wanted)) = (most, option.text.trim().parse::<u64>()) else { return };
        if wanted > u64::from(most) {
            let path = format!("/{root}");
            let message = format!("`{path}` allows at most {most} per page");
            let span = option.span(0, option.text.len(), reading);
            let finding = Finding::new(Code::PageTooLarge, span, message);
            reading.report.add(finding.help(format!("write `{most}`: further pages are followed")));
        }
    }
}

/// GD0423.
fn advanced_feature(
    option: &QueryText<'_>,
    target: &Target,
    reading: &Reading<'_>,
) -> Option<Finding> {
    if !is_advanced(&target.place.path, &option.name, option.text) {
        return None;
    }
    let span = option.span(0, option.text.len(), reading);
    let message = format!("this `{}` needs `ConsistencyLevel: eventual`", option.name);
    let finding = Finding::new(Code::AdvancedNeeded, span, message);
    Some(finding.help("remove `advanced: never`"))
}

/// GD0423: directory objects are searched by `"property:words"`, quotes included.
fn unquoted_search(
    option: &QueryText<'_>,
    target: &Target,
    reading: &Reading<'_>,
) -> Option<Finding> {
    let text = option.text.trim();
    // An expression may bring its own quotes; other services search by plain words.
    let quoted = text.starts_with('"') || text.contains("{{") || !text.contains(':');
    if quoted || !is_advanced(&target.place.path, "$search", "\"x\"") {
        return None;
    }
    let span = option.span(0, option.text.len(), reading);
    let finding = Finding::new(Code::AdvancedNeeded, span, "`$search` has no quotes");
    Some(finding.help(format!("write `'\"{text}\"'`: the quotes are part of the search")))
}

/// Pieces between separators outside of parentheses, quotes and braces, trimmed, with their places.
fn split(text: &str, separator: char) -> Vec<(usize, &str)> {
    let (mut pieces, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0usize, false);
    let mut push = |start: usize, end: usize| {
        let piece = &text[start..end];
        let trimmed = piece.trim_start();
        pieces.push((start + piece.len() - trimmed.len(), trimmed.trim_end()));
    };
    for (at, each) in text.char_indices() {
        match each {
            '\'' => quoted = !quoted,
            '(' | '{' if !quoted => depth += 1,
            ')' | '}' if !quoted => depth = depth.saturating_sub(1),
            _ if each == separator && depth == 0 && !quoted => {
                push(start, at);
                start = at + 1;
            }
            _ => {}
        }
    }
    push(start, text.len());
    pieces.retain(|(_, piece)| !piece.is_empty());
    pieces
}

/// A name or a path of names; an expression is known only when it is bound.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|each| each.is_alphanumeric() || matches!(each, '_' | '/' | '.' | '$'))
}
