//! The gate and the limit, seen from outside (cases T, Q).

mod budgeted;
mod pace;
mod share;

use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use super::{Access, Concurrency, Lanes};
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

/// T14, Q18, R28: the state of a closed lane in the snapshot and in the error.
#[tokio::test(start_paused = true)]
async fn a_closed_lane_says_why_and_until_when() {
    let headers = [
        ("retry-after", "300"),
        ("x-ms-throttle-scope", "Tenant_Application/ReadWrite/app/tenant"),
        ("x-ms-throttle-information", "ResourceUnitLimitExceeded"),
    ];
    let script =
        Script::of([reply(200, &[("x-ms-resource-unit", "2")], ""), reply(429, &headers, "")]);
    let client = script.client().build().unwrap();
    client.send(get(&client)).await.unwrap();
    let before = client.lanes().snapshot();
    assert_eq!((before.len(), before[0].lane.as_str()), (1, "directory"));
    assert!((before[0].budget.unwrap().left - 3_498.0).abs() < 1e-6, "Q18");
    let _ = client.send(get(&client)).await;
    tokio::time::advance(Duration::from_secs(100)).await;
    let closed = client.lanes().snapshot()[0].closed.clone().unwrap();
    assert_eq!(closed.opens_in, Duration::from_secs(200));
    assert_eq!(closed.reason, "429 ResourceUnitLimitExceeded");
    assert!(closed.scope.as_deref().unwrap().starts_with("Tenant_Application/ReadWrite"));
    let error = client.send(get(&client)).await.unwrap_err();
    let Error::Throttled { wait, closed: told, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*wait, &**told), (Duration::from_secs(200), &closed));
}

/// T2, T3: reads and writes have their own gates, unless Graph names both; facts: graph-protocol 3.4.
#[tokio::test(start_paused = true)]
async fn a_write_throttle_leaves_reads_alone_and_a_named_scope_decides() {
    for (limit, closed) in [
        ("Write", vec![Access::Write]),
        ("Read", vec![Access::Read]),
        ("ReadWrite", vec![Access::Read, Access::Write]),
    ] {
        let scope = format!("Tenant/{limit}/app/tenant");
        let headers = [("retry-after", "300"), ("x-ms-throttle-scope", scope.as_str())];
        let script =
            Script::of([reply(200, &[], ""), reply(204, &[], ""), reply(429, &headers, "")]);
        let client = script.client().build().unwrap();
        let write = || {
            let link = client.cloud().link("/v1.0/users/x").unwrap();
            GraphRequest::new(Method::PATCH, link).max_attempts(1)
        };
        client.send(get(&client)).await.unwrap();
        client.send(write()).await.unwrap();
        client.send(write()).await.unwrap();
        let now = client.lanes().snapshot();
        let shut: Vec<_> =
            now.iter().filter(|it| it.closed.is_some()).map(|it| it.access).collect();
        assert_eq!(shut, closed, "{limit}");
    }
}

/// Facts: graph-protocol 3.4: a whole tenant's refusal concerns its other applications too.
#[tokio::test(start_paused = true)]
async fn a_tenant_wide_refusal_closes_the_lane_of_its_other_applications() {
    let lanes = Lanes::default();
    let headers = [("retry-after", "60"), ("x-ms-throttle-scope", "Tenant/Read/app/tenant")];
    let throttled = Script::of([reply(429, &headers, "")]);
    let other = Script::of([reply(200, &[], ""), reply(200, &[], "")]);
    let client = |script: &Script, key: &str| {
        script.client().lanes(lanes.clone()).rate_limit_key(key).build().unwrap()
    };
    let (first, second) = (client(&throttled, "a"), client(&other, "b"));
    second.send(get(&second)).await.unwrap();
    first.send(get(&first).max_attempts(1)).await.unwrap();
    let began = Instant::now();
    second.send(get(&second).deadline(None)).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(60));
}

