//! `$orderby`.

use std::cmp::Ordering;

use serde_json::Value;

use super::errors::Refusal;
use crate::directory::Object;
use crate::tenant::{Kind, property};

/// An order of a list: one property, up or down.
#[derive(Debug)]
pub(crate) struct Order {
    name: String,
    descending: bool,
}

impl Order {
    /// Reads an `$orderby` (facts: graph-protocol 6 for what can be sorted).
    pub(crate) fn parse(text: &str, kinds: &[Kind], advanced: bool) -> Result<Self, Refusal> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default().to_owned();
        let descending = match words.next() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => {
                return Err(Refusal::malformed(format!(
                    "Syntax error at position {} in '{text}': '{other}'.",
                    text.len()
                )));
            }
        };
        let known = kinds.iter().any(|kind| property(*kind, &name).is_some());
        if !known {
            return Err(Refusal::malformed(format!(
                "Could not find a property named '{name}' in $orderby."
            )));
        }
        let default = matches!(
            (kinds, name.as_str()),
            ([Kind::User], "displayName" | "userPrincipalName") | ([Kind::Group], "displayName")
        );
        let sortable = matches!(
            name.as_str(),
            "displayName"
                | "createdDateTime"
                | "deletedDateTime"
                | "userPrincipalName"
                | "approximateLastSignInDateTime"
        );
        if default || (sortable && advanced) {
            return Ok(Self { name, descending });
        }
        Err(Refusal::unsupported("Sorting not supported for current query."))
    }

    /// Sorts objects; equal ones keep their order, null comes first.
    pub(crate) fn sort(&self, objects: &mut [Object<'_>]) {
        objects.sort_by_cached_key(|object| Sorted {
            key: sort_key(object, &self.name),
            descending: self.descending,
        });
    }
}

fn sort_key(object: &Object<'_>, name: &str) -> Option<String> {
    match object.value_of(name) {
        Value::String(text) => Some(text.to_lowercase()),
        _ => None,
    }
}

#[derive(PartialEq, Eq)]
struct Sorted {
    key: Option<String>,
    descending: bool,
}

impl Ord for Sorted {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.key.cmp(&other.key);
        if self.descending { order.reverse() } else { order }
    }
}

impl PartialOrd for Sorted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
