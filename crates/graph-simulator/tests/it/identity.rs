//! Signing in, tokens and permissions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use graph_simulator::{Clock, Simulator, Tenant};
use http::Request;
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tower::ServiceExt;

use super::client::Client;

pub(crate) const GRAPH: &str = "https://graph.microsoft.com/.default";

fn tenant() -> Tenant {
    Tenant::builder().users(50).build()
}

/// Sends a form to the token endpoint of a tenant.
pub(crate) async fn token(
    simulator: &Simulator,
    tenant: &str,
    form: &[(&str, &str)],
) -> (u16, Value) {
    form_post(simulator, &format!("/{tenant}/oauth2/v2.0/token"), form).await
}

/// Sends a form.
pub(crate) async fn form_post(
    simulator: &Simulator,
    path: &str,
    form: &[(&str, &str)],
) -> (u16, Value) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post(path)
        .header("host", "127.0.0.1:1")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let response = simulator.service().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

pub(crate) fn form<'a>(id: &'a str, secret: &'a str, scope: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
        ("scope", scope),
    ]
}

#[tokio::test]
async fn a_secret_buys_a_token_for_every_name_of_the_tenant_and_of_graph() {
    let simulator = Simulator::builder(tenant()).credentials("app", "secret").build();
    for name in [
        simulator.tenant_id(),
        simulator.tenant_id().to_uppercase(),
        simulator.tenant().domain().to_owned(),
    ] {
        for scope in [
            "https://graph.microsoft.com/.default",
            "http://127.0.0.1:8080/.default",
            "00000003-0000-0000-c000-000000000000/.default",
        ] {
            let (status, body) = token(&simulator, &name, &form("app", "secret", scope)).await;
            assert_eq!((status, &body["token_type"]), (200, &Value::from("Bearer")), "{body}");
            let client = Client::new(&simulator).with_token(body["access_token"].as_str().unwrap());
            assert_eq!(client.get("/v1.0/organization").await.status, 200);
        }
    }
}

#[tokio::test]
async fn mistakes_are_answered_with_their_aadsts_number() {
    // facts: graph-protocol 2.7.
    let simulator = Simulator::builder(tenant()).credentials("app", "secret").build();
    let id = simulator.tenant_id();
    let graph = "https://graph.microsoft.com/.default";
    let cases = [
        (id.as_str(), form("app", "hunter2", graph).to_vec(), 401, "invalid_client", 7_000_215),
        (id.as_str(), form("other", "secret", graph).to_vec(), 400, "unauthorized_client", 700_016),
        ("nowhere.example", form("app", "secret", graph).to_vec(), 400, "invalid_request", 90_002),
        ("common", form("app", "secret", graph).to_vec(), 400, "invalid_request", 9_001_023),
        (id.as_str(), form("app", "secret", "User.Read").to_vec(), 400, "invalid_scope", 70_011),
        (
            &id,
            form("app", "secret", "https://vault.example/.default").to_vec(),
            400,
            "invalid_resource",
            500_011,
        ),
        (id.as_str(), form("app", "", graph).to_vec(), 401, "invalid_client", 7_000_218),
        (
            &id,
            vec![("grant_type", "password"), ("client_id", "app")],
            400,
            "unsupported_grant_type",
            70_003,
        ),
        (id.as_str(), vec![], 400, "invalid_request", 900_144),
    ];
    for (tenant, form, status, error, number) in cases {
        let (answered, body) = token(&simulator, tenant, &form).await;
        assert_eq!((answered, &body["error"]), (status, &Value::from(error)), "{body}");
        assert_eq!(body["error_codes"], serde_json::json!([number]));
        let description = body["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{number}: ")), "{description}");
        assert!(!description.contains("hunter2"), "a secret is never repeated");
        for name in ["timestamp", "trace_id", "correlation_id"] {
            assert!(body[name].is_string(), "{name}");
        }
    }
}

#[tokio::test]
async fn the_issuer_names_the_tenant_by_guid() {
    let simulator = Simulator::builder(tenant()).build();
    let client = Client::new(&simulator).with_token("");
    let path = format!("/{}/v2.0/.well-known/openid-configuration", simulator.tenant().domain());
    let configuration = client.get(&path).await.json();
    assert_eq!(
        configuration["issuer"],
        format!("http://127.0.0.1:1/{}/v2.0", simulator.tenant_id())
    );
    assert_eq!(
        configuration["token_endpoint"],
        format!("http://127.0.0.1:1/{}/oauth2/v2.0/token", simulator.tenant_id())
    );
    assert_eq!(
        client.get("/nowhere.example/v2.0/.well-known/openid-configuration").await.status,
        400
    );
}

