//! The first request of a stream; every other link is Graph's own and followed verbatim.

use std::fmt::Write as _;

use graph_dsl::{Scan, StreamPlan};
use graph_transport::{ApiVersion, Cloud, GraphLink, LinkError};
use jiff::Timestamp;

/// The API version of a plan, in the transport's type.
pub(super) fn version(plan: &StreamPlan) -> ApiVersion {
    if plan.version.as_str() == ApiVersion::Beta.as_str() {
        ApiVersion::Beta
    } else {
        ApiVersion::V1_0
    }
}

/// Where a full round begins.
pub(super) fn first(
    cloud: &Cloud,
    plan: &StreamPlan,
    page_size: Option<u16>,
) -> Result<GraphLink, LinkError> {
    cloud.link(&format!("/{}{}", version(plan), query(plan, &plan.endpoint, page_size)))
}

/// The question for a delta link of this moment (facts: graph-protocol 5.2).
pub(super) fn latest(cloud: &Cloud, plan: &StreamPlan) -> Result<GraphLink, LinkError> {
    let query = query(plan, &plan.endpoint, plan.page_size);
    cloud.link(&format!("/{}{query}&$deltatoken=latest", version(plan)))
}

/// How many objects a scan should find, with this beginning of its partition property.
pub(super) fn count(
    cloud: &Cloud,
    plan: &StreamPlan,
    scan: &Scan,
    prefix: &str,
) -> Result<GraphLink, LinkError> {
    let filter = filter(scan, prefix).map_or(String::new(), |filter| format!("?{filter}"));
    cloud.link(&format!("/{}{}/$count{filter}", version(plan), scan.endpoint))
}

/// Where a partition of a scan begins.
pub(super) fn partition(
    cloud: &Cloud,
    plan: &StreamPlan,
    scan: &Scan,
    prefix: &str,
    top: u16,
) -> Result<GraphLink, LinkError> {
    let (version, select) = (version(plan), plan.select.join(","));
    let filter = filter(scan, prefix).map_or(String::new(), |filter| format!("&{filter}"));
    cloud.link(&format!("/{version}{}?$select={select}&$top={top}{filter}", scan.endpoint))
}

/// `startsWith` of the default mode: no lagging index answers it (facts: graph-protocol 6).
fn filter(scan: &Scan, prefix: &str) -> Option<String> {
    let property = scan.partition.as_deref().filter(|_| !prefix.is_empty())?;
    Some(format!("$filter=startswith({property},'{}')", encoded(&prefix.replace('\'', "''"))))
}

/// A value in a query string.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~'".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}"); // a String takes everything
        }
    }
    encoded
}

/// The plain collection that a delta query or a scan is over, in its largest pages where they are
/// known to be allowed.
pub(super) fn collection(cloud: &Cloud, plan: &StreamPlan) -> Result<GraphLink, LinkError> {
    let path = plan.endpoint.split('?').next().unwrap_or_default();
    let delta = path.strip_suffix("/delta").unwrap_or(path);
    let (path, top) = match &plan.scan {
        Some(scan) => {
            (&*scan.endpoint, format!("&$top={}", plan.page_size.unwrap_or(999).min(999)))
        }
        None => (delta, String::new()),
    };
    let (version, select, filter) = (version(plan), plan.select.join(","), filtered(plan));
    cloud.link(&format!("/{version}{path}?$select={select}{top}{filter}"))
}

/// Where a span of a log begins: what happened from a moment on, and until another.
pub(super) fn span(
    cloud: &Cloud,
    plan: &StreamPlan,
    (from, until): (Timestamp, Option<Timestamp>),
    page_size: Option<u16>,
) -> Result<GraphLink, LinkError> {
    let property = plan.window.as_ref().map_or("", |window| window.property.as_str());
    let until = until.map_or(String::new(), |until| format!("%20and%20{property}%20le%20{until}"));
    let top = page_size.map_or(String::new(), |size| format!("&$top={size}"));
    let (version, path) = (version(plan), &plan.endpoint);
    cloud.link(&format!("/{version}{path}?$filter={property}%20{SINCE}%20{from}{until}{top}"))
}

/// The operator before the beginning of a span.
const SINCE: &str = "ge";

/// The beginning of a span, out of its link.
pub(crate) fn since(link: &str) -> Option<Timestamp> {
    let (_, rest) = link.split_once(&format!("%20{SINCE}%20"))?;
    rest.split(['%', '&']).next()?.parse().ok()
}

