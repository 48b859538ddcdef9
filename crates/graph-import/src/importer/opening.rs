//! The first request of a run, made before the store is touched.

use std::sync::Arc;

use graph_transport::{GraphLink, Page};

use super::fault::Fault;
use super::tally::Tally;
use super::walk::Walk;

/// The first answer, the link that it came from, the walk that it begins and what it cost. The
/// stream that asks for the same link takes it, so that proving that Graph can be reached costs no
/// request of its own.
#[derive(Default)]
pub(super) struct Opening {
    answer: Option<(GraphLink, Opened)>,
    spent: Spent,
}

/// What a first answer has cost and taught.
#[derive(Clone, Default)]
pub(super) struct Spent {
    pub(super) tally: Arc<Tally>,
    /// Items that are asked for on a page, where the plan's were too many; else 0.
    pub(super) page_size: u16,
}

/// A page, and the walk that goes on after it.
pub(super) type Opened = (Result<Option<Page>, Fault>, Walk);

impl Opening {
    /// Nothing was asked.
    pub(super) fn none() -> Self {
        Self::default()
    }

    pub(super) fn new(link: GraphLink, answer: Opened, spent: Spent) -> Self {
        Self { answer: Some((link, answer)), spent }
    }

    /// The answer, if it is the one to this link.
    pub(super) fn take(&mut self, link: &GraphLink) -> Option<Opened> {
        self.answer.take_if(|(asked, _)| asked == link).map(|(_, answer)| answer)
    }

    /// What it cost, for the stream to go on counting.
    pub(super) fn take_spent(&mut self) -> Spent {
        std::mem::take(&mut self.spent)
    }
}
