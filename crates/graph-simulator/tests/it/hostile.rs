//! Malformed addresses, options, tokens and bodies: a documented 4xx, never a hang or a 500.

use graph_simulator::{Simulator, Tenant};
use http::Method;
use proptest::prelude::*;
use serde_json::json;

use super::client::Client;

fn client() -> Client {
    Client::new(&Simulator::builder(Tenant::builder().users(30).build()).build())
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

#[tokio::test]
async fn unknown_paths_and_versions_are_named() {
    let client = client();
    for (path, status, words) in [
        ("/", 400, "Invalid version"),
        ("/v3.0/users", 400, "Invalid version: v3.0"),
        ("/v1.0", 400, "Empty request path"),
        ("/v1.0/ships", 400, "Resource not found for the segment 'ships'."),
        ("/v1.0/users/x/ships", 400, "Resource not found for the segment 'ships'."),
        ("/v1.0/me", 400, "/me request is only valid with delegated authentication flow."),
        ("/v1.0/users?$skip=5", 400, "'$skip' is not supported"),
        (
            "/v1.0/users?$select=shoeSize",
            400,
            "Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.",
        ),
        ("/v1.0/users?$skiptoken=abc", 400, "The specified page token is not valid."),
        ("/v1.0/users/delta?$deltatoken=abc", 400, "The specified page token is not valid."),
        ("/v1.0/users/delta?$orderby=displayName", 400, "not supported for delta queries"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.message().contains(words), "{path}: {}", answer.message());
    }
}

#[tokio::test]
async fn a_token_of_another_list_or_tenant_is_refused() {
    let client = client();
    let next = client.get("/v1.0/users?$top=5").await.json()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    let (_, token) = next.split_once("$skiptoken=").unwrap();
    assert_eq!(client.get(&next).await.status, 200);
    for other in ["/v1.0/groups?$top=5", "/v1.0/users?$top=6", "/v1.0/users/delta?$select=id"] {
        assert_eq!(client.get(&format!("{other}&$skiptoken={token}")).await.status, 400, "{other}");
    }
    let link = client.get("/v1.0/users/delta?$deltatoken=latest").await.json()["@odata.deltaLink"]
        .as_str()
        .unwrap()
        .to_owned();
    let other =
        Client::new(&Simulator::builder(Tenant::builder().seed(8).users(30).build()).build());
    let answer = other.get(&link).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (410, "syncStateNotFound"));
    assert_eq!(answer.headers["location"], "http://127.0.0.1:1/v1.0/users/delta?$deltatoken=");
    assert_eq!(other.get(answer.headers["location"].to_str().unwrap()).await.status, 200);
    let groups = link.replace("/users/", "/groups/");
    assert_eq!(client.get(&groups).await.status, 400);
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_refused() {
    let client = client();
    for body in [json!([]), json!("x"), json!(1), json!(null)] {
        assert_eq!(client.post("/v1.0/users", body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(client.send(Method::POST, "/v1.0/users", &[], None).await.status, 400);
    assert_eq!(client.post("/v1.0/users", json!({ "x": "y".repeat(5_000_000) })).await.status, 413);
    for (method, path) in [
        (Method::PUT, "/v1.0/users"),
        (Method::DELETE, "/v1.0/users"),
        (Method::POST, "/v1.0/organization"),
    ] {
        assert_eq!(client.send(method, path, &[], Some(json!({}))).await.status, 405, "{path}");
    }
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(vec![
            "v1.0", "beta", "users", "groups", "devices", "delta", "members", "$ref", "$count", "manager", "owners",
            "microsoft.graph.user", "applications", "servicePrincipals", "directory", "deletedItems", "directoryObjects",
            "getByIds", "memberOf", "$batch", "me", "devicecode", "authorize", "simulator", "device", "metadata", "identity", "msi", "discovery", "keys", "x(y='z')", "('a')", "oauth2", "v2.0", "token", "restore",
        ]).prop_map(str::to_owned),
        1 => "[A-Za-z0-9%$'()=@.#-]{0,12}".prop_map(|text| text.replace('%', "%25").replace('#', "%23")),
    ]
}

pub(crate) fn option() -> impl Strategy<Value = String> {
    (
        proptest::sample::select(vec![
            "$select",
            "$filter",
            "$top",
            "$count",
            "$orderby",
            "$search",
            "$expand",
            "$skiptoken",
            "$deltatoken",
            "$x",
            "y",
        ]),
        "[ -~]{0,30}",
    )
        .prop_map(|(name, value)| format!("{name}={}", percent(&value)))
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_answered_with_a_server_error(
        method in proptest::sample::select(vec![Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE]),
        segments in proptest::collection::vec(segment(), 0..6),
        options in proptest::collection::vec(option(), 0..3),
        body in proptest::option::of("[ -~]{0,60}"),
        versioned: bool,
    ) {
        let version = if versioned { "/v1.0" } else { "" };
        let target = format!("{version}/{}?{}", segments.join("/"), options.join("&"));
        prop_assume!(target.parse::<http::Uri>().is_ok() && !target.starts_with("//"));
        let answer = block_on(client().send(method, &target, &[("ConsistencyLevel", "eventual")], body.map(Into::into)));
        let status = answer.status.as_u16();
        prop_assert!(status < 500 || status == 501, "{target}: {status}");
        // The authorization endpoint and the simulator's own pages talk to people.
        let kind = answer.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
        if status >= 400 && !kind.starts_with("text/") && !target.starts_with("/simulator") {
            let json = answer.json();
            // Managed identities answer in OAuth's words alone.
            let of_oauth = segments.iter().any(|it| it == "msi" || it == "metadata") && json["error"].is_string();
            prop_assert!(json["error"]["code"].is_string() || json["error_codes"].is_array() || of_oauth, "{target}: {json}");
        }
    }
}

/// A value of a parameter: mostly what belongs there, so that a request gets far.
fn parameter() -> impl Strategy<Value = (String, String)> {
    let names = vec![
        "grant_type",
        "client_id",
        "client_secret",
        "scope",
        "client_assertion",
        "claims",
        "code",
        "client_assertion_type",
        "refresh_token",
        "device_code",
        "redirect_uri",
        "code_verifier",
        "response_type",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "login_hint",
        "prompt",
        "state",
        "resource",
        "api-version",
        "user_code",
    ];
    let values = prop_oneof![
        3 => proptest::sample::select(vec![
            "client_credentials", "authorization_code", "refresh_token", "app", "User.Read openid",
            "urn:ietf:params:oauth:grant-type:device_code", "https://graph.microsoft.com/.default",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "http://localhost", "code",
            "e30.e30.e30", "1.e30", "S256", "form_post", "{}", "[]", "{\"access_token\":1}", "2018-02-01",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,40}",
    ];
    (proptest::sample::select(names), values).prop_map(|(name, value)| (name.to_owned(), value))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn the_authority_refuses_whatever_it_cannot_use(
        parameters in proptest::collection::vec(parameter(), 0..9),
        endpoint in proptest::sample::select(vec![
            "common/oauth2/v2.0/token", "{id}/oauth2/v2.0/token", "{id}/oauth2/v2.0/devicecode",
            "{id}/oauth2/v2.0/authorize", "organizations/oauth2/v2.0/authorize", "nowhere/oauth2/v2.0/token",
            "metadata/identity/oauth2/token", "msi/token", "simulator/device",
        ]),
        post: bool,
    ) {
        let simulator = Simulator::builder(Tenant::builder().users(30).build()).credentials("app", "s").build();
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
        let path = format!("/{}", endpoint.replace("{id}", &simulator.tenant_id()));
        let request = if post {
            http::Request::post(path).body(http_body_util::Full::from(form))
        } else {
            http::Request::get(format!("{path}?{form}")).body(http_body_util::Full::default())
        };
        let mut request = request.unwrap();
        request.headers_mut().insert("host", "localhost".parse().unwrap());
        request.headers_mut().insert("metadata", "true".parse().unwrap());
        let response = block_on(tower::ServiceExt::oneshot(simulator.service(), request)).unwrap();
        prop_assert!(response.status().as_u16() < 500, "{endpoint} {parameters:?}: {}", response.status());
        let refused = response.status().is_client_error();
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let body = block_on(http_body_util::BodyExt::collect(response.into_body())).unwrap().to_bytes();
        if refused && kind.is_some_and(|kind| kind.starts_with("application/json")) {
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            prop_assert!(!body["error"].is_null(), "{body}");
        }
    }
}
