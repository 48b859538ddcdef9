use std::time::Duration;

use http::{HeaderValue, Method};

use super::capture::{Capture, Meter};
use super::*;
use crate::client::GraphClient;
use crate::credential::ClientSecret;
use crate::request::GraphRequest;
use crate::script::{Reply, Script, reply};

mod canary;
mod log;
#[cfg(feature = "opentelemetry")]
mod otel;
mod product;

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"canary-token"}"#;
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn ok() -> Reply {
    reply(200, &[("request-id", "r-2")], r#"{"value":[]}"#)
}

fn client(script: &Script, observe: Observe) -> GraphClient {
    script.client().observe(observe).build().unwrap()
}

fn get(client: &GraphClient, path: &str) -> GraphRequest {
    GraphRequest::get(client.cloud().link(path).unwrap())
}

/// L11, L13: semantic names, a route instead of a URL.
#[tokio::test(start_paused = true)]
async fn spans_carry_semantic_attributes_and_no_url() {
    let (capture, _guard) = Capture::begin();
    let script = Script::of([ok()]);
    let client = client(&script, Observe::new());
    client
        .send(get(&client, "/v1.0/users/ada@contoso.com?$filter=x").action("user.get"))
        .await
        .unwrap();
    let operation = &capture.spans("azure.perform_action")[0];
    assert_eq!(operation.fields["azure.action"], "user.get");
    assert_eq!(operation.fields["http.response.status_code"], "200");
    assert_eq!(operation.fields["azure.service.request.id"], "r-2");
    let attempt = &capture.spans("azure.attempt")[0];
    assert_eq!(attempt.parent, operation.id);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("url.template", "/users/{id}"),
        ("url.scheme", "https"),
        ("server.address", "graph.microsoft.us"),
        ("server.port", "443"),
        ("http.response.status_code", "200"),
        ("otel.name", "GET /users/{id}"),
        ("otel.kind", "client"),
    ] {
        assert_eq!(attempt.fields[name], value, "{name}");
    }
    assert!(!attempt.fields.contains_key("url.full"));
    assert!(!capture.text().contains("ada@"), "{}", capture.text());
}

/// L13: with the opt-in the URL is there, its values are not.
#[tokio::test(start_paused = true)]
async fn the_full_url_needs_an_opt_in() {
    let (capture, _guard) = Capture::begin();
    let script = Script::of([ok()]);
    let client = client(&script, Observe::new().record_urls(true));
    client.send(get(&client, "/v1.0/users/ada?$top=5&$skiptoken=canary")).await.unwrap();
    let attempt = &capture.spans("azure.attempt")[0];
    let full = "https://graph.microsoft.us:443/v1.0/users/ada?$top=5&$skiptoken=***";
    assert_eq!(attempt.fields["url.full"], full);
}

/// L14, L18: repeats are counted, the refused attempt is marked, every repeat is an event.
#[tokio::test(start_paused = true)]
async fn every_repeat_is_told() {
    let (capture, _guard) = Capture::begin();
    let throttled = reply(429, &[("retry-after", "3")], "");
    let script = Script::of([reply(401, &[], ""), throttled, reply(503, &[], ""), ok()]);
    let client = client(&script, Observe::new());
    client.send(get(&client, "/v1.0/users")).await.unwrap();
    let attempts = capture.spans("azure.attempt");
    let counts: Vec<_> =
        attempts.iter().map(|it| it.fields.get("http.request.resend_count")).collect();
    assert_eq!(
        counts.iter().map(|it| it.map_or("", |it| it)).collect::<Vec<_>>(),
        ["", "1", "2", "3"]
    );
    assert_eq!(attempts[0].fields["error.type"], "401");
    assert_eq!(attempts[0].fields["otel.status_code"], "ERROR");
    assert!(!attempts[3].fields.contains_key("error.type"));
    let repeats = capture.events("repeats");
    let told: Vec<_> = repeats
        .iter()
        .map(|it| (&*it.fields["attempt"], &*it.fields["delay_ms"], &*it.fields["reason"]))
        .collect();
    assert_eq!(told, [("1", "3000", "429"), ("2", "1000", "503")]);
    let operation = &capture.spans("azure.perform_action")[0];
    assert!(repeats.iter().all(|it| it.parent == operation.id));
    assert_eq!(operation.fields["azure.attempts"], "4");
}

