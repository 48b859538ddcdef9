//! The engine: streams of a tenant, read into a store.

mod batch;
mod branch;
mod columns;
mod dangling;
mod doubts;
mod edges;
mod error;
mod fault;
mod gone;
mod handover;
mod lanes;
pub(crate) mod links;
mod objects;
mod opening;
mod partition;
mod pass;
mod permissions;
mod plan;
mod probe;
mod reader;
mod recount;
mod replicas;
mod reread;
mod restored;
mod run;
mod sample;
mod scan;
mod step;
mod strategy;
mod tally;
mod verify;
mod walk;
mod window;
mod withheld;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use graph_dsl::StreamPlan;
use graph_transport::{Clock, CloudName, GraphClient, SystemClock, TenantId};
use tokio::sync::{Mutex, Semaphore};

use crate::coordinator::{Coordinator, InProcess};
use crate::store::{DeletionThreshold, Store, StreamSet};
use crate::streams::offered;
use crate::{Conditions, EdgeStrategy, Observer, Report, Stop};

pub use error::ImportError;
pub(crate) use links::options;
pub use plan::{ImportPlan, StreamForecast};
pub use verify::{
    FoundDifference, ReadBack, StoredObject, StreamVerification, Verification, VerifiedDifference,
    Verify,
};

/// Reads the streams of one tenant into one store.
///
/// ```no_run
/// # async fn example(client: graph_transport::GraphClient) -> Result<(), Box<dyn std::error::Error>> {
/// use graph_import::{Importer, SqliteStore, Stop};
///
/// let tenant = client.tenant_id().await?;
/// let importer = Importer::new(client, tenant, graph_import::streams()?, SqliteStore::new("graph.db"))?;
/// let report = importer.run(&(), &Stop::new()).await?;
/// println!("{}: {} requests", report.completeness, report.requests);
/// for stream in &report.streams {
///     println!("{} {}: {} {}", stream.holdings.live, stream.stream, stream.outcome, stream.completeness);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Importer<S> {
    client: GraphClient,
    tenant: TenantId,
    streams: StreamSet,
    /// Streams that this cloud does not offer.
    absent: Vec<StreamPlan>,
    store: Arc<Mutex<S>>,
    clock: Arc<dyn Clock>,
    full: bool,
    threshold: DeletionThreshold,
    reads_hidden_members: bool,
    granted: Vec<String>,
    delegated: bool,
    sampling: sample::Sampling,
    edge_strategy: Option<EdgeStrategy>,
    conditions: Conditions,
    coordinator: Arc<dyn Coordinator>,
    margin: Duration,
    scan_from: u64,
    cool_down: Duration,
    patience: Duration,
    scans: Semaphore,
}

/// How long a change may take to reach every replica, as far as is reported (facts: graph-protocol
/// 5.5 names no figure).
const REPLICATION_MARGIN: Duration = Duration::from_secs(10);
/// A delta round of so many objects takes about as long as a handover waits.
const SCAN_FROM: u64 = 5_000;
/// Graph loses a token once a week at most when nothing is wrong (facts: graph-protocol 5.7).
const COOL_DOWN: Duration = Duration::from_secs(3_600);
/// Several times the longest wait that Graph asks for.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

impl<S: Store> Importer<S> {
    /// An import of these streams. `tenant` is what the store is pinned to; take it from the
    /// authority ([`GraphClient::tenant_id`]), never from a token.
    ///
    /// # Errors
    /// Streams that do not fit together.
    pub fn new(
        client: GraphClient,
        tenant: TenantId,
        streams: impl IntoIterator<Item = StreamPlan>,
        store: S,
    ) -> Result<Self, ImportError> {
        let cloud = match client.cloud().name() {
            CloudName::Custom => CloudName::Global,
            name => name,
        };
        let (streams, absent) = offered(streams, cloud.as_str());
        let streams = StreamSet::new(streams)?;
        let (store, clock) = (Arc::new(Mutex::new(store)), Arc::new(SystemClock));
        let (edge_strategy, conditions) = (None, Conditions::default());
        Ok(Self {
            client,
            tenant,
            streams,
            absent,
            store,
            clock,
            full: false,
            threshold: DeletionThreshold::default(),
            reads_hidden_members: false,
            granted: Vec::new(),
            delegated: false,
            sampling: sample::Sampling::default(),
            edge_strategy,
            conditions,
            coordinator: Arc::new(InProcess::default()),
            margin: REPLICATION_MARGIN,
            scan_from: SCAN_FROM,
            cool_down: COOL_DOWN,
            patience: PATIENCE,
            scans: Semaphore::new(scan::AT_ONCE),
        })
    }

    /// Where the times in the store and in the report come from; default the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Whether to read everything again, in a new generation of every stream. The rows stay in
    /// place until the new round has proved that they are gone.
    #[must_use]
    pub fn full(mut self, full: bool) -> Self {
        self.full = full;
        self
    }

