//! Why a run could not be.

use graph_transport::Error;

use crate::StreamOutcome;
use crate::coordinator::CoordinatorError;
use crate::store::{PlanError, StoreError};

/// What stopped a run as a whole. What stopped one stream is in [`crate::StreamReport::error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Streams that do not fit together.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Graph or the authority did not give the first answer. The store was not touched.
    #[error("read the first page of `{stream}`")]
    FirstAnswer {
        /// The stream that was asked for.
        stream: String,
        /// Why.
        source: Error,
    },
    /// A stream that the import needs cannot be read, which is known before anything was. The store
    /// was not touched.
    #[error("begin the import: `{stream}` cannot be read: {outcome}")]
    Required {
        /// The stream.
        stream: String,
        /// Why.
        outcome: StreamOutcome,
    },
    /// Another run has claimed the store meanwhile.
    #[error("write to stream `{stream}`: a later run has claimed the store")]
    Fenced {
        /// The stream.
        stream: String,
    },
    /// Somebody else works on what the run would read, or has taken it over meanwhile. What was
    /// committed stays.
    #[error("import the lane `{lane}`: somebody else is working on it")]
    Held {
        /// The lane.
        lane: &'static str,
    },
    /// The coordinator could not be asked.
    #[error("coordinate the import")]
    Coordinator(#[source] CoordinatorError),
    /// The run was asked to stop before it had begun. The store was not touched.
    #[error("begin the import: it was asked to stop")]
    Stopped,
    /// The embedded streams do not compile: a defect of this build.
    #[error("compile the embedded streams: {0}")]
    Embedded(String),
}
