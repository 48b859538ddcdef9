use std::sync::Mutex;
mod promises;

use std::time::Duration;

use http::header::AUTHORIZATION;
use tokio::time::Instant;

use super::*;
use crate::client::{BuildError, GraphClientBuilder};
use crate::error::TimeoutPhase;
use crate::lane::Concurrency;
use crate::retry::Backoff;
use crate::script::{Script, reply};

fn request(client: &crate::GraphClient) -> GraphRequest {
    GraphRequest::get(client.cloud().link("/v1.0/users").unwrap())
}

/// Z1: the default stack is the documented one, layer for layer.
#[test]
fn the_default_client_has_every_documented_layer_in_order() {
    let parts = Script::of([]).client().parts().unwrap();
    let composed = std::any::type_name_of_val(&layered(&parts)).to_owned();
    let layers = [
        "deadline::WithDeadline<",
        "operation::Operation<",
        "retry::Retry<",
        "lane::",
        "authorize::Authorize<",
        "product::Signed<",
        "redirect::Follow<",
        "attempt::Attempted<",
        "collect::Collect<",
    ];
    let places: Vec<_> = layers
        .iter()
        .map(|layer| composed.find(layer).unwrap_or_else(|| panic!("{layer} in {composed}")))
        .collect();
    assert!(places.is_sorted(), "{composed}");
    // The table at the top of the module is what people read.
    let table = include_str!("../stack.rs");
    let documented: Vec<_> =
        table.lines().filter_map(|line| line.strip_prefix("//! | [`")?.split('`').next()).collect();
    assert_eq!(
        documented,
        [
            "DeadlineLayer",
            "OperationLayer",
            "RetryLayer",
            "LaneLayer",
            "AuthorizeLayer",
            "Product",
            "FollowLayer",
            "AttemptLayer",
            "CollectLayer"
        ]
    );
}

/// A layer of the caller's own that counts its calls.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<u32>>);

impl Calls {
    fn count<R>(&self) -> impl Fn(R) -> R + Clone + Send + Sync + 'static + use<R> {
        let calls = Arc::clone(&self.0);
        move |request| {
            *calls.lock().unwrap() += 1;
            request
        }
    }

    fn so_far(&self) -> u32 {
        *self.0.lock().unwrap()
    }
}

/// Z2, Z3: outside retry a layer is called once for an operation, inside once for each attempt; the
/// caller's own wire is at the end of both.
#[tokio::test(start_paused = true)]
async fn a_layer_is_called_as_often_as_its_place_says() {
    let script = Script::of([reply(503, &[], ""), reply(503, &[], ""), reply(200, &[], "{}")]);
    let parts = script.client().parts().unwrap();
    let (outside, inside, below) = (Calls::default(), Calls::default(), Calls::default());
    let stack = ServiceBuilder::new()
        .layer(parts.deadline())
        .layer(parts.operation())
        .map_request(outside.count::<GraphRequest>())
        .layer(parts.retry())
        .map_request(inside.count::<GraphRequest>())
        .layer(parts.lane())
        .layer(parts.authorize())
        .map_request(below.count::<Request<Body>>())
        .layer(parts.attempt())
        .layer(parts.collect())
        .service(parts.wire());
    let client = parts.client(stack);
    let answer = client.send(request(&client)).await.unwrap();
    assert_eq!(answer.attempts().len(), 3);
    assert_eq!((outside.so_far(), inside.so_far(), below.so_far()), (1, 3, 3));
    assert_eq!(script.sent().len(), 3);
    assert!(script.sent().iter().all(|sent| sent.headers.contains_key(AUTHORIZATION)));
    assert!(script.sent().iter().all(|sent| !sent.headers.contains_key("sdkversion")));
    let refused = client.reconfigure(RetryConfig::default(), Timeouts::default());
    assert!(matches!(refused, Err(BuildError::OwnStack)));
}

/// Z9: no layer at all is the bare wire, and what it answers is what comes back.
#[tokio::test(start_paused = true)]
async fn a_wire_alone_is_a_bare_transport() {
    let script = Script::of([reply(503, &[], "down")]);
    let parts = script.client().parts().unwrap();
    let response = parts.wire().oneshot(Request::new(Body::default())).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(script.sent().len(), 1);
}

