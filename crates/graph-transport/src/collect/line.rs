//! The connection that an attempt got, and whether others may use it afterwards.

use std::time::Duration;

use http::{Request, StatusCode};
use tokio::time::Instant;

use crate::trail::{Journal, Trail};

/// What is known of a connection; nothing on a wire of the caller's own.
#[derive(Debug)]
pub(super) struct Line {
    journal: Journal,
    /// A body takes time to send.
    has_body: bool,
}

impl Line {
    /// Of an attempt that begins: the wire tells in its journal which connection it got.
    pub(super) fn of<B: http_body::Body>(request: &mut Request<B>) -> Self {
        let has_body = !request.body().is_end_stream();
        let journal = request.extensions_mut().get_or_insert_default::<Trail>().journal();
        journal.attempt();
        Self { journal, has_body }
    }

    /// When the operation must be over.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.journal.deadline()
    }

    /// Takes the connection out of use: requests under way on it finish, new ones get another.
    pub(super) fn retire(&self) {
        if let Some(connection) = self.journal.connection() {
            connection.retire();
        }
    }

    /// D13, D14: a connection that served a 503, or that is old, is not used again; any other is.
    pub(super) fn keep_or_retire(&self, status: StatusCode, now: Instant, most: Option<Duration>) {
        let Some(connection) = self.journal.connection() else { return };
        let age = now.saturating_duration_since(connection.opened);
        if status == StatusCode::SERVICE_UNAVAILABLE || most.is_some_and(|most| age > most) {
            connection.retire();
        }
    }

    /// When bytes of this request were last accepted by the connection. An HTTP/2 connection carries
    /// other requests as well, so it cannot say.
    pub(super) fn last_write(&self) -> Option<Instant> {
        let connection = self.journal.connection().filter(|it| self.has_body && !it.is_shared)?;
        connection.last_write()
    }
}
