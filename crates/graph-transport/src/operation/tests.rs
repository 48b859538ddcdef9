//! Long-running operations by their cases (A18, F16, F17).

use super::*;
use crate::fake::{Asked, Fake};
use crate::script::{Reply, reply};

const ELSEWHERE: &str = "https://monitor.example/operations/1?sig=canary";
const INSIDE: &str = "https://graph.microsoft.us/v1.0/teams('t')/operations('1')";

/// An operation whose monitor answers by a function of how often it was asked.
fn accepted(
    location: &'static str,
    monitor: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> Fake {
    Fake::new(move |asked: &Asked| {
        if asked.earlier == 0 {
            return reply(202, &[("location", location), ("retry-after", "30")], "");
        }
        let inside = asked.target.starts_with("https://graph.microsoft.us");
        assert_eq!(asked.headers.contains_key("authorization"), inside, "U7");
        monitor(asked.earlier)
    })
}

async fn begin(fake: &Fake) -> LongRunning {
    let client = fake.client().build().unwrap();
    let link = client.cloud().link("/v1.0/teams").unwrap();
    let answer = client.send(GraphRequest::new(Method::POST, link)).await.unwrap();
    client.long_running(&answer).unwrap()
}

/// A18, F16: asked at the pace that Graph asks for, until it succeeds, without the token elsewhere.
#[tokio::test(start_paused = true)]
async fn an_operation_is_asked_until_it_succeeds() {
    for location in [ELSEWHERE, INSIDE, "/teams('t')/operations('1')"] {
        let fake = accepted(location, |asked| match asked {
            1 => reply(
                202,
                &[("retry-after", "7")],
                r#"{"status":"running","percentageComplete":40}"#,
            ),
            2 => reply(200, &[], r#"{"status":"notStarted"}"#),
            _ => reply(
                200,
                &[],
                r#"{"status":"succeeded","resourceId":"42","resourceLocation":"https://graph.microsoft.us/v1.0/teams/42"}"#,
            ),
        });
        let began = Instant::now();
        let mut operation = begin(&fake).await;
        assert!(!format!("{operation:?}").contains("canary"));
        let target = operation.wait(Duration::from_secs(600)).await.unwrap();
        assert_eq!(target.id.as_deref(), Some("42"));
        assert_eq!(target.link.unwrap().path(), "/teams/42");
        assert_eq!(began.elapsed().as_secs(), 30 + 7 + 5, "{location}");
    }
}

/// F16: a monitor that leads to the resource has succeeded.
#[tokio::test(start_paused = true)]
async fn a_monitor_that_leads_to_the_resource_has_succeeded() {
    let fake = accepted(ELSEWHERE, |_| {
        reply(303, &[("location", "https://graph.microsoft.us/v1.0/drives/d/items/i")], "")
    });
    let target = begin(&fake).await.wait(Duration::from_secs(600)).await.unwrap();
    assert_eq!(target.link.unwrap().path(), "/drives/d/items/i");
    let fake = accepted(ELSEWHERE, |_| reply(200, &[], r#"{"id":"i","name":"copy"}"#));
    let target = begin(&fake).await.wait(Duration::from_secs(600)).await.unwrap();
    assert_eq!(target.body, r#"{"id":"i","name":"copy"}"#);
}

/// F17: failed, cancelled and no status are different ends.
#[tokio::test(start_paused = true)]
async fn failed_cancelled_and_unknown_are_distinct() {
    let end = async |body: &'static str| {
        let fake = accepted(ELSEWHERE, move |_| reply(200, &[], body));
        match begin(&fake).await.wait(Duration::from_secs(600)).await.unwrap_err() {
            Error::Operation(error) => error,
            other => panic!("{other:?}"),
        }
    };
    let failed = r#"{"status":"failed","error":{"code":"nameAlreadyExists","message":"taken"}}"#;
    let OperationError::Failed(error) = end(failed).await else { panic!("failed") };
    assert_eq!((error.code.as_str(), error.message.as_str()), ("nameAlreadyExists", "taken"));
    assert!(matches!(end(r#"{"status":"cancelled"}"#).await, OperationError::Cancelled));
    assert!(matches!(end(r#"{"status":null}"#).await, OperationError::Unknown));
}

/// A wait past the limit is not begun, and an answer that accepted nothing has no monitor.
#[tokio::test(start_paused = true)]
async fn an_operation_that_takes_too_long_or_was_not_accepted_is_an_error() {
    let fake = accepted(ELSEWHERE, |_| reply(202, &[], r#"{"status":"running"}"#));
    let began = Instant::now();
    let error = begin(&fake).await.wait(Duration::from_secs(60)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { phase: TimeoutPhase::Operation, .. }), "{error:?}");
    assert_eq!(began.elapsed().as_secs(), 60);
    let fake = Fake::new(|_| reply(200, &[], "{}"));
    let client = fake.client().build().unwrap();
    let link = client.cloud().link("/v1.0/teams").unwrap();
    let answer = client.send(GraphRequest::get(link)).await.unwrap();
    let error = client.long_running(&answer).unwrap_err();
    assert!(matches!(error, Error::Operation(OperationError::NoMonitor)), "{error:?}");
}
