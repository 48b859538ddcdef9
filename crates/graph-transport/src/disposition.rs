//! How an answer is classified: the one place that matches status codes and Graph's codes.

use http::StatusCode;

use crate::graph_error::GraphError;

/// What an answer means; read by retry, by the import and by exit codes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Disposition {
    /// 2xx.
    Ok,
    /// Refused for now because of load; the request was not carried out.
    Throttled,
    /// A failure of the service that passes; the request may have been carried out.
    Transient,
    /// A delta or page token that is no longer valid: begin a new round.
    Gone,
    /// The token lacks a permission or role.
    Forbidden,
    /// A policy of the tenant, such as conditional access, keeps the caller out.
    PolicyBlocked,
    /// The tenant lacks a licence.
    NotLicensed,
    /// The path does not exist in this cloud.
    NotInCloud,
    /// No such object.
    NotFound,
    /// Two writes raced, or the object's state does not allow the change.
    Conflict,
    /// What was to be created or added is there already.
    Exists,
    /// A request that Graph will never accept as it is.
    Invalid,
    /// No token, or one that Graph does not take.
    Unauthenticated,
    /// Anything else.
    Fatal,
}

/// Codes for a lost delta or page token (facts: graph-protocol 4.4, 5.7, 8.3).
const GONE: [&str; 8] = [
    "syncStateNotFound",
    "syncStateInvalid",
    "resyncRequired",
    "resyncChangesApplyDifferences",
    "resyncApplyDifferences",
    "resyncUploadDifferences",
    "Directory_ExpiredPageToken",
    "DirectoryPageTokenNotFoundException",
];

/// Codes and texts for "needs a licence" (facts: graph-protocol 8.3).
const NOT_LICENSED: [&str; 2] =
    ["Authentication_RequestFromNonPremiumTenantOrB2CTenant", "AadPremiumLicenseRequired"];

/// Texts for "a policy keeps you out"; Graph has no code of its own for it (facts: graph-protocol 8.2).
const POLICY_TEXTS: [&str; 3] = ["Conditional Access", "conditional access", "blocked by policy"];

/// Codes and texts for "is there already" (facts: graph-protocol 8.3).
const EXISTS_CODES: [&str; 3] =
    ["Request_MultipleObjectsWithSameKeyValue", "ObjectConflict", "RoleAssignmentExists"];
const EXISTS_TEXTS: [&str; 3] = [
    "added object references already exist",
    "conflicting object with one or more of the specified property values",
    "same value for property",
];

/// The conflict that a repeat resolves (facts: graph-protocol 8.3).
const CONCURRENCY: &str = "Directory_ConcurrencyViolation";

impl Disposition {
    /// Classifies an answer that is not a success.
    pub fn of(error: &GraphError) -> Self {
        let says = |text: &str| error.message.contains(text);
        let any = |codes: &[&str]| codes.iter().any(|code| error.has_code(code));
        match error.status.as_u16() {
            200..=299 => Self::Ok,
            429 | 509 => Self::Throttled,
            401 => Self::Unauthenticated,
            410 => Self::Gone,
            400..=499 if any(&GONE) => Self::Gone,
            400..=499 if any(&NOT_LICENSED) => Self::NotLicensed,
            403 if says("license") || says("licence") => Self::NotLicensed,
            403 if POLICY_TEXTS.iter().any(|text| says(text)) => Self::PolicyBlocked,
            403 => Self::Forbidden,
            400 | 404 if says("Resource not found for the segment") => Self::NotInCloud,
            404 => Self::NotFound,
            400 if says("Invalid object identifier") => Self::NotFound,
            400 | 409 if any(&EXISTS_CODES) || EXISTS_TEXTS.iter().any(|text| says(text)) => {
                Self::Exists
            }
            400 if says("removed object references do not exist") => Self::NotFound,
            409 | 412 | 423 => Self::Conflict,
            408 | 500 | 502 | 503 | 504 => Self::Transient,
            400..=499 => Self::Invalid,
            _ => Self::Fatal,
        }
    }

    /// What to do about an answer like this, where that can be said of all of them.
    pub fn next_step(self) -> Option<&'static str> {
        Some(match self {
            Self::Throttled => {
                "Graph is throttling this app: try again later, or with fewer requests at once"
            }
            Self::Transient => "check the network and the configured cloud, or try again later",
            Self::Gone => "begin a new round: the page or delta token is no longer valid",
            Self::Forbidden => "grant the app the permission, and consent to it",
            Self::PolicyBlocked => {
                "a policy of the tenant keeps this app out: ask whoever administers conditional access"
            }
            Self::NotLicensed => "the tenant needs a licence for this (Entra ID P1 or P2)",
            Self::NotInCloud => "this cloud does not offer the path",
            Self::NotFound => {
                "check the id; an object that was just created may not be visible yet"
            }
            Self::Conflict => "read the object again, then repeat the change if it is still wanted",
            Self::Invalid => "correct the request: Graph will not accept it as it is",
            Self::Unauthenticated => {
                "the token is not accepted: check the cloud and the credentials"
            }
            Self::Fatal => {
                "the answer is not what Graph sends: check the Graph root, and proxies on the way"
            }
            Self::Ok | Self::Exists => return None,
        })
    }

    /// Whether Graph certainly did not carry the request out, so that every request may repeat.
    pub(crate) fn was_not_carried_out(error: &GraphError) -> bool {
        matches!(error.status.as_u16(), 429 | 509) || Self::is_concurrency_violation(error)
    }

    /// R33: the one 409 that a repeat resolves.
    pub(crate) fn is_concurrency_violation(error: &GraphError) -> bool {
        error.status == StatusCode::CONFLICT && error.has_code(CONCURRENCY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classify(status: u16, code: &str, message: &str) -> Disposition {
        Disposition::of(&GraphError {
            status: StatusCode::from_u16(status).unwrap(),
            code: code.into(),
            message: message.into(),
            ..GraphError::default()
        })
    }

    #[test]
    fn codes_decide_before_the_status_does() {
        for (status, code, message, expected) in [
            (429, "TooManyRequests", "", Disposition::Throttled),
            (503, "", "", Disposition::Transient),
            (410, "", "", Disposition::Gone),
            (400, "Directory_ExpiredPageToken", "", Disposition::Gone),
            (404, "SyncStateNotFound", "", Disposition::Gone),
            (403, "Authorization_RequestDenied", "Insufficient privileges", Disposition::Forbidden),
            (
                403,
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "",
                Disposition::NotLicensed,
            ),
            (
                403,
                "AccessDenied",
                "Access has been blocked by Conditional Access policies.",
                Disposition::PolicyBlocked,
            ),
            (400, "BadRequest", "Resource not found for the segment 'x'.", Disposition::NotInCloud),
            (404, "Request_ResourceNotFound", "", Disposition::NotFound),
            (
                400,
                "Request_BadRequest",
                "One or more added object references already exist for …",
                Disposition::Exists,
            ),
            (409, "Directory_ConcurrencyViolation", "", Disposition::Conflict),
            (400, "Request_UnsupportedQuery", "", Disposition::Invalid),
            (401, "InvalidAuthenticationToken", "", Disposition::Unauthenticated),
            (501, "NotImplemented", "", Disposition::Fatal),
        ] {
            assert_eq!(classify(status, code, message), expected, "{status} {code}");
        }
    }
}
