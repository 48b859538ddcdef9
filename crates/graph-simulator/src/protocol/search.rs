//! `$search`: tokens in names and descriptions, prefixes elsewhere (facts: graph-protocol 6).

use super::errors::Refusal;
use crate::directory::Object;

/// A search: any of several conjunctions of clauses.
#[derive(Debug)]
pub(crate) struct Search(Vec<Vec<Clause>>);

#[derive(Debug)]
struct Clause {
    property: String,
    value: String,
}

impl Search {
    /// Reads `"displayName:crew" AND "description:dock"`.
    pub(crate) fn parse(text: &str, eventual: bool) -> Result<Self, Refusal> {
        if !eventual {
            return Err(Refusal::unsupported(
                "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
            ));
        }
        let mut any = vec![Vec::new()];
        let mut rest = text.trim();
        loop {
            let (clause, after) = clause(rest).ok_or_else(|| invalid(text))?;
            if let Some(all) = any.last_mut() {
                all.push(clause);
            }
            rest = after.trim_start();
            if rest.is_empty() {
                return Ok(Self(any));
            }
            rest = match (rest.strip_prefix("AND "), rest.strip_prefix("OR ")) {
                (Some(after), _) => after,
                (_, Some(after)) => {
                    any.push(Vec::new());
                    after
                }
                _ => return Err(invalid(text)),
            }
            .trim_start();
        }
    }

    /// Whether an object is found.
    pub(crate) fn matches(&self, object: &Object<'_>) -> bool {
        self.0.iter().any(|all| all.iter().all(|clause| clause.matches(object)))
    }
}

fn invalid(text: &str) -> Refusal {
    Refusal::bad_request(format!(
        "Syntax error: '{text}' is not a valid $search clause; use \"property:value\"."
    ))
}

fn clause(text: &str) -> Option<(Clause, &str)> {
    let (inside, after) = text.strip_prefix('"')?.split_once('"')?;
    let (property, value) = inside.split_once(':')?;
    let clause =
        Clause { property: property.trim().to_owned(), value: value.trim().to_lowercase() };
    (!clause.property.is_empty() && !clause.value.is_empty()).then_some((clause, after))
}

impl Clause {
    fn matches(&self, object: &Object<'_>) -> bool {
        let value = object.value_of(&self.property);
        let Some(value) = value.as_str().map(str::to_lowercase) else { return false };
        if !matches!(self.property.as_str(), "displayName" | "description") {
            return value.starts_with(&self.value);
        }
        let tokens: Vec<&str> =
            value.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).collect();
        let wanted =
            self.value.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty());
        wanted.into_iter().all(|wanted| tokens.iter().any(|token| token.starts_with(wanted)))
    }
}
