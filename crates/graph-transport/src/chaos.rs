//! Faults on purpose: a layer that answers some requests itself, to see how what is above copes.
//!
//! It goes around the innermost service, so that everything else sees its answers as Graph's:
//!
//! ```
//! use std::convert::Infallible;
//!
//! use graph_transport::chaos::{Chaos, Plan};
//! use graph_transport::stack::Body;
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, service_fn};
//!
//! let chaos = Chaos::new(Plan::Random { percent: 20.0 }, 7).expect("20 % is a chance");
//! let wire = ServiceBuilder::new().layer(chaos).service(service_fn(
//!     async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::default())),
//! ));
//! # fn client(builder: graph_transport::GraphClientBuilder) -> graph_transport::GraphClientBuilder {
//! #    let wire = ServiceBuilder::new().service(tower::service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::default()))));
//! builder.wire(wire)
//! # }
//! ```

mod answers;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response, StatusCode};
use tower::{Layer, Service};

use crate::body::{AnswerBody, Body};
use crate::error::BoxError;

/// Which requests fail, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Plan {
    /// So many requests of a hundred fail, with a status that Graph may give for the method (X1).
    Random {
        /// 0 to 100.
        percent: f64,
    },
    /// The statuses in turn, each once; then no more (X2).
    List(Vec<u16>),
    /// One status for every request (X3), but where a rule of `urls` names another: the first whose
    /// URL is the request's, else the first whose pattern matches it (X4). [`Override`] in the
    /// extensions of a request comes before both.
    Manual {
        /// The status; without one, at least one rule.
        status: Option<u16>,
        /// Rules by URL.
        urls: Vec<Rule>,
    },
}

/// A status for some URLs.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Path below the Graph root, version included, and query if one is to match: `/v1.0/users/*`.
    /// `*` stands for any text.
    pub url: String,
    /// The method; any if `None`.
    pub method: Option<Method>,
    /// The status.
    pub status: u16,
}

/// The status for one request, in its extensions (X3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Override(pub u16);

/// Options that mean nothing (X6).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChaosError {
    /// Not between 0 and 100.
    #[error("use {0} as a percentage")]
    Percent(f64),
    /// No HTTP status of an answer.
    #[error("answer with the status {0}: 200 to 599 are answers")]
    Status(u16),
    /// Manual mode without any status.
    #[error("answer by hand without a status")]
    NoStatus,
}

/// The layer. Clones share their place in the plan and their chances.
#[derive(Clone, Debug)]
pub struct Chaos {
    plan: Arc<Plan>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    rng: Rng,
    listed: usize,
}

impl Chaos {
    /// The same seed and the same requests make the same run (X11).
    ///
    /// # Errors
    /// A chance outside 0 to 100, a status that is none, or nothing to answer with.
    pub fn new(plan: Plan, seed: u64) -> Result<Self, ChaosError> {
        let statuses: Vec<u16> = match &plan {
            Plan::Random { percent } if !(0.0..=100.0).contains(percent) => {
                return Err(ChaosError::Percent(*percent));
            }
            Plan::Random { .. } => Vec::new(),
            Plan::List(statuses) => statuses.clone(),
            Plan::Manual { status: None, urls } if urls.is_empty() => {
                return Err(ChaosError::NoStatus);
            }
            Plan::Manual { status, urls } => {
                urls.iter().map(|rule| rule.status).chain(*status).collect()
            }
        };
        if let Some(wrong) = statuses.into_iter().find(|status| !(200..600).contains(status)) {
            return Err(ChaosError::Status(wrong));
        }
        let state = State { rng: Rng::with_seed(seed), listed: 0 };
        Ok(Self { plan: Arc::new(plan), state: Arc::new(Mutex::new(state)) })
    }

    /// What to answer instead of sending; `None` sends.
    fn status<B>(&self, request: &Request<B>) -> Option<StatusCode> {
        let mut state = self.state.lock().expect("no panic while the lock is held");
        let own = request.extensions().get::<Override>().map(|own| own.0);
        let status = match &*self.plan {
            _ if own.is_some() => own,
            Plan::Random { percent } => {
                let falls = state.rng.f64() * 100.0 < *percent;
                let plausible = answers::plausible(request.method());
                falls.then(|| plausible[state.rng.usize(..plausible.len())])
            }
            Plan::List(statuses) => {
                state.listed += 1;
                statuses.get(state.listed - 1).copied()
            }
            Plan::Manual { status, urls } => {
                let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
                let fits =
                    |rule: &&Rule| rule.method.as_ref().is_none_or(|it| it == request.method());
                let exact = urls.iter().filter(fits).find(|rule| rule.url == target);
                let matching = || urls.iter().filter(fits).find(|rule| matches(&rule.url, target));
                exact.or_else(matching).map(|rule| rule.status).or(*status)
            }
        };
        status.and_then(|status| StatusCode::from_u16(status).ok())
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}

impl<S> Layer<S> for Chaos {
    type Service = Chaotic<S>;

    fn layer(&self, inner: S) -> Chaotic<S> {
        Chaotic { inner, chaos: self.clone() }
    }
}

/// A service some of whose answers are [`Chaos`]'s.
#[derive(Clone, Debug)]
pub struct Chaotic<S> {
    inner: S,
    chaos: Chaos,
}

impl<S, B> Service<Request<Body>> for Chaotic<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<AnswerBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if let Some(status) = self.chaos.status(&request) {
            let mut state = self.chaos.state.lock().expect("no panic while the lock is held");
            let answer = answers::answer(status, request.headers(), &mut state.rng);
            return Box::pin(async move { Ok(answer) });
        }
        let answer = self.inner.call(request);
        Box::pin(async move { Ok(answer.await?.map(AnswerBody::new)) })
    }
}

#[cfg(test)]
mod tests;
