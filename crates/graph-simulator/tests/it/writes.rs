//! Creating, changing, deleting and restoring.

use std::time::Duration;

use graph_simulator::{Simulator, Tenant};
use serde_json::{Value, json};

use super::client::Client;

fn simulator() -> Simulator {
    Simulator::builder(Tenant::builder().users(300).build()).build()
}

fn user(simulator: &Simulator, name: &str) -> Value {
    json!({
        "accountEnabled": true, "displayName": name, "mailNickname": name,
        "userPrincipalName": format!("{name}@{}", simulator.tenant().domain()),
        "passwordProfile": { "password": "Tide-and-time-7", "forceChangePasswordNextSignIn": true },
    })
}

fn reference(id: &str) -> Value {
    json!({ "@odata.id": format!("http://127.0.0.1:1/v1.0/directoryObjects/{id}") })
}

async fn first(client: &Client, set: &str, nth: usize) -> String {
    client.all(&format!("/v1.0/{set}?$top=999")).await[nth]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_user_is_created_changed_deleted_restored_and_purged() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let created = client.post("/v1.0/users", user(&simulator, "ada")).await;
    assert_eq!(created.status, 201);
    assert!(created.headers.contains_key("location"));
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1.0/users/{id}");
    assert_eq!(client.patch(&path, json!({ "jobTitle": "Pilot" })).await.status, 204);
    assert_eq!(client.get(&path).await.json()["jobTitle"], "Pilot");
    let by_name = client.get(&format!("/v1.0/users/ADA@{}", simulator.tenant().domain())).await;
    assert_eq!(by_name.json()["id"], id.as_str());
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(client.get(&path).await.status, 404);
    let item = format!("/v1.0/directory/deletedItems/{id}");
    assert_eq!(client.get(&item).await.json()["@odata.type"], "#microsoft.graph.user");
    assert_eq!(client.post(&format!("{item}/restore"), json!({})).await.status, 200);
    assert_eq!(client.get(&path).await.status, 200);
    client.delete(&path).await;
    assert_eq!(client.delete(&item).await.status, 204);
    assert_eq!(client.delete(&item).await.status, 404);
}

#[tokio::test]
async fn bodies_are_checked_and_their_faults_named() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    client.post("/v1.0/users", user(&simulator, "ada")).await;
    let mut without = user(&simulator, "bob");
    without.as_object_mut().unwrap().remove("mailNickname");
    let mut foreign = user(&simulator, "bob");
    foreign["userPrincipalName"] = json!("bob@elsewhere.example");
    let mut weak = user(&simulator, "bob");
    weak["passwordProfile"]["password"] = json!("x");
    let mut unknown = user(&simulator, "bob");
    unknown["shoeSize"] = json!(43);
    for (body, words) in [
        (
            user(&simulator, "ada"),
            "Another object with the same value for property userPrincipalName already exists.",
        ),
        (without, "A value is required for property 'mailNickname' of resource 'User'."),
        (foreign, "Property userPrincipalName is invalid."),
        (weak, "does not comply with password complexity requirements"),
        (unknown, "'shoeSize' does not exist"),
    ] {
        let answer = client.post("/v1.0/users", body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "Request_BadRequest"));
        assert!(answer.message().contains(words), "{}", answer.message());
    }
    let id = first(&client, "users", 0).await;
    let answer =
        client.patch(&format!("/v1.0/users/{id}"), json!({ "accountEnabled": "yes" })).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        client.get(&format!("/v1.0/users/{id}?$select=accountEnabled")).await.json()["accountEnabled"],
        true
    );
}

#[tokio::test]
async fn members_are_added_once_and_removed_once() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let group = json!({ "displayName": "Crew", "mailEnabled": false, "mailNickname": "crew", "securityEnabled": true });
    let group = client.post("/v1.0/groups", group).await.json()["id"].as_str().unwrap().to_owned();
    let user = first(&client, "users", 4).await;
    let members = format!("/v1.0/groups/{group}/members");
    assert_eq!(client.post(&format!("{members}/$ref"), reference(&user)).await.status, 204);
    let again = client.post(&format!("{members}/$ref"), reference(&user)).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (400, "Request_BadRequest"));
    assert_eq!(
        again.message(),
        "One or more added object references already exist for the following modified properties: 'members'."
    );
    assert_eq!(client.all(&members).await.len(), 1);
    let nobody = client
        .post(&format!("{members}/$ref"), reference("00000000-0000-4000-8000-000000000000"))
        .await;
    assert_eq!(nobody.status, 404);
    let elsewhere =
        json!({ "@odata.id": format!("https://graph.example/v1.0/directoryObjects/{user}") });
    assert_eq!(client.post(&format!("{members}/$ref"), elsewhere).await.status, 400);
    assert_eq!(client.delete(&format!("{members}/{user}/$ref")).await.status, 204);
    assert_eq!(client.delete(&format!("{members}/{user}/$ref")).await.status, 404);
    assert!(client.all(&members).await.is_empty());
}

