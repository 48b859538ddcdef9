//! What a simulator is built of.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use super::Simulator;
use crate::app_registration::AppRegistration;
use crate::churn::{Churn, Churning};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::core::Core;
use crate::directory::changes::{MembershipReports, StageEdgeCache};
use crate::directory::{Directory, Overlay};
use crate::faults::{FaultPlan, Faults};
use crate::identity::{Identity, SignIns, Signer};
use crate::latency::Latency;
use crate::managed_identity::{Machine, ManagedIdentity};
use crate::recorder::Recorder;
use crate::replication::{Replication, ReplicationLag};
use crate::settings::{DeltaLiberties, Settings};
use crate::site::Site;
use crate::tenant::mix::mix2;
use crate::tenant::{Kind, ObjectId, Tenant};
use crate::throttle::{Limiter, Throttle};

/// Settings of a [`Simulator`].
#[derive(Clone, Debug)]
#[must_use]
pub struct SimulatorBuilder {
    tenant: Tenant,
    apps: Vec<AppRegistration>,
    others: Vec<(Tenant, Vec<AppRegistration>)>,
    domains: Vec<String>,
    cloud: Cloud,
    identities: Vec<ManagedIdentity>,
    arc_keys: Option<PathBuf>,
    device_code: (u64, u64),
    throttle: Option<Throttle>,
    faults: FaultPlan,
    churn: Churn,
    latency: Latency,
    settings: Settings,
    clock: Clock,
}

/// The application that a tenant has by default: drawn from its seed, with every permission.
fn default_app(tenant: &Tenant) -> AppRegistration {
    let secret = format!("sim~{:016x}{:016x}", mix2(tenant.seed(), 21), mix2(tenant.seed(), 22));
    AppRegistration::new(tenant.app_id(0).to_string()).secret(secret)
}

impl SimulatorBuilder {
    pub(super) fn new(tenant: Tenant) -> Self {
        Self {
            apps: vec![default_app(&tenant)],
            tenant,
            others: Vec::new(),
            domains: Vec::new(),
            cloud: Cloud::default(),
            identities: Vec::new(),
            arc_keys: None,
            device_code: (900, 5),
            throttle: None,
            faults: FaultPlan::default(),
            churn: Churn::default(),
            latency: Latency::default(),
            settings: Settings::default(),
            clock: Clock::system(),
        }
    }

    /// The first application's id and secret. Default: drawn from the tenant's seed.
    pub fn credentials(
        mut self,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        self.apps[0].id = client_id.into();
        self.apps[0].secrets.clear();
        self.apps[0] = self.apps[0].clone().secret(client_secret);
        self
    }

    /// The application permissions of the first application. Default: all.
    pub fn permissions<P: Into<String>>(
        mut self,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        self.apps[0] = self.apps[0].clone().permissions(permissions);
        self
    }

    /// Another application in the first tenant.
    pub fn application(mut self, app: AppRegistration) -> Self {
        self.apps.push(app);
        self
    }

    /// Another tenant with its applications; one drawn from its seed if there are none. The same
    /// application may be in several tenants. Tokens say in which tenant their requests are answered.
    pub fn another_tenant(
        mut self,
        tenant: Tenant,
        apps: impl IntoIterator<Item = AppRegistration>,
    ) -> Self {
        let mut apps: Vec<_> = apps.into_iter().collect();
        if apps.is_empty() {
            apps.push(default_app(&tenant));
        }
        self.others.push((tenant, apps));
        self
    }

    /// A verified domain of the first tenant, beside those it has: the authority knows the tenant by it.
    pub fn domain(mut self, name: impl Into<String>) -> Self {
        self.domains.push(name.into());
        self
    }

    /// The national cloud: its hosts, audiences and missing resources. Default: the worldwide one.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// A managed identity of the machine. Default: one of the machine itself with every permission.
    pub fn managed_identity(mut self, identity: ManagedIdentity) -> Self {
        self.identities.push(identity);
        self
    }

    /// An existing folder for the keys of an Azure Arc agent, which then answers in its versions of
    /// the metadata endpoint. Default: there is no agent.
    pub fn arc_keys(mut self, folder: impl Into<PathBuf>) -> Self {
        self.arc_keys = Some(folder.into());
        self
    }

