//! Lists, objects and relationships.

use graph_simulator::{Kind, Simulator, Tenant};
use serde_json::{Value, json};

use super::client::Client;

fn simulator() -> Simulator {
    Simulator::builder(Tenant::builder().users(1_000).build()).build()
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn id(properties: &serde_json::Map<String, Value>) -> String {
    properties["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_live_object_is_listed_once_over_pages() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::AppRoleAssignment) {
        let items = client.all(&format!("/v1.0/{}?$top=37", kind.path())).await;
        let mut listed = ids(&items);
        listed.sort();
        let mut expected: Vec<String> =
            simulator.truth().objects(kind).map(|object| id(&object.properties)).collect();
        expected.sort();
        assert_eq!(listed, expected);
    }
    assert_eq!(simulator.truth().count(Kind::User), 1_000);
    assert_eq!(simulator.truth().count(Kind::Group), 200);
}

#[tokio::test]
async fn users_come_with_the_documented_default_properties() {
    let client = Client::new(&simulator());
    let answer = client.get("/v1.0/users").await;
    let page = answer.json();
    assert_eq!(page["value"].as_array().unwrap().len(), 100, "the default page");
    let names: Vec<&String> = page["value"][0].as_object().unwrap().keys().collect();
    let expected = [
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ];
    assert_eq!(names, expected);
    assert_eq!(page["@odata.context"], "http://127.0.0.1:1/v1.0/$metadata#users");
    assert_eq!(answer.headers["x-ms-resource-unit"], "2");
    assert!(
        answer.headers.contains_key("request-id")
            && answer.headers.contains_key("client-request-id")
    );
    assert_eq!(answer.headers["odata-version"], "4.0");
}

#[tokio::test]
async fn a_page_size_out_of_range_is_refused_with_graphs_words() {
    let client = Client::new(&simulator());
    for top in [0, 1_000] {
        let answer = client.get(&format!("/v1.0/users?$top={top}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "Request_UnsupportedQuery")
        );
        assert_eq!(
            answer.message(),
            format!("Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive.")
        );
    }
    assert_eq!(
        client.get("/v1.0/users?$top=999").await.json()["value"].as_array().unwrap().len(),
        999
    );
}

#[tokio::test]
async fn an_object_is_found_by_every_key_it_has() {
    let client = Client::new(&simulator());
    let users = client.all("/v1.0/users?$top=200").await;
    // SEC-B03: guests have `#` in their names.
    let guest = users
        .iter()
        .find(|user| user["userPrincipalName"].as_str().unwrap().contains("#EXT#"))
        .unwrap();
    let name = guest["userPrincipalName"].as_str().unwrap();
    for key in [guest["id"].as_str().unwrap().to_uppercase(), name.replace('#', "%23")] {
        let found = client.get(&format!("/v1.0/users/{key}")).await.json();
        assert_eq!(found["id"], guest["id"], "{key}");
    }
    let quoted = client
        .get(&format!("/v1.0/users('{}')", name.replace('#', "%23").replace('\'', "''")))
        .await
        .json();
    assert_eq!(quoted["id"], guest["id"]);
    let application = &client.all("/v1.0/applications").await[1];
    let app_id = application["appId"].as_str().unwrap();
    assert_eq!(
        client.get(&format!("/v1.0/applications(appId='{app_id}')")).await.json()["id"],
        application["id"]
    );
    let principal = client.get(&format!("/v1.0/servicePrincipals(appId='{app_id}')")).await.json();
    assert_eq!(
        (&principal["appId"], &principal["displayName"]),
        (&application["appId"], &application["displayName"])
    );
    let graph = client
        .get("/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')")
        .await
        .json();
    assert_eq!(graph["displayName"], "Microsoft Graph");
    let device = &client.all("/v1.0/devices").await[3];
    let device_id = device["deviceId"].as_str().unwrap();
    assert_eq!(
        client.get(&format!("/v1.0/devices(deviceId='{device_id}')")).await.json()["id"],
        device["id"]
    );
}

#[tokio::test]
async fn what_does_not_exist_is_a_404_in_graphs_shape() {
    let client = Client::new(&simulator());
    let answer = client.get("/v1.0/users/00000000-0000-4000-8000-000000000000").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "Request_ResourceNotFound"));
    let inner = &answer.json()["error"]["innerError"];
    assert_eq!(inner["request-id"].as_str().unwrap(), answer.headers["request-id"]);
    assert!(inner["date"].is_string() && inner["client-request-id"].is_string());
    let group = &client.all("/v1.0/groups").await[0];
    let answer = client.get(&format!("/v1.0/users/{}", group["id"].as_str().unwrap())).await;
    assert_eq!(answer.status, 404, "a group is no user");
}

