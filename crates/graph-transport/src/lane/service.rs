//! The layers: into the lane before authorization, and one last look at its gate after it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Method, Request, StatusCode};
use tokio::time::{Instant, sleep_until};
use tower::{Layer, Service};

use super::account::{Account, Entered, Entry, Look};
use super::demand::{Demand, Demands};
use super::error::LaneError;
use super::feedback::Feedback;
use super::gate::ClosedLane;
use super::line::Waiter;
use super::registry::Lanes;
use super::{Throttle, table};
use crate::answer::Answer;
use crate::batch::Batched;
use crate::body::Body;
use crate::error::{Error, TimeoutPhase};
use crate::link::GraphLink;
use crate::observe::Instrument::SemaphoreWait;
use crate::observe::Observe;
use crate::options::{InLane as NamedLane, InPartition};
use crate::request::GraphRequest;
use crate::retry::Journal;

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

/// The lanes that a request is in, for the last look.
#[derive(Clone, Debug)]
struct Passage {
    account: Arc<Account>,
    lane: usize,
}

impl<S> Service<GraphRequest> for LaneService<S>
where
    S: Service<GraphRequest, Response = Answer, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: GraphRequest) -> Self::Future {
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        let settings = Arc::clone(&self.settings);
        Box::pin(async move {
            let asked = settings.observe.measures().then(Instant::now);
            let batch = request.extensions.get::<Batched>();
            let batch = batch.and_then(|items| LaneLayer::batch_demands(&items.0));
            let is_batch = batch.is_some();
            let demands = match batch {
                Some(demands) => demands,
                None => LaneLayer::demands(&request)?,
            };
            let permits = settings.enter(&request, &demands).await;
            if let Some(asked) = asked {
                settings.observe.measure(SemaphoreWait, asked.elapsed().as_secs_f64(), &[]);
            }
            let permits = permits?;
            request.extensions.insert(permits.passage());
            let answer = inner.call(request).await?;
            let mut feedback = settings.throttle.read(answer.status, &answer.headers);
            if is_batch {
                feedback.units = None; // each item tells its own
            }
            permits.leave(feedback, &settings.lanes);
            Ok(answer)
        })
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

    async fn enter(&self, request: &GraphRequest, demands: &Demands) -> Result<Permits, Error> {
        let partition = request.extensions.get::<InPartition>().map(|it| it.0.as_ref());
        let part = self.account.part(partition)?;
        let mut permits = Permits::default();
        for (index, demand) in demands.iter().enumerate() {
            // A request is one of `max_concurrent_requests`, in however many lanes it is.
            let permit = self.permit(request, demand, part, index == 0).await?;
            permits.0.push(permit);
        }
        Ok(permits)
    }

    async fn permit(
        &self,
        request: &GraphRequest,
        demand: Demand,
        part: usize,
        capped: bool,
    ) -> Result<Permit, Error> {
        let entry = self.account.try_enter(demand, part, capped, request.link.path())?;
        let (lane, grant) = match entry {
            Entry::Granted { lane, grant } => (lane, grant),
            Entry::Waits { lane, waiter } => {
                let account = Arc::clone(&self.account);
                let mut waiting = Waiting { account, lane, waiter, over: false };
                let deadline = Journal::deadline(&request.extensions);
                waiting.wait(deadline, self.pool).await?;
                waiting.over = true;
                let grant = waiting.waiter.granted.get().expect("the wait ended with a grant");
                (lane, *grant)
            }
        };
        let entered = Entered { lane, part, capped, demand, grant };
        Ok(Permit { account: Arc::clone(&self.account), entered, over: false })
    }
}

fn link_demands(method: &Method, link: &GraphLink) -> Demands {
    let query = link.path_and_query().split_once('?').map_or("", |(_, query)| query);
    table::demands(method, link.path(), query)
}

/// A request in line; dropping it takes it out, or gives back what it was given.
struct Waiting {
    account: Arc<Account>,
    lane: usize,
    waiter: Arc<Waiter>,
    over: bool,
}