    /// How many objects may go at once because a generation does not show them; more are withheld until
    /// single requests and Graph's own count prove that they are gone, or a second generation says the
    /// same of objects that cannot be asked for. The certificate is partial until then.
    /// [`DeletionThreshold::NONE`] carries out whatever an import before has withheld: what somebody who
    /// knows the tenant says once.
    #[must_use]
    pub fn deletion_threshold(mut self, threshold: DeletionThreshold) -> Self {
        self.threshold = threshold;
        self
    }

    /// Whether the application is known to have `Member.Read.Hidden`. Without it Graph answers an
    /// empty list for a group that hides its members, and nothing tells that from a group without
    /// any; so unless this is set, such a list keeps the edges that are there and the certificate is
    /// provisional (cases: D9).
    #[must_use]
    pub fn reads_hidden_members(mut self, granted: bool) -> Self {
        self.reads_hidden_members = granted;
        self
    }

    /// How edges are read; default what the cost model chooses ([`Conditions::choose`]). Where the
    /// tenant does not support it, whole lists are read all the same.
    #[must_use]
    pub fn edge_strategy(mut self, strategy: EdgeStrategy) -> Self {
        self.edge_strategy = Some(strategy);
        self
    }

    /// What the cost model reckons with.
    #[must_use]
    pub fn conditions(mut self, conditions: Conditions) -> Self {
        self.conditions = conditions;
        self
    }

    /// Who says which lanes the run may work on; default one that knows the runs of this importer
    /// only. Importers of one process should share theirs.
    #[must_use]
    pub fn coordinator(mut self, coordinator: Arc<dyn Coordinator>) -> Self {
        self.coordinator = coordinator;
        self
    }

    /// How long a change may take to reach every replica that a read may meet; default 10 seconds. So
    /// long a handover waits between its delta link and its scan, and so old a report must be before
    /// the lists are read that it is about. A round in which nothing is reported waits for nothing.
    #[must_use]
    pub fn replication_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// How many objects a collection must have for a handover; a smaller one is read by its delta
    /// query alone, which is as fast there. Default 5,000.
    #[must_use]
    pub fn scan_from(mut self, objects: u64) -> Self {
        self.scan_from = objects;
        self
    }

    /// How long after a stream began anew by itself it does not do so again, although Graph has lost
    /// its token once more (cases: B16); default an hour. The generation before it stays readable.
    #[must_use]
    pub fn resync_cool_down(mut self, cool_down: Duration) -> Self {
        self.cool_down = cool_down;
        self
    }

    /// How long a stream may go without an answer before it ends as
    /// [`StreamOutcome::Throttled`](crate::StreamOutcome::Throttled) and the others go on (cases: E2);
    /// default 15 minutes.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The permissions that the token names, if it can be read. With them a stream that the import
    /// needs and that was never read is refused before the first request; Graph itself decides
    /// everything else.
    #[must_use]
    pub fn granted(mut self, permissions: Vec<String>) -> Self {
        self.granted = permissions;
        self
    }

    /// Whether the token is a signed-in user's. What such a user sees shrinks with their roles, so
    /// the certificate is provisional at best, and what they do not see is not taken for deleted
    /// unless [`DeletionThreshold::NONE`] says so (cases: F10).
    #[must_use]
    pub fn delegated(mut self, delegated: bool) -> Self {
        self.delegated = delegated;
        self
    }

    /// How many deletions that only an absence tells of are carried out at once.
    fn believes(&self) -> DeletionThreshold {
        let sees_all = !self.delegated || self.threshold == DeletionThreshold::NONE;
        if sees_all { self.threshold } else { DeletionThreshold::ZERO }
    }

    /// How many objects, or owners of edges, of each stream that was read as a whole are read again by
    /// themselves before the certificate is written, if the store can be read back
    /// ([`Store::read_back`]); default none. What differs, and no delta reports, makes the certificate
    /// provisional. Of a long list of edges its first page is compared.
    #[must_use]
    pub fn sample(mut self, objects: usize) -> Self {
        self.sampling.objects = objects;
        self
    }

    /// Whether a sample is drawn in rounds that read only changes as well; default no, so that a round
    /// in which nothing has changed stays one request a stream.
    #[must_use]
    pub fn sample_every_round(mut self, every: bool) -> Self {
        self.sampling.every_round = every;
        self
    }

    /// Runs until the store is up to date, the import cannot go on, or it is asked to stop. What a
    /// stream could not do is in the report; an error is what stopped the run as a whole.
    ///
    /// # Errors
    /// A store that cannot be used, or a Graph that does not answer at all. The store is then as it
    /// was, or holds the pages that were committed before.
    pub async fn run(&self, observer: &dyn Observer, stop: &Stop) -> Result<Report, ImportError> {
        run::run(self, observer, stop).await
    }
}
