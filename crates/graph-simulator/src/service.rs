//! The simulator as a tower service: requests in, responses out, no socket.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower::Service;

use crate::body::ResponseBody;
use crate::cloud::Host;
use crate::console;
use crate::core::{Incoming, Outgoing};
use crate::faults::Transport;
use crate::latency::Latency;
use crate::protocol::errors::Refusal;
use crate::protocol::reply::Reply;
use crate::site::Site;

/// The largest request body (facts: graph-protocol 7, general limit of 4 MB).
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// The fault plan closes the connection instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("answer the request: the fault plan closes the connection")]
pub struct Closed;

/// A [`Service`] that answers requests in process; clones share the simulator.
#[derive(Clone, Debug)]
pub struct SimulatorService {
    pub(crate) site: Arc<Site>,
    pub(crate) latency: Latency,
    /// `http` or `https`, for links.
    pub(crate) scheme: &'static str,
}

impl<B> Service<Request<B>> for SimulatorService
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<ResponseBody>;
    type Error = Closed;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Closed>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { service.answer(request).await })
    }
}

impl SimulatorService {
    async fn answer<B>(self, request: Request<B>) -> Result<Response<ResponseBody>, Closed>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let authority = parts.uri.authority().map(ToString::to_string);
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = authority.as_deref().or(host).unwrap_or(self.site.cloud.graph_host()).to_owned();
        let host = host.as_str();
        // In the name of a real host, links are what they are there.
        let scheme = match self.site.cloud.host(host) {
            Host::Graph | Host::Login => "https",
            _ => parts.uri.scheme_str().unwrap_or(self.scheme),
        };
        let base = format!("{scheme}://{host}");
        let target =
            parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        let body = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Ok(self.too_large(&parts.headers));
            }
            Err(_) => return Err(Closed),
        };
        let local = self.site.cloud.host(host) == Host::Loopback;
        if let Some(response) =
            local.then(|| console::answer(&self.site, &parts.method, &target, &body)).flatten()
        {
            return Ok(response);
        }
        let incoming =
            Incoming { method: parts.method, target, headers: parts.headers, body, base };
        let outgoing = self.site.answer(&incoming);
        if let Some(wait) = self.latency.draw(self.site.first()) {
            tokio::time::sleep(wait).await;
        }
        respond(outgoing).await
    }

    fn too_large(&self, headers: &http::HeaderMap) -> Response<ResponseBody> {
        let ids = self.site.first().ids(headers);
        let refusal = Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "BadRequest",
            "The request body is too large: at most 4 MB are allowed.",
        );
        let reply = Reply::refusal(refusal, &ids);
        response(Outgoing { reply, ids, transport: None }, ResponseBody::whole)
    }
}

/// Makes a response, and lets the fault do to it what it does.
async fn respond(outgoing: Outgoing) -> Result<Response<ResponseBody>, Closed> {
    let transport = outgoing.transport;
    let length = outgoing.reply.body.len();
    Ok(match transport {
        None => response(outgoing, ResponseBody::whole),
        Some(Transport::Close) => return Err(Closed),
        Some(Transport::Wait(wait)) => {
            tokio::time::sleep(wait).await;
            response(outgoing, ResponseBody::whole)
        }
        Some(Transport::Break(after)) => {
            announce(response(outgoing, |bytes| ResponseBody::until(bytes, after, true)), length)
        }
        Some(Transport::Truncate(after)) => response(outgoing, |bytes| {
            let length = usize::try_from(after).unwrap_or(usize::MAX).min(bytes.len());
            ResponseBody::whole(bytes.slice(..length))
        }),
        Some(Transport::Length(difference)) => {
            let announced =
                length.saturating_add_signed(isize::try_from(difference).unwrap_or_default());
            announce(
                response(outgoing, |bytes| ResponseBody::until(bytes, u64::MAX, false)),
                announced,
            )
        }
        Some(Transport::Pause { after, wait }) => {
            response(outgoing, |bytes| ResponseBody::pause(bytes, after, wait))
        }
        Some(Transport::Trickle { chunk, wait }) => {
            response(outgoing, |bytes| ResponseBody::trickle(bytes, chunk, wait))
        }
    })
}

fn announce(mut response: Response<ResponseBody>, length: usize) -> Response<ResponseBody> {
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn response(
    outgoing: Outgoing,
    body: impl FnOnce(Bytes) -> ResponseBody,
) -> Response<ResponseBody> {
    let Outgoing { reply, ids, .. } = outgoing;
    let mut response = Response::new(body(reply.body));
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if !reply.content_type.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    }
    for (name, value) in
        [("request-id", &ids.request_id), ("client-request-id", &ids.client_request_id)]
    {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers.insert(
        HeaderName::from_static("x-ms-ags-diagnostic"),
        HeaderValue::from_static(DIAGNOSTIC),
    );
    headers.insert(HeaderName::from_static("odata-version"), HeaderValue::from_static("4.0"));
    // The reply's own take the place of these; a name that it has twice is sent twice.
    for (name, _) in &reply.headers {
        headers.remove(name);
    }
    for (name, value) in reply.headers {
        headers.append(name, value);
    }
    response
}

/// Names the data centre that answered.
const DIAGNOSTIC: &str = r#"{"ServerInfo":{"DataCenter":"Loopback","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"SIMULATOR"}}"#;