impl Waiting {
    async fn wait(&self, deadline: Option<Instant>, pool: Option<Duration>) -> Result<(), Error> {
        // The pool timeout bounds the wait for a place; a gate or a budget has times of its own.
        let mut place_by = pool.map(|limit| Instant::now() + limit);
        loop {
            let (until, held) = match self.account.look(self.lane, &self.waiter, deadline) {
                Look::Granted => return Ok(()),
                Look::TooLate(closed) => return Err(throttled(closed)),
                Look::Waits { until, held } => (until, held),
            };
            if let (Some(limit), Some(by)) = (pool, place_by) {
                if held {
                    place_by = Some(Instant::now() + limit);
                } else if by <= Instant::now() {
                    let (phase, tried) = (TimeoutPhase::Pool, Box::default());
                    return Err(Error::Timeout { phase, limit, tried });
                }
            }
            let wake = [until, place_by].into_iter().flatten().min();
            tokio::select! {
                () = self.waiter.notify.notified() => {}
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.over {
            self.account.abandon(self.lane, &self.waiter);
        }
    }
}

/// A place in a lane; dropping it, for example when a call is cancelled, gives it back.
#[derive(Debug)]
struct Permit {
    account: Arc<Account>,
    entered: Entered,
    over: bool,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.over {
            self.account.leave(&self.entered, None);
        }
    }
}

/// The places of one request, in the order of its demands.
#[derive(Debug, Default)]
struct Permits(Vec<Permit>);

impl Permits {
    fn passage(&self) -> Passages {
        Passages(
            self.0
                .iter()
                .map(|permit| Passage {
                    account: Arc::clone(&permit.account),
                    lane: permit.entered.lane,
                })
                .collect(),
        )
    }

    /// Gives the places back and lets every lane learn; a refusal closes the narrowest, which is the last.
    fn leave(mut self, mut feedback: Feedback, lanes: &Lanes) {
        while let Some(mut permit) = self.0.pop() {
            permit.over = true;
            let spread = permit.account.leave(&permit.entered, Some(&feedback));
            lanes.spread(&permit.account, spread);
            feedback.refusal = None;
        }
    }
}

/// All lanes that a request is in.
#[derive(Clone, Debug)]
struct Passages(Vec<Passage>);

/// Makes [`LastLook`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastLookLayer;

impl<S> Layer<S> for LastLookLayer {
    type Service = LastLook<S>;

    fn layer(&self, inner: S) -> LastLook<S> {
        LastLook { inner }
    }
}

/// Looks at the gate again after authorization, which may have waited for a token while the lane closed.
#[derive(Clone, Debug)]
pub(crate) struct LastLook<S> {
    inner: S,
}

type Answering = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

impl<S> Service<Request<Body>> for LastLook<S>
where
    S: Service<Request<Body>, Response = Answer, Error = Error, Future = Answering>
        + Clone
        + Send
        + 'static,
{
    type Response = Answer;
    type Error = Error;
    type Future = Answering;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let passages = request.extensions_mut().remove::<Passages>();
        let closed = passages.as_ref().and_then(Passages::closed);
        let Some(passages) = passages.filter(|_| closed.is_some()) else {
            return self.inner.call(request); // boxed already
        };
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        Box::pin(async move {
            let deadline = Journal::deadline(request.extensions());
            while let Some((opens, closed)) = passages.closed() {
                if deadline.is_some_and(|deadline| opens > deadline) {
                    return Err(throttled(closed));
                }
                sleep_until(opens).await;
            }
            inner.call(request).await
        })
    }
}

impl Passages {
    fn closed(&self) -> Option<(Instant, ClosedLane)> {
        self.0
            .iter()
            .filter_map(|passage| passage.account.closed(passage.lane))
            .max_by_key(|it| it.0)
    }
}

/// R28: the wait would end after the caller's deadline.
fn throttled(closed: ClosedLane) -> Error {
    Error::Throttled { wait: closed.opens_in, closed: Box::new(closed), tried: Box::default() }
}

impl Throttle {
    fn read(&self, status: StatusCode, headers: &http::HeaderMap) -> Feedback {
        Feedback::read(status, headers, self)
    }
}