/// L17: concurrent operations hang below the span of their own caller.
#[tokio::test(start_paused = true)]
async fn spans_nest_under_their_caller_while_others_run() {
    use tracing::Instrument as _;

    let (capture, _guard) = Capture::begin();
    let script = Script::of([reply(503, &[], ""), reply(503, &[], ""), ok(), ok()]);
    let client = client(&script, Observe::new());
    let call = |path: &str| client.send(get(&client, path).action(path.to_owned()));
    let (first, second) = tokio::join!(
        call("/v1.0/users").instrument(tracing::info_span!("caller", of = "/v1.0/users")),
        call("/v1.0/groups").instrument(tracing::info_span!("caller", of = "/v1.0/groups")),
    );
    assert!(first.is_ok() && second.is_ok());
    let callers = capture.spans("caller");
    let operations = capture.spans("azure.perform_action");
    for operation in &operations {
        let caller = callers.iter().find(|it| it.id == operation.parent).unwrap();
        assert_eq!(caller.fields["of"], operation.fields["azure.action"]);
        let attempts = capture.spans("azure.attempt");
        let own: Vec<_> = attempts.iter().filter(|it| it.parent == operation.id).collect();
        assert_eq!(own.len(), 2);
        let route = &operation.fields["url.template"];
        assert!(own.iter().all(|it| it.fields["url.template"] == *route));
    }
    assert_eq!(operations.len(), 2);
}

/// L15, L16: without a tracer everything works, and the caller's context is sent with each attempt.
#[tokio::test(start_paused = true)]
async fn the_callers_trace_context_is_sent_without_a_tracer() {
    let script = Script::of([reply(503, &[], ""), ok()]);
    let client = client(&script, Observe::new());
    let context = TraceContext::parse(PARENT, Some("vendor=1")).unwrap();
    client.send(get(&client, "/v1.0/users").trace_context(context)).await.unwrap();
    for sent in script.sent() {
        assert_eq!(sent.headers["traceparent"], PARENT);
        assert_eq!(sent.headers["tracestate"], "vendor=1");
    }
    assert_eq!(script.sent().len(), 2);
}

/// The measurements of seed 001, by name.
#[tokio::test(start_paused = true)]
async fn operations_are_measured_by_the_names_of_the_guide() {
    let meter = Meter::default();
    let replies = [reply(429, &[("retry-after", "3")], ""), reply(503, &[], ""), ok()];
    let script = Script::of(replies);
    let client = client(&script, Observe::new().metrics(meter.clone()));
    client.send(get(&client, "/v1.0/users").action("user.list")).await.unwrap();
    let close = |values: Vec<f64>, expected: &[f64]| {
        assert_eq!(values.len(), expected.len(), "{values:?}");
        assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.01), "{values:?}");
    };
    close(meter.values(Instrument::PerformActionDuration), &[4.0]);
    close(meter.values(Instrument::RetryDelay), &[3.0, 1.0]);
    close(meter.values(Instrument::RetryAttempts), &[3.0]);
    close(meter.values(Instrument::Http429), &[1.0]);
    assert_eq!(meter.values(Instrument::SemaphoreWait).len(), 3);
    assert_eq!(meter.attributes(Instrument::PerformActionDuration, "azure.action"), ["user.list"]);
    let causes = meter.attributes(Instrument::RetryDelay, "http.response.status_code");
    assert_eq!(causes, ["429", "503"]);
    let names = Instrument::ALL.map(Instrument::name);
    for name in [
        "azure.perform_action.duration",
        "azure.semaphore.wait.duration",
        "azure.request.retry.delay",
        "azure.request.retry.attempts",
        "azure.http_429",
    ] {
        assert!(names.contains(&name), "{name}");
    }
}

