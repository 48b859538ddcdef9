//! Measurements by the names of the connector guide, for any metrics library.

use std::fmt::Debug;

/// Receives the measurements of a client: the bridge to a metrics library.
///
/// Called on the path of every request, so it must neither block nor panic.
///
/// ```
/// use graph_transport::observe::{Instrument, Measurement, Metrics};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// /// Counts how often Graph throttled.
/// #[derive(Debug, Default)]
/// struct Throttles(AtomicU64);
///
/// impl Metrics for Throttles {
///     fn record(&self, measurement: &Measurement<'_>) {
///         if measurement.instrument == Instrument::Http429 {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Metrics: Debug + Send + Sync + 'static {
    /// Takes one measurement.
    fn record(&self, measurement: &Measurement<'_>);
}

impl<M: Metrics + ?Sized> Metrics for std::sync::Arc<M> {
    fn record(&self, measurement: &Measurement<'_>) {
        (**self).record(measurement);
    }
}

/// One measured value and what it belongs to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Measurement<'a> {
    /// What was measured.
    pub instrument: Instrument,
    /// How much, in [`Instrument::unit`].
    pub value: f64,
    /// Attributes of low cardinality: no ids, no names of people, no query values.
    pub attributes: &'a [(&'static str, AttributeValue<'a>)],
}

/// The value of an attribute.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AttributeValue<'a> {
    /// A word.
    Text(&'a str),
    /// A number.
    Integer(i64),
}

impl<'a> From<&'a str> for AttributeValue<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<u16> for AttributeValue<'_> {
    fn from(number: u16) -> Self {
        Self::Integer(number.into())
    }
}

/// How values of an instrument add up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum InstrumentKind {
    /// A distribution.
    Histogram,
    /// A sum that only grows.
    Counter,
    /// The last value counts.
    Gauge,
}

/// What a client measures. Names: connector guide (seed 001), and OpenTelemetry's HTTP conventions
/// for the attempt.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Instrument {
    /// An operation from call to result, waits and repeats included, per method and action.
    PerformActionDuration,
    /// One attempt on the wire, to Graph or to the login authority.
    AttemptDuration,
    /// Waiting for a place under the concurrency limit and for an open gate.
    SemaphoreWait,
    /// The wait before a repeat, per status (or kind of failure) that caused it.
    RetryDelay,
    /// Attempts of an operation, the first included.
    RetryAttempts,
    /// Answers 429, items of batches included.
    Http429,
    /// How many requests a lane lets through at once.
    LaneLimit,
    /// How long a lane's gate stays closed from now on.
    LaneClosed,
}

impl Instrument {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::PerformActionDuration,
        Self::AttemptDuration,
        Self::SemaphoreWait,
        Self::RetryDelay,
        Self::RetryAttempts,
        Self::Http429,
        Self::LaneLimit,
        Self::LaneClosed,
    ];

    /// The name under which it is exported.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerformActionDuration => "azure.perform_action.duration",
            Self::AttemptDuration => "http.client.request.duration",
            Self::SemaphoreWait => "azure.semaphore.wait.duration",
            Self::RetryDelay => "azure.request.retry.delay",
            Self::RetryAttempts => "azure.request.retry.attempts",
            Self::Http429 => "azure.http_429",
            Self::LaneLimit => "azure.lane.limit",
            Self::LaneClosed => "azure.lane.closed",
        }
    }

    /// The unit, in UCUM as OpenTelemetry writes it.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::PerformActionDuration
            | Self::AttemptDuration
            | Self::SemaphoreWait
            | Self::RetryDelay
            | Self::LaneClosed => "s",
            Self::RetryAttempts => "{attempt}",
            Self::Http429 => "{answer}",
            Self::LaneLimit => "{request}",
        }
    }

    /// How values add up.
    pub const fn kind(self) -> InstrumentKind {
        match self {
            Self::Http429 => InstrumentKind::Counter,
            Self::LaneLimit | Self::LaneClosed => InstrumentKind::Gauge,
            _ => InstrumentKind::Histogram,
        }
    }

    /// One sentence for people who look at a dashboard.
    pub const fn description(self) -> &'static str {
        match self {
            Self::PerformActionDuration => "Duration of an operation, waits and repeats included",
            Self::AttemptDuration => "Duration of one attempt on the wire",
            Self::SemaphoreWait => "Wait for a place under the limit and for an open gate",
            Self::RetryDelay => "Wait before a repeat",
            Self::RetryAttempts => "Attempts of an operation, the first included",
            Self::Http429 => "Answers 429, items of batches included",
            Self::LaneLimit => "Requests that a lane lets through at once",
            Self::LaneClosed => "How long a lane's gate stays closed",
        }
    }
}
