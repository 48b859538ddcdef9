//! `pim.activate`, `pim.deactivate`.

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, flag, optional, role};
use super::steps::Halt;
use super::work::Work;

/// Assigns a role for some hours: for oneself what one is eligible for, as an administrator to anybody.
pub(super) async fn activate(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let request = request(work, arguments, "selfActivate", "adminAssign").await?;
    let duration = argument(arguments, "duration");
    let start = jiff::Timestamp::try_from(work.now())
        .map_err(|error| Halt::Unsafe(format!("failed to tell the time: {error}")))?;
    let start = start.round(jiff::Unit::Second).unwrap_or(start);
    let schedule = json!({
        "startDateTime": start.to_string(),
        "expiration": { "type": "afterDuration", "duration": duration },
    });
    let step = format!("assign {} for {duration}", argument(arguments, "role"));
    let made = work
        .must(step, "pim.request_role_assignment", request.with("scheduleInfo", schedule))
        .await?;
    Ok(json!({ "request_id": made["id"], "status": made["status"] }))
}

/// Ends it before its time.
pub(super) async fn deactivate(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let request = request(work, arguments, "selfDeactivate", "adminRemove").await?;
    let step = format!("end the assignment of {}", argument(arguments, "role"));
    let made = work.must(step, "pim.request_role_removal", request).await?;
    Ok(json!({ "request_id": made["id"], "status": made["status"] }))
}

async fn request(
    work: &Work,
    arguments: &Arguments,
    own: &str,
    for_others: &str,
) -> Result<Arguments, Halt> {
    let role = role(work, argument(arguments, "role")).await?;
    let action = if flag(arguments, "self") { own } else { for_others };
    let mut request = Arguments::new()
        .with("action", action)
        .with("principalId", argument(arguments, "principalId"))
        .with("roleDefinitionId", role)
        .with("directoryScopeId", argument(arguments, "directoryScopeId"));
    if let Some(justification) = optional(arguments, "justification") {
        request.insert("justification", justification);
    }
    if flag(arguments, "validate_only") {
        request.insert("isValidationOnly", true);
    }
    Ok(request)
}
