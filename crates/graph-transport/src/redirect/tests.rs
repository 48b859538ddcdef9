//! What is followed, how far, and with what (cases E, SEC-A07).

use http::HeaderValue;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};

use super::*;
use crate::request::GraphRequest;
use crate::script::{Reply, Script, Sent, reply};
use crate::{Error, GraphClient};

const ROOT: &str = "https://graph.microsoft.us";

fn ok() -> Reply {
    reply(200, &[], "{}")
}

fn to(status: u16, location: &str) -> Reply {
    reply(status, &[("location", location)], "")
}

fn request(client: &GraphClient, method: Method) -> GraphRequest {
    GraphRequest::new(method, client.cloud().link("/v1.0/users").unwrap())
}

async fn send(method: Method, replies: Vec<Reply>) -> (Result<Answer, Error>, Vec<Sent>) {
    let script = Script::of(replies);
    let client = script.client().redirects(Redirects::up_to(3)).build().unwrap();
    let mut request = request(&client, method.clone());
    if method != Method::GET && method != Method::HEAD {
        request = request.json(&"body").unwrap();
    }
    (client.send(request).await, script.sent())
}

/// E1, E2, E3, E25, E11
#[tokio::test(start_paused = true)]
async fn only_redirects_with_a_location_are_followed_and_only_when_asked() {
    for status in [301, 302, 303, 307, 308] {
        let (answer, sent) = send(Method::GET, vec![to(status, "/v1.0/x"), ok()]).await;
        assert_eq!((answer.unwrap().status().as_u16(), sent.len()), (200, 2), "{status}");
        let (answer, sent) = send(Method::GET, vec![reply(status, &[], "")]).await;
        assert_eq!((answer.unwrap().status().as_u16(), sent.len()), (status, 1));
        let script = Script::of([to(status, "/v1.0/x")]);
        let client = script.client().build().unwrap();
        let answer = client.send(request(&client, Method::GET)).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "the default follows none");
    }
    for status in [200, 201, 300, 304, 305] {
        let (answer, sent) = send(Method::GET, vec![to(status, "/v1.0/x")]).await;
        assert_eq!((answer.unwrap().status().as_u16(), sent.len()), (status, 1));
    }
}

/// E4, E6, E26
#[tokio::test(start_paused = true)]
async fn methods_and_bodies_follow_one_rule() {
    for (status, before, after) in [
        (307, Method::POST, Method::POST),
        (308, Method::PATCH, Method::PATCH),
        (301, Method::POST, Method::GET),
        (302, Method::POST, Method::GET),
        (302, Method::DELETE, Method::DELETE),
        (303, Method::PUT, Method::GET),
        (303, Method::HEAD, Method::HEAD),
    ] {
        let (_, sent) = send(before.clone(), vec![to(status, "/v1.0/x"), ok()]).await;
        assert_eq!(sent[1].method, after, "{status} {before}");
        let has_body = !matches!(after, Method::GET | Method::HEAD);
        assert_eq!(sent[1].body, if has_body { "\"body\"" } else { "" });
        assert_eq!(sent[1].headers.contains_key(CONTENT_TYPE), has_body);
    }
}

/// Within the root the token stays; a relative link is resolved.
#[tokio::test(start_paused = true)]
async fn the_token_stays_within_the_graph_root() {
    for location in ["/v1.0/x?y=1", "../beta/x", "https://GRAPH.microsoft.us:443/v1.0/x"] {
        let (_, sent) = send(Method::GET, vec![to(302, location), ok()]).await;
        assert_eq!(sent[1].header("authorization"), "Bearer token-1", "{location}");
        assert_eq!(sent[1].uri.host(), Some("graph.microsoft.us"));
    }
    // The same host outside the API root is not Graph.
    let (_, sent) = send(Method::GET, vec![to(302, "/oauth2/x"), ok()]).await;
    assert!(!sent[1].headers.contains_key(AUTHORIZATION));
}