#[tokio::test]
async fn the_first_group_holds_a_fifth_of_all_users_and_lists_agree_with_the_truth() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let truth = simulator.truth().memberships();
    let groups = client.all("/v1.0/groups?$top=999").await;
    let mut total = 0;
    for (index, group) in ids(&groups).iter().enumerate() {
        let mut members =
            ids(&client.all(&format!("/beta/groups/{group}/members?$top=150&$select=id")).await);
        members.sort();
        let mut expected: Vec<String> = truth
            .iter()
            .filter(|edge| edge.group.to_string() == *group)
            .map(|edge| edge.member.to_string())
            .collect();
        expected.sort();
        assert_eq!(members, expected);
        total += members.len();
        if index == 0 {
            let users = client
                .all(&format!("/v1.0/groups/{group}/members/microsoft.graph.user?$top=999"))
                .await;
            assert!((190..=200).contains(&users.len()), "{}", users.len());
        }
    }
    assert_eq!(total, truth.len());
}

#[tokio::test]
async fn v1_leaves_service_principals_out_of_member_lists_and_a_switch_puts_them_in() {
    // facts: graph-protocol 12, row 31.
    let tenant = Tenant::builder().users(1_000).build();
    let silent = Simulator::builder(tenant.clone()).build();
    let group = silent
        .truth()
        .memberships()
        .into_iter()
        .find(|edge| edge.kind == Kind::ServicePrincipal)
        .unwrap()
        .group;
    let count = |client: Client, version: &'static str, cast: &'static str| async move {
        let members = client.all(&format!("/{version}/groups/{group}/members{cast}")).await;
        members
            .iter()
            .filter(|member| {
                !cast.is_empty() || member["@odata.type"] == "#microsoft.graph.servicePrincipal"
            })
            .count()
    };
    assert_eq!(count(Client::new(&silent), "v1.0", "").await, 0);
    assert!(count(Client::new(&silent), "beta", "").await > 0);
    assert!(count(Client::new(&silent), "v1.0", "/microsoft.graph.servicePrincipal").await > 0);
    let complete = Simulator::builder(tenant).v1_service_principals(true).build();
    assert!(count(Client::new(&complete), "v1.0", "").await > 0);
}

#[tokio::test]
async fn transitive_members_survive_the_cycle() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let groups = ids(&client.all("/v1.0/groups").await);
    let (one, two) = (&groups[1], &groups[2]);
    let direct = ids(&client.all(&format!("/v1.0/groups/{one}/members")).await);
    assert!(direct.contains(two));
    let all = ids(&client.all(&format!("/v1.0/groups/{one}/transitiveMembers")).await);
    assert!(direct.iter().all(|member| all.contains(member)) && all.len() > direct.len());
    let upwards = client.all(&format!("/v1.0/groups/{one}/transitiveMemberOf")).await;
    assert!(ids(&upwards).contains(two));
}

#[tokio::test]
async fn memberships_managers_owners_and_devices_are_read_in_both_directions() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let user = ids(&client.all("/v1.0/users?$top=20").await)[3].clone();
    let groups = ids(&client.all(&format!("/v1.0/users/{user}/memberOf")).await);
    let expected = simulator
        .truth()
        .memberships()
        .into_iter()
        .filter(|edge| edge.member.to_string() == user)
        .count();
    assert_eq!(groups.len(), expected);
    let manager = client.get(&format!("/v1.0/users/{user}/manager")).await;
    if manager.status == 200 {
        let manager = manager.json()["id"].as_str().unwrap().to_owned();
        assert!(
            ids(&client.all(&format!("/v1.0/users/{manager}/directReports")).await).contains(&user)
        );
    }
    for group in ids(&client.all("/v1.0/groups?$top=5").await) {
        for owner in ids(&client.all(&format!("/beta/groups/{group}/owners")).await) {
            assert!(
                ids(&client.all(&format!("/v1.0/users/{owner}/ownedObjects")).await)
                    .contains(&group)
            );
        }
    }
    for device in ids(&client.all("/v1.0/devices?$top=5").await) {
        for owner in ids(&client.all(&format!("/v1.0/devices/{device}/registeredOwners")).await) {
            assert!(
                ids(&client.all(&format!("/v1.0/users/{owner}/registeredDevices")).await)
                    .contains(&device)
            );
        }
    }
}

