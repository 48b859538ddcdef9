//! What the layers of a stack tell each other about a request on its way.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::Extensions;
use http::header::HeaderValue;
use tokio::time::Instant;

use crate::answer::Attempt;
use crate::error::Tried;
use crate::lane::Passages;
use crate::link::GraphLink;
use crate::observe::Description;
use crate::wire::Connection;

/// What the layers of a stack leave for those below them; rides in each request, and from
/// authorization on in the extensions of the `http::Request`. A default one begins a request.
///
/// One field of the request rather than an extension for each fact: extensions are allocated one by
/// one, hashed and cloned for every attempt.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    pub(crate) journal: Option<Journal>,
    /// How many attempts of the operation went before (OpenTelemetry: `http.request.resend_count`).
    pub(crate) resend: u32,
    /// The id that the attempt is sent with, for those who record it.
    pub(crate) client_request_id: Option<HeaderValue>,
    /// The lanes that the attempt is in.
    pub(crate) passages: Passages,
    /// Where it goes, as long as that is Graph.
    pub(crate) link: Option<GraphLink>,
}

impl Trail {
    /// How many attempts of the operation went before this one (D15); 0 for the first.
    pub fn earlier_attempts(&self) -> u32 {
        self.resend
    }

    /// The journal of the operation; it begins now where there is no deadline layer.
    pub(crate) fn journal(&mut self) -> Journal {
        self.journal.get_or_insert_with(|| Journal::begin(Instant::now(), None)).clone()
    }

    /// When the operation must be over.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.journal.as_ref()?.0.deadline
    }

    /// When the operation must be over that a request on the wire belongs to.
    pub(crate) fn deadline_of(extensions: &Extensions) -> Option<Instant> {
        extensions.get::<Self>()?.deadline()
    }

    /// Tells those above the wire which connection an attempt goes over.
    pub(crate) fn goes_over(extensions: &Extensions, connection: &Arc<Connection>) {
        if let Some(journal) = extensions.get::<Self>().and_then(|trail| trail.journal.as_ref()) {
            *journal.line() = Some(Arc::clone(connection));
        }
    }
}

/// What the layers of an operation share: when it must be over, and the attempts so far, so that
/// whoever ends it can tell them.
#[derive(Clone, Debug)]
pub(crate) struct Journal(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    began: Instant,
    deadline: Option<Instant>,
    tried: Mutex<Tried>,
    /// Of the attempt under way.
    connection: Mutex<Option<Arc<Connection>>>,
}

impl Journal {
    /// Of an operation that begins.
    pub(crate) fn begin(began: Instant, deadline: Option<Instant>) -> Self {
        Self(Arc::new(Kept {
            began,
            deadline,
            tried: Mutex::default(),
            connection: Mutex::default(),
        }))
    }

    fn line(&self) -> MutexGuard<'_, Option<Arc<Connection>>> {
        self.0.connection.lock().expect("no panic while the lock is held")
    }

    /// An attempt begins, on a connection that is not known yet.
    pub(crate) fn attempt(&self) {
        *self.line() = None;
    }

    /// The connection of the attempt under way; nothing on a wire of the caller's own.
    pub(crate) fn connection(&self) -> Option<Arc<Connection>> {
        self.line().clone()
    }

    /// How long ago the operation began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.began.elapsed()
    }

    /// When the operation must be over.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    fn open(&self) -> MutexGuard<'_, Tried> {
        self.0.tried.lock().expect("no panic while the lock is held")
    }

    /// Hands the attempts over, with the time since it began.
    pub(crate) fn tried(&self) -> Tried {
        let mut tried = std::mem::take(&mut *self.open());
        tried.elapsed = self.elapsed();
        tried
    }

    /// The same after one more.
    pub(crate) fn tried_with(&self, last: Attempt) -> Tried {
        let mut tried = std::mem::take(&mut *self.open());
        tried.attempts.push(last);
        tried.elapsed = self.elapsed();
        tried
    }

    /// Says what is tried.
    pub(crate) fn name(&self, operation: Description) {
        self.open().operation = Some(operation);
    }

    pub(crate) fn push(&self, attempt: Attempt) {
        self.open().attempts.push(attempt);
    }

    /// The attempts so far; they stay.
    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.open().attempts.clone()
    }
}
