//! A running simulator: what a test or a program holds in its hands.

pub(crate) mod builder;

use std::net::SocketAddr;
use std::sync::Arc;

use crate::cloud::Cloud;
use crate::core::Core;
use crate::identity::Decision;
use crate::latency::Latency;
use crate::recorder::{RecordedRequest, Statistics};
use crate::server::{ListenError, Server};
use crate::service::SimulatorService;
use crate::site::Site;
use crate::tenant::Tenant;
use crate::truth::Truth;
use builder::SimulatorBuilder;

/// A simulated Graph; clones share it. It is seen from one of its tenants, the first unless
/// [`Simulator::of_tenant`] chose another.
#[derive(Clone, Debug)]
pub struct Simulator {
    site: Arc<Site>,
    core: Arc<Core>,
    latency: Latency,
}

/// A device code that cannot be decided about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("decide about the user code: {0}")]
pub struct UndecidedDevice(String);

impl Simulator {
    /// Starts describing a simulator of a tenant.
    ///
    /// By default: the worldwide cloud, credentials drawn from the tenant's seed, every application
    /// permission, no throttling, no faults, no latency.
    pub fn builder(tenant: Tenant) -> SimulatorBuilder {
        SimulatorBuilder::new(tenant)
    }

    /// The id of the tenant's first application.
    pub fn client_id(&self) -> &str {
        &self.core.identity.apps[0].id
    }

    /// Its first secret; empty if it has none. It opens nothing but this simulator.
    pub fn client_secret(&self) -> &str {
        self.core.identity.apps[0].secrets.first().map_or("", |secret| &secret.value)
    }

    /// The GUID of the tenant.
    pub fn tenant_id(&self) -> String {
        self.core.tenant.id_of_tenant().to_string()
    }

    /// The tenant as it was built.
    pub fn tenant(&self) -> &Tenant {
        &self.core.tenant
    }

    /// The cloud.
    pub fn cloud(&self) -> Cloud {
        self.site.cloud
    }

    /// The same simulator, seen from the tenant with a GUID or verified domain; none if there is no such.
    pub fn of_tenant(&self, name: &str) -> Option<Self> {
        let core = self.site.core_named(name)?;
        Some(Self { core: Arc::clone(core), ..self.clone() })
    }

    /// The simulator seen from each of its tenants, in the order in which they were added.
    pub fn tenants(&self) -> impl Iterator<Item = Self> {
        self.site.cores.iter().map(|core| Self { core: Arc::clone(core), ..self.clone() })
    }

    /// The moment at which the tenant stands.
    pub fn moment(&self) -> u64 {
        self.core.moment()
    }

    /// Moves the tenant to a moment, usually a later one. At each moment about one object in a
    /// hundred changes. Delta tokens of moments that lie ahead are answered 410.
    pub fn set_moment(&self, moment: u64) {
        self.core.set_moment(moment);
    }

    /// Moves the tenant on by some moments.
    pub fn advance(&self, moments: u64) {
        self.core.set_moment(self.core.moment().saturating_add(moments));
    }

    /// Listens on a loopback address; port 0 lets the system choose one.
    ///
    /// # Errors
    ///
    /// The address is not a loopback address, or the system refuses it.
    pub async fn listen(&self, address: SocketAddr) -> Result<Server, ListenError> {
        Server::start(self.service(), address).await
    }

    /// Listens on a loopback address over TLS, with a certificate made for it:
    /// [`Server::certificate_authority`] is what a client must trust.
    ///
    /// # Errors
    ///
    /// The address is not a loopback address, the system refuses it, or no certificate can be made.
    #[cfg(feature = "tls")]
    pub async fn listen_tls(&self, address: SocketAddr) -> Result<Server, ListenError> {
        Server::start_tls(self.service(), address).await
    }

    /// The simulator as a [`tower::Service`] of HTTP requests, without a socket.
    pub fn service(&self) -> SimulatorService {
        SimulatorService { site: Arc::clone(&self.site), latency: self.latency, scheme: "http" }
    }

    /// The last 100,000 requests in the order of their answers, items of batches before their batch.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.core.recorder.requests()
    }

    /// Counters since the simulator was built, over all tenants.
    pub fn statistics(&self) -> Statistics {
        self.core.recorder.statistics()
    }

    /// What a complete reader must have at this moment.
    pub fn truth(&self) -> Truth<'_> {
        Truth::new(&self.core)
    }

    /// Revokes every token issued up to now, to the second: access tokens are answered 401, with a
    /// claims challenge for clients that declared `cp1`, and refresh tokens `invalid_grant`. Tokens
    /// issued from the next second on are good (facts: graph-protocol 2.4, 2.6).
    pub fn revoke_tokens(&self) {
        self.core.revoke_tokens();
    }

    /// Withdraws a permission, or grants it again: it takes effect at once, for tokens that were
    /// issued before too.
    pub fn withdraw_permission(&self, permission: &str, withdrawn: bool) {
        self.core.withdraw_permission(permission, withdrawn);
    }

    /// An access token for the first application, as the token endpoint would issue it.
    pub fn access_token(&self) -> String {
        self.access_token_of(self.client_id()).unwrap_or_default()
    }

    /// An access token for an application of the tenant; none if it has no such.
    pub fn access_token_of(&self, client_id: &str) -> Option<String> {
        self.core.identity.token_of(client_id)
    }

    /// The user codes of devices that wait for a person.
    pub fn waiting_devices(&self) -> Vec<String> {
        self.site.waiting_devices()
    }

    /// Approves a user code as the user with a principal name, or as the first enabled one.
    ///
    /// # Errors
    ///
    /// No device waits with this code, or the user cannot sign in.
    pub fn approve_device(
        &self,
        user_code: &str,
        principal_name: Option<&str>,
    ) -> Result<(), UndecidedDevice> {
        let decision = Decision::Approve(principal_name.map(str::to_owned));
        self.site.decide_device(user_code, &decision).map_err(UndecidedDevice)
    }

    /// Declines a user code.
    ///
    /// # Errors
    ///
    /// No device waits with this code.
    pub fn decline_device(&self, user_code: &str) -> Result<(), UndecidedDevice> {
        self.site.decide_device(user_code, &Decision::Decline).map_err(UndecidedDevice)
    }

    /// What App Service asks for in `X-IDENTITY-HEADER` (facts: graph-protocol 2.2).
    pub fn identity_header(&self) -> &str {
        &self.site.machine.header
    }
}
