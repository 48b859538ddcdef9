//! A connection in somebody's hands, and its way back into the pool.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use http::header::HeaderValue;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri};
use hyper::client::conn::{http1, http2};
use hyper::rt::Executor as _;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::Handle;

use super::hosts::Hosts;
use crate::body::Body;
use crate::error::BoxError;
use crate::wire::connection::Connection;

/// Where a connection goes.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(super) struct Key {
    is_tls: bool,
    authority: Authority,
}

impl Key {
    /// Of an absolute http or https URI.
    pub(super) fn of(uri: &Uri) -> Result<Self, BoxError> {
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("the request's URI is neither http nor https".into()),
        };
        let authority = uri.authority().cloned().ok_or("the request's URI names no host")?;
        Ok(Self { is_tls, authority })
    }

    fn scheme(&self) -> Scheme {
        if self.is_tls { Scheme::HTTPS } else { Scheme::HTTP }
    }

    /// For the connector.
    pub(super) fn uri(&self) -> Uri {
        self.with(PathAndQuery::from_static("/"))
    }

    fn with(&self, path: PathAndQuery) -> Uri {
        let uri = Uri::builder().scheme(self.scheme()).authority(self.authority.clone());
        uri.path_and_query(path).build().expect("all three parts are there")
    }

    /// The value of `Host`: without the port that goes without saying.
    pub(super) fn host(&self) -> HeaderValue {
        let default = if self.is_tls { 443 } else { 80 };
        let host = self.authority.host();
        let host = match self.authority.port_u16().filter(|port| *port != default) {
            Some(port) => HeaderValue::try_from(format!("{host}:{port}")),
            None => HeaderValue::try_from(host),
        };
        host.expect("a host is ASCII without control characters")
    }

    /// The URI again that a request had before it was addressed.
    pub(super) fn restore(&self, request: &mut Request<Body>) {
        if request.uri().authority().is_none()
            && let Some(path) = request.uri().path_and_query().cloned()
        {
            *request.uri_mut() = self.with(path);
        }
    }
}

pub(super) enum Sender {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

/// A connection for one request.
pub(super) struct Leased {
    pub(super) sender: Sender,
    pub(super) connection: Arc<Connection>,
    /// It has carried a request before.
    pub(super) is_reused: bool,
}

impl Leased {
    /// Whether the next request may go out on it now.
    pub(super) fn is_ready(&self) -> bool {
        let ready = match &self.sender {
            Sender::Http1(sender) => sender.is_ready(),
            Sender::Http2(sender) => sender.is_ready(),
        };
        ready && !self.connection.is_retired()
    }

    /// Another request's hold on it, if it carries several at once.
    pub(super) fn share(&self) -> Option<Self> {
        let Sender::Http2(sender) = &self.sender else { return None };
        let (sender, connection) = (Sender::Http2(sender.clone()), Arc::clone(&self.connection));
        Some(Self { sender, connection, is_reused: true })
    }
}

/// A connection whose answer is still being read. Dropped, it goes back to the pool as soon as it is
/// idle; one that never will be is closed by hyper, which then says so.
pub(crate) struct Lease(Option<(Arc<Hosts>, Key, Leased)>);

impl Lease {
    /// `None` where the connection is back already, or was never taken out.
    pub(super) fn begin(hosts: &Arc<Hosts>, key: Key, leased: Leased) -> Option<Box<Self>> {
        if leased.connection.is_shared {
            return None;
        }
        if leased.is_ready() {
            hosts.put(&key, leased);
            return None;
        }
        Some(Box::new(Self(Some((Arc::clone(hosts), key, leased)))))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some((hosts, key, mut leased)) = self.0.take() else { return };
        if Handle::try_current().is_err() {
            return; // whatever drove the connection is gone
        }
        if leased.is_ready() {
            hosts.put(&key, leased);
        } else {
            TokioExecutor::new().execute(async move {
                let Sender::Http1(sender) = &mut leased.sender else { return };
                if poll_fn(|cx| sender.poll_ready(cx)).await.is_ok() {
                    hosts.put(&key, leased);
                }
            });
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}
