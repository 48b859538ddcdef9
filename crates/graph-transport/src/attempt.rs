//! One attempt on the wire: its span, its measurements and its lines in the masked log.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::HeaderValue;
use http::{Method, Request, Response, StatusCode, Uri};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::field::{Empty, display};
use tracing::instrument::{Instrument as _, Instrumented};
use tracing::level_filters::LevelFilter;
use tracing::{Span, debug, debug_span};

use crate::answer::Answer;
use crate::body::Body;
use crate::error::Error;
use crate::link::GraphLink;
use crate::observe::{
    AttributeValue, Instrument, MaskedQuery, Observe, Printable, TraceContext, authority_route,
    graph_route,
};
use crate::redirect::ForeignOrigin;
use crate::trail::Trail;

/// Makes [`Attempted`].
#[derive(Clone, Debug)]
pub struct AttemptLayer {
    observe: Observe,
}

impl AttemptLayer {
    /// Observes every attempt as `observe` says.
    pub fn new(observe: Observe) -> Self {
        Self { observe }
    }
}

impl<S> Layer<S> for AttemptLayer {
    type Service = Attempted<S>;

    fn layer(&self, inner: S) -> Attempted<S> {
        Attempted { inner, observe: self.observe.clone() }
    }
}

/// Opens the span of an attempt, sends the trace context, measures, and logs what goes out and what
/// comes back: never a token, a body, or a value that could hold one.
#[derive(Clone, Debug)]
pub struct Attempted<S> {
    inner: S,
    observe: Observe,
}

impl<S> Service<Request<Body>> for Attempted<S>
where
    S: Service<Request<Body>, Response = Response<Bytes>, Error = Error>,
{
    type Response = Answer;
    type Error = Error;
    type Future = Instrumented<Attempting<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if !self.is_heard() {
            self.join_trace(&mut request);
            return Attempting { answer: self.inner.call(request), told: None }
                .instrument(Span::none());
        }
        let (exchange, observe) = (Exchange::of(&request), self.observe.clone());
        let span = exchange.span(&observe, &request);
        let answer = span.in_scope(|| {
            self.join_trace(&mut request);
            if let Some(log) = observe.log() {
                log.request(&exchange, &request);
            }
            self.inner.call(request)
        });
        let told = Some(Box::new((exchange, observe, Instant::now())));
        Attempting { answer, told }.instrument(span)
    }
}

impl<S> Attempted<S> {
    /// Whether anybody listens: copies, however cheap, are made for them alone.
    fn is_heard(&self) -> bool {
        LevelFilter::current() >= LevelFilter::DEBUG
            || self.observe.measures()
            || self.observe.log().is_some()
    }

    /// Sends the trace context along; a redirect to elsewhere does not tell who asks (E24).
    fn join_trace(&self, request: &mut Request<Body>) {
        let context = request.extensions().get::<TraceContext>().cloned();
        if context.is_none() && !self.observe.propagates()
            || request.extensions().get::<ForeignOrigin>().is_some()
        {
            return;
        }
        self.observe.propagate(request.headers_mut());
        if let Some(context) = context {
            context.inject(request.headers_mut());
        }
    }
}

pin_project! {
    /// An attempt that tells how it ended.
    pub struct Attempting<F> {
        #[pin]
        answer: F,
        // What is said, to whom, and when it began.
        told: Option<Box<(Exchange, Observe, Instant)>>,
    }
}

impl<F: Future<Output = Result<Response<Bytes>, Error>>> Future for Attempting<F> {
    type Output = Result<Answer, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.answer.poll(cx)).map(Answer::from_parts);
        if let Some(told) = this.told {
            let (exchange, observe, began) = &**told;
            exchange.ended(observe, &result, *began);
        }
        Poll::Ready(result)
    }
}

/// What is said of an attempt.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    uri: Uri,
    link: Option<GraphLink>,
    /// Earlier attempts of the same operation.
    pub(crate) resend: u32,
    client_request_id: Option<HeaderValue>,
}

