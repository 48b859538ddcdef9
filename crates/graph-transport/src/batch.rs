//! `$batch`: any number of requests, packed into batches that Graph accepts, each item with its own retry.

mod answer;
mod dependencies;
mod engine;
mod envelope;
mod error;
mod item;
mod pack;
mod slot;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderValue;

pub use self::answer::{BatchAnswer, BatchAnswers};
pub use self::error::BatchError;
pub use self::item::BatchItem;
pub use self::stream::BatchStream;
use crate::client::GraphClient;
use crate::cloud::ApiVersion;
use crate::error::Error;
use crate::link::GraphLink;

/// How many items Graph takes in one batch (facts: graph-protocol 7).
pub(crate) const MOST_ITEMS: usize = 20;

/// How many batches are under way at once; the seeds' `max_concurrent_requests`.
const CONCURRENCY: usize = 4;

/// Any number of requests that travel in `$batch`es.
///
/// Items are packed into waves of batches in the three shapes that Graph accepts: all independent,
/// each depending on the one before, or all depending on one (facts: graph-protocol 7). Any other
/// graph of dependencies is cut into waves, and an item is sent apart from what it depends on only
/// after that has succeeded. Throttled and transient items, and items missing from an answer, are
/// sent again at their own `Retry-After`, as the client's [`RetryConfig`](crate::RetryConfig) says.
///
/// ```no_run
/// # async fn example(client: graph_transport::GraphClient) -> Result<(), graph_transport::Error> {
/// use graph_transport::{ApiVersion, Batch, BatchItem};
///
/// let ids = ["7c2a0000-0000-4000-8000-0000000000aa", "7c2a0000-0000-4000-8000-0000000000bb"];
/// let answers = Batch::new(&client, ApiVersion::V1_0)
///     .items(ids.map(|id| BatchItem::get(id, format!("/users/{id}?$select=displayName"))))
///     .send()
///     .await?;
/// for failed in answers.failed() {
///     println!("{} failed", failed.id);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Batch {
    client: GraphClient,
    version: ApiVersion,
    items: Vec<BatchItem>,
    settings: Settings,
}

#[derive(Clone, Debug)]
struct Settings {
    /// Items in one request.
    limit: usize,
    concurrency: usize,
    continue_on_error: bool,
    prefer: Option<HeaderValue>,
    max_attempts: Option<u32>,
    deadline: Option<Duration>,
    correlation_id: Option<String>,
    in_one_request: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limit: MOST_ITEMS,
            concurrency: CONCURRENCY,
            continue_on_error: true,
            prefer: None,
            max_attempts: None,
            deadline: None,
            correlation_id: None,
            in_one_request: false,
        }
    }
}

impl Batch {
    /// How many items Graph takes in one request (facts: graph-protocol 7).
    pub const MOST_ITEMS: usize = MOST_ITEMS;

    /// A batch without items. v1.0 and beta have an endpoint each (N3).
    pub fn new(client: &GraphClient, version: ApiVersion) -> Self {
        Self { client: client.clone(), version, items: Vec::new(), settings: Settings::default() }
    }

    /// Adds an item.
    pub fn item(mut self, item: BatchItem) -> Self {
        self.items.push(item);
        self
    }

    /// Adds items.
    pub fn items(mut self, items: impl IntoIterator<Item = BatchItem>) -> Self {
        self.items.extend(items);
        self
    }

    /// Takes an item out, and out of what others depend on (N15).
    pub fn remove(&mut self, id: &str) -> Option<BatchItem> {
        let place = self.items.iter().position(|item| item.id.eq_ignore_ascii_case(id))?;
        for item in &mut self.items {
            item.depends_on.retain(|parent| !parent.eq_ignore_ascii_case(id));
        }
        Some(self.items.remove(place))
    }

    /// How many items go into one request, 1 to 20; default 20. Services behind Graph that answer
    /// large batches badly want fewer.
    pub fn items_per_request(mut self, limit: usize) -> Self {
        self.settings.limit = limit;
        self
    }

    /// How many requests may be under way at once, on top of the client's own limit; default 4.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.settings.concurrency = requests;
        self
    }

    /// Whether requests that are not sent yet are sent after an item has failed for good; default true.
    /// What is in one request with the failed item has been carried out by Graph in any case.
    pub fn continue_on_error(mut self, on: bool) -> Self {
        self.settings.continue_on_error = on;
        self
    }

    /// `Prefer` of the outer requests; items carry their own.
    pub fn prefer(mut self, value: HeaderValue) -> Self {
        self.settings.prefer = Some(value);
        self
    }

    /// How often one item may be sent, the first time included; default the client's.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.settings.max_attempts = Some(attempts);
        self
    }

    /// The time limit of the whole batch with its waits; default none.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.settings.deadline = Some(limit);
        self
    }

    /// The caller's id of this call, `client-request-id` of the first request.
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.settings.correlation_id = Some(id.into());
        self
    }

    /// Refuses items that do not fit into one request of a shape that Graph accepts, instead of
    /// splitting them (N4, N14).
    pub fn in_one_request(mut self) -> Self {
        self.settings.in_one_request = true;
        self
    }

    /// Sends everything; the answers come in the order of the items.
    ///
    /// # Errors
    /// Items that cannot be sent (nothing was sent then), or a failure that kept every single item
    /// from being answered. A failure that only some items met is theirs alone.
    pub async fn send(self) -> Result<BatchAnswers, Error> {
        let ids: Vec<String> = self.items.iter().map(|item| item.id.clone()).collect();
        let mut stream = self.stream()?;
        let mut answers: Vec<Option<BatchAnswer>> = ids.iter().map(|_| None).collect();
        while let Some((index, answer)) = stream.next_indexed().await {
            answers[index] = Some(answer);
        }
        let answers: Vec<BatchAnswer> = answers
            .into_iter()
            .map(|answer| answer.expect("the stream ends only after every item"))
            .collect();
        answer::all_or_error(answers)
    }

    /// Sends everything; the answers come as they arrive, each item exactly once. Dropping the
    /// stream ends the work; what was sent may have been carried out.
    ///
    /// # Errors
    /// Items that cannot be sent (nothing was sent then).
    pub fn stream(self) -> Result<BatchStream, Error> {
        let engine = engine::Engine::new(self.client, self.version, self.items, self.settings)?;
        Ok(BatchStream::new(engine))
    }
}

impl GraphClient {
    /// Sends any number of items with the default settings of a [`Batch`]; the answers come in
    /// the order of the items.
    ///
    /// # Errors
    /// As for [`Batch::send`].
    pub async fn batch(
        &self,
        version: ApiVersion,
        items: Vec<BatchItem>,
    ) -> Result<BatchAnswers, Error> {
        Batch::new(self, version).items(items).send().await
    }
}

/// What a `$batch` request holds, in its extensions: layers that count or charge requests look here.
#[derive(Clone, Debug)]
pub(crate) struct Batched(pub(crate) Arc<[(http::Method, GraphLink)]>);

#[cfg(test)]
mod tests;
