//! A running simulator: what a test or a program holds in its hands.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use crate::clock::Clock;
use crate::core::Core;
use crate::directory::Overlay;
use crate::directory::changes::{MembershipReports, StageEdgeCache};
use crate::faults::{FaultPlan, Faults};
use crate::identity::{Client, Identity};
use crate::latency::Latency;
use crate::protocol::permissions;
use crate::recorder::{RecordedRequest, Recorder, Statistics};
use crate::replication::Replication;
use crate::server::{ListenError, Server};
use crate::service::SimulatorService;
use crate::settings::{DeltaLiberties, Settings};
use crate::tenant::Tenant;
use crate::tenant::mix::mix2;
use crate::throttle::{Limiter, Throttle};
use crate::truth::Truth;

/// A simulated Graph with one tenant; clones share it.
#[derive(Clone, Debug)]
pub struct Simulator {
    core: Arc<Core>,
    latency: Latency,
}

/// Settings of a [`Simulator`].
#[derive(Clone, Debug)]
#[must_use]
pub struct SimulatorBuilder {
    tenant: Tenant,
    client: Client,
    others: Vec<Client>,
    throttle: Option<Throttle>,
    faults: FaultPlan,
    latency: Latency,
    settings: Settings,
    clock: Clock,
}

impl Simulator {
    /// Starts describing a simulator of a tenant.
    ///
    /// By default: credentials drawn from the tenant's seed, every application permission, no
    /// throttling, no faults, no latency.
    pub fn builder(tenant: Tenant) -> SimulatorBuilder {
        let client = Client {
            id: tenant.app_id(0).to_string(),
            secret: format!("sim~{:016x}{:016x}", mix2(tenant.seed(), 21), mix2(tenant.seed(), 22)),
            roles: permissions::all().map(str::to_owned).collect(),
        };
        SimulatorBuilder {
            tenant,
            client,
            others: Vec::new(),
            throttle: None,
            faults: FaultPlan::default(),
            latency: Latency::default(),
            settings: Settings::default(),
            clock: Clock::system(),
        }
    }

    /// The id of the application that may sign in.
    pub fn client_id(&self) -> &str {
        &self.core.identity.clients[0].id
    }

    /// Its secret. It opens nothing but this simulator.
    pub fn client_secret(&self) -> &str {
        &self.core.identity.clients[0].secret
    }

    /// The GUID of the tenant.
    pub fn tenant_id(&self) -> String {
        self.core.tenant.id_of_tenant().to_string()
    }

    /// The tenant as it was built.
    pub fn tenant(&self) -> &Tenant {
        &self.core.tenant
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
        SimulatorService { core: Arc::clone(&self.core), latency: self.latency, scheme: "http" }
    }

    /// The last 100,000 requests in the order of their answers, items of batches before their batch.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.core.recorder.requests()
    }

    /// Counters since the simulator was built.
    pub fn statistics(&self) -> Statistics {
        self.core.recorder.statistics()
    }

    /// What a complete reader must have at this moment.
    pub fn truth(&self) -> Truth<'_> {
        Truth::new(&self.core)
    }

    /// Revokes every token issued up to now, to the second: they are answered 401 with a claims
    /// challenge, and tokens issued from the next second on are good.
    pub fn revoke_tokens(&self) {
        self.core.identity.revoked.store(self.core.clock.unix_seconds(), Ordering::Release);
    }

    /// Withdraws an application permission, or grants it again: it takes effect at once, for tokens
    /// that were issued before too.
    pub fn withdraw_permission(&self, permission: &str, withdrawn: bool) {
        let mut all =
            self.core.identity.withdrawn.write().expect("no code panics while it holds this lock");
        if withdrawn {
            all.insert(permission.to_owned());
        } else {
            all.remove(permission);
        }
    }

    /// An access token for the application, as the token endpoint would issue it.
    pub fn access_token(&self) -> String {
        let client = &self.core.identity.clients[0];
        self.core.identity.sign(&client.id, &client.roles)
    }
}

