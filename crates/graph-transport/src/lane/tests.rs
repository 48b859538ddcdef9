//! The gate and the limit, seen from outside (cases T, Q).

use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use super::{Concurrency, Lanes};
use crate::error::Error;
use crate::request::GraphRequest;
use crate::script::{Script, reply};
use crate::{GraphClient, TimeoutPhase, Timeouts};

fn get(client: &GraphClient) -> GraphRequest {
    GraphRequest::new(Method::GET, client.cloud().link("/v1.0/users").unwrap())
}

/// T1, T2, T13
#[tokio::test(start_paused = true)]
async fn one_throttle_holds_everybody_of_the_key_and_nobody_else() {
    let lanes = Lanes::default();
    let client = |script: &Script, key: &str| {
        script.client().lanes(lanes.clone()).rate_limit_key(key).build().unwrap()
    };
    let throttled = Script::of([reply(429, &[("retry-after", "30")], ""), reply(200, &[], "")]);
    let same_key = Script::of([reply(200, &[], "")]);
    let other_key = Script::of([reply(200, &[], "")]);
    let (first, second, other) =
        (client(&throttled, "a"), client(&same_key, "a"), client(&other_key, "b"));
    let began = Instant::now();
    let first_answer = first.send(get(&first));
    let rest = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        other.send(get(&other)).await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_secs(1));
        second.clone().send(get(&second)).await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(30));
    };
    let (answer, ()) = tokio::join!(first_answer, rest);
    assert!(answer.unwrap().status().is_success());
}

/// R28 for those who wait at the gate
#[tokio::test(start_paused = true)]
async fn who_cannot_wait_for_the_gate_is_told_at_once() {
    let script = Script::of([reply(429, &[("retry-after", "300")], "")]);
    let client = script.client().build().unwrap();
    let _ = client.send(get(&client)).await;
    let began = Instant::now();
    let error = client.send(get(&client)).await.unwrap_err();
    assert!(matches!(error, Error::Throttled { .. }));
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(script.sent().len(), 1);
}

/// Q2, Q6: a slow request holds the only place; the pool timeout ends the wait of the next.
#[tokio::test(start_paused = true)]
async fn the_pool_timeout_bounds_the_wait_for_a_place() {
    let slow = tower::service_fn(|_: http::Request<crate::body::Body>| async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        Ok::<_, std::io::Error>(http::Response::new(http_body_util::Full::from("{}")))
    });
    let timeouts = Timeouts { pool: Some(Duration::from_secs(2)), ..Timeouts::default() };
    let client = Script::default().client();
    let client =
        client.wire(slow).timeouts(timeouts).max_concurrent_requests(Concurrency::Limit(1));
    let client = client.build().unwrap();
    let (first, second) = tokio::join!(client.send(get(&client)), client.send(get(&client)));
    assert!(first.is_ok());
    assert!(matches!(second, Err(Error::Timeout { phase: TimeoutPhase::Pool, .. })));
}

/// Global law 7, SEC-H10: a dropped call gives its place back.
#[tokio::test(start_paused = true)]
async fn cancelled_calls_return_their_permits() {
    let hanging = tower::service_fn(|_: http::Request<crate::body::Body>| {
        std::future::pending::<
            Result<http::Response<http_body_util::Full<bytes::Bytes>>, std::io::Error>,
        >()
    });
    let client = Script::default().client().wire(hanging);
    let client = client.max_concurrent_requests(Concurrency::Limit(1)).build().unwrap();
    for _ in 0..3 {
        let began = Instant::now();
        let cancelled = tokio::time::timeout(Duration::from_secs(1), client.send(get(&client)));
        assert!(cancelled.await.is_err());
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let named = |error: crate::BuildError| error.to_string();
    let script = Script::default();
    let zero = script.client().max_concurrent_requests(Concurrency::Limit(0)).build().unwrap_err();
    assert!(named(zero).contains("max_concurrent_requests"));
    let timeouts = Timeouts { read: Duration::ZERO, ..Timeouts::default() };
    let zero = script.client().timeouts(timeouts).build().unwrap_err();
    assert!(named(zero).contains("timeouts.read"));
}
