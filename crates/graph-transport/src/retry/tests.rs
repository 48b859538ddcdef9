//! Which outcomes repeat, after how long, and what the caller learns (cases R, A).

use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use tokio::time::Instant;

use super::{Backoff, RetryConfig};
use crate::error::Error;
use crate::lane::LaneError;
use crate::options::{InLane, Probe, ProbeFirst, RetryIf, RetryWith};
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
        let waited = began.elapsed();
        assert!(waited >= Duration::from_millis(7_250) && waited < Duration::from_millis(7_300));
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

fn with(change: impl Fn(&mut RetryConfig)) -> impl Fn(&Script) -> GraphClient {
    move |script| {
        let mut retry = RetryConfig { jitter: Duration::ZERO, ..RetryConfig::default() };
        change(&mut retry);
        script.client().retry(retry).build().unwrap()
    }
}

fn post(client: &GraphClient) -> GraphRequest {
    request(client, Method::POST)
}

/// R12: the caller's predicate asks for a repeat, within the settings' bounds.
#[tokio::test(start_paused = true)]
async fn a_predicate_can_ask_for_more_but_not_for_ever() {
    let missing = || reply(404, &[], "");
    let again = RetryIf::new(|outcome| outcome.status() == Some(StatusCode::NOT_FOUND));
    let script = Script::of([missing(), missing(), ok()]);
    let client = script.client().build().unwrap();
    let answer = client.send(request(&client, Method::GET).with(again.clone())).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.attempts().len()), (200, 3));
    let script = Script::of((0..4).map(|_| missing()));
    let client = script.client().build().unwrap();
    let answer = client.send(request(&client, Method::GET).with(again)).await.unwrap();
    assert_eq!((answer.status().as_u16(), script.sent().len()), (404, 4));
}

/// R31, law 2: a create whose answer was lost goes out again only after a look that found nothing.
#[tokio::test(start_paused = true)]
async fn a_create_with_a_natural_key_looks_before_it_repeats() {
    for (found, sent, status) in [(false, 3, 201), (true, 2, 200)] {
        // The create is lost, then the look, then the create again.
        let look = if found { ok() } else { reply(404, &[], "") };
        let script = Script::of([lost(), look, reply(201, &[], "{}")]);
        let client = script.client().build().unwrap();
        let probing = client.clone();
        let probe = ProbeFirst::new(move || {
            let client = probing.clone();
            Box::pin(async move {
                let key = client.cloud().link("/v1.0/users/new@contoso.example")?;
                let answer = client.send(GraphRequest::get(key)).await?;
                let found = answer.status().is_success();
                Ok(if found { Probe::Landed(Box::new(answer)) } else { Probe::Absent })
            })
        });
        let answer = client.send(post(&client).with(probe)).await.unwrap();
        assert_eq!((answer.status().as_u16(), script.sent().len()), (status, sent));
        assert_eq!(script.sent()[1].method, Method::GET);
    }
}

/// R31: a look that fails leaves the failure as it was, and the create is not sent again.
#[tokio::test(start_paused = true)]
async fn a_look_that_fails_ends_the_operation_with_the_first_failure() {
    let script = Script::of([lost(), ok()]);
    let client = script.client().build().unwrap();
    let probe = ProbeFirst::new(|| {
        Box::pin(async { Err(Error::Lane(LaneError::UnknownLane("probe".into()))) })
    });
    let error = client.send(post(&client).with(probe)).await.unwrap_err();
    assert!(matches!(error, Error::Lost { .. }) && error.may_have_happened(), "{error:?}");
    assert_eq!(script.sent().len(), 1);
}

/// A16
#[tokio::test(start_paused = true)]
async fn all_waits_together_stay_within_their_limit() {
    let script = Script::of((0..3).map(|_| reply(429, &[("retry-after", "20")], "")));
    let client = with(|retry| {
        (retry.max_attempts, retry.max_wait) = (50, Some(Duration::from_secs(50)));
    })(&script);
    let began = Instant::now();
    let error = client.send(request(&client, Method::GET).deadline(None)).await.unwrap_err();
    let Error::Throttled { wait, closed, .. } = &error else { panic!("{error:?}") };
    assert_eq!((wait.as_secs(), closed.reason.as_str()), (20, "429"));
    assert_eq!((error.attempts().len(), script.sent().len()), (3, 3));
    assert!(began.elapsed() < Duration::from_secs(50));
}

/// R33, facts: graph-protocol 13.1: racing writes pause a second longer each time.
#[tokio::test(start_paused = true)]
async fn a_race_is_repeated_after_a_growing_pause() {
    let script = Script::of([reply(409, &[], CONCURRENCY), reply(409, &[], CONCURRENCY), ok()]);
    let answer = send(&script, Method::POST).await.unwrap();
    let waits: Vec<_> = answer.attempts().iter().map(|it| it.wait.as_secs()).collect();
    assert_eq!(waits, [1, 2, 0]);
}

/// B8, B14, law 9: the default client has the quota: a service that is down is not asked 4 times by everybody.
#[tokio::test(start_paused = true)]
async fn the_quota_of_the_client_ends_a_storm() {
    let script = Script::of((0..400).map(|_| lost()));
    let client = script.client().build().unwrap();
    for _ in 0..50 {
        client.send(request(&client, Method::GET)).await.unwrap_err();
    }
    let repeats = script.sent().len() - 50;
    // 500 units at 10 each, and what time gave back: 50 waits of at most 3.5 s each.
    assert!((50..=70).contains(&repeats), "{repeats}");
}

