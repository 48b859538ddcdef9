//! One stream of one run: how it asks Graph and how it reports.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};

use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::{
    Answer, ApiVersion, Error, GraphClient, GraphLink, GraphRequest, Page, PageError,
};
use http::header::{HeaderName, HeaderValue};
use tokio::sync::Mutex;

use super::fault::Fault;
use super::strategy::Chosen;
use super::strategy::owner_delta::Gathering;
use super::tally::Tally;
use super::writer::Writer;
use super::{ImportError, Importer, links};
use crate::store::{Store, StreamState};
use crate::{Event, Observer, Stop};

/// Everything that reading one stream needs; shared by the stream's concurrent requests.
pub(super) struct Reader<'run, S> {
    pub(super) client: &'run GraphClient,
    pub(super) plan: &'run StreamPlan,
    pub(super) writer: &'run Writer<S>,
    pub(super) observer: &'run dyn Observer,
    pub(super) stop: &'run Stop,
    pub(super) epoch: u64,
    /// See [`Importer::reads_hidden_members`].
    pub(super) sees_hidden: bool,
    /// As the store has it. Locked for the length of a commit, so that commits of one stream queue.
    pub(super) state: Mutex<StreamState>,
    pub(super) tally: Tally,
    /// Of an edge stream: how it is read.
    pub(super) strategy: Chosen,
    /// Of an object stream: the edge streams that its first round fills.
    pub(super) gathers: Gathering,
    /// This Graph has no beta endpoint: v1.0 is read instead.
    without_beta: AtomicBool,
    /// This Graph has no `$batch`: objects are asked for one by one.
    without_batch: AtomicBool,
}

/// How often a page that came broken is asked for again (cases: B14).
const BROKEN_PAGE_REPEATS: u32 = 1;

const PREFER: HeaderName = HeaderName::from_static("prefer");

impl<'run, S: Store> Reader<'run, S> {
    pub(super) fn new(
        importer: &'run Importer<S>,
        writer: &'run Writer<S>,
        watch: (&'run dyn Observer, &'run Stop),
        epoch: u64,
        (plan, state): (&'run StreamPlan, StreamState),
    ) -> Self {
        let (observer, stop) = watch;
        let (state, tally) = (Mutex::new(state), Tally::default());
        let (client, sees_hidden) = (&importer.client, importer.reads_hidden_members);
        let (without_beta, without_batch) = (AtomicBool::new(false), AtomicBool::new(false));
        Self {
            client,
            plan,
            writer,
            observer,
            stop,
            epoch,
            sees_hidden,
            state,
            tally,
            strategy: Chosen::new(importer.edge_strategy, importer.conditions),
            gathers: Gathering::default(),
            without_beta,
            without_batch,
        }
    }

    /// The API version that is read: the plan's, or v1.0 where there is no beta.
    pub(super) fn version(&self) -> ApiVersion {
        if self.without_beta.load(Ordering::Relaxed) {
            ApiVersion::V1_0
        } else {
            links::version(self.plan)
        }
    }

    /// Goes on with v1.0; the certificate will say what that leaves out.
    pub(super) fn do_without_beta(&self) {
        if !self.without_beta.swap(true, Ordering::Relaxed) {
            let reason = "this Graph has no beta endpoint; reading v1.0";
            self.tell(&Event::Restarted { stream: &self.plan.name, reason });
        }
    }

    pub(super) fn is_without_batch(&self) -> bool {
        self.without_batch.load(Ordering::Relaxed)
    }

    /// Goes on with single requests.
    pub(super) fn do_without_batch(&self) {
        if !self.without_batch.swap(true, Ordering::Relaxed) {
            let reason = "this Graph has no $batch; reading one by one";
            self.tell(&Event::Restarted { stream: &self.plan.name, reason });
        }
    }

    /// Fetches one page of a round. `token` says that the link carries one of Graph's tokens.
    pub(super) async fn fetch(&self, link: &GraphLink, token: bool) -> Result<Page, Fault> {
        if self.gathers.is_endless() {
            return Err(Fault::Loop); // B15
        }
        let mut repeats = 0;
        loop {
            let error = match self.page(link).await {
                Ok(page) => return Ok(page),
                Err(error) => error,
            };
            // The transport has repeated what failed on the way; this answer came whole and is no page.
            let broken = matches!(
                error,
                Error::Page(
                    PageError::NotJson(_)
                        | PageError::NotACollection
                        | PageError::BothLinks
                        | PageError::NoLink
                )
            );
            if !broken || repeats == BROKEN_PAGE_REPEATS {
                return Err(Fault::of(
                    error,
                    token,
                    self.client.cloud(),
                    self.plan.permission.as_deref(),
                ));
            }
            repeats += 1;
        }
    }

    /// [`Reader::fetch`], given up as soon as somebody asks to stop.
    pub(super) async fn fetch_unless_stopped(
        &self,
        link: &GraphLink,
        token: bool,
    ) -> Result<Page, Fault> {
        tokio::select! {
            biased;
            () = self.stop.requested() => Err(Fault::Stopped),
            page = self.fetch(link, token) => page,
        }
    }

    async fn page(&self, link: &GraphLink) -> Result<Page, Error> {
        let answer = self.client.send(self.request(link)).await.inspect_err(|error| {
            self.tally.requests.add(error.attempts().len().max(1) as u64);
        })?;
        self.count(&answer);
        let page = Page::read(answer.into_success()?.body().clone(), self.client.cloud())?;
        let ends = page.next_link().is_some() || page.delta_link().is_some();
        if matches!(self.plan.kind, StreamKind::Delta) && !ends {
            return Err(PageError::NoLink.into()); // B14
        }
        Ok(page)
    }

    fn request(&self, link: &GraphLink) -> GraphRequest {
        // No deadline: waits under throttling are long, and a stop is listened to all the time.
        let request = GraphRequest::get(link.clone()).deadline(None);
        let size = self.plan.page_size.filter(|_| matches!(self.plan.kind, StreamKind::Delta));
        let prefer =
            size.and_then(|size| HeaderValue::from_str(&format!("odata.maxpagesize={size}")).ok());
        match prefer {
            Some(prefer) => request.header(PREFER, prefer),
            None => request,
        }
    }

    /// Counts an answer's attempts and what it cost.
    pub(super) fn count(&self, answer: &Answer) {
        self.tally.requests.add(answer.attempts().len().max(1) as u64);
        self.tally.resource_units.add(answer.resource_units().unwrap_or(0));
    }

    /// Where the original query begins.
    pub(super) fn first_link(&self) -> Result<GraphLink, ImportError> {
        links::first(self.client.cloud(), self.plan).map_err(|error| ImportError::FirstAnswer {
            stream: self.plan.name.clone(),
            source: error.into(),
        })
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.observer.observe(event);
    }

    /// Notes that a round begins again.
    pub(super) fn restarted(&self, reason: &str) {
        self.tally.restart(reason.to_owned());
        self.tell(&Event::Restarted { stream: &self.plan.name, reason });
    }
}

/// The links of one round, to notice one that comes back (cases: B15). Eight bytes each.
#[derive(Debug, Default)]
pub(super) struct Followed(HashSet<u64>);

impl Followed {
    /// Remembers a link; whether it was new.
    pub(super) fn is_new(&mut self, link: &GraphLink) -> bool {
        let mut hasher = DefaultHasher::new();
        link.path_and_query().hash(&mut hasher);
        self.0.insert(hasher.finish())
    }
}
