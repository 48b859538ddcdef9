//! A batch under way, as a stream of its answers.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use http::header::{HeaderName, HeaderValue};
use http::{Method, StatusCode};
use tokio::time::{Sleep, sleep_until};

use super::engine::{Engine, Outcome, Parcel, Step};
use super::{BatchAnswer, BatchError, Batched, envelope};
use crate::answer::Answer;
use crate::client::GraphClient;
use crate::error::Error;
use crate::request::GraphRequest;

/// What was sent, how often, and what came back.
type Sending = Pin<Box<dyn Future<Output = (Parcel, u32, Outcome)> + Send>>;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The answers of a [`Batch`](super::Batch) as they come, each item exactly once. It works only
/// while it is polled, so a slow reader holds the requests back.
pub struct BatchStream {
    engine: Engine,
    /// Requests of this wave that are not sent yet.
    waiting: VecDeque<Parcel>,
    under_way: FuturesUnordered<Sending>,
    finished: VecDeque<(usize, BatchAnswer)>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl std::fmt::Debug for BatchStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchStream")
            .field("under_way", &self.under_way.len())
            .finish_non_exhaustive()
    }
}

impl BatchStream {
    pub(super) fn new(engine: Engine) -> Self {
        Self {
            engine,
            waiting: VecDeque::new(),
            under_way: FuturesUnordered::new(),
            finished: VecDeque::new(),
            pause: None,
        }
    }

    /// The next answer; `None` after the last one.
    pub async fn next(&mut self) -> Option<BatchAnswer> {
        Some(self.next_indexed().await?.1)
    }

    /// The next answer with the place of its item.
    pub(super) async fn next_indexed(&mut self) -> Option<(usize, BatchAnswer)> {
        poll_fn(|cx| self.poll_indexed(cx)).await
    }

    fn poll_indexed(&mut self, cx: &mut Context<'_>) -> Poll<Option<(usize, BatchAnswer)>> {
        loop {
            self.finished.extend(self.engine.take_finished());
            if let Some(finished) = self.finished.pop_front() {
                return Poll::Ready(Some(finished));
            }
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            self.begin_waiting();
            match Pin::new(&mut self.under_way).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some((parcel, sent, outcome))) => {
                    self.engine.settle(&parcel, sent, outcome);
                }
                Poll::Ready(None) => match self.engine.next() {
                    Step::Send(parcels) => self.waiting = parcels.into(),
                    Step::WaitUntil(at) => self.pause = Some(Box::pin(sleep_until(at))),
                    Step::Done => {
                        self.finished.extend(self.engine.take_finished());
                        return Poll::Ready(self.finished.pop_front());
                    }
                },
            }
        }
    }

    fn begin_waiting(&mut self) {
        while self.under_way.len() < self.engine.settings.concurrency {
            let Some(parcel) = self.waiting.pop_front() else { return };
            if self.engine.still_goes(&parcel) {
                let sending = self.sending(parcel);
                self.under_way.push(sending);
            }
        }
    }

    fn sending(&mut self, parcel: Parcel) -> Sending {
        let client = self.engine.client.clone();
        match &parcel {
            Parcel::Alone(place) => {
                let slot = &self.engine.slots[*place];
                let request = slot.item.request(slot.link.clone());
                let request = request
                    .deadline(self.engine.time_left())
                    .max_attempts(self.engine.attempts_left(&parcel));
                Box::pin(async move {
                    let result = client.send(request).await;
                    (parcel, attempts(&result), Outcome::Single(result))
                })
            }
            Parcel::Batch(chunk) => {
                let item = |place: usize| &self.engine.slots[place].item;
                let ids: Vec<String> = chunk.iter().map(|it| item(it.place).id.clone()).collect();
                let body = envelope::write(item, chunk);
                let request = self.request(body, &parcel);
                Box::pin(async move {
                    let (sent, outcome) = match request {
                        Ok(request) => send(&client, request, &ids).await,
                        Err(error) => (1, Outcome::Failed(error)),
                    };
                    (parcel, sent, outcome)
                })
            }
        }
    }

    fn request(&mut self, body: Vec<u8>, parcel: &Parcel) -> Result<GraphRequest, Error> {
        let engine = &mut self.engine;
        let link = engine.client.cloud().link(&format!("/{}/$batch", engine.version))?;
        let mut request = GraphRequest::new(Method::POST, link)
            .body(body.into(), HeaderValue::from_static("application/json"))
            .deadline(engine.time_left())
            .max_attempts(engine.attempts_left(parcel));
        if let Some(prefer) = &engine.settings.prefer {
            request = request.header(PREFER, prefer.clone());
        }
        // The id of the call names its first request; the others have their own.
        if let Some(id) = engine.settings.correlation_id.take() {
            request = request.correlation_id(&id);
        }
        let slots = || parcel.places().map(|place| &engine.slots[place]);
        let inside = slots().map(|slot| (slot.item.method.clone(), slot.link.clone()));
        request.extensions_mut().insert(Batched(inside.collect()));
        let harmless = slots().all(|slot| slot.item.idempotent);
        Ok(if harmless { request.idempotent() } else { request })
    }
}

async fn send(client: &GraphClient, request: GraphRequest, ids: &[String]) -> (u32, Outcome) {
    let result = client.send(request).await;
    let sent = attempts(&result);
    let outcome = match result {
        Ok(answer) => read(answer, ids),
        Err(error @ Error::TooLarge { .. }) => Outcome::Spoilt(error),
        Err(error) => Outcome::Failed(error),
    };
    (sent, outcome)
}

/// How often a request went out: its repeats are repeats of every item.
fn attempts(result: &Result<Answer, Error>) -> u32 {
    let attempts = match result {
        Ok(answer) => answer.attempts(),
        Err(error) => error.attempts(),
    };
    u32::try_from(attempts.len()).unwrap_or(u32::MAX).max(1)
}

fn read(answer: Answer, ids: &[String]) -> Outcome {
    // Some services answer 424 on the outside and mean 200 (facts: graph-protocol 7).
    let failed_dependency = answer.status == StatusCode::FAILED_DEPENDENCY;
    if !answer.status.is_success() && !failed_dependency {
        return refused(answer);
    }
    match envelope::read(&answer, ids) {
        Ok(answers) => Outcome::Answers(answers),
        Err(_) if failed_dependency => refused(answer),
        Err(error) => Outcome::Spoilt(BatchError::Envelope(error).into()),
    }
}

fn refused(answer: Answer) -> Outcome {
    Outcome::Failed(answer.into_success().expect_err("the caller saw that it is no success"))
}

impl Stream for BatchStream {
    type Item = BatchAnswer;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<BatchAnswer>> {
        self.get_mut().poll_indexed(cx).map(|answer| Some(answer?.1))
    }
}