/// T14: the limit of a lane and how long its gate stays closed, after each answer; an answer 429 to an
/// item of a batch counts like any other.
#[tokio::test(start_paused = true)]
async fn lanes_and_items_of_batches_are_measured() {
    let meter = Meter::default();
    let body = r#"{"responses":[{"id":"a","status":429,"headers":{"Retry-After":"7"}}]}"#;
    let script = Script::of([reply(200, &[("content-type", "application/json")], body), ok()]);
    let client = client(&script, Observe::new().metrics(meter.clone()));
    let item = crate::BatchItem::get("a", "/users/7c2a");
    let batch = crate::Batch::new(&client, crate::ApiVersion::V1_0).item(item).max_attempts(1);
    assert_eq!(batch.send().await.unwrap().failed().count(), 1);
    assert_eq!(meter.values(Instrument::Http429), [1.0]);
    assert_eq!(meter.attributes(Instrument::Http429, "url.template"), ["/users/{id}"]);
    client.send(get(&client, "/v1.0/groups")).await.unwrap();
    let closed = meter.values(Instrument::LaneClosed);
    assert_eq!(closed.last(), Some(&0.0), "{closed:?}");
    assert!(!meter.values(Instrument::LaneLimit).is_empty());
    assert!(!meter.attributes(Instrument::LaneLimit, "azure.lane").is_empty());
}

/// An operation that its caller gives up, and one that runs out of time, are outcomes too.
#[tokio::test(start_paused = true)]
async fn what_never_ends_is_measured_as_well() {
    let meter = Meter::default();
    let waits = || reply(503, &[("retry-after", "30")], "");
    let script = Script::of([waits(), waits()]);
    let client = client(&script, Observe::new().metrics(meter.clone()));
    let request = get(&client, "/v1.0/users");
    let given_up = tokio::time::timeout(Duration::from_secs(1), client.send(request.clone())).await;
    assert!(given_up.is_err());
    let outcomes = || meter.attributes(Instrument::PerformActionDuration, "error.type");
    assert_eq!(outcomes(), ["cancelled"]);
}

/// Global law 10: every request on the wire is an attempt, and every attempt belongs to an operation.
#[tokio::test(start_paused = true)]
async fn nothing_passes_by_the_observation() {
    let (capture, _guard) = Capture::begin();
    let meter = Meter::default();
    let page =
        r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.us/v1.0/users?$skiptoken=2"}"#;
    let issuer = r#"{"issuer":"https://login.microsoftonline.us/11111111-1111-4111-8111-111111111111/v2.0"}"#;
    let script = Script::of([
        reply(200, &[], TOKEN),
        reply(200, &[], page),
        ok(),
        reply(200, &[], r#"{"responses":[{"id":"a","status":200,"body":{}}]}"#),
        reply(200, &[], issuer),
    ]);
    let credential = ClientSecret::new("contoso.onmicrosoft.com", "app", "canary-secret".into());
    let cloud = crate::cloud::Cloud::named(crate::cloud::CloudName::UsGovL4).unwrap();
    let client = GraphClient::builder(cloud, credential)
        .wire(script.clone())
        .observe(Observe::new().metrics(meter.clone()))
        .build()
        .unwrap();
    let mut pages = client.pages(get(&client, "/v1.0/users"));
    while let Some(page) = pages.next().await {
        page.unwrap();
    }
    drop(pages);
    let item = crate::BatchItem::get("a", "/users");
    client.batch(crate::ApiVersion::V1_0, vec![item]).await.unwrap();
    client.tenant_id().await.unwrap();

    let sent = script.sent().len();
    assert_eq!(sent, 5);
    assert_eq!(meter.values(Instrument::AttemptDuration).len(), sent);
    assert_eq!(meter.values(Instrument::PerformActionDuration).len(), sent);
    let (operations, attempts) =
        (capture.spans("azure.perform_action"), capture.spans("azure.attempt"));
    assert_eq!((operations.len(), attempts.len()), (sent, sent));
    let walk = &capture.spans("azure.collect_pages")[0];
    assert_eq!((&*walk.fields["azure.pages"], &*walk.fields["azure.complete"]), ("2", "true"));
    let routes: Vec<_> = operations.iter().map(|it| it.fields["url.template"].as_str()).collect();
    assert_eq!(
        routes,
        [
            "/users",
            "/{id}/oauth2/v2.0/token",
            "/users",
            "/$batch",
            "/{id}/v2.0/.well-known/openid-configuration"
        ]
    );
    assert_eq!(operations[0].parent, walk.id);
    assert_eq!(operations[1].parent, operations[0].id, "a token is asked for inside what needs it");
    assert!(!capture.text().contains("canary"), "{}", capture.text());
    let header = HeaderValue::from_static("Bearer canary-token");
    assert!(
        script
            .sent()
            .iter()
            .filter(|it| it.method == Method::GET)
            .take(1)
            .all(|it| it.headers["authorization"] == header)
    );
}