/// Z14: every clone of a live client takes new settings, and refuses bad ones.
#[tokio::test(start_paused = true)]
async fn a_live_client_takes_new_settings() {
    let down = || reply(503, &[], "");
    let script = Script::of([down(), down(), down(), down(), down(), down(), reply(200, &[], "")]);
    let client = script.client().build().unwrap();
    let other = client.clone();
    assert_eq!(client.send(request(&client)).await.unwrap().attempts().len(), 4);
    let retry = RetryConfig {
        max_attempts: 2,
        jitter: Duration::ZERO,
        backoff: Backoff::Linear { step: Duration::from_secs(7) },
        ..RetryConfig::default()
    };
    client.reconfigure(retry, Timeouts::default()).unwrap();
    let began = Instant::now();
    assert_eq!(other.send(request(&other)).await.unwrap().attempts().len(), 2);
    assert_eq!(began.elapsed(), Duration::from_secs(7));
    let never = RetryConfig { max_attempts: 0, ..RetryConfig::default() };
    let refused = client.reconfigure(never, Timeouts::default());
    assert!(matches!(refused, Err(BuildError::OutOfRange { field: "retry.max_attempts" })));
    assert!(client.send(request(&client)).await.unwrap().status().is_success());
}

/// Every setting out of its range is refused when the client is built, by its name.
#[test]
fn settings_out_of_range_are_refused_by_name() {
    type Change = fn(GraphClientBuilder) -> GraphClientBuilder;
    fn retry(builder: GraphClientBuilder, change: fn(&mut RetryConfig)) -> GraphClientBuilder {
        let mut retry = RetryConfig::default();
        change(&mut retry);
        builder.retry(retry)
    }
    fn timeouts(builder: GraphClientBuilder, change: fn(&mut Timeouts)) -> GraphClientBuilder {
        let mut timeouts = Timeouts::default();
        change(&mut timeouts);
        builder.timeouts(timeouts)
    }
    let cases: [(&str, Change); 14] = [
        ("timeouts.connect", |it| timeouts(it, |it| it.connect = Duration::ZERO)),
        ("timeouts.read", |it| timeouts(it, |it| it.read = Duration::ZERO)),
        ("timeouts.write", |it| timeouts(it, |it| it.write = Duration::ZERO)),
        ("timeouts.pool", |it| timeouts(it, |it| it.pool = Some(Duration::ZERO))),
        ("timeouts.operation", |it| timeouts(it, |it| it.operation = Some(Duration::ZERO))),
        ("timeouts.attempt", |it| timeouts(it, |it| it.attempt = Some(Duration::ZERO))),
        ("retry.max_attempts", |it| retry(it, |it| it.max_attempts = 0)),
        ("retry.retry_on_status", |it| retry(it, |it| it.statuses = vec![200])),
        ("retry.retry_on_status", |it| retry(it, |it| it.statuses = vec![600])),
        ("retry.backoff_factor", |it| {
            retry(it, |it| it.backoff = Backoff::exponential(Duration::from_secs(1), 0.5))
        }),
        ("retry.backoff_factor", |it| {
            retry(it, |it| it.backoff = Backoff::exponential(Duration::from_secs(1), f64::NAN))
        }),
        ("max_concurrent_requests", |it| it.max_concurrent_requests(Concurrency::Limit(0))),
        ("max_body", |it| it.max_body(0)),
        ("rate_limit_key", |it| it.rate_limit_key("")),
    ];
    for (name, change) in cases {
        let built = change(Script::of([]).client()).build();
        let Err(BuildError::OutOfRange { field }) = built else { panic!("{name} was accepted") };
        assert_eq!(field, name);
        let error = Error::from(BuildError::OutOfRange { field });
        assert!(error.next_step().is_some());
    }
}

/// DESIGN section 3: the deadline is outside the waits, and its error tells what was tried.
#[tokio::test(start_paused = true)]
async fn the_deadline_tells_what_was_tried() {
    let script = Script::of((0..3).map(|_| reply(503, &[("retry-after", "0")], "")));
    let slow = tower::service_fn(|_: Request<Body>| async {
        tokio::time::sleep(Duration::from_secs(40)).await;
        Ok::<_, std::io::Error>(http::Response::new(Body::default()))
    });
    let client = script.client().wire(slow).build().unwrap();
    let error = client.send(request(&client)).await.err();
    assert!(error.is_none(), "{error:?}");
    let request = request(&client).deadline(Some(Duration::from_secs(5)));
    let error = client.send(request).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { phase: TimeoutPhase::Operation, .. }), "{error:?}");
    assert!(error.to_string().contains("for GET /users"), "{error}");
}
