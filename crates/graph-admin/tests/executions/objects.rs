//! Objects of the simulated tenant, by what the table calls them.

use std::collections::BTreeMap;

use graph_dsl::Arguments;
use serde_json::Value;

use crate::bench::Bench;

/// What an object of the tenant is known by.
const PROPERTIES: [&str; 5] = ["id", "appId", "deviceId", "skuId", "userPrincipalName"];

/// Ids that every tenant of the same seed has, by what the table calls them.
pub(crate) async fn names() -> &'static BTreeMap<String, String> {
    static NAMES: tokio::sync::OnceCell<BTreeMap<String, String>> =
        tokio::sync::OnceCell::const_new();
    NAMES
        .get_or_init(|| async {
            let bench = Bench::start(true).await;
            let mut names = BTreeMap::new();
            for (name, command, place, filter) in [
                ("user", "user.list", 0, "userType eq 'Member'"),
                ("other", "user.list", 1, "userType eq 'Member'"),
                ("group", "group.list", 0, "securityEnabled eq true and mailEnabled eq false"),
                ("unified", "group.list", 0, "groupTypes/any(c:c eq 'Unified')"),
                ("application", "application.list", 0, ""),
                ("service_principal", "service_principal.list", 0, ""),
                ("device", "device.list", 0, ""),
                ("unit", "administrative_unit.list", 0, ""),
                ("contact", "org_contact.list", 0, ""),
                ("tenant", "organization.get", 0, ""),
                ("sku", "organization.list_subscribed_skus", 0, ""),
                ("directory_role", "role_management.list_directory_roles", 0, ""),
            ] {
                let arguments = if filter.is_empty() {
                    Arguments::new()
                } else {
                    Arguments::new().with("filter", filter)
                };
                let data = bench.run(command, arguments).await.data;
                let items = data["value"].as_array().cloned().unwrap_or_default();
                // A rule decides who belongs to a dynamic group: nobody else can.
                let plain = |item: &&Value| !item["groupTypes"].to_string().contains("Dynamic");
                if let Some(item) = items.iter().filter(plain).nth(place) {
                    for property in PROPERTIES {
                        if let Some(text) = item[property].as_str() {
                            names.insert(format!("{name}.{property}"), text.to_owned());
                        }
                    }
                }
            }
            methods(&bench, &mut names).await;
            let upn = names["user.userPrincipalName"].clone();
            names.insert("domain.id".to_owned(), upn.split('@').next_back().unwrap().to_owned());
            names
        })
        .await
}

/// One authentication method of each type, `$fido2`, and whose it is, `$fido2.user`.
async fn methods(bench: &Bench, names: &mut BTreeMap<String, String>) {
    let users = bench.run("user.list", Arguments::new()).await.data;
    for user in users["value"].as_array().into_iter().flatten() {
        let arguments = Arguments::new().with("id", user["id"].clone());
        let found = bench.run("user.list_authentication_methods", arguments).await.data;
        for method in found["value"].as_array().into_iter().flatten() {
            let kind = method["@odata.type"].as_str().unwrap_or_default();
            let kind = kind.trim_start_matches("#microsoft.graph.");
            let kind = kind.trim_end_matches("AuthenticationMethod");
            for (part, value) in [("id", &method["id"]), ("user", &user["id"])] {
                let value = value.as_str().unwrap_or_default().to_owned();
                names.entry(format!("{kind}.{part}")).or_insert(value);
            }
        }
    }
}
