//! One page of a collection: an owned buffer, and where its items lie in it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;

use crate::cloud::Cloud;
use crate::error::Error;
use crate::link::{GraphLink, LinkError};

/// A page. Its items are slices of the answer's body: nothing is copied and no tree is built.
#[derive(Clone)]
pub struct Page {
    body: Bytes,
    items: Vec<Range<usize>>,
    next_link: Option<GraphLink>,
    delta_link: Option<GraphLink>,
    count: Option<u64>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    value: Option<Vec<&'a RawValue>>,
    #[serde(borrow, rename = "@odata.nextLink", default)]
    next_link: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "@odata.deltaLink", default)]
    delta_link: Option<Cow<'a, str>>,
    #[serde(rename = "@odata.count", default)]
    count: Option<u64>,
}

impl Page {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// A body that is not a collection, or a link that no token may be sent to.
    pub fn read(body: Bytes, cloud: &Cloud) -> Result<Self, PageError> {
        // Checked as a whole: what serde skips over may not be UTF-8 either (SEC-B20).
        let text = std::str::from_utf8(&body)
            .map_err(|error| PageError::NotJson(serde_json::Error::custom(error)))?;
        let envelope: Envelope<'_> = serde_json::from_str(text).map_err(PageError::NotJson)?;
        // Serde takes an array for a struct, too.
        let object = text.trim_start().starts_with('{');
        let values = envelope.value.filter(|_| object).ok_or(PageError::NotACollection)?;
        let start = body.as_ptr().addr();
        let range = |item: &RawValue| {
            let at = item.get().as_ptr().addr() - start;
            at..at + item.get().len()
        };
        let items = values.into_iter().map(range).collect();
        let link = |text: Option<Cow<'_, str>>| {
            // P6: a blank link is none.
            text.filter(|text| !text.trim().is_empty()).map(|text| cloud.accept(&text)).transpose()
        };
        let (next_link, delta_link) = (link(envelope.next_link)?, link(envelope.delta_link)?);
        if next_link.is_some() && delta_link.is_some() {
            return Err(PageError::BothLinks);
        }
        let count = envelope.count;
        Ok(Self { body, items, next_link, delta_link, count })
    }

    /// A page of another shape than OData's, from a body and where the JSON texts of its items lie in it.
    ///
    /// # Errors
    /// A range that is not a piece of UTF-8 text within the body.
    pub fn from_parts(
        body: Bytes,
        items: Vec<Range<usize>>,
        next_link: Option<GraphLink>,
    ) -> Result<Self, PageError> {
        let text = |range: &Range<usize>| {
            body.get(range.clone()).is_some_and(|item| std::str::from_utf8(item).is_ok())
        };
        if !items.iter().all(text) {
            return Err(PageError::ItemRange);
        }
        Ok(Self { body, items, next_link, delta_link: None, count: None })
    }

    /// Keeps the items that `keep` says.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        let body = self.body.clone();
        let text = |range: &Range<usize>| std::str::from_utf8(&body[range.clone()]);
        self.items.retain(|range| text(range).is_ok_and(&keep));
    }

    /// The items in Graph's order, each as its JSON text.
    pub fn items(&self) -> impl ExactSizeIterator<Item = &str> {
        self.items.iter().map(|range| {
            std::str::from_utf8(&self.body[range.clone()])
                .expect("JSON was checked to be UTF-8 when the page was read")
        })
    }

    /// Where the next page is.
    pub fn next_link(&self) -> Option<&GraphLink> {
        self.next_link.as_ref()
    }

    /// Where the next round begins; only on the last page of a delta walk.
    pub fn delta_link(&self) -> Option<&GraphLink> {
        self.delta_link.as_ref()
    }

    /// `@odata.count`: the size of the whole collection, on the first page and when asked for.
    pub fn count(&self) -> Option<u64> {
        self.count
    }

    /// The whole body as it came.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for Page {
    /// How much there is, never what: items are people's data, links hold cursors.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("items", &self.items.len())
            .field("body_bytes", &self.body.len())
            .field("next_link", &self.next_link)
            .field("delta_link", &self.delta_link)
            .field("count", &self.count)
            .finish()
    }
}

