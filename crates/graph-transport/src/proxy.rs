//! Proxies: which requests go through one, and its credentials masked.

use std::fmt;

use url::Url;

/// The proxy for everything that goes over https to another machine, as curl reads the settings.
///
/// It is asked for a tunnel (CONNECT, or SOCKS 5), so that TLS is checked end to end against the real
/// host and the proxy sees no token. Plain http, which exists on this machine only, and managed-identity
/// endpoints are never proxied. The default is none: the library reads no environment itself.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Proxies {
    proxy: Option<Url>,
    no_proxy: String,
}

/// A proxy that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("use the proxy of `{setting}`: {reason}")]
pub struct ProxyError {
    /// The variable or setting.
    pub setting: &'static str,
    /// What is wrong with it; never the value, which may hold a password.
    pub reason: &'static str,
}

/// In the order of curl: lower case first.
const PROXY_VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

impl Proxies {
    /// No proxy.
    pub fn none() -> Self {
        Self::default()
    }

    /// `http://`, `https://`, `socks5://` or `socks5h://`, with user and password where it wants them;
    /// without a scheme, `http://`. A SOCKS proxy is told names and resolves them, with either scheme.
    ///
    /// # Errors
    /// Anything else.
    pub fn new(url: &str) -> Result<Self, ProxyError> {
        Self::read("proxy", url)
    }

    /// From `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case, read through `variable`.
    /// `HTTP_PROXY` is for plain http, which is never proxied.
    ///
    /// # Errors
    /// A variable that holds no usable proxy.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ProxyError> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let no_proxy = set("no_proxy").or_else(|| set("NO_PROXY")).unwrap_or_default();
        let found = PROXY_VARIABLES.iter().find_map(|name| Some((*name, set(name)?)));
        let Some((name, url)) = found else { return Ok(Self::none()) };
        Ok(Self::read(name, &url)?.no_proxy(no_proxy))
    }

    /// Hosts to reach directly: a list with commas of names (with all names below them), addresses,
    /// networks such as `10.0.0.0/8`, or `*`.
    #[must_use]
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.no_proxy = hosts.into();
        self
    }

    fn read(setting: &'static str, text: &str) -> Result<Self, ProxyError> {
        let wrong = |reason| ProxyError { setting, reason };
        let text = text.trim();
        let url = if text.contains("://") {
            Url::parse(text)
        } else {
            Url::parse(&format!("http://{text}"))
        };
        let url = url.map_err(|_| wrong("it is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return Err(wrong("only http, https and socks5 proxies are supported"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("it names no host"));
        }
        Ok(Self { proxy: Some(url), no_proxy: String::new() })
    }

    #[cfg(feature = "tls")]
    pub(crate) fn matcher(&self) -> Option<hyper_util::client::proxy::matcher::Matcher> {
        let matcher = hyper_util::client::proxy::matcher::Matcher::builder();
        let url = self.proxy.as_ref()?.as_str().trim_end_matches('/');
        Some(matcher.https(url).no(self.no_proxy.as_str()).build())
    }
}

impl fmt::Display for Proxies {
    /// The proxy without its credentials: `http://***@proxy.example:3128`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(url) = &self.proxy else { return f.write_str("no proxy") };
        let credentials = !url.username().is_empty() || url.password().is_some();
        let masked = if credentials { "***@" } else { "" };
        write!(f, "{}://{masked}{}", url.scheme(), url.host_str().unwrap_or_default())?;
        url.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("proxy", &self.to_string())
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
        Proxies::from_environment(|name| {
            variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned())
        })
    }

    /// SEC-A14
    #[test]
    fn credentials_are_masked_wherever_a_proxy_is_shown() {
        let proxies = Proxies::new("http://me:canary@proxy.example:3128").unwrap();
        assert_eq!(proxies.to_string(), "http://***@proxy.example:3128");
        assert!(!format!("{proxies:?}").contains("canary"));
        let error = environment(&[("HTTPS_PROXY", "ftp://me:canary@proxy")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "use the proxy of `HTTPS_PROXY`: only http, https and socks5 proxies are supported"
        );
    }

    #[test]
    fn the_environment_is_read_as_curl_does() {
        assert_eq!(environment(&[]).unwrap(), Proxies::none());
        assert_eq!(environment(&[("HTTP_PROXY", "http://p")]).unwrap(), Proxies::none());
        assert_eq!(environment(&[("HTTPS_PROXY", " ")]).unwrap(), Proxies::none());
        let both =
            [("https_proxy", "proxy:1"), ("HTTPS_PROXY", "proxy:2"), ("ALL_PROXY", "proxy:3")];
        assert_eq!(environment(&both).unwrap().to_string(), "http://proxy:1");
        let all = [("ALL_PROXY", "socks5h://u:p@proxy:1080"), ("NO_PROXY", "a,b")];
        let all = environment(&all).unwrap();
        assert_eq!(
            (all.to_string().as_str(), all.no_proxy.as_str()),
            ("socks5h://***@proxy:1080", "a,b")
        );
        for wrong in ["http://", "http://[", "socks4://p", "file:///x"] {
            assert!(Proxies::new(wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn no_proxy_names_hosts_domains_and_networks() {
        let proxies = Proxies::new("proxy:3128").unwrap().no_proxy("corp.example, 10.0.0.0/8");
        let matcher = proxies.matcher().unwrap();
        let goes_through = |url: &str| matcher.intercept(&url.parse().unwrap()).is_some();
        assert!(goes_through("https://graph.microsoft.com/v1.0"));
        assert!(goes_through("https://notcorp.example/"));
        for direct in
            ["https://corp.example/", "https://a.corp.example/", "https://10.9.9.9/", "http://x/"]
        {
            assert!(!goes_through(direct), "{direct}");
        }
        assert!(
            Proxies::new("p")
                .unwrap()
                .no_proxy("*")
                .matcher()
                .unwrap()
                .intercept(&"https://x/".parse().unwrap())
                .is_none()
        );
    }
}
