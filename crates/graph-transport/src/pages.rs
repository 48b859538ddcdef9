//! A walk over pages, ended only by a page without `nextLink`.

mod items;
mod recovery;

use std::collections::HashSet;
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http::{HeaderMap, Method};
use tokio::task::{JoinError, JoinSet};
use tracing::Instrument as _;
use tracing::instrument::WithSubscriber as _;

pub use self::items::{Items, Position};
use self::recovery::Recovery;
use crate::answer::Answer;
use crate::client::GraphClient;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::link::{GraphLink, LinkError};
use crate::observe::CollectPages;
use crate::options::{CorrelationId, OperationLimit};
use crate::page::{Page, PageError};
use crate::request::GraphRequest;

/// The pages of a collection, pulled with [`Pages::next`] or as a [`Stream`].
///
/// Each request passes the whole stack, carries the headers of the first (a `nextLink` does not)
/// and has no deadline of its own, because waits under throttling are long. While a page is being
/// worked on, the next one is fetched, and no further one: a slow reader holds the walk back.
/// Dropping the walk cancels that request and gives its place in the lane back.
#[derive(Debug)]
#[must_use = "nothing is asked for until the pages are taken, and the collection is whole only at their end"]
pub struct Pages {
    client: GraphClient,
    /// Headers and settings for every page.
    template: GraphRequest,
    state: State,
    prefetch: bool,
    read: Reader,
    /// The request for the page that `state` names; one at most.
    fetching: JoinSet<Fetched>,
    followed: HashSet<u64>,
    recovery: Recovery,
    restarts_left: u32,
    counts: Counts,
    walk: CollectPages,
}

#[derive(Debug)]
enum State {
    /// The next page is behind this request.
    At(Box<GraphRequest>),
    /// A page that was at hand before the walk began.
    Holds(Box<Page>),
    Finished(Option<GraphLink>),
    Failed,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    pages: u64,
    items: u64,
    restarts: u32,
    collection: Option<u64>,
}

/// A page, and whether it came at the first attempt.
type Fetched = Result<(Page, bool), Error>;

type Read = dyn Fn(Answer, &Cloud) -> Result<Page, PageError> + Send + Sync;

/// Reads a page from an answer.
#[derive(Clone)]
struct Reader(Arc<Read>);

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

/// What a walk that reached its end can prove; nothing else may claim completeness (P30).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Proof {
    /// Pages read, since the last restart.
    pub pages: u64,
    /// Items on them.
    pub items: u64,
    /// How often the walk began again; see [`Pages::restarts`].
    pub restarts: u32,
    /// `@odata.count` of the first page: how many items Graph promised, where it was asked.
    pub count: Option<u64>,
    /// Where the next round of a delta walk begins.
    pub delta_link: Option<GraphLink>,
}

impl Pages {
    pub(crate) fn new(client: GraphClient, first: GraphRequest) -> Self {
        let first = match first.extensions.get::<OperationLimit>() {
            Some(_) => first,
            None => first.deadline(None),
        };
        let mut template = GraphRequest::new(Method::GET, first.link.clone());
        template.headers.clone_from(&first.headers);
        template.extensions = first.extensions.clone();
        // The correlation id belongs to the first request; pages have their own.
        template.extensions.remove::<CorrelationId>();
        Self {
            walk: CollectPages::begin(&first.link.template()),
            recovery: Recovery::beginning_at(&first.link),
            client,
            template,
            state: State::At(Box::new(first)),
            prefetch: true,
            read: Reader(Arc::new(|answer, cloud| Page::read(answer.body, cloud))),
            fetching: JoinSet::new(),
            followed: HashSet::new(),
            restarts_left: 0,
            counts: Counts::default(),
        }
    }

    /// Begins with a page that is at hand already; `request` is the one that it answers.
    pub(crate) fn beginning_with(client: GraphClient, page: Page, request: GraphRequest) -> Self {
        let mut pages = Self::new(client, request);
        pages.state = State::Holds(Box::new(page));
        pages
    }

