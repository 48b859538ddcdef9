//! What to do when Graph has forgotten a page token: one way back, then a restart.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use http::header::LOCATION;

use crate::cloud::Cloud;
use crate::disposition::Disposition;
use crate::error::Error;
use crate::link::GraphLink;
use crate::page::Page;

/// Keeps the newest link that came with a first attempt.
///
/// A page that was fetched by a repeated request hands out a token that can fail later; the
/// documented remedy is the last token from an answer without a repeat (facts: graph-protocol 4.4).
#[derive(Debug)]
pub(super) struct Recovery {
    clean: GraphLink,
    /// The items of the pages behind `clean`, by their text, to recognise them when they come again.
    since: HashSet<u64>,
    /// How many pages those were.
    pages: u32,
    /// How many of the pages to come may repeat what `since` holds.
    repeating: u32,
    /// The way back was taken and led nowhere yet.
    tried: bool,
}

impl Recovery {
    pub(super) fn beginning_at(first: &GraphLink) -> Self {
        let (since, clean) = (HashSet::new(), first.clone());
        Self { clean, since, pages: 0, repeating: 0, tried: false }
    }

    /// A page was read from `here`.
    pub(super) fn read(&mut self, here: &GraphLink, page: &Page, clean: bool) {
        if self.repeating > 0 {
            self.repeating -= 1;
            return;
        }
        if clean {
            self.clean = page.next_link().unwrap_or(here).clone();
            self.since.clear();
            (self.pages, self.tried) = (0, false);
        } else {
            self.since.extend(page.items().map(fingerprint));
            self.pages += 1;
        }
    }

    /// The link to ask instead of `refused`; at most once.
    pub(super) fn way_back(&mut self, refused: &GraphLink) -> Option<GraphLink> {
        if self.tried || self.clean == *refused {
            return None;
        }
        (self.tried, self.repeating) = (true, self.pages);
        Some(self.clean.clone())
    }

    /// Takes out what was delivered before the way back was taken.
    pub(super) fn drop_repeated(&self, page: &mut Page) {
        if self.repeating > 0 {
            page.retain(|item| !self.since.contains(&fingerprint(item)));
        }
    }
}

fn fingerprint(item: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    item.hash(&mut hasher);
    hasher.finish()
}

/// Whether the link's token is what was refused: a link that Graph made itself is never invalid
/// for another reason.
pub(super) fn is_expired(error: &Error, link: &GraphLink) -> bool {
    match error.disposition() {
        Disposition::Gone => true,
        Disposition::Invalid | Disposition::NotFound => has_token(link),
        _ => false,
    }
}

/// Where a new round begins (P26): at the `Location` of the refusal, or where this one began.
///
/// A `Location` that leads elsewhere is not followed, and one that carries a token would skip what
/// came before it: Graph names a link without a token value there (facts: graph-protocol 5.7).
pub(super) fn restart(error: &Error, first: &GraphLink, cloud: &Cloud) -> Option<GraphLink> {
    let location = match error {
        Error::Refused { record, .. } => record.headers.get(LOCATION),
        _ => None,
    };
    let location = location
        .and_then(|value| cloud.accept(value.to_str().ok()?).ok())
        .filter(|link| link.version() == first.version() && !has_token(link));
    location.or_else(|| Some(first.clone()).filter(|first| !has_token(first)))
}

/// Whether the link carries one of Graph's tokens rather than a query.
fn has_token(link: &GraphLink) -> bool {
    let query = link.path_and_query().split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|option| {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let name = name.replace("%24", "$").to_ascii_lowercase();
        ["$skiptoken", "$deltatoken"].contains(&name.as_str()) && !value.is_empty()
    })
}
