//! Settings for one request: each is a type of its own that rides in the request's extensions.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::HeaderValue;

use crate::answer::Answer;
use crate::credential::BoxFuture;
use crate::error::Error;
use crate::retry::RetryConfig;

/// A setting that [`GraphRequest::with`](crate::GraphRequest::with) takes.
///
/// Only the types of this module are, so a setting that no layer reads does not compile (Z8):
///
/// ```compile_fail,E0277
/// # use graph_transport::{Cloud, CloudName, GraphRequest};
/// # let cloud = Cloud::named(CloudName::Global).unwrap();
/// # let request = GraphRequest::get(cloud.link("/v1.0/users").unwrap());
/// let request = request.with("retry: 7");
/// ```
///
/// A caller's own layers may put types of their own into
/// [`GraphRequest::extensions_mut`](crate::GraphRequest::extensions_mut).
pub trait RequestOption: sealed::Sealed + Clone + Send + Sync + 'static {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! request_options {
    ($($option:ty),* $(,)?) => {
        $(impl sealed::Sealed for $option {} impl RequestOption for $option {})*
    };
}

request_options!(
    OperationLimit,
    MaxAttempts,
    RetryWith,
    RetryIf,
    Idempotent,
    ProbeFirst,
    InLane,
    InPartition,
    CorrelationId,
);

/// The time limit of the whole operation, waits and repeats included; `None` takes the client's away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OperationLimit(pub Option<Duration>);

/// How many attempts the request gets, the first included; 0 counts as 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MaxAttempts(pub u32);

/// Other retry settings than the client's, for example [`Backoff::Linear`](crate::Backoff::Linear).
/// Settings out of range fall back to the client's.
#[derive(Clone, Debug)]
pub struct RetryWith(pub Arc<RetryConfig>);

/// Sending this twice does no harm: a PATCH that sets values, or a POST that only reads.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Idempotent;

/// The lane or the cost of a request whose path does not tell them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InLane {
    /// A lane of the table, by its name: `directory`, `reports`, ….
    pub lane: Option<Cow<'static, str>>,
    /// What the request costs, in resource units.
    pub units: Option<u32>,
}

/// The partition of [`LaneSettings`](crate::LaneSettings) whose share the request spends from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InPartition(pub Cow<'static, str>);

/// The caller's id of the call, sent as `client-request-id` with the first attempt (D16).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CorrelationId(pub HeaderValue);

/// What one attempt came to, for [`RetryIf`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptOutcome<'a> {
    /// How many attempts there were, this one included.
    pub attempt: u32,
    /// The answer, success or not, or why there is none.
    pub result: Result<&'a Answer, &'a Error>,
}

impl AttemptOutcome<'_> {
    /// The status, where an answer came.
    pub fn status(&self) -> Option<StatusCode> {
        self.result.ok().map(Answer::status)
    }
}

/// Asks for a repeat that the settings would not make (R12), such as a 404 of an object that was
/// created a moment ago (facts: graph-protocol 8.4). The number of attempts, the retry budget and
/// the deadline hold all the same, and what the settings repeat is repeated without asking.
///
/// A repeat of a request that may have landed is the caller's decision here.
#[derive(Clone)]
pub struct RetryIf(Arc<dyn Fn(AttemptOutcome<'_>) -> bool + Send + Sync>);

impl RetryIf {
    /// Repeats where `predicate` says so.
    pub fn new(predicate: impl Fn(AttemptOutcome<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(predicate))
    }

    pub(crate) fn wants(&self, outcome: AttemptOutcome<'_>) -> bool {
        (self.0)(outcome)
    }
}

impl fmt::Debug for RetryIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryIf")
    }
}

/// What a look for the object of a create found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Probe {
    /// It is there: the lost attempt had landed, and this is the answer of the operation.
    Landed(Box<Answer>),
    /// It is not there: the create may be sent again.
    Absent,
}

/// How to find out whether a create landed whose answer was lost: by its natural key (facts:
/// graph-protocol 9.4). With it a POST repeats after an ambiguous failure, never without a look
/// before (R31). The look should be a GET by key, sent through the same client.
#[derive(Clone)]
pub struct ProbeFirst(Arc<ProbeFn>);

type ProbeFn = dyn Fn() -> BoxFuture<'static, Result<Probe, Error>> + Send + Sync;

impl ProbeFirst {
    /// Looks with `probe`.
    pub fn new(
        probe: impl Fn() -> BoxFuture<'static, Result<Probe, Error>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(probe))
    }

    pub(crate) fn look(&self) -> BoxFuture<'static, Result<Probe, Error>> {
        (self.0)()
    }
}

impl fmt::Debug for ProbeFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProbeFirst")
    }
}
