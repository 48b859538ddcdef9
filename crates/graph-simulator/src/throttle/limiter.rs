//! The state of the budgets: which are charged for a request, and which is spent.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use percent_encoding::percent_decode_str;
use tokio::time::Instant;

use super::bucket::Bucket;
use super::{Budget, Class, Counts, Refusals, RetryAfter, Scope, Throttle, limits};
use crate::faults::path_fits;
use crate::protocol::cost::Cost;

/// A request that is charged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charged<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) application: &'a str,
    /// Below the version.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) cost: Cost,
}

/// A refusal for lack of budget.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Throttled {
    /// The header that says how long to wait, if one does.
    pub(crate) retry_after: Option<(&'static str, String)>,
    /// What `x-ms-throttle-information` says.
    pub(crate) information: &'static str,
    /// What `x-ms-throttle-scope` says.
    pub(crate) scope: String,
    /// What `x-ms-throttle-limit-percentage` says.
    pub(crate) used: f64,
}

/// The state of the limits.
#[derive(Debug)]
pub(crate) struct Limiter {
    retry_after: RetryAfter,
    classes: Vec<Class>,
    budgets: Vec<Budget>,
    /// By the budget's place, tenant and application.
    buckets: HashMap<(usize, String, String), Bucket>,
    refused: Refusals,
    refusals: u64,
}

impl Limiter {
    pub(crate) fn new(settings: &Throttle) -> Self {
        Self {
            retry_after: settings.retry_after,
            classes: limits().classes,
            budgets: settings.all(),
            buckets: HashMap::new(),
            refused: Refusals::new(),
            refusals: 0,
        }
    }

    /// Charges a request, or says how long to wait. On success: the share used, from 0.8 on.
    pub(crate) fn charge(
        &mut self,
        request: &Charged<'_>,
        date: SystemTime,
    ) -> Result<Option<f64>, Throttled> {
        let now = Instant::now();
        let query = percent_decode_str(request.query).decode_utf8_lossy();
        let class = self.class(request.path);
        let charged: Vec<usize> = (0..self.budgets.len())
            .filter(|index| applies(&self.budgets[*index], &class, request.path, &query))
            .collect();
        let mut spent: Vec<(usize, Duration)> = Vec::new();
        let mut enough = Vec::new();
        let mut used: f64 = 0.0;
        for index in charged {
            let budget = &self.budgets[index];
            let amount = match budget.counts {
                Counts::ResourceUnits => request.cost.resource_units,
                Counts::Writes => request.cost.writes,
                Counts::Requests => 1,
            };
            if amount == 0 {
                continue;
            }
            let key = (index, tenant(budget, request), application(budget, request));
            let bucket = self
                .buckets
                .entry(key.clone())
                .or_insert_with(|| Bucket::new(budget.amount, budget.window_ms, now));
            bucket.fill(now);
            if bucket.wait(amount).is_some() {
                spent.push((index, bucket.refuse(amount, now)));
                used = used.max(bucket.used());
            } else {
                enough.push((key, amount));
            }
        }
        if let Some((index, wait)) = spent.into_iter().max_by_key(|(_, wait)| *wait) {
            return Err(self.refuse(index, wait, used, request, date));
        }
        for (key, amount) in enough {
            if let Some(bucket) = self.buckets.get_mut(&key) {
                bucket.take(amount);
                used = used.max(bucket.used());
            }
        }
        Ok((used > 0.8).then_some(used))
    }

    /// How often each budget was the reason of a refusal.
    pub(crate) fn refused(&self) -> Refusals {
        self.refused.clone()
    }

    fn refuse(
        &mut self,
        index: usize,
        wait: Duration,
        used: f64,
        request: &Charged<'_>,
        date: SystemTime,
    ) -> Throttled {
        let budget = &self.budgets[index];
        *self.refused.entry(budget.name.clone()).or_default() += 1;
        let turn = self.refusals;
        self.refusals += 1;
        let (limit, information) = match budget.counts {
            Counts::Writes => ("Write", "WriteLimitExceeded"),
            Counts::ResourceUnits => ("ReadWrite", "ResourceUnitLimitExceeded"),
            Counts::Requests => ("ReadWrite", "RequestLimitExceeded"),
        };
        let form = budget.retry_after.unwrap_or(self.retry_after);
        Throttled {
            retry_after: form.write(wait, date, turn),
            information,
            scope: format!(
                "{}/{limit}/{}/{}",
                budget.scope.as_str(),
                request.application,
                request.tenant
            ),
            used,
        }
    }

    fn class(&self, path: &str) -> String {
        let found = self
            .classes
            .iter()
            .find(|class| class.paths.iter().any(|pattern| path_fits(pattern, path)));
        found.map_or_else(|| "directory".to_owned(), |class| class.name.clone())
    }
}

fn applies(budget: &Budget, class: &str, path: &str, query: &str) -> bool {
    let of_class = match &budget.class {
        Some(own) => own == class,
        None => class != "token",
    };
    of_class
        && (budget.paths.is_empty() || budget.paths.iter().any(|pattern| path_fits(pattern, path)))
        && budget.query.as_ref().is_none_or(|text| query.contains(text.as_str()))
}

