//! The table by itself: classes and costs.

use super::*;

fn demand(method: &Method, link: &str) -> (String, Access, u32) {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let demands = demands(method, path, query);
    let demand = demands.iter().next().unwrap();
    let name = match demand.lane {
        LaneId::Known(index) => lane_name(index),
        LaneId::Other(_) => "other",
    };
    (name.to_owned(), demand.access, demand.units)
}

/// facts: graph-protocol 3.2
#[test]
fn requests_cost_what_the_table_says() {
    for (link, units) in [
        ("/users", 2),
        ("/users?$select=id", 1),
        ("/users?%24select=id", 1),
        ("/users?select=id&top=5", 1),
        ("/users?$expand=manager", 3),
        ("/Users?$top=999", 2),
        ("/users/x", 1),
        ("/users/delta", 1),
        ("/users('a@b.c')/memberOf", 2),
        ("/me/memberOf", 2),
        ("/me", 1),
        ("/users/x/memberOf/microsoft.graph.group", 2),
        ("/groups/x/members", 3),
        ("/groups/x/members/microsoft.graph.user?$select=id&$top=999", 2),
        ("/groups/x/members?$select=id&$top=19", 1),
        ("/groups/x/transitiveMembers", 5),
        ("/groups/delta()", 1),
        ("/domains/x/domainNameReferences", 4),
        ("/applications(appId='x')/extensionProperties", 2),
    ] {
        let expected = ("directory".to_owned(), Access::Read, units);
        assert_eq!(demand(&Method::GET, link), expected, "{link}");
    }
}

#[test]
fn posts_that_only_read_are_reads_and_every_other_is_a_write() {
    let post = |link| demand(&Method::POST, link);
    assert_eq!(post("/directoryObjects/getByIds"), ("directory".into(), Access::Read, 5));
    assert_eq!(post("/directoryObjects/getByIds?$select=id").2, 2);
    assert_eq!(post("/users/x/checkMemberGroups").2, 4);
    assert_eq!(post("/users"), ("directory".into(), Access::Write, 1));
    assert_eq!(demand(&Method::PATCH, "/users/x").1, Access::Write);
    assert_eq!(demand(&Method::DELETE, "/groups/x/members/y/$ref").1, Access::Write);
}

/// facts: graph-protocol 3.3
#[test]
fn each_service_class_has_its_lane() {
    for (link, lane) in [
        ("/auditLogs/signIns", "reports"),
        ("/reports/authenticationMethods/userRegistrationDetails", "reports"),
        ("/users/x/authentication/methods", "reports"),
        ("/me/authentication/methods", "reports"),
        ("/identityProtection/riskyUsers/x/history", "identity_protection"),
        ("/identity/conditionalAccess/policies", "identity_protection"),
        ("/identity/identityProviders", "identity_providers"),
        ("/identity/apiConnectors", "other"),
        ("/policies/authorizationPolicy", "directory"),
        ("/deviceManagement/managedDevices", "intune"),
        ("/users/x/photo/$value", "exchange"),
        ("/teams/x", "other"),
    ] {
        assert_eq!(demand(&Method::GET, link).0, lane, "{link}");
    }
    let other = |path| demands(&Method::GET, path, "").iter().next().unwrap().lane;
    assert_eq!(other("/teams/x"), other("/Teams(id='y')"));
    assert_ne!(other("/teams/x"), other("/sites/x"), "T2: unknown paths do not stop each other");
}

#[test]
fn a_query_can_feed_a_second_lane() {
    let names =
        |link: &str| {
            let (path, query) = link.split_once('?').unwrap();
            let demands = demands(&Method::GET, path, query);
            let lanes = demands.iter().map(|it| it.lane);
            lanes
                .filter_map(|it| {
                    if let LaneId::Known(index) = it { Some(lane_name(index)) } else { None }
                })
                .collect::<Vec<_>>()
        };
    assert_eq!(names("/users?$select=id,signinactivity"), ["directory", "sign_in_activity"]);
    assert_eq!(names("/users/x?$select=signInActivity"), ["directory", "sign_in_activity"]);
    assert_eq!(names("/applications?$select=keyCredentials"), ["directory", "key_credentials"]);
    assert_eq!(names("/users?$select=id"), ["directory"]);
}
