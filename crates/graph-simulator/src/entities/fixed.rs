//! Sets whose content is a data file: policies, settings, definitions. Identifiers in it are drawn
//! from the tenant: `{user:3}`, `{group:1}`, `{application:2}`, `{guid:9}`, `{tenant}`, `{domain}`.

use std::sync::LazyLock;

use serde_json::Value;

use super::Entity;
use crate::protocol::sets::Scope;
use crate::tenant::{Handle, Kind, Tenant};

static CONTENT: LazyLock<Entity> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/fixed.json")).expect("the data file is JSON")
});

/// The entities of a set in the data file; those of a contained set are kept by parent.
pub(super) fn list(scope: &Scope<'_>) -> Vec<Entity> {
    let content = CONTENT.get(scope.set.store);
    let content = match (content, &scope.parent) {
        (Some(Value::Object(by_parent)), Some(parent)) => {
            by_parent.get(parent).or_else(|| by_parent.get("*"))
        }
        (content, _) => content,
    };
    let values = content.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let drawn = values.iter().map(|value| draw(scope.directory.tenant, value));
    drawn.map(super::entity).collect()
}

/// `groups/{id}/groupLifecyclePolicies`: what holds for Microsoft 365 groups.
pub(super) fn lifecycle_of_group(scope: &Scope<'_>) -> Vec<Entity> {
    let Some(group) = scope.owner else { return Vec::new() };
    let types = scope.directory.object(group).value_of("groupTypes");
    let unified = types.as_array().is_some_and(|types| types.iter().any(|name| name == "Unified"));
    let policies = scope.other("groupLifecyclePolicies").all();
    policies.into_iter().filter(|policy| unified && policy["managedGroupTypes"] == "All").collect()
}

/// `…/onPremisesSyncBehavior`: whether the object is managed here, though it came from elsewhere.
pub(super) fn sync_behaviour(scope: &Scope<'_>) -> Vec<Entity> {
    let Some(owner) = scope.owner else { return Vec::new() };
    let id = scope.directory.tenant.id(owner).to_string();
    vec![super::entity(serde_json::json!({ "id": id, "isCloudManaged": false }))]
}

fn draw(tenant: &Tenant, value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains('{') => Value::String(fill(tenant, text)),
        Value::Array(values) => values.iter().map(|value| draw(tenant, value)).collect(),
        Value::Object(members) => {
            let drawn = members.iter().map(|(name, value)| (name.clone(), draw(tenant, value)));
            Value::Object(drawn.collect())
        }
        other => other.clone(),
    }
}

fn fill(tenant: &Tenant, text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(&named(tenant, name));
        rest = after;
    }
    filled + rest
}

fn named(tenant: &Tenant, name: &str) -> String {
    let (what, number) = name.split_once(':').unwrap_or((name, "0"));
    let number: u64 = number.parse().expect("the data file numbers what it names");
    let object = |kind| tenant.id(Handle::new(kind, number)).to_string();
    match what {
        "tenant" => tenant.id_of_tenant().to_string(),
        "domain" => tenant.domain().to_owned(),
        "user" => object(Kind::User),
        "group" => object(Kind::Group),
        "application" => tenant.app_id(number).to_string(),
        "guid" => tenant.draw_guid(b'G', number).to_string(),
        other => unreachable!("the data file names '{other}', which is not among these"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::sets;

    #[test]
    fn every_part_of_the_file_is_a_set_and_every_value_fits_its_type() {
        let tenant = Tenant::builder().build();
        for (path, content) in CONTENT.iter() {
            let set = sets::named(path).unwrap_or_else(|| panic!("{path}"));
            let lists: Vec<&Value> = match content {
                Value::Object(by_parent) => by_parent.values().collect(),
                list => vec![list],
            };
            for value in lists.into_iter().flat_map(|list| list.as_array().unwrap()) {
                let Value::Object(members) = draw(&tenant, value) else { panic!("{path}") };
                sets::schema::check(set.entity, &members)
                    .unwrap_or_else(|refusal| panic!("{path}: {}", refusal.message));
            }
        }
    }
}
