//! The connection that an attempt got, and whether others may use it afterwards.

use std::time::Duration;

use http::{Extensions, Request, StatusCode};
use hyper_util::client::legacy::connect::{CaptureConnection, Connected, capture_connection};
use tokio::time::Instant;

use crate::wire::Opened;

/// What is known of a connection; nothing on a wire of the caller's own.
#[derive(Debug)]
pub(super) struct Line {
    connection: CaptureConnection,
    /// A body takes time to send.
    has_body: bool,
}

impl Line {
    /// Notes the connection that the request will get.
    pub(super) fn of<B: http_body::Body>(request: &mut Request<B>) -> Self {
        let has_body = !request.body().is_end_stream();
        Self { connection: capture_connection(request), has_body }
    }

    /// Takes the connection out of use: requests under way on it finish, new ones get another.
    pub(super) fn retire(&self) {
        if let Some(connected) = self.connection.connection_metadata().as_ref() {
            connected.poison();
        }
    }

    /// D13, D14: a connection that served a 503, or that is old, is not used again; any other is.
    pub(super) fn keep_or_retire(
        &self,
        status: StatusCode,
        now: Instant,
        opened: Option<&Opened>,
        most: Option<Duration>,
    ) {
        let old = most
            .zip(opened)
            .is_some_and(|(most, opened)| now.saturating_duration_since(opened.at) > most);
        if old || status == StatusCode::SERVICE_UNAVAILABLE {
            self.retire();
        }
    }

    /// When bytes of this request were last accepted by the connection. An HTTP/2 connection carries
    /// other requests as well, so it cannot say.
    pub(super) fn last_write(&self) -> Option<Instant> {
        let shared = |it: &Connected| it.is_negotiated_h2();
        let alone = !self.connection.connection_metadata().as_ref().is_none_or(shared);
        (alone && self.has_body).then(|| self.opened()?.last_write()).flatten()
    }

    fn opened(&self) -> Option<Opened> {
        let mut extras = Extensions::new();
        self.connection.connection_metadata().as_ref()?.get_extras(&mut extras);
        extras.remove::<Opened>()
    }
}
