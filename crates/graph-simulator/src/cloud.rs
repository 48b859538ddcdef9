//! The national clouds: their hosts, and what they do not have.

pub(crate) mod absent;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A national cloud of Microsoft Graph (facts: graph-protocol 1.1).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cloud {
    /// The worldwide cloud, GCC included.
    #[default]
    Global,
    /// US Government L4: GCC High.
    UsGovL4,
    /// US Government L5: Department of Defense.
    UsGovL5,
    /// China, operated by 21Vianet.
    China,
    /// France.
    Bleu,
    /// Germany.
    Delos,
    /// Singapore Government.
    Govsg,
    /// Air-gapped, US.
    Usnat,
    /// Air-gapped, US.
    Ussec,
}

/// A word that names no cloud.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "read a cloud from `{0}`: use one of global, us_gov_l4, us_gov_l5, china, bleu, delos, govsg, usnat, ussec"
)]
pub struct UnknownCloud(String);

/// What is fixed of a cloud.
struct Facts {
    name: &'static str,
    /// The name of its schema in the metadata.
    schema: &'static str,
    graph: &'static str,
    login: &'static [&'static str],
    token_exchange: &'static str,
}

/// Hosts as facts, graph-protocol 1.1 lists them; the audience of the three newest clouds is not
/// documented, and the worldwide one stands for it.
const fn facts(cloud: Cloud) -> Facts {
    const WORLD: &str = "api://AzureADTokenExchange";
    let (name, schema, graph, login, token_exchange): (_, _, _, &[&str], _) = match cloud {
        Cloud::Global => (
            "global",
            "prod",
            "graph.microsoft.com",
            &[
                "login.microsoftonline.com",
                "login.windows.net",
                "login.microsoft.com",
                "sts.windows.net",
            ],
            WORLD,
        ),
        Cloud::UsGovL4 => (
            "us_gov_l4",
            "fairfax",
            "graph.microsoft.us",
            &["login.microsoftonline.us", "login.usgovcloudapi.net"],
            "api://AzureADTokenExchangeUSGov",
        ),
        Cloud::UsGovL5 => (
            "us_gov_l5",
            "fairfax",
            "dod-graph.microsoft.us",
            &["login.microsoftonline.us", "login.usgovcloudapi.net"],
            "api://AzureADTokenExchangeUSGov",
        ),
        Cloud::China => (
            "china",
            "mooncake",
            "microsoftgraph.chinacloudapi.cn",
            &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
            "api://AzureADTokenExchangeChina",
        ),
        Cloud::Bleu => {
            ("bleu", "bleu", "graph.svc.sovcloud.fr", &["login.sovcloud-identity.fr"], WORLD)
        }
        Cloud::Delos => {
            ("delos", "delos", "graph.svc.sovcloud.de", &["login.sovcloud-identity.de"], WORLD)
        }
        Cloud::Govsg => {
            ("govsg", "govsg", "graph.svc.sovcloud.sg", &["login.sovcloud-identity.sg"], WORLD)
        }
        Cloud::Usnat => (
            "usnat",
            "usnat",
            "graph.eaglex.ic.gov",
            &["login.microsoftonline.eaglex.ic.gov"],
            "api://AzureADTokenExchangeUSNat",
        ),
        Cloud::Ussec => (
            "ussec",
            "ussec",
            "graph.microsoft.scloud",
            &["login.microsoftonline.microsoft.scloud"],
            "api://AzureADTokenExchangeUSSec",
        ),
    };
    Facts { name, schema, graph, login, token_exchange }
}

/// What a host name means to a simulated cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// A loopback name: everything is there.
    Loopback,
    /// The cloud's Graph.
    Graph,
    /// The cloud's login authority.
    Login,
    /// The instance metadata service of a virtual machine.
    Metadata,
    /// Something else: a simulator does not answer in its name.
    Foreign,
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Self; 9] = [
        Self::Global,
        Self::UsGovL4,
        Self::UsGovL5,
        Self::China,
        Self::Bleu,
        Self::Delos,
        Self::Govsg,
        Self::Usnat,
        Self::Ussec,
    ];

    /// The name, such as `us_gov_l4`.
    pub const fn name(self) -> &'static str {
        facts(self).name
    }

    /// The host of the cloud's Graph.
    pub const fn graph_host(self) -> &'static str {
        facts(self).graph
    }

    /// The root of the cloud's Graph, the audience of its tokens.
    pub fn graph_root(self) -> String {
        format!("https://{}", self.graph_host())
    }

    /// The preferred host of the cloud's login authority.
    pub const fn login_host(self) -> &'static str {
        facts(self).login[0]
    }

    /// The audience of federated credentials (facts: graph-protocol 1.1).
    pub const fn token_exchange_audience(self) -> &'static str {
        facts(self).token_exchange
    }

    /// Every host of the cloud.
    #[cfg(feature = "tls")]
    pub(crate) fn hosts(self) -> impl Iterator<Item = &'static str> {
        let facts = facts(self);
        std::iter::once(facts.graph).chain(facts.login.iter().copied())
    }

    /// The name of the cloud's schema in the metadata.
    pub(crate) const fn schema(self) -> &'static str {
        facts(self).schema
    }

    /// What a `Host` header, port included, means.
    pub(crate) fn host(self, authority: &str) -> Host {
        let name = match authority.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => authority,
        };
        let name = name.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let loopback = name == "localhost"
            || name.ends_with(".localhost")
            || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let facts = facts(self);
        match name.as_str() {
            _ if loopback => Host::Loopback,
            "169.254.169.254" => Host::Metadata,
            name if name == facts.graph => Host::Graph,
            name if facts.login.contains(&name) => Host::Login,
            _ => Host::Foreign,
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Cloud {
    type Err = UnknownCloud;

    fn from_str(text: &str) -> Result<Self, UnknownCloud> {
        let known = Self::ALL.into_iter().find(|cloud| cloud.name() == text);
        known.ok_or_else(|| UnknownCloud(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_belong_to_one_cloud_and_loopback_to_all() {
        for cloud in Cloud::ALL {
            assert_eq!(cloud.name().parse(), Ok(cloud));
            assert_eq!(cloud.host(cloud.graph_host()), Host::Graph);
            assert_eq!(cloud.host(&format!("{}:443", cloud.login_host())), Host::Login);
            for name in ["localhost", "127.0.0.1:80", "[::1]:8080", "x.localhost:1", "127.7.0.1"] {
                assert_eq!(cloud.host(name), Host::Loopback, "{name}");
            }
            for name in ["", "x", "graph.microsoft.com.evil.example", "10.0.0.1", "localhost.evil"]
            {
                assert_eq!(cloud.host(name), Host::Foreign, "{name}");
            }
        }
        assert_eq!(Cloud::China.host("graph.microsoft.com"), Host::Foreign);
        assert!("prod".parse::<Cloud>().is_err());
    }
}
