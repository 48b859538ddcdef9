//! The items of a walk, one by one.

use std::ops::ControlFlow;

use super::{Pages, Proof};
use crate::error::Error;
use crate::link::GraphLink;
use crate::page::Page;

/// [`Pages`] item by item. It can stop anywhere and go on with the next item.
#[derive(Debug)]
pub struct Items {
    pages: Pages,
    /// The page at hand, where it came from, and how many of its items were taken.
    at: Option<(Page, GraphLink, usize)>,
    /// Items of the next page that were taken before.
    skip: usize,
}

/// Where a walk over items stands: between two items of a page.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Position {
    /// The page.
    pub link: GraphLink,
    /// How many of its items were taken.
    pub taken: usize,
}

impl Items {
    pub(super) fn of(pages: Pages) -> Self {
        Self { pages, at: None, skip: 0 }
    }

    /// Leaves out the first items: those of [`Position::taken`], when the walk begins at [`Position::link`].
    #[must_use]
    pub fn skip(mut self, items: usize) -> Self {
        self.skip = items;
        self
    }

    /// Hands each item's JSON text to `visit`, in Graph's order, until it breaks (P2, P22) or the walk
    /// ends. `None` means that it broke: call again to go on with the next item (P3).
    ///
    /// # Errors
    /// As for [`Pages::next`].
    pub async fn for_each(
        &mut self,
        mut visit: impl FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Option<Proof>, Error> {
        loop {
            if let Some((page, _, taken)) = &mut self.at {
                for item in page.items().skip(*taken) {
                    *taken += 1;
                    if visit(item).is_break() {
                        return Ok(None);
                    }
                }
                self.at = None;
            }
            let link = self.pages.position().cloned();
            match (self.pages.next().await, link) {
                (Some(page), Some(link)) => {
                    let page = page?;
                    let taken = std::mem::take(&mut self.skip).min(page.items().len());
                    self.at = Some((page, link, taken));
                }
                _ => return Ok(self.pages.proof()),
            }
        }
    }

    /// Where the walk stands; `None` at its end.
    pub fn position(&self) -> Option<Position> {
        match &self.at {
            Some((_, link, taken)) => Some(Position { link: link.clone(), taken: *taken }),
            None => Some(Position { link: self.pages.position()?.clone(), taken: self.skip }),
        }
    }
}
