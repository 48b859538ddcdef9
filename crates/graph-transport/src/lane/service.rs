//! The layer: into the lanes before authorization.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Method, StatusCode};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt as _};

use super::account::Account;
use super::demand::{Access, Demand, Demands};
use super::error::LaneError;
use super::feedback::Feedback;
use super::permit::{Entering, Permits};
use super::registry::Lanes;
use super::snapshot::LaneSnapshot;
use super::{Throttle, table};
use crate::answer::Answer;
use crate::batch::Batched;
use crate::error::Error;
use crate::link::GraphLink;
use crate::observe::Instrument::{Http429, LaneClosed, LaneLimit, SemaphoreWait};
use crate::observe::{AttributeValue, Observe};
use crate::onward::Onward;
use crate::options::{InLane as NamedLane, InPartition};
use crate::request::GraphRequest;

/// Makes [`LaneService`].
#[derive(Clone, Debug)]
pub struct LaneLayer {
    pub(crate) lanes: Lanes,
    pub(crate) account: Arc<Account>,
    pub(crate) throttle: Throttle,
    pub(crate) pool: Option<Duration>,
    pub(crate) observe: Observe,
}

impl<S> Layer<S> for LaneLayer {
    type Service = LaneService<S>;

    fn layer(&self, inner: S) -> LaneService<S> {
        LaneService { inner, settings: Arc::new(self.clone()) }
    }
}

/// Sends while the lane has a place, its budget allows it and its gate is open.
#[derive(Clone, Debug)]
pub struct LaneService<S> {
    inner: S,
    settings: Arc<LaneLayer>,
}

impl<S> Service<GraphRequest> for LaneService<S>
where
    S: Service<GraphRequest, Response = Answer, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Error;
    type Future = InLanes<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: GraphRequest) -> Self::Future {
        let settings = Arc::clone(&self.settings);
        let asked = settings.observe.measures().then(Instant::now);
        let entering = match settings.enter(&request) {
            Ok(entering) => entering,
            Err(error) => {
                let answer = Onward::around(std::future::ready(Err(error)));
                return InLanes { answer, inside: None };
            }
        };
        if entering.is_over() {
            let permits = entering.permits;
            settings.measure_wait(asked);
            request.trail.passages = permits.passages();
            let answer = Onward::straight(self.inner.call(request));
            return InLanes { answer, inside: Some((permits, settings)) };
        }
        let mut inner = self.inner.clone();
        let answer = Onward::around(async move {
            let permits = entering.wait(&settings, &request).await;
            settings.measure_wait(asked);
            let permits = permits?;
            request.trail.passages = permits.passages();
            let answer = inner.ready().await?.call(request).await?;
            permits.learn(&answer, &settings);
            Ok(answer)
        });
        InLanes { answer, inside: None }
    }
}

pin_project! {
    /// A request in its lanes, or on its way into them.
    pub struct InLanes<F> {
        #[pin]
        answer: Onward<F>,
        // The places that were given at once, and those who learn from the answer.
        inside: Option<(Permits, Arc<LaneLayer>)>,
    }
}

impl<F: Future<Output = Result<Answer, Error>>> Future for InLanes<F> {
    type Output = Result<Answer, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.answer.poll(cx));
        // Without an answer there is nothing to learn: the places go back as they are.
        let inside = this.inside.take();
        if let (Ok(answer), Some((permits, settings))) = (&result, inside) {
            permits.learn(answer, &settings);
        }
        Poll::Ready(result)
    }
}

impl LaneLayer {
    /// What the items of a batch ask of the lanes, together.
    fn batch_demands(items: &[(Method, GraphLink)]) -> Option<Demands> {
        let mut all = items.iter().map(|(method, link)| link_demands(method, link));
        let mut sum = all.next()?;
        all.for_each(|demands| demands.iter().for_each(|demand| sum.add(demand)));
        Some(sum)
    }

    /// T4: what an item of a batch was answered concerns the same lanes as a request's answer.
    pub(crate) fn observe_item(&self, method: &Method, link: &GraphLink, answer: &Answer) {
        if answer.status == StatusCode::TOO_MANY_REQUESTS && self.observe.measures() {
            let route = link.template();
            let named = [
                ("http.request.method", AttributeValue::from(method.as_str())),
                ("url.template", route.as_str().into()),
                ("server.address", link.uri().host().unwrap_or_default().into()),
            ];
            self.observe.measure(Http429, 1.0, &named);
        }
        let mut feedback = self.throttle.read(answer.status, &answer.headers);
        let demands: Vec<Demand> = link_demands(method, link).iter().collect();
        for demand in demands.iter().rev() {
            let spread = self.account.observe(demand, link.path(), &feedback);
            self.lanes.spread(&self.account, spread);
            feedback.refusal = None;
        }
    }

    fn demands(request: &GraphRequest) -> Result<Demands, Error> {
        let mut demands = link_demands(&request.method, &request.link);
        if let Some(NamedLane { lane, units }) = request.extensions.get() {
            if let Some(name) = lane {
                let id = table::lane_named(name)
                    .ok_or_else(|| LaneError::UnknownLane(name.to_string()))?;
                demands = Demands::from(Demand { lane: id, ..*demands.first_mut() });
            }
            if let Some(units) = units {
                demands.first_mut().units = *units;
            }
        }
        Ok(demands)
    }

    /// Asks for a place in each lane of a request, in order, as far as they are given at once.
    fn enter(&self, request: &GraphRequest) -> Result<Entering, Error> {
        let partition = request.extensions.get::<InPartition>().map(|it| it.0.as_ref());
        let part = self.account.part(partition)?;
        let batch = request.extensions.get::<Batched>();
        let batch = batch.and_then(|items| Self::batch_demands(&items.0));
        let is_batch = batch.is_some();
        let demands = match batch {
            Some(demands) => demands,
            None => Self::demands(request)?,
        };
        Ok(Entering::begin(self, demands, part, is_batch, request.link.path())?)
    }

    /// What a dashboard shows of a lane, after each answer (T14).
    pub(super) fn gauge(&self, lane: &LaneSnapshot) {
        let access = match lane.access {
            Access::Read => "read",
            Access::Write => "write",
        };
        let named = [
            ("azure.lane", AttributeValue::from(lane.lane.as_str())),
            ("azure.lane.access", access.into()),
        ];
        if let Some(limit) = lane.limit.and_then(|limit| u32::try_from(limit).ok()) {
            self.observe.measure(LaneLimit, f64::from(limit), &named);
        }
        let closed = lane.closed.as_ref().map_or(Duration::ZERO, |closed| closed.opens_in);
        self.observe.measure(LaneClosed, closed.as_secs_f64(), &named);
    }

    fn measure_wait(&self, asked: Option<Instant>) {
        if let Some(asked) = asked {
            self.observe.measure(SemaphoreWait, asked.elapsed().as_secs_f64(), &[]);
        }
    }
}

fn link_demands(method: &Method, link: &GraphLink) -> Demands {
    table::demands(method, link.path(), link.query())
}

impl Throttle {
    pub(super) fn read(&self, status: StatusCode, headers: &http::HeaderMap) -> Feedback {
        Feedback::read(status, headers, self)
    }
}
