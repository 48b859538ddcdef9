//! `logging`: what is shown, and what is not.

use super::*;

const USER: &str = r#"{"id":"11111111-1111-4111-8111-111111111111","displayName":"Ada\nforged","accountEnabled":true}"#;

async fn logged(logging: Logging) -> String {
    let (capture, _guard) = Capture::begin();
    let script = Script::of([
        reply(200, &[], TOKEN),
        reply(
            200,
            &[("request-id", "r-1"), ("x-own", "v"), ("content-type", "application/json")],
            USER,
        ),
    ]);
    let credential = ClientSecret::new("contoso.onmicrosoft.com", "app", "canary-secret".into());
    let cloud = crate::cloud::Cloud::named(crate::cloud::CloudName::UsGovL4).unwrap();
    let client = GraphClient::builder(cloud, credential)
        .wire(script)
        .observe(Observe::new().logging(logging))
        .build()
        .unwrap();
    let body = serde_json::json!({ "displayName": "canary", "accountEnabled": true });
    let link = client.cloud().link("/v1.0/users/ada?$select=id&$filter=canary").unwrap();
    let request = GraphRequest::new(Method::PUT, link).json(&body).unwrap();
    client.send(request.correlation_id("call-1")).await.unwrap();
    let text = capture.text();
    assert!(!text.contains("canary") && !text.contains("forged"), "{text}");
    text.lines()
        .filter(|line| line.contains("graph_transport::log"))
        .map(|line| line.split_once("graph_transport::log: ").unwrap().1.to_owned() + "\n")
        .collect()
}

fn both(format: LogFormat) -> Logging {
    let mut logging = Logging::default();
    (logging.request, logging.response, logging.format) = (true, true, format);
    logging
}

#[tokio::test(start_paused = true)]
async fn basic_is_a_line_for_each_request_and_answer() {
    assert_eq!(logged(Logging::default()).await, "");
    assert_eq!(
        logged(both(LogFormat::Basic)).await,
        "request PUT /users/{id}?$select=id&$filter=*** attempt=1 client_request_id=\"call-1\"\n\
         answer 200 to PUT /users/{id} elapsed_ms=0 request_id=\"r-1\"\n"
    );
}

/// L7, L9
#[tokio::test(start_paused = true)]
async fn detailed_shows_masked_headers_and_bodies() {
    let text = logged(both(LogFormat::Detailed)).await;
    for shown in [
        "authorization: REDACTED",
        "x-own: REDACTED",
        "client-request-id: call-1",
        r#"{"displayName":"***","accountEnabled":true}"#,
        r#"{"id":"11111111-1111-4111-8111-111111111111","displayName":"***","accountEnabled":true}"#,
    ] {
        assert!(text.contains(shown), "{shown} in {text}");
    }
    let more = both(LogFormat::Detailed).show_header("x-own".parse().unwrap());
    let text = logged(more).await;
    assert!(text.contains("x-own: v") && text.contains("client-request-id: call-1"), "{text}");
}

/// `auth`: token requests only when asked for, and masked then too.
#[tokio::test(start_paused = true)]
async fn token_requests_are_logged_only_when_asked_for() {
    let mut logging = both(LogFormat::Detailed);
    logging.auth = true;
    let text = logged(logging).await;
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("POST /{id}/oauth2/v2.0/token"), "{text}");
    assert!(text.contains("client_secret=***"), "{text}");
    assert!(text.contains(r#""access_token":"***""#), "{text}");
}
