//! The span and the measurements of a whole operation: `azure.perform_action`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Method, Uri};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::field::{Empty, display};
use tracing::instrument::{Instrument as _, Instrumented};
use tracing::{Span, info_span};

use super::{AttributeValue, Instrument, Observe, authority_route, graph_route};
use crate::answer::{Answer, Attempt};
use crate::error::Error;
use crate::link::GraphLink;
use crate::retry::Repeatable;
use crate::trail::Journal;

/// What an operation is called in spans, measurements and errors. Put into words only for somebody
/// who listens.
#[derive(Clone)]
pub struct Description(Arc<Called>);

struct Called {
    method: Method,
    target: Target,
    action: Option<Arc<str>>,
}

enum Target {
    Graph(GraphLink),
    Authority(Uri),
    /// A URL that carries its own permission: nothing but its host may be said.
    Elsewhere(Uri),
}

impl Description {
    /// A call of Graph; `action` is `user.list`, for example.
    pub(crate) fn graph(method: Method, link: GraphLink, action: Option<Arc<str>>) -> Self {
        Self(Arc::new(Called { method, target: Target::Graph(link), action }))
    }

    /// A call of a login authority.
    pub(crate) fn authority(method: Method, uri: Uri) -> Self {
        Self(Arc::new(Called { method, target: Target::Authority(uri), action: None }))
    }

    /// A call of a URL that Graph handed out.
    pub(crate) fn elsewhere(method: Method, uri: Uri) -> Self {
        Self(Arc::new(Called { method, target: Target::Elsewhere(uri), action: None }))
    }

    fn method(&self) -> &str {
        self.0.method.as_str()
    }

    fn route(&self) -> String {
        match &self.0.target {
            Target::Elsewhere(_) => "/{id}".to_owned(),
            Target::Graph(link) => graph_route(link.path()),
            Target::Authority(uri) => authority_route(uri.path()),
        }
    }

    /// The caller's name for it; the route where there is none.
    fn action(&self) -> String {
        match (&self.0.action, &self.0.target) {
            (Some(action), _) => action.to_string(),
            (None, Target::Graph(_)) => self.route(),
            (None, Target::Elsewhere(_)) => "preauthenticated".to_owned(),
            (None, Target::Authority(_)) => {
                format!("authority.{}", self.route().rsplit('/').next().unwrap_or_default())
            }
        }
    }

    fn host(&self) -> &str {
        let uri = match &self.0.target {
            Target::Graph(link) => link.uri(),
            Target::Authority(uri) | Target::Elsewhere(uri) => uri,
        };
        uri.host().unwrap_or_default()
    }
}

impl fmt::Display for Description {
    /// `GET /users/{id}`: no key, no query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.method, self.route())
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A request that can say what it is for.
pub trait Described {
    /// What is said of it.
    fn describe(&self) -> Description;
}

/// Makes [`Operation`].
#[derive(Clone, Debug)]
pub struct OperationLayer(Observe);

impl OperationLayer {
    pub(crate) fn new(observe: Observe) -> Self {
        Self(observe)
    }
}

impl<S> Layer<S> for OperationLayer {
    type Service = Operation<S>;

    fn layer(&self, inner: S) -> Operation<S> {
        Operation { inner, observe: self.0.clone() }
    }
}

/// Observes an operation with all its repeats.
#[derive(Clone, Debug)]
pub struct Operation<S> {
    inner: S,
    observe: Observe,
}

impl<S, R> Service<R> for Operation<S>
where
    S: Service<R, Response = Answer, Error = Error>,
    R: Repeatable + Described,
{
    type Response = Answer;
    type Error = Error;
    type Future = Instrumented<Observed<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: R) -> Self::Future {
        let description = request.describe();
        let span = span(&description);
        let journal = request.trail_mut().journal();
        journal.name(description.clone());
        let observe = self.observe.clone();
        let underway = Underway { observe, description, journal, span: span.clone(), over: false };
        let answer = span.in_scope(|| self.inner.call(request));
        Observed { answer, underway }.instrument(span)
    }
}

pin_project! {
    /// An operation that tells how it ended.
    pub struct Observed<F> {
        #[pin]
        answer: F,
        underway: Underway,
    }
}

impl<F: Future<Output = Result<Answer, Error>>> Future for Observed<F> {
    type Output = Result<Answer, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.answer.poll(cx));
        this.underway.finish(&result);
        Poll::Ready(result)
    }
}

fn span(description: &Description) -> Span {
    info_span!(
        "azure.perform_action",
        azure.action = description.action(),
        http.request.method = description.method(),
        url.template = description.route(),
        server.address = description.host(),
        azure.attempts = Empty,
        http.response.status_code = Empty,
        azure.service.request.id = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

/// An operation that is not over; dropping it unfinished is an outcome too.
struct Underway {
    observe: Observe,
    description: Description,
    journal: Journal,
    span: Span,
    over: bool,
}

/// How it ended: an answer's status, or the kind of failure.
enum Outcome<'a> {
    Answered(u16),
    Failed(&'a str),
}

impl Underway {
    fn finish(&mut self, result: &Result<Answer, Error>) {
        self.over = true;
        let (outcome, attempts) = match result {
            Ok(answer) => (Outcome::Answered(answer.status().as_u16()), answer.attempts()),
            Err(error) => (Outcome::Failed(error.kind()), error.attempts()),
        };
        let request_id = attempts.last().and_then(|attempt| attempt.request_id.as_deref());
        if let Some(id) = request_id {
            self.span.record("azure.service.request.id", display(super::Printable(id)));
        }
        self.record(&outcome, attempts);
    }

    fn record(&self, outcome: &Outcome<'_>, attempts: &[Attempt]) {
        self.span.record("azure.attempts", attempts.len() as u64);
        match outcome {
            Outcome::Answered(status) => {
                self.span.record("http.response.status_code", status);
                if *status >= 400 {
                    self.span.record("error.type", display(status));
                    self.span.record("otel.status_code", "ERROR");
                }
            }
            Outcome::Failed(kind) => {
                self.span.record("error.type", kind).record("otel.status_code", "ERROR");
            }
        }
        if self.observe.measures() {
            self.measure(outcome, attempts);
        }
    }

    fn measure(&self, outcome: &Outcome<'_>, attempts: &[Attempt]) {
        let action = self.description.action();
        let ended = match outcome {
            Outcome::Answered(status) => ("http.response.status_code", (*status).into()),
            Outcome::Failed(kind) => ("error.type", (*kind).into()),
        };
        let named = [
            ("http.request.method", AttributeValue::from(self.description.method())),
            ("azure.action", action.as_str().into()),
            ("server.address", self.description.host().into()),
            ended,
        ];
        let duration = self.journal.elapsed().as_secs_f64();
        self.observe.measure(Instrument::PerformActionDuration, duration, &named);
        let count = u32::try_from(attempts.len()).unwrap_or(u32::MAX);
        self.observe.measure(Instrument::RetryAttempts, f64::from(count), &named[..3]);
        let repeated = attempts.len().saturating_sub(1);
        for attempt in &attempts[..repeated] {
            let cause = match attempt.status {
                Some(status) => ("http.response.status_code", status.as_u16().into()),
                None => ("error.type", attempt.reason.as_str().into()),
            };
            self.observe.measure(Instrument::RetryDelay, attempt.wait.as_secs_f64(), &[cause]);
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if !self.over {
            let late = self.journal.deadline().is_some_and(|deadline| Instant::now() >= deadline);
            let kind = if late { "timeout" } else { "cancelled" };
            self.record(&Outcome::Failed(kind), &self.journal.attempts());
        }
    }
}
