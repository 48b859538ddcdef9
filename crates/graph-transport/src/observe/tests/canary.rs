//! U30, SEC-S2, global law 4: no secret in anything that is written, whatever happens.

use proptest::prelude::*;

use std::fmt::Write as _;

use super::*;
use crate::error::Error;

/// A secret as Entra makes them, and a marker to search for.
fn secret() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_~.-]{8}canary[A-Za-z0-9_~.-]{26}"
}

/// What may come back, with the secrets of the server in it.
fn answers() -> impl Strategy<Value = Vec<(u16, u8)>> {
    let status = prop_oneof![
        Just(200_u16),
        Just(401),
        Just(403),
        Just(429),
        Just(500),
        Just(503),
        Just(302)
    ];
    proptest::collection::vec((status, 0_u8..6), 1..5)
}

fn body(kind: u8, secret: &str) -> String {
    match kind {
        0 => format!(
            r#"{{"value":[{{"id":"{secret}","displayName":"{secret}"}}],"@odata.nextLink":"https://graph.microsoft.us/v1.0/users?$skiptoken={secret}"}}"#
        ),
        1 => format!(
            r#"{{"value":[],"@odata.deltaLink":"https://graph.microsoft.us/v1.0/users/delta?$deltatoken={secret}"}}"#
        ),
        2 => format!(
            r#"{{"value":[],"@odata.nextLink":"https://evil.example/{secret}?x={secret}"}}"#
        ),
        3 => format!("<html>Authorization: Bearer {secret}</html>"),
        4 => format!(r#"{{"value":[{{"id":"{secret}"}}"#),
        _ => format!(r#"{{"secretText":"{secret}","code":"{secret}","keyId":"{secret}"}}"#),
    }
}

fn everything() -> Logging {
    let mut logging = Logging::default();
    (logging.request, logging.response, logging.auth) = (true, true, true);
    logging.format = LogFormat::Detailed;
    logging
}

/// The error as every kind of printer shows it, its sources included.
fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?}", error.next_step());
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let _ = write!(text, " {error} {error:?}");
        source = error.source();
    }
    text
}

/// The authority's answer, then Graph's, then failures.
fn script(secret: &str, answers: &[(u16, u8)], token_status: u16) -> Script {
    let token = match token_status {
        200 => format!(
            r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{secret}-t","refresh_token":"{secret}"}}"#
        ),
        _ => format!(
            r#"{{"error":"invalid_client","error_description":"AADSTS7000215: '{secret}-c' is wrong","error_codes":[7000215]}}"#
        ),
    };
    let fail = || reply(500, &[], "");
    let replies = std::iter::once(reply(token_status, &[], &token)).chain(answers.iter().map(
        |(status, kind)| {
            let own = [
                ("set-cookie", secret),
                ("location", secret),
                ("www-authenticate", secret),
                ("content-type", "application/json"),
            ];
            reply(*status, &own, &body(*kind, secret))
        },
    ));
    Script::of(replies.chain((0..40).map(|_| fail())))
}

async fn run(secret: &str, answers: &[(u16, u8)], token_status: u16) -> String {
    let (capture, _guard) = Capture::begin();
    let meter = Meter::default();
    let script = script(secret, answers, token_status);
    let credential =
        ClientSecret::new("contoso.onmicrosoft.com", "app", format!("{secret}-c").into());
    let cloud = crate::cloud::Cloud::named(crate::cloud::CloudName::UsGovL4).unwrap();
    let observe = Observe::new().metrics(meter.clone()).logging(everything()).record_urls(true);
    let client =
        GraphClient::builder(cloud, credential).wire(script).observe(observe).build().unwrap();
    let mut shown = format!("{client:?}");
    let post = GraphRequest::new(
        Method::POST,
        client.cloud().link(&format!("/v1.0/users?$filter={secret}")).unwrap(),
    )
    .json(&serde_json::json!({ "passwordProfile": { "password": secret }, "id": secret }))
    .unwrap()
    .header("x-secret".parse().unwrap(), secret.parse().unwrap());
    let _ = write!(shown, "{post:?}");
    match client.send(post).await {
        Ok(answer) => {
            let _ = write!(shown, "{answer:?}");
            shown += &answer.into_success().err().map(|error| printed(&error)).unwrap_or_default();
        }
        Err(error) => shown += &printed(&error),
    }
    let mut pages = client.pages(get(&client, &format!("/v1.0/users/delta?$deltatoken={secret}")));
    for _ in 0..3 {
        match pages.next().await {
            Some(Ok(page)) => write!(shown, "{page:?} {pages:?}").unwrap(),
            Some(Err(error)) => write!(shown, "{} {pages:?}", printed(&error)).unwrap(),
            None => write!(shown, "{:?}", pages.proof()).unwrap(),
        }
    }
    let written = capture.text() + &meter.text();
    let sent = written.contains("azure.attempt") && written.contains("request POST /");
    assert!(
        sent && written.contains("passwordProfile") == (token_status == 200),
        "nothing to search"
    );
    shown + &written
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_appears_in_anything_that_is_written(
        secret in secret(),
        answers in answers(),
        token_status in prop_oneof![4 => Just(200_u16), 1 => Just(401_u16)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let shown = runtime.block_on(run(&secret, &answers, token_status));
        if let Some(at) = shown.find("canary") {
            let around: String = shown.chars().skip(at.saturating_sub(300)).take(500).collect();
            prop_assert!(false, "a secret was written: …{around}…");
        }
    }
}
