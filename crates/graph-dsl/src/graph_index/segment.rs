//! The segments of a path as written: names, keys, calls, `$ref`.

use std::ops::Range;

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathSegment {
    /// As written.
    pub text: String,
    /// Its bytes in the path.
    pub range: Range<usize>,
    /// What it looks like.
    pub kind: SegmentKind,
}

/// What a segment looks like; what it is depends on what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// A placeholder: `{id}`, `{{ params.id }}`, or text around one.
    Placeholder,
    /// `$ref`, `$count`, `$value`, `$batch`.
    System,
    /// `name`, `microsoft.graph.user`, or a literal key.
    Name,
    /// `name(a=…,b=…)`: a function with parameters, or an alternate key.
    Call {
        /// The name before the parenthesis.
        name: String,
        /// Names of the parameters as written.
        parameters: Vec<String>,
    },
    /// `name('…')`: the object with this key.
    Keyed {
        /// The name before the parenthesis.
        name: String,
    },
}

impl PathSegment {
    /// The segments of a path; a slash inside quotes or braces does not separate.
    pub fn split(path: &str) -> Vec<Self> {
        let mut segments = Vec::new();
        let (mut start, mut depth, mut quoted) = (0, 0usize, false);
        for (at, each) in path.char_indices() {
            match each {
                '\'' if depth == 0 => quoted = !quoted,
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                '/' if depth == 0 && !quoted => {
                    segments.extend(Self::at(path, start..at));
                    start = at + 1;
                }
                _ => {}
            }
        }
        segments.extend(Self::at(path, start..path.len()));
        segments
    }

    fn at(path: &str, range: Range<usize>) -> Option<Self> {
        let text = path.get(range.clone()).filter(|text| !text.is_empty())?;
        Some(Self { text: text.to_owned(), kind: SegmentKind::of(text), range })
    }

    /// The name that the segment is looked up by.
    pub fn name(&self) -> &str {
        match &self.kind {
            SegmentKind::Call { name, .. } | SegmentKind::Keyed { name } => name,
            _ => &self.text,
        }
    }
}

impl SegmentKind {
    fn of(text: &str) -> Self {
        if text.starts_with('$') {
            return Self::System;
        }
        let open = text.find('(').filter(|_| text.ends_with(')'));
        let Some(open) = open.filter(|open| *open > 0 && !text[..*open].contains('{')) else {
            return if text.contains('{') { Self::Placeholder } else { Self::Name };
        };
        let (name, inside) = (text[..open].to_owned(), &text[open + 1..text.len() - 1]);
        let parts = arguments(inside);
        if parts.len() == 1 && !parts[0].contains('=') {
            return Self::Keyed { name };
        }
        let parameter = |part: &&str| part.split('=').next().unwrap_or_default().trim().to_owned();
        Self::Call { name, parameters: parts.iter().map(parameter).collect() }
    }
}

/// Splits at commas outside of quotes and braces.
fn arguments(inside: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0usize, false);
    for (at, each) in inside.char_indices() {
        match each {
            '\'' if depth == 0 => quoted = !quoted,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 && !quoted => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    parts.into_iter().filter(|part| !part.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_split_outside_of_quotes_and_braces() {
        let path = "/groups(uniqueName='a/{n}')/members/{{ params.a }}/$ref";
        let kinds: Vec<SegmentKind> =
            PathSegment::split(path).into_iter().map(|each| each.kind).collect();
        let [SegmentKind::Call { name, parameters }, rest @ ..] = kinds.as_slice() else {
            unreachable!("{kinds:?}")
        };
        assert_eq!(
            (name.as_str(), parameters.as_slice()),
            ("groups", &["uniqueName".to_owned()][..])
        );
        assert_eq!(rest, [SegmentKind::Name, SegmentKind::Placeholder, SegmentKind::System]);
        let keyed = PathSegment::split("/users('{id}')/f()");
        assert!(matches!(keyed[0].kind, SegmentKind::Keyed { .. }));
        assert!(
            matches!(&keyed[1].kind, SegmentKind::Call { parameters, .. } if parameters.is_empty())
        );
    }
}
