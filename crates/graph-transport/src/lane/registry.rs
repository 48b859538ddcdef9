//! The lanes of a process: one account for each key, and the budgets that accounts share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::account::Account;
use super::bucket::Bucket;
use super::demand::LaneId;
use super::limit::Concurrency;
use super::line::Partition;
use super::snapshot::LaneSnapshot;
use super::state::Spread;
use super::table::Scope;

/// The lanes of a process. Clients that share one `Lanes` and one `rate_limit_key` share gates,
/// limits and budgets; clones are the same lanes (T13).
#[derive(Clone, Debug, Default)]
pub struct Lanes(Arc<Registry>);

#[derive(Debug, Default)]
struct Registry {
    settings: LaneSettings,
    accounts: Mutex<HashMap<String, Arc<Account>>>,
    shared: Arc<SharedBudgets>,
}

/// The settings of [`Lanes`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LaneSettings {
    /// How many requests may wait in one lane before the next is refused at once (Q7). Default: any number.
    pub backlog: Option<usize>,
    /// Callers with a guaranteed share of every lane (Q9). Default: none.
    pub partitions: Vec<Partition>,
}

impl LaneSettings {
    /// Refuses further requests while this many wait in one lane.
    #[must_use]
    pub fn backlog(mut self, most: usize) -> Self {
        self.backlog = Some(most);
        self
    }

    /// Guarantees a share of every lane to the requests that name this partition.
    #[must_use]
    pub fn partition(mut self, name: impl Into<String>, share: f64) -> Self {
        self.partitions.push(Partition { name: name.into(), share });
        self
    }
}

/// How many users a tenant has, which decides its budget (facts: graph-protocol 3.2).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum TenantSize {
    /// Fewer than 50.
    Small = 0,
    /// 50 to 500.
    Medium = 1,
    /// More than 500.
    Large = 2,
}

impl TenantSize {
    /// The size of a tenant of so many users.
    pub const fn of_users(users: u64) -> Self {
        match users {
            0..50 => Self::Small,
            50..=500 => Self::Medium,
            _ => Self::Large,
        }
    }
}

/// Where the first idea of a budget comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Budgets {
    /// The table; without a size it begins small.
    Documented(Option<TenantSize>),
    /// Nothing but answers: nobody documents the budgets of a custom root.
    Learned,
}

/// Who an account is, for the scopes of its budgets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Identity {
    pub(crate) key: String,
    /// Graph root and tenant; `None` where the credential names none.
    pub(crate) tenant: Option<String>,
    /// Graph root and application.
    pub(crate) app: Option<String>,
}

impl Identity {
    /// The spender that a budget is shared by; `None` for the account alone.
    pub(super) fn of(&self, scope: Scope) -> Option<String> {
        match scope {
            Scope::AppAndTenant => None,
            Scope::Tenant => self.tenant.clone(),
            Scope::App => self.app.clone(),
        }
    }
}

/// A budget that more than one account spends from.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct BudgetKey {
    pub(super) scope: Scope,
    pub(super) spender: String,
    /// `None` for the budget of all requests.
    pub(super) lane: Option<LaneId>,
    pub(super) index: usize,
}

#[derive(Debug, Default)]
pub(super) struct SharedBudgets(Mutex<HashMap<BudgetKey, Arc<Mutex<Bucket>>>>);

impl SharedBudgets {
    pub(super) fn open(
        &self,
        key: BudgetKey,
        fresh: impl FnOnce() -> Arc<Mutex<Bucket>>,
    ) -> Arc<Mutex<Bucket>> {
        let mut budgets = self.0.lock().expect("no panic while the lock is held");
        Arc::clone(budgets.entry(key).or_insert_with(fresh))
    }
}

impl Lanes {
    /// Lanes with these settings. Partitions whose shares are not above 0, or above 1 together, are
    /// refused when a client is built.
    pub fn new(settings: LaneSettings) -> Self {
        Self(Arc::new(Registry { settings, ..Registry::default() }))
    }

    /// Every lane that was used, for metrics and people.
    pub fn snapshot(&self) -> Vec<LaneSnapshot> {
        let mut all: Vec<_> =
            self.accounts().iter().flat_map(|account| account.snapshot()).collect();
        all.sort_by(|a, b| (&a.key, &a.lane, a.access).cmp(&(&b.key, &b.lane, b.access)));
        all
    }

    /// The name of a setting that no lane can work with.
    pub(crate) fn invalid_field(&self) -> Option<&'static str> {
        let LaneSettings { backlog, partitions } = &self.0.settings;
        let bad = |partition: &Partition| !(partition.share > 0.0 && partition.share <= 1.0);
        let total: f64 = partitions.iter().map(|partition| partition.share).sum();
        match () {
            () if *backlog == Some(0) => Some("lanes.backlog"),
            () if partitions.iter().any(bad) || total > 1.0 => Some("lanes.partitions"),
            () => None,
        }
    }

    pub(crate) fn account(
        &self,
        identity: Identity,
        budgets: Budgets,
        concurrency: Concurrency,
    ) -> Arc<Account> {
        let registry = &self.0;
        let mut accounts = registry.accounts.lock().expect("no panic while the lock is held");
        let account = accounts.entry(identity.key.clone()).or_insert_with(|| {
            let LaneSettings { backlog, partitions } = registry.settings.clone();
            let shared = Arc::clone(&registry.shared);
            Arc::new(Account::new(identity, budgets, partitions, backlog, shared))
        });
        if let Concurrency::Limit(cap) = concurrency {
            account.cap(cap.into());
        }
        Arc::clone(account)
    }

    /// A refusal of a whole tenant or application concerns its other accounts in this process too.
    pub(super) fn spread(&self, from: &Account, spread: Spread) {
        let Some((scope, lane, access, refusal)) = spread.0 else { return };
        let Some(spender) = from.identity.of(scope) else { return };
        for account in self.accounts() {
            let other = account.identity.key != from.identity.key;
            if other && account.identity.of(scope).as_ref() == Some(&spender) {
                account.close_with(lane, access, &refusal);
            }
        }
    }

    fn accounts(&self) -> Vec<Arc<Account>> {
        self.0.accounts.lock().expect("no panic while the lock is held").values().cloned().collect()
    }
}