fn tenant(budget: &Budget, request: &Charged<'_>) -> String {
    if budget.scope == Scope::Application { String::new() } else { request.tenant.to_owned() }
}

fn application(budget: &Budget, request: &Charged<'_>) -> String {
    if budget.scope == Scope::Tenant { String::new() } else { request.application.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Cost = Cost { resource_units: 5, writes: 0 };
    const WRITE: Cost = Cost { resource_units: 1, writes: 1 };
    const EPOCH: SystemTime = SystemTime::UNIX_EPOCH;

    fn request(path: &'static str, cost: Cost) -> Charged<'static> {
        Charged { tenant: "t", application: "a", path, query: "", cost }
    }

    fn fractional(throttle: Throttle) -> Limiter {
        Limiter::new(&Throttle { retry_after: RetryAfter::Fractional, ..throttle })
    }

    #[tokio::test(start_paused = true)]
    async fn a_spent_budget_comes_back_with_time_and_repeats_prolong_the_wait() {
        let mut limiter = fractional(Throttle { resource_units: 10, ..Throttle::default() });
        let read = request("/users", READ);
        assert_eq!(limiter.charge(&read, EPOCH), Ok(None));
        assert_eq!(limiter.charge(&read, EPOCH), Ok(Some(1.0)));
        let refused = limiter.charge(&read, EPOCH).unwrap_err();
        assert_eq!(refused.retry_after, Some(("retry-after", "5.001".into())));
        assert_eq!(refused.information, "ResourceUnitLimitExceeded");
        assert_eq!(refused.scope, "Tenant_Application/ReadWrite/a/t");
        let under_way = limiter.charge(&read, EPOCH).unwrap_err();
        assert_eq!(under_way.retry_after, refused.retry_after, "sent before the first was refused");
        tokio::time::advance(Duration::from_secs(2)).await;
        let early = limiter.charge(&read, EPOCH).unwrap_err();
        assert_eq!(early.retry_after, Some(("retry-after", "8.001".into())));
        assert!((early.used - 1.3).abs() < 1e-9, "{}", early.used);
        tokio::time::advance(Duration::from_millis(8_001)).await;
        assert!(limiter.charge(&read, EPOCH).is_ok());
        assert_eq!(limiter.refused()["directory_units"], 3);
    }

    #[tokio::test(start_paused = true)]
    async fn writes_have_a_budget_of_their_own() {
        let mut limiter = fractional(Throttle { writes: 1, ..Throttle::default() });
        assert!(limiter.charge(&request("/users", WRITE), EPOCH).is_ok());
        let refused = limiter.charge(&request("/users", WRITE), EPOCH).unwrap_err();
        assert_eq!(refused.information, "WriteLimitExceeded");
        assert_eq!(refused.scope, "Tenant_Application/Write/a/t");
        assert!(limiter.charge(&request("/users", READ), EPOCH).is_ok(), "reads may continue");
    }

    #[tokio::test(start_paused = true)]
    async fn small_budgets_are_those_of_their_service() {
        // facts: graph-protocol 3.3.
        let mut limiter = fractional(Throttle::default());
        let mut spend = |path: &'static str, application: &'static str, times: usize| {
            let one = Charged { application, ..request(path, READ) };
            (0..times).map(|_| limiter.charge(&one, EPOCH)).find_map(Result::err)
        };
        assert_eq!(spend("/auditLogs/signIns", "a", 5), None);
        let reports = spend("/reports/authenticationMethods/userRegistrationDetails", "a", 1);
        assert_eq!(reports.unwrap().retry_after, Some(("retry-after", "2.001".into())));
        assert_eq!(spend("/auditLogs/directoryAudits", "b", 5), None, "each has its own");
        assert_eq!(spend("/identityProtection/riskyUsers", "a", 1), None);
        let shared = spend("/identity/conditionalAccess/policies", "b", 1).unwrap();
        assert_eq!((shared.retry_after, shared.scope.as_str()), (None, "Tenant/ReadWrite/b/t"));
        assert_eq!(spend("/users", "a", 100), None, "the directory is another service");
    }

    #[tokio::test(start_paused = true)]
    async fn sign_in_activity_and_keys_are_limited_beside_the_directory() {
        let mut limiter = fractional(Throttle::default());
        let mut count = |path, query| {
            let one = Charged { query, ..request(path, READ) };
            (0..1_000).take_while(|_| limiter.charge(&one, EPOCH).is_ok()).count()
        };
        assert_eq!(count("/users", "%24select=id,signInActivity"), 10);
        assert_eq!(count("/applications", "$select=keyCredentials"), 150);
        assert!(count("/groups", "") > 1_000 - 300);
    }

    #[tokio::test(start_paused = true)]
    async fn an_application_has_one_budget_over_all_tenants() {
        let budget = Budget { amount: 3, ..limits().budgets[0].clone() };
        let mut limiter = fractional(Throttle::default().budget(budget));
        for tenant in ["t", "u", "v"] {
            let one = Charged { tenant, ..request("/users", READ) };
            assert!(limiter.charge(&one, EPOCH).is_ok());
        }
        let refused = limiter.charge(&request("/users", READ), EPOCH).unwrap_err();
        assert_eq!(refused.scope, "Application/ReadWrite/a/t");
    }
}
