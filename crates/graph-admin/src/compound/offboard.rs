//! `user.offboard`: everything that a leaver must not keep. One step that fails does not stop the others.

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, text};
use super::steps::Halt;
use super::work::Work;

pub(super) async fn offboard(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let id = argument(arguments, "id");
    let select =
        ["id", "displayName", "accountEnabled", "assignedLicenses", "licenseAssignmentStates"];
    let user =
        work.read("user.get", of(id).with("select", select.map(str::to_owned).to_vec())).await?;
    let user_id = text(&user, "id");
    if user["accountEnabled"] == true {
        work.step("disable the account", "user.disable", of(user_id)).await?;
    } else {
        work.already("the account is disabled");
    }
    work.step("revoke the sign-in sessions", "user.revoke_sign_in_sessions", of(user_id)).await?;
    licences(work, &user).await?;
    let left = groups(work, user_id).await?;
    for assignment in work.list("user.list_app_role_assignments", of(user_id)).await? {
        let step =
            format!("take away the app role of {}", text(&assignment, "resourceDisplayName"));
        let revoke = of(user_id).with("assignment_id", text(&assignment, "id"));
        work.step(step, "user.revoke_app_role", revoke).await?;
    }
    let owned = work.list("user.list_owned_objects", of(user_id)).await?;
    let reports = work.list("user.list_direct_reports", of(user_id)).await?;
    Ok(json!({
        "id": user_id,
        "memberships_left": left,
        "owns": owned.iter().map(named).collect::<Vec<_>>(),
        "direct_reports": reports.iter().map(named).collect::<Vec<_>>(),
    }))
}

fn of(id: &str) -> Arguments {
    Arguments::new().with("id", id)
}

fn named(object: &Value) -> Value {
    json!({ "id": object["id"], "displayName": object["displayName"] })
}

/// A licence that a group gives goes with the membership; only direct ones can be taken away.
async fn licences(work: &mut Work, user: &Value) -> Result<(), Halt> {
    let (listed, is_direct): (_, fn(&Value) -> bool) = match &user["licenseAssignmentStates"] {
        Value::Array(states) => (Some(states), |it| it["assignedByGroup"].is_null()),
        _ => (user["assignedLicenses"].as_array(), |_| true),
    };
    let direct: Vec<Value> = listed
        .into_iter()
        .flatten()
        .filter(|it| is_direct(it))
        .map(|it| it["skuId"].clone())
        .collect();
    if direct.is_empty() {
        work.already("no licence is assigned directly");
        return Ok(());
    }
    let step = format!("take away {} licences", direct.len());
    let remove = of(text(user, "id")).with("removeLicenses", Value::Array(direct));
    work.step(step, "user.remove_license", remove).await.map(|_| ())
}

/// Groups whose members somebody else decides are left: a rule, or the directory on premises.
async fn groups(work: &mut Work, user: &str) -> Result<Vec<Value>, Halt> {
    let select = ["id", "displayName", "groupTypes", "onPremisesSyncEnabled"];
    let list = of(user).with("select", select.map(str::to_owned).to_vec());
    let mut left = Vec::new();
    for group in work.list("user.list_groups", list).await? {
        let kinds = group["groupTypes"].as_array().into_iter().flatten();
        let is_dynamic = kinds.into_iter().any(|kind| kind == "DynamicMembership");
        let why = match (is_dynamic, &group["onPremisesSyncEnabled"]) {
            (true, _) => "its rule decides",
            (_, Value::Bool(true)) => "it is synchronized from on premises",
            _ => {
                let step = format!("remove from the group {}", text(&group, "displayName"));
                let remove =
                    Arguments::new().with("id", text(&group, "id")).with("member_id", user);
                work.step(step, "group.remove_member", remove).await?;
                continue;
            }
        };
        left.push(json!({ "id": group["id"], "displayName": group["displayName"], "why": why }));
    }
    Ok(left)
}
