//! Chaos by its cases (X), through the whole client.

use http::{HeaderName, HeaderValue};
use tower::ServiceExt as _;

use super::*;
use crate::fake::Fake;
use crate::script::reply;
use crate::{GraphClient, GraphRequest};

fn chaotic(chaos: &Chaos) -> Chaotic<Fake> {
    chaos.layer(Fake::new(|_| reply(200, &[], "{}")))
}

async fn statuses(chaos: &Chaos, requests: &[(Method, &str)]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for (method, path) in requests {
        let uri = format!("https://graph.microsoft.us{path}");
        let mut request = Request::new(Body::default());
        (*request.method_mut(), *request.uri_mut()) = (method.clone(), uri.parse().unwrap());
        statuses.push(chaotic(chaos).oneshot(request).await.unwrap().status().as_u16());
    }
    statuses
}

fn many(method: &Method) -> Vec<(Method, &'static str)> {
    vec![(method.clone(), "/v1.0/users"); 400]
}

/// X1, X11
#[tokio::test]
async fn random_failures_are_plausible_and_repeatable() {
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let run = async |seed| {
            let chaos = Chaos::new(Plan::Random { percent: 50.0 }, seed).unwrap();
            statuses(&chaos, &many(&method)).await
        };
        let first = run(7).await;
        assert_eq!(first, run(7).await);
        assert_ne!(first, run(8).await);
        let failures: Vec<u16> = first.into_iter().filter(|it| *it != 200).collect();
        assert!((120..280).contains(&failures.len()), "{}", failures.len());
        assert!(failures.iter().all(|it| answers::plausible(&method).contains(it)));
        assert!(method != Method::GET || !failures.contains(&507));
    }
    let always = Chaos::new(Plan::Random { percent: 100.0 }, 1).unwrap();
    assert!(statuses(&always, &many(&Method::GET)).await.iter().all(|it| *it != 200));
    let never = Chaos::new(Plan::Random { percent: 0.0 }, 1).unwrap();
    assert!(statuses(&never, &many(&Method::GET)).await.iter().all(|it| *it == 200));
}

/// X2
#[tokio::test]
async fn a_list_is_used_exhaustively() {
    let chaos = Chaos::new(Plan::List(vec![503, 418, 429]), 1).unwrap();
    let requests = vec![(Method::GET, "/v1.0/users"); 5];
    assert_eq!(statuses(&chaos, &requests).await, [503, 418, 429, 200, 200]);
}

/// X3, X4
#[tokio::test]
async fn manual_mode_goes_by_request_exact_url_and_pattern() {
    let rule = |url: &str, method: Option<Method>, status| Rule { url: url.into(), method, status };
    let urls = vec![
        rule("/v1.0/users/*", None, 404),
        rule("/v1.0/users/me", None, 403),
        rule("/v1.0/*/members/*/$ref", Some(Method::DELETE), 409),
    ];
    let chaos = Chaos::new(Plan::Manual { status: Some(500), urls: urls.clone() }, 1).unwrap();
    let requests = [
        (Method::GET, "/v1.0/users/me"),
        (Method::GET, "/v1.0/users/7c2a?$select=id"),
        (Method::DELETE, "/v1.0/groups/1/members/2/$ref"),
        (Method::POST, "/v1.0/groups/1/members/2/$ref"),
    ];
    assert_eq!(statuses(&chaos, &requests).await, [403, 404, 409, 500]);
    let rules_only = Chaos::new(Plan::Manual { status: None, urls }, 1).unwrap();
    assert_eq!(statuses(&rules_only, &[(Method::GET, "/v1.0/groups")]).await, [200]);
    let mut own = Request::new(Body::default());
    own.extensions_mut().insert(Override(429));
    assert_eq!(chaotic(&chaos).oneshot(own).await.unwrap().status(), 429);
}

/// X6
#[test]
fn options_that_mean_nothing_are_refused() {
    for percent in [-1.0, 100.5, f64::NAN] {
        assert!(matches!(Chaos::new(Plan::Random { percent }, 1), Err(ChaosError::Percent(_))));
    }
    let nothing = Plan::Manual { status: None, urls: Vec::new() };
    assert!(matches!(Chaos::new(nothing, 1), Err(ChaosError::NoStatus)));
    assert!(matches!(Chaos::new(Plan::List(vec![429, 99]), 1), Err(ChaosError::Status(99))));
}

/// X8, X9, and that what is above copes: throttled twice, then through.
#[tokio::test(start_paused = true)]
async fn injected_answers_look_like_graphs() {
    let chaos = Chaos::new(Plan::List(vec![429, 503, 204, 404]), 3).unwrap();
    let fake = Fake::new(|_| reply(200, &[], "{}"));
    let client = fake.client().wire(chaos.layer(fake.clone())).build().unwrap();
    let answer = client.send(users(&client)).await.unwrap();
    let reasons: Vec<&str> = answer.attempts().iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(reasons, ["429 TooManyRequests", "503 serviceNotAvailable", "204"]);
    assert!(answer.attempts().iter().all(|it| it.request_id.is_some()));
    assert!(answer.attempts()[0].wait.as_secs() >= 1);
    assert!(answer.body().is_empty() && fake.asked().is_empty());
    let named = users(&client).header(HeaderName::from_static("x"), HeaderValue::from_static("y"));
    let error = client.send(named).await.unwrap().error().unwrap();
    assert_eq!(error.code, "Request_ResourceNotFound");
    assert!(error.request_id.is_some() && error.client_request_id.is_some());
}

fn users(client: &GraphClient) -> GraphRequest {
    GraphRequest::get(client.cloud().link("/v1.0/users").unwrap())
}
