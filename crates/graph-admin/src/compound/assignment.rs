//! `role_management.ensure_role_assignment`.

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, quoted, role, text};
use super::steps::Halt;
use super::work::Work;

/// Assigns a directory role unless it is assigned at that scope.
pub(super) async fn ensure(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let (principal, scope) =
        (argument(arguments, "principalId"), argument(arguments, "directoryScopeId"));
    let named = argument(arguments, "role");
    let role = role(work, named).await?;
    let filter = format!("principalId eq {}", quoted(principal));
    let known = Arguments::new().with("filter", filter);
    let known = work.list("role_management.list_assignments", known).await?;
    let same =
        |it: &&Value| text(it, "roleDefinitionId") == role && text(it, "directoryScopeId") == scope;
    if let Some(found) = known.iter().find(same) {
        work.already(format!("{named} is assigned"));
        return Ok(json!({ "id": found["id"] }));
    }
    let assign = Arguments::new()
        .with("principalId", principal)
        .with("roleDefinitionId", role)
        .with("directoryScopeId", scope);
    let made = work.must(format!("assign {named}"), "role_management.assign_role", assign).await?;
    Ok(json!({ "id": made["id"] }))
}
