//! The default mapping, attribute by attribute (seed 002: "What gets synced"): what Graph says of an
//! object is what the view, the CSV and the raw object say.

use std::collections::BTreeMap;

use graph_simulator::Kind;
use serde_json::{Map, Value};

use crate::support::{Place, RunningTenant};

/// The property and the column that shows it.
const USER: [(&str, &str); 15] = [
    ("id", "id"),
    ("displayName", "display_name"),
    ("userPrincipalName", "user_principal_name"),
    ("mail", "mail"),
    ("givenName", "given_name"),
    ("surname", "surname"),
    ("jobTitle", "job_title"),
    ("department", "department"),
    ("companyName", "company_name"),
    ("officeLocation", "office_location"),
    ("mobilePhone", "mobile_phone"),
    ("businessPhones", "business_phones"),
    ("accountEnabled", "account_enabled"),
    ("userType", "user_type"),
    ("usageLocation", "usage_location"),
];

const GROUP: [(&str, &str); 9] = [
    ("id", "id"),
    ("displayName", "display_name"),
    ("mailNickname", "mail_nickname"),
    ("mail", "mail"),
    ("description", "description"),
    ("groupTypes", "group_types"),
    ("securityEnabled", "security_enabled"),
    ("mailEnabled", "mail_enabled"),
    ("visibility", "visibility"),
];

/// As a view shows a value: lists joined by commas, an empty one as null, booleans as SQLite has them.
fn shown(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Value::String(items.join(","))
        }
        Value::Bool(truth) => Value::from(u8::from(*truth)),
        other => other.clone(),
    }
}

/// As CSV has it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        // A cell that a spreadsheet would run gets a quote; no name of the simulator does.
        other => other.to_string(),
    }
}

fn holds(
    place: &Place,
    tenant: &RunningTenant,
    (kind, view): (Kind, &str),
    table: &[(&str, &str)],
) {
    let rows = place.json(&["query", &format!("select * from {view}")]);
    let by_id = |row: &Value| (row["id"].as_str().unwrap().to_owned(), row.clone());
    let rows: BTreeMap<String, Value> = rows.as_array().unwrap().iter().map(by_id).collect();
    let csv = place.succeed(&["export", "csv", "--streams", view]).stdout;
    let mut csv = csv::Reader::from_reader(csv.as_bytes());
    let header = csv.headers().unwrap().clone();
    let lines: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let truth: Vec<(String, Map<String, Value>)> = tenant
        .simulator
        .truth()
        .objects(kind)
        .map(|it| (it.id.to_string(), it.properties))
        .collect();
    assert_eq!((rows.len(), lines.len()), (truth.len(), truth.len()), "{view}");
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, properties) in &truth {
        let row = &rows[id];
        let raw: Value = serde_json::from_str(row["raw"].as_str().unwrap()).unwrap();
        let at = header.iter().position(|name| name == "id").unwrap();
        let line = lines.iter().find(|line| line[at] == **id).unwrap();
        assert_eq!(row["external_id"], **id, "the default of the external id");
        for (property, column) in table {
            let value = if *property == "id" { &id.clone().into() } else { &properties[*property] };
            assert_eq!(row[*column], shown(value), "{view}.{column} of {id}");
            // Nulls are left out of the raw object, or stand there as null; lists are whole. The id
            // is the row's own.
            if *property != "id" {
                let raw = raw.get(*property).unwrap_or(&Value::Null);
                assert_eq!(raw, value, "raw {property} of {id}");
            }
            let cell = header.iter().position(|name| name == *column).expect(column);
            let expected = match value {
                Value::Bool(truth) => truth.to_string(),
                other => plain(&shown(other)),
            };
            assert_eq!(line[cell].trim_start_matches('\''), expected, "CSV {column} of {id}");
            *seen.entry(column).or_default() += usize::from(!row[*column].is_null());
        }
    }
    for (_, column) in table {
        assert!(seen[column] > 0, "no object has a `{column}`, so nothing was shown of it");
    }
}

#[test]
fn every_attribute_of_the_default_mapping_is_what_graph_says() {
    let tenant = RunningTenant::of(11, 120);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import", "-q"]);
    holds(&place, &tenant, (Kind::User, "users"), &USER);
    holds(&place, &tenant, (Kind::Group, "groups"), &GROUP);
    // Graph's list in the raw object, and joined in the view.
    let joined = place.json(&[
        "query",
        "select count(*) as n from groups where group_types like '%,%' \
         and json_array_length(raw, '$.groupTypes') = 1 + length(group_types) - length(replace(group_types, ',', ''))",
    ]);
    let lists = place.json(&[
        "query",
        "select count(*) as n from groups where json_array_length(raw, '$.groupTypes') > 1",
    ]);
    assert_eq!(joined[0]["n"], lists[0]["n"]);
}

/// Seed 002: "Each (group, member) edge … with a composite external ID".
#[test]
fn a_membership_names_group_member_and_type() {
    let tenant = RunningTenant::of(11, 60);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import", "-q"]);
    let rows = place.json(&["query", "select * from group_members"]);
    let mut found: Vec<(String, String, String)> = Vec::new();
    for row in rows.as_array().unwrap() {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let (group, member) = (text("group_id"), text("member_id"));
        assert_eq!(row["external_id"], format!("{group}:{member}"));
        found.push((group, member, text("member_type")));
    }
    found.sort();
    let kind = |kind: Kind| match kind {
        Kind::User => "user",
        Kind::Group => "group",
        Kind::Device => "device",
        Kind::ServicePrincipal => "servicePrincipal",
        _ => "orgContact",
    };
    let truth = tenant.simulator.truth().memberships();
    let mut truth: Vec<(String, String, String)> = truth
        .iter()
        .map(|edge| (edge.group.to_string(), edge.member.to_string(), kind(edge.kind).to_owned()))
        .collect();
    truth.sort();
    assert_eq!(found, truth);
    assert!(truth.iter().any(|(.., kind)| kind == "group"), "nested groups are there");
}

/// Seed 004: extension attributes of users are custom columns.
#[test]
fn the_sets_of_further_columns_are_what_graph_says() {
    let tenant = RunningTenant::of(11, 60);
    let place = Place::with_tenant(&tenant);
    let sets = "users.extension_attributes,users.employment,users.on_premises,users.licenses,users.lifecycle";
    let sets = sets.split(',').flat_map(|set| ["--columns", set]);
    place.succeed(&["import", "-q"].into_iter().chain(sets).collect::<Vec<_>>());
    let rows = place.json(&["query", "select * from users"]);
    let rows: BTreeMap<String, Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row.clone()))
        .collect();
    for user in tenant.simulator.truth().objects(Kind::User) {
        let row = &rows[&user.id.to_string()];
        let at = |path: &str| {
            let mut value = user.properties.get(path.split('.').next().unwrap());
            for name in path.split('.').skip(1) {
                value = value.and_then(|value| value.get(name));
            }
            value.cloned().unwrap_or_default()
        };
        for (path, column) in [
            ("onPremisesExtensionAttributes.extensionAttribute1", "extension_attribute_1"),
            ("onPremisesExtensionAttributes.extensionAttribute15", "extension_attribute_15"),
            ("employeeId", "employee_id"),
            ("employeeOrgData.division", "division"),
            ("onPremisesSyncEnabled", "on_premises_sync_enabled"),
            ("creationType", "creation_type"),
            ("externalUserState", "external_user_state"),
        ] {
            assert_eq!(row[column], shown(&at(path)), "{column} of {}", user.id);
        }
    }
}
