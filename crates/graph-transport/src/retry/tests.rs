//! Which outcomes repeat, after how long, and what the caller learns (cases R, A).

use std::time::Duration;

use http::Method;
use http::header::AUTHORIZATION;
use tokio::time::Instant;

use super::RetryConfig;
use crate::error::Error;
use crate::request::GraphRequest;
use crate::script::{Reply, Script, reply};
use crate::{Answer, Disposition, GraphClient};

const CONCURRENCY: &str = r#"{"error":{"code":"Directory_ConcurrencyViolation","message":"m"}}"#;

fn ok() -> Reply {
    reply(200, &[], "{}")
}

fn lost() -> Reply {
    Err("reset by peer".into())
}

fn request(client: &GraphClient, method: Method) -> GraphRequest {
    GraphRequest::new(method, client.cloud().link("/v1.0/users").unwrap())
}

async fn send(script: &Script, method: Method) -> Result<Answer, Error> {
    let client = script.client().build().unwrap();
    client.send(request(&client, method)).await
}

/// R1, A1, A6
#[tokio::test(start_paused = true)]
async fn waits_as_long_as_graph_asks_for_every_method() {
    for method in [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
        let script = Script::of([reply(429, &[("retry-after", "7.25")], ""), ok()]);
        let began = Instant::now();
        let answer = send(&script, method).await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_millis(7_250));
        assert_eq!(answer.attempts().len(), 2);
    }
}

/// R2, R3, R5, R29
#[tokio::test(start_paused = true)]
async fn a_request_that_may_have_landed_repeats_only_when_that_is_harmless() {
    for status in [408, 500, 502, 503, 504] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let script = Script::of([reply(status, &[], ""), ok()]);
            assert!(send(&script, method).await.unwrap().status().is_success());
        }
        for method in [Method::POST, Method::PATCH] {
            let script = Script::of([reply(status, &[], ""), ok()]);
            assert_eq!(send(&script, method.clone()).await.unwrap().status(), status);
            let script = Script::of([reply(status, &[], ""), ok()]);
            let client = script.client().build().unwrap();
            let declared = request(&client, method).idempotent();
            assert!(client.send(declared).await.unwrap().status().is_success());
        }
    }
}

/// R21, R29
#[tokio::test(start_paused = true)]
async fn a_lost_answer_repeats_a_get_and_not_a_post() {
    let script = Script::of([lost(), ok()]);
    assert!(send(&script, Method::GET).await.is_ok());
    let script = Script::of([lost(), ok()]);
    let error = send(&script, Method::POST).await.unwrap_err();
    assert!(matches!(error, Error::Lost { .. }) && error.may_have_happened());
    assert_eq!(script.sent().len(), 1);
}

/// R7, R33
#[tokio::test(start_paused = true)]
async fn other_refusals_are_final_but_a_directory_race_repeats() {
    for status in [400, 403, 404, 409, 412, 410, 501] {
        let script = Script::of([reply(status, &[], "")]);
        assert_eq!(send(&script, Method::GET).await.unwrap().status(), status);
    }
    let script = Script::of([reply(409, &[], CONCURRENCY), ok()]);
    assert!(send(&script, Method::POST).await.unwrap().status().is_success());
}

/// R14, R16, R17, A12, B1
#[tokio::test(start_paused = true)]
async fn the_last_answer_tells_every_attempt_and_wait() {
    let script = Script::of((0..4).map(|_| reply(503, &[("request-id", "r")], "down")));
    let answer = send(&script, Method::GET).await.unwrap();
    assert_eq!(answer.body().as_ref(), b"down");
    let waits: Vec<_> = answer.attempts().iter().map(|it| it.wait.as_millis()).collect();
    assert_eq!(waits, [500, 1_000, 2_000, 0]);
    let error = answer.into_success().unwrap_err();
    assert_eq!(error.disposition(), Disposition::Transient);
    assert!(error.to_string().ends_with("after 4 attempts in 3.5 s"), "{error}");
}

/// R15, R9, R10
#[tokio::test(start_paused = true)]
async fn attempts_and_statuses_follow_the_settings() {
    let with = |change: fn(&mut RetryConfig), replies: Vec<Reply>| async move {
        let script = Script::of(replies);
        let mut retry = RetryConfig::default();
        change(&mut retry);
        let client = script.client().retry(retry).build().unwrap();
        let _ = client.send(request(&client, Method::GET)).await;
        script.sent().len()
    };
    let down = || reply(503, &[], "");
    assert_eq!(with(|it| it.max_attempts = 1, vec![down()]).await, 1);
    assert_eq!(with(|it| it.statuses = vec![429], vec![down()]).await, 1);
    assert_eq!(with(|it| it.statuses = vec![], vec![down(), ok()]).await, 2);
}

/// R27, R28
#[tokio::test(start_paused = true)]
async fn a_wait_past_the_deadline_is_not_begun() {
    let script = Script::of([reply(429, &[("retry-after", "100")], "")]);
    let began = Instant::now();
    let error = send(&script, Method::GET).await.unwrap_err();
    assert!(matches!(error, Error::Throttled { wait, .. } if wait >= Duration::from_secs(100)));
    assert_eq!(error.attempts().len(), 1);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

/// D16: the caller's id goes out once, each repeat has its own, all are recorded.
#[tokio::test(start_paused = true)]
async fn each_attempt_has_its_own_client_request_id() {
    let script = Script::of([reply(503, &[], ""), ok()]);
    let client = script.client().build().unwrap();
    let request = request(&client, Method::GET).correlation_id("caller-7");
    let answer = client.send(request).await.unwrap();
    let ids: Vec<_> =
        script.sent().iter().map(|it| it.headers["client-request-id"].clone()).collect();
    assert_eq!(ids[0], "caller-7");
    assert_ne!(ids[0], ids[1]);
    let recorded: Vec<_> =
        answer.attempts().iter().map(|it| it.client_request_id.clone()).collect();
    assert_eq!(recorded, ids);
}

/// U9, U11, D17
#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once() {
    let script = Script::of([reply(401, &[], ""), ok()]);
    assert!(send(&script, Method::POST).await.unwrap().status().is_success());
    let tokens: Vec<_> = script.sent().iter().map(|it| it.headers[AUTHORIZATION].clone()).collect();
    assert_eq!(tokens, ["Bearer token-1", "Bearer token-2"]);
    let script = Script::of([reply(401, &[], ""), reply(401, &[], "")]);
    assert_eq!(send(&script, Method::GET).await.unwrap().status(), 401);
    assert_eq!(script.sent().len(), 2);
}

/// Global law 3: only the configured host is ever asked.
#[tokio::test(start_paused = true)]
async fn every_attempt_goes_to_the_configured_root() {
    let script = Script::of([reply(500, &[], ""), ok()]);
    send(&script, Method::GET).await.unwrap();
    assert!(script.sent().iter().all(|sent| sent.uri.host() == Some("graph.microsoft.us")));
    assert!(script.sent().iter().all(|sent| sent.method == Method::GET));
}

/// A wait that no clock can count is a refusal like any other, not a panic.
#[tokio::test(start_paused = true)]
async fn an_absurd_wait_is_told_and_not_begun() {
    for value in ["10000000000000000000", "99999999999999"] {
        let script = Script::of([reply(429, &[("retry-after", value)], "")]);
        let error = send(&script, Method::GET).await.unwrap_err();
        assert!(matches!(error, Error::Throttled { .. }), "{value}: {error}");
    }
}
