//! Everything around the directory objects: sets that are described as data.

use graph_simulator::{Kind, Plan, Simulator, Tenant};
use http::Method;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::client::{Answer, Client};
use super::hostile::{block_on, option};

/// A row of the table of sets, with real keys for its parents.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) path: String,
    verbs: Vec<String>,
    one: bool,
    paged: bool,
    plan: String,
    options: Vec<String>,
}

/// The table itself: a set that is added is tested.
pub(crate) fn rows(simulator: &Simulator) -> Vec<Row> {
    let table = include_str!("../../data/sets.tsv");
    let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let parent = cells[0].split_once("/{id}").map(|(parent, _)| parent);
            let key = parent.map_or_else(String::new, |parent| key(simulator, parent));
            Row {
                path: format!("/v1.0/{}", cells[0].replace("{id}", &key)),
                verbs: cells[2]
                    .split(' ')
                    .map(|verb| verb.split('=').next().unwrap().to_owned())
                    .collect(),
                one: cells[3] == "one",
                paged: cells[3].contains('/'),
                plan: cells[4].to_owned(),
                options: cells[7].split(',').map(str::to_owned).collect(),
            }
        })
        .collect()
}

fn key(simulator: &Simulator, parent: &str) -> String {
    let first = |kind| {
        let ids = simulator.truth().ids(kind);
        ids[ids.len().min(3) - 1].to_string()
    };
    match parent {
        "users" => first(Kind::User),
        "groups" => first(Kind::Group),
        "devices" => first(Kind::Device),
        "applications" => first(Kind::Application),
        "servicePrincipals" => first(Kind::ServicePrincipal),
        "directory/administrativeUnits" => first(Kind::AdministrativeUnit),
        "domains" => simulator.tenant().domain().to_owned(),
        "organization" => simulator.tenant_id(),
        "directory/customSecurityAttributeDefinitions" => "Clearance_Level".to_owned(),
        "policies/permissionGrantPolicies" => "microsoft-user-default-low".to_owned(),
        "roleManagement/directory/resourceNamespaces" => "microsoft.directory".to_owned(),
        "identityProtection/riskyUsers" => {
            let client = Client::new(simulator);
            let risky = block_on(client.get("/v1.0/identityProtection/riskyUsers?$top=1")).json();
            risky["value"][0]["id"].as_str().unwrap().to_owned()
        }
        other => panic!("no key for {other}"),
    }
}

fn simulator(users: u64) -> Simulator {
    Simulator::builder(Tenant::builder().users(users).build()).build()
}

async fn read(client: &Client, target: &str) -> Answer {
    client.send(Method::GET, target, &[("user-agent", "test/1")], None).await
}

fn with(path: &str, option: &str) -> String {
    // What two sets want to hear.
    let needed = "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'";
    let needs = path.contains("roleManagementPolic");
    match (needs, option.is_empty()) {
        (true, true) => format!("{path}?{needed}"),
        (true, false) => format!("{path}?{needed}&{option}"),
        (false, true) => path.to_owned(),
        (false, false) => format!("{path}?{option}"),
    }
}

#[test]
fn every_set_is_listed_paged_selected_and_read_by_key() {
    let simulator = simulator(400);
    let client = Client::new(&simulator);
    for row in rows(&simulator) {
        block_on(async {
            let answer = read(&client, &with(&row.path, "")).await;
            assert_eq!(answer.status, 200, "{}: {:?}", row.path, answer.bytes);
            let whole = answer.json();
            if row.one {
                assert!(whole["id"].is_string() || whole["isDefault"].is_boolean(), "{whole}");
                return;
            }
            let first = whole["value"].as_array().unwrap();
            if row.paged && first.len() > 1 {
                let page = read(&client, &with(&row.path, "$top=1")).await.json();
                assert_eq!(page["value"][0], first[0], "{}", row.path);
                let next = page["@odata.nextLink"].as_str().unwrap();
                assert_eq!(read(&client, next).await.json()["value"][0], first[1], "{}", row.path);
            }
            let Some(entity) = first.first() else { return };
            let name = if entity["id"].is_string() { "id" } else { "tenantId" };
            let id = entity[name].as_str().unwrap_or_else(|| panic!("{}", row.path));
            let one = read(&client, &format!("{}/{id}", row.path)).await;
            assert_eq!(one.status, 200, "{} {id}: {:?}", row.path, one.bytes);
            assert_eq!(one.json()[name], id);
            if row.options.iter().any(|option| option == "select") {
                let selected =
                    read(&client, &with(&row.path, &format!("$select={name}"))).await.json();
                let members = selected["value"][0].as_object().unwrap();
                assert!(
                    members
                        .keys()
                        .all(|name| ["id", "tenantId"].contains(&name.as_str())
                            || name.starts_with('@')),
                    "{selected}"
                );
                let refused = read(&client, &with(&row.path, "$select=shoeSize")).await;
                assert_eq!(refused.status, 400, "{}", row.path);
            }
            let absent = read(&client, &format!("{}/nobody", row.path)).await;
            assert_eq!(
                (absent.status.as_u16(), absent.code().as_str()),
                (404, "Request_ResourceNotFound")
            );
        });
    }
}

