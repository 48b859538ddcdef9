//! The client: a cloud, a credential and the stack.

mod builder;

use std::path::PathBuf;
use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::SystemTime;

pub use self::builder::GraphClientBuilder;
use crate::answer::Answer;
use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::credential::Credential;
use crate::elsewhere::Elsewhere;
use crate::error::{BoxError, Error};
use crate::lane::{LaneLayer, Lanes, TenantSize};
use crate::page::Page;
use crate::pages::Pages;
use crate::parts::Parts;
use crate::request::GraphRequest;
use crate::retry::{Policy, RetryConfig};
use crate::stack::{self, GraphStack};
use crate::timeouts::Timeouts;

/// A client for one cloud and one credential. Clones share connections, token and lane.
#[derive(Clone, Debug)]
pub struct GraphClient(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    parts: Parts,
    live: RwLock<Live>,
    /// The stack is the caller's: this client cannot build it again.
    own_stack: bool,
}

/// What [`GraphClient::reconfigure`] replaces.
#[derive(Clone, Debug)]
struct Live {
    stack: GraphStack,
    retry: Policy,
}

impl GraphClient {
    /// Begins a client with the default settings.
    pub fn builder(cloud: Cloud, credential: impl Credential) -> GraphClientBuilder {
        GraphClientBuilder::new(cloud, Arc::new(credential))
    }

    pub(crate) fn over(parts: Parts, stack: GraphStack, own_stack: bool) -> Self {
        let retry = parts.retry.policy().clone();
        let live = RwLock::new(Live { stack, retry });
        Self(Arc::new(Shared { parts, live, own_stack }))
    }

    /// The cloud that this client talks to.
    pub fn cloud(&self) -> &Cloud {
        &self.0.parts.cloud
    }

    /// Changes retry and timeouts for every clone of this client and every operation that begins
    /// from now on; tokens, lanes and connections stay, and so do the connect and write timeouts of
    /// connections (Z14).
    ///
    /// # Errors
    /// A setting out of its range, or a client over a stack of the caller's own. Nothing changes then.
    pub fn reconfigure(&self, retry: RetryConfig, timeouts: Timeouts) -> Result<(), BuildError> {
        if self.0.own_stack {
            return Err(BuildError::OwnStack);
        }
        if let Some(field) = timeouts.zero_field().or_else(|| retry.invalid_field()) {
            return Err(BuildError::OutOfRange { field });
        }
        let mut parts = self.0.parts.clone();
        parts.retry = parts.retry.with(retry.clone());
        parts.lane.pool = timeouts.pool;
        parts.lane.throttle.headers.clone_from(&retry.retry_after_headers);
        (parts.settings.retry, parts.settings.timeouts) = (retry, timeouts);
        let live = Live { stack: stack::graph(&parts), retry: parts.retry.policy().clone() };
        *self.0.live.write().expect("no panic while the lock is held") = live;
        Ok(())
    }

    fn live(&self) -> RwLockReadGuard<'_, Live> {
        self.0.live.read().expect("no panic while the lock is held")
    }

    /// Sends one request. An answer that is not a success is `Ok`: look at [`Answer::disposition`],
    /// or call [`Answer::into_success`].
    ///
    /// # Errors
    /// No usable answer: nothing could be reached, signed in to or read, or time ran out.
    pub async fn send(&self, request: GraphRequest) -> Result<Answer, Error> {
        self.stack().send(request).await
    }

    /// Signs in, so that wrong credentials show before anything else happens. The token is kept.
    ///
    /// # Errors
    /// [`Error::Credential`].
    pub async fn sign_in(&self) -> Result<(), Error> {
        let tokens = &self.0.parts.tokens;
        tokens.live(tokens.next()).await?;
        Ok(())
    }

    /// The pages of a collection, the first one by `first`, whose headers each further request carries.
    pub fn pages(&self, first: GraphRequest) -> Pages {
        Pages::new(self.clone(), first)
    }

    /// The pages of a collection whose first one is at hand already, unchanged, as the answer to
    /// `request` (P17).
    pub fn pages_after(&self, page: &Page, request: GraphRequest) -> Pages {
        Pages::beginning_with(self.clone(), page.clone(), request)
    }

    /// The tenant as the credential names it: a GUID or a domain. [`GraphClient::tenant_id`] asks the authority.
    pub fn configured_tenant(&self) -> Option<&str> {
        self.0.parts.credential.tenant()
    }

    pub(crate) fn stack(&self) -> GraphStack {
        self.live().stack.clone()
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.0.parts.authority
    }

    /// The way to URLs that take no token.
    pub(crate) fn elsewhere(&self) -> &Elsewhere {
        &self.0.parts.elsewhere
    }

    pub(crate) fn retry(&self) -> Policy {
        self.live().retry.clone()
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.parts.lane.throttle.clock.now()
    }

    /// The lanes that this client shares, for their state.
    pub fn lanes(&self) -> &Lanes {
        &self.0.parts.lane.lanes
    }

    /// Tells the lanes how many users the tenant has: its budgets follow from it.
    pub fn tenant_users(&self, users: u64) {
        self.0.parts.lane.account.resize(TenantSize::of_users(users));
    }

    /// The layer that items of a batch are accounted to.
    pub(crate) fn lane(&self) -> &LaneLayer {
        &self.0.parts.lane
    }
}

/// Settings that no client can be built from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A value outside its range.
    #[error("use `{field}`: the value is out of range")]
    OutOfRange {
        /// The setting, as system files spell it.
        field: &'static str,
    },
    /// The PEM file of a custom cloud.
    #[error("read the certificates in `{}`", path.display())]
    CaBundle {
        /// `ca_bundle`.
        path: PathBuf,
        /// Why.
        source: BoxError,
    },
    /// A client that was given its stack cannot build it again.
    #[error("change the settings of a client over a stack of its own")]
    OwnStack,
    /// An https root in a build without TLS.
    #[error("reach an https root: this build has no TLS (feature `tls`)")]
    NoTls,
}