/// E13, E16, E18, E19, E23, E24, global law 3
#[tokio::test(start_paused = true)]
async fn nothing_secret_crosses_origins() {
    #[derive(Clone)]
    struct Mine;
    let hops = [to(302, "https://reports.example/a"), to(307, ROOT), to(302, "/v1.0/back"), ok()];
    let script = Script::of(hops);
    let client = script.client().redirects(Redirects::up_to(3)).build().unwrap();
    let mut request = request(&client, Method::GET);
    for (name, value) in [
        (COOKIE, "c=canary"),
        (PROXY_AUTHORIZATION, "Basic canary"),
        (HeaderName::from_static("x-functions-key"), "canary"),
        (HeaderName::from_static("traceparent"), "00-canary"),
        (ACCEPT, "text/csv"),
    ] {
        request = request.header(name, HeaderValue::from_static(value));
    }
    request.extensions_mut().insert(Mine);
    client.send(request).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent.len(), 4);
    assert_eq!(sent[0].header("authorization"), "Bearer token-1");
    for hop in &sent[1..] {
        let mut names: Vec<&str> = hop.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "user-agent"], "{}", hop.uri);
        assert!(!format!("{hop:?}").contains("canary"));
    }
}

/// E14, E21, SEC-A07
#[tokio::test(start_paused = true)]
async fn dangerous_targets_are_refused() {
    for (location, expected) in [
        ("http://graph.microsoft.us/v1.0/x", RedirectError::NotHttps("graph.microsoft.us".into())),
        ("http://reports.example/", RedirectError::NotHttps("reports.example".into())),
        ("ftp://reports.example/", RedirectError::NotHttps("reports.example".into())),
        ("https://u:p@reports.example/", RedirectError::NotHttps("reports.example".into())),
        ("https://127.0.0.1/", RedirectError::PrivateAddress("127.0.0.1".into())),
        ("https://2130706433/", RedirectError::PrivateAddress("127.0.0.1".into())),
        ("https://169.254.169.254/x", RedirectError::PrivateAddress("169.254.169.254".into())),
        ("https://10.0.0.1/", RedirectError::PrivateAddress("10.0.0.1".into())),
        ("https://[::ffff:a00:1]/", RedirectError::PrivateAddress("[::ffff:a00:1]".into())),
        ("https://LocalHost/", RedirectError::PrivateAddress("localhost".into())),
        ("https://[", RedirectError::Malformed),
    ] {
        let (answer, sent) = send(Method::GET, vec![to(302, location)]).await;
        let Err(Error::Redirect(error)) = answer else { panic!("followed {location}: {answer:?}") };
        assert_eq!((error, sent.len()), (expected, 1));
    }
    let (answer, _) = send(Method::POST, vec![to(307, "https://evil.example/")]).await;
    assert!(matches!(answer, Err(Error::Redirect(RedirectError::BodyElsewhere(_)))));
}

/// E8, E9
#[tokio::test(start_paused = true)]
async fn a_location_outside_ascii_is_encoded() {
    let location = HeaderValue::from_bytes("https://reports.example/Zoë?q=é".as_bytes()).unwrap();
    let mut first =
        http::Response::builder().status(302).body(http_body_util::Full::default()).unwrap();
    first.headers_mut().insert(LOCATION, location);
    let (_, sent) = send(Method::GET, vec![Ok(first), ok()]).await;
    assert_eq!(sent[1].uri, "https://reports.example/Zo%C3%AB?q=%C3%A9");
}

/// E10
#[tokio::test(start_paused = true)]
async fn the_limit_is_an_error_of_its_own() {
    let (answer, sent) = send(Method::GET, (0..4).map(|_| to(302, "/v1.0/loop")).collect()).await;
    assert!(matches!(answer, Err(Error::Redirect(RedirectError::TooMany(3)))));
    assert_eq!(sent.len(), 4);
}

/// E12
#[tokio::test(start_paused = true)]
async fn a_predicate_can_veto() {
    let script = Script::of([to(302, "https://a.example/"), to(302, "https://b.example/")]);
    let only_a = Redirects::up_to(5).only(|it| it.to.host_str() == Some("a.example"));
    let client = script.client().build().unwrap();
    let answer = client.send(request(&client, Method::GET).redirects(only_a)).await.unwrap();
    assert_eq!((answer.status().as_u16(), script.sent().len()), (302, 2));
}

/// E27: a repeat begins again with the whole limit.
#[tokio::test(start_paused = true)]
async fn hops_and_repeats_are_counted_apart() {
    let hop = || to(302, "/v1.0/x");
    let script = Script::of([hop(), hop(), hop(), reply(503, &[], ""), hop(), hop(), hop(), ok()]);
    let client = script.client().redirects(Redirects::up_to(3)).build().unwrap();
    let answer = client.send(request(&client, Method::GET)).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.attempts().len()), (200, 2));
}
