//! A Microsoft Entra tenant in a database, complete and provably so.
//!
//! An [`Importer`] reads the streams of a system file (users, groups, memberships: [`streams`]) into
//! a [`Store`]; [`SqliteStore`] is the one that comes with this crate, and its [module](sqlite)
//! describes the tables and views.
//!
//! ```
//! # use graph_simulator::{Simulator, Tenant};
//! # use graph_transport::{Cloud, CustomCloud, GraphClient, Secret, StaticBearer, TenantId};
//! use graph_import::{Importer, SqliteStore, Stop};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = Simulator::builder(Tenant::builder().users(40).build()).build();
//! # let root = "http://127.0.0.1:1".to_owned();
//! # let cloud = Cloud::custom(CustomCloud { graph_root: root.clone(), authority: root, ca_bundle: None, allow_insecure_loopback: true })?;
//! # let client = GraphClient::builder(cloud, StaticBearer::new(Secret::new(simulator.access_token()))).wire(simulator.service()).build()?;
//! # let tenant = TenantId::parse(&simulator.tenant_id()).expect("a GUID");
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("graph.db");
//! // client: a GraphClient; tenant: client.tenant_id().await?
//! let importer = Importer::new(client, tenant, graph_import::streams()?, SqliteStore::new(&path))?;
//! let first = importer.run(&(), &Stop::new()).await?;
//! assert_eq!(first.completeness.to_string(), "proven");
//!
//! let next = importer.run(&(), &Stop::new()).await?;
//! assert_eq!(next.requests, 14, "one request per stream of objects when nothing has changed");
//!
//! let store = graph_import::sqlite::read_only(&path)?;
//! let users: u64 = store.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, u32>(0))?.into();
//! assert_eq!(users, next.stream("users").expect("it was imported").holdings.live);
//! # Ok(())
//! # }
//! ```
//!
//! # How it stays true
//!
//! Each stream is a state machine ([`StreamState`]) that moves only by a [`Commit`]: a page's rows, the
//! work that it causes and the stream's next cursor are one transaction, fenced by generation, epoch
//! and seq. So the process may die at any instruction; the next run goes on at the stored cursor.
//!
//! - A **delta stream** that names its collection is first loaded by a **handover**: a delta link of
//!   this moment, a wait for the slowest replica, a scan in parallel partitions, the changes since the
//!   link, which win over the scan, and a count. Whatever of that a Graph does not offer is done in
//!   another way, and [`StreamReport::fallback`] says so. Readers see a **generation** when it is whole,
//!   and until then the one before it.
//! - Any other **delta stream** reads a full round first and changes afterwards. A token that Graph has given
//!   up (410) begins a new generation; objects that a full round has not seen are swept, if every item
//!   of that round could be read. Until then nothing is deleted but what Graph says is. Where many are
//!   missing, they are withheld until single requests and Graph's count prove that they are gone
//!   ([`DeletionThreshold`]).
//! - An **edge stream** follows what the owners' delta reports: exact entries are applied as they
//!   come, and any other owner is queued. The lists of the queue are read by the [`EdgeStrategy`] that
//!   a cost model chooses ([`Conditions::choose`]); a list replaces an owner's edges as a whole, or not.
//!   Members are read from the beta endpoint, because v1.0 is reported to leave service principals
//!   out; where they cannot be added, the stream is certified `provisional(sp_members: omitted)`.
//! - The [`Report`] says for every stream what its rows can be relied on for ([`Completeness`]) and
//!   which [`ASSUMPTIONS`] about Graph that rests on.

mod change;
pub mod conformance;
mod content;
mod coordinator;
mod cost;
mod importer;
mod item;
mod object_id;
mod observer;
mod report;
pub mod sqlite;
mod stop;
mod store;
mod streams;

pub use change::{Change, ChangeOperation};
pub use content::{Cell, Content, ContentHash, Stated};
pub use coordinator::{Coordinator, CoordinatorError, InProcess, Lane, Lease};
pub use cost::{BindingLimit, Choice, Conditions, EdgeCounts, EdgeStrategy, Estimate};
pub use importer::{
    FoundDifference, ImportError, ImportPlan, Importer, ReadBack, StoredObject, StreamForecast,
    StreamVerification, Verification, VerifiedDifference, Verify,
};
pub use item::{BadItem, EdgeChange, Item, Property, RelationChange, Removal};
pub use object_id::ObjectId;
pub use observer::{Cost, Event, Observer};
pub use report::{
    ASSUMPTIONS, Assumption, Completeness, Counts, EdgesReport, PermissionCheck, Report, RunStatus,
    SampleCheck, StreamOutcome, StreamReport, Truncation, UnreadableColumn,
};
pub use sqlite::SqliteStore;
pub use stop::Stop;
pub use store::{
    Advance, Applied, Changes, Claim, Commit, Committed, Deletion, DeletionThreshold, Edge,
    EdgeList, EdgeType, Fence, Gone, Held, Holdings, Move, OwnerEdges, OwnerLink, Partition,
    PartitionNext, PartitionState, Phase, PlanError, Queued, Returned, RunRecord, Source, Store,
    StoreError, StreamSet, StreamState, Unresolved, Waiting,
};
pub use streams::{OptionsError, StreamOptions, streams};
