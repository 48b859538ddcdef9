use http::header::{AUTHORIZATION, HeaderValue};

use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    pairs.iter().map(pair).collect()
}

fn json(text: &str) -> String {
    let headers = headers(&[("content-type", "application/json; charset=utf-8")]);
    MaskedBody::new(&headers, text.as_bytes()).to_string()
}

/// L7, L9: what is not listed is REDACTED, and the list can only grow.
#[test]
fn headers_outside_the_list_are_redacted() {
    let mut map = headers(&[
        ("authorization", "Bearer canary"),
        ("cookie", "canary"),
        ("x-api-key", "canary"),
        ("location", "https://graph.microsoft.com/v1.0/canary"),
        ("request-id", "abc"),
        ("x-own", "seen"),
    ]);
    map.insert("retry-after", {
        let mut sensitive = HeaderValue::from_static("canary");
        sensitive.set_sensitive(true);
        sensitive
    });
    let shown = MaskedHeaders::new(&map).to_string();
    assert!(!shown.contains("canary") && !shown.contains("seen"), "{shown}");
    assert!(shown.contains("authorization: REDACTED") && shown.contains("request-id: abc"));
    let more = Shown { headers: [HeaderName::from_static("x-own")].into(), ..Shown::default() };
    let shown = MaskedHeaders::with(&map, &more).to_string();
    assert!(shown.contains("x-own: seen") && shown.contains("request-id: abc"), "{shown}");
    assert!(shown.contains(&format!("{AUTHORIZATION}: REDACTED")), "{shown}");
}

/// Z12: encoded names of query options are read as what they are.
#[test]
fn queries_show_names_of_graph_and_no_values_of_people() {
    let shown = |query| MaskedQuery::new(query).to_string();
    assert_eq!(
        shown("$top=5&%24select=id,mail&$skiptoken=canary"),
        "$top=5&$select=id,mail&$skiptoken=***"
    );
    assert_eq!(shown("$expand=members($filter=mail%20eq%20'ada')"), "$expand=***");
    assert_eq!(shown("canary%40x.com=1"), "***=***");
    assert_eq!(shown("$orderby=displayName%20desc"), "$orderby=displayName%20desc");
}

#[test]
fn bodies_show_their_shape_and_listed_properties() {
    assert_eq!(
        json(
            r#"{"displayName":"Ada","accountEnabled":true,"passwordProfile":{"password":"canary"},"id":"11111111-1111-4111-8111-111111111111"}"#
        ),
        r#"{"displayName":"***","accountEnabled":true,"passwordProfile":{"password":"***"},"id":"11111111-1111-4111-8111-111111111111"}"#
    );
    assert_eq!(
        json(
            r#"{"@odata.nextLink":"https://x/?canary","value":[{"id":"canary"},{"id":"2"},{"id":"3"},{}]}"#
        ),
        r#"{"@odata.nextLink":"***","value":[{"id":"***"},{"id":"2"},"… 2 more"]}"#
    );
    assert_eq!(
        json(
            r#"{"error":{"code":"Request_BadRequest","message":"canary","innerError":{"request-id":"r-1"}}}"#
        ),
        r#"{"error":{"code":"Request_BadRequest","message":"***","innerError":{"request-id":"r-1"}}}"#
    );
    assert_eq!(json(r#"{"code":"canary"}"#), r#"{"code":"***"}"#);
    assert_eq!(json(r#"{"ada@contoso.com 1":1}"#), r#"{"***":"***"}"#);
    assert_eq!(json("canary, not JSON"), "<16 bytes, not JSON>");
    assert_eq!(json(""), "<0 bytes>");
}

#[test]
fn forms_show_the_grant_and_no_secret() {
    let headers = headers(&[("content-type", "application/x-www-form-urlencoded")]);
    let body = b"grant_type=client_credentials&client_secret=canary&code=canary";
    assert_eq!(
        MaskedBody::new(&headers, body).to_string(),
        "grant_type=client_credentials&client_secret=***&code=***"
    );
}

#[test]
fn deep_and_large_bodies_stay_small_in_the_log() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert!(json(&deep).len() < 100);
    let large = vec![b' '; MOST_READ + 1];
    assert_eq!(
        MaskedBody::new(&HeaderMap::new(), &large).to_string(),
        format!("<{} bytes>", MOST_READ + 1)
    );
}