/// The path of one owner's edges below the version, as an item of a batch, with pages of that size.
pub(crate) fn owner(plan: &StreamPlan, id: &str, page_size: Option<u16>) -> String {
    query(plan, &plan.endpoint.replace("{id}", id), page_size)
}

/// The path of those of an owner's edges that lead to service principals (facts: graph-protocol 6).
pub(crate) fn service_principals(plan: &StreamPlan, id: &str) -> String {
    let path = plan.endpoint.split('?').next().unwrap_or_default().replace("{id}", id);
    query(plan, &format!("{path}/microsoft.graph.servicePrincipal?$count=true"), plan.page_size)
}

/// The path of a delta round over these objects and one of their relations, below the version
/// (facts: graph-protocol 5.2); `None` where the stream is not read by delta.
pub(crate) fn shard(plan: &StreamPlan, relation: &str, ids: &[String]) -> Option<String> {
    let path = plan.endpoint.split('?').next().unwrap_or_default();
    let filter: Vec<String> = ids.iter().map(|id| format!("id%20eq%20'{id}'")).collect();
    let filter = filter.join("%20or%20");
    path.ends_with("/delta").then(|| format!("{path}?$select=id,{relation}&$filter={filter}"))
}

/// The path of one object below the version: `/users/{id}` of the stream `/users/delta`.
pub(super) fn object(plan: &StreamPlan, id: &str) -> String {
    let path = plan.endpoint.split('?').next().unwrap_or_default();
    let collection = path.strip_suffix("/delta").unwrap_or(path);
    format!("{collection}/{id}?$select={}", plan.select.join(","))
}

/// The path of one object at most of the stream, with this property alone: whether it may be read.
pub(super) fn property(plan: &StreamPlan, property: &str) -> String {
    let path = match &plan.scan {
        Some(scan) => scan.endpoint.as_str(),
        None => plan.endpoint.split('?').next().unwrap_or_default(),
    };
    let collection = path.strip_suffix("/delta").unwrap_or(path);
    let top = if plan.page_size.is_some() { "&$top=1" } else { "" };
    format!("{collection}?$select={property}{top}")
}

/// The same with nothing but its id: whether it is there.
pub(super) fn object_id(plan: &StreamPlan, id: &str) -> String {
    let path = plan.endpoint.split('?').next().unwrap_or_default();
    format!("{}/{id}?$select=id", path.strip_suffix("/delta").unwrap_or(path))
}

/// The path of what a single-valued relation of an object leads to, below the version.
pub(super) fn related(owners: &StreamPlan, id: &str, relation: &str) -> String {
    let path = owners.endpoint.split('?').next().unwrap_or_default();
    let collection = path.strip_suffix("/delta").unwrap_or(path);
    format!("{collection}/{id}/{relation}?$select=id")
}

fn query(plan: &StreamPlan, path: &str, page_size: Option<u16>) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut text = format!("{path}{separator}{}", options(plan));
    // `$top` is not supported on delta (facts: graph-protocol 5.2); there a header asks for the size.
    if let Some(size) = page_size.filter(|_| !plan.is_delta()) {
        text.push_str("&$top=");
        text.push_str(&size.to_string());
    }
    text
}

/// What is selected, and of a delta query over several types the one that is read: there a property
/// is named with its type (facts: graph-protocol 5.1).
pub(crate) fn options(plan: &StreamPlan) -> String {
    let relations = plan.relations.iter().filter(|_| plan.is_delta());
    let names = plan.select.iter().chain(relations);
    if let Some(window) = &plan.window {
        return format!("$filter={}", window.property); // a log selects nothing (facts: graph-protocol 10.1)
    }
    let Some(of_type) = &plan.of_type else {
        let names: Vec<&str> = names.map(String::as_str).collect();
        return format!("$select={}{}", names.join(","), filtered(plan));
    };
    let qualified = |name: &String| match name.as_str() {
        "id" => name.clone(),
        _ => format!("microsoft.graph.{of_type}/{name}"),
    };
    let names: Vec<String> = names.map(qualified).collect();
    format!("$filter=isof('microsoft.graph.{of_type}')&$select={}", names.join(","))
}

/// The filter of a stream that reads a part of a collection, which may have to be an advanced query
/// (facts: graph-protocol 6).
fn filtered(plan: &StreamPlan) -> String {
    let Some(filter) = &plan.filter else { return String::new() };
    let counted = if plan.is_advanced() { "&$count=true" } else { "" };
    format!("&$filter={}{counted}", encoded(filter))
}

