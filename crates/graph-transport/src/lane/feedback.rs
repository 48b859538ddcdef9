//! What an answer says about its lane.

use std::time::Duration;

use http::{HeaderMap, HeaderName, StatusCode};

use super::Throttle;
use super::table::Scope;
use crate::retry::server_wait;

/// The headers of facts: graph-protocol 3.4, read.
#[derive(Debug, Default)]
pub(crate) struct Feedback {
    pub(super) success: bool,
    /// The lane closes.
    pub(super) refusal: Option<Refusal>,
    /// `x-ms-resource-unit`.
    pub(super) units: Option<f64>,
    /// `x-ms-throttle-limit-percentage`.
    pub(super) used: Option<f64>,
}

/// A 429 or 509, or a 503 that names a time (facts: graph-protocol 13.1).
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) wait: Option<Duration>,
    pub(super) reason: String,
    /// `x-ms-throttle-scope` as it came.
    pub(super) scope: Option<String>,
}

impl Feedback {
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, throttle: &Throttle) -> Self {
        let number = |name: &HeaderName| {
            let value: f64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
            Some(value).filter(|value| value.is_finite() && *value >= 0.0)
        };
        Self {
            success: status.is_success(),
            refusal: Refusal::read(status, headers, throttle),
            units: number(&RESOURCE_UNIT).filter(|units| *units <= 1e6),
            used: number(&LIMIT_PERCENTAGE),
        }
    }
}

impl Refusal {
    fn read(status: StatusCode, headers: &HeaderMap, throttle: &Throttle) -> Option<Self> {
        let refused = matches!(status.as_u16(), 429 | 503 | 509);
        if !refused {
            return None;
        }
        let wait = server_wait(headers, &throttle.headers, throttle.clock.now());
        if status == StatusCode::SERVICE_UNAVAILABLE && wait.is_none() {
            return None;
        }
        Some(Self { wait, reason: reason(status, headers), scope: text(headers, SCOPE) })
    }

    /// Whose budget was exceeded; `None` where Graph does not say.
    pub(super) fn spenders(&self) -> Option<Scope> {
        match self.scope.as_deref()?.split('/').next()? {
            "Tenant_Application" => Some(Scope::AppAndTenant),
            "Tenant" => Some(Scope::Tenant),
            "Application" => Some(Scope::App),
            _ => None,
        }
    }

    /// `Read`, `Write` or `ReadWrite`.
    pub(super) fn limit(&self) -> Option<&str> {
        self.scope.as_deref()?.split('/').nth(1)
    }

    pub(super) fn is_write_limit(&self) -> bool {
        self.limit() == Some("Write") || self.reason.contains("WriteLimit")
    }
}

const SCOPE: &str = "x-ms-throttle-scope";

// Looked for in every answer: as names they need no parsing.
static RESOURCE_UNIT: HeaderName = HeaderName::from_static("x-ms-resource-unit");
static LIMIT_PERCENTAGE: HeaderName = HeaderName::from_static("x-ms-throttle-limit-percentage");

/// `429 ResourceUnitLimitExceeded`.
pub(crate) fn reason(status: StatusCode, headers: &HeaderMap) -> String {
    let information = text(headers, "x-ms-throttle-information").unwrap_or_default();
    format!("{} {information}", status.as_u16()).trim_end().to_owned()
}

pub(crate) fn scope(headers: &HeaderMap) -> Option<String> {
    text(headers, SCOPE)
}

/// A header as text of bounded length: it ends up in errors and logs.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    Some(text.chars().take(200).collect())
}
