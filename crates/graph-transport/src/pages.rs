//! A walk over pages, ended only by a page without `nextLink`.

use std::collections::HashSet;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http::{HeaderMap, Method};
use tracing::Instrument as _;

use crate::client::GraphClient;
use crate::error::Error;
use crate::link::{GraphLink, LinkError};
use crate::observe::CollectPages;
use crate::page::{Page, PageError};
use crate::request::GraphRequest;

/// The pages of a collection. Each request passes the whole stack, carries the headers of the first
/// (a `nextLink` does not) and has no deadline of its own, because waits under throttling are long.
#[derive(Debug)]
pub struct Pages {
    client: GraphClient,
    /// Headers and settings for every page.
    template: GraphRequest,
    state: State,
    followed: HashSet<u64>,
    page_count: u64,
    item_count: u64,
    walk: CollectPages,
}

#[derive(Debug)]
enum State {
    At(GraphRequest),
    Finished(Option<GraphLink>),
    Failed,
}

/// What a walk that reached its end can prove; nothing else may claim completeness (P30).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Proof {
    /// Pages read.
    pub pages: u64,
    /// Items on them.
    pub items: u64,
    /// Where the next round of a delta walk begins.
    pub delta_link: Option<GraphLink>,
}

impl Pages {
    pub(crate) fn new(client: GraphClient, first: GraphRequest) -> Self {
        let first = match first.extensions.get::<crate::request::OperationLimit>() {
            Some(_) => first,
            None => first.deadline(None),
        };
        let mut template = GraphRequest::new(Method::GET, first.link.clone());
        template.headers.clone_from(&first.headers);
        template.extensions = first.extensions.clone();
        // The correlation id belongs to the first request; pages have their own.
        template.extensions.remove::<crate::request::CorrelationId>();
        Self {
            walk: CollectPages::begin(&first.link.template()),
            client,
            template,
            state: State::At(first),
            followed: HashSet::new(),
            page_count: 0,
            item_count: 0,
        }
    }

    /// The next page; `None` after the last one and after an error.
    ///
    /// # Errors
    /// Everything [`GraphClient::send`] fails with, a refusal, or a page that cannot be used. The walk
    /// is over then: begin again at the link of the last page that came, or from the start.
    pub async fn next(&mut self) -> Option<Result<Page, Error>> {
        let State::At(request) = &self.state else { return None };
        // The state changes only with a result: a future that is dropped half way loses no place.
        let (request, span) = (request.clone(), self.walk.span());
        let result = self.fetch(request).instrument(span).await;
        if let Err(error) = &result {
            self.walk.failed(error.kind());
            self.state = State::Failed;
        }
        Some(result)
    }

    async fn fetch(&mut self, request: GraphRequest) -> Result<Page, Error> {
        let fingerprint = fingerprint(&request.link);
        if self.followed.contains(&fingerprint) {
            return Err(PageError::Loop { pages: self.page_count }.into());
        }
        let answer = self.client.send(request).await?.into_success()?;
        let page = Page::read(answer.body, self.client.cloud())?;
        self.followed.insert(fingerprint);
        self.page_count += 1;
        self.item_count += page.items().len() as u64;
        self.state = match page.next_link() {
            Some(link) => State::At(self.follow(link)?),
            None => State::Finished(page.delta_link().cloned()),
        };
        let complete = matches!(self.state, State::Finished(_));
        self.walk.page(self.page_count, self.item_count, complete);
        Ok(page)
    }

    fn follow(&self, link: &GraphLink) -> Result<GraphRequest, PageError> {
        let (from, to) = (self.template.link.version(), link.version());
        if from != to {
            return Err(LinkError::OtherVersion { from, to }.into());
        }
        let mut request = self.template.clone();
        request.link = link.clone();
        Ok(request)
    }

    /// What the walk proved; `None` unless its last page came.
    pub fn proof(&self) -> Option<Proof> {
        let State::Finished(delta_link) = &self.state else { return None };
        Some(Proof {
            pages: self.page_count,
            items: self.item_count,
            delta_link: delta_link.clone(),
        })
    }

    /// The same walk as a [`Stream`].
    pub fn into_stream(self) -> PageStream {
        PageStream(Walk::Idle(Box::new(self)))
    }

    /// Headers that every page request carries.
    pub fn headers(&self) -> &HeaderMap {
        &self.template.headers
    }
}

fn fingerprint(link: &GraphLink) -> u64 {
    let mut hasher = DefaultHasher::new();
    link.path_and_query().hash(&mut hasher);
    hasher.finish()
}

type Fetched = (Box<Pages>, Option<Result<Page, Error>>);

enum Walk {
    Idle(Box<Pages>),
    Fetching(Pin<Box<dyn Future<Output = Fetched> + Send>>),
    Over,
}

/// [`Pages`] as a [`Stream`]; polled for one page at a time, so a slow reader holds the walk back.
pub struct PageStream(Walk);

impl std::fmt::Debug for PageStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageStream")
    }
}

impl Stream for PageStream {
    type Item = Result<Page, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Walk::Idle(_) = self.0 {
            let Walk::Idle(mut pages) = std::mem::replace(&mut self.0, Walk::Over) else {
                unreachable!("just matched")
            };
            self.0 = Walk::Fetching(Box::pin(async move {
                let page = pages.next().await;
                (pages, page)
            }));
        }
        let Walk::Fetching(fetch) = &mut self.0 else { return Poll::Ready(None) };
        let (pages, page) = ready!(fetch.as_mut().poll(cx));
        self.0 = if page.is_some() { Walk::Idle(pages) } else { Walk::Over };
        Poll::Ready(page)
    }
}
