//! Users who sign in: device code, authorization code, refresh, and what their tokens open.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph_simulator::{AppRegistration, Clock, Simulator, SimulatorBuilder, Tenant};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::{Answer, Client};
use super::identity::{form_post, token};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const REDIRECT: &str = "http://localhost:5000/back";
const VERIFIER: &str = "a-verifier-of-forty-three-letters-or-more-0123";

/// A simulator whose clock a test moves.
fn clocked(builder: SimulatorBuilder) -> (Simulator, Arc<AtomicU64>) {
    let now = Arc::new(AtomicU64::new(1_900_000_000));
    let read = Arc::clone(&now);
    let clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(read.load(Ordering::Relaxed)));
    (builder.clock(clock).build(), now)
}

fn app() -> AppRegistration {
    AppRegistration::new("desk").redirect_uri("http://localhost/back")
}

fn builder() -> SimulatorBuilder {
    Simulator::builder(Tenant::builder().users(60).build()).application(app())
}

/// The claims of a token.
fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn device_code(simulator: &Simulator, tenant: &str, scope: &str) -> Value {
    let path = format!("/{tenant}/oauth2/v2.0/devicecode");
    let (status, body) =
        form_post(simulator, &path, &[("client_id", "desk"), ("scope", scope)]).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn poll(simulator: &Simulator, device_code: &str) -> (u16, Value) {
    let form = [("grant_type", DEVICE), ("client_id", "desk"), ("device_code", device_code)];
    token(simulator, "organizations", &form).await
}

/// Asks the authorization endpoint; the parameters of the address it sends the browser back to.
async fn authorize(simulator: &Simulator, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let answer = authorize_answer(simulator, more).await;
    assert_eq!(answer.status, 302, "{:?}", answer.bytes);
    let location = answer.headers["location"].to_str().unwrap();
    assert!(location.starts_with(REDIRECT), "{location}");
    let url = url::Url::parse(location).unwrap();
    url.query_pairs().into_owned().collect()
}

async fn authorize_answer(simulator: &Simulator, more: &[(&str, &str)]) -> Answer {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut parameters = vec![
        ("client_id", "desk"),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "User.Read offline_access openid"),
        ("state", "st&te"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    parameters.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    parameters.extend(more);
    let query =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
    let client = Client::new(simulator).with_token("");
    client.get(&format!("/{}/oauth2/v2.0/authorize?{query}", simulator.tenant_id())).await
}

fn value<'a>(parameters: &'a [(String, String)], name: &str) -> &'a str {
    parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

async fn redeem(simulator: &Simulator, code: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", "desk"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    form.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    form.extend(more);
    token(simulator, &simulator.tenant_id(), &form).await
}

#[tokio::test]
async fn a_device_waits_until_a_person_approves() {
    // facts: graph-protocol 2.3.
    let (simulator, now) = clocked(builder());
    let asked = device_code(&simulator, "organizations", "User.Read offline_access").await;
    assert_eq!((&asked["expires_in"], &asked["interval"]), (&json!(900), &json!(5)));
    assert!(asked.get("verification_uri_complete").is_none());
    let (code, user_code) =
        (asked["device_code"].as_str().unwrap(), asked["user_code"].as_str().unwrap());
    let (status, body) = poll(&simulator, code).await;
    assert_eq!((status, &body["error"]), (400, &json!("authorization_pending")));
    let (_, body) = poll(&simulator, code).await;
    assert_eq!(body["error"], "slow_down");
    assert_eq!(simulator.waiting_devices(), [user_code]);
    // A person opens the page and approves.
    let client = Client::new(&simulator);
    let page = client.get("/simulator/device").await;
    assert!(String::from_utf8_lossy(&page.bytes).contains(user_code));
    let approved = client.post("/simulator/device", json!({ "user_code": user_code })).await;
    assert_eq!((approved.status.as_u16(), approved.json()["approved"].clone()), (200, json!(true)));
    now.fetch_add(5, Ordering::Relaxed);
    let (status, body) = poll(&simulator, code).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(claims(&body["access_token"])["scp"], "User.Read");
    assert!(body["refresh_token"].is_string());
    let (_, body) = poll(&simulator, code).await;
    assert_eq!(body["error"], "bad_verification_code", "a code is good once");
}

#[tokio::test]
async fn a_device_is_told_when_its_code_was_declined_or_is_too_old() {
    let (simulator, now) = clocked(builder());
    let declined = device_code(&simulator, &simulator.tenant_id(), "User.Read").await;
    simulator.decline_device(declined["user_code"].as_str().unwrap()).unwrap();
    let (_, body) = poll(&simulator, declined["device_code"].as_str().unwrap()).await;
    assert_eq!(body["error"], "authorization_declined");
    let old = device_code(&simulator, "common", "User.Read").await;
    now.fetch_add(900, Ordering::Relaxed);
    let (_, body) = poll(&simulator, old["device_code"].as_str().unwrap()).await;
    assert_eq!(body["error"], "expired_token");
    assert!(simulator.approve_device(old["user_code"].as_str().unwrap(), None).is_err());
    let (_, body) = poll(&simulator, "nobody").await;
    assert_eq!(body["error"], "bad_verification_code");
}

#[tokio::test]
async fn a_browser_is_sent_back_with_a_code_that_its_verifier_redeems_once() {
    // facts: graph-protocol 2.4.
    let (simulator, _) = clocked(builder());
    let back = authorize(&simulator, &[]).await;
    assert_eq!(value(&back, "state"), "st&te");
    let code = value(&back, "code").to_owned();
    let wrong = [("code_verifier", "another-verifier-of-forty-three-letters-or-more")];
    let (status, body) = redeem(&simulator, &code, &wrong).await;
    assert_eq!((status, &body["error_codes"]), (400, &json!([501_481])));
    let (_, body) = redeem(&simulator, &code, &[("redirect_uri", "http://localhost:1/back")]).await;
    assert_eq!(body["error"], "invalid_grant");
    let (_, body) = redeem(&simulator, &code, &[("client_secret", "x")]).await;
    assert_eq!(body["error_codes"], json!([7_000_215]));
    let back = authorize(&simulator, &[]).await;
    let code = value(&back, "code").to_owned();
    let (status, body) = redeem(&simulator, &code, &[]).await;
    assert_eq!(status, 200, "{body}");
    let id = claims(&body["id_token"]);
    assert_eq!((&id["aud"], &id["tid"]), (&json!("desk"), &json!(simulator.tenant_id())));
    let (_, body) = redeem(&simulator, &code, &[]).await;
    assert_eq!(body["error_codes"], json!([54_005]), "a code is good once");
}

#[tokio::test]
async fn an_unknown_redirect_gets_a_page_and_other_mistakes_go_back_to_the_client() {
    let (simulator, now) = clocked(builder());
    for more in [
        [("redirect_uri", "https://evil.example/back")],
        [("redirect_uri", "http://localhost:5000/elsewhere")],
        [("client_id", "nobody")],
    ] {
        let answer = authorize_answer(&simulator, &more).await;
        assert_eq!(answer.status, 400);
        assert!(String::from_utf8_lossy(&answer.bytes).contains("AADSTS"));
        assert!(!answer.headers.contains_key("location"));
    }
    for (more, error) in [
        (("scope", "Mail.Read"), "invalid_grant"),
        (("scope", "https://graph.microsoft.us/.default"), "invalid_resource"),
        (("response_type", "token"), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("login_hint", "nobody@nowhere.example"), "invalid_grant"),
        (("simulator_decline", "1"), "access_denied"),
    ] {
        let back = authorize(&simulator, &[more]).await;
        assert_eq!((value(&back, "error"), value(&back, "state")), (error, "st&te"), "{more:?}");
    }
    let page = authorize_answer(&simulator, &[("prompt", "select_account")]).await;
    assert!(String::from_utf8_lossy(&page.bytes).contains("simulator_decline=1"));
    let posted = authorize_answer(&simulator, &[("response_mode", "form_post")]).await;
    assert!(String::from_utf8_lossy(&posted.bytes).contains("name=\"state\" value=\"st&amp;te\""));
    let back = authorize(&simulator, &[]).await;
    now.fetch_add(601, Ordering::Relaxed);
    let (_, body) = redeem(&simulator, value(&back, "code"), &[]).await;
    assert_eq!(body["error_codes"], json!([70_008]));
}

async fn refresh(simulator: &Simulator, token_text: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let mut form =
        vec![("grant_type", "refresh_token"), ("client_id", "desk"), ("refresh_token", token_text)];
    form.extend(more);
    token(simulator, "organizations", &form).await
}

#[tokio::test]
async fn a_refresh_token_is_replaced_and_ends_with_the_users_sessions() {
    // facts: graph-protocol 2.4: the old one is not revoked by its use.
    let (simulator, now) = clocked(builder());
    let back = authorize(&simulator, &[]).await;
    let (_, first) = redeem(&simulator, value(&back, "code"), &[]).await;
    let old = first["refresh_token"].as_str().unwrap().to_owned();
    now.fetch_add(10, Ordering::Relaxed);
    let (status, second) = refresh(&simulator, &old, &[("scope", "Group.Read.All")]).await;
    assert_eq!(status, 200, "{second}");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(claims(&second["access_token"])["scp"], "Group.Read.All");
    assert_eq!(refresh(&simulator, &old, &[]).await.0, 200);
    let (_, broken) = refresh(&simulator, "1.abc", &[]).await;
    assert_eq!(broken["error"], "invalid_grant");
    let user = claims(&first["access_token"])["oid"].as_str().unwrap().to_owned();
    let client = Client::new(&simulator);
    client.post(&format!("/v1.0/users/{user}/revokeSignInSessions"), json!({})).await;
    let (_, revoked) = refresh(&simulator, &old, &[]).await;
    assert_eq!(revoked["error_codes"], json!([50_173]));
    now.fetch_add(91 * 86_400, Ordering::Relaxed);
    let (_, expired) = refresh(&simulator, &old, &[]).await;
    assert_eq!(expired["error_codes"], json!([700_082]));
    client
        .with_token(&simulator.access_token())
        .patch(&format!("/v1.0/users/{user}"), json!({ "accountEnabled": false }))
        .await;
    let back = authorize(&simulator, &[("login_hint", &user)]).await;
    assert_eq!(value(&back, "error_description").split(':').next(), Some("AADSTS50057"));
}

/// The principal name of an enabled user who holds no directory role.
async fn someone_without_role(simulator: &Simulator) -> String {
    let client = Client::new(simulator);
    let users = client.all("/v1.0/users?$select=id,userPrincipalName,accountEnabled").await;
    for user in users.into_iter().filter(|user| user["accountEnabled"] == true) {
        let id = user["id"].as_str().unwrap();
        let held = client.all(&format!("/v1.0/users/{id}/memberOf")).await;
        if held.iter().all(|it| it["@odata.type"] != "#microsoft.graph.directoryRole") {
            return user["userPrincipalName"].as_str().unwrap().to_owned();
        }
    }
    panic!("everybody holds a role");
}

#[tokio::test]
async fn a_users_token_opens_me_and_what_its_scopes_and_roles_allow() {
    let (simulator, _) = clocked(builder());
    let name = someone_without_role(&simulator).await;
    let signed_in = |scope: &'static str| {
        let (simulator, name) = (simulator.clone(), name.clone());
        async move {
            let back = authorize(&simulator, &[("scope", scope), ("login_hint", &name)]).await;
            let (_, body) = redeem(&simulator, value(&back, "code"), &[]).await;
            let oid = claims(&body["access_token"])["oid"].as_str().unwrap().to_owned();
            (Client::new(&simulator).with_token(body["access_token"].as_str().unwrap()), oid)
        }
    };
    let (client, user) = signed_in("User.Read").await;
    let me = client.get("/v1.0/me?$select=id,displayName").await;
    assert_eq!(me.json()["id"], user, "{:?}", me.bytes);
    assert_eq!(client.get("/v1.0/me/memberOf?$select=id").await.status, 200);
    assert_eq!(client.get("/v1.0/users").await.status, 403);
    assert_eq!(client.get("/v1.0/me/manager").await.status, 403);
    let batch = json!({ "requests": [{ "id": "a", "method": "GET", "url": "/me" }] });
    let batch = client.post("/v1.0/$batch", batch).await.json();
    assert_eq!(batch["responses"][0]["body"]["id"], user);
    assert_eq!(client.patch("/v1.0/me", json!({ "jobTitle": "x" })).await.status, 403);
    let (client, _) = signed_in("User.ReadWrite User.ReadWrite.All").await;
    assert_eq!(client.patch("/v1.0/me", json!({ "jobTitle": "Pilot" })).await.status, 204);
    let others = client.get("/v1.0/users").await.json();
    let other = others["value"].as_array().unwrap().iter().find(|it| it["id"] != user.as_str());
    let other = format!("/v1.0/users/{}", other.unwrap()["id"].as_str().unwrap());
    assert_eq!(client.patch(&other, json!({ "jobTitle": "x" })).await.status, 403, "no role");
    let role = Client::new(&simulator).get("/v1.0/directoryRoles").await.json()["value"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({ "@odata.id": format!("http://127.0.0.1:1/v1.0/directoryObjects/{user}") });
    let added = Client::new(&simulator)
        .send(Method::POST, &format!("/v1.0/directoryRoles/{role}/members/$ref"), &[], Some(body))
        .await;
    assert_eq!(added.status, 204, "{:?}", added.bytes);
    assert_eq!(client.patch(&other, json!({ "jobTitle": "x" })).await.status, 204);
}
