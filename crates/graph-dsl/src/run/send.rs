//! A bound request as the transport sends it.

use graph_transport::{Cloud, Error, GraphRequest};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method as HttpMethod};

use super::runner::RunOptions;
use crate::plan::{Method, Request};

/// Why a bound request cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("send the header `{0}`")]
    Header(String),
    #[error("write the body as JSON")]
    Body(#[source] serde_json::Error),
    #[error(transparent)]
    Transport(#[from] Error),
}

/// The request for the transport: path joined to the cloud's root, headers and body.
pub(super) fn graph_request(
    request: &Request,
    cloud: &Cloud,
    content_type: &str,
    options: &RunOptions,
) -> Result<GraphRequest, SendError> {
    let link = cloud.link(&request.path_and_query).map_err(Error::Link)?;
    let mut headers = headers(request)?;
    let mut graph = GraphRequest::new(http_method(request.method), link);
    let json =
        request.body.as_ref().map(serde_json::to_vec).transpose().map_err(SendError::Body)?;
    let default = if request.content.is_some() { "application/octet-stream" } else { content_type };
    if let Some(bytes) = request.content.clone().or(json) {
        let own = headers.remove(CONTENT_TYPE);
        let default = HeaderValue::from_str(default);
        let content_type = match own {
            Some(value) => value,
            None => default.map_err(|_| SendError::Header("Content-Type".to_owned()))?,
        };
        graph = graph.body(bytes.into(), content_type);
    }
    for (name, value) in &headers {
        graph = graph.header(name.clone(), value.clone());
    }
    if request.reads {
        graph = graph.reads_only();
    } else if request.idempotent {
        graph = graph.idempotent();
    }
    if let Some(id) = &options.correlation_id {
        graph = graph.correlation_id(id);
    }
    Ok(match options.timeout {
        Some(limit) => graph.deadline(Some(limit)),
        None => graph,
    })
}

/// The request's headers in the transport's types.
pub(super) fn headers(request: &Request) -> Result<HeaderMap, SendError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let wrong = || SendError::Header(name.clone());
        let key = name.parse::<HeaderName>().map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}

pub(super) const fn http_method(method: Method) -> HttpMethod {
    match method {
        Method::Get => HttpMethod::GET,
        Method::Post => HttpMethod::POST,
        Method::Patch => HttpMethod::PATCH,
        Method::Put => HttpMethod::PUT,
        Method::Delete => HttpMethod::DELETE,
    }
}