impl SimulatorBuilder {
    /// The application that may sign in and its secret. Default: drawn from the tenant's seed.
    pub fn credentials(
        mut self,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        self.client.id = client_id.into();
        self.client.secret = client_secret.into();
        self
    }

    /// The application permissions of the application's tokens. Default: all.
    pub fn permissions<P: Into<String>>(
        mut self,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        self.client.roles = permissions.into_iter().map(Into::into).collect();
        self
    }

    /// Another application that may sign in, with permissions of its own.
    pub fn application<P: Into<String>>(
        mut self,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        let roles = permissions.into_iter().map(Into::into).collect();
        self.others.push(Client { id: client_id.into(), secret: client_secret.into(), roles });
        self
    }

    /// Limits. Default: none.
    pub fn throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = Some(throttle);
        self
    }

    /// Faults. Default: none.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.faults = plan;
        self
    }

    /// A delay before every answer. Default: none.
    pub fn latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// Objects on a page of a list without `$top`, from 1 to 999. Default: the documented 100.
    pub fn page_size(mut self, objects: u64) -> Self {
        self.settings.page_size = Some(objects.clamp(1, 999));
        self
    }

    /// Objects and relationship entries on a page of a delta round, each at least 1. Default: 200 and 2,000.
    pub fn delta_page_size(mut self, objects: u64, relationships: u64) -> Self {
        self.settings.delta_page_size = objects.max(1);
        self.settings.delta_page_edges = relationships.max(1);
        self
    }

    /// How long a delta token lives. Default: the documented seven days; none for ever.
    pub fn delta_token_life(mut self, life: Option<Duration>) -> Self {
        self.settings.delta_token_life = life;
        self
    }

    /// How long an access token lives. Default: 3,599 seconds.
    pub fn access_token_life(mut self, life: Duration) -> Self {
        self.settings.access_token_life = life;
        self
    }

    /// Whether member and owner lists of v1.0 contain service principals. Default: they leave them
    /// out, as has been reported of Graph (facts: graph-protocol 12, row 31).
    pub fn v1_service_principals(mut self, contained: bool) -> Self {
        self.settings.v1_service_principals = contained;
        self
    }

    /// Whether the delta of a group reports members that were restored from the recycle bin as
    /// added, and members that were purged as removed. Default: restored yes, purged no; Graph
    /// promises neither (facts: graph-protocol 5.6).
    pub fn membership_reports(mut self, restored: bool, purged: bool) -> Self {
        self.settings.membership_reports = MembershipReports { restored, purged };
        self
    }

    /// How long a created, deleted or restored object stays as it was for readers. Default: not at all.
    pub fn replication_lag(mut self, lag: Duration) -> Self {
        self.settings.replication_lag = lag;
        self
    }

    /// Liberties that delta rounds take. Default: none.
    pub fn delta_liberties(mut self, liberties: DeltaLiberties) -> Self {
        self.settings.delta_liberties = liberties;
        self
    }

    /// Where the time comes from. Default: the system.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The simulator.
    pub fn build(self) -> Simulator {
        let mut clients = vec![self.client];
        clients.extend(self.others);
        let identity = Identity {
            tenant: self.tenant.id_of_tenant(),
            domain: self.tenant.domain().to_owned(),
            clients,
            key: Identity::key_of(&self.tenant),
            token_life: self.settings.access_token_life.as_secs(),
            revoked: AtomicU64::new(0),
            withdrawn: RwLock::default(),
            clock: self.clock.clone(),
        };
        let core = Core {
            moment: AtomicU64::new(self.tenant.moment()),
            tenant: self.tenant,
            overlay: RwLock::new(Overlay::default()),
            replication: Mutex::new(Replication::new(self.settings.replication_lag)),
            settings: self.settings,
            stage_edges: StageEdgeCache::default(),
            identity,
            limiter: self.throttle.map(|throttle| Mutex::new(Limiter::new(throttle))),
            faults: Faults::new(self.faults),
            recorder: Recorder::default(),
            clock: self.clock,
            numbers: AtomicU64::new(0),
        };
        Simulator { core: Arc::new(core), latency: self.latency }
    }
}
