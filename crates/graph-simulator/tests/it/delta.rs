//! Delta rounds, read by a reader that knows nothing but the documented rules.

use std::collections::{BTreeMap, BTreeSet};

use graph_simulator::{DeltaLiberties, Kind, Simulator, Tenant};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::client::Client;

/// The directory as a reader of deltas knows it.
#[derive(Default)]
struct Reader {
    objects: BTreeMap<&'static str, BTreeMap<String, Map<String, Value>>>,
    /// Objects in the recycle bin keep what is known of them.
    binned: BTreeSet<String>,
    edges: BTreeSet<(String, String)>,
    links: BTreeMap<&'static str, String>,
    pages: usize,
}

const SETS: [(Kind, &str); 9] = [
    (Kind::User, "users"),
    (Kind::Group, "groups"),
    (Kind::Device, "devices"),
    (Kind::Application, "applications"),
    (Kind::ServicePrincipal, "servicePrincipals"),
    (Kind::OrgContact, "contacts"),
    (Kind::AdministrativeUnit, "directory/administrativeUnits"),
    (Kind::DirectoryRole, "directoryRoles"),
    (Kind::OAuth2PermissionGrant, "oauth2PermissionGrants"),
];

const SELECT: [(&str, &str); 9] = [
    (
        "users",
        "id,displayName,jobTitle,accountEnabled,mobilePhone,department,userPrincipalName,assignedLicenses",
    ),
    ("groups", "id,displayName,description,groupTypes,visibility,members"),
    ("devices", "id,displayName,isCompliant,accountEnabled"),
    ("applications", "id,appId,displayName,notes"),
    ("servicePrincipals", "id,appId,displayName,accountEnabled,notes"),
    ("contacts", "id,displayName,jobTitle,mail"),
    ("directory/administrativeUnits", "id,displayName,description"),
    ("directoryRoles", "id,displayName,roleTemplateId"),
    ("oauth2PermissionGrants", "id,clientId,consentType,principalId,resourceId,scope"),
];

impl Reader {
    /// Reads one round of every set, from where the last one ended.
    async fn round(&mut self, client: &Client) {
        for (set, select) in SELECT {
            let first = self.links.get(set).cloned();
            let mut next = first.unwrap_or_else(|| format!("/v1.0/{set}/delta?$select={select}"));
            loop {
                let answer = client.get(&next).await;
                assert_eq!(answer.status, 200, "{next}: {:?}", answer.bytes);
                let page = answer.json();
                self.pages += 1;
                for item in page["value"].as_array().unwrap() {
                    self.apply(set, item);
                }
                match (page["@odata.nextLink"].as_str(), page["@odata.deltaLink"].as_str()) {
                    (Some(link), None) => link.clone_into(&mut next),
                    (None, Some(link)) => break drop(self.links.insert(set, link.to_owned())),
                    other => panic!("exactly one link ends a page: {other:?}"),
                }
            }
        }
    }

    fn apply(&mut self, set: &'static str, item: &Value) {
        let id = item["id"].as_str().unwrap().to_owned();
        match item["@removed"]["reason"].as_str() {
            Some("changed") => {
                self.binned.insert(id);
                return;
            }
            Some("deleted") => {
                self.objects.entry(set).or_default().remove(&id);
                self.edges.retain(|(group, member)| *group != id && *member != id);
                return;
            }
            Some(other) => panic!("no reason {other}"),
            None => {}
        }
        self.binned.remove(&id);
        for entry in item["members@delta"].as_array().into_iter().flatten() {
            let edge = (id.clone(), entry["id"].as_str().unwrap().to_owned());
            if entry["@removed"].is_null() {
                self.edges.insert(edge)
            } else {
                self.edges.remove(&edge)
            };
        }
        let known = self.objects.entry(set).or_default().entry(id).or_default();
        for (name, value) in item.as_object().unwrap() {
            if !name.contains('@') {
                known.insert(name.clone(), value.clone());
            }
        }
    }