/// An answer that is no page, or one that cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// Not JSON: truncated, HTML, or invalid UTF-8 (P29).
    #[error("read the answer as JSON")]
    NotJson(#[source] serde_json::Error),
    /// JSON without an array `value` (P11).
    #[error("find the items: the answer has no `value`, so it is not a page of a collection")]
    NotACollection,
    /// A page that is both in the middle and at the end.
    #[error("follow the page: it has a nextLink and a deltaLink at once")]
    BothLinks,
    /// A page of a delta walk that is neither in the middle nor at the end.
    #[error("find the next page: the answer has neither nextLink nor deltaLink")]
    NoLink,
    /// A link to another place than the configured Graph root.
    #[error("follow the page's link")]
    Link(#[from] LinkError),
    /// Where an item lies, by the caller's own reading, is not in the body.
    #[error("find an item in the page: its range is not text within the body")]
    ItemRange,
    /// Graph has forgotten the token of the walk, or asks for a new round (P26).
    #[error("go on after page {pages}: Graph no longer knows the place")]
    Expired {
        /// How many pages were read.
        pages: u64,
        /// Where to begin again. `None` where the walk itself began at a token: the original query is
        /// known to the caller alone.
        restart: Option<Box<GraphLink>>,
        /// Graph's refusal.
        source: Box<Error>,
    },
    /// A link that was followed before.
    #[error("reach the last page: page {pages} links back to a page that was read before")]
    Loop {
        /// How many pages were read.
        pages: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::CloudName;

    fn read(body: &str) -> Result<Page, PageError> {
        Page::read(
            Bytes::copy_from_slice(body.as_bytes()),
            &Cloud::named(CloudName::Global).unwrap(),
        )
    }

    #[test]
    fn items_are_slices_of_the_body() {
        let page = read(r#"{"@odata.count":7,"value":[ {"id":"a"} ,{"id":"é"}]}"#).unwrap();
        assert_eq!(page.items().collect::<Vec<_>>(), [r#"{"id":"a"}"#, r#"{"id":"é"}"#]);
        assert_eq!((page.count(), page.next_link()), (Some(7), None));
    }

    /// P4, P6
    #[test]
    fn an_empty_page_keeps_its_link_and_a_blank_link_is_none() {
        let page = read(r#"{"value":[],"@odata.nextLink":"https:\/\/graph.microsoft.com\/v1.0\/users?$skiptoken=x"}"#).unwrap();
        assert_eq!(page.next_link().unwrap().path_and_query(), "/v1.0/users?$skiptoken=x");
        assert!(read(r#"{"value":[],"@odata.nextLink":" "}"#).unwrap().next_link().is_none());
    }

    /// P9, P11, P29
    #[test]
    fn what_is_not_a_whole_page_is_refused() {
        assert!(matches!(read(r#"{"value":[{"id":"a"}"#), Err(PageError::NotJson(_))));
        assert!(matches!(read("<html></html>"), Err(PageError::NotJson(_))));
        assert!(matches!(read(""), Err(PageError::NotJson(_))));
        assert!(matches!(read(r#"{"id":"a"}"#), Err(PageError::NotACollection)));
        assert!(matches!(read(r#"[[{"id":"a"}]]"#), Err(PageError::NotACollection)));
        assert!(matches!(read(r#"{"value":null}"#), Err(PageError::NotACollection)));
        assert!(matches!(
            read(r#"{"value":[],"@odata.nextLink":"https://evil.example/v1.0/x"}"#),
            Err(PageError::Link(_))
        ));
        for begin in ["{\"value\":[\"", "{\"@odata.context\":\""] {
            let body = [begin.as_bytes(), &[0xff], b"\",\"value\":[]}"].concat();
            let read = Page::read(body.into(), &Cloud::named(CloudName::Global).unwrap());
            assert!(matches!(read, Err(PageError::NotJson(_))), "{begin}");
        }
    }
}