#[tokio::test]
async fn filters_answer_by_default_what_is_documented_and_refuse_the_rest() {
    let client = Client::new(&simulator());
    let guests = client
        .all("/v1.0/users?$filter=userType eq 'Guest'&$select=id,userType,userPrincipalName")
        .await;
    assert!(!guests.is_empty() && guests.iter().all(|user| user["userType"] == "Guest"));
    let unified = client.all("/v1.0/groups?$filter=groupTypes/any(c:c eq 'Unified')").await;
    assert!(
        !unified.is_empty()
            && unified
                .iter()
                .all(|group| group["groupTypes"].as_array().unwrap().contains(&json!("Unified")))
    );
    let some = ids(&guests)[..2].join("','");
    assert_eq!(client.all(&format!("/v1.0/users?$filter=id in ('{some}')")).await.len(), 2);
    // SEC-B06: a doubled quote stays inside the literal.
    assert!(client.all("/v1.0/users?$filter=displayName eq ''' or true or '''").await.is_empty());
    let irish = client.all("/v1.0/users?$filter=surname eq 'O''Brien'&$select=surname").await;
    assert!(!irish.is_empty() && irish.iter().all(|user| user["surname"] == "O'Brien"));
    for (filter, code) in [
        ("userType ne 'Guest'", "Request_UnsupportedQuery"),
        ("not(userType eq 'Guest')", "Request_UnsupportedQuery"),
        ("endsWith(mail,'x')", "Request_UnsupportedQuery"),
        ("companyName eq 'x'", "Request_UnsupportedQuery"),
        ("contains(displayName,'x')", "Request_UnsupportedQuery"),
        ("assignedLicenses/$count eq 0", "Request_UnsupportedQuery"),
        ("nope eq 1", "BadRequest"),
        ("displayName eq", "Request_BadRequest"),
    ] {
        let answer =
            client.get(&format!("/v1.0/users?$filter={}", filter.replace(' ', "%20"))).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{filter}");
    }
    for filter in [
        "userType ne 'Guest'",
        "endsWith(mail,'example')",
        "companyName eq 'Harbour Works'",
        "assignedLicenses/$count eq 0",
    ] {
        let answer = client
            .eventual(&format!("/v1.0/users?$count=true&$filter={}", filter.replace(' ', "%20")))
            .await;
        assert_eq!(answer.status, 200, "{filter}");
        assert!(answer.json()["@odata.count"].as_u64().unwrap() > 0, "{filter}");
    }
    let answer =
        client.eventual("/v1.0/groups?$count=true&$filter=visibility%20eq%20'Public'").await;
    assert_eq!(answer.code(), "Request_UnsupportedQuery", "no index, even in the advanced mode");
}

#[tokio::test]
async fn counting_needs_the_header_and_is_on_the_first_page_only() {
    let client = Client::new(&simulator());
    let answer = client.get("/v1.0/users/$count").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "Request_BadRequest"));
    let answer = client.eventual("/v1.0/users/$count").await;
    assert_eq!(&answer.bytes[..], b"1000");
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert!(
        client.get("/v1.0/users?$count=true").await.json().get("@odata.count").is_none(),
        "silently ignored"
    );
    let first = client.eventual("/v1.0/users?$count=true").await.json();
    assert_eq!(first["@odata.count"], 1_000);
    let second = client.eventual(first["@odata.nextLink"].as_str().unwrap()).await.json();
    assert!(second.get("@odata.count").is_none());
}

#[tokio::test]
async fn lists_are_sorted_and_searched_in_the_documented_modes() {
    let client = Client::new(&simulator());
    let users =
        client.all("/v1.0/users?$orderby=displayName desc&$select=displayName&$top=400").await;
    let names: Vec<String> =
        users.iter().map(|user| user["displayName"].as_str().unwrap().to_lowercase()).collect();
    assert!(names.is_sorted_by(|a, b| a >= b) && names.len() == 1_000);
    let answer = client.get("/v1.0/users?$orderby=createdDateTime").await;
    assert_eq!(answer.code(), "Request_UnsupportedQuery");
    assert_eq!(
        client.eventual("/v1.0/users?$orderby=createdDateTime&$count=true").await.status,
        200
    );
    let answer = client.get("/v1.0/users?$search=\"displayName:smith\"").await;
    assert_eq!(answer.code(), "Request_UnsupportedQuery");
    let found = client.eventual("/v1.0/users?$search=\"displayName:smith\"").await.json();
    let found = found["value"].as_array().unwrap();
    assert!(
        !found.is_empty()
            && found.iter().all(|user| user["displayName"]
                .as_str()
                .unwrap()
                .to_lowercase()
                .contains("smith"))
    );
}