    /// Compares everything with the truth.
    fn check(&self, simulator: &Simulator) {
        let truth = simulator.truth();
        for ((kind, set), (_, select)) in SETS.into_iter().zip(SELECT) {
            let names: Vec<&str> = select.split(',').filter(|name| *name != "members").collect();
            let expected: BTreeMap<String, Value> = truth
                .objects(kind)
                .map(|object| (key(&object.properties), project(&object.properties, &names)))
                .collect();
            let known = self.objects.get(set).into_iter().flatten();
            let known: BTreeMap<String, Value> = known
                .filter(|(id, _)| !self.binned.contains(*id))
                .map(|(id, properties)| (id.clone(), project(properties, &names)))
                .collect();
            assert_eq!(known.len(), expected.len(), "{set}");
            for (id, properties) in &expected {
                assert_eq!(known.get(id), Some(properties), "{set} {id}");
            }
        }
        let live = |id: &String| {
            !self.binned.contains(id)
                && self.objects.values().any(|objects| objects.contains_key(id))
        };
        let known: BTreeSet<_> = self
            .edges
            .iter()
            .filter(|(group, member)| live(group) && live(member))
            .cloned()
            .collect();
        let expected: BTreeSet<_> = truth
            .memberships()
            .into_iter()
            .map(|edge| (edge.group.to_string(), edge.member.to_string()))
            .collect();
        let missing: Vec<_> = expected.difference(&known).take(3).collect();
        let surplus: Vec<_> = known.difference(&expected).take(3).collect();
        assert!(
            missing.is_empty() && surplus.is_empty(),
            "missing {missing:?}, surplus {surplus:?}"
        );
    }
}

fn key(properties: &Map<String, Value>) -> String {
    properties["id"].as_str().unwrap().to_owned()
}

/// Some properties, null where there is none.
fn project(properties: &Map<String, Value>, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), properties.get(*name).cloned().unwrap_or(Value::Null)))
        .collect()
}

/// A write that a churn makes through the API, chosen by number.
async fn write(client: &Client, simulator: &Simulator, number: u64) {
    let pick = |kind: Kind, number: u64| {
        let ids = simulator.truth().ids(kind);
        ids[usize::try_from(number).unwrap() % ids.len()]
    };
    let (user, group) = (pick(Kind::User, number / 7), pick(Kind::Group, number / 5));
    let domain = simulator.tenant().domain();
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

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_of_deltas_ends_with_the_truth(
        seed: u64,
        users in 10..160u64,
        start in 0..400u64,
        page in 1..60u64,
        purged: bool,
        replay_moments in 0..40u64,
        repeat_one_in in 0..4u64,
        removed_in_first_round: bool,
        rounds in proptest::collection::vec((0..130u64, proptest::collection::vec(0..1_000_000u64, 0..5)), 1..6),
    ) {
        block_on(async {
            let tenant = Tenant::builder().seed(seed).users(users).moment(start).build();
            let liberties = DeltaLiberties { replay_moments, repeat_one_in, removed_in_first_round };
            let simulator = Simulator::builder(tenant)
                .delta_page_size(page, page * 3)
                .membership_reports(true, purged)
                .delta_liberties(liberties)
                .build();
            let client = Client::new(&simulator);
            let mut reader = Reader::default();
            reader.round(&client).await;
            reader.check(&simulator);
            for (moments, writes) in rounds {
                for number in writes {
                    write(&client, &simulator, number).await;
                }
                simulator.advance(moments);
                reader.round(&client).await;
                reader.check(&simulator);
            }
        });
    }
}

#[test]
fn an_idle_round_is_one_request_for_each_set() {
    block_on(async {
        let simulator = Simulator::builder(Tenant::builder().users(500).build()).build();
        let client = Client::new(&simulator);
        let mut reader = Reader::default();
        reader.round(&client).await;
        reader.pages = 0;
        reader.round(&client).await;
        assert_eq!(reader.pages, SETS.len());
    });
}
