//! The parts of a scan: by what the values of a text property begin with.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use graph_transport::Page;

use crate::Item;
use crate::item::text;
use crate::store::Partition;

/// With what names begin and go on: what a user principal name may hold (Microsoft Entra:
/// userPrincipalName), in lower case, because `startsWith` does not tell cases apart (cases: C8).
/// What begins otherwise is found by the residual scan (cases: C7).
const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz0123456789.-_'!#^~@ ";

/// The whole collection in one part.
pub(super) fn whole() -> Vec<Partition> {
    vec![Partition::new(0, "")]
}

/// The first parts of a collection that is too large for one: a letter of the alphabet each, and each
/// other letter that a page of it has shown, `é` or `購`. Without those every name that begins with
/// them would wait for the residual scan, which reads the whole collection page after page.
pub(super) fn first(property: &str, sample: Option<&Page>) -> Vec<Partition> {
    // A blank or an `@` begins nothing.
    let mut letters: BTreeSet<char> =
        ALPHABET.chars().filter(|letter| !" @".contains(*letter)).collect();
    letters.extend(sample.iter().flat_map(|page| letters_at(0, property, page)));
    (0..).zip(letters).map(|(place, letter)| Partition::new(place, &letter.to_string())).collect()
}

/// The parts of a part: one for each letter of the alphabet, and one for each other that the page
/// has at that place.
pub(super) fn children(prefix: &str, property: &str, page: &Page) -> Vec<String> {
    let mut letters: BTreeSet<char> = ALPHABET.chars().collect();
    letters.extend(letters_at(prefix.chars().count(), property, page));
    letters.into_iter().map(|letter| format!("{prefix}{letter}")).collect()
}

/// The letters that the values of a page have at a place.
fn letters_at(place: usize, property: &str, page: &Page) -> BTreeSet<char> {
    let letter = |json| {
        let item = Item::read(json).ok()?;
        let letter = value(&item, property)?.chars().nth(place)?;
        let begins = place > 0 || !letter.is_whitespace();
        (begins && !letter.is_control()).then_some(letter)
    };
    page.items().filter_map(letter).collect()
}

/// What the rows of a partition must begin with, and how many did not (cases: C10). Clones count
/// together.
#[derive(Clone, Debug)]
pub(super) struct Predicate(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    /// The property, and what its values begin with in lower case; `None` where everything fits.
    wanted: Option<(String, String)>,
    rows: AtomicU64,
    strays: AtomicU64,
}

impl Predicate {
    pub(super) fn new(property: Option<&str>, prefix: &str) -> Self {
        let wanted = property
            .filter(|_| !prefix.is_empty())
            .map(|property| (property.to_owned(), prefix.to_lowercase()));
        Self(Arc::new(Counted { wanted, rows: AtomicU64::new(0), strays: AtomicU64::new(0) }))
    }

    /// Counts these rows.
    pub(super) fn check(&self, items: &[Item<'_>]) {
        let Some((property, prefix)) = &self.0.wanted else { return };
        let strays = items
            .iter()
            .filter(|item| !value(item, property).is_some_and(|value| value.starts_with(prefix)));
        self.0.strays.fetch_add(strays.count() as u64, Ordering::Relaxed);
        self.0.rows.fetch_add(items.len() as u64, Ordering::Relaxed);
    }

    /// Whether Graph does not seem to have looked at the filter: more than one row in a hundred
    /// should not be there.
    pub(super) fn is_ignored(&self) -> bool {
        self.0.strays.load(Ordering::Relaxed) * 100 > self.0.rows.load(Ordering::Relaxed)
    }
}

/// The value of a text property in lower case.
fn value(item: &Item<'_>, property: &str) -> Option<String> {
    let (_, value) = item.properties.iter().find(|(name, _)| name == property)?;
    text(value).map(|value| value.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0b1f0000-0000-4000-8000-000000000001";

    fn user(name: &str) -> String {
        format!(r#"{{"id":"{ID}","userPrincipalName":"{name}"}}"#)
    }

    /// C8, C10
    #[test]
    fn rows_are_checked_against_their_partition_whatever_their_case() {
        let names = |count: usize, stray: usize| {
            let predicate = Predicate::new(Some("userPrincipalName"), "aD");
            let rows: Vec<String> =
                (0..count).map(|n| user(if n < stray { "bo@x" } else { "ADa@x" })).collect();
            let items: Vec<_> = rows.iter().map(|row| Item::read(row).unwrap()).collect();
            predicate.check(&items);
            predicate.is_ignored()
        };
        assert!(!names(100, 0));
        assert!(!names(100, 1));
        assert!(names(100, 2));
        assert!(!names(0, 0));
    }

    /// C7: a key that the alphabet does not know is asked for once it was seen.
    #[test]
    fn children_hold_every_letter_that_was_seen() {
        let body = format!(r#"{{"value":[{},{}]}}"#, user("aéx"), user("A"));
        let cloud = graph_transport::Cloud::named(graph_transport::CloudName::Global).unwrap();
        let page = Page::read(body.into(), &cloud).unwrap();
        let children = children("a", "userPrincipalName", &page);
        for expected in ["aa", "a9", "a@", "aé", "a "] {
            assert!(children.iter().any(|child| child == expected), "{expected}");
        }
        let sample = first("userPrincipalName", None);
        assert!(sample.iter().all(|part| part.prefix.len() == 1));
        let body = format!(r#"{{"value":[{},{},{}]}}"#, user("Équipe"), user("購買部"), user(" x"));
        let page = Page::read(body.into(), &cloud).unwrap();
        let parts = first("userPrincipalName", Some(&page));
        let new: Vec<&str> = parts[sample.len()..].iter().map(|part| &*part.prefix).collect();
        assert_eq!(new, ["é", "購"], "in lower case, as they are compared");
    }
}
