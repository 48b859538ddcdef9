//! The path of a request: an API version and segments, keys in parentheses included.

use percent_encoding::percent_decode_str;

use super::errors::Refusal;

/// The API version of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiVersion {
    V1,
    Beta,
}

impl ApiVersion {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// A segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A name, or a key where a key is expected.
    Plain(String),
    /// A key in parentheses: `('x')`.
    Key(String),
    /// An alternate key: `(appId='x')`.
    Alternate(String, String),
    /// Several arguments of a function, as they were written: `(a='x',b='y')`.
    Arguments(String),
}

impl Segment {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Plain(text)
            | Self::Key(text)
            | Self::Alternate(_, text)
            | Self::Arguments(text) => text,
        }
    }
}

/// A path below the root of the service.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) version: ApiVersion,
    pub(crate) segments: Vec<Segment>,
    /// The path after the version as it was sent, with its leading slash.
    pub(crate) raw: String,
}

impl Path {
    /// Reads `/v1.0/users/x`.
    pub(crate) fn parse(path: &str) -> Result<Self, Refusal> {
        let rest = path.trim_start_matches('/');
        let (version, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let version = match version.to_ascii_lowercase().as_str() {
            "v1.0" => ApiVersion::V1,
            "beta" => ApiVersion::Beta,
            other => return Err(Refusal::malformed(format!("Invalid version: {other}"))),
        };
        Ok(Self { version, segments: segments(rest)?, raw: format!("/{rest}") })
    }

    /// Reads a path without a version, as the items of a batch have it.
    pub(crate) fn relative(version: ApiVersion, path: &str) -> Result<Self, Refusal> {
        let rest = path.trim_start_matches('/');
        Ok(Self { version, segments: segments(rest)?, raw: format!("/{rest}") })
    }

    /// The segments as text, for matching.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.segments.iter().map(Segment::text).collect()
    }
}

fn segments(rest: &str) -> Result<Vec<Segment>, Refusal> {
    let mut found = Vec::new();
    for raw in rest.trim_end_matches('/').split('/').filter(|_| !rest.is_empty()) {
        let Ok(text) = percent_decode_str(raw).decode_utf8() else {
            return Err(Refusal::malformed(
                "The request URI is not valid: a percent-encoded sequence is not UTF-8.",
            ));
        };
        if text.is_empty() {
            return Err(Refusal::malformed("The request URI is not valid: an empty segment."));
        }
        push_segment(&text, &mut found)?;
    }
    Ok(found)
}

fn push_segment(text: &str, found: &mut Vec<Segment>) -> Result<(), Refusal> {
    let Some((name, inside)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        found.push(Segment::Plain(text.to_owned()));
        return Ok(());
    };
    found.push(Segment::Plain(name.to_owned()));
    if inside.is_empty() {
        return Ok(());
    }
    if let Some(key) = unquote(inside) {
        found.push(Segment::Key(key));
        return Ok(());
    }
    match inside.split_once('=').map(|(name, value)| (name.trim(), unquote(value.trim()))) {
        Some((name, Some(value))) => found.push(Segment::Alternate(name.to_owned(), value)),
        _ if are_arguments(inside) => found.push(Segment::Arguments(inside.to_owned())),
        _ => return Err(Refusal::malformed(format!("The key segment '{text}' is not valid."))),
    }
    Ok(())
}

/// Whether a text is several `name='value'` without quotes or commas inside.
fn are_arguments(text: &str) -> bool {
    text.contains(',')
        && text.split(',').all(|part| {
            let pair = part.split_once('=').map(|(_, value)| unquote(value.trim()));
            matches!(pair, Some(Some(_)))
        })
}

/// The inside of a quoted literal, doubled quotes undone.
fn unquote(text: &str) -> Option<String> {
    let inside = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let single = inside.replace("''", "\u{0}");
    (!single.contains('\'')).then(|| single.replace('\u{0}', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Segment {
        Segment::Plain(text.to_owned())
    }

    #[test]
    fn segments_are_decoded_one_by_one() {
        let path = Path::parse("/v1.0/users/mara%23EXT%23@x.example/memberOf").unwrap();
        assert_eq!(
            path.segments,
            [plain("users"), plain("mara#EXT#@x.example"), plain("memberOf")]
        );
        assert_eq!(path.raw, "/users/mara%23EXT%23@x.example/memberOf");
    }

    #[test]
    fn keys_in_parentheses_are_segments() {
        let path = Path::parse("/beta/users('o''brien@x')/x(appId='a')/delta()").unwrap();
        let alternate = Segment::Alternate("appId".into(), "a".into());
        assert_eq!(
            path.segments,
            [
                plain("users"),
                Segment::Key("o'brien@x".into()),
                plain("x"),
                alternate,
                plain("delta")
            ]
        );
        assert_eq!(path.version, ApiVersion::Beta);
    }

    #[test]
    fn malformed_paths_are_refused() {
        for path in [
            "/",
            "/v2.0/users",
            "/users",
            "/v1.0/users//x",
            "/v1.0/%ff",
            "/v1.0/users('a'b')",
            "/v1.0/users(a=b)",
        ] {
            assert_eq!(Path::parse(path).unwrap_err().status, 400, "{path}");
        }
    }
}
