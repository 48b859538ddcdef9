//! Writes that a churn makes through the API, chosen by number.

use graph_simulator::{Kind, Simulator};
use serde_json::{Map, Value, json};

use super::super::client::Client;

/// A write that a churn makes through the API, chosen by number.
pub(super) async fn write(client: &Client, simulator: &Simulator, number: u64) {
    let pick = |kind: Kind, number: u64| {
        let ids = simulator.truth().ids(kind);
        ids[usize::try_from(number).unwrap() % ids.len()]
    };
    let (user, group) = (pick(Kind::User, number / 7), pick(Kind::Group, number / 5));
    let domain = simulator.tenant().domain();
    if number % 2 == 1 {
        return connect(client, simulator, number / 2).await;
    }
    let number = number / 2;
    match number % 9 {
        0 => drop(
            client
                .patch(
                    &format!("/v1.0/users/{user}"),
                    json!({ "jobTitle": null, "department": "Docks" }),
                )
                .await,
        ),
        1 => drop(client.delete(&format!("/v1.0/users/{user}")).await),
        2 => drop(client.delete(&format!("/v1.0/groups/{group}")).await),
        3 => {
            let name = format!("written{number}");
            let body = json!({
                "accountEnabled": true, "displayName": name, "mailNickname": name,
                "userPrincipalName": format!("{name}@{domain}"), "passwordProfile": { "password": "Tide-and-time-7" },
            });
            drop(client.post("/v1.0/users", body).await);
        }
        4 => {
            let body = json!({
                "displayName": "Written", "mailEnabled": false, "mailNickname": "w", "securityEnabled": true,
                "members@odata.bind": [format!("http://127.0.0.1:1/v1.0/directoryObjects/{user}")],
            });
            drop(client.post("/v1.0/groups", body).await);
        }
        5 | 6 => {
            let body =
                json!({ "@odata.id": format!("http://127.0.0.1:1/v1.0/directoryObjects/{user}") });
            drop(client.post(&format!("/v1.0/groups/{group}/members/$ref"), body).await);
        }
        7 => drop(client.delete(&format!("/v1.0/groups/{group}/members/{user}/$ref")).await),
        _ => {
            let deleted = client.all("/v1.0/directory/deletedItems/microsoft.graph.user").await;
            if let Some(id) = deleted.first().and_then(|user| user["id"].as_str()) {
                drop(
                    client
                        .post(&format!("/v1.0/directory/deletedItems/{id}/restore"), json!({}))
                        .await,
                );
            }
        }
    }
}

/// A write to what connects objects: owners, units, roles, grants, assignments.
async fn connect(client: &Client, simulator: &Simulator, number: u64) {
    let truth = simulator.truth();
    let pick = |kind: Kind, number: u64| {
        let ids = truth.ids(kind);
        ids[usize::try_from(number).unwrap() % ids.len()].to_string()
    };
    let user = pick(Kind::User, number / 7);
    let reference =
        json!({ "@odata.id": format!("http://127.0.0.1:1/v1.0/directoryObjects/{user}") });
    let sets = [
        ("groups", Kind::Group, "owners"),
        ("applications", Kind::Application, "owners"),
        ("directory/administrativeUnits", Kind::AdministrativeUnit, "members"),
        ("directoryRoles", Kind::DirectoryRole, "members"),
    ];
    let (set, kind, name) = sets[usize::try_from(number / 3).unwrap() % sets.len()];
    let path = format!("/v1.0/{set}/{}/{name}", pick(kind, number / 11));
    match number % 8 {
        3..=6 => consent(client, simulator, number).await,
        0 | 1 => drop(client.post(&format!("{path}/$ref"), reference).await),
        2 => {
            let first = client.get(&path).await.json()["value"][0]["id"].clone();
            if let Some(id) = first.as_str() {
                drop(client.delete(&format!("{path}/{id}/$ref")).await);
            }
        }
        _ => {
            let manager = pick(Kind::User, number / 13);
            let path = format!("/v1.0/users/{manager}/manager/$ref");
            drop(client.send(http::Method::PUT, &path, &[], Some(reference)).await);
        }
    }
}

/// A write to grants or assignments.
async fn consent(client: &Client, simulator: &Simulator, number: u64) {
    let truth = simulator.truth();
    let pick = |kind: Kind, number: u64| {
        let ids = truth.ids(kind);
        ids[usize::try_from(number).unwrap() % ids.len()].to_string()
    };
    let of = |kind: Kind, number: u64| {
        let mut objects: Vec<_> = truth.objects(kind).collect();
        let at = usize::try_from(number).unwrap() % objects.len().max(1);
        objects.get_mut(at).map(|object| std::mem::take(&mut object.properties))
    };
    let text = |found: &Map<String, Value>, name: &str| found[name].as_str().unwrap().to_owned();
    let user = pick(Kind::User, number / 7);
    match number % 8 {
        3 => {
            let client_id = pick(Kind::ServicePrincipal, number / 5);
            let resource = pick(Kind::ServicePrincipal, 1);
            let body = json!({
                "clientId": client_id, "resourceId": resource, "consentType": "Principal",
                "principalId": user, "scope": "openid",
            });
            drop(client.post("/v1.0/oauth2PermissionGrants", body).await);
        }
        4 => {
            if let Some(grant) = of(Kind::OAuth2PermissionGrant, number / 5) {
                let path = format!("/v1.0/oauth2PermissionGrants/{}", text(&grant, "id"));
                if number.is_multiple_of(3) {
                    drop(client.delete(&path).await);
                } else {
                    drop(client.patch(&path, json!({ "scope": "openid email" })).await);
                }
            }
        }
        5 => {
            if let Some(held) = of(Kind::AppRoleAssignment, number / 5) {
                let (principal, id) = (text(&held, "principalId"), text(&held, "id"));
                let path = format!("/v1.0/users/{principal}/appRoleAssignments/{id}");
                drop(client.delete(&path).await);
            }
        }
        _ => {
            if let Some(held) = of(Kind::AppRoleAssignment, number / 5) {
                let body = json!({
                    "principalId": user, "resourceId": held["resourceId"], "appRoleId": held["appRoleId"],
                });
                drop(client.post(&format!("/v1.0/users/{user}/appRoleAssignments"), body).await);
            }
        }
    }
}
