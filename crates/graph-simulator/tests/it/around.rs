//! What administrators do around directory objects: roles, consent, methods, domains, logs, risk.

use std::time::{Duration, UNIX_EPOCH};

use graph_simulator::{Clock, Kind, Relationship, Simulator, Tenant};
use http::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client};

const READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
const AUDITOR: &str = "4a5d8f65-41da-4de4-8968-e035b65339cf";

fn simulator() -> Simulator {
    Simulator::builder(Tenant::builder().users(300).build()).build()
}

fn id(simulator: &Simulator, kind: Kind, at: usize) -> String {
    simulator.truth().ids(kind)[at].to_string()
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (status, code),
        "{:?}",
        answer.bytes
    );
}

#[tokio::test]
async fn a_role_assignment_is_a_membership_of_the_directory_role() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let set = "/v1.0/roleManagement/directory/roleAssignments";
    let user = id(&simulator, Kind::User, 40);
    let body = json!({ "principalId": user, "roleDefinitionId": AUDITOR, "directoryScopeId": "/" });
    let inactive = format!("/v1.0/directoryRoles(roleTemplateId='{AUDITOR}')");
    refused(&client.get(&inactive).await, 404, "Request_ResourceNotFound");
    let made = client.post(set, body.clone()).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    refused(&client.post(set, body).await, 400, "Request_BadRequest");
    let members = client.all(&format!("{inactive}/members?$select=id")).await;
    assert_eq!(members[0]["id"], user.as_str(), "the first holder activates the role");
    let found = client
        .get(&format!("{set}?$filter=principalId eq '{user}'&$expand=roleDefinition,principal"))
        .await;
    let found = found.json()["value"].as_array().unwrap().clone();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["roleDefinition"]["displayName"], "Reports Reader");
    assert_eq!(found[0]["principal"]["@odata.type"], "#microsoft.graph.user");
    let path = format!("{set}/{}", found[0]["id"].as_str().unwrap());
    assert_eq!(client.delete(&path).await.status, 204);
    refused(&client.delete(&path).await, 404, "Request_ResourceNotFound");
    assert!(client.all(&format!("{inactive}/members")).await.is_empty());
}

#[tokio::test]
async fn a_role_for_a_unit_is_in_both_lists() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let (unit, user) =
        (id(&simulator, Kind::AdministrativeUnit, 0), id(&simulator, Kind::User, 41));
    let role = id(&simulator, Kind::DirectoryRole, 2);
    let members = format!("/v1.0/directory/administrativeUnits/{unit}/scopedRoleMembers");
    let before = client.all(&members).await.len();
    let body = json!({ "roleId": role, "roleMemberInfo": { "id": user } });
    let made = client.post(&members, body).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    assert_eq!(client.all(&members).await.len(), before + 1);
    let all = client.all("/v1.0/roleManagement/directory/roleAssignments").await;
    let scope = format!("/administrativeUnits/{unit}");
    assert!(
        all.iter()
            .any(|found| found["principalId"] == *user && found["directoryScopeId"] == *scope)
    );
    let path = format!("{members}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(client.all(&members).await.len(), before);
}

#[tokio::test]
async fn eligibility_is_asked_for_checked_activated_and_taken_away() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let base = "/v1.0/roleManagement/directory";
    let eligibility = format!("{base}/roleEligibilityScheduleRequests");
    let assignment = format!("{base}/roleAssignmentScheduleRequests");
    let user = id(&simulator, Kind::User, 42);
    let ask = |action: &str| {
        json!({
            "action": action, "principalId": user, "roleDefinitionId": READER, "directoryScopeId": "/",
            "justification": "test", "scheduleInfo": { "expiration": { "type": "afterDuration", "duration": "PT5H" } },
        })
    };
    refused(
        &client.post(&assignment, ask("selfActivate")).await,
        400,
        "RoleEligibilityDoesNotExist",
    );
    refused(&client.post(&assignment, ask("adminRemove")).await, 400, "RoleAssignmentDoesNotExist");
    let mut check = ask("adminAssign");
    check["isValidationOnly"] = json!(true);
    assert_eq!(client.post(&eligibility, check).await.status, 201);
    let instances =
        format!("{base}/roleEligibilityScheduleInstances?$filter=principalId eq '{user}'");
    assert!(client.all(&instances).await.is_empty(), "a check changes nothing");
    assert_eq!(client.post(&eligibility, ask("adminAssign")).await.status, 201);
    refused(&client.post(&eligibility, ask("adminAssign")).await, 400, "RoleEligibilityExists");
    assert_eq!(client.all(&instances).await.len(), 1);
    assert_eq!(client.post(&assignment, ask("selfActivate")).await.status, 201);
    let active = format!("{base}/roleAssignmentScheduleInstances?$filter=principalId eq '{user}'");
    let active = client.all(&active).await;
    assert_eq!(active[0]["assignmentType"], "Activated");
    assert!(active[0]["endDateTime"].is_string());
    assert_eq!(client.post(&assignment, ask("selfDeactivate")).await.status, 201);
    assert_eq!(client.post(&eligibility, ask("adminRemove")).await.status, 201);
    assert!(client.all(&instances).await.is_empty());
}

