//! The national clouds of Microsoft Graph: the one place where their hosts are written.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use url::{Host, Url};

use crate::address::{is_metadata, literal};
use crate::link::{GraphLink, LinkError};

/// The name of a cloud, as system files spell it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CloudName {
    /// Worldwide, the government community cloud (GCC) included.
    Global,
    /// The US government, level 4 (`GCC High`).
    UsGovL4,
    /// The US government, level 5 (`DoD`).
    UsGovL5,
    /// China, operated by 21Vianet.
    China,
    /// Bleu, France.
    Bleu,
    /// Delos, Germany.
    Delos,
    /// The Government of Singapore.
    GovSg,
    /// Any Graph or emulator, described by [`CustomCloud`].
    Custom,
}

impl CloudName {
    /// Every cloud with fixed hosts.
    pub const FIXED: [Self; 7] = [
        Self::Global,
        Self::UsGovL4,
        Self::UsGovL5,
        Self::China,
        Self::Bleu,
        Self::Delos,
        Self::GovSg,
    ];

    /// The spelling in system files, for example `us_gov_l4`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGovL4 => "us_gov_l4",
            Self::UsGovL5 => "us_gov_l5",
            Self::China => "china",
            Self::Bleu => "bleu",
            Self::Delos => "delos",
            Self::GovSg => "govsg",
            Self::Custom => "custom",
        }
    }

    /// Graph root and login authority (facts: graph-protocol 1.1, endpoint table).
    const fn hosts(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Global => ("https://graph.microsoft.com", "https://login.microsoftonline.com"),
            Self::UsGovL4 => ("https://graph.microsoft.us", "https://login.microsoftonline.us"),
            Self::UsGovL5 => ("https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
            Self::China => {
                ("https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn")
            }
            Self::Bleu => ("https://graph.svc.sovcloud.fr", "https://login.sovcloud-identity.fr"),
            Self::Delos => ("https://graph.svc.sovcloud.de", "https://login.sovcloud-identity.de"),
            Self::GovSg => ("https://graph.svc.sovcloud.sg", "https://login.sovcloud-identity.sg"),
            Self::Custom => return None,
        })
    }
}

impl fmt::Display for CloudName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CloudName {
    type Err = CloudError;

    fn from_str(name: &str) -> Result<Self, CloudError> {
        let all = Self::FIXED.into_iter().chain([Self::Custom]);
        all.into_iter()
            .find(|cloud| cloud.as_str() == name)
            .ok_or_else(|| CloudError::UnknownName(name.to_owned()))
    }
}

/// The version segment of a Graph path.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ApiVersion {
    /// `v1.0`, the default.
    #[default]
    V1_0,
    /// `beta`.
    Beta,
}

impl ApiVersion {
    /// The path segment: `v1.0` or `beta`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a cloud without a fixed name needs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CustomCloud {
    /// Graph root without a version, for example `https://graph.example`; may carry a path prefix.
    pub graph_root: String,
    /// Login authority; tokens come from `{authority}/{tenant_id}/oauth2/v2.0/token`.
    pub authority: String,
    /// PEM file with certificate authorities to trust beside the bundled public ones.
    pub ca_bundle: Option<PathBuf>,
    /// Allows plain `http` to loopback addresses, and to nothing else.
    pub allow_insecure_loopback: bool,
}

/// One cloud: Graph root, login authority and token-exchange audience. Cheap to clone.
#[derive(Clone, Eq, PartialEq)]
pub struct Cloud(Arc<Hosts>);

#[derive(Clone, Eq, PartialEq)]
struct Hosts {
    name: CloudName,
    root: Url,
    root_text: String,
    authority: Url,
    ca_bundle: Option<PathBuf>,
    token_exchange_audience: Option<String>,
}

impl Cloud {
    /// A cloud with fixed hosts; `None` for [`CloudName::Custom`].
    pub fn named(name: CloudName) -> Option<Self> {
        let (root, authority) = name.hosts()?;
        let url = |text: &str| Url::parse(text).expect("the table holds absolute URLs");
        Some(Self::assemble(name, url(root), url(authority), None))
    }

    /// Any other Graph, or an emulator.
    ///
    /// # Errors
    /// A root or authority that is no absolute `https` URL (plain `http` only on loopback and only
    /// where allowed), or that carries user-info, a query or a fragment.
    pub fn custom(custom: CustomCloud) -> Result<Self, CloudError> {
        let insecure = custom.allow_insecure_loopback;
        let root = checked("graph_root", &custom.graph_root, insecure)?;
        let path = root.path().trim_end_matches('/');
        if [ApiVersion::V1_0, ApiVersion::Beta].iter().any(|it| path.ends_with(it.as_str())) {
            let (field, url) = ("graph_root", custom.graph_root);
            return Err(CloudError::InvalidUrl {
                field,
                url,
                reason: "write it without a version",
            });
        }
        let authority = checked("authority", &custom.authority, insecure)?;
        Ok(Self::assemble(CloudName::Custom, root, authority, custom.ca_bundle))
    }

    /// The cloud that a `base_url` such as `https://graph.microsoft.us/v1.0` belongs to.
    ///
    /// # Errors
    /// A URL that is not the versioned root of a cloud with fixed hosts.
    pub fn from_base_url(base_url: &str) -> Result<(Self, ApiVersion), CloudError> {
        let trimmed = base_url.trim_end_matches('/');
        for name in CloudName::FIXED {
            let cloud = Self::named(name).expect("FIXED names have hosts");
            for version in [ApiVersion::V1_0, ApiVersion::Beta] {
                if trimmed.eq_ignore_ascii_case(&format!("{}/{version}", cloud.graph_root())) {
                    return Ok((cloud, version));
                }
            }
        }
        Err(CloudError::UnknownBaseUrl(base_url.to_owned()))
    }

