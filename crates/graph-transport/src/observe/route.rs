//! Routes: paths without the keys in them, so that a span names an operation and no person (L13).

/// What can follow an entity set without being a key of it.
const BOUND: [&str; 6] = [
    "delta",
    "getByIds",
    "validateProperties",
    "getAvailableExtensionProperties",
    "userRegistrationDetails",
    "getUserOwnedObjects",
];

/// Names in the plural that hold navigations, not entities.
const CONTAINERS: [&str; 4] = ["auditLogs", "reports", "policies", "communications"];

/// The route of a path below the API version: names of Graph stay, keys become `{id}`.
///
/// Keys hold GUIDs, user principal names and literals, and may be plain words too: a segment is
/// shown only if it is spelled like a name of Graph and does not stand where a key stands.
pub(crate) fn graph_route(path: &str) -> String {
    let mut route = String::with_capacity(path.len());
    let mut previous = "";
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            route.push('/');
        }
        let key_position = previous.ends_with('s') && !CONTAINERS.contains(&previous);
        let bound = segment.starts_with('$')
            || segment.starts_with("microsoft.graph.")
            || BOUND.contains(&segment);
        let shown = is_name(segment) && (bound || !key_position);
        route.push_str(if shown { segment } else { "{id}" });
        previous = if shown { segment } else { "" };
    }
    route
}

fn is_name(segment: &str) -> bool {
    let name = segment.strip_prefix('$').unwrap_or(segment);
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(name);
    name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The route of a path of a login or token endpoint: `/{tenant}/oauth2/v2.0/token`.
pub(crate) fn authority_route(path: &str) -> String {
    const NAMES: [&str; 18] = [
        "",
        "oauth2",
        "v2.0",
        "token",
        "devicecode",
        "authorize",
        "logout",
        ".well-known",
        "openid-configuration",
        "discovery",
        "keys",
        "metadata",
        "identity",
        "msi",
        "common",
        "organizations",
        "consumers",
        "upload",
    ];
    let shown = |segment| if NAMES.contains(&segment) { segment } else { "{id}" };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// L13
    #[test]
    fn routes_hold_names_of_graph_and_no_keys() {
        for (path, route) in [
            ("/users", "/users"),
            ("/users/delta", "/users/delta"),
            ("/users/$count", "/users/$count"),
            ("/users/ada", "/users/{id}"),
            ("/users/ada@contoso.com/manager/$ref", "/users/{id}/manager/$ref"),
            (
                "/users/11111111-1111-4111-8111-111111111111/memberOf/microsoft.graph.group",
                "/users/{id}/memberOf/microsoft.graph.group",
            ),
            ("/groups(uniqueName='x')/members", "/{id}/members"),
            ("/users/microsoft.graph.delta", "/users/microsoft.graph.delta"),
            ("/domains/contoso.com", "/domains/{id}"),
            ("/auditLogs/signIns", "/auditLogs/signIns"),
            ("/policies/authenticationMethodsPolicy", "/policies/authenticationMethodsPolicy"),
            (
                "/roleManagement/directory/roleAssignments/x",
                "/roleManagement/directory/roleAssignments/{id}",
            ),
            ("/$batch", "/$batch"),
            ("/me/sendMail", "/me/sendMail"),
        ] {
            assert_eq!(graph_route(path), route);
        }
        assert_eq!(
            authority_route("/contoso.onmicrosoft.com/oauth2/v2.0/token"),
            "/{id}/oauth2/v2.0/token"
        );
    }
}