#[tokio::test]
async fn consent_is_given_once_and_taken_back() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let (user, other) = (id(&simulator, Kind::User, 290), id(&simulator, Kind::User, 291));
    let held = client
        .all(&format!(
            "/v1.0/servicePrincipals/{}/appRoleAssignedTo",
            id(&simulator, Kind::ServicePrincipal, 7)
        ))
        .await;
    let pattern = &held[0];
    let body = json!({
        "principalId": user, "resourceId": pattern["resourceId"], "appRoleId": pattern["appRoleId"],
    });
    let path = format!("/v1.0/users/{user}/appRoleAssignments");
    for assignment in client.all(&path).await {
        let id = assignment["id"].as_str().unwrap();
        assert_eq!(client.delete(&format!("{path}/{id}")).await.status, 204);
    }
    let made = client.post(&path, body.clone()).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    assert_eq!(made.json()["principalType"], "User");
    assert!(client.post(&path, body.clone()).await.message().contains("already exists"));
    refused(
        &client.post(&format!("/v1.0/users/{other}/appRoleAssignments"), body).await,
        400,
        "Request_BadRequest",
    );
    let resource = pattern["resourceId"].as_str().unwrap();
    let listed =
        client.all(&format!("/v1.0/servicePrincipals/{resource}/appRoleAssignedTo?$top=999")).await;
    assert!(listed.contains(&client.all(&path).await[0]), "both ends list the same");

    let clients = simulator.truth().ids(Kind::ServicePrincipal);
    let body = json!({
        "clientId": clients.last().unwrap().to_string(), "consentType": "AllPrincipals",
        "resourceId": clients[1].to_string(), "scope": "User.Read",
    });
    let made = client.post("/v1.0/oauth2PermissionGrants", body.clone()).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    refused(
        &client.post("/v1.0/oauth2PermissionGrants", body).await,
        409,
        "Request_MultipleObjectsWithSameKeyValue",
    );
    let path = format!("/v1.0/oauth2PermissionGrants/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(client.patch(&path, json!({ "scope": "User.Read Mail.Read" })).await.status, 204);
    assert_eq!(client.patch(&path, json!({ "clientId": user })).await.status, 400);
    assert_eq!(client.get(&path).await.json()["scope"], "User.Read Mail.Read");
    assert_eq!(client.delete(&path).await.status, 204);
    refused(&client.get(&path).await, 404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn methods_are_added_once_and_a_pass_is_shown_once() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let user = id(&simulator, Kind::User, 9);
    let base = format!("/v1.0/users/{user}/authentication");
    for phone in client.all(&format!("{base}/phoneMethods")).await {
        let path = format!("{base}/phoneMethods/{}", phone["id"].as_str().unwrap());
        assert_eq!(client.delete(&path).await.status, 204);
    }
    let phone = json!({ "phoneNumber": "+31 612345678", "phoneType": "mobile" });
    let made = client.post(&format!("{base}/phoneMethods"), phone.clone()).await;
    assert_eq!(
        (made.status.as_u16(), made.json()["id"].clone()),
        (201, json!("3179e48a-750b-4051-897c-87b9720928f7"))
    );
    refused(
        &client.post(&format!("{base}/phoneMethods"), phone).await,
        409,
        "Request_MultipleObjectsWithSameKeyValue",
    );
    let pass = json!({ "lifetimeInMinutes": 60, "isUsableOnce": true });
    let made = client.post(&format!("{base}/temporaryAccessPassMethods"), pass).await.json();
    assert!(made["temporaryAccessPass"].is_string());
    let path = format!("{base}/temporaryAccessPassMethods/{}", made["id"].as_str().unwrap());
    assert!(client.get(&path).await.json()["temporaryAccessPass"].is_null());
    let all = client.all(&format!("{base}/methods")).await;
    let types: Vec<&str> =
        all.iter().map(|method| method["@odata.type"].as_str().unwrap()).collect();
    assert!(types.contains(&"#microsoft.graph.phoneAuthenticationMethod"), "{types:?}");
    assert!(types.contains(&"#microsoft.graph.temporaryAccessPassAuthenticationMethod"));
    let reset = format!("{base}/methods/28c10230-6103-485e-b985-444c60001490/resetPassword");
    refused(&client.post(&reset, json!({})).await, 403, "Authorization_RequestDenied");
}

#[tokio::test]
async fn registration_leaves_disabled_users_out_and_counts_agree() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let enabled = simulator
        .truth()
        .objects(Kind::User)
        .filter(|user| user.properties["accountEnabled"] == true);
    let base = "/v1.0/reports/authenticationMethods";
    let details = client.all(&format!("{base}/userRegistrationDetails?$top=100")).await;
    assert_eq!(details.len(), enabled.count());
    let capable = details.iter().filter(|user| user["isMfaCapable"] == true).count();
    let summary = client.get(&format!("{base}/usersRegisteredByFeature()")).await.json();
    let counts = summary["userRegistrationFeatureCounts"].as_array().unwrap();
    assert!(
        counts.contains(&json!({ "feature": "mfaCapable", "userCount": capable })),
        "{counts:?}"
    );
    assert_eq!(client.get(&format!("{base}/usersRegisteredByFeature")).await.status, 400);
}

