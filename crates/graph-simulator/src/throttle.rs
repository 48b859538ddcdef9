//! Throttling: what requests may cost in which time, as data (facts: graph-protocol 3).

mod bucket;
mod limiter;

pub(crate) use limiter::{Charged, Limiter, Throttled};

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// How a 429 says how long to wait (facts: graph-protocol 3.4, 12 row 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// `Retry-After` in whole seconds, rounded up.
    #[default]
    Whole,
    /// `Retry-After` in seconds with three decimals.
    Fractional,
    /// `Retry-After` as an HTTP date.
    HttpDate,
    /// `x-ms-retry-after-ms` in milliseconds.
    XMsRetryAfterMs,
    /// `retry-after-ms` in milliseconds.
    RetryAfterMs,
    /// No header.
    None,
    /// Each of the others in turn.
    Rotating,
}

/// What a budget is spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Counts {
    /// Resource units, a number per request.
    ResourceUnits,
    /// Requests that write.
    Writes,
    /// Every request.
    Requests,
}

/// Who shares a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// One application in one tenant.
    TenantApplication,
    /// Every application in a tenant.
    Tenant,
    /// One application over all tenants.
    Application,
}

impl Scope {
    /// As `x-ms-throttle-scope` spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TenantApplication => "Tenant_Application",
            Self::Tenant => "Tenant",
            Self::Application => "Application",
        }
    }
}

/// One budget: so much in so long, for requests of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The name, which a later budget of the same name replaces.
    pub name: String,
    /// The service class: `directory`, `reports`, `identity_protection_and_conditional_access`,
    /// `identity_providers`, `photos` or, for the token endpoint, `token`; all of Graph if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Patterns of paths below the version, `*` for a segment and a last `**` for any number; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// A text that the decoded query string holds; any query if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// What is counted.
    pub counts: Counts,
    /// How much there is in one window.
    pub amount: u32,
    /// The window, in milliseconds.
    pub window_ms: u64,
    /// Who shares it.
    pub scope: Scope,
    /// How its 429 says how long to wait; as [`Throttle::retry_after`] says if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
}

/// The limits of a tenant and of the applications in it.
///
/// The defaults are the documented ones for a tenant with more than 500 users: 8,000 resource units
/// in 10 seconds and 3,000 writes in 150 seconds for an application in the tenant, and the smaller
/// budgets of reports, identity protection, conditional access, sign-in activity and others
/// (facts: graph-protocol 3.1 to 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Throttle {
    /// Resource units of the directory in one window.
    pub resource_units: u32,
    /// The window of the resource units, in milliseconds.
    pub window_ms: u64,
    /// Writes to the directory in one window.
    pub writes: u32,
    /// The window of the writes, in milliseconds.
    pub write_window_ms: u64,
    /// How a 429 says how long to wait.
    pub retry_after: RetryAfter,
    /// The other budgets.
    pub budgets: Vec<Budget>,
}

/// The documented classes and budgets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    classes: Vec<Class>,
    budgets: Vec<Budget>,
}

/// A service class; what no class names is the directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    name: String,
    paths: Vec<String>,
}

fn limits() -> Limits {
    serde_json::from_str(include_str!("throttle/limits.json")).expect("a test reads the table")
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            resource_units: 8_000,
            window_ms: 10_000,
            writes: 3_000,
            write_window_ms: 150_000,
            retry_after: RetryAfter::Whole,
            budgets: limits().budgets,
        }
    }
}

impl Throttle {
    /// The documented limits of a tenant of this many users: 3,500, 5,000 or 8,000 units in 10 seconds.
    pub fn for_users(users: u64) -> Self {
        let resource_units = match users {
            0..50 => 3_500,
            50..=500 => 5_000,
            _ => 8_000,
        };
        Self { resource_units, ..Self::default() }
    }

    /// Adds a budget, or replaces the one of the same name.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budgets.retain(|known| known.name != budget.name);
        self.budgets.push(budget);
        self
    }

    /// Every budget, those of the directory's application first.
    fn all(&self) -> Vec<Budget> {
        let own = |name: &str, counts, amount, window_ms| Budget {
            name: name.into(),
            class: Some("directory".into()),
            paths: Vec::new(),
            query: None,
            counts,
            amount,
            window_ms,
            scope: Scope::TenantApplication,
            retry_after: None,
        };
        let (units, writes) = (Counts::ResourceUnits, Counts::Writes);
        let mut all = vec![
            own("directory_units", units, self.resource_units, self.window_ms),
            own("directory_writes", writes, self.writes, self.write_window_ms),
        ];
        all.extend(self.budgets.iter().cloned());
        all
    }
}

impl RetryAfter {
    /// The header, and its value.
    fn write(self, wait: Duration, date: SystemTime, turn: u64) -> Option<(&'static str, String)> {
        const STANDARD: &str = "retry-after";
        let millis = wait.as_millis() + 1;
        Some(match self {
            Self::Whole => (STANDARD, millis.div_ceil(1_000).to_string()),
            Self::Fractional => (STANDARD, format!("{}.{:03}", millis / 1_000, millis % 1_000)),
            Self::HttpDate => {
                (STANDARD, httpdate::fmt_http_date(date + wait + Duration::from_secs(1)))
            }
            Self::XMsRetryAfterMs => ("x-ms-retry-after-ms", millis.to_string()),
            Self::RetryAfterMs => ("retry-after-ms", millis.to_string()),
            Self::None => return None,
            Self::Rotating => {
                let each = match turn % 6 {
                    0 => Self::Whole,
                    1 => Self::Fractional,
                    2 => Self::HttpDate,
                    3 => Self::XMsRetryAfterMs,
                    4 => Self::RetryAfterMs,
                    _ => Self::None,
                };
                return each.write(wait, date, turn);
            }
        })
    }
}

/// Budgets spent, by name, for statistics.
pub(crate) type Refusals = BTreeMap<String, u64>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_budget_of_the_table_has_a_known_class_and_a_name_of_its_own() {
        let limits = limits();
        let mut names = std::collections::BTreeSet::new();
        for budget in &limits.budgets {
            assert!(names.insert(&budget.name), "{}", budget.name);
            assert!(budget.amount > 0 && budget.window_ms > 0, "{}", budget.name);
            let known = budget.class.as_deref().is_none_or(|name| {
                name == "directory" || limits.classes.iter().any(|class| class.name == name)
            });
            assert!(known, "{}", budget.name);
        }
    }

    #[test]
    fn the_size_of_a_tenant_decides_its_budget() {
        let units = [10, 49, 50, 500, 501].map(|users| Throttle::for_users(users).resource_units);
        assert_eq!(units, [3_500, 3_500, 5_000, 5_000, 8_000]);
    }

    #[test]
    fn retry_after_has_every_form() {
        let (wait, date) = (Duration::from_millis(2_127), SystemTime::UNIX_EPOCH);
        let forms: Vec<_> =
            (0..6).map(|turn| RetryAfter::Rotating.write(wait, date, turn)).collect();
        let expected = [
            Some(("retry-after", "3".to_owned())),
            Some(("retry-after", "2.128".to_owned())),
            Some(("retry-after", "Thu, 01 Jan 1970 00:00:03 GMT".to_owned())),
            Some(("x-ms-retry-after-ms", "2128".to_owned())),
            Some(("retry-after-ms", "2128".to_owned())),
            None,
        ];
        assert_eq!(forms, expected);
    }
}
