//! A 202 whose `Location` is followed, against answers written out, in virtual time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use graph_dsl::{Arguments, Envelope, Outcome, Runner, SourceFile, compile};
use graph_transport::{Cloud, CustomCloud, GraphClient, Secret, StaticBearer};
use http::{Request, Response};
use http_body_util::Full;
use serde_json::json;
use tower::Service;

const SYSTEM: &str = "
object_types:
  group:
    commands:
      assign_license:
        summary: Graph works on it after the answer.
        method: POST
        endpoint: /groups/{id}/assignLicense
        body: { addLicenses: [], removeLicenses: [] }
        expect: [ { status: 202, as: accepted } ]
        wait_for: { max: 60 }
";

/// One answer: status, `Location`, body.
type Scripted = (u16, Option<&'static str>, &'static str);

/// Graph as a list of answers.
#[derive(Clone)]
struct Script(Arc<Mutex<VecDeque<Scripted>>>);

impl<B> Service<Request<B>> for Script {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<B>) -> Self::Future {
        let next = self.0.lock().unwrap().pop_front();
        let (status, location, body) = next.expect("an answer for every request");
        let response = Response::builder().status(status);
        let response = response.header("content-type", "application/json");
        let response = match location {
            Some(location) => response.header("location", location),
            None => response,
        };
        ready(Ok(response.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap()))
    }
}

/// What came of the command, and how many answers were asked for.
async fn run(answers: &[Scripted]) -> (Envelope, usize) {
    let wire = Script(Arc::new(Mutex::new(answers.iter().copied().collect())));
    let left = Arc::clone(&wire.0);
    let root = "http://127.0.0.1:1".to_owned();
    let custom = CustomCloud {
        graph_root: root.clone(),
        authority: root,
        ca_bundle: None,
        allow_insecure_loopback: true,
    };
    let token = StaticBearer::new(Secret::new("t".to_owned()));
    let client = GraphClient::builder(Cloud::custom(custom).unwrap(), token).wire(wire);
    let runner = Runner::new(client.build().unwrap());
    let system = compile(&SourceFile::new("m.yaml", SYSTEM), None).system.expect("no errors");
    let plan = system.catalogue.get("group.assign_license").unwrap();
    let arguments = Arguments::new().with("id", "11111111-2222-3333-4444-555555555555");
    let envelope = runner.run(plan, &arguments).await;
    let left = left.lock().unwrap().len();
    (envelope, answers.len() - left)
}

const ACCEPTED: Scripted = (202, Some("http://127.0.0.1:1/v1.0/groups/1/operations/2"), "");
const RUNNING: Scripted = (200, None, r#"{"status": "running"}"#);

#[tokio::test(start_paused = true)]
async fn a_monitor_is_asked_until_the_operation_is_done() {
    let done = (200, None, r#"{"status": "succeeded", "resourceId": "2"}"#);
    let (envelope, asked) = run(&[ACCEPTED, RUNNING, RUNNING, done]).await;
    assert_eq!((envelope.outcome(), asked), (Outcome::Ok, 4));
    assert_eq!(envelope.data, json!({ "status": "succeeded", "resourceId": "2" }));
}

#[tokio::test(start_paused = true)]
async fn an_operation_over_the_bound_stays_accepted() {
    let answers = [[ACCEPTED].as_slice(), &[RUNNING; 20]].concat();
    let (envelope, asked) = run(&answers).await;
    assert_eq!(envelope.outcome(), Outcome::Accepted);
    assert!(asked < 20, "{asked}");
    // Without a monitor there is nothing to wait for.
    assert_eq!(run(&[(202, None, "")]).await.0.outcome(), Outcome::Accepted);
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_fails_says_why() {
    let body = r#"{"status": "failed", "error": {"code": "quota", "message": "no licences left"}}"#;
    let (envelope, _) = run(&[ACCEPTED, (200, None, body)]).await;
    assert!(!envelope.is_success());
    let detail = envelope.detail.expect("a reason");
    assert!(format!("{detail:?}").contains("no licences left"), "{detail:?}");
}
