//! OpenTelemetry: measurements to the global meter provider, trace context from its spans.

use std::collections::HashMap;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use opentelemetry::metrics::{Counter, Gauge, Histogram};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, KeyValue, global};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::propagation::TRACEPARENT;
use super::{
    AttributeValue, Instrument, InstrumentKind, Measurement, Metrics, Observe, Propagator,
};

/// Seconds, as OpenTelemetry advises for the duration of HTTP requests, and on to the long waits
/// that Graph asks for.
const SECONDS: [f64; 18] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0,
    150.0, 300.0,
];

impl Observe {
    /// Measurements through the meter provider that is global now, and `traceparent` from the spans
    /// that `tracing-opentelemetry` exports (or from the current OpenTelemetry context).
    #[must_use]
    pub fn opentelemetry(self) -> Self {
        self.metrics(OpenTelemetry::global()).propagator(OpenTelemetry::default())
    }
}

/// The bridge to OpenTelemetry; set the global meter provider before it is made.
#[derive(Debug, Default)]
pub struct OpenTelemetry(HashMap<Instrument, Exported>);

#[derive(Debug)]
enum Exported {
    Histogram(Histogram<f64>),
    Counter(Counter<f64>),
    Gauge(Gauge<f64>),
}

impl OpenTelemetry {
    /// All instruments of the meter `graph-transport`.
    pub fn global() -> Self {
        let meter = global::meter("graph-transport");
        let export = |instrument: Instrument| {
            let (name, unit) = (instrument.name(), instrument.unit());
            let description = instrument.description();
            match instrument.kind() {
                InstrumentKind::Histogram => {
                    let builder =
                        meter.f64_histogram(name).with_unit(unit).with_description(description);
                    let builder = match unit {
                        "s" => builder.with_boundaries(SECONDS.to_vec()),
                        _ => builder,
                    };
                    Exported::Histogram(builder.build())
                }
                InstrumentKind::Counter => Exported::Counter(
                    meter.f64_counter(name).with_unit(unit).with_description(description).build(),
                ),
                InstrumentKind::Gauge => Exported::Gauge(
                    meter.f64_gauge(name).with_unit(unit).with_description(description).build(),
                ),
            }
        };
        Self(Instrument::ALL.into_iter().map(|it| (it, export(it))).collect())
    }
}

impl Metrics for OpenTelemetry {
    fn record(&self, measurement: &Measurement<'_>) {
        let attributes: Vec<KeyValue> = measurement
            .attributes
            .iter()
            .map(|(name, value)| match value {
                AttributeValue::Text(text) => KeyValue::new(*name, (*text).to_owned()),
                AttributeValue::Integer(number) => KeyValue::new(*name, *number),
            })
            .collect();
        match self.0.get(&measurement.instrument) {
            Some(Exported::Histogram(it)) => it.record(measurement.value, &attributes),
            Some(Exported::Counter(it)) => it.add(measurement.value, &attributes),
            Some(Exported::Gauge(it)) => it.record(measurement.value, &attributes),
            None => {}
        }
    }
}

impl Propagator for OpenTelemetry {
    fn inject(&self, headers: &mut HeaderMap) {
        let spans = Span::current().context();
        // Where no span of ours or of the caller's is enabled, the caller may still have a context.
        let context = if spans.has_active_span() { spans } else { Context::current() };
        let span = context.span();
        let span = span.span_context();
        if !span.is_valid() {
            return;
        }
        let (trace, id, flags) = (span.trace_id(), span.span_id(), span.trace_flags().to_u8());
        if let Ok(value) = HeaderValue::try_from(format!("00-{trace}-{id}-{flags:02x}")) {
            headers.insert(TRACEPARENT, value);
        }
        let state = span.trace_state().header();
        if let Some(state) = HeaderValue::try_from(state).ok().filter(|state| !state.is_empty()) {
            headers.insert(HeaderName::from_static("tracestate"), state);
        }
    }
}
