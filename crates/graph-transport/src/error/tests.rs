use http::Method;

use super::*;
use crate::request::GraphRequest;
use crate::script::{Script, reply};

const NOT_FOUND: &str = r#"{"error":{"code":"Request_ResourceNotFound","message":"Resource 'x' does not exist.","innerError":{"request-id":"r-7","client-request-id":"c-7"}}}"#;

async fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    let script = Script::of([reply(status, headers, body)]);
    let client = script.client().build().unwrap();
    let link = client.cloud().link("/v1.0/users/ada@contoso.com?$select=id").unwrap();
    let answer = client.send(GraphRequest::new(Method::POST, link)).await.unwrap();
    answer.into_success().unwrap_err()
}

/// Z17, Z21: everything that support asks for, on one line, and no key of a person.
#[tokio::test(start_paused = true)]
async fn a_refusal_says_what_where_and_what_next() {
    let error = refused(404, &[], NOT_FOUND).await;
    assert_eq!(
        error.to_string(),
        "get a success from Graph: 404 Request_ResourceNotFound: Resource 'x' does not exist. \
         (request-id r-7) for POST /users/{id} after 1 attempt"
    );
    assert_eq!(error.disposition(), Disposition::NotFound);
    assert!(error.next_step().unwrap().contains("check the id"));
    for partial in [
        r#"{"error":{"code":"c","message":"m","innerError":null}}"#,
        r#"{"error":{"code":"c","message":"m","innerError":"text"}}"#,
        r#"{"error":{"code":"c","message":"m","innerError":{"innerError":{}}}}"#,
        r#"{"error":{"code":"c","message":"m"}}"#,
    ] {
        let error = refused(400, &[("request-id", "r-1")], partial).await;
        let shown = "get a success from Graph: 400 c: m (request-id r-1) for POST /users/{id} after 1 attempt";
        assert_eq!(error.to_string(), shown, "{partial}");
    }
}

/// Z20: a gateway's page keeps status, id and a bounded excerpt.
#[tokio::test(start_paused = true)]
async fn a_page_of_a_gateway_is_an_error_with_an_excerpt() {
    let page = format!("<html>\r\n<h1>Bad gateway</h1>{}</html>", "<p>sorry</p>".repeat(1_000));
    let error = refused(502, &[("request-id", "r-2"), ("content-type", "text/html")], &page).await;
    let shown = error.to_string();
    assert!(
        shown
            .starts_with("get a success from Graph: 502 Bad Gateway: <html>  <h1>Bad gateway</h1>"),
        "{shown}"
    );
    assert!(shown.contains("(request-id r-2)") && shown.len() < 400, "{shown}");
    assert!(!shown.contains('\n'));
}

/// Z15, Z16: exact status and code, then the class of the status, then anything; status and headers stay.
#[tokio::test(start_paused = true)]
async fn what_nobody_knows_is_still_an_error_with_status_and_headers() {
    for (status, disposition) in [
        (410, Disposition::Gone),
        (404, Disposition::NotFound),
        (418, Disposition::Invalid),
        (499, Disposition::Invalid),
        (599, Disposition::Fatal),
        (302, Disposition::Fatal),
    ] {
        let error = refused(status, &[("x-own", "kept")], "").await;
        assert_eq!(error.disposition(), disposition, "{status}");
        let Error::Refused { error, record } = &error else { panic!("{error:?}") };
        assert_eq!(
            (error.status.as_u16(), &record.headers["x-own"]),
            (status, &"kept".parse().unwrap())
        );
    }
}

/// Z19: no content is nothing, not a failure.
#[tokio::test(start_paused = true)]
async fn no_content_decodes_to_nothing() {
    for (status, body) in [(204, ""), (200, ""), (202, "")] {
        let script = Script::of([reply(status, &[], body)]);
        let client = script.client().build().unwrap();
        let link = client.cloud().link("/v1.0/users/x").unwrap();
        let answer = client.send(GraphRequest::new(Method::DELETE, link)).await.unwrap();
        assert_eq!(answer.optional_json::<serde_json::Value>().unwrap(), None, "{status}");
        assert!(answer.json::<serde_json::Value>().is_err());
    }
    let script = Script::of([reply(200, &[], r#"{"id":"1"}"#)]);
    let client = script.client().build().unwrap();
    let link = client.cloud().link("/v1.0/users/x").unwrap();
    let answer = client.send(GraphRequest::get(link)).await.unwrap();
    assert_eq!(answer.optional_json::<serde_json::Value>().unwrap().unwrap()["id"], "1");
}

/// Every kind prints as a sentence part and names its next step.
#[test]
fn every_kind_fits_after_failed_to() {
    let cloud = crate::cloud::Cloud::named(crate::cloud::CloudName::Global).unwrap();
    let link = cloud.link("/v1.0/users").unwrap();
    let operation = || Some(Description::graph(Method::GET, link.clone(), None));
    let tried = || Box::new(Tried { operation: operation(), ..Tried::default() });
    let errors = [
        Error::Unreachable { host: "h".into(), tried: tried(), source: "refused".into() },
        Error::Lost { host: "h".into(), tried: tried(), source: "reset".into() },
        Error::BrokenBody { host: "h".into(), tried: tried(), source: "eof".into() },
        Error::Timeout { phase: TimeoutPhase::Read, limit: Duration::from_secs(1), tried: tried() },
        Error::Throttled { wait: Duration::from_secs(9), closed: Box::default(), tried: tried() },
        Error::Credential(CredentialError::Unusable("why")),
    ];
    for error in errors {
        let shown = error.to_string();
        assert!(shown.starts_with(char::is_lowercase) && !shown.ends_with('.'), "{shown}");
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert!(source.is_none_or(|source| !shown.contains(&source)), "{shown} repeats its source");
        assert!(!error.kind().contains(' '));
        if !matches!(error, Error::Credential(_)) {
            assert!(shown.contains("GET /users") && error.next_step().is_some(), "{shown}");
        }
    }
}
