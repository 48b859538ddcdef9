//! The optional log of requests and answers: `logging` in a system file.

use http::header::HeaderName;
use http::{Request, Uri};
use tracing::info;

use super::Printable;
use super::mask::{MaskedBody, MaskedHeaders, MaskedQuery, Shown};
use crate::answer::Answer;
use crate::attempt::Exchange;
use crate::body::Body;
use crate::error::Error;

/// What is logged of each attempt, at level info with the target `graph_transport::log`.
///
/// Values are masked whatever is set: see [`MaskedHeaders`], [`MaskedQuery`] and [`MaskedBody`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Logging {
    /// Requests as they are sent. Default off.
    pub request: bool,
    /// Answers as they come. Default off.
    pub response: bool,
    /// The same for requests to the login authority. Default off.
    pub auth: bool,
    /// How much. Default basic.
    pub format: LogFormat,
    shown: Shown,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum LogFormat {
    /// A line per request and answer.
    #[default]
    Basic,
    /// Headers and bodies too, masked.
    Detailed,
}

impl Logging {
    /// Shows the value of a header beside those that are always shown. A value marked sensitive
    /// stays masked.
    #[must_use]
    pub fn show_header(mut self, name: HeaderName) -> Self {
        self.shown.headers.insert(name);
        self
    }

    /// Shows the value of a query option beside those that are always shown.
    #[must_use]
    pub fn show_option(mut self, name: impl Into<String>) -> Self {
        self.shown.options.insert(name.into());
        self
    }

    /// Shows the value of a property of bodies beside those that are always shown.
    #[must_use]
    pub fn show_property(mut self, name: impl Into<String>) -> Self {
        self.shown.properties.insert(name.into());
        self
    }

    pub(crate) fn request(&self, exchange: &Exchange, request: &Request<Body>) {
        if !self.request || !self.concerns(exchange) {
            return;
        }
        let query = query(request.uri());
        let query = MaskedQuery::with(query, &self.shown);
        let (method, route) = (exchange.method.as_str(), exchange.route());
        let id = exchange.client_request_id();
        match self.format {
            LogFormat::Basic => {
                info!(target: "graph_transport::log", attempt = exchange.resend + 1, client_request_id = id, "request {method} {route}?{query}");
            }
            LogFormat::Detailed => {
                let headers = MaskedHeaders::with(request.headers(), &self.shown);
                let body = MaskedBody::with(request.headers(), request.body().bytes(), &self.shown);
                info!(target: "graph_transport::log", attempt = exchange.resend + 1, client_request_id = id, %headers, %body, "request {method} {route}?{query}");
            }
        }
    }

    pub(crate) fn response(
        &self,
        exchange: &Exchange,
        result: &Result<Answer, Error>,
        elapsed_ms: u64,
    ) {
        if !self.response || !self.concerns(exchange) {
            return;
        }
        let (method, route) = (exchange.method.as_str(), exchange.route());
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => {
                info!(target: "graph_transport::log", elapsed_ms, "no answer to {method} {route}: {}", error.kind());
                return;
            }
        };
        let status = answer.status.as_u16();
        let request_id = answer.request_id().map(|id| Printable(id).to_string());
        match self.format {
            LogFormat::Basic => {
                info!(target: "graph_transport::log", elapsed_ms, request_id, "answer {status} to {method} {route}");
            }
            LogFormat::Detailed => {
                let headers = MaskedHeaders::with(&answer.headers, &self.shown);
                let body = MaskedBody::with(&answer.headers, &answer.body, &self.shown);
                info!(target: "graph_transport::log", elapsed_ms, request_id, %headers, %body, "answer {status} to {method} {route}");
            }
        }
    }

    fn concerns(&self, exchange: &Exchange) -> bool {
        self.auth || !exchange.is_auth()
    }
}

fn query(uri: &Uri) -> &str {
    uri.query().unwrap_or_default()
}
