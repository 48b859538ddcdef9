//! One stream of one run: how it asks Graph and how it reports.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

use graph_dsl::StreamPlan;
use graph_transport::{Answer, ApiVersion, GraphClient, GraphLink, LinkError, Page};
use tokio::sync::{Mutex, Semaphore};

use super::opening::Spent;
use super::strategy::Chosen;
use super::strategy::owner_delta::Gathering;
use super::tally::Tally;
use super::writer::Writer;
use super::{ImportError, Importer, links};
use crate::store::{DeletionThreshold, Store, StreamState};
use crate::{Event, Observer, Stop};

/// Everything that reading one stream needs; shared by the stream's concurrent requests.
pub(super) struct Reader<'run, S> {
    pub(super) client: &'run GraphClient,
    pub(super) plan: &'run StreamPlan,
    pub(super) writer: &'run Writer<S>,
    pub(super) observer: &'run dyn Observer,
    pub(super) stop: &'run Stop,
    pub(super) epoch: u64,
    /// See [`Importer::reads_hidden_members`].
    pub(super) sees_hidden: bool,
    /// As the store has it. Locked for the length of a commit, so that commits of one stream queue.
    /// Of an edge stream: how it is read.
    pub(super) strategy: Chosen,
    /// Of an object stream: the edge streams that its first round fills.
    pub(super) gathers: Gathering,
    pub(super) state: Arc<Mutex<StreamState>>,
    pub(super) tally: Arc<Tally>,
    /// See [`Importer::patience`].
    pub(super) patience: Duration,
    /// See [`Importer::deletion_threshold`].
    pub(super) threshold: DeletionThreshold,
    /// See [`Importer::replication_margin`].
    pub(super) margin: Duration,
    /// See [`Importer::resync_cool_down`].
    pub(super) cool_down: Duration,
    /// See [`Importer::scan_from`].
    pub(super) scan_from: u64,
    /// Items asked for on a page; 0 as the plan says.
    page_size: AtomicU16,
    /// The places for partitions of scans that all streams share.
    pub(super) scans: &'run Semaphore,
    /// The last round of the stream ended so short a time ago that a replica may not show yet what it
    /// showed.
    pub(super) is_soon: AtomicBool,
    /// This Graph has no beta endpoint: v1.0 is read instead.
    without_beta: AtomicBool,
    /// This Graph has no `$batch`: objects are asked for one by one.
    without_batch: AtomicBool,
}

impl<'run, S: Store> Reader<'run, S> {
    pub(super) fn new(
        importer: &'run Importer<S>,
        writer: &'run Writer<S>,
        watch: (&'run dyn Observer, &'run Stop),
        epoch: u64,
        (plan, state): (&'run StreamPlan, StreamState),
    ) -> Self {
        let (observer, stop) = watch;
        let (state, tally) = (Arc::new(Mutex::new(state)), Arc::default());
        let (client, sees_hidden) = (&importer.client, importer.reads_hidden_members);
        let (without_beta, without_batch) = (AtomicBool::new(false), AtomicBool::new(false));
        Self {
            client,
            plan,
            writer,
            observer,
            stop,
            epoch,
            sees_hidden,
            state,
            tally,
            strategy: Chosen::new(importer.edge_strategy, importer.conditions),
            gathers: Gathering::default(),
            patience: importer.patience,
            threshold: importer.believes(),
            margin: importer.margin,
            cool_down: importer.cool_down,
            scan_from: importer.scan_from,
            page_size: AtomicU16::new(0),
            scans: &importer.scans,
            is_soon: AtomicBool::new(false),
            without_beta,
            without_batch,
        }
    }

    /// Where the stream stands.
    pub(super) async fn state(&self) -> StreamState {
        self.state.lock().await.clone()
    }

    /// The API version that is read: the plan's, or v1.0 where there is no beta.
    pub(super) fn version(&self) -> ApiVersion {
        if self.without_beta.load(Ordering::Relaxed) {
            ApiVersion::V1_0
        } else {
            links::version(self.plan)
        }
    }

    /// Goes on with v1.0; the certificate will say what that leaves out.
    pub(super) fn do_without_beta(&self) {
        if !self.without_beta.swap(true, Ordering::Relaxed) {
            let reason = "this Graph has no beta endpoint; reading v1.0";
            self.tell(&Event::Restarted { stream: &self.plan.name, reason });
        }
    }

    /// Items to ask for on a page: the plan's, or fewer where those were too many for Graph.
    pub(super) fn page_size(&self) -> Option<u16> {
        match self.page_size.load(Ordering::Relaxed) {
            0 => self.plan.page_size,
            smaller => Some(smaller),
        }
    }

    /// The same stream by another plan.
    pub(super) fn by_plan<'plan>(self, plan: &'plan StreamPlan) -> Reader<'plan, S>
    where
        'run: 'plan,
    {
        Reader { plan, ..self }
    }