impl Exchange {
    fn of(request: &Request<Body>) -> Self {
        let trail = request.extensions().get::<Trail>();
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            link: trail.and_then(|trail| trail.link.clone()),
            resend: trail.map_or(0, |trail| trail.resend),
            client_request_id: trail.and_then(|trail| trail.client_request_id.clone()),
        }
    }

    /// The path without keys.
    pub(crate) fn route(&self) -> String {
        match &self.link {
            Some(link) => graph_route(link.path()),
            None => authority_route(self.uri.path()),
        }
    }

    /// Whether it goes to a login authority rather than to Graph.
    pub(crate) fn is_auth(&self) -> bool {
        self.link.is_none()
    }

    pub(crate) fn client_request_id(&self) -> Option<&str> {
        self.client_request_id.as_ref()?.to_str().ok()
    }

    fn scheme(&self) -> &'static str {
        if self.uri.scheme_str() == Some("http") { "http" } else { "https" }
    }

    fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(if self.scheme() == "http" { 80 } else { 443 })
    }

    fn span(&self, observe: &Observe, request: &Request<Body>) -> Span {
        let span = debug_span!(
            "azure.attempt",
            otel.kind = "client",
            otel.name = Empty,
            http.request.method = self.method.as_str(),
            url.template = self.route(),
            url.scheme = self.scheme(),
            url.full = Empty,
            server.address = self.host(),
            server.port = self.port(),
            http.request.resend_count = Empty,
            azure.client.request.id = self.client_request_id(),
            azure.service.request.id = Empty,
            http.response.status_code = Empty,
            error.type = Empty,
            otel.status_code = Empty,
        );
        if span.is_disabled() {
            return span;
        }
        span.record("otel.name", display(format_args!("{} {}", self.method, self.route())));
        if self.resend > 0 {
            span.record("http.request.resend_count", self.resend);
        }
        // The path of a URL elsewhere may be all it takes to use it.
        if observe.records_urls() && self.link.is_some() {
            let (scheme, host, port) = (self.scheme(), self.host(), self.port());
            let path = request.uri().path();
            let query = MaskedQuery::new(request.uri().query().unwrap_or_default());
            let full = format_args!("{scheme}://{host}:{port}{path}?{query}");
            span.record("url.full", display(full));
        }
        span
    }

    /// Tells everybody how it ended. Called inside the attempt's span.
    fn ended(&self, observe: &Observe, result: &Result<Answer, Error>, began: Instant) {
        // Everything here costs something only where somebody listens.
        let elapsed_ms = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let span = Span::current();
        match result {
            Ok(answer) => {
                let (status, request_id) = (answer.status.as_u16(), answer.request_id());
                span.record("http.response.status_code", status);
                if let Some(id) = request_id {
                    span.record("azure.service.request.id", display(Printable(id)));
                }
                if status >= 400 {
                    span.record("error.type", display(status)).record("otel.status_code", "ERROR");
                }
                debug!(
                    elapsed_ms = elapsed_ms(),
                    http.response.status_code = status,
                    azure.service.request.id = request_id.map(|id| display(Printable(id))),
                    azure.resource_units = answer.resource_units(),
                    "answered"
                );
            }
            Err(error) => {
                let kind = error.kind();
                span.record("error.type", kind).record("otel.status_code", "ERROR");
                debug!(elapsed_ms = elapsed_ms(), error.type = kind, "not answered");
            }
        }
        if let Some(log) = observe.log() {
            log.response(self, result, elapsed_ms());
        }
        if observe.measures() {
            self.measure(observe, result, began.elapsed().as_secs_f64());
        }
    }

    fn measure(&self, observe: &Observe, result: &Result<Answer, Error>, seconds: f64) {
        let ended = match result {
            Ok(answer) => ("http.response.status_code", answer.status.as_u16().into()),
            Err(error) => ("error.type", error.kind().into()),
        };
        let route = self.route();
        let named = [
            ("http.request.method", AttributeValue::from(self.method.as_str())),
            ("url.template", route.as_str().into()),
            ("server.address", self.host().into()),
            ("server.port", self.port().into()),
            ended,
        ];
        observe.measure(Instrument::AttemptDuration, seconds, &named);
        if result.as_ref().is_ok_and(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS) {
            observe.measure(Instrument::Http429, 1.0, &named[..3]);
        }
    }
}