    /// How long a device code lives, and how long a device waits between two polls, to the second.
    /// Default: the documented 900, and 5.
    pub fn device_code(mut self, life: Duration, interval: Duration) -> Self {
        self.device_code = (life.as_secs(), interval.as_secs());
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

    /// How the tenant moves on while it is read. Default: not at all.
    pub fn churn(mut self, churn: Churn) -> Self {
        self.churn = churn;
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

    /// How far behind the directory reads are, all of them or each kind of its own. Default: not at
    /// all.
    pub fn replication_lag(mut self, lag: impl Into<ReplicationLag>) -> Self {
        self.settings.replication_lag = lag.into();
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
    pub fn build(mut self) -> Simulator {
        let machine = self.machine();
        let limiter =
            self.throttle.take().map(|throttle| Arc::new(Mutex::new(Limiter::new(&throttle))));
        let shared = Shared {
            cloud: self.cloud,
            signer: Arc::new(Signer::new()),
            limiter,
            faults: Arc::new(Faults::new(self.faults)),
            recorder: Arc::new(Recorder::default()),
            numbers: Arc::new(AtomicU64::new(0)),
            clock: self.clock,
            settings: self.settings,
        };
        let tenants = std::iter::once((self.tenant, self.apps, self.domains))
            .chain(self.others.into_iter().map(|(tenant, apps)| (tenant, apps, Vec::new())));
        let cores: Vec<_> = tenants
            .map(|(tenant, apps, domains)| Arc::new(shared.core(tenant, apps, domains)))
            .collect();
        let site = Site {
            cores,
            cloud: shared.cloud,
            signer: shared.signer,
            sign_ins: SignIns::default(),
            machine,
            arc_key: Mutex::default(),
            device_life: self.device_code.0,
            device_interval: self.device_code.1,
            limiter: shared.limiter,
            faults: shared.faults,
            churn: Churning::new(self.churn),
            clock: shared.clock,
            numbers: shared.numbers,
        };
        Simulator { core: Arc::clone(site.first()), site: Arc::new(site), latency: self.latency }
    }

    fn machine(&mut self) -> Machine {
        let tenant = &self.tenant;
        if self.identities.is_empty() {
            let id = |what| tenant.draw_guid(what, 0).to_string();
            let roles = self.apps[0].roles.clone();
            let own = ManagedIdentity::system_assigned(id(b'I'), id(b'J'), roles);
            self.identities.push(own);
        }
        Machine {
            identities: std::mem::take(&mut self.identities),
            header: format!("{:016x}", mix2(tenant.seed(), 23)),
            arc_keys: self.arc_keys.take(),
        }
    }
}

/// What every tenant of a simulator is built with.
struct Shared {
    cloud: Cloud,
    signer: Arc<Signer>,
    limiter: Option<Arc<Mutex<Limiter>>>,
    faults: Arc<Faults>,
    recorder: Arc<Recorder>,
    numbers: Arc<AtomicU64>,
    clock: Clock,
    settings: Settings,
}

impl Shared {
    fn core(&self, tenant: Tenant, apps: Vec<AppRegistration>, more: Vec<String>) -> Core {
        let mut domains = vec![tenant.domain().to_owned()];
        domains.extend(more);
        let overlay = Overlay::default();
        let identity = Identity {
            tenant: tenant.id_of_tenant(),
            domains,
            objects: objects(&tenant, &overlay, &apps),
            apps,
            token_life: self.settings.access_token_life.as_secs(),
            revoked: AtomicU64::new(0),
            withdrawn: RwLock::default(),
            clock: self.clock.clone(),
            cloud: self.cloud,
            signer: Arc::clone(&self.signer),
        };
        Core {
            moment: AtomicU64::new(tenant.moment()),
            replication: Mutex::new(Replication::new(
                self.settings.replication_lag,
                tenant.moment(),
            )),
            tenant,
            overlay: RwLock::new(overlay),
            settings: self.settings.clone(),
            stage_edges: StageEdgeCache::default(),
            identity,
            limiter: self.limiter.clone(),
            faults: Arc::clone(&self.faults),
            recorder: Arc::clone(&self.recorder),
            clock: self.clock.clone(),
            numbers: Arc::clone(&self.numbers),
        }
    }
}

/// The service principals of applications, by client id.
fn objects(tenant: &Tenant, overlay: &Overlay, apps: &[AppRegistration]) -> Vec<(String, String)> {
    let directory = Directory { tenant, overlay, moment: tenant.moment(), now: 0 };
    let object = |app: &AppRegistration| {
        let id: ObjectId = app.id.parse().ok()?;
        let found = directory.by_app_id(Kind::ServicePrincipal, id)?;
        Some((app.id.clone(), found.id().to_string()))
    };
    apps.iter().filter_map(object).collect()
}
