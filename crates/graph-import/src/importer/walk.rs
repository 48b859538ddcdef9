//! A walk over pages that hears a stop, watches its own progress and counts what it costs.

use std::future::Future;
use std::sync::Arc;

use graph_transport::{Error, GraphLink, GraphRequest, Page, PageError, Pages};
use http::header::{HeaderName, HeaderValue};

use super::fault::Fault;
use super::reader::{Followed, Reader};
use crate::store::Store;

/// How often a page that came broken is asked for again (cases: B14).
const BROKEN_PAGE_REPEATS: u32 = 1;

const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The transport's walk; it fetches one page ahead, notices circles of links and takes the way back
/// from a forgotten token.
#[derive(Debug)]
pub(super) struct Walk {
    pages: Pages,
    /// Whether the next link carries one of Graph's tokens.
    token: bool,
    /// How often the next page came broken.
    repeats: u32,
    /// The transport notices circles of links; this one rounds that go on all the same.
    followed: Followed,
}

impl Walk {
    /// Whether the next page is fetched while one is being worked on.
    pub(super) fn prefetch(self, on: bool) -> Self {
        Self { pages: self.pages.prefetch(on), ..self }
    }
}

impl<S: Store> Reader<'_, S> {
    /// A walk from this link; `token` says that it carries one of Graph's tokens.
    pub(super) fn walk(&self, first: &GraphLink, token: bool) -> Walk {
        Walk { pages: self.pages(first), token, repeats: 0, followed: Followed::default() }
    }

    /// The next page; `None` after the last one.
    pub(super) async fn next_page(&self, walk: &mut Walk) -> Result<Option<Page>, Fault> {
        if self.gathers.is_endless() {
            return Err(Fault::Loop); // B15
        }
        loop {
            let Some(at) = walk.pages.position().cloned() else { return Ok(None) };
            let error = match self.unless_stopped(walk.pages.next()).await? {
                None => return Ok(None),
                Some(Ok(page)) => {
                    (walk.token, walk.repeats) = (true, 0);
                    let goes_on = walk.followed.goes_on(&page);
                    return if goes_on { Ok(Some(page)) } else { Err(Fault::Loop) };
                }
                Some(Err(error)) => error,
            };
            self.tally.requests.add(error.attempts().len() as u64);
            if !is_broken(&error) || walk.repeats == BROKEN_PAGE_REPEATS {
                let permission = self.plan.permission.as_deref();
                return Err(Fault::of(error, walk.token, self.client.cloud(), permission));
            }
            // The transport repeats what fails on the way; this answer came whole and is no page.
            walk.repeats += 1;
            walk.pages = self.pages(&at);
        }
    }

    /// One page.
    pub(super) async fn fetch(&self, link: &GraphLink, token: bool) -> Result<Page, Fault> {
        let mut walk = self.walk(link, token).prefetch(false);
        let page = self.next_page(&mut walk).await?;
        page.ok_or_else(|| Fault::Failed(PageError::NoLink.into()))
    }

    /// The next page of a round that is followed link by link.
    pub(super) async fn follow(
        &self,
        followed: &mut Followed,
        link: &GraphLink,
        token: bool,
    ) -> Result<Page, Fault> {
        if !followed.is_new(link) {
            return Err(Fault::Loop);
        }
        let page = self.fetch(link, token).await?;
        if followed.goes_on(&page) { Ok(page) } else { Err(Fault::Loop) }
    }

    /// Waits for an answer, unless somebody asks to stop or it takes longer than a stream may go
    /// without one (cases: E2).
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, Fault> {
        tokio::select! {
            biased;
            () = self.stop.requested() => Err(Fault::Stopped),
            done = tokio::time::timeout(self.patience, work) => done.map_err(|_| Fault::Stalled),
        }
    }

    fn pages(&self, first: &GraphLink) -> Pages {
        let tally = Arc::clone(&self.tally);
        self.client.pages(self.request(first)).read_with(move |answer, cloud| {
            tally.requests.add(answer.attempts().len().max(1) as u64);
            tally.resource_units.add(answer.resource_units().unwrap_or(0));
            Page::read(answer.body().clone(), cloud)
        })
    }

    fn request(&self, link: &GraphLink) -> GraphRequest {
        // No deadline: waits under throttling are long, and a stop is listened to all the time.
        let request = GraphRequest::get(link.clone()).deadline(None);
        let size = self.page_size().filter(|_| self.plan.is_delta());
        let prefer =
            size.and_then(|size| HeaderValue::from_str(&format!("odata.maxpagesize={size}")).ok());
        let request = match prefer {
            Some(prefer) => request.header(PREFER, prefer),
            None => request,
        };
        // Links repeat the options, not the headers (facts: graph-protocol 4.1).
        if self.plan.is_advanced() {
            request.header(CONSISTENCY_LEVEL, HeaderValue::from_static("eventual"))
        } else {
            request
        }
    }
}

/// An answer that came whole and is no page.
fn is_broken(error: &Error) -> bool {
    matches!(
        error,
        Error::Page(
            PageError::NotJson(_)
                | PageError::NotACollection
                | PageError::BothLinks
                | PageError::NoLink
        )
    )
}
