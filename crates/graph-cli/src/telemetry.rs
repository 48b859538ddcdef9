//! Traces and measurements to an OpenTelemetry collector, where the environment names one (feature `otlp`).

mod collector;

use graph_dsl::Lookup as _;
use graph_transport::Observe;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, MetricExporter, SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer};

use self::collector::Collector;
use crate::environment::Environment;
use crate::notice;

/// The variables that name a collector (OpenTelemetry, "OTLP Exporter Configuration").
const ENDPOINTS: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
];

/// What is exported: the spans that people see with `-v`.
const SPANS: &str =
    "off,graph_transport=debug,graph_dsl=debug,graph_import=debug,graph_admin=debug";

/// The exporters of this process; what they still hold is sent when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Telemetry(Option<Exporting>);

#[derive(Debug)]
struct Exporting {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
    _collector: Collector,
}

impl Telemetry {
    /// Begins to export if a collector is named; one that cannot be used is said, and ends nothing.
    pub(crate) fn start() -> Self {
        if !is_wanted() {
            return Self::default();
        }
        let exporting = Collector::start().map_err(|error| error.to_string());
        match exporting.and_then(|it| Exporting::to(it).map_err(|error| error.to_string())) {
            Ok(exporting) => Self(Some(exporting)),
            Err(error) => {
                notice::error(&format!("could not export to the OpenTelemetry collector: {error}"));
                Self::default()
            }
        }
    }

    /// For the subscriber: spans and their events.
    pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer = self.0.as_ref()?.traces.tracer("graphctl");
        let spans = EnvFilter::new(SPANS);
        Some(tracing_opentelemetry::layer().with_tracer(tracer).with_filter(spans))
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Exporting { traces, metrics, .. }) = &self.0 {
            for ended in [traces.shutdown(), metrics.shutdown()] {
                if let Err(error) = ended {
                    notice::error(&format!(
                        "the OpenTelemetry collector did not take all: {error}"
                    ));
                }
            }
        }
    }
}

impl Exporting {
    fn to(collector: Collector) -> Result<Self, ExporterBuildError> {
        let client = collector.client();
        let spans = SpanExporter::builder().with_http().with_http_client(client.clone()).build()?;
        let measured = MetricExporter::builder().with_http().with_http_client(client).build()?;
        let traces = SdkTracerProvider::builder();
        let traces = traces.with_batch_exporter(spans).with_resource(resource()).build();
        let metrics = SdkMeterProvider::builder();
        let metrics = metrics.with_periodic_exporter(measured).with_resource(resource()).build();
        opentelemetry::global::set_meter_provider(metrics.clone());
        Ok(Self { traces, metrics, _collector: collector })
    }
}

/// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, else our own name.
fn resource() -> Resource {
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    match Environment.variable("OTEL_SERVICE_NAME") {
        Some(_) => resource.build(),
        None => resource.with_service_name("graphctl").build(),
    }
}

fn is_wanted() -> bool {
    let named = |name: &&str| Environment.variable(name).is_some_and(|it| !it.expose().is_empty());
    let off = Environment.variable("OTEL_SDK_DISABLED").is_some_and(|it| it.expose() == "true");
    !off && ENDPOINTS.iter().any(named)
}

/// What clients measure, and the trace that their requests join.
pub(crate) fn observe() -> Observe {
    if is_wanted() { Observe::new().opentelemetry() } else { Observe::new() }
}
