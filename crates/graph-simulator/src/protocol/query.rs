//! The query string: OData's system options, decoded, and what a link repeats of them.

use percent_encoding::percent_decode_str;

use super::errors::Refusal;

/// The system query options of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) select: Option<Vec<String>>,
    pub(crate) expand: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) order_by: Option<String>,
    pub(crate) search: Option<String>,
    pub(crate) top: Option<u64>,
    /// `$count=true`; counts only with `ConsistencyLevel: eventual`.
    pub(crate) count: bool,
    pub(crate) skip: bool,
    pub(crate) skip_token: Option<String>,
    pub(crate) delta_token: Option<String>,
    /// The options as they stood in the address, tokens left out.
    pub(crate) repeated: String,
}

impl Query {
    /// Reads a query string.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?.to_lowercase();
            if name.starts_with('$') {
                if seen.contains(&name) {
                    return Err(Refusal::malformed(format!(
                        "Query option '{name}' was specified more than once, but it must be specified at most once."
                    )));
                }
                query.set(&name, decode(value)?)?;
            }
            if !matches!(name.as_str(), "$skiptoken" | "$deltatoken") {
                if !query.repeated.is_empty() {
                    query.repeated.push('&');
                }
                query.repeated.push_str(pair);
            }
            seen.push(name);
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), Refusal> {
        match name {
            "$select" => self.select = Some(names(&value)?),
            "$expand" => self.expand = Some(value),
            "$filter" => self.filter = Some(value),
            "$orderby" => self.order_by = Some(value),
            "$search" => self.search = Some(value),
            "$top" => self.top = Some(parse_top(&value)?),
            "$count" => self.count = parse_boolean(&value)?,
            "$skip" => self.skip = true,
            "$skiptoken" => self.skip_token = Some(value),
            "$deltatoken" => self.delta_token = Some(value),
            "$format" | "$levels" => {}
            _ => {
                return Err(Refusal::malformed(format!(
                    "The query parameter '{name}' is not supported."
                )));
            }
        }
        Ok(())
    }
}

fn names(value: &str) -> Result<Vec<String>, Refusal> {
    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return Err(Refusal::malformed(
            "Parsing OData Select and Expand failed: Term '' is not valid in a $select or $expand expression.",
        ));
    }
    Ok(names)
}

fn parse_top(value: &str) -> Result<u64, Refusal> {
    value.parse().map_err(|_| {
        Refusal::malformed(format!(
            "Invalid value '{value}' for $top query option found. The $top query option requires a non-negative integer value."
        ))
    })
}

fn parse_boolean(value: &str) -> Result<bool, Refusal> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refusal::malformed(format!(
            "Invalid value '{value}' for $count query option found. Valid values are 'true' or 'false'."
        ))),
    }
}

/// Decodes a query component: `+` is a space, and the bytes must be UTF-8.
fn decode(text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(Refusal::malformed(
            "The request URI is not valid: a percent-encoded sequence is not UTF-8.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_decoded_and_tokens_are_not_repeated() {
        let query = Query::parse(
            "$select=id,%20displayName&%24top=5&$skiptoken=abc&x=1&$deltaToken=latest",
        )
        .unwrap();
        assert_eq!(query.select, Some(vec!["id".into(), "displayName".into()]));
        assert_eq!(query.top, Some(5));
        assert_eq!(query.skip_token.as_deref(), Some("abc"));
        assert_eq!(query.delta_token.as_deref(), Some("latest"));
        assert_eq!(query.repeated, "$select=id,%20displayName&%24top=5&x=1");
    }

    #[test]
    fn malformed_options_are_refused() {
        for text in [
            "$top=x",
            "$top=-1",
            "$count=yes",
            "$select=a,,b",
            "$nope=1",
            "$top=1&$top=2",
            "$filter=%ff",
        ] {
            assert_eq!(Query::parse(text).unwrap_err().status, 400, "{text}");
        }
    }
}