    /// Whether the next page is fetched while one is being worked on; default true.
    pub fn prefetch(mut self, on: bool) -> Self {
        self.prefetch = on;
        self
    }

    /// How often the walk may begin again after Graph has forgotten where it stood (P26); default 0.
    ///
    /// [`PageError::Expired`] is reported either way. If a restart is left, the walk goes on after
    /// it with the first page again: what came before comes once more, and [`Proof`] counts anew.
    pub fn restarts(mut self, most: u32) -> Self {
        self.restarts_left = most;
        self
    }

    /// Reads pages that are no OData collections, or in the caller's own way (P21); only successes
    /// reach `read`. [`Page::from_parts`] makes a page of what was found.
    pub fn read_with(
        mut self,
        read: impl Fn(Answer, &Cloud) -> Result<Page, PageError> + Send + Sync + 'static,
    ) -> Self {
        self.read = Reader(Arc::new(read));
        self
    }

    /// The next page; `None` after the last one and after an error that no restart follows.
    /// Dropping the future half way loses no page.
    ///
    /// # Errors
    /// Everything [`GraphClient::send`] fails with, a refusal, or a page that cannot be used. The walk
    /// is over then: begin again at [`Pages::position`], or from the start.
    pub async fn next(&mut self) -> Option<Result<Page, Error>> {
        poll_fn(|cx| self.poll_page(cx)).await
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page, Error>>> {
        loop {
            let result = match &self.state {
                State::Finished(_) | State::Failed => return Poll::Ready(None),
                State::Holds(page) => Ok((Page::clone(page), true)),
                State::At(request) => {
                    let request = request.clone();
                    match self.begin(&request) {
                        Err(error) => Err(error.into()),
                        Ok(()) => match ready!(self.fetching.poll_join_next(cx)) {
                            Some(fetched) => joined(fetched),
                            None => continue, // just begun
                        },
                    }
                }
            };
            let span = self.walk.span();
            let taken = span.in_scope(|| match result {
                Ok((page, clean)) => self.take(page, clean).map(Some),
                Err(error) => self.refused(error).map_or(Ok(None), Err),
            });
            match taken {
                Ok(Some(page)) => return Poll::Ready(Some(Ok(page))),
                Ok(None) => {} // another request for the same place
                Err(error) => {
                    self.end(&error);
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    /// Asks for a page, once.
    fn begin(&mut self, request: &GraphRequest) -> Result<(), PageError> {
        if !self.fetching.is_empty() {
            return Ok(());
        }
        if self.followed.contains(&fingerprint(&request.link)) {
            return Err(PageError::Loop { pages: self.counts.pages });
        }
        let (client, request, read) = (self.client.clone(), request.clone(), self.read.clone());
        let fetch = async move {
            let answer = client.send(request).await?.into_success()?;
            let clean = answer.attempts().len() <= 1;
            Ok(((read.0)(answer, client.cloud())?, clean))
        };
        self.fetching.spawn(fetch.instrument(self.walk.span()).with_current_subscriber());
        Ok(())
    }

    fn take(&mut self, mut page: Page, clean: bool) -> Result<Page, Error> {
        let here = match &self.state {
            State::At(request) => request.link.clone(),
            _ => self.template.link.clone(),
        };
        self.recovery.drop_repeated(&mut page);
        let state = match page.next_link() {
            Some(link) => State::At(Box::new(self.follow(link)?)),
            None if is_delta(&here) && page.delta_link().is_none() => {
                return Err(PageError::NoLink.into());
            }
            None => State::Finished(page.delta_link().cloned()),
        };
        self.followed.insert(fingerprint(&here));
        self.recovery.read(&here, &page, clean);
        self.counts.collection = self.counts.collection.or(page.count());
        self.counts.pages += 1;
        self.counts.items += page.items().len() as u64;
        self.state = state;
        let complete = matches!(self.state, State::Finished(_));
        self.walk.page(self.counts.pages, self.counts.items, complete);
        if let State::At(request) = &self.state
            && self.prefetch
        {
            // A loop is told when its turn comes: this page is good.
            let request = request.clone();
            let _ = self.begin(&request);
        }
        Ok(page)
    }

    /// What a failure means to the walk: nothing if there is another way to the same place.
    fn refused(&mut self, error: Error) -> Option<Error> {
        let State::At(request) = &self.state else { return Some(error) };
        let link = request.link.clone();
        if !recovery::is_expired(&error, &link) {
            return Some(error);
        }
        if let Some(clean) = self.recovery.way_back(&link) {
            self.followed.remove(&fingerprint(&clean));
            self.state = State::At(Box::new(self.request(&clean)));
            return None;
        }
        let (first, cloud) = (&self.template.link, self.client.cloud());
        let restart = recovery::restart(&error, first, cloud).map(Box::new);
        let pages = self.counts.pages;
        Some(PageError::Expired { pages, restart, source: Box::new(error) }.into())
    }

    /// Ends the walk, unless it may begin again.
    fn end(&mut self, error: &Error) {
        self.walk.failed(error.kind());
        self.fetching.abort_all();
        self.state = State::Failed;
        let Error::Page(PageError::Expired { restart: Some(restart), .. }) = error else { return };
        let Some(left) = self.restarts_left.checked_sub(1) else { return };
        self.restarts_left = left;
        self.state = State::At(Box::new(self.request(restart)));
        self.recovery = Recovery::beginning_at(restart);
        self.followed.clear();
        self.counts = Counts { restarts: self.counts.restarts + 1, ..Counts::default() };
    }

    fn follow(&self, link: &GraphLink) -> Result<GraphRequest, PageError> {
        let (from, to) = (self.template.link.version(), link.version());
        if from != to {
            return Err(LinkError::OtherVersion { from, to }.into());
        }
        Ok(self.request(link))
    }

    fn request(&self, link: &GraphLink) -> GraphRequest {
        let mut request = self.template.clone();
        request.link = link.clone();
        request
    }

    /// Where the next page is: what to store to go on in another process (P2, P20). `None` at the end,
    /// and after an error. Only the links of a delta round are made to be kept for long
    /// (facts: graph-protocol 4.4).
    pub fn position(&self) -> Option<&GraphLink> {
        match &self.state {
            State::At(request) => Some(&request.link),
            State::Holds(_) => Some(&self.template.link),
            State::Finished(_) | State::Failed => None,
        }
    }

    /// What the walk proved; `None` unless its last page came.
    pub fn proof(&self) -> Option<Proof> {
        let State::Finished(delta_link) = &self.state else { return None };
        let Counts { pages, items, restarts, collection: count } = self.counts;
        Some(Proof { pages, items, restarts, count, delta_link: delta_link.clone() })
    }

    /// The same walk item by item, pushed into a function.
    pub fn into_items(self) -> Items {
        Items::of(self)
    }

    /// Headers that every page request carries.
    pub fn headers(&self) -> &HeaderMap {
        &self.template.headers
    }
}

impl Stream for Pages {
    type Item = Result<Page, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(cx)
    }
}

/// A panic in the fetching task is the reader's own.
fn joined(fetched: Result<Fetched, JoinError>) -> Fetched {
    fetched.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(cancelled) => Err(Error::Lost {
            host: String::new(),
            tried: Box::default(),
            source: cancelled.into(),
        }),
    })
}

/// `/users/delta`, `/users/delta()`, `/users/microsoft.graph.delta(…)` (facts: graph-protocol 5.2).
fn is_delta(link: &GraphLink) -> bool {
    let last = link.path().rsplit('/').next().unwrap_or_default();
    let name = last.split('(').next().unwrap_or_default();
    name == "delta" || name == "microsoft.graph.delta"
}

fn fingerprint(link: &GraphLink) -> u64 {
    let mut hasher = DefaultHasher::new();
    link.path_and_query().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
