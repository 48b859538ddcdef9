//! Who asks for a token, when, and what everybody else gets meanwhile (cases U, SEC-D).

use std::collections::VecDeque;
use std::sync::Mutex;

use http::header::AUTHORIZATION;
use tokio::time::sleep;

use super::*;
use crate::credential::BoxFuture;
use crate::request::GraphRequest;
use crate::script::{Reply, Script, reply};
use crate::{ClientSecret, Error, GraphClient, Secret, SecretSource};

/// Answers from a list, after a second each, and remembers the claims that it was asked for.
#[derive(Debug, Default)]
struct Planned {
    results: Mutex<VecDeque<Result<AccessToken, CredentialError>>>,
    claims: Arc<Mutex<Vec<String>>>,
}

impl Planned {
    fn of(results: impl IntoIterator<Item = Result<AccessToken, CredentialError>>) -> Self {
        Self { results: Mutex::new(results.into_iter().collect()), ..Self::default() }
    }
}

impl Credential for Planned {
    fn tenant(&self) -> Option<&str> {
        None
    }

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        self.claims.lock().unwrap().push(request.claims().unwrap_or_default().to_owned());
        let result = self.results.lock().unwrap().pop_front().expect("an answer is left");
        Box::pin(async move {
            sleep(Duration::from_secs(1)).await;
            result
        })
    }
}

#[expect(clippy::unnecessary_wraps, reason = "stands beside failures in a plan")]
fn living(name: &str, seconds: u64) -> Result<AccessToken, CredentialError> {
    Ok(AccessToken::new(name.into(), Duration::from_secs(seconds)))
}

fn down() -> Result<AccessToken, CredentialError> {
    Err(CredentialError::Unusable("down"))
}

fn ok() -> Reply {
    reply(200, &[], "{}")
}

/// Sends one request and says which token it carried.
async fn send(client: &GraphClient, script: &Script) -> Result<String, Error> {
    client.send(GraphRequest::get(client.cloud().link("/v1.0/users").unwrap())).await?;
    let sent = script.sent();
    let bearer = sent.last().unwrap().headers[AUTHORIZATION].to_str().unwrap();
    Ok(bearer.trim_start_matches("Bearer ").to_owned())
}

fn client(script: &Script, credential: Planned) -> GraphClient {
    script.client_of(credential).build().unwrap()
}

/// U14, U16, SEC-D06: 1 000 callers at once, exactly one token request.
#[tokio::test(start_paused = true)]
async fn a_thousand_callers_share_one_token_request() {
    let client = client(&Script::of([]), Planned::of([living("a", 3_600)]));
    let mut callers = JoinSet::new();
    for _ in 0..1_000 {
        let client = client.clone();
        callers.spawn(async move { client.sign_in().await });
    }
    assert!(callers.join_all().await.into_iter().all(|result| result.is_ok()));
}

/// U16: who began the request does not matter to those that wait for it.
#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_end_the_request() {
    let client = client(&Script::of([]), Planned::of([living("a", 3_600)]));
    let impatient = timeout(Duration::from_millis(10), client.sign_in()).await;
    assert!(impatient.is_err());
    client.sign_in().await.unwrap();
}

/// U23: the old token serves while the new one is on its way.
#[tokio::test(start_paused = true)]
async fn a_token_is_refreshed_in_the_background_before_its_end() {
    let script = Script::of([ok(), ok(), ok(), ok()]);
    let client = client(&script, Planned::of([living("a", 3_600), living("b", 3_600)]));
    assert_eq!(send(&client, &script).await.unwrap(), "a");
    sleep(Duration::from_secs(3_600 - 301)).await;
    assert_eq!(send(&client, &script).await.unwrap(), "a");
    sleep(Duration::from_secs(2)).await;
    let began = Instant::now();
    assert_eq!(send(&client, &script).await.unwrap(), "a", "nobody waits for the refresh");
    assert_eq!(began.elapsed(), Duration::ZERO);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(send(&client, &script).await.unwrap(), "b");
}

