//! Delta rounds, read by a reader that knows nothing but the documented rules.

mod writes;

use std::collections::{BTreeMap, BTreeSet};

use graph_simulator::{DeltaLiberties, Kind, Relationship, Simulator, Tenant};
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::client::Client;
use writes::write;

/// The directory as a reader of deltas knows it.
#[derive(Default)]
struct Reader {
    objects: BTreeMap<&'static str, BTreeMap<String, Map<String, Value>>>,
    /// Objects in the recycle bin keep what is known of them.
    binned: BTreeSet<String>,
    /// Relationship, source, target.
    edges: BTreeSet<(String, String, String)>,
    links: BTreeMap<&'static str, String>,
    pages: usize,
}

const SETS: [(Kind, &str); 10] = [
    (Kind::User, "users"),
    (Kind::Group, "groups"),
    (Kind::Device, "devices"),
    (Kind::Application, "applications"),
    (Kind::ServicePrincipal, "servicePrincipals"),
    (Kind::OrgContact, "contacts"),
    (Kind::AdministrativeUnit, "directory/administrativeUnits"),
    (Kind::DirectoryRole, "directoryRoles"),
    (Kind::OAuth2PermissionGrant, "oauth2PermissionGrants"),
    (Kind::AppRoleAssignment, "directoryObjects"),
];

const SELECT: [(&str, &str); 10] = [
    (
        "users",
        "id,displayName,jobTitle,accountEnabled,mobilePhone,department,userPrincipalName,assignedLicenses,manager",
    ),
    ("groups", "id,displayName,description,groupTypes,visibility,members,owners"),
    ("devices", "id,displayName,isCompliant,accountEnabled,registeredOwners,registeredUsers"),
    ("applications", "id,appId,displayName,notes,owners"),
    ("servicePrincipals", "id,appId,displayName,accountEnabled,notes,owners"),
    ("contacts", "id,displayName,jobTitle,mail"),
    ("directory/administrativeUnits", "id,displayName,description,members"),
    ("directoryRoles", "id,displayName,roleTemplateId,members"),
    ("oauth2PermissionGrants", "id,clientId,consentType,principalId,resourceId,scope"),
    ("directoryObjects", "id,appRoleId,principalId,principalDisplayName,resourceId"),
];

const RELATIONSHIPS: [&str; 5] =
    ["members", "owners", "manager", "registeredOwners", "registeredUsers"];

impl Reader {
    /// Reads one round of every set, from where the last one ended.
    async fn round(&mut self, client: &Client) {
        for (set, select) in SELECT {
            let first = self.links.get(set).cloned();
            let only = "$filter=isof('microsoft.graph.appRoleAssignment')&";
            let only = if set == "directoryObjects" { only } else { "" };
            let mut next =
                first.unwrap_or_else(|| format!("/v1.0/{set}/delta?{only}$select={select}"));
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
                self.edges.retain(|(_, source, target)| *source != id && *target != id);
                return;
            }
            Some(other) => panic!("no reason {other}"),
            None => {}
        }
        self.binned.remove(&id);
        let entries = RELATIONSHIPS.iter().flat_map(|name| {
            let entries = item[format!("{name}@delta")].as_array().into_iter().flatten();
            entries.map(move |entry| (*name, entry))
        });
        for (name, entry) in entries {
            let target = entry["id"].as_str().unwrap().to_owned();
            let edge = (name.to_owned(), id.clone(), target);
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
            let names: Vec<&str> =
                select.split(',').filter(|name| !RELATIONSHIPS.contains(name)).collect();
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
        let known: BTreeSet<_> =
            self.edges.iter().filter(|(_, from, to)| live(from) && live(to)).cloned().collect();
        let members = truth.memberships().into_iter();
        let mut expected: BTreeSet<_> = members
            .map(|edge| ("members".to_owned(), edge.group.to_string(), edge.member.to_string()))
            .collect();
        for relationship in Relationship::ALL {
            let name = match relationship {
                Relationship::UnitMembers | Relationship::RoleMembers => "members",
                Relationship::Managers => "manager",
                other => other.name(),
            };
            let edges = truth.edges(relationship).into_iter();
            expected.extend(
                edges.map(|edge| {
                    (name.to_owned(), edge.source.to_string(), edge.target.to_string())
                }),
            );
        }
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

/// Whoever has read it meanwhile, in a round that was given up, must be told that it is gone again.
#[test]
fn an_object_that_came_back_and_went_again_between_two_links_is_reported() {
    block_on(async {
        let simulator = Simulator::builder(Tenant::builder().users(60).build()).build();
        let client = Client::new(&simulator);
        let live: Vec<BTreeSet<String>> = (0..300)
            .map(|moment| {
                simulator.set_moment(moment);
                simulator.truth().ids(Kind::User).iter().map(ToString::to_string).collect()
            })
            .collect();
        // There, gone, there again, and gone for the second time.
        let turns = |id: &String| {
            let mut from = 0;
            [true, false, true, false].map(|wanted| {
                let at = (from..live.len()).find(|moment| live[*moment].contains(id) == wanted)?;
                from = at;
                Some(at as u64)
            })
        };
        let twice = live[0].iter().map(|id| (id, turns(id)));
        let twice =
            twice.filter_map(|(id, [_, gone, back, again])| back.and(Some((id, gone?, again?))));
        let mut known = 0;
        for (id, gone, again) in twice {
            simulator.set_moment(gone);
            let link = "/v1.0/users/delta?$deltatoken=latest&$select=displayName";
            let link = client.get(link).await.json()["@odata.deltaLink"].clone();
            simulator.set_moment(again);
            let mut next = link.as_str().map(str::to_owned);
            let mut removed = false;
            while let Some(link) = next {
                let page = client.get(&link).await.json();
                let mut items = page["value"].as_array().unwrap().iter();
                removed |= items.any(|it| it["id"] == **id && !it["@removed"].is_null());
                next = page["@odata.nextLink"].as_str().map(str::to_owned);
            }
            assert!(removed, "{id} was gone at {gone}, came back, and went at {again}");
            known += 1;
        }
        assert!(known > 0, "nobody was gone twice");
    });
}
