//! A 202 with a `Location`: the monitor is asked until the operation is over.

use graph_transport::{Answer, Error, GraphLink, OperationError, TimeoutPhase};
use serde_json::Value;

use super::envelope::{Envelope, Meta};
use super::failure;
use super::runner::Runner;
use super::wait::finished;
use crate::plan::{CommandPlan, Outcome, WaitFor};

/// The wait of a command that follows the monitor of its answer.
pub(super) fn wanted<'p>(plan: &'p CommandPlan, answer: &Answer) -> Option<&'p WaitFor> {
    let accepted = answer.status() == http::StatusCode::ACCEPTED;
    plan.wait_for.as_ref().filter(|wait| accepted && wait.read.is_none())
}

/// Follows the operation: done, still `accepted` over the bound, or failed in Graph's words.
pub(super) async fn follow(
    runner: &Runner,
    plan: &CommandPlan,
    wait: &WaitFor,
    answer: &Answer,
    link: &GraphLink,
    mut meta: Meta,
) -> Envelope {
    meta.complete = true;
    let target = match runner.client().long_running(answer) {
        Ok(mut operation) => operation.wait(wait.max).await,
        Err(error) => Err(error),
    };
    match target {
        Ok(target) => {
            meta.outcome = finished(plan.method);
            let data = failure::json(&target.body).unwrap_or_default();
            Envelope::success(data, meta)
        }
        // It goes on without us, or there is nothing to be asked.
        Err(
            Error::Timeout { phase: TimeoutPhase::Operation, .. }
            | Error::Operation(OperationError::NoMonitor),
        ) => {
            meta.outcome = Outcome::Accepted;
            Envelope::success(Value::Null, meta)
        }
        Err(error) => failure::broken(plan, &error, link, meta),
    }
}
