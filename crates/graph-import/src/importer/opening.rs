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
    tally: Arc<Tally>,
}

/// A page, and the walk that goes on after it.
pub(super) type Opened = (Result<Option<Page>, Fault>, Walk);

impl Opening {
    /// Nothing was asked.
    pub(super) fn none() -> Self {
        Self::default()
    }

    pub(super) fn new(link: GraphLink, answer: Opened, tally: Arc<Tally>) -> Self {
        Self { answer: Some((link, answer)), tally }
    }

    /// The answer, if it is the one to this link.
    pub(super) fn take(&mut self, link: &GraphLink) -> Option<Opened> {
        self.answer.take_if(|(asked, _)| asked == link).map(|(_, answer)| answer)
    }

    /// What it cost, for the stream to go on counting.
    pub(super) fn take_tally(&mut self) -> Arc<Tally> {
        std::mem::take(&mut self.tally)
    }
}
