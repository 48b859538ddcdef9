//! The token endpoint: client credentials with a secret (facts: graph-protocol 2.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::json;

use super::error::OAuthError;
use super::{AuthorityRequest, Client, Identity, json_reply};
use crate::protocol::reply::Reply;

/// Hosts whose `/.default` scope means Microsoft Graph.
const GRAPH_HOSTS: [&str; 7] = [
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "graph.svc.sovcloud.fr",
    "graph.svc.sovcloud.de",
    "graph.svc.sovcloud.sg",
];
/// The application id of Microsoft Graph, another name for the resource.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// The parameters of a token request.
struct Form(Vec<(String, String)>);

impl Form {
    fn parse(request: &AuthorityRequest<'_>) -> Result<Self, OAuthError> {
        let text = std::str::from_utf8(request.body).map_err(|_| OAuthError::form())?;
        Ok(Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn require(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::missing(name))
    }
}

impl Identity {
    /// Issues a token.
    pub(super) fn issue(
        &self,
        tenant: &str,
        request: &AuthorityRequest<'_>,
    ) -> Result<Reply, OAuthError> {
        let form = Form::parse(request)?;
        let grant = form.require("grant_type")?;
        let basic = basic_credentials(request);
        let client_id = match (form.get("client_id"), &basic) {
            (Some(id), _) => id.to_owned(),
            (None, Some((id, _))) => id.clone(),
            (None, None) => return Err(OAuthError::missing("client_id")),
        };
        if grant != "client_credentials" {
            return Err(OAuthError::grant_type(grant));
        }
        self.check_tenant(tenant)?;
        let client = self.client(&client_id)?;
        let secret =
            form.get("client_secret").map(str::to_owned).or(basic.map(|(_, secret)| secret));
        match secret {
            None => return Err(OAuthError::no_credential()),
            Some(secret) if secret != client.secret => {
                return Err(OAuthError::wrong_secret(&client_id));
            }
            Some(_) => {}
        }
        self.check_scope(form.require("scope")?)?;
        Ok(json_reply(
            StatusCode::OK,
            &json!({
                "token_type": "Bearer",
                "expires_in": self.token_life,
                "ext_expires_in": self.token_life,
                "access_token": self.sign(&client.id, &client.roles),
            }),
        ))
    }

    fn client(&self, id: &str) -> Result<&Client, OAuthError> {
        let known = self.clients.iter().find(|client| client.id.eq_ignore_ascii_case(id));
        known.ok_or_else(|| OAuthError::no_application(id, &self.tenant.to_string()))
    }

    /// `{resource}/.default`, where the resource is a Graph root or a loopback address.
    fn check_scope(&self, scope: &str) -> Result<(), OAuthError> {
        let mut words = scope
            .split_whitespace()
            .filter(|word| !matches!(*word, "openid" | "profile" | "offline_access"));
        let (Some(word), None) = (words.next(), words.next()) else {
            return Err(OAuthError::scope(scope));
        };
        let Some(resource) = word.strip_suffix("/.default") else {
            return Err(OAuthError::scope(scope));
        };
        if resource == GRAPH_APP_ID {
            return Ok(());
        }
        let known = url::Url::parse(resource).ok().is_some_and(|url| match url.host() {
            Some(url::Host::Domain(host)) => GRAPH_HOSTS.contains(&host) || host == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        });
        if known { Ok(()) } else { Err(OAuthError::resource(resource, &self.tenant.to_string())) }
    }
}

/// The client id and secret of an `Authorization: Basic` header.
fn basic_credentials(request: &AuthorityRequest<'_>) -> Option<(String, String)> {
    let header = request.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let decoded = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let undo = |text: &str| {
        url::form_urlencoded::parse(text.as_bytes())
            .next()
            .map_or_else(String::new, |(text, _)| text.into_owned())
    };
    Some((undo(id), undo(secret)))
}