/// U23: `refresh_in` moves the refresh forward.
#[tokio::test(start_paused = true)]
async fn refresh_in_is_honoured() {
    let script = Script::of([ok(), ok()]);
    let early = living("a", 3_600)
        .map(|it| AccessToken { refresh_in: Some(Duration::from_secs(60)), ..it });
    let client = client(&script, Planned::of([early, living("b", 3_600)]));
    client.sign_in().await.unwrap();
    sleep(Duration::from_secs(61)).await;
    assert_eq!(send(&client, &script).await.unwrap(), "a");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(send(&client, &script).await.unwrap(), "b");
}

/// SEC-D04: a failing authority is not noticed while the token lives, and is named when it does not.
#[tokio::test(start_paused = true)]
async fn a_failed_refresh_keeps_the_old_token_until_its_end() {
    let script = Script::of([ok(), ok(), ok()]);
    let plan = [living("a", 3_600), down(), down(), down(), living("b", 3_600)];
    let client = client(&script, Planned::of(plan));
    client.sign_in().await.unwrap();
    sleep(Duration::from_secs(3_400)).await;
    assert_eq!(send(&client, &script).await.unwrap(), "a");
    sleep(Duration::from_secs(35)).await;
    assert_eq!(send(&client, &script).await.unwrap(), "a", "the second try is 30 s later");
    sleep(Duration::from_secs(170)).await;
    let error = send(&client, &script).await.unwrap_err();
    assert!(matches!(error, Error::Credential(CredentialError::Unusable("down"))), "{error:?}");
    sleep(Duration::from_secs(3)).await;
    assert_eq!(send(&client, &script).await.unwrap(), "b");
}

/// U18
#[tokio::test(start_paused = true)]
async fn a_hung_source_hits_the_time_limit() {
    #[derive(Debug)]
    struct Hung;
    impl Credential for Hung {
        fn tenant(&self) -> Option<&str> {
            None
        }
        fn token<'a>(
            &'a self,
            _: &'a TokenRequest<'a>,
        ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
            Box::pin(std::future::pending())
        }
    }
    let client = Script::of([]).client_of(Hung).build().unwrap();
    let began = Instant::now();
    let error = client.sign_in().await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(90));
    let Error::Credential(error) = error else { panic!("{error:?}") };
    assert!(matches!(error, CredentialError::TimedOut(_)) && error.is_transient());
}

/// U19, U27: every waiter gets the error, and it is not kept as if it were a token.
#[tokio::test(start_paused = true)]
async fn an_error_reaches_every_waiter_and_is_forgotten() {
    let script = Script::of([ok()]);
    let client = client(&script, Planned::of([down(), living("a", 3_600)]));
    let (first, second) = tokio::join!(send(&client, &script), send(&client, &script));
    for result in [first, second] {
        assert!(matches!(result, Err(Error::Credential(CredentialError::Unusable("down")))));
    }
    assert!(script.sent().is_empty(), "nothing reached Graph");
    assert!(client.sign_in().await.is_err(), "callers right behind get the same error");
    sleep(FAILURE_HOLDS).await;
    assert_eq!(send(&client, &script).await.unwrap(), "a");
}

/// U18: a credential that panics is an error, not a hang.
#[tokio::test(start_paused = true)]
async fn a_credential_that_gives_up_is_an_error() {
    let client = client(&Script::of([]), Planned::of([]));
    assert!(client.sign_in().await.is_err());
    assert!(client.sign_in().await.is_err());
}

const CHALLENGE: &str = "Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"";

/// U9, U11, U13: one new token with the claims, the whole body again, and no loop.
#[tokio::test(start_paused = true)]
async fn a_challenge_brings_one_token_with_its_claims() {
    let challenge = || reply(401, &[("www-authenticate", CHALLENGE)], "");
    let script = Script::of([challenge(), ok(), challenge(), challenge()]);
    let credential = Planned::of(["a", "b", "c", "d"].map(|name| living(name, 3_600)));
    let claims = Arc::clone(&credential.claims);
    let client = client(&script, credential);
    let link = || client.cloud().link("/v1.0/users").unwrap();
    let body = GraphRequest::new(http::Method::POST, link()).json(&"body").unwrap();
    assert!(client.send(body).await.unwrap().status().is_success());
    let sent = script.sent();
    let bearer = |index: usize| sent[index].header("authorization").to_owned();
    assert_eq!((bearer(0), bearer(1)), ("Bearer a".into(), "Bearer b".into()));
    assert_eq!(sent[1].body, "\"body\"");
    let cae = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let with_claims = r#"{"a":1,"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    assert_eq!(*claims.lock().unwrap(), [cae, with_claims]);

    let answer = client.send(GraphRequest::get(link())).await.unwrap();
    assert_eq!(answer.status(), 401, "the second refusal is the caller's");
    assert_eq!(script.sent().len(), 4);
}

