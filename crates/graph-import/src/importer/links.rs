//! The first request of a stream; every other link is Graph's own and followed verbatim.

use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::{ApiVersion, Cloud, GraphLink, LinkError};

/// The API version of a plan, in the transport's type.
pub(super) fn version(plan: &StreamPlan) -> ApiVersion {
    if plan.version.as_str() == ApiVersion::Beta.as_str() {
        ApiVersion::Beta
    } else {
        ApiVersion::V1_0
    }
}

/// Where a full round begins.
pub(super) fn first(cloud: &Cloud, plan: &StreamPlan) -> Result<GraphLink, LinkError> {
    cloud.link(&format!("/{}{}", version(plan), query(plan, &plan.endpoint)))
}

/// The path of one owner's edges below the version, as an item of a batch.
pub(super) fn owner(plan: &StreamPlan, id: &str) -> String {
    query(plan, &plan.endpoint.replace("{id}", id))
}

/// The path of one object below the version: `/users/{id}` of the stream `/users/delta`.
pub(super) fn object(plan: &StreamPlan, id: &str) -> String {
    let path = plan.endpoint.split('?').next().unwrap_or_default();
    let collection = path.strip_suffix("/delta").unwrap_or(path);
    let relation_less: Vec<&str> =
        plan.select.iter().map(String::as_str).filter(|name| !RELATIONS.contains(name)).collect();
    format!("{collection}/{id}?$select={}", relation_less.join(","))
}

/// Relations that a delta query selects and a read of one object must not (facts: graph-protocol 5.2).
const RELATIONS: [&str; 3] = ["members", "owners", "manager"];

fn query(plan: &StreamPlan, path: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut text = format!("{path}{separator}$select={}", plan.select.join(","));
    // `$top` is not supported on delta (facts: graph-protocol 5.2); there a header asks for the size.
    if let (Some(size), StreamKind::Full | StreamKind::Edges { .. }) = (plan.page_size, &plan.kind)
    {
        text.push_str("&$top=");
        text.push_str(&size.to_string());
    }
    text
}

/// Where a round begins again after Graph gave up its token: where Graph says, if that still asks
/// for the same properties, and from the original query otherwise.
pub(super) fn restart(location: Option<Box<GraphLink>>, plan: &StreamPlan) -> Option<GraphLink> {
    let selects = format!("$select={}", plan.select.join(","));
    location.map(|link| *link).filter(|link| {
        let query =
            link.path_and_query().replace("%24", "$").replace("%2C", ",").replace("%2c", ",");
        link.version() == version(plan) && query.split(['?', '&']).any(|option| option == selects)
    })
}

#[cfg(test)]
mod tests {
    use graph_transport::CloudName;

    use super::*;

    fn users() -> StreamPlan {
        StreamPlan::delta("users", "user", "/users/delta").column(
            "mail",
            "mail",
            graph_dsl::ColumnKind::Text,
        )
    }

    #[test]
    fn a_delta_query_selects_and_never_asks_for_a_page_size() {
        let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
        let mut plan = users();
        plan.page_size = Some(500);
        assert_eq!(
            first(&cloud, &plan).unwrap().path_and_query(),
            "/v1.0/users/delta?$select=id,mail"
        );
        let edges = StreamPlan::edges("members", "member", "/groups/{id}/members", "groups");
        let mut edges = edges;
        edges.page_size = Some(999);
        assert_eq!(owner(&edges, "a"), "/groups/a/members?$select=id&$top=999");
        assert_eq!(object(&plan, "a"), "/users/a?$select=id,mail");
    }

    /// B16, B22
    #[test]
    fn a_location_is_followed_only_if_it_keeps_the_selection() {
        let cloud = Cloud::named(CloudName::Global).unwrap();
        let link =
            |query: &str| cloud.link(&format!("/v1.0/users/delta?{query}")).ok().map(Box::new);
        assert!(restart(link("$deltatoken=&$select=id,mail"), &users()).is_some());
        assert!(restart(link("%24select=id%2Cmail&$deltatoken="), &users()).is_some());
        assert!(restart(link("$deltatoken="), &users()).is_none());
        assert!(restart(link("$select=id"), &users()).is_none());
        assert!(restart(None, &users()).is_none());
    }
}