#[tokio::test]
async fn windows_of_the_logs_hold_the_same_however_they_are_asked_for() {
    let clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    let simulator = Simulator::builder(Tenant::builder().users(400).build()).clock(clock).build();
    let client = Client::new(&simulator);
    for (set, time) in [("signIns", "createdDateTime"), ("directoryAudits", "activityDateTime")] {
        let path = format!("/v1.0/auditLogs/{set}");
        let from = "2030-03-12T00:00:00Z";
        let (middle, to) = ("2030-03-13T00:00:00Z", "2030-03-14T00:00:00Z");
        let window = |from: &str, to: &str| {
            format!("{path}?$filter={time} ge {from} and {time} lt {to}&$top=700")
        };
        let whole = client.all(&window(from, to)).await;
        let mut halves = client.all(&window(middle, to)).await;
        halves.extend(client.all(&window(from, middle)).await);
        assert!(!whole.is_empty());
        assert_eq!(whole, halves, "{set}");
        let times: Vec<&str> = whole.iter().map(|event| event[time].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "newest first");
        for option in ["$select=id", "$skip=5", "$expand=x"] {
            assert_eq!(client.get(&format!("{path}?{option}")).await.status, 400, "{option}");
        }
        assert!(
            client.get(&format!("{path}?$top=1001")).await.message().contains("limit of '1000'")
        );
        let id = whole[0]["id"].as_str().unwrap();
        assert_eq!(client.get(&format!("{path}/{id}")).await.json()["id"], id);
    }
    let path = "/v1.0/auditLogs/directoryAudits?$filter=operationType eq 'Add'";
    assert_eq!(client.get(path).await.status, 400, "not among the documented filters");
}

#[tokio::test]
async fn sign_in_activity_comes_with_permission_licence_and_small_pages() {
    let simulator = Simulator::builder(Tenant::builder().users(1_200).build()).build();
    let client = Client::new(&simulator);
    let page = client.get("/v1.0/users?$select=id,signInActivity&$top=999").await.json();
    assert_eq!(page["value"].as_array().unwrap().len(), 500);
    let old =
        "/v1.0/users?$filter=signInActivity/lastSuccessfulSignInDateTime le 2020-01-01T00:00:00Z";
    assert!(client.get(old).await.json()["value"].as_array().unwrap().is_empty());
    let mixed = format!("{old} and accountEnabled eq true");
    refused(&client.get(&mixed).await, 400, "Request_UnsupportedQuery");
    simulator.withdraw_permission("AuditLog.Read.All", true);
    refused(
        &client.get("/v1.0/users?$select=signInActivity").await,
        403,
        "Authorization_RequestDenied",
    );
    let free = Tenant::builder().users(60).plan(graph_simulator::Plan::Free).build();
    let free = Client::new(&Simulator::builder(free).build());
    let code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    refused(&free.get("/v1.0/users?$select=signInActivity").await, 403, code);
}

