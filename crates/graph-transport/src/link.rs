//! `GraphLink`: the only kind of URL that a token is ever sent to.

use std::fmt;
use std::sync::Arc;

use http::uri::PathAndQuery;
use url::{Position, Url};

use crate::cloud::{ApiVersion, Cloud};
use crate::observe::{MaskedQuery, graph_route};

/// A URL on the configured cloud's Graph root, checked when it was built.
///
/// The authorizer takes nothing else, so that sending a token to another host does not type-check.
/// What may be stored is [`GraphLink::path_and_query`]; [`Cloud::link`] turns it back.
///
/// ```
/// # use graph_transport::{Cloud, CloudName, GraphRequest};
/// let cloud = Cloud::named(CloudName::Global).unwrap();
/// GraphRequest::get(cloud.link("/v1.0/users").unwrap());
/// ```
///
/// A bare URI is no link (SEC-A11):
///
/// ```compile_fail,E0308
/// # use graph_transport::{Cloud, CloudName, GraphRequest};
/// let uri: http::Uri = "https://evil.example/v1.0/users".parse().unwrap();
/// GraphRequest::get(uri);
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct GraphLink(Arc<Checked>);

#[derive(Eq, PartialEq)]
struct Checked {
    cloud: Cloud,
    version: ApiVersion,
    /// Below the Graph root, version included: `/v1.0/users?$top=5`.
    path_and_query: String,
    /// Where its query begins, or its end.
    path_ends: usize,
    /// The absolute URI that goes on the wire.
    uri: http::Uri,
}

impl GraphLink {
    pub(crate) fn below(cloud: &Cloud, path_and_query: &str) -> Result<Self, LinkError> {
        if !path_and_query.starts_with('/') {
            return Err(LinkError::OutsideApi { path: first_part(path_and_query).to_owned() });
        }
        Self::received(cloud, &format!("{}{path_and_query}", cloud.graph_root()))
    }

    pub(crate) fn received(cloud: &Cloud, received: &str) -> Result<Self, LinkError> {
        // WHATWG parsing drops tabs and newlines and turns `\` into `/`: a link that needs that is not one of Graph's.
        if received.contains(|c: char| c.is_control() || c == '\\') || received.trim() != received {
            return Err(LinkError::Malformed);
        }
        let url = Url::parse(received).map_err(|_| LinkError::Malformed)?;
        let root = cloud.root_url();
        if url.origin() != root.origin() || !url.username().is_empty() || url.password().is_some() {
            return Err(LinkError::ForeignHost {
                received: host_of(&url),
                configured: host_of(root),
            });
        }
        let outside = || LinkError::OutsideApi { path: url.path().to_owned() };
        let below =
            url.path().strip_prefix(root.path().trim_end_matches('/')).ok_or_else(outside)?;
        let version = version_of(below).ok_or_else(outside)?;
        let normalised = &url[Position::BeforePath..Position::AfterQuery];
        let sent = verbatim(received, &url).unwrap_or(normalised);
        let path_and_query = sent[root.path().trim_end_matches('/').len()..].to_owned();
        // Fails for what no server sends: more than 64 KiB.
        let uri = format!("{}{path_and_query}", cloud.graph_root())
            .parse()
            .map_err(|_| LinkError::Malformed)?;
        let path_ends = first_part(&path_and_query).len();
        let checked = Checked { cloud: cloud.clone(), version, path_and_query, path_ends, uri };
        Ok(Self(Arc::new(checked)))
    }

    /// Path below the Graph root with version and query; a bearer of page and delta tokens, so treat
    /// it like a cursor: store it, do not log it.
    pub fn path_and_query(&self) -> &str {
        &self.0.path_and_query
    }

    /// The version segment of the path.
    pub fn version(&self) -> ApiVersion {
        self.0.version
    }

    /// The path without version and query, for example `/users`.
    pub fn path(&self) -> &str {
        &self.0.path_and_query[1 + self.0.version.as_str().len()..self.0.path_ends]
    }

    /// The query without its `?`; empty where there is none.
    pub(crate) fn query(&self) -> &str {
        self.0.path_and_query.get(self.0.path_ends + 1..).unwrap_or_default()
    }

    /// The path for logs: names of Graph stay, everything that could be a key becomes `{id}`.
    ///
    /// A segment is shown only if it is spelled like a name of Graph and no key can stand there.
    pub fn template(&self) -> String {
        graph_route(self.path())
    }

    pub(crate) fn uri(&self) -> &http::Uri {
        &self.0.uri
    }
}

/// The text after the authority as it was received, where that is a valid request target that
/// normalising would not change the path of; links are sent back byte for byte (SEC-A03).
fn verbatim<'a>(received: &'a str, url: &Url) -> Option<&'a str> {
    let after_scheme = received.find("://")? + 3;
    let path_at = after_scheme + received[after_scheme..].find('/')?;
    let sent = received[path_at..].split('#').next()?;
    (first_part(sent) == url.path() && sent.is_ascii() && sent.parse::<PathAndQuery>().is_ok())
        .then_some(sent)
}

fn first_part(path_and_query: &str) -> &str {
    path_and_query.split(['?', '#']).next().unwrap_or_default()
}

fn version_of(below_root: &str) -> Option<ApiVersion> {
    let (first, rest) = below_root.strip_prefix('/')?.split_once('/')?;
    let version = [ApiVersion::V1_0, ApiVersion::Beta]
        .into_iter()
        .find(|version| version.as_str() == first)?;
    (!rest.is_empty()).then_some(version)
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("(none)");
    url.port().map_or_else(
        || format!("{}://{host}", url.scheme()),
        |port| format!("{}://{host}:{port}", url.scheme()),
    )
}

impl fmt::Display for GraphLink {
    /// The URL with the values of all but a few harmless query options masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, query) =
            self.0.path_and_query.split_once('?').unwrap_or((&self.0.path_and_query, ""));
        write!(f, "{}{path}", self.0.cloud.graph_root())?;
        if !query.is_empty() {
            write!(f, "?{}", MaskedQuery::new(query))?;
        }
        Ok(())
    }
}

impl fmt::Debug for GraphLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GraphLink({self})")
    }
}

/// A URL that no token may be sent to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// Not an absolute URL, or one with characters that a server never sends.
    #[error("read the link: it is not an absolute URL")]
    Malformed,
    /// Another scheme, host or port than the configured cloud's, or user-info.
    #[error("follow a link to `{received}`: this connection only talks to `{configured}`")]
    ForeignHost {
        /// Scheme, host and port of the refused link.
        received: String,
        /// Scheme, host and port of the configured Graph root.
        configured: String,
    },
    /// The right host, but not below `/v1.0/` or `/beta/`.
    #[error("follow a link to `{path}`: it is outside the Graph API root")]
    OutsideApi {
        /// The path that was refused.
        path: String,
    },
    /// A page of one API version that links to another (SEC-A09).
    #[error("follow a link from `{from}` to `{to}`: a walk stays in one API version")]
    OtherVersion {
        /// The version that the walk began with.
        from: ApiVersion,
        /// The version that the link names.
        to: ApiVersion,
    },
}

#[cfg(test)]
mod tests;
