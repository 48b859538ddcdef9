//! One command over many requests: packed into batches, one envelope each.

use futures_util::stream::{self, Stream, StreamExt};
use graph_transport::{BatchAnswer, BatchItem, Error};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::value::RawValue;

use super::batch::transport_version;
use super::envelope::{Envelope, Meta};
use super::failure;
use super::portions;
use super::runner::{RunOptions, Runner, presented};
use super::send::{SendError, headers, http_method};
use crate::plan::{CommandPlan, Request};

/// How many requests one batch takes (Graph: JSON batching).
const PER_BATCH: usize = 20;

/// Below this a batch saves no round trip worth its envelope.
const WORTH_A_BATCH: usize = 3;

impl Runner {
    /// Sends many requests of one command and gives each its envelope, with the position of its
    /// request, as they come. At most `at_once` batches or single requests are under way.
    ///
    /// Requests travel in `$batch`, 20 at a time, which costs the same resource units in a twentieth
    /// of the round trips; binary bodies, binary answers, commands with `ensure` or `wait_for` and few
    /// requests go alone. The iterator is asked for more
    /// only when there is room, so ending it ends the work after what is under way.
    pub fn send_each<'a, I>(
        &'a self,
        plan: &'a CommandPlan,
        requests: I,
        at_once: usize,
    ) -> impl Stream<Item = (usize, Envelope)> + 'a
    where
        I: IntoIterator<Item = Request> + 'a,
    {
        let looks = plan.ensure.is_some() || plan.wait_for.is_some();
        let alone = looks || plan.binary || plan.sends_bytes() || plan.is_batch();
        let size = if alone { 1 } else { PER_BATCH };
        let mut requests = requests.into_iter().enumerate();
        let chunks = std::iter::from_fn(move || {
            let chunk: Vec<_> = requests.by_ref().take(size).collect();
            (!chunk.is_empty()).then_some(chunk)
        });
        stream::iter(chunks)
            .map(move |chunk| self.chunk(plan, chunk))
            .buffer_unordered(at_once.max(1))
            .flat_map(stream::iter)
    }

    async fn chunk(
        &self,
        plan: &CommandPlan,
        chunk: Vec<(usize, Request)>,
    ) -> Vec<(usize, Envelope)> {
        // An item of a batch cannot be sent in portions.
        let whole = chunk.iter().all(|(_, request)| portions::split(plan, request).is_none());
        if chunk.len() >= WORTH_A_BATCH && whole {
            return self.batched(plan, chunk).await;
        }
        let mut envelopes = Vec::with_capacity(chunk.len());
        for (position, request) in chunk {
            envelopes.push((position, self.send(plan, &request).await));
        }
        envelopes
    }

    async fn batched(
        &self,
        plan: &CommandPlan,
        chunk: Vec<(usize, Request)>,
    ) -> Vec<(usize, Envelope)> {
        let mut envelopes = Vec::with_capacity(chunk.len());
        let (mut items, mut sent) = (Vec::new(), Vec::new());
        for (position, request) in chunk {
            match item(items.len(), plan, &request) {
                Ok(item) => {
                    items.push(item);
                    sent.push((position, request));
                }
                Err(error) => {
                    let meta = Meta::new(plan.full_name());
                    envelopes.push((position, failure::unsendable(plan, &error, meta)));
                }
            }
        }
        match self.client().batch(transport_version(plan.version), items).await {
            Ok(answers) => {
                for ((position, request), answer) in sent.into_iter().zip(answers) {
                    envelopes.push((position, self.one(plan, &request, answer).await));
                }
            }
            // Every item shares the fate of the batch.
            Err(error) => {
                let failed = |request: &Request| self.lost(plan, request, &error);
                envelopes
                    .extend(sent.iter().map(|(position, request)| (*position, failed(request))));
            }
        }
        envelopes
    }

    /// The envelope of one item; further pages of its answer are followed.
    async fn one(&self, plan: &CommandPlan, request: &Request, answer: BatchAnswer) -> Envelope {
        match answer.result {
            Ok(answer) => {
                let options = RunOptions::default();
                presented(plan, self.judged(plan, request, &answer, &options).await)
            }
            Err(error) => self.lost(plan, request, &error),
        }
    }

    fn lost(&self, plan: &CommandPlan, request: &Request, error: &Error) -> Envelope {
        let meta = Meta::new(plan.full_name());
        match self.client().cloud().link(&request.path_and_query) {
            Ok(link) => failure::broken(plan, error, &link, meta),
            Err(error) => {
                failure::unsendable(plan, &SendError::Transport(Error::Link(error)), meta)
            }
        }
    }
}

fn item(index: usize, plan: &CommandPlan, request: &Request) -> Result<BatchItem, SendError> {
    let version = format!("/{}", plan.version);
    let url = request.path_and_query.strip_prefix(&version).unwrap_or(&request.path_and_query);
    let mut item = BatchItem::new(index.to_string(), http_method(request.method), url);
    item.headers = headers(request)?;
    if let Some(body) = &request.body {
        item.body = Some(serde_json::value::to_raw_value(body).map_err(SendError::Body)?);
        with_content_type(&mut item.headers, item.body.as_deref());
    }
    item.idempotent = request.idempotent || request.reads;
    Ok(item)
}

/// An item with a body names its type itself: the outer request's headers do not count for it.
fn with_content_type(headers: &mut HeaderMap, body: Option<&RawValue>) {
    if body.is_some() && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    }
}
