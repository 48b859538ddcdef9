//! What the tenant holds, and whether the store holds the same (cases: I1).

use std::collections::{BTreeMap, BTreeSet};

use graph_dsl::{ColumnKind, StreamKind, StreamPlan};
use graph_simulator::{Kind, Relationship, Simulator};
use serde_json::{Map, Value};

use crate::place::Place;

type Objects = BTreeMap<String, Map<String, Value>>;
type Edges = BTreeSet<(String, String)>;

/// Every stream of the store equals the tenant: same ids, same properties, same columns, same edges.
pub(crate) fn assert_equal(place: &Place, simulator: &Simulator, what: &str) {
    assert_equal_in(place, simulator, &crate::imports::streams(), what);
}

/// The same for these streams.
pub(crate) fn assert_equal_in(
    place: &Place,
    simulator: &Simulator,
    streams: &[StreamPlan],
    what: &str,
) {
    assert_equal_of(place, simulator, (streams, &|_| true), what);
}

/// The streams that are read, and which of them are meant.
type Chosen<'a> = (&'a [StreamPlan], &'a dyn Fn(&str) -> bool);

/// The same for some of the streams that are read.
pub(crate) fn assert_equal_of(
    place: &Place,
    simulator: &Simulator,
    (streams, is_meant): Chosen<'_>,
    what: &str,
) {
    for plan in streams.iter().filter(|plan| is_meant(&plan.name)) {
        match &plan.kind {
            StreamKind::Edges { of } => {
                let owner = streams.iter().find(|owner| owner.name == *of).unwrap();
                assert_edges(place, simulator, (plan, owner), what);
            }
            _ => assert_objects(place, simulator, plan, what),
        }
    }
}

fn assert_objects(place: &Place, simulator: &Simulator, plan: &StreamPlan, what: &str) {
    let stream = &plan.name;
    let truth = objects(simulator, plan);
    let rows = place.pairs(&format!("SELECT id, raw FROM {stream}"));
    let stored: Objects =
        rows.into_iter().map(|(id, raw)| (id, serde_json::from_str(&raw).unwrap())).collect();
    for (id, object) in &truth {
        assert_eq!(stored.get(id), Some(object), "{what}: {stream} {id}");
    }
    let surplus: Vec<_> = stored.keys().filter(|id| !truth.contains_key(*id)).collect();
    assert!(surplus.is_empty(), "{what}: {stream} holds {surplus:?}, which are not there");
    for column in &plan.columns {
        let (name, path) = (&column.name, column.property.replace('.', "\".\""));
        let raw = format!("raw ->> '$.\"{path}\"'");
        let value = match column.kind {
            ColumnKind::DateTime => format!("strftime('%Y-%m-%dT%H:%M:%fZ', {raw})"),
            _ => raw,
        };
        let sql = format!(
            "SELECT count(*) FROM object_{stream} WHERE deletion IS NULL AND {name} IS NOT ({value})"
        );
        assert_eq!(place.query(&sql), ["0"], "{what}: column {stream}.{name}");
    }
}

/// The live objects of a stream by id, with the properties that the stream selects.
pub(crate) fn objects(simulator: &Simulator, plan: &StreamPlan) -> Objects {
    let path = plan.endpoint.split('?').next().unwrap().trim_start_matches('/');
    let path = path.strip_suffix("/delta").unwrap_or(path);
    let mut found = Objects::new();
    let mut keep = |mut properties: Map<String, Value>, id: Option<String>| {
        let own = match plan.key.as_slice() {
            [key] if key != "id" => properties.get(key).cloned(),
            _ => properties.remove("id"),
        };
        let own = own.and_then(|id| id.as_str().map(str::to_owned));
        // Ids of connecting objects are texts of their own; those of directory objects are GUIDs.
        let id = own.or(id).unwrap();
        properties.retain(|name, value| !value.is_null() && plan.select.contains(name));
        for name in ["keyCredentials", "passwordCredentials"] {
            let credentials = properties.get_mut(name).and_then(Value::as_array_mut);
            for credential in credentials.into_iter().flatten().filter_map(Value::as_object_mut) {
                // H9
                credential
                    .retain(|name, _| !["key", "secretText", "hint"].contains(&name.as_str()));
            }
        }
        found.insert(id, properties);
    };
    let kind = |kind: &Kind| match &plan.of_type {
        Some(of_type) => kind.entity_type().ends_with(of_type.as_str()),
        None => kind.path() == path || kind.entity_set() == path,
    };
    if let Some(kind) = Kind::ALL.into_iter().find(kind) {
        let objects = simulator.truth().objects(kind);
        objects.for_each(|object| keep(object.properties, Some(object.id.to_string())));
    } else {
        let known = simulator.truth().each_entity(path, |entity| keep(entity, None));
        assert!(known, "no truth is known of `{}`: say here where it is", plan.endpoint);
    }
    found
}