#[tokio::test]
async fn risk_is_judged_and_domains_are_verified() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let user = id(&simulator, Kind::User, 3);
    let judge = |name: &str| format!("/v1.0/identityProtection/riskyUsers/{name}");
    let body = json!({ "userIds": [user] });
    assert_eq!(client.post(&judge("confirmCompromised"), body.clone()).await.status, 204);
    let risk = client.get(&judge(&user)).await.json();
    assert_eq!(
        (&risk["riskLevel"], &risk["riskState"]),
        (&json!("high"), &json!("confirmedCompromised"))
    );
    assert_eq!(client.post(&judge("dismiss"), body).await.status, 204);
    assert_eq!(client.get(&judge(&user)).await.json()["riskState"], "dismissed");

    assert_eq!(client.post("/v1.0/domains", json!({ "id": "new-pier.example" })).await.status, 201);
    let path = "/v1.0/domains/new-pier.example";
    assert_eq!(client.patch(path, json!({ "isDefault": true })).await.status, 400);
    assert_eq!(client.post(&format!("{path}/verify"), json!({})).await.json()["isVerified"], true);
    let user = json!({
        "accountEnabled": true, "displayName": "Ada", "mailNickname": "ada",
        "userPrincipalName": "ada@new-pier.example", "passwordProfile": { "password": "Tide-and-time-7" },
    });
    assert_eq!(client.post("/v1.0/users", user).await.status, 201);
    assert_eq!(client.all(&format!("{path}/domainNameReferences")).await.len(), 1);
    assert_eq!(client.delete(path).await.status, 204);
    let initial = format!("/v1.0/domains/{}", simulator.tenant().domain());
    assert_eq!(client.delete(&initial).await.status, 400);
}

#[tokio::test]
async fn extensions_are_defined_set_selected_filtered_and_tracked() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let application = id(&simulator, Kind::Application, 4);
    let set = format!("/v1.0/applications/{application}/extensionProperties");
    let body = json!({ "name": "vessel", "dataType": "String", "targetObjects": ["User"] });
    let made = client.post(&set, body.clone()).await.json();
    let name = made["name"].as_str().unwrap().to_owned();
    refused(&client.post(&set, body).await, 409, "Request_MultipleObjectsWithSameKeyValue");
    let all = client
        .post("/v1.0/directoryObjects/getAvailableExtensionProperties", json!({}))
        .await
        .json();
    assert!(all["value"].as_array().unwrap().iter().any(|known| known["name"] == *name));
    let user = id(&simulator, Kind::User, 20);
    let link = client.get(&format!("/v1.0/users/delta?$deltatoken=latest&$select=id,{name}")).await;
    let link = link.json()["@odata.deltaLink"].as_str().unwrap().to_owned();
    let path = format!("/v1.0/users/{user}");
    assert_eq!(client.patch(&path, json!({ (name.as_str()): 7 })).await.status, 400);
    assert_eq!(client.patch(&path, json!({ (name.as_str()): "Tern" })).await.status, 204);
    assert_eq!(client.get(&format!("{path}?$select=id,{name}")).await.json()[&name], "Tern");
    let found = client.all(&format!("/v1.0/users?$filter={name} eq 'Tern'")).await;
    assert_eq!(found.len(), 1);
    assert_eq!(client.get(&link).await.json()["value"][0][&name], "Tern");
    let unknown = name.replace("vessel", "nothing");
    assert_eq!(client.get(&format!("/v1.0/users?$select={unknown}")).await.status, 400);
    assert_eq!(client.patch(&path, json!({ (unknown.as_str()): "x" })).await.status, 400);
}

#[tokio::test]
async fn open_extensions_are_kept_with_their_object_and_expanded() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let path = format!("/v1.0/users/{}", id(&simulator, Kind::User, 22));
    let body = json!({ "extensionName": "example.harbour.tide", "height": 3, "port": "Rotterdam" });
    assert_eq!(client.post(&format!("{path}/extensions"), body.clone()).await.status, 201);
    let again = client.post(&format!("{path}/extensions"), body).await;
    refused(&again, 409, "Request_MultipleObjectsWithSameKeyValue");
    let one = format!("{path}/extensions/example.harbour.tide");
    assert_eq!(client.patch(&one, json!({ "height": 4 })).await.status, 204);
    let found = client.get(&format!("{path}?$select=id&$expand=extensions")).await.json();
    assert_eq!(found["extensions"][0]["height"], 4, "{found}");
    assert_eq!(client.delete(&one).await.status, 204);
    let found = client.get(&format!("{path}?$expand=extensions")).await.json();
    assert_eq!(found["extensions"], json!([]));
}