/// T3, T8, law 1: the latest deadline holds, and what waited is let out one by one.
#[tokio::test(start_paused = true)]
async fn after_the_gate_opens_requests_are_paced() {
    let wire = budgeted::Budgeted::new(budgeted::Budget {
        units: 100.0,
        window: 10.0,
        cost: 2.0,
        latency: Duration::from_millis(10),
        tells: false,
    });
    let client = Script::default().client().wire(wire.clone());
    let client = client.max_concurrent_requests(Concurrency::Auto).build().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let client = client.clone();
        tasks.spawn(async move { client.send(get(&client).deadline(None).max_attempts(50)).await });
    }
    let began = Instant::now();
    assert!(
        tasks.join_all().await.into_iter().all(|it| it.is_ok_and(|it| it.status().is_success()))
    );
    let figures = wire.figures();
    assert_eq!(figures.impatient, 0, "{figures:?}");
    assert!(figures.refused < 40, "a burst at each opening would refuse most: {figures:?}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

/// T4: the items of a batch close the lanes of their own paths.
#[tokio::test(start_paused = true)]
async fn a_throttled_item_of_a_batch_closes_the_lane_of_its_path() {
    let items = r#"{"responses":[{"id":"a","status":429,"headers":{"Retry-After":"40"}},{"id":"b","status":200,"body":{}}]}"#;
    let again = r#"{"responses":[{"id":"a","status":200,"body":{}}]}"#;
    let script = Script::of([reply(200, &[], items), reply(200, &[], again)]);
    let client = script.client().build().unwrap();
    let batch = client.batch(
        crate::ApiVersion::V1_0,
        vec![crate::BatchItem::get("a", "/users/x"), crate::BatchItem::get("b", "/teams/y")],
    );
    let watch = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.lanes().snapshot()
    };
    let began = Instant::now();
    let (_, lanes) = tokio::join!(batch, watch);
    let closed: Vec<_> =
        lanes.iter().filter(|it| it.closed.is_some()).map(|it| it.lane.as_str()).collect();
    assert_eq!(closed, ["directory"]);
    assert!(began.elapsed() >= Duration::from_secs(40));
    assert_eq!(script.sent().len(), 2);
}

/// T9
#[tokio::test(start_paused = true)]
async fn a_path_without_a_lane_is_limited_only_after_its_first_throttle() {
    let replies =
        (0..50).map(|_| reply(200, &[], "")).chain([reply(429, &[("retry-after", "1")], "")]);
    let script = Script::of(replies);
    let client = script.client().max_concurrent_requests(Concurrency::Auto).build().unwrap();
    let other = || GraphRequest::get(client.cloud().link("/v1.0/teams/x").unwrap()).max_attempts(1);
    for _ in 0..50 {
        client.send(other()).await.unwrap();
    }
    let lane = client.lanes().snapshot().remove(0);
    assert_eq!((lane.lane.as_str(), lane.limit, lane.budget), ("teams", None, None));
    client.send(other()).await.unwrap();
    let lane = client.lanes().snapshot().remove(0);
    assert!(lane.limit.is_some() && lane.budget.is_some() && lane.closed.is_some(), "{lane:?}");
}

/// Takes five seconds to hand out its token.
#[derive(Debug)]
struct SlowToken;

impl crate::Credential for SlowToken {
    fn tenant(&self) -> Option<&str> {
        Some("contoso")
    }

    fn token<'a>(
        &'a self,
        _: &'a crate::TokenRequest<'a>,
    ) -> crate::BoxFuture<'a, Result<crate::AccessToken, crate::CredentialError>> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Ok(crate::AccessToken::new("token".to_owned().into(), Duration::from_secs(3_600)))
        })
    }
}

/// Law 1: a lane that closes while a token is being fetched holds that request too.
#[tokio::test(start_paused = true)]
async fn a_request_that_was_let_in_still_waits_if_the_lane_closes_before_it_is_sent() {
    let script = Script::of([reply(429, &[("retry-after", "30")], ""), reply(200, &[], "")]);
    let cloud = crate::Cloud::named(crate::CloudName::UsGovL4).unwrap();
    let client = GraphClient::builder(cloud, SlowToken).wire(script.clone()).build().unwrap();
    // The first brings its own token and is refused at once; the second is in the lane by then.
    let own = get(&client).header(http::header::AUTHORIZATION, "Bearer own".parse().unwrap());
    let began = Instant::now();
    let first = client.send(own.max_attempts(1));
    let (first, second) = tokio::join!(first, client.send(get(&client)));
    assert_eq!(first.unwrap().status(), 429);
    assert!(second.unwrap().status().is_success());
    assert!(began.elapsed() >= Duration::from_secs(30), "{:?}", began.elapsed());
}