fn assert_edges(
    place: &Place,
    simulator: &Simulator,
    (plan, owner): (&StreamPlan, &StreamPlan),
    what: &str,
) {
    let stream = &plan.name;
    let truth = edges(simulator, (plan, owner));
    let (from, to) = (&owner.entity, &plan.entity);
    let view = edge_view(plan, owner);
    let stored = |of: &str| -> Edges {
        let sql = format!("SELECT {from}_id, {to}_id FROM {view} WHERE {to}_type {of}");
        place.pairs(&sql).into_iter().collect()
    };
    let missing: Vec<_> = truth.difference(&stored("<> ''")).take(3).cloned().collect();
    // Nothing reports that a target of a type that is not imported was deleted; see the assumption
    // `members_of_other_types_live`.
    let imported = stored(&format!("IN ({})", imported_types()));
    let surplus: Vec<_> = imported.difference(&truth).take(3).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{what}: {stream} lacks {missing:?}, and holds {surplus:?}, which are not there"
    );
}

/// Whether a membership is missing from the store.
pub(crate) fn lacks_members(place: &Place, simulator: &Simulator) -> bool {
    let stored = place.pairs("SELECT group_id, member_id FROM group_members");
    let stored: Edges = stored.into_iter().collect();
    let truth = simulator.truth().memberships();
    truth.iter().any(|edge| !stored.contains(&(edge.group.to_string(), edge.member.to_string())))
}

/// The edges of a stream whose both ends live.
pub(crate) fn edges(simulator: &Simulator, (plan, owner): (&StreamPlan, &StreamPlan)) -> Edges {
    let listed = plan.endpoint.split_once("{id}/").map(|(_, relation)| relation);
    let relation = listed.unwrap_or_else(|| plan.relations[0].as_str());
    let relationship = match (owner.entity.as_str(), relation) {
        ("group", "members") => {
            let all = simulator.truth().memberships();
            let ends = |edge: &graph_simulator::TrueMembership| {
                (edge.group.to_string(), edge.member.to_string())
            };
            return all.iter().map(ends).collect();
        }
        (_, "owners") => Relationship::Owners,
        ("administrative_unit", "members") => Relationship::UnitMembers,
        ("directory_role", "members") => Relationship::RoleMembers,
        ("user", "manager") => Relationship::Managers,
        ("user", "sponsors") => Relationship::Sponsors,
        ("device", "registeredOwners") => Relationship::RegisteredOwners,
        ("device", "registeredUsers") => Relationship::RegisteredUsers,
        other => panic!("no truth is known of the edges {other:?}: say here where it is"),
    };
    let sources = objects(simulator, owner);
    let all = simulator.truth().edges(relationship);
    let ends =
        |edge: &graph_simulator::TrueEdge| (edge.source.to_string(), edge.target.to_string());
    all.iter().map(ends).filter(|(source, _)| sources.contains_key(source)).collect()
}

/// `group_members` of the stream `members` over groups.
pub(crate) fn edge_view(plan: &StreamPlan, owner: &StreamPlan) -> String {
    let prefix = format!("{}_", owner.entity);
    if plan.name.starts_with(&prefix) { plan.name.clone() } else { prefix + &plan.name }
}

/// The types of the objects that are imported, as a list of SQL texts.
fn imported_types() -> String {
    let streams = crate::imports::streams();
    let types = streams.iter().filter(|plan| !matches!(plan.kind, StreamKind::Edges { .. }));
    let types = types.filter_map(|plan| {
        let of =
            |kind: &Kind| kind.entity_type().eq_ignore_ascii_case(&plan.entity.replace('_', ""));
        Kind::ALL.into_iter().find(of)
    });
    types.map(|kind| format!("'{}'", kind.entity_type())).collect::<Vec<_>>().join(", ")
}
