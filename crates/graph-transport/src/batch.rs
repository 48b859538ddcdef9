//! `$batch`: any number of requests, packed into batches that Graph accepts, each item with its own retry.

mod envelope;
mod pack;

use std::collections::HashSet;
use std::time::Duration;

use http::header::HeaderValue;
use http::{HeaderMap, Method, StatusCode};
use serde_json::value::RawValue;

use crate::answer::Answer;
use crate::client::GraphClient;
use crate::cloud::ApiVersion;
use crate::disposition::Disposition;
use crate::error::Error;
use crate::link::LinkError;
use crate::page::Page;
use crate::request::GraphRequest;
use crate::retry::server_wait;

/// How many items Graph takes in one batch (facts: graph-protocol 7).
pub(crate) const MOST_ITEMS: usize = 20;

/// One request of a batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchItem {
    /// Unique in the call, ignoring case.
    pub id: String,
    /// The method.
    pub method: Method,
    /// Relative to the versioned root, with a leading slash: `/groups/{id}/members?$select=id`.
    pub url: String,
    /// Headers of the item; the outer request's do not count for it.
    pub headers: HeaderMap,
    /// A JSON body.
    pub body: Option<Box<RawValue>>,
    /// Ids of the items that must succeed first.
    pub depends_on: Vec<String>,
    /// Whether the item may go out again although it may have been carried out.
    pub idempotent: bool,
}

impl BatchItem {
    /// An item without headers and body; idempotent unless it is a POST or PATCH.
    pub fn new(id: impl Into<String>, method: Method, url: impl Into<String>) -> Self {
        let idempotent = !matches!(method, Method::POST | Method::PATCH);
        let (headers, body, depends_on) = (HeaderMap::new(), None, Vec::new());
        Self { id: id.into(), method, url: url.into(), headers, body, depends_on, idempotent }
    }

    /// A GET.
    pub fn get(id: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(id, Method::GET, url)
    }
}

/// What became of one item.
#[derive(Debug)]
pub struct BatchAnswer {
    /// The item's id.
    pub id: String,
    /// Its own answer, success or not; an error where the batch answered nothing for it.
    pub result: Result<Answer, Error>,
}

impl BatchAnswer {
    /// The item's body as a page; its `nextLink` is checked like any other.
    ///
    /// # Errors
    /// A refusal, or a body that is no page.
    pub fn into_page(self, client: &GraphClient) -> Result<Page, Error> {
        let answer = self.result?.into_success()?;
        Ok(Page::read(answer.body, client.cloud())?)
    }
}

/// Items that cannot be sent, or an answer that leaves items out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Ids are text of at least one character.
    #[error("use an empty id")]
    EmptyId,
    /// Ids are unique, ignoring case.
    #[error("use the id `{0}` twice")]
    DuplicateId(String),
    /// `dependsOn` names an item that is not there, or the item itself.
    #[error("let `{id}` depend on `{parent}`, which is not another item of the batch")]
    UnknownParent {
        /// The dependant.
        id: String,
        /// What it names.
        parent: String,
    },
    /// More items that depend on each other than fit into one batch.
    #[error("send {0} items that depend on each other: Graph takes 20 in one batch")]
    TooManyDependants(usize),
    /// A URL that is not below the versioned root.
    #[error("send the item `{id}`")]
    Url {
        /// The item.
        id: String,
        /// Why.
        source: LinkError,
    },
    /// An answer that is no batch envelope.
    #[error("read the answer of the batch")]
    Envelope(#[source] serde_json::Error),
    /// The item was in no answer, however often it was sent (N20).
    #[error("find an answer for the item `{0}`")]
    Unanswered(String),
}

impl GraphClient {
    /// Sends any number of items; the answers come in the order of the items.
    ///
    /// Throttled and transient items, and items missing from an answer, are sent again in later
    /// batches at their own `Retry-After`; a throttled item closes the lane's gate like any request.
    ///
    /// # Errors
    /// Items that cannot be sent (nothing was sent then), or a batch that was refused as a whole.
    pub async fn batch(
        &self,
        version: ApiVersion,
        items: Vec<BatchItem>,
    ) -> Result<Vec<BatchAnswer>, Error> {
        pack::check(self, version, &items)?;
        let mut results: Vec<Option<Answer>> = items.iter().map(|_| None).collect();
        let mut pending: Vec<usize> = (0..items.len()).collect();
        for attempt in 1.. {
            let mut again = HashSet::new();
            let mut asked = Duration::ZERO;
            for chunk in pack::chunks(&items, &pending) {
                let answers = self.send_chunk(version, &items, &chunk).await?;
                for (index, answer) in chunk.iter().copied().zip(answers) {
                    if may_repeat(&items[index], answer.as_ref()) {
                        again.insert(index);
                    }
                    asked = asked.max(
                        answer
                            .as_ref()
                            .and_then(|answer| self.item_wait(answer))
                            .unwrap_or_default(),
                    );
                    results[index] = answer.or(results[index].take());
                }
            }
            pack::add_failed_dependants(&items, &results, &mut again);
            if again.is_empty() || attempt >= self.retry().max_attempts {
                break;
            }
            pending.retain(|index| again.contains(index));
            tokio::time::sleep(asked.max(self.retry().backoff.wait(attempt))).await;
        }
        let answered = |(item, answer): (BatchItem, Option<Answer>)| BatchAnswer {
            result: answer.ok_or_else(|| BatchError::Unanswered(item.id.clone()).into()),
            id: item.id,
        };
        Ok(items.into_iter().zip(results).map(answered).collect())
    }

    async fn send_chunk(
        &self,
        version: ApiVersion,
        items: &[BatchItem],
        chunk: &[usize],
    ) -> Result<Vec<Option<Answer>>, Error> {
        let link = self.cloud().link(&format!("/{version}/$batch"))?;
        let body = envelope::write(items, chunk);
        let request = GraphRequest::new(Method::POST, link)
            .body(body.into(), HeaderValue::from_static("application/json"))
            .deadline(None);
        let harmless = chunk.iter().all(|index| items[*index].idempotent);
        let request = if harmless { request.idempotent() } else { request };
        let answer = self.send(request).await?;
        // Some services answer 424 on the outside and mean 200 (facts: graph-protocol 7).
        let answer = if answer.status == StatusCode::FAILED_DEPENDENCY {
            answer
        } else {
            answer.into_success()?
        };
        let answers = envelope::read(&answer, items, chunk)?;
        answers.iter().flatten().for_each(|item| self.observe_throttle(item));
        Ok(answers)
    }

    fn item_wait(&self, answer: &Answer) -> Option<Duration> {
        server_wait(&answer.headers, &self.retry().retry_after_headers, self.now())
    }
}

/// N23: throttled items always, transient and missing ones where a repeat does no harm.
fn may_repeat(item: &BatchItem, answer: Option<&Answer>) -> bool {
    let Some(error) = answer.map(Answer::error) else { return item.idempotent };
    error.is_some_and(|error| {
        Disposition::was_not_carried_out(&error)
            || (item.idempotent && Disposition::of(&error) == Disposition::Transient)
    })
}

impl From<serde_json::Error> for BatchError {
    fn from(source: serde_json::Error) -> Self {
        Self::Envelope(source)
    }
}

#[cfg(test)]
mod tests;
