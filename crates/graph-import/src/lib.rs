//! A Microsoft Entra tenant in a database, complete and provably so.

mod content;
mod importer;
mod item;
mod object_id;
mod observer;
mod report;
pub mod sqlite;
mod stop;
mod store;
mod streams;

pub use content::{Cell, Content, ContentHash};
pub use importer::{ImportError, Importer};
pub use item::{BadItem, Item, Property, Removal};
pub use object_id::ObjectId;
pub use observer::{Event, Observer};
pub use report::{
    ASSUMPTIONS, Assumption, Completeness, Report, RunStatus, StreamOutcome, StreamReport,
};
pub use sqlite::SqliteStore;
pub use stop::Stop;
pub use store::{
    Advance, Applied, Changes, Claim, Commit, Committed, Edge, EdgeList, EdgeType, Fence, Holdings,
    OwnerEdges, Phase, PlanError, Queued, RunRecord, Store, StoreError, StreamSet, StreamState,
};
pub use streams::streams;
