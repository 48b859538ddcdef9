//! `service_principal.grant_application_permission`, `service_principal.grant_admin_consent`.

use std::collections::BTreeSet;

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, quoted, service_principal, text};
use super::steps::Halt;
use super::work::Work;

/// Gives a service principal an application permission of an API, both by name.
pub(super) async fn grant_application_permission(
    work: &mut Work,
    arguments: &Arguments,
) -> Result<Value, Halt> {
    let role = argument(arguments, "role");
    let principal = service_principal(work, argument(arguments, "id")).await?;
    let resource = service_principal(work, argument(arguments, "resource")).await?;
    let roles = resource["appRoles"].as_array().into_iter().flatten();
    let for_applications = |it: &&Value| {
        it["allowedMemberTypes"]
            .as_array()
            .is_some_and(|types| types.iter().any(|it| it == "Application"))
    };
    let known: Vec<&Value> = roles.filter(for_applications).collect();
    let Some(found) = known.iter().find(|it| text(it, "value") == role) else {
        let names: Vec<&str> = known.iter().map(|it| text(it, "value")).collect();
        let api = text(&resource, "displayName");
        let what = format!(
            "{api} offers no application permission `{role}`; it offers {}",
            names.join(", ")
        );
        return Err(Halt::Unsafe(what));
    };
    let (principal, resource) = (text(&principal, "id"), text(&resource, "id"));
    let held = Arguments::new().with("id", principal);
    let held = work.list("service_principal.list_app_role_assignments", held).await?;
    let has =
        held.iter().any(|it| it["appRoleId"] == found["id"] && text(it, "resourceId") == resource);
    if has {
        work.already(format!("{role} is granted"));
        return Ok(Value::Null);
    }
    let grant = Arguments::new()
        .with("id", resource)
        .with("principalId", principal)
        .with("appRoleId", found["id"].clone());
    let step = format!("grant {role}");
    let made = work.must(step, "service_principal.grant_app_role_on_resource", grant).await?;
    Ok(json!({ "assignment_id": made["id"] }))
}

/// Consents to delegated permissions for everybody; what was consented to before is kept.
pub(super) async fn grant_admin_consent(
    work: &mut Work,
    arguments: &Arguments,
) -> Result<Value, Halt> {
    let client = service_principal(work, argument(arguments, "id")).await?;
    let resource = service_principal(work, argument(arguments, "resource")).await?;
    let (client, resource) = (text(&client, "id"), text(&resource, "id"));
    let filter = format!("clientId eq {} and consentType eq 'AllPrincipals'", quoted(client));
    let grants = Arguments::new().with("filter", filter);
    let grants = work.list("oauth2_permission_grant.list", grants).await?;
    let wanted = scopes(argument(arguments, "scope"));
    let Some(found) = grants.iter().find(|it| text(it, "resourceId") == resource) else {
        let create = Arguments::new()
            .with("clientId", client)
            .with("resourceId", resource)
            .with("consentType", "AllPrincipals")
            .with("scope", joined(&wanted));
        let step = format!("consent to {}", joined(&wanted));
        let made = work.must(step, "oauth2_permission_grant.create", create).await?;
        return Ok(json!({ "grant_id": made["id"] }));
    };
    let known = scopes(text(found, "scope"));
    let new: BTreeSet<&str> = wanted.difference(&known).copied().collect();
    if new.is_empty() {
        work.already(format!("{} is consented to", joined(&wanted)));
    } else {
        let merged: BTreeSet<&str> = known.union(&wanted).copied().collect();
        let update = Arguments::new().with("id", text(found, "id")).with("scope", joined(&merged));
        let step = format!("consent to {} as well", joined(&new));
        work.must(step, "oauth2_permission_grant.update", update).await?;
    }
    Ok(json!({ "grant_id": found["id"] }))
}

fn scopes(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}

fn joined(scopes: &BTreeSet<&str>) -> String {
    scopes.iter().copied().collect::<Vec<_>>().join(" ")
}