#[tokio::test]
async fn without_ref_the_member_itself_is_deleted() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let group = first(&client, "groups", 0).await;
    let user = client.all(&format!("/v1.0/groups/{group}/members")).await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(client.delete(&format!("/v1.0/groups/{group}/members/{user}")).await.status, 204);
    assert_eq!(client.get(&format!("/v1.0/users/{user}")).await.status, 404);
}

#[tokio::test]
async fn scheduled_members_leave_when_they_are_removed() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let group = first(&client, "groups", 0).await;
    let members = client.all(&format!("/beta/groups/{group}/members?$top=999")).await;
    for member in &members {
        let id = member["id"].as_str().unwrap();
        assert_eq!(
            client.delete(&format!("/v1.0/groups/{group}/members/{id}/$ref")).await.status,
            204
        );
    }
    assert!(client.all(&format!("/beta/groups/{group}/members")).await.is_empty());
}

#[tokio::test]
async fn a_manager_is_set_replaced_and_removed() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let (user, boss) = (first(&client, "users", 20).await, first(&client, "users", 30).await);
    let path = format!("/v1.0/users/{user}/manager");
    let put =
        client.send(http::Method::PUT, &format!("{path}/$ref"), &[], Some(reference(&boss))).await;
    assert_eq!(put.status, 204);
    assert_eq!(client.get(&path).await.json()["id"], boss.as_str());
    assert!(
        client
            .all(&format!("/v1.0/users/{boss}/directReports"))
            .await
            .iter()
            .any(|report| report["id"] == user.as_str())
    );
    assert_eq!(client.delete(&format!("{path}/$ref")).await.status, 204);
    assert_eq!(client.get(&path).await.status, 404);
    assert_eq!(client.post(&format!("{path}/$ref"), reference(&boss)).await.status, 405);
}

#[tokio::test]
async fn applications_have_secrets_that_are_shown_once() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let created = client.post("/v1.0/applications", json!({ "displayName": "Tide" })).await;
    assert_eq!(created.status, 201);
    let path = format!("/v1.0/applications/{}", created.json()["id"].as_str().unwrap());
    let added = client
        .post(
            &format!("{path}/addPassword"),
            json!({ "passwordCredential": { "displayName": "ci" } }),
        )
        .await;
    assert_eq!(added.status, 200);
    assert!(added.json()["secretText"].as_str().unwrap().len() > 20);
    let key = added.json()["keyId"].clone();
    let listed = client.get(&path).await.json()["passwordCredentials"][0].clone();
    assert_eq!((&listed["keyId"], &listed["secretText"]), (&key, &Value::Null));
    assert_eq!(
        client.post(&format!("{path}/removePassword"), json!({ "keyId": key })).await.status,
        204
    );
    let again = client.post(&format!("{path}/removePassword"), json!({ "keyId": key })).await;
    assert!(again.message().starts_with("No password credential found"));
    let principal = json!({ "appId": created.json()["appId"] });
    assert_eq!(client.post("/v1.0/servicePrincipals", principal.clone()).await.status, 201);
    assert_eq!(client.post("/v1.0/servicePrincipals", principal).await.status, 409);
}

#[tokio::test]
async fn an_invitation_creates_its_guest_once() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let body = json!({ "invitedUserEmailAddress": "jo@fabrikam.com", "inviteRedirectUrl": "https://harbour.example" });
    let first = client.post("/v1.0/invitations", body.clone()).await;
    assert_eq!(first.status, 201);
    let guest = first.json()["invitedUser"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        client.post("/v1.0/invitations", body).await.json()["invitedUser"]["id"],
        guest.as_str()
    );
    let user = client
        .get(&format!("/v1.0/users/{guest}?$select=userType,userPrincipalName,externalUserState"))
        .await
        .json();
    assert_eq!(
        (&user["userType"], &user["externalUserState"]),
        (&json!("Guest"), &json!("PendingAcceptance"))
    );
    assert_eq!(
        user["userPrincipalName"],
        format!("jo_fabrikam.com#EXT#@{}", simulator.tenant().domain())
    );
    assert_eq!(
        client.post("/v1.0/invitations", json!({ "inviteRedirectUrl": "x" })).await.status,
        400
    );
}

#[tokio::test]
async fn an_upsert_by_unique_name_creates_only_when_preferred() {
    let client = Client::new(&simulator());
    let body = json!({ "displayName": "Crew", "mailEnabled": false, "mailNickname": "crew", "securityEnabled": true });
    let path = "/v1.0/groups(uniqueName='harbour-crew')";
    assert_eq!(client.patch(path, body.clone()).await.status, 404);
    let prefer = [("Prefer", "create-if-missing")];
    assert_eq!(
        client.send(http::Method::PATCH, path, &prefer, Some(body.clone())).await.status,
        201
    );
    assert_eq!(client.send(http::Method::PATCH, path, &prefer, Some(body)).await.status, 204);
    assert_eq!(client.get(path).await.json()["uniqueName"], "harbour-crew");
}

