//! What an answer means: the command's rules first, then what the transport makes of it.

use graph_transport::{Answer, Disposition, Error, GraphError};

use crate::plan::{CommandPlan, Method, Outcome};

/// The outcome of an answer.
pub(super) fn outcome_of(plan: &CommandPlan, answer: &Answer) -> Outcome {
    let status = answer.status().as_u16();
    let error = answer.error();
    let codes: Vec<&str> = error.iter().flat_map(GraphError::codes).collect();
    let message = error.as_ref().map_or("", |error| error.message.as_str());
    let rule = plan.expect.iter().find(|rule| rule.matches(status, &codes, message));
    match rule {
        Some(rule) => rule.outcome,
        None if answer.status().is_success() => usual(plan, status),
        None => refused(plan, answer.disposition()),
    }
}

/// The outcome of a request that got no usable answer.
pub(super) fn outcome_of_error(plan: &CommandPlan, error: &Error) -> Outcome {
    if error.may_have_happened() && plan.safety.mutates() {
        return Outcome::Unknown;
    }
    match error.disposition() {
        // Nothing reached Graph, or nothing can have changed.
        Disposition::Transient => Outcome::Failed,
        disposition => refused(plan, disposition),
    }
}

/// What a success means when no rule says so.
fn usual(plan: &CommandPlan, status: u16) -> Outcome {
    match (plan.method, status) {
        (_, 202) => Outcome::Accepted,
        _ if plan.safety.reads => Outcome::Ok,
        (_, 201) => Outcome::Created,
        (Method::Delete, _) => Outcome::Deleted,
        (Method::Patch | Method::Put, _) => Outcome::Updated,
        _ => Outcome::Ok,
    }
}

fn refused(plan: &CommandPlan, disposition: Disposition) -> Outcome {
    match disposition {
        Disposition::Throttled => Outcome::Throttled,
        // A failing service may have carried the write out before it failed.
        Disposition::Transient if plan.safety.mutates() => Outcome::Unknown,
        Disposition::Forbidden | Disposition::PolicyBlocked => Outcome::Forbidden,
        Disposition::NotLicensed => Outcome::NotLicensed,
        Disposition::NotInCloud => Outcome::NotInCloud,
        Disposition::NotFound => Outcome::NotFound,
        Disposition::Conflict | Disposition::Exists => Outcome::Conflict,
        Disposition::Unauthenticated => Outcome::Unauthenticated,
        _ => Outcome::Failed,
    }
}