#[test]
fn what_a_set_does_not_take_is_refused() {
    let simulator = simulator(60);
    let client = Client::new(&simulator);
    let nobody = Simulator::builder(Tenant::builder().users(60).build())
        .permissions(["Nothing.At.All"])
        .build();
    let nobody = Client::new(&nobody);
    for row in rows(&simulator) {
        block_on(async {
            let key = if row.one { "" } else { "/x" };
            for (method, path) in [
                ("POST", row.path.clone()),
                ("PATCH", format!("{}{key}", row.path)),
                ("DELETE", format!("{}{key}", row.path)),
            ] {
                if method == "PATCH" && row.verbs.iter().any(|verb| verb == "PUT") {
                    continue;
                }
                let wanted = row.verbs.iter().any(|verb| verb == method);
                let known = method.parse().unwrap();
                let answer = client.send(known, &path, &[], Some(json!({ "x": 1 }))).await;
                if wanted {
                    assert!(
                        [400, 404].contains(&answer.status.as_u16()),
                        "{method} {path}: {}",
                        answer.status
                    );
                } else {
                    assert_eq!(answer.status, 405, "{method} {path}: {:?}", answer.bytes);
                }
            }
            let denied = read(&nobody, &with(&row.path, "")).await;
            assert_eq!(
                (denied.status.as_u16(), denied.code().as_str()),
                (403, "Authorization_RequestDenied"),
                "{}",
                row.path
            );
        });
    }
}

#[test]
fn without_a_premium_plan_the_documented_refusals_come() {
    let simulator = simulator(60);
    let free = Simulator::builder(Tenant::builder().users(60).plan(Plan::Free).build()).build();
    let first = Simulator::builder(Tenant::builder().users(60).plan(Plan::P1).build()).build();
    let (free, first) = (Client::new(&free), Client::new(&first));
    for row in rows(&simulator) {
        block_on(async {
            let answer = read(&free, &with(&row.path, "")).await;
            let (status, code) = (answer.status.as_u16(), answer.code());
            let of_first = read(&first, &with(&row.path, "")).await.status.as_u16();
            match row.plan.as_str() {
                "free" => assert_eq!((status, of_first), (200, 200), "{}", row.path),
                "pim" => assert_eq!(
                    (status, code.as_str(), of_first),
                    (400, "AadPremiumLicenseRequired", 400)
                ),
                plan => {
                    let refusal = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
                    assert_eq!((status, code.as_str()), (403, refusal), "{}", row.path);
                    assert_eq!(of_first, if plan == "premium" { 200 } else { 403 }, "{}", row.path);
                }
            }
        });
    }
}

/// Something like a body for whatever set: known names with values of every kind.
pub(crate) fn body() -> impl Strategy<Value = Value> {
    let name = proptest::sample::select(vec![
        "id",
        "displayName",
        "principalId",
        "roleDefinitionId",
        "action",
        "isEnabled",
        "phoneType",
        "phoneNumber",
        "@odata.type",
        "conditions",
        "state",
        "extensionName",
        "dataType",
        "name",
        "scheduleInfo",
        "roleMemberInfo",
    ]);
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~]{0,20}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({ "a": [1] })),
        Just(json!(["x", null])),
    ];
    proptest::collection::vec((name, value), 0..5).prop_map(|members| {
        Value::Object(
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>(),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_request_to_a_set_is_answered_with_a_server_error(
        row in any::<proptest::sample::Index>(),
        method in proptest::sample::select(vec![Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE]),
        tail in proptest::sample::select(vec!["", "/$count", "/x", "('x')", "(name='x')", "/x/verify", "/x/$ref", "/x/y/z", "/$ref", "/dismiss"]),
        options in proptest::collection::vec(option(), 0..3),
        body in body(),
    ) {
        static TENANT: std::sync::LazyLock<(Simulator, Vec<Row>)> = std::sync::LazyLock::new(|| {
            let simulator = simulator(60);
            let rows = rows(&simulator);
            (simulator, rows)
        });
        let (simulator, rows) = &*TENANT;
        let target = format!("{}{tail}?{}", row.get(rows).path, options.join("&"));
        prop_assume!(target.parse::<http::Uri>().is_ok());
        let answer = block_on(Client::new(simulator).send(method.clone(), &target, &[("user-agent", "x")], Some(body)));
        let status = answer.status.as_u16();
        prop_assert!(status < 500, "{method} {target}: {status}");
        if status >= 400 {
            prop_assert!(answer.json()["error"]["code"].is_string(), "{target}");
        }
    }
}