/// A13: no wait, but an attempt that the quota pays for. B6: nothing waits.
#[tokio::test(start_paused = true)]
async fn a_retry_after_of_zero_repeats_at_once_and_counts() {
    let script = Script::of((0..4).map(|_| reply(429, &[("retry-after", "0")], "")));
    let began = Instant::now();
    let answer = send(&script, Method::GET).await.unwrap();
    assert_eq!((answer.status().as_u16(), script.sent().len()), (429, 4));
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
}

/// A14, A19, B3, B7: jitter only ever lengthens a wait, evenly within its interval.
#[tokio::test(start_paused = true)]
async fn jitter_is_added_and_never_constant() {
    let mut waits = Vec::new();
    for _ in 0..200 {
        let script = Script::of([reply(429, &[("retry-after", "2")], ""), ok()]);
        let client = with(|retry| retry.jitter = Duration::from_secs(1))(&script);
        let answer = client.send(request(&client, Method::GET)).await.unwrap();
        waits.push(answer.attempts()[0].wait);
    }
    waits.sort();
    assert!(waits[0] >= Duration::from_secs(2) && waits[199] <= Duration::from_secs(3));
    let median = waits[100].as_secs_f64();
    assert!((2.3..2.7).contains(&median), "{median}");
}

/// A9, A10: a malformed wait is none: the computed one holds, and never an immediate repeat.
#[tokio::test(start_paused = true)]
async fn a_malformed_wait_falls_back_to_the_computed_one() {
    for value in ["soon", "-5", ""] {
        let script = Script::of([reply(503, &[("retry-after", value)], ""), ok()]);
        let answer = send(&script, Method::GET).await.unwrap();
        assert_eq!(answer.attempts()[0].wait, Duration::from_millis(500), "{value:?}");
    }
}

/// R25, R27, law 8: a caller that goes away, or a deadline in a wait, ends everything at once.
#[tokio::test(start_paused = true)]
async fn nothing_outlives_the_caller_or_the_deadline() {
    let script = Script::of([reply(429, &[("retry-after", "20")], ""), ok()]);
    let client = script.client().build().unwrap();
    let gone =
        tokio::time::timeout(Duration::from_secs(5), client.send(request(&client, Method::GET)));
    assert!(gone.await.is_err());
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(script.sent().len(), 1, "R25: no repeat after cancellation");
    let script = Script::of([reply(503, &[], ""), reply(503, &[], ""), reply(503, &[], "")]);
    let client = script.client().build().unwrap();
    let began = Instant::now();
    let limit = Some(Duration::from_millis(1_200));
    let answer = client.send(request(&client, Method::GET).deadline(limit)).await.unwrap();
    assert_eq!((answer.status().as_u16(), script.sent().len()), (503, 2));
    assert!(began.elapsed() <= Duration::from_millis(1_201));
}

/// R35: what our own layers refuse is not tried again, whatever a predicate says.
#[tokio::test(start_paused = true)]
async fn errors_of_our_own_layers_are_final() {
    let script = Script::default();
    let client = script.client().build().unwrap();
    let options = (InLane { lane: Some("nowhere".into()), units: None }, RetryIf::new(|_| true));
    let request = request(&client, Method::GET).with(options.0).with(options.1);
    let began = Instant::now();
    assert!(matches!(client.send(request).await, Err(Error::Lane(_))));
    assert_eq!((began.elapsed(), script.sent().len()), (Duration::ZERO, 0));
}

/// R36, D2: each attempt starts from the caller's request.
#[tokio::test(start_paused = true)]
async fn a_repeat_equals_the_original() {
    let script = Script::of([reply(503, &[], ""), reply(429, &[("retry-after", "1")], ""), ok()]);
    let client = script.client().build().unwrap();
    let request = request(&client, Method::PUT)
        .header(http::header::ACCEPT, "application/json".parse().unwrap())
        .json(&serde_json::json!({"a": 1}))
        .unwrap();
    client.send(request).await.unwrap();
    let sent: Vec<_> = script
        .sent()
        .into_iter()
        .map(|mut sent| {
            sent.headers.remove("client-request-id");
            (sent.method, sent.uri, sent.headers)
        })
        .collect();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|attempt| *attempt == sent[0]), "{sent:?}");
}

/// Settings of one request: other back-off, other statuses; settings out of range fall back.
#[tokio::test(start_paused = true)]
async fn a_request_brings_its_own_retry_settings() {
    let mut linear = RetryConfig { jitter: Duration::ZERO, ..RetryConfig::default() };
    linear.backoff = Backoff::Linear { step: Duration::from_secs(5) };
    linear.statuses = vec![404];
    let script = Script::of([reply(404, &[], ""), reply(404, &[], ""), ok()]);
    let client = script.client().build().unwrap();
    let own = request(&client, Method::GET).with(RetryWith(Arc::new(linear.clone())));
    let answer = client.send(own).await.unwrap();
    let waits: Vec<_> = answer.attempts().iter().map(|it| it.wait.as_secs()).collect();
    assert_eq!(waits, [5, 10, 0]);
    linear.max_attempts = 0;
    let script = Script::of([reply(404, &[], "")]);
    let client = script.client().build().unwrap();
    let own = request(&client, Method::GET).with(RetryWith(Arc::new(linear)));
    assert_eq!(client.send(own).await.unwrap().status(), 404);
}

/// 509 is a throttle: every method may repeat (facts: graph-protocol 8.2, 13.1).
#[tokio::test(start_paused = true)]
async fn a_bandwidth_limit_is_a_throttle() {
    let script = Script::of([reply(509, &[("retry-after", "3")], ""), ok()]);
    assert!(send(&script, Method::POST).await.unwrap().status().is_success());
}
