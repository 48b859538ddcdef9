//! What is known of one connection, for those whose requests are on it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use http::header::{HOST, HeaderValue};
use http::uri::PathAndQuery;
use http::{Request, Uri};
use tokio::time::Instant;

use crate::body::Body;

/// A connection, from its handshake on: shared by the stream, by the pool and by the attempts on it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) opened: Instant,
    /// HTTP/2: it carries several requests at once.
    pub(crate) is_shared: bool,
    /// The value of `Host` on it.
    host: HeaderValue,
    /// No new request goes out on it.
    retired: AtomicBool,
    /// Somebody wants to know when bytes are taken; a look at the clock for each write otherwise
    /// costs every request.
    is_watched: AtomicBool,
    /// Milliseconds from its opening to the last watched write, plus one; zero before the first.
    last_write: AtomicU64,
}

impl Connection {
    pub(super) fn open(is_shared: bool, host: HeaderValue) -> Self {
        Self {
            opened: Instant::now(),
            is_shared,
            host,
            retired: AtomicBool::new(false),
            is_watched: AtomicBool::new(false),
            last_write: AtomicU64::new(0),
        }
    }

    /// HTTP/1.1 has the path alone in its first line, and the host in a header.
    pub(super) fn address(&self, request: &mut Request<Body>) {
        request.headers_mut().entry(HOST).or_insert_with(|| self.host.clone());
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    }

    /// Takes it out of use: requests under way finish, new ones get another (D13).
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// Whether writes are to be noted, from the next request on.
    pub(super) fn watch(&self, watch: bool) {
        self.is_watched.store(watch, Ordering::Relaxed);
    }

    pub(super) fn wrote(&self) {
        if !self.is_watched.load(Ordering::Relaxed) {
            return;
        }
        let millis = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.last_write.store(millis + 1, Ordering::Relaxed);
    }

    /// When bytes of a request with a body were last taken.
    pub(crate) fn last_write(&self) -> Option<Instant> {
        let millis = self.last_write.load(Ordering::Relaxed).checked_sub(1)?;
        self.opened.checked_add(Duration::from_millis(millis))
    }
}
