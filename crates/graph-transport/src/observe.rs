//! Observation: spans, metrics and the masked log, and what they may say.
//!
//! Every operation is a span `azure.perform_action`, every walk over pages a span
//! `azure.collect_pages`, every attempt on the wire a span `azure.attempt` with the attributes of
//! OpenTelemetry's HTTP conventions. Measurements go to [`Metrics`], under the names of the
//! connector guide. The optional log of requests and answers is set by [`Logging`].
//!
//! | span | level | attributes |
//! |---|---|---|
//! | `azure.perform_action` | info | `azure.action`, `http.request.method`, `url.template`, `server.address`, and at its end `azure.attempts`, `http.response.status_code` or `error.type`, `azure.service.request.id` |
//! | `azure.collect_pages` | info | `url.template`, and as it goes `azure.pages`, `azure.items` |
//! | `azure.attempt` | debug | `http.request.method`, `url.template`, `url.scheme`, `server.address`, `server.port`, `http.request.resend_count`, `azure.client.request.id`, and at its end `http.response.status_code`, `error.type`, `azure.service.request.id` |
//!
//! No span, measurement or log line holds a token, a query value, an object's key or a property of
//! a person: what may be shown is listed, and everything else is masked by the types that are the
//! only way into the log. [`Observe::record_urls`] is the one exception, for `url.full` alone.

mod logging;
mod mask;
mod metrics;
mod operation;
#[cfg(feature = "opentelemetry")]
mod otel;
mod printable;
mod propagation;
mod route;
mod walk;

use std::sync::Arc;

pub use self::logging::{LogFormat, Logging};
pub use self::mask::{MaskedBody, MaskedHeaders, MaskedQuery};
pub use self::metrics::{AttributeValue, Instrument, InstrumentKind, Measurement, Metrics};
pub use self::operation::{Described, Description, Operation, OperationLayer};
#[cfg(feature = "opentelemetry")]
pub use self::otel::OpenTelemetry;
pub use self::printable::Printable;
pub use self::propagation::{Propagator, TraceContext};
pub(crate) use self::route::{authority_route, graph_route};
pub(crate) use self::walk::CollectPages;

/// What is observed of a client, and who is told. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Observe(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    metrics: Vec<Arc<dyn Metrics>>,
    propagator: Option<Arc<dyn Propagator>>,
    logging: Option<Logging>,
    record_urls: bool,
}

impl Observe {
    /// Spans only, for whatever subscriber there is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a receiver of measurements.
    #[must_use]
    pub fn metrics(mut self, metrics: impl Metrics) -> Self {
        Arc::make_mut(&mut self.0).metrics.push(Arc::new(metrics));
        self
    }

    /// Sends the context of the current span with each attempt, in the way of `propagator`.
    #[must_use]
    pub fn propagator(mut self, propagator: impl Propagator) -> Self {
        Arc::make_mut(&mut self.0).propagator = Some(Arc::new(propagator));
        self
    }

    /// Logs requests and answers, masked.
    #[must_use]
    pub fn logging(mut self, logging: Logging) -> Self {
        Arc::make_mut(&mut self.0).logging = Some(logging);
        self
    }

    /// Adds `url.full` to the spans of attempts. It names objects and may name people (EUII): only
    /// for a collector that may hold such data. Values of query options stay masked (default off).
    #[must_use]
    pub fn record_urls(mut self, record: bool) -> Self {
        Arc::make_mut(&mut self.0).record_urls = record;
        self
    }

    pub(crate) fn records_urls(&self) -> bool {
        self.0.record_urls
    }

    pub(crate) fn log(&self) -> Option<&Logging> {
        self.0.logging.as_ref()
    }

    /// Whether anybody wants measurements: attributes need not be built otherwise.
    pub(crate) fn measures(&self) -> bool {
        !self.0.metrics.is_empty()
    }

    pub(crate) fn measure(
        &self,
        instrument: Instrument,
        value: f64,
        attributes: &[(&'static str, AttributeValue<'_>)],
    ) {
        for metrics in &self.0.metrics {
            metrics.record(&Measurement { instrument, value, attributes });
        }
    }

    pub(crate) fn propagates(&self) -> bool {
        self.0.propagator.is_some()
    }

    pub(crate) fn propagate(&self, headers: &mut http::HeaderMap) {
        if let Some(propagator) = &self.0.propagator {
            propagator.inject(headers);
        }
    }
}

#[cfg(test)]
pub(crate) mod capture;
#[cfg(test)]
mod tests;
