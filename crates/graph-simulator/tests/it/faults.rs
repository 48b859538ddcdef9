//! Faults, over the service and over a socket.

use graph_simulator::{Fault, FaultPlan, FaultRule, Latency, Simulator, Tenant};
use http::Request;
use http_body_util::Empty;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower::ServiceExt;

use super::client::Client;

fn simulator(rule: FaultRule) -> Simulator {
    Simulator::builder(Tenant::builder().users(300).build())
        .faults(FaultPlan::new(1).rule(rule))
        .build()
}

/// The raw bytes of the first answer to `GET /v1.0/users`.
async fn raw(simulator: &Simulator) -> String {
    let server = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let request = format!(
        "GET /v1.0/users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        simulator.access_token()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A broken connection may end in an error: what arrived before it counts.
    if let Err(error) = stream.read_to_end(&mut answer).await {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    server.shutdown().await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn length(answer: &str) -> usize {
    let line =
        answer.lines().find(|line| line.to_lowercase().starts_with("content-length:")).unwrap();
    line.split_once(':').unwrap().1.trim().parse().unwrap()
}

#[tokio::test]
async fn statuses_headers_and_html_replace_the_answer() {
    let client =
        Client::new(&simulator(FaultRule::new(Fault::throttled("0.249")).path("/users").nth(1)));
    let answer = client.get("/v1.0/users").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (429, "TooManyRequests"));
    assert_eq!(answer.headers["retry-after"], "0.249");
    assert_eq!(client.get("/v1.0/users").await.status, 200, "only the first");
    let client = Client::new(&simulator(FaultRule::new(Fault::Html { status: 200 }).method("GET")));
    let answer = client.get("/v1.0/users").await;
    assert!(answer.bytes.starts_with(b"<!DOCTYPE html>") && answer.status == 200);
}

#[tokio::test]
async fn connections_break_where_the_plan_says() {
    assert_eq!(raw(&simulator(FaultRule::new(Fault::ResetBeforeHead))).await, "");
    let answer = raw(&simulator(FaultRule::new(Fault::ResetMidBody { after: 100 }))).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 100);
    assert!(length(head) > 1_000);
    let answer = raw(&simulator(FaultRule::new(Fault::Truncate { after: 100 }))).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!((length(head), body.len()), (100, 100));
    let answer =
        raw(&simulator(FaultRule::new(Fault::WrongContentLength { difference: 50 }))).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(length(head), body.len() + 50);
}

#[tokio::test]
async fn a_lost_answer_was_executed_all_the_same() {
    let rule = FaultRule::new(Fault::LostAnswer).method("DELETE").nth(1);
    let simulator = simulator(rule);
    let client = Client::new(&simulator);
    let id = client.get("/v1.0/users").await.json()["value"][7]["id"].as_str().unwrap().to_owned();
    let request = Request::delete(format!("/v1.0/users/{id}"))
        .header("authorization", format!("Bearer {}", simulator.access_token()))
        .body(Empty::new())
        .unwrap();
    assert!(simulator.service().oneshot(request).await.is_err());
    assert_eq!(client.get(&format!("/v1.0/users/{id}")).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn answers_come_late_and_in_pieces() {
    let rule = |fault| FaultRule::new(fault).path("/organization");
    let started = Instant::now();
    Client::new(&simulator(rule(Fault::Stall { millis: 30_000 }))).get("/v1.0/organization").await;
    assert_eq!(started.elapsed().as_secs(), 30);
    let started = Instant::now();
    Client::new(&simulator(rule(Fault::StallMidBody { after: 10, millis: 7_000 })))
        .get("/v1.0/organization")
        .await;
    assert_eq!(started.elapsed().as_secs(), 7);
    let slow = simulator(rule(Fault::SlowBody { chunk: 100, millis: 1_000 }));
    let started = Instant::now();
    let answer = Client::new(&slow).get("/v1.0/organization").await;
    let pieces = answer.bytes.len().div_ceil(100) - 1;
    assert_eq!(started.elapsed().as_secs(), u64::try_from(pieces).unwrap());
    assert!(answer.json()["value"].is_array());
}

#[tokio::test(start_paused = true)]
async fn latency_jitters_within_its_bounds() {
    let latency = Latency { millis: 300, jitter_millis: 100 };
    let simulator =
        Simulator::builder(Tenant::builder().users(50).build()).latency(latency).build();
    let client = Client::new(&simulator);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let started = Instant::now();
        client.get("/v1.0/organization").await;
        let millis = started.elapsed().as_millis();
        assert!((200..=401).contains(&millis), "{millis}");
        seen.insert(millis);
    }
    assert!(seen.len() > 20);
}

#[tokio::test]
async fn pages_loop_repeat_and_come_empty() {
    let delta = |fault| FaultRule::new(fault).path("/users/delta").nth(1);
    let page = |fault| async {
        Client::new(&simulator(delta(fault))).get("/v1.0/users/delta").await.json()
    };
    assert_eq!(
        page(Fault::LoopLink).await["@odata.nextLink"],
        "http://127.0.0.1:1/v1.0/users/delta"
    );
    let repeated = page(Fault::DuplicateItem).await;
    let items = repeated["value"].as_array().unwrap();
    assert_eq!(items[0], items[items.len() - 1]);
    let nowhere = page(Fault::NoLink).await;
    assert!(nowhere.get("@odata.nextLink").is_none() && nowhere.get("@odata.deltaLink").is_none());
    let foreign = page(Fault::Link { url: "https://evil.example/".into() }).await;
    assert_eq!(foreign["@odata.nextLink"], "https://evil.example/");
    let client = Client::new(&simulator(delta(Fault::EmptyPage)));
    let empty = client.get("/v1.0/users/delta").await.json();
    assert_eq!(empty["value"], json!([]));
    let next = client.get(empty["@odata.nextLink"].as_str().unwrap()).await.json();
    assert!(!next["value"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_gone_delta_leads_to_a_fresh_round() {
    let client = Client::new(&simulator(
        FaultRule::new(Fault::Gone).path("/users/delta").query("$deltatoken"),
    ));
    let link = client.get("/v1.0/users/delta?$deltatoken=latest&$select=id").await;
    assert_eq!(link.status, 410, "the plan looks at the query");
    let location = link.headers["location"].to_str().unwrap();
    assert_eq!(location, "http://127.0.0.1:1/v1.0/users/delta?$select=id&$deltatoken=");
}

#[tokio::test]
async fn a_batch_item_goes_missing() {
    let client = Client::new(&simulator(FaultRule::new(Fault::MissingBatchItem).path("/$batch")));
    let item = |id: &str| json!({ "id": id, "method": "GET", "url": "/organization" });
    let answer =
        client.post("/v1.0/$batch", json!({ "requests": [item("a"), item("b")] })).await.json();
    assert_eq!(answer["responses"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_expired_page_token_and_raw_html_in_a_batch_are_faults_like_others() {
    let expired = Fault::error(400, "Directory_ExpiredPageToken");
    let client = Client::new(&simulator(FaultRule::new(expired).query("$skiptoken").times(1)));
    let next = client.get("/v1.0/users?$top=5").await.json()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(client.get(&next).await.code(), "Directory_ExpiredPageToken");
    assert_eq!(client.get(&next).await.status, 200);
    let client =
        Client::new(&simulator(FaultRule::new(Fault::Html { status: 502 }).path("/organization")));
    let item = json!({ "requests": [{ "id": "a", "method": "GET", "url": "/organization" }] });
    let answer = client.post("/v1.0/$batch", item).await;
    assert!(serde_json::from_slice::<serde_json::Value>(&answer.bytes).is_err());
}

#[tokio::test]
async fn a_connection_is_reset_as_soon_as_it_is_accepted_and_after_its_head() {
    let plan = FaultPlan::new(1)
        .reset_connection(1)
        .rule(FaultRule::new(Fault::ResetMidBody { after: 0 }).path("/users").nth(1));
    let simulator = Simulator::builder(Tenant::builder().users(30).build()).faults(plan).build();
    assert_eq!(raw(&simulator).await, "", "the first connection");
    let answer = raw(&simulator).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(length(head) > 100 && body.is_empty(), "{answer}");
    assert!(raw(&simulator).await.contains("@odata.context"));
}

#[tokio::test]
async fn what_was_created_is_seen_late() {
    // facts: graph-protocol 8.4, 13.4: 404 after create for n reads.
    let rule = FaultRule::new(Fault::LateVisibility { reads: 2 }).method("POST").path("/groups");
    let client = Client::new(&simulator(rule));
    let body = json!({ "displayName": "x", "mailEnabled": false, "mailNickname": "x", "securityEnabled": true });
    let created = client.post("/v1.0/groups", body).await;
    assert_eq!(created.status, 201);
    let path = format!("/v1.0/groups/{}", created.json()["id"].as_str().unwrap());
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(client.get(&path).await.status.as_u16());
    }
    assert_eq!(seen, [404, 404, 200]);
}

#[tokio::test]
async fn links_statuses_and_locations_are_what_the_plan_says() {
    let link = |fault| async {
        let rule = FaultRule::new(fault).path("/users").nth(1);
        let page =
            Client::new(&simulator(rule)).get("/v1.0/users?$top=5&$select=id,displayName").await;
        page.json()["@odata.nextLink"].as_str().unwrap_or_default().to_owned()
    };
    assert!(link(Fault::LinkVersion).await.starts_with("http://127.0.0.1:1/v2/users?"));
    assert!(link(Fault::UnescapedLink).await.contains("$select=id,displayName"));
    let gone = Fault::GoneTo { location: "https://evil.example/v1.0/users/delta".into() };
    let answer = Client::new(&simulator(FaultRule::new(gone))).get("/v1.0/users/delta").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (410, "syncStateNotFound"));
    assert_eq!(answer.headers["location"], "https://evil.example/v1.0/users/delta");
    let outer = FaultRule::new(Fault::Relabel { status: 424 }).path("/$batch");
    let item = json!({ "requests": [{ "id": "a", "method": "GET", "url": "/organization" }] });
    let answer = Client::new(&simulator(outer)).post("/v1.0/$batch", item).await;
    assert_eq!(answer.status, 424);
    assert_eq!(answer.json()["responses"][0]["status"], 200);
    let expired = FaultRule::new(Fault::expired_access_token());
    let answer = Client::new(&simulator(expired)).get("/v1.0/users").await;
    assert_eq!(answer.headers.get_all("www-authenticate").iter().count(), 2);
}

#[tokio::test]
async fn the_token_endpoint_has_faults_in_its_own_shape() {
    // facts: graph-protocol 2.7.
    let fault = Fault::throttled("7");
    let rule = FaultRule::new(fault).path("/*/oauth2/v2.0/token").times(1);
    let simulator = simulator(rule);
    let form = super::identity::form(
        simulator.client_id(),
        simulator.client_secret(),
        super::identity::GRAPH,
    );
    let (status, body) = super::identity::token(&simulator, &simulator.tenant_id(), &form).await;
    assert_eq!((status, &body["error"]), (429, &json!("temporarily_unavailable")));
    assert_eq!(body["error_codes"], json!([90_055]));
    assert_eq!(super::identity::token(&simulator, &simulator.tenant_id(), &form).await.0, 200);
}

#[tokio::test]
async fn a_churn_script_moves_the_tenant_on_between_requests() {
    let churn = graph_simulator::Churn::from_yaml(
        "
steps:
  - { at_request: 2, path: /users, do: { advance: 1 } }
  - every_requests: 3
    path: /groups
    do:
      writes:
        - { method: POST, path: /groups, body: { displayName: x, mailEnabled: false, mailNickname: x, securityEnabled: true } }
  - { at_request: 1, path: /devices, do: { withdraw_permissions: [Device.Read.All, Device.ReadWrite.All, Directory.Read.All, Directory.ReadWrite.All] } }
",
    )
    .unwrap();
    let simulator = Simulator::builder(Tenant::builder().users(50).build()).churn(churn).build();
    let client = Client::new(&simulator);
    let groups = simulator.truth().count(graph_simulator::Kind::Group);
    client.get("/v1.0/users").await;
    assert_eq!(simulator.moment(), 0);
    client.get("/beta/users").await;
    assert_eq!(simulator.moment(), 1);
    let at_moment = simulator.truth().count(graph_simulator::Kind::Group);
    for _ in 0..6 {
        client.get("/v1.0/groups").await;
    }
    assert_eq!(simulator.truth().count(graph_simulator::Kind::Group), at_moment + 2);
    assert!(groups > 0);
    assert_eq!(client.get("/v1.0/devices").await.status, 403);
    assert_eq!(simulator.statistics().requests, 9, "its own writes are not counted");
}
