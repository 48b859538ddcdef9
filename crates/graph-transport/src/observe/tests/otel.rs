//! The bridge to OpenTelemetry, with exporters in memory.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

/// L11, L15, L17: the exported attempt is a client span below the operation, and what Graph gets as
/// `traceparent` is its id; with attempts filtered out it is the operation's.
#[tokio::test(start_paused = true)]
async fn traceparent_names_the_innermost_span_that_is_exported() {
    capture::keep_interest();
    for level in [tracing::Level::DEBUG, tracing::Level::INFO] {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let filter = tracing_subscriber::filter::LevelFilter::from_level(level);
        let subscriber = tracing_subscriber::registry().with(layer).with(filter);
        let guard = tracing::subscriber::set_default(subscriber);
        let script = Script::of([ok()]);
        let client = client(&script, Observe::new().opentelemetry());
        client.send(get(&client, "/v1.0/users")).await.unwrap();
        drop(guard);
        let spans = exporter.get_finished_spans().unwrap();
        let operation = spans.iter().find(|it| it.name == "azure.perform_action").unwrap();
        let attempt = spans.iter().find(|it| it.name == "GET /users");
        assert_eq!(attempt.is_some(), level == tracing::Level::DEBUG);
        if let Some(attempt) = attempt {
            assert_eq!(attempt.parent_span_id, operation.span_context.span_id());
            assert_eq!(attempt.span_kind, opentelemetry::trace::SpanKind::Client);
        }
        let context = &attempt.unwrap_or(operation).span_context;
        let expected = format!("00-{}-{}-01", context.trace_id(), context.span_id());
        assert_eq!(script.sent()[0].headers["traceparent"], expected);
    }
}

/// Every instrument arrives under its name and unit.
#[tokio::test]
async fn measurements_are_exported_by_name() {
    let exporter = InMemoryMetricExporter::default();
    let reader = PeriodicReader::builder(exporter.clone()).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    opentelemetry::global::set_meter_provider(provider.clone());
    let observe = Observe::new().opentelemetry();
    for instrument in Instrument::ALL {
        observe.measure(
            instrument,
            1.5,
            &[("azure.action", "user.list".into()), ("http.response.status_code", 429_u16.into())],
        );
    }
    provider.force_flush().unwrap();
    let flushed = exporter.get_finished_metrics().unwrap();
    let scopes =
        flushed.iter().flat_map(opentelemetry_sdk::metrics::data::ResourceMetrics::scope_metrics);
    let metrics: Vec<_> =
        scopes.flat_map(opentelemetry_sdk::metrics::data::ScopeMetrics::metrics).collect();
    for instrument in Instrument::ALL {
        let metric = metrics.iter().find(|it| it.name() == instrument.name());
        let metric = metric.unwrap_or_else(|| panic!("{instrument:?} was not exported"));
        assert_eq!(metric.unit(), instrument.unit());
    }
}
