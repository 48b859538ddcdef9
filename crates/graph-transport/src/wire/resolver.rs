//! Name resolution that does not lead a foreign name into our own networks.

use std::collections::BTreeSet;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;

use crate::address::is_private;
use crate::cloud::Cloud;

/// The system's resolver. Private addresses are taken for the configured hosts only: any other name is
/// one that a server gave us, as redirects do (SEC-A07).
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    system: GaiResolver,
    configured: Arc<BTreeSet<String>>,
}

impl Resolver {
    pub(super) fn new(cloud: &Cloud) -> Self {
        let hosts = cloud.hosts().into_iter().map(str::to_ascii_lowercase);
        // Managed-identity endpoints of the environment; no link or redirect may name it.
        let configured = hosts.chain(["localhost".to_owned()]).collect();
        Self { system: GaiResolver::new(), configured: Arc::new(configured) }
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let trusted = self.configured.contains(&name.as_str().to_ascii_lowercase());
        let found = self.system.call(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = found.await?.collect();
            permitted(found, trusted)
        })
    }
}

fn permitted(
    mut found: Vec<SocketAddr>,
    trusted: bool,
) -> io::Result<std::vec::IntoIter<SocketAddr>> {
    let any = !found.is_empty();
    found.retain(|address| trusted || !is_private(address.ip()));
    if any && found.is_empty() {
        return Err(io::Error::other("the name stands for a private address only"));
    }
    Ok(found.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-A07: also by the answer of a name server.
    #[test]
    fn a_foreign_name_never_means_a_private_address() {
        let addresses = |ips: &[&str]| -> Vec<SocketAddr> {
            ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()
        };
        let mixed = addresses(&["127.0.0.1", "20.190.128.1", "169.254.169.254"]);
        assert_eq!(permitted(mixed.clone(), true).unwrap().count(), 3);
        assert!(permitted(mixed, false).unwrap().eq(addresses(&["20.190.128.1"])));
        assert!(permitted(addresses(&["10.0.0.1", "::1"]), false).is_err());
        assert_eq!(permitted(Vec::new(), false).unwrap().count(), 0);
    }
}