#[tokio::test]
async fn tokens_that_are_missing_broken_foreign_or_old_are_refused() {
    let now = Arc::new(AtomicU64::new(1_800_000_000));
    let read = Arc::clone(&now);
    let clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(read.load(Ordering::Relaxed)));
    let simulator = Simulator::builder(tenant())
        .clock(clock)
        .access_token_life(Duration::from_secs(60))
        .build();
    let client = Client::new(&simulator);
    let foreign =
        Simulator::builder(Tenant::builder().seed(8).users(50).build()).build().access_token();
    let good = simulator.access_token();
    for token in ["", "x", "a.b.c", &foreign, &format!("{good}x")] {
        let answer = client.with_token(token).get("/v1.0/users").await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (401, "InvalidAuthenticationToken"),
            "{token}"
        );
    }
    assert_eq!(client.get("/v1.0/users").await.status, 200);
    now.fetch_add(60, Ordering::Relaxed);
    let answer = client.get("/v1.0/users").await;
    assert_eq!(answer.message(), "Lifetime validation failed, the token is expired.");
    let again = Simulator::builder(tenant()).build();
    assert_eq!(
        Client::new(&again).with_token(&again.access_token()).get("/v1.0/users").await.status,
        200
    );
}

#[tokio::test]
async fn a_missing_permission_is_a_403() {
    let simulator =
        Simulator::builder(tenant()).permissions(["User.Read.All", "GroupMember.Read.All"]).build();
    let client = Client::new(&simulator);
    assert_eq!(client.get("/v1.0/users").await.status, 200);
    assert_eq!(client.get("/v1.0/groups/delta").await.status, 200);
    let user =
        client.get("/v1.0/users").await.json()["value"][0]["id"].as_str().unwrap().to_owned();
    for answer in [
        client.get("/v1.0/applications").await,
        client.patch(&format!("/v1.0/users/{user}"), serde_json::json!({ "jobTitle": "x" })).await,
        client.delete(&format!("/v1.0/users/{user}")).await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "Authorization_RequestDenied")
        );
        assert_eq!(answer.message(), "Insufficient privileges to complete the operation.");
    }
}

#[tokio::test]
async fn hidden_members_need_a_permission_of_their_own() {
    let tenant = Tenant::builder().users(1_000).build();
    let hidden = |client: Client| async move {
        let groups = client.all("/v1.0/groups?$top=999").await;
        let group =
            groups.into_iter().find(|group| group["visibility"] == "HiddenMembership").unwrap();
        client
            .get(&format!("/v1.0/groups/{}/members", group["id"].as_str().unwrap()))
            .await
            .status
            .as_u16()
    };
    assert_eq!(hidden(Client::new(&Simulator::builder(tenant.clone()).build())).await, 200);
    let restricted = Simulator::builder(tenant).permissions(["Group.Read.All"]).build();
    assert_eq!(hidden(Client::new(&restricted)).await, 403);
}

#[tokio::test]
async fn revoked_tokens_are_challenged_and_withdrawn_permissions_are_lost_at_once() {
    let now = Arc::new(AtomicU64::new(1_800_000_000));
    let read = Arc::clone(&now);
    let clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(read.load(Ordering::Relaxed)));
    let simulator = Simulator::builder(tenant()).clock(clock).build();
    let client = Client::new(&simulator);
    let claims = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let mut form = form(simulator.client_id(), simulator.client_secret(), GRAPH).to_vec();
    form.push(("claims", claims));
    let (_, capable) = token(&simulator, &simulator.tenant_id(), &form).await;
    simulator.revoke_tokens();
    let answer = client.get("/v1.0/users").await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (401, "InvalidAuthenticationToken")
    );
    assert!(!answer.headers.contains_key("www-authenticate"), "only clients that declared cp1");
    let capable = client.with_token(capable["access_token"].as_str().unwrap());
    let answer = capable.get("/v1.0/users").await;
    assert_eq!(answer.status, 401);
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("error=\"insufficient_claims\", claims=\"eyJ"), "{challenge}");
    now.fetch_add(1, Ordering::Relaxed);
    let client = client.with_token(&simulator.access_token());
    assert_eq!(client.get("/v1.0/applications").await.status, 200);
    for permission in [
        "Application.Read.All",
        "Application.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ] {
        simulator.withdraw_permission(permission, true);
    }
    assert_eq!(client.get("/v1.0/applications").await.status, 403);
    simulator.withdraw_permission("Application.Read.All", false);
    assert_eq!(client.get("/v1.0/applications").await.status, 200);
}
