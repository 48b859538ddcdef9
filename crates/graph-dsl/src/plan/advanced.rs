//! Advanced queries on directory objects: when `ConsistencyLevel: eventual` and `$count=true` are needed.
//!
//! The rules are those of the Graph page "Advanced query capabilities on Microsoft Entra ID
//! objects" (facts: graph-protocol 6).

/// Whether a command is sent as an advanced query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Advanced {
    /// When its path or query needs it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What an advanced query adds to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// `ConsistencyLevel: eventual`.
    pub(super) header: bool,
    /// `$count=true`.
    pub(super) count: bool,
}

/// First path segments that hold directory objects; other services know no advanced queries.
const DIRECTORY: &[&str] = &[
    "administrativeUnits",
    "applications",
    "contacts",
    "devices",
    "directory",
    "directoryObjects",
    "directoryRoles",
    "groups",
    "me",
    "servicePrincipals",
    "users",
];

/// Properties whose `eq` needs an advanced query already.
const ADVANCED_PROPERTIES: &[&str] = &[
    "alternativeSecurityIds",
    "appOwnerOrganizationId",
    "appRoleAssignmentRequired",
    "assignedPlans",
    "businessPhones",
    "companyName",
    "description",
    "employeeHireDate",
    "employeeOrgData",
    "employeeType",
    "expirationDateTime",
    "faxNumber",
    "keyCredentials",
    "mobilePhone",
    "officeLocation",
    "onPremisesExtensionAttributes",
    "onPremisesSamAccountName",
    "passwordProfile",
    "postalCode",
    "preferredLanguage",
    "provisionedPlans",
    "requiredResourceAccess",
    "showInAddressList",
    "streetAddress",
];

/// Orders that every query may have, per entity set.
const DEFAULT_ORDERS: &[(&str, &str)] =
    &[("users", "displayName"), ("users", "userPrincipalName"), ("groups", "displayName")];

/// Whether one option makes a GET of this path an advanced query.
pub(crate) fn is_advanced(path: &str, name: &str, value: &str) -> bool {
    let named = matches!(name, "$filter" | "$search" | "$orderby");
    named && needs(path, &[(name.to_owned(), value.to_owned())]).header
}

/// What a GET with this path (below the version) and these options needs.
pub(super) fn needs(path: &str, query: &[(String, String)]) -> Needs {
    let option =
        |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let mut segments = path.trim_start_matches('/').split('/');
    let set = segments.next().unwrap_or_default().split('(').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let nothing = Needs { header: false, count: false };
    if !DIRECTORY.contains(&set) || matches!(last, "delta" | "delta()") {
        return nothing;
    }
    if last == "$count" {
        return Needs { header: true, count: false };
    }
    let filter = option("$filter");
    let order = option("$orderby");
    let advanced = option("$search").is_some()
        || option("$count").is_some_and(|count| count.eq_ignore_ascii_case("true"))
        || last.starts_with("microsoft.graph.")
        || filter.is_some_and(filter_needs)
        || (filter.is_some() && order.is_some())
        || order.is_some_and(|order| order_needs(set, order));
    if advanced { Needs { header: true, count: true } } else { nothing }
}

/// Operators and properties of a `$filter`, its string literals left out.
fn filter_needs(filter: &str) -> bool {
    let outside: String = filter.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let word = |each: char| !(each.is_ascii_alphanumeric() || matches!(each, '_' | '$' | '/'));
    outside.split(word).filter(|token| !token.is_empty()).any(|token| {
        let first = token.split('/').next().unwrap_or_default();
        matches!(token, "ne" | "not")
            || token.eq_ignore_ascii_case("endswith")
            || token.ends_with("/$count")
            || ADVANCED_PROPERTIES.contains(&first)
    })
}

fn order_needs(set: &str, order: &str) -> bool {
    order.split(',').any(|part| {
        let property = part.split_whitespace().next().unwrap_or_default();
        !DEFAULT_ORDERS.contains(&(set, property))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(path: &str, query: &[(&str, &str)]) -> bool {
        let query: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        needs(path, &query).header
    }

    #[test]
    fn only_what_needs_it_becomes_an_advanced_query() {
        assert!(header("/users", &[("$search", "\"displayName:Admin\"")]));
        assert!(header("/users", &[("$filter", "endswith(mail,'@contoso.com')")]));
        assert!(header("/users", &[("$filter", "accountEnabled ne true")]));
        assert!(header("/users", &[("$filter", "not(startswith(displayName,'A'))")]));
        assert!(header("/users", &[("$filter", "assignedLicenses/$count eq 0")]));
        assert!(header("/users", &[("$filter", "companyName eq 'Contoso'")]));
        assert!(header(
            "/users",
            &[("$filter", "startswith(mail,'a')"), ("$orderby", "displayName")]
        ));
        assert!(header("/devices", &[("$orderby", "displayName")]));
        assert!(header("/groups/1/transitiveMembers/microsoft.graph.user", &[]));
        assert!(header("/users/$count", &[]));
        assert!(!header("/users", &[("$filter", "displayName eq 'not ne endswith'")]));
        assert!(!header("/users", &[("$orderby", "displayName desc")]));
        assert!(!header("/users", &[("$top", "5")]));
        assert!(!header("/auditLogs/signIns", &[("$filter", "a ne 1"), ("$orderby", "b")]));
    }

    #[test]
    fn a_count_segment_takes_the_header_without_the_option() {
        assert_eq!(needs("/groups/$count", &[]), Needs { header: true, count: false });
    }
}