#[tokio::test]
async fn a_bind_of_members_is_all_or_nothing_and_at_most_twenty() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let users = client.all("/v1.0/users?$top=999&$select=id").await;
    let link = |index: usize| {
        format!("http://127.0.0.1:1/v1.0/users/{}", users[index]["id"].as_str().unwrap())
    };
    let body = |links: Vec<String>| json!({ "displayName": "Crew", "mailEnabled": false, "mailNickname": "crew", "securityEnabled": true, "members@odata.bind": links });
    assert_eq!(client.post("/v1.0/groups", body((0..21).map(link).collect())).await.status, 400);
    let group = client.post("/v1.0/groups", body((0..2).map(link).collect())).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let bind = |links: Vec<String>| json!({ "members@odata.bind": links });
    assert_eq!(
        client.patch(&format!("/v1.0/groups/{group}"), bind(vec![link(5), link(1)])).await.status,
        400
    );
    assert_eq!(
        client.all(&format!("/v1.0/groups/{group}/members")).await.len(),
        2,
        "nothing was added"
    );
    assert_eq!(
        client.patch(&format!("/v1.0/groups/{group}"), bind(vec![link(5)])).await.status,
        204
    );
    assert_eq!(client.all(&format!("/v1.0/groups/{group}/members")).await.len(), 3);
}

#[tokio::test]
async fn sessions_are_revoked_and_memberships_checked() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let membership = simulator.truth().memberships().into_iter().next().unwrap();
    let user = format!("/v1.0/users/{}", membership.member);
    if membership.kind == graph_simulator::Kind::User {
        assert_eq!(
            client.post(&format!("{user}/revokeSignInSessions"), json!({})).await.json()["value"],
            true
        );
        let groups = client
            .post(&format!("{user}/getMemberGroups"), json!({ "securityEnabledOnly": false }))
            .await
            .json();
        assert!(groups["value"].as_array().unwrap().contains(&json!(membership.group.to_string())));
        let check = json!({ "groupIds": [membership.group.to_string()] });
        let checked = client.post(&format!("{user}/checkMemberGroups"), check).await.json();
        assert_eq!(checked["value"], json!([membership.group.to_string()]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_created_object_is_not_found_until_it_is_replicated() {
    let tenant = Tenant::builder().users(50).build();
    let simulator = Simulator::builder(tenant).replication_lag(Duration::from_secs(5)).build();
    let client = Client::new(&simulator);
    let link = client.get("/v1.0/users/delta?$deltatoken=latest").await.json()["@odata.deltaLink"]
        .as_str()
        .unwrap()
        .to_owned();
    let created = client.post("/v1.0/users", user(&simulator, "ada")).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1.0/users/{id}");
    assert_eq!((created.status.as_u16(), client.get(&path).await.status.as_u16()), (201, 404));
    let early = client.get(&link).await.json();
    assert_eq!(early["value"], json!([]));
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(client.get(&path).await.status, 200);
    let late = client.get(early["@odata.deltaLink"].as_str().unwrap()).await.json();
    assert_eq!(late["value"][0]["id"], id.as_str());
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(client.get(&path).await.status, 200, "the deletion is not replicated either");
}

#[tokio::test]
async fn licences_need_a_usage_location_and_a_sku_of_the_tenant() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let id = client.post("/v1.0/users", user(&simulator, "ada")).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let sku = client.all("/v1.0/subscribedSkus").await[0]["skuId"].clone();
    let path = format!("/v1.0/users/{id}/assignLicense");
    let body = json!({ "addLicenses": [{ "skuId": sku }], "removeLicenses": [] });
    let refused = client.post(&path, body.clone()).await;
    assert!(refused.message().contains("usage location"), "{}", refused.message());
    client.patch(&format!("/v1.0/users/{id}"), json!({ "usageLocation": "NL" })).await;
    assert_eq!(client.post(&path, body).await.status, 200);
    let read = client.get(&format!("/v1.0/users/{id}?$select=assignedLicenses")).await.json();
    assert_eq!(read["assignedLicenses"], json!([{ "disabledPlans": [], "skuId": sku }]));
    let unknown = json!({ "addLicenses": [{ "skuId": "00000000-0000-4000-8000-000000000000" }], "removeLicenses": [] });
    assert_eq!(client.post(&path, unknown).await.status, 400);
    let remove = json!({ "addLicenses": [], "removeLicenses": [sku] });
    assert_eq!(client.post(&path, remove.clone()).await.status, 200);
    assert_eq!(client.post(&path, remove).await.status, 400);
    let group = first(&client, "groups", 0).await;
    let body = json!({ "addLicenses": [{ "skuId": sku }], "removeLicenses": [] });
    assert_eq!(client.post(&format!("/v1.0/groups/{group}/assignLicense"), body).await.status, 202);
}
