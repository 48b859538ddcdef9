//! The layers: into the lane before authorization, and one last look at its gate after it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Method, Request, StatusCode};
use pin_project_lite::pin_project;
use tokio::time::{Instant, sleep_until};
use tower::{Layer, Service, ServiceExt as _};

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
use crate::onward::Onward;
use crate::options::{InLane as NamedLane, InPartition};
use crate::request::GraphRequest;
use crate::trail::Trail;

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
        let permits = Permits { first: None, more: Vec::new(), is_batch };
        let mut entering = Entering { permits, demands, part, entered: 0, waiting: None };
        entering.go_on(self, request.link.path())?;
        Ok(entering)
    }

    fn measure_wait(&self, asked: Option<Instant>) {
        if let Some(asked) = asked {
            self.observe.measure(SemaphoreWait, asked.elapsed().as_secs_f64(), &[]);
        }
    }
}

/// A request between its lanes.
struct Entering {
    permits: Permits,
    demands: Demands,
    part: usize,
    entered: usize,
    waiting: Option<Waiting>,
}

impl Entering {
    fn is_over(&self) -> bool {
        self.waiting.is_none()
    }

    /// Enters lane after lane until one makes it wait.
    fn go_on(&mut self, settings: &LaneLayer, path: &str) -> Result<(), LaneError> {
        while let Some(demand) = self.demands.get(self.entered) {
            // A request is one of `max_concurrent_requests`, in however many lanes it is.
            let capped = self.entered == 0;
            let account = Arc::clone(&settings.account);
            match account.try_enter(demand, self.part, capped, path)? {
                Entry::Granted { lane, grant, closings } => {
                    let entered = Entered { lane, part: self.part, capped, demand, grant };
                    self.permits.push(Permit { account, entered, closings, over: false });
                    self.entered += 1;
                }
                Entry::Waits { lane, waiter } => {
                    self.waiting = Some(Waiting { account, lane, waiter, over: false });
                    break;
                }
            }
        }
        Ok(())
    }

    async fn wait(
        mut self,
        settings: &LaneLayer,
        request: &GraphRequest,
    ) -> Result<Permits, Error> {
        while let Some(mut waiting) = self.waiting.take() {
            waiting.wait(request.trail.deadline(), settings.pool).await?;
            self.permits.push(waiting.granted());
            self.entered += 1;
            self.go_on(settings, request.link.path())?;
        }
        Ok(self.permits)
    }
}

fn link_demands(method: &Method, link: &GraphLink) -> Demands {
    table::demands(method, link.path(), link.query())
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

impl Waiting {
    /// The place that the wait ended with.
    fn granted(&mut self) -> Permit {
        self.over = true;
        let grant = *self.waiter.granted.get().expect("the wait ended with a grant");
        let Waiter { part, capped, demand, .. } = *self.waiter;
        let entered = Entered { lane: self.lane, part, capped, demand, grant };
        // A gate may have closed since the place was given.
        let closings = u64::MAX;
        Permit { account: Arc::clone(&self.account), entered, closings, over: false }
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
    /// How often a gate of the account had closed when it was given.
    closings: u64,
    over: bool,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.over {
            self.account.leave(&self.entered, None);
        }
    }
}

/// The places of one request, in the order of its demands; nearly always one.
#[derive(Debug)]
struct Permits {
    first: Option<Permit>,
    more: Vec<Permit>,
    is_batch: bool,
}

impl Permits {
    fn push(&mut self, permit: Permit) {
        match &mut self.first {
            None => self.first = Some(permit),
            Some(_) => self.more.push(permit),
        }
    }

    fn passages(&self) -> Passages {
        let passage = |permit: &Permit| Passage {
            account: Arc::clone(&permit.account),
            lane: permit.entered.lane,
            closings: permit.closings,
        };
        let more = self.more.iter().map(passage).collect();
        Passages { first: self.first.as_ref().map(passage), more }
    }

    /// Gives the places back and lets every lane learn; a refusal closes the narrowest, which is the last.
    fn learn(mut self, answer: &Answer, settings: &LaneLayer) {
        let mut feedback = settings.throttle.read(answer.status, &answer.headers);
        if self.is_batch {
            feedback.units = None; // each item tells its own
        }
        while let Some(mut permit) = self.more.pop().or_else(|| self.first.take()) {
            permit.over = true;
            let spread = permit.account.leave(&permit.entered, Some(&feedback));
            settings.lanes.spread(&permit.account, spread);
            feedback.refusal = None;
        }
    }
}

/// The lanes that a request is in, for the last look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passages {
    first: Option<Passage>,
    more: Vec<Passage>,
}

#[derive(Clone, Debug)]
struct Passage {
    account: Arc<Account>,
    lane: usize,
    closings: u64,
}

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

impl<S> Service<Request<Body>> for LastLook<S>
where
    S: Service<Request<Body>, Response = Answer, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Error;
    type Future = Onward<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let trail = request.extensions_mut().get_mut::<Trail>();
        let passages = trail.map(|trail| std::mem::take(&mut trail.passages)).unwrap_or_default();
        if passages.closed().is_none() {
            return Onward::straight(self.inner.call(request));
        }
        let mut inner = self.inner.clone();
        Onward::around(async move {
            let deadline = Trail::deadline_of(request.extensions());
            while let Some((opens, closed)) = passages.closed() {
                if deadline.is_some_and(|deadline| opens > deadline) {
                    return Err(throttled(closed));
                }
                sleep_until(opens).await;
            }
            inner.ready().await?.call(request).await
        })
    }
}

impl Passages {
    fn closed(&self) -> Option<(Instant, ClosedLane)> {
        let all = self.first.iter().chain(&self.more);
        // Where no gate has closed since, nothing has to be looked at.
        all.filter(|it| it.account.closings() != it.closings)
            .filter_map(|it| it.account.closed(it.lane))
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
