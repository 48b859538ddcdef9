//! What the whole stack promises a caller, in one line each.

use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use tower::{Layer as _, ServiceExt as _};

use super::request;
use crate::body::Body;
use crate::fake::Fake;
use crate::lane::Concurrency;
use crate::script::{Script, reply};
use crate::stack::Trail;
use crate::{ClientSecret, GraphClient, GraphRequest};

/// R8: a success is one attempt, without a wait and without a sign of a repeat.
#[tokio::test(start_paused = true)]
async fn a_success_is_one_attempt() {
    let fake = Fake::new(|_| reply(200, &[("retry-after", "9")], "{}"));
    let client = fake.client().build().unwrap();
    let answer = client.send(request(&client)).await.unwrap();
    let [only] = answer.attempts() else { panic!("{:?}", answer.attempts()) };
    assert_eq!((only.wait, only.reason.as_str()), (Duration::ZERO, "200"));
    assert_eq!((fake.asked().len(), answer.elapsed()), (1, Duration::ZERO));
}

/// U2: an `Authorization` of the caller's own goes out as it is, and nobody asks for a token.
#[tokio::test(start_paused = true)]
async fn the_callers_own_authorization_is_left_alone() {
    let script = Script::of([reply(401, &[], "")]);
    let client = script.client().build().unwrap();
    let own = HeaderValue::from_static("Bearer own");
    let answer = client.send(request(&client).header(AUTHORIZATION, own)).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.attempts().len()), (401, 1));
    assert_eq!(script.sent()[0].header("authorization"), "Bearer own");
}

/// Q10: a token is asked for while the only place is taken by the request that needs it.
#[tokio::test(start_paused = true)]
async fn token_requests_take_no_place_in_a_lane() {
    let token = r#"{"access_token":"t","expires_in":3600}"#;
    let fake = Fake::new(move |asked| {
        reply(200, &[], if asked.target.contains("/oauth2/") { token } else { "{}" })
    });
    let cloud = crate::Cloud::named(crate::CloudName::Global).unwrap();
    let credential = ClientSecret::new("contoso.example", "app", "s".into());
    let client = GraphClient::builder(cloud, credential)
        .wire(fake.clone())
        .max_concurrent_requests(Concurrency::Limit(1))
        .build()
        .unwrap();
    assert!(client.send(request(&client)).await.unwrap().status().is_success());
    assert_eq!(fake.asked().len(), 2);
}

/// T11: however small the limit, everybody gets through.
#[tokio::test(start_paused = true)]
async fn with_one_place_all_requests_make_progress() {
    let fake = Fake::slow(|_| (Duration::from_millis(20), reply(200, &[], "{}")));
    let builder = fake.client().max_concurrent_requests(Concurrency::Limit(1));
    let client = builder.build().unwrap();
    let sends = (0..50).map(|_| {
        let client = client.clone();
        async move { client.send(request(&client)).await.unwrap() }
    });
    assert_eq!(futures_util::future::join_all(sends).await.len(), 50);
    assert_eq!((fake.asked().len(), fake.most()), (50, 1));
}

/// D15: the layers of the caller's own see which attempt they have, and may tell the server; a wire of the
/// caller's own sees it in the extensions.
#[tokio::test(start_paused = true)]
async fn the_number_of_an_attempt_is_known_to_layers_wire_and_server() {
    let statuses = [503, 429, 504, 200];
    let fake = Fake::new(move |asked| reply(statuses[asked.earlier], &[], ""));
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (log, wire) = (std::sync::Arc::clone(&seen), fake.clone());
    let wire = tower::service_fn(move |request: http::Request<Body>| {
        let trail: &Trail = request.extensions().get().unwrap();
        log.lock().unwrap().push(trail.earlier_attempts());
        wire.clone().oneshot(request)
    });
    let parts = fake.client().wire(wire).parts().unwrap();
    let name = HeaderName::from_static("x-attempt");
    let inside =
        parts.lane().layer(parts.authorize().layer(
            parts.follow().layer(parts.attempt().layer(parts.collect().layer(parts.wire()))),
        ));
    let told = inside.map_request(move |request: GraphRequest| {
        let attempt = HeaderValue::from(request.earlier_attempts());
        request.header(name.clone(), attempt)
    });
    let stack = parts.retry().layer(told);
    let client = parts.client(stack);
    let answer = client.send(request(&client)).await.unwrap();
    assert_eq!(answer.attempts().len(), 4);
    assert_eq!(*seen.lock().unwrap(), [0, 1, 2, 3]);
    let asked = fake.asked();
    let sent: Vec<_> = asked.iter().map(|it| it.headers["x-attempt"].to_str().unwrap()).collect();
    assert_eq!(sent, ["0", "1", "2", "3"]);
    assert_eq!(request(&client).earlier_attempts(), 0);
}