    /// What the stream has cost and learned so far.
    pub(super) fn spent(self) -> Spent {
        Spent { tally: self.tally, page_size: self.page_size.into_inner() }
    }

    /// Goes on after its first answer.
    pub(super) fn go_on_from(&mut self, spent: Spent) {
        (self.tally, self.page_size) = (spent.tally, AtomicU16::new(spent.page_size));
    }

    /// Asks for half as many from now on; whether that is still worth a request (facts:
    /// graph-protocol 12, row 6).
    pub(super) fn halve_pages(&self) -> bool {
        let Some(smaller) = self.page_size().and_then(smaller_page) else { return false };
        self.page_size.store(smaller, Ordering::Relaxed);
        self.restarted(&format!("pages are too large for Graph: {smaller} items from now on"));
        true
    }

    pub(super) fn is_without_batch(&self) -> bool {
        self.without_batch.load(Ordering::Relaxed)
    }

    /// Goes on with single requests.
    pub(super) fn do_without_batch(&self) {
        if !self.without_batch.swap(true, Ordering::Relaxed) {
            let reason = "this Graph has no $batch; reading one by one";
            self.tell(&Event::Restarted { stream: &self.plan.name, reason });
        }
    }

    /// Counts an answer's attempts and what it cost.
    pub(super) fn count(&self, answer: &Answer) {
        self.tally.requests.add(answer.attempts().len().max(1) as u64);
        self.tally.resource_units.add(answer.resource_units().unwrap_or(0));
    }

    /// Where the original query begins.
    pub(super) fn first_link(&self) -> Result<GraphLink, ImportError> {
        let link = links::first(self.client.cloud(), self.plan, self.page_size());
        link.map_err(|error| self.no_first_answer(error))
    }

    pub(super) fn no_first_answer(&self, error: LinkError) -> ImportError {
        ImportError::FirstAnswer { stream: self.plan.name.clone(), source: error.into() }
    }

    /// Notes what an operator should know.
    pub(super) fn warn(&self, warning: &str) {
        tracing::warn!(stream = self.plan.name, warning);
        self.tally.warn(warning.to_owned());
        self.tell(&Event::Warned { stream: &self.plan.name, warning });
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.observer.observe(event);
    }

    /// Notes that a round begins again.
    pub(super) fn restarted(&self, reason: &str) {
        self.tally.restart(reason.to_owned());
        self.tell(&Event::Restarted { stream: &self.plan.name, reason });
    }
}

/// Below that a page is not too large for Graph (facts: graph-protocol 12, row 6).
const SMALLEST_PAGE: u16 = 100;

/// Half a page, while that is a page worth asking for.
pub(super) fn smaller_page(size: u16) -> Option<u16> {
    (size > SMALLEST_PAGE).then(|| (size / 2).max(SMALLEST_PAGE))
}

/// Pages in a row that bring nothing new, after which a round is taken for endless. Empty pages are
/// allowed (facts: graph-protocol 5.2), but nobody has reported as many as this.
const MOST_IDLE: u32 = 1_000;

/// The links of one round and what its pages have brought, to notice a round that has no end: by a link
/// that comes back, or by ever new ones that say nothing new (cases: B15; facts: graph-protocol 5.6).
/// Sixteen bytes a page.
#[derive(Debug, Default)]
pub(super) struct Followed {
    links: HashSet<u64>,
    brought: HashSet<u64>,
    idle: u32,
}

impl Followed {
    /// Remembers a link; whether it was new.
    pub(super) fn is_new(&mut self, link: &GraphLink) -> bool {
        let mut hasher = DefaultHasher::new();
        link.path_and_query().hash(&mut hasher);
        self.links.insert(hasher.finish())
    }

    /// Remembers a page, known by its ends; whether the round still gets anywhere.
    pub(super) fn goes_on(&mut self, page: &Page) -> bool {
        let (mut items, mut hasher) = (page.items(), DefaultHasher::new());
        (items.len(), items.next(), items.last()).hash(&mut hasher);
        let is_news = page.items().len() > 0 && self.brought.insert(hasher.finish());
        self.idle = if is_news { 0 } else { self.idle + 1 };
        self.idle < MOST_IDLE
    }
}
