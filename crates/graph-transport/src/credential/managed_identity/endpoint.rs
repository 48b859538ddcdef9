//! Where a managed identity is asked, and how.

use std::path::PathBuf;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

use super::UserAssigned;
use crate::credential::CredentialError;
use crate::secret::Secret;

/// Link-local, so that it is answered by the machine's own host or not at all.
const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// Tells the service that no browser was tricked into asking.
const METADATA: HeaderName = HeaderName::from_static("metadata");
const IDENTITY_HEADER: HeaderName = HeaderName::from_static("x-identity-header");

#[derive(Clone, Debug)]
pub(in crate::credential) enum Endpoint {
    Imds,
    AppService { url: Url, header: Secret },
    Arc { url: Url, tokens: PathBuf },
}

impl Endpoint {
    pub(in crate::credential) fn name(&self) -> &'static str {
        match self {
            Self::Imds => "the instance metadata service",
            Self::AppService { .. } => "the App Service identity endpoint",
            Self::Arc { .. } => "the Azure Arc agent",
        }
    }

    pub(super) fn url(
        &self,
        resource: &str,
        identity: Option<&UserAssigned>,
    ) -> Result<Url, CredentialError> {
        let (mut url, version, resource_id) = match self {
            Self::Imds => (parse(IMDS)?, "2018-02-01", "msi_res_id"),
            Self::AppService { url, .. } => (url.clone(), "2019-08-01", "mi_res_id"),
            Self::Arc { url, .. } if identity.is_none() => (url.clone(), "2020-06-01", ""),
            Self::Arc { .. } => {
                return Err(CredentialError::NotHere {
                    what: self.name(),
                    reason: "it has no user-assigned identities".to_owned(),
                });
            }
        };
        let identity = identity.map(|identity| match identity {
            UserAssigned::ClientId(id) => ("client_id", id),
            UserAssigned::ObjectId(id) => ("object_id", id),
            UserAssigned::ResourceId(id) => (resource_id, id),
        });
        url.query_pairs_mut()
            .clear()
            .extend_pairs([("api-version", version), ("resource", resource)])
            .extend_pairs(identity);
        Ok(url)
    }

    pub(super) fn headers(&self) -> Result<HeaderMap, CredentialError> {
        let mut headers = HeaderMap::new();
        if let Self::AppService { header, .. } = self {
            let mut value = HeaderValue::from_str(header.expose())
                .map_err(|_| CredentialError::Unusable("`IDENTITY_HEADER` is no header value"))?;
            value.set_sensitive(true);
            headers.insert(IDENTITY_HEADER, value);
        } else {
            headers.insert(METADATA, HeaderValue::from_static("true"));
        }
        Ok(headers)
    }
}

fn parse(text: &str) -> Result<Url, CredentialError> {
    Url::parse(text).map_err(|_| CredentialError::Unusable("the identity endpoint is no URL"))
}

/// An endpoint that the environment names gets a secret header, so it has to be near: this machine,
/// or an address of its private or link-local network, as App Service has it.
pub(super) fn local(text: &str) -> Result<Url, CredentialError> {
    let url = parse(text)?;
    let near = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_link_local() || ip.is_private(),
        Some(Host::Ipv6(ip)) => {
            ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unique_local()
        }
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none();
    if near && plain && matches!(url.scheme(), "http" | "https") {
        return Ok(url);
    }
    Err(CredentialError::Unusable("the identity endpoint is not on this machine"))
}
