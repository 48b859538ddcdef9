//! Which links are accepted, and what is made of them (SEC-A01 to SEC-A16).

use super::*;
use crate::cloud::{CloudName, CustomCloud};

fn global() -> Cloud {
    Cloud::named(CloudName::Global).unwrap()
}

/// SEC-A02, U5, U6
#[test]
fn look_alike_links_are_refused() {
    for link in [
        "https://graph.microsoft.com@evil.example/v1.0/users",
        "https://graph.microsoft.com:x@evil.example/v1.0/users",
        "https://user@graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com.evil.example/v1.0/users",
        "https://graph.microsoft.com./v1.0/users",
        "https://graph.microsoft.com:8443/v1.0/users",
        "http://graph.microsoft.com/v1.0/users",
        "//evil.example/v1.0/users",
        "https:/evil.example/v1.0/users",
        "https://xn--grph-1oa.microsoft.com/v1.0/users",
        "https://127.0.0.1/v1.0/users",
        "https://[::1]/v1.0/users",
        "https://graph.microsoft.com\\@evil.example/v1.0/users",
        "https://graph.micro\tsoft.com/v1.0/users",
        "https://graph.microsoft.us/v1.0/users",
        " https://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com%2eevil.example/v1.0/users",
        "https://graph.microsoft.com#@evil.example/v1.0/users",
        "https://graph.microsoft.com?@evil.example/v1.0/users",
        "https://169.254.169.254/metadata/identity/oauth2/token",
        "https:\\\\graph.microsoft.com/v1.0/users",
        "ftp://graph.microsoft.com/v1.0/users",
        "javascript:alert(1)",
        "/v1.0/users",
        "",
    ] {
        assert!(global().accept(link).is_err(), "accepted {link}");
    }
}

/// SEC-A09
#[test]
fn links_outside_the_api_root_are_refused() {
    for link in [
        "/oauth2/v2.0/token",
        "/v1.0",
        "/v1.0/",
        "/v1.0/../oauth2/x",
        "/v2/users",
        "/",
        "//evil/v1.0/x",
    ] {
        let absolute = format!("https://graph.microsoft.com{link}");
        assert!(matches!(global().accept(&absolute), Err(LinkError::OutsideApi { .. })), "{link}");
        assert!(global().link(link).is_err(), "{link}");
    }
    assert!(global().link("@evil.example/v1.0/users").is_err());
}

/// SEC-A03
#[test]
fn the_right_host_is_accepted_in_any_spelling_and_sent_verbatim() {
    let link =
        global().accept("https://GRAPH.microsoft.com:443/v1.0/users?$skiptoken=a'b%20c").unwrap();
    assert_eq!(link.path_and_query(), "/v1.0/users?$skiptoken=a'b%20c");
    assert_eq!(link.path(), "/users");
    assert_eq!(link.uri().host(), Some("graph.microsoft.com"));
}

/// facts: graph-protocol 1.3, gotcha 28
#[test]
fn unescaped_links_are_tolerated() {
    let link = global()
        .accept("https://graph.microsoft.com/v1.0/users?$filter=displayName eq 'Zoë'")
        .unwrap();
    assert_eq!(link.path_and_query(), "/v1.0/users?$filter=displayName%20eq%20%27Zo%C3%AB%27");
}

#[test]
fn a_cursor_comes_back_as_the_same_link() {
    let link =
        global().accept("https://graph.microsoft.com/v1.0/users/delta?$deltatoken=x-y_z").unwrap();
    assert_eq!(global().link(link.path_and_query()), Ok(link));
}

#[test]
fn a_custom_root_may_carry_a_prefix() {
    let cloud = Cloud::custom(CustomCloud {
        graph_root: "http://127.0.0.1:9/graph/".into(),
        authority: "http://127.0.0.1:9".into(),
        ca_bundle: None,
        allow_insecure_loopback: true,
    })
    .unwrap();
    let link = cloud.accept("http://127.0.0.1:9/graph/v1.0/users?$top=1").unwrap();
    assert_eq!(link.path_and_query(), "/v1.0/users?$top=1");
    assert_eq!(*link.uri(), "http://127.0.0.1:9/graph/v1.0/users?$top=1");
    assert!(cloud.accept("http://127.0.0.1:9/v1.0/users").is_err());
}

/// L13: a log line names no person.
#[test]
fn logged_paths_hold_no_keys() {
    let logged = |path: &str| global().link(path).unwrap().template();
    assert_eq!(
        logged("/v1.0/users/ada@contoso.com/manager/$ref?$select=id"),
        "/users/{id}/manager/$ref"
    );
    assert_eq!(logged("/v1.0/groups(uniqueName='x')"), "/{id}");
    assert_eq!(logged("/beta/users/microsoft.graph.delta"), "/users/microsoft.graph.delta");
}