    fn assemble(name: CloudName, root: Url, authority: Url, ca_bundle: Option<PathBuf>) -> Self {
        let root_text = root.as_str().trim_end_matches('/').to_owned();
        // facts: graph-protocol 1.1; for the newer sovereign clouds none is known.
        let token_exchange_audience = match name {
            CloudName::Global => Some("api://AzureADTokenExchange"),
            CloudName::UsGovL4 | CloudName::UsGovL5 => Some("api://AzureADTokenExchangeUSGov"),
            CloudName::China => Some("api://AzureADTokenExchangeChina"),
            CloudName::Bleu | CloudName::Delos | CloudName::GovSg | CloudName::Custom => None,
        };
        let token_exchange_audience = token_exchange_audience.map(str::to_owned);
        Self(Arc::new(Hosts {
            name,
            root,
            root_text,
            authority,
            ca_bundle,
            token_exchange_audience,
        }))
    }

    /// Which cloud this is.
    pub fn name(&self) -> CloudName {
        self.0.name
    }

    /// Graph root without trailing slash and without version, for example `https://graph.microsoft.us`.
    pub fn graph_root(&self) -> &str {
        &self.0.root_text
    }

    /// Login authority without trailing slash, for example `https://login.microsoftonline.us`.
    pub fn authority(&self) -> &str {
        self.0.authority.as_str().trim_end_matches('/')
    }

    /// The PEM file of a custom cloud.
    pub fn ca_bundle(&self) -> Option<&PathBuf> {
        self.0.ca_bundle.as_ref()
    }

    /// The scope that app-only tokens are asked for: the root and `/.default`.
    pub fn default_scope(&self) -> String {
        format!("{}/.default", self.graph_root())
    }

    /// The audience that a federated token must be for to be exchanged here; `None` where none is known.
    pub fn token_exchange_audience(&self) -> Option<&str> {
        self.0.token_exchange_audience.as_deref()
    }

    /// Sets that audience, for a cloud where it is not known here.
    #[must_use]
    pub fn with_token_exchange_audience(mut self, audience: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).token_exchange_audience = Some(audience.into());
        self
    }

    /// `{authority}/{tenant}/{rest}`, the tenant always one encoded segment.
    pub(crate) fn authority_url(&self, tenant: &str, rest: &[&str]) -> Url {
        let mut url = self.0.authority.clone();
        url.path_segments_mut()
            .expect("an http(s) URL has path segments")
            .pop_if_empty()
            .push(tenant)
            .extend(rest);
        url
    }

    /// A link below the Graph root, from a path with version and query such as `/v1.0/users?$top=5`.
    /// Stored cursors come back through here.
    ///
    /// # Errors
    /// A path that leaves the versioned API root.
    pub fn link(&self, path_and_query: &str) -> Result<GraphLink, LinkError> {
        GraphLink::below(self, path_and_query)
    }

    /// A link from an absolute URL that a server handed us: `nextLink`, `deltaLink`, `Location`.
    ///
    /// # Errors
    /// Any URL that is not on this cloud's Graph root; see [`LinkError`].
    pub fn accept(&self, received: &str) -> Result<GraphLink, LinkError> {
        GraphLink::received(self, received)
    }

    /// The hosts of Graph and of the login authority.
    pub(crate) fn hosts(&self) -> [&str; 2] {
        [&self.0.root, &self.0.authority].map(|url| url.host_str().unwrap_or_default())
    }

    pub(crate) fn root_url(&self) -> &Url {
        &self.0.root
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud")
            .field("name", &self.name())
            .field("graph_root", &self.graph_root())
            .finish()
    }
}

fn checked(
    field: &'static str,
    text: &str,
    allow_insecure_loopback: bool,
) -> Result<Url, CloudError> {
    let invalid = |reason| CloudError::InvalidUrl { field, url: text.to_owned(), reason };
    let url = Url::parse(text).map_err(|_| invalid("it is not an absolute URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(CloudError::InvalidUrl {
            field,
            url: "***".to_owned(),
            reason: "it must not carry user-info",
        });
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("it must end with its path"));
    }
    // SEC-A16: what answers there speaks for this machine, to whoever asks.
    if literal(&url).is_some_and(is_metadata) {
        return Err(invalid("the address is that of a metadata service"));
    }
    let loopback = is_loopback(&url);
    match url.scheme() {
        "https" => {}
        "http" if !loopback => {
            return Err(invalid("plain http would send tokens in clear; use https"));
        }
        "http" if allow_insecure_loopback => {}
        "http" => {
            return Err(invalid("plain http on loopback needs `allow_insecure_loopback: true`"));
        }
        _ => return Err(invalid("only https is supported")),
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A cloud that cannot be used as written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CloudError {
    /// Not one of the names that system files know.
    #[error(
        "find a cloud named `{0}`; known are global, us_gov_l4, us_gov_l5, china, bleu, delos, govsg and custom"
    )]
    UnknownName(String),
    /// A `base_url` that is not the versioned root of a known cloud.
    #[error(
        "match `base_url` `{0}` with a national cloud; use `cloud: custom` with `graph_root` and `authority`"
    )]
    UnknownBaseUrl(String),
    /// A root or authority that must not be used.
    #[error("use `{field}` `{url}`: {reason}")]
    InvalidUrl {
        /// `graph_root` or `authority`.
        field: &'static str,
        /// The URL as written, without credentials.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

#[cfg(test)]
mod tests;