#[tokio::test]
async fn security_attributes_are_typed_and_need_their_permission() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let path = format!("/v1.0/users/{}", id(&simulator, Kind::User, 21));
    let write = |set: &str, values: Value| {
        let mut values = values;
        values["@odata.type"] = json!("#Microsoft.DirectoryServices.CustomSecurityAttributeValue");
        json!({ "customSecurityAttributes": { (set): values } })
    };
    let good =
        write("Harbour", json!({ "Cranes@odata.type": "#Int32", "Cranes": 3, "Berth": "B7" }));
    assert_eq!(client.patch(&path, good).await.status, 204);
    for bad in [
        write("Harbour", json!({ "Cranes": 3 })),
        write("Harbour", json!({ "Nothing": "x" })),
        write("Clearance", json!({ "Level": "Cosmic" })),
        json!({ "customSecurityAttributes": { "Harbour": { "Berth": "B7" } } }),
    ] {
        assert_eq!(client.patch(&path, bad.clone()).await.status, 400, "{bad}");
    }
    let asked = format!("{path}?$select=customSecurityAttributes");
    let found = client.get(&asked).await.json();
    assert_eq!(found["customSecurityAttributes"]["Harbour"]["Cranes"], 3);
    simulator.withdraw_permission("CustomSecAttributeAssignment.Read.All", true);
    simulator.withdraw_permission("CustomSecAttributeAssignment.ReadWrite.All", true);
    refused(&client.get(&asked).await, 403, "Authorization_RequestDenied");
}

#[tokio::test]
async fn photos_are_pictures_or_the_documented_absence() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let mut seen = std::collections::BTreeSet::new();
    for user in simulator.truth().ids(Kind::User).into_iter().take(60) {
        let answer = client.get(&format!("/v1.0/users/{user}/photo/$value")).await;
        seen.insert(if answer.status == 200 {
            assert_eq!(answer.headers["content-type"], "image/jpeg");
            assert!(answer.bytes.starts_with(&[0xff, 0xd8]));
            "picture".to_owned()
        } else {
            answer.code()
        });
    }
    let expected = ["ErrorNonExistentMailbox", "ImageNotFound", "picture"].map(str::to_owned);
    assert_eq!(seen, expected.into());
    let path = format!("/v1.0/users/{}/photo", id(&simulator, Kind::User, 0));
    let wrong = client.send(Method::PUT, &format!("{path}/$value"), &[], Some(json!({}))).await;
    assert_eq!(wrong.status, 415);
}

#[tokio::test]
async fn the_truth_of_edges_and_sets_is_what_the_lists_show() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let truth = simulator.truth();
    let owners = truth.edges(Relationship::Owners);
    let group =
        owners.iter().find(|edge| truth.ids(Kind::Group).contains(&edge.source)).unwrap().source;
    let listed = client.all(&format!("/v1.0/groups/{group}/owners?$select=id")).await;
    let expected: Vec<_> = owners.iter().filter(|edge| edge.source == group).collect();
    assert_eq!(listed.len(), expected.len());
    assert_eq!(truth.edges_hash(Relationship::Owners).count, owners.len() as u64);
    for path in
        ["roleManagement/directory/roleAssignments", "domains", "identityProtection/riskyUsers"]
    {
        let mut entities = Vec::new();
        assert!(truth.each_entity(path, |entity| entities.push(entity["id"].clone())));
        let listed = client.all(&format!("/v1.0/{path}")).await;
        assert_eq!(listed.iter().map(|entity| entity["id"].clone()).collect::<Vec<_>>(), entities);
        assert_eq!(truth.entities_hash(path, &["id"]).unwrap().count, entities.len() as u64);
        let lines = client.get(&format!("/simulator/truth/{path}")).await.bytes;
        assert_eq!(
            lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(),
            entities.len()
        );
    }
    assert!(truth.entities_hash("nothing", &[]).is_none());
    let page = client.get("/simulator/truth?set=domains&select=id").await.json();
    assert_eq!(page["sets"]["domains"]["count"], 3);
    assert_eq!(page["sets"]["owners"]["count"], owners.len());
}