#[test]
fn shown_links_mask_everything_but_harmless_options() {
    let link =
        global().link("/v1.0/users?$top=5&$filter=mail%20eq%20'ada'&%24skiptoken=canary").unwrap();
    assert_eq!(
        link.to_string(),
        "https://graph.microsoft.com/v1.0/users?$top=5&$filter=***&$skiptoken=***"
    );
}

proptest::proptest! {
    /// SEC-B19, global law 3: whatever a server sends, a link is refused or stays below the root.
    #[test]
    fn every_accepted_link_goes_to_the_configured_root(text in ".{0,80}", tail in "[ -~]{0,60}") {
        let root = global().graph_root().to_owned();
        for received in [text.clone(), format!("{root}{tail}"), format!("{root}/v1.0/{text}{tail}")] {
            if let Ok(link) = global().accept(&received) {
                let uri = link.uri();
                proptest::prop_assert_eq!(uri.scheme_str(), Some("https"), "{}", received);
                proptest::prop_assert_eq!(uri.authority().unwrap().as_str(), "graph.microsoft.com");
                let below = uri.path().starts_with("/v1.0/") || uri.path().starts_with("/beta/");
                proptest::prop_assert!(below, "{}", received);
                proptest::prop_assert_eq!(global().link(link.path_and_query()).unwrap(), link);
            }
        }
    }
}

/// SEC-A01: both hosts are named, and nothing of the link that could be a token.
#[test]
fn a_foreign_link_names_both_hosts() {
    let error =
        global().accept("https://evil.example:444/v1.0/users?$skiptoken=canary").unwrap_err();
    insta::assert_snapshot!(error, @"follow a link to `https://evil.example:444`: this connection only talks to `https://graph.microsoft.com`");
}

/// SEC-A05: a cursor out of an edited store is checked like a link from a server.
#[test]
fn an_edited_cursor_does_not_leave_the_api() {
    for cursor in [
        "https://evil.example/v1.0/users",
        "//evil.example/v1.0/users",
        "@evil.example/v1.0/users",
        ":443@evil.example/v1.0/users",
        ".evil.example/v1.0/users",
        "/v1.0/../../oauth2/token",
        "/v1.0/%2e%2e/oauth2/token",
        "/v1.0/users\n",
        "/\\evil.example/v1.0/users",
        "",
    ] {
        assert!(global().link(cursor).is_err(), "accepted {cursor:?}");
    }
}

/// SEC-A16: the metadata service is no Graph of any cloud.
#[test]
fn no_link_leads_to_the_metadata_service() {
    for name in CloudName::FIXED {
        let cloud = Cloud::named(name).unwrap();
        for host in ["http://169.254.169.254", "https://169.254.169.254", "http://localhost:40342"]
        {
            assert!(cloud.accept(&format!("{host}/v1.0/metadata/identity/oauth2/token")).is_err());
        }
    }
}

/// What attackers do to a URL: insert, replace, repeat or cut somewhere.
fn mutated(link: &str, at: usize, cut: usize, insert: &str) -> String {
    let chars: Vec<char> = link.chars().collect();
    let at = at % (chars.len() + 1);
    let rest = (at + cut).min(chars.len());
    chars[..at].iter().copied().chain(insert.chars()).chain(chars[rest..].iter().copied()).collect()
}

proptest::proptest! {
    /// SEC-A02, global law 3: no mutation of a good link sends a token elsewhere, in any cloud.
    #[test]
    fn a_mutated_link_is_refused_or_still_goes_to_graph(
        index in 0..CloudName::FIXED.len(),
        at in 0_usize..80,
        cut in 0_usize..12,
        insert in r"(@|:|//|\\\\|\.|\.\.|/|%2e|%2f|%40|#|\?|;|\t|\n| |\u{ff0e}|\u{3002}|\u{200b}|evil\.example|:x@evil\.example|:444|\[::1\]|127\.0\.0\.1){0,3}",
    ) {
        let cloud = Cloud::named(CloudName::FIXED[index]).unwrap();
        let good = format!("{}/v1.0/users?$skiptoken=abc", cloud.graph_root());
        let link = mutated(&good, at, cut, &insert);
        if let Ok(accepted) = cloud.accept(&link) {
            let uri = accepted.uri();
            proptest::prop_assert_eq!(uri.scheme_str(), Some("https"), "{}", link);
            let host = cloud.graph_root().trim_start_matches("https://");
            proptest::prop_assert_eq!(uri.authority().unwrap().as_str(), host, "{}", link);
            let in_api = uri.path().starts_with("/v1.0/") || uri.path().starts_with("/beta/");
            proptest::prop_assert!(in_api && !uri.path().contains("/../"), "{}", link);
        }
    }
}
