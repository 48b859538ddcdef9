//! Edges from the entries of their owners' own first delta round: they cost no request of their own.

use std::sync::{Mutex, PoisonError};

use graph_dsl::{StreamKind, StreamPlan};

use crate::EdgeStrategy;
use crate::importer::ImportError;
use crate::importer::run::Run;
use crate::importer::step::{Next, Work};
use crate::store::{Phase, Store, StreamState, relation};

/// Pages in a row that say nothing new, after which a round with relations is taken for endless
/// (facts: graph-protocol 5.6; cases: B15).
const IDLE_PAGES: u32 = 50;

/// The edge streams that a first round of their owners fills.
#[derive(Debug, Default)]
pub(in crate::importer) struct Gathering(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    streams: Vec<String>,
    /// Whether this strategy was asked for by name.
    demanded: bool,
    begun: bool,
    idle_pages: u32,
}

impl Gathering {
    /// The edge streams that this round of their owners may fill: where the round is the first and
    /// from its beginning, selects the relation, and no edge is known yet. Anything else would mix
    /// what two rounds say.
    pub(in crate::importer) async fn of<S: Store>(
        run: &Run<'_, S>,
        (owner, state): (&StreamPlan, &StreamState),
        edges: &[(&StreamPlan, StreamState)],
    ) -> Result<Self, ImportError> {
        // A handover scans the owners alone, which is sooner done than a round with all their edges.
        let wanted = match run.importer.edge_strategy {
            None => owner.scan.is_none(),
            Some(strategy) => strategy == EdgeStrategy::OwnerDelta,
        };
        let fresh = |state: &StreamState| state.is_untouched() && state.generation == 1;
        let mut streams = Vec::new();
        if wanted && matches!(owner.kind, StreamKind::Delta) && fresh(state) && state.pages == 0 {
            for (plan, state) in edges {
                let tracked = owner.relations.iter().any(|tracked| *tracked == relation(plan));
                let name = plan.name.clone();
                let holdings = run.writer.call(move |store| store.holdings(&name)).await?;
                if tracked && fresh(state) && holdings.live == 0 && holdings.waiting.queued == 0 {
                    streams.push(plan.name.clone());
                }
            }
        }
        let demanded = run.importer.edge_strategy.is_some();
        Ok(Self(Mutex::new(State { streams, demanded, ..State::default() })))
    }

    /// Whether the owners must be read by their delta round for the sake of their edges.
    pub(in crate::importer) fn is_demanded(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.demanded && !state.streams.is_empty()
    }

    /// What a step is to be committed with. A round of one page has few owners, whose lists say
    /// more; a round that is lost is not gathered from again, because what it left would stay.
    pub(in crate::importer) fn before(
        &self,
        phase: Phase,
        work: &Work,
        next: &Next,
    ) -> Vec<String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (work, next) {
            (Work::Page(_), _) if phase != Phase::Full => {}
            (Work::Page(_), Next::Complete(_)) if !state.begun => state.streams.clear(),
            (Work::Page(_), _) => state.begun = true,
            // A handover reads objects in another way, and the lists of their edges after it.
            (_, Next::Resync | Next::Rewind | Next::Without(_) | Next::Baseline(..)) => {
                state.streams.clear();
            }
            _ => {}
        }
        state.streams.clone()
    }

    /// Notes whether a page said anything new; whether the round has to be given up.
    pub(in crate::importer) fn after_page(&self, news: bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.idle_pages = if news { 0 } else { state.idle_pages + 1 };
    }

    /// Whether the round says nothing new any more and does not end either.
    pub(in crate::importer) fn is_endless(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !state.streams.is_empty() && state.idle_pages >= IDLE_PAGES
    }

    /// Whether this stream's edges came with the round.
    pub(in crate::importer) fn has(&self, stream: &str) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.begun && state.streams.iter().any(|name| name == stream)
    }
}