/// U12: what the authority says to the challenge is what the caller gets.
#[tokio::test(start_paused = true)]
async fn a_failing_replacement_surfaces_its_own_error() {
    let script = Script::of([reply(401, &[("www-authenticate", CHALLENGE)], "")]);
    let client = client(&script, Planned::of([living("a", 3_600), down()]));
    let error = send(&client, &script).await.unwrap_err();
    assert!(matches!(error, Error::Credential(CredentialError::Unusable("down"))), "{error:?}");
}

/// U10: without a renewable credential a 401 is returned as it came.
#[tokio::test(start_paused = true)]
async fn a_static_token_is_not_replaced() {
    let script = Script::of([reply(401, &[], "{}")]);
    let client = script.client_of(crate::StaticBearer::new("t".into())).build().unwrap();
    let request = GraphRequest::get(client.cloud().link("/v1.0/users").unwrap());
    assert_eq!(client.send(request).await.unwrap().status(), 401);
}

/// A token can neither begin a header of its own nor be shown by the one it is in.
#[tokio::test(start_paused = true)]
async fn a_token_that_no_header_may_carry_is_refused() {
    let script = Script::of([reply(200, &[], "{}")]);
    let client = client(&script, Planned::of([living("a\r\nx-evil: 1", 3_600)]));
    let error = client.sign_in().await.unwrap_err();
    assert!(matches!(error, Error::Credential(CredentialError::Unusable(_))), "{error:?}");
    let header = authorization(&living("good", 3_600).unwrap()).unwrap();
    assert_eq!(header, "Bearer good");
    assert_eq!(format!("{header:?}"), "Sensitive");
}