#[tokio::test]
async fn expansions_are_cut_at_twenty_without_a_word() {
    let client = Client::new(&simulator());
    let group = client.get("/v1.0/groups?$top=1&$expand=members($select=id)").await.json()["value"]
        [0]
    .clone();
    assert_eq!(group["members"].as_array().unwrap().len(), 20);
    let user = client.get("/v1.0/users?$top=30&$expand=manager&$select=id").await.json();
    assert!(user["value"].as_array().unwrap().iter().any(|user| user["manager"]["id"].is_string()));
    assert_eq!(client.get("/v1.0/users?$expand=photo").await.code(), "ExpandNotSupported");
}

#[tokio::test]
async fn properties_outside_the_directory_answer_501_in_a_list_only() {
    let client = Client::new(&simulator());
    let answer = client.get("/v1.0/users?$select=skills").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (501, "NotImplemented"));
    let id = ids(&client.all("/v1.0/users?$top=999").await)[0].clone();
    assert_eq!(
        client.get(&format!("/v1.0/users/{id}?$select=skills")).await.json()["skills"],
        json!([])
    );
}

#[tokio::test]
async fn get_by_ids_returns_what_lives_of_the_types_asked_for() {
    let client = Client::new(&simulator());
    let user = ids(&client.all("/v1.0/users?$top=999").await)[0].clone();
    let group = ids(&client.all("/v1.0/groups?$top=999").await)[0].clone();
    let body =
        json!({ "ids": [user, group, "00000000-0000-4000-8000-000000000000"], "types": ["group"] });
    let found = client.post("/v1.0/directoryObjects/getByIds", body).await.json();
    assert_eq!(ids(found["value"].as_array().unwrap()), [group]);
    let many: Vec<&str> = vec!["00000000-0000-4000-8000-000000000000"; 1_001];
    assert_eq!(
        client.post("/v1.0/directoryObjects/getByIds", json!({ "ids": many })).await.status,
        400
    );
}

#[tokio::test]
async fn deleted_items_are_listed_by_type() {
    let simulator = Simulator::builder(Tenant::builder().users(1_000).moment(9).build()).build();
    let client = Client::new(&simulator);
    let deleted = client
        .all("/v1.0/directory/deletedItems/microsoft.graph.user?$select=id,deletedDateTime")
        .await;
    assert!(!deleted.is_empty() && deleted.iter().all(|user| user["deletedDateTime"].is_string()));
    assert_eq!(client.get("/v1.0/directory/deletedItems").await.status, 400);
}

#[tokio::test]
async fn units_roles_and_contacts_are_read_with_their_members() {
    let simulator = simulator();
    let client = Client::new(&simulator);
    let unit = ids(&client.all("/v1.0/directory/administrativeUnits").await)[1].clone();
    let members =
        client.all(&format!("/v1.0/directory/administrativeUnits/{unit}/members?$top=10")).await;
    assert!(members.len() > 10);
    let user =
        members.iter().find(|member| member["@odata.type"] == "#microsoft.graph.user").unwrap();
    let user = user["id"].as_str().unwrap();
    let holders = client.all(&format!("/v1.0/users/{user}/memberOf")).await;
    assert!(ids(&holders).contains(&unit));
    let cast = format!("/v1.0/users/{user}/memberOf/microsoft.graph.administrativeUnit");
    assert_eq!(ids(&client.all(&cast).await), std::slice::from_ref(&unit));
    let role = "/v1.0/directoryRoles(roleTemplateId='62e90394-69f5-4237-9190-012177145e10')";
    assert_eq!(client.get(role).await.json()["displayName"], "Global Administrator");
    let roles = client.get("/v1.0/directoryRoles?$top=2").await.json();
    assert_eq!(roles["value"].as_array().unwrap().len(), 10, "roles do not page");
    let id = roles["value"][0]["id"].as_str().unwrap();
    let reference =
        json!({ "@odata.id": format!("http://127.0.0.1:1/v1.0/directoryObjects/{user}") });
    assert_eq!(
        client.post(&format!("/v1.0/directoryRoles/{id}/members/$ref"), reference).await.status,
        204
    );
    assert!(
        ids(&client.all(&format!("/v1.0/users/{user}/transitiveMemberOf")).await)
            .contains(&id.to_owned())
    );
    assert_eq!(client.post("/v1.0/contacts", json!({ "displayName": "x" })).await.status, 405);
}