/// The filter as the only option of a query.
pub(super) fn scope(plan: &StreamPlan) -> String {
    plan.filter.as_ref().map_or(String::new(), |filter| format!("?$filter={}", encoded(filter)))
}

/// Where a round begins again after Graph gave up its token: where Graph says, if that is the
/// original query, and from the original query otherwise. A link that asks for anything else, the
/// changes since a token or a part of the objects, would end in a full round that has not seen
/// everything, and what it has not seen would be swept (cases: B16, I3).
pub(super) fn restart(location: Option<Box<GraphLink>>, plan: &StreamPlan) -> Option<GraphLink> {
    let original = format!("/{}{}", version(plan), query(plan, &plan.endpoint, plan.page_size));
    location
        .map(|link| *link)
        .filter(|link| same_query(link.path_and_query()) == same_query(&original))
}

/// The path and the options of a query in a fixed order, but for an empty `$deltatoken`, which asks
/// for everything.
fn same_query(link: &str) -> (String, Vec<String>) {
    let plain = link.replace("%24", "$").replace("%2C", ",").replace("%2c", ",");
    let (path, query) = plain.split_once('?').unwrap_or((&plain, ""));
    let options = query.split('&').filter(|option| !["", "$deltatoken="].contains(option));
    let mut options: Vec<String> = options.map(str::to_owned).collect();
    options.sort_unstable();
    (path.to_owned(), options)
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
            first(&cloud, &plan, plan.page_size).unwrap().path_and_query(),
            "/v1.0/users/delta?$select=id,mail"
        );
        let edges = StreamPlan::edges("members", "member", "/groups/{id}/members", "groups");
        let mut edges = edges;
        edges.page_size = Some(999);
        assert_eq!(owner(&edges, "a", Some(19)), "/groups/a/members?$select=id&$top=19");
        let ids = ["a".to_owned(), "b".to_owned()];
        let expected = "/users/delta?$select=id,manager&$filter=id%20eq%20'a'%20or%20id%20eq%20'b'";
        assert_eq!(shard(&plan, "manager", &ids).unwrap(), expected);
        assert_eq!(object(&plan, "a"), "/users/a?$select=id,mail");
    }

    #[test]
    fn one_type_of_several_is_asked_for_by_name() {
        let cloud = Cloud::named(CloudName::Global).unwrap();
        let mut plan = StreamPlan::delta("a", "b", "/directoryObjects/delta").column(
            "principal_id",
            "principalId",
            graph_dsl::ColumnKind::Guid,
        );
        plan.of_type = Some("appRoleAssignment".to_owned());
        assert_eq!(
            first(&cloud, &plan, plan.page_size).unwrap().path_and_query(),
            "/v1.0/directoryObjects/delta?$filter=isof('microsoft.graph.appRoleAssignment')&$select=id,microsoft.graph.appRoleAssignment/principalId"
        );
        let managers = StreamPlan::edges("managers", "manager", "/users/delta", "users");
        assert_eq!(
            first(&cloud, &managers.relation("manager"), None).unwrap().path_and_query(),
            "/v1.0/users/delta?$select=id,manager"
        );
    }

    /// B16, B22, I3
    #[test]
    fn a_location_is_followed_only_if_it_is_the_original_query() {
        let cloud = Cloud::named(CloudName::Global).unwrap();
        let followed =
            |link: &str| restart(cloud.link(link).ok().map(Box::new), &users()).is_some();
        for same in [
            "/v1.0/users/delta?$deltatoken=&$select=id,mail",
            "/v1.0/users/delta?%24select=id%2Cmail&$deltatoken=",
            "/v1.0/users/delta?$select=id,mail",
        ] {
            assert!(followed(same), "{same}");
        }
        for other in [
            "/v1.0/users/delta?$deltatoken=",
            "/v1.0/users/delta?$select=id",
            "/v1.0/users/delta?$select=id,mail&$deltatoken=abc",
            "/v1.0/users/delta?$select=id,mail&$deltatoken=latest",
            "/v1.0/users/delta?$select=id,mail&$skiptoken=abc",
            "/v1.0/users/delta?$select=id,mail&$skipToken=abc",
            "/v1.0/users/delta?$select=id,mail&$filter=id+eq+'a'",
            "/v1.0/groups/delta?$select=id,mail",
            "/beta/users/delta?$select=id,mail",
        ] {
            assert!(!followed(other), "{other}");
        }
        assert!(restart(None, &users()).is_none());
    }
}