/// U24: what one caller is told, all callers wait for.
#[tokio::test(start_paused = true)]
async fn a_wait_that_the_authority_asks_for_is_shared() {
    let throttled =
        || reply(429, &[("retry-after", "300")], r#"{"error":"temporarily_unavailable"}"#);
    let token = reply(200, &[], r#"{"access_token":"t","expires_in":"3600"}"#);
    let script = Script::of([throttled(), token]);
    let client = script.client_of(ClientSecret::new("t", "app", "s".into())).build().unwrap();
    for _ in 0..50 {
        let Error::Credential(error) = client.sign_in().await.unwrap_err() else { panic!() };
        assert!(error.retry_after().unwrap() >= Duration::from_secs(299), "{error:?}");
        sleep(Duration::from_secs(5)).await;
    }
    assert_eq!(script.sent().len(), 1, "nobody asks before the time is over");
    sleep(Duration::from_secs(60)).await;
    client.sign_in().await.unwrap();
}

/// SEC-D07
#[tokio::test(start_paused = true)]
async fn a_token_for_another_cloud_never_leaves() {
    use base64::Engine as _;
    let claims = r#"{"aud":"https://graph.microsoft.com"}"#;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
    let script = Script::of([]);
    let token = format!("e30.{payload}.s");
    let client = client(&script, Planned::of([living(&token, 3_600)]));
    let Err(Error::Credential(error)) = send(&client, &script).await else { panic!() };
    assert!(matches!(error, CredentialError::ForeignToken { claim: "aud", .. }), "{error:?}");
}

/// Gives another secret each time.
#[derive(Debug, Default)]
struct Rotating(Mutex<u32>, u32);

impl SecretSource for Rotating {
    fn name(&self) -> String {
        "the vault".into()
    }

    fn read(&self) -> BoxFuture<'_, Result<Secret, crate::error::BoxError>> {
        let mut count = self.0.lock().unwrap();
        *count = (*count + 1).min(self.1);
        let secret = Secret::new(format!("secret-{count}"));
        Box::pin(async move { Ok(secret) })
    }
}

const WRONG_SECRET: &str = r#"{"error":"invalid_client","error_codes":[7000222]}"#;

/// SEC-D05
#[tokio::test(start_paused = true)]
async fn a_rotated_secret_is_read_once_more() {
    let token = || reply(200, &[], r#"{"access_token":"t","expires_in":3600}"#);
    for (versions, replies, asked) in [
        (2, vec![reply(401, &[], WRONG_SECRET), token()], ["secret-1", "secret-2"].as_slice()),
        (
            9,
            vec![reply(401, &[], WRONG_SECRET), reply(401, &[], WRONG_SECRET)],
            &["secret-1", "secret-2"],
        ),
        (1, vec![reply(401, &[], WRONG_SECRET)], &["secret-1"]),
    ] {
        let good = replies.last().unwrap().as_ref().unwrap().status().is_success();
        let script = Script::of(replies);
        let credential =
            ClientSecret::from_source("t", "app", Rotating(Mutex::default(), versions));
        let client = script.client_of(credential).build().unwrap();
        assert_eq!(client.sign_in().await.is_ok(), good);
        let secrets: Vec<_> = script.sent().iter().map(|it| it.field("client_secret")).collect();
        assert_eq!(secrets, asked);
    }
}

/// U21, U26: equal credentials share, different ones never.
#[tokio::test(start_paused = true)]
async fn clients_share_tokens_only_of_the_same_sign_in() {
    let cache = TokenCache::default();
    let tokens = (1..=9).map(|it| {
        reply(200, &[], &format!(r#"{{"access_token":"token-{it}","expires_in":3600}}"#))
    });
    let authority = Script::of(tokens);
    let base = || ClientSecret::new("t", "app", "s".into());
    let sign_in = async |credential: ClientSecret| {
        let client = authority.client_of(credential).token_cache(cache.clone()).build().unwrap();
        client.sign_in().await.unwrap();
        authority.sent().len()
    };
    assert_eq!(sign_in(base()).await, 1);
    assert_eq!(sign_in(base()).await, 1, "the same sign-in");
    assert_eq!(sign_in(ClientSecret::new("u", "app", "s".into())).await, 2, "another tenant");
    assert_eq!(sign_in(ClientSecret::new("t", "other", "s".into())).await, 3, "another app");
    assert_eq!(sign_in(base().scope("https://x/.default")).await, 4, "another scope");
    let alone = authority.client_of(base()).build().unwrap();
    alone.sign_in().await.unwrap();
    alone.clone().sign_in().await.unwrap();
    assert_eq!(authority.sent().len(), 5, "a client without a shared cache has its own");
}

/// SEC-A13: ten hours of pages with tokens of one hour, and every page carries a live one.
#[tokio::test(start_paused = true)]
async fn a_walk_of_ten_hours_never_sends_a_dead_token() {
    let page = |it: u32| {
        let next = format!("https://graph.microsoft.us/v1.0/users?$skiptoken={it}");
        reply(200, &[], &format!(r#"{{"value":[],"@odata.nextLink":"{next}"}}"#))
    };
    let last = reply(200, &[], r#"{"value":[]}"#);
    let script = Script::of((1..=20).map(page).chain([last]));
    let tokens = (1..=20).map(|it| living(&format!("token-{it}"), 3_600));
    let client = client(&script, Planned::of(tokens));
    let first = GraphRequest::get(client.cloud().link("/v1.0/users").unwrap());
    let mut pages = client.pages(first);
    let began = Instant::now();
    while let Some(page) = pages.next().await {
        page.unwrap();
        sleep(Duration::from_secs(1_800)).await;
    }
    let bearers: Vec<String> =
        script.sent().iter().map(|it| it.header("authorization").to_owned()).collect();
    assert_eq!(bearers.len(), 21);
    assert!(began.elapsed() >= Duration::from_secs(36_000));
    // Two at the beginning, because one page is fetched ahead, then one every half hour.
    for window in bearers.windows(4) {
        assert_ne!(window[0], window[3], "a token served for longer than it lives");
    }
}
