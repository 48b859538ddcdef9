//! The flows with a person: polling, refresh tokens, the browser (facts: graph-protocol 2.3, 2.4).

use std::sync::Mutex;

use tokio::time::timeout;

use super::*;
use crate::script::{Reply, Script, reply};
use crate::{Error, GraphClient, RefreshToken};

fn authorization() -> Reply {
    reply(
        200,
        &[],
        r#"{"device_code":"secret-device","user_code":"ABC-123","verification_uri":"https://login/device","expires_in":60,"interval":5,"message":"Enter ABC-123"}"#,
    )
}

fn refused(error: &str) -> Reply {
    reply(400, &[], &format!(r#"{{"error":"{error}","error_description":"{error}"}}"#))
}

fn granted(refresh_token: &str) -> Reply {
    let body =
        format!(r#"{{"access_token":"t","expires_in":120,"refresh_token":"{refresh_token}"}}"#);
    reply(200, &[], &body)
}

type Seen<T> = Arc<Mutex<Vec<T>>>;

fn device() -> (DeviceCode, Seen<DevicePrompt>, Seen<String>) {
    let (prompts, tokens) = (Seen::default(), Seen::default());
    let (shown, stored) = (Arc::clone(&prompts), Arc::clone(&tokens));
    let device =
        DeviceCode::new("contoso", "app", move |prompt| shown.lock().unwrap().push(prompt.clone()))
            .on_rotation(move |token| stored.lock().unwrap().push(token.expose().to_owned()));
    (device, prompts, tokens)
}

async fn sign_in(client: &GraphClient) -> Result<(), CredentialError> {
    match client.sign_in().await {
        Err(Error::Credential(error)) => Err(error),
        other => other.map_err(|error| panic!("{error:?}")),
    }
}

#[tokio::test(start_paused = true)]
async fn the_person_is_waited_for_and_asked_once() {
    let script = Script::of([
        authorization(),
        refused("authorization_pending"),
        refused("slow_down"),
        granted("r1"),
        granted("r2"),
        refused("invalid_grant"),
        authorization(),
        granted("r3"),
    ]);
    let (device, prompts, tokens) = device();
    let client = script.client_of(device).build().unwrap();
    let began = Instant::now();
    sign_in(&client).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(5 + 5 + 10), "slow_down adds five seconds");
    let prompt = prompts.lock().unwrap()[0].clone();
    assert_eq!(
        (prompt.user_code.as_str(), prompt.expires_in),
        ("ABC-123", Duration::from_secs(60))
    );
    let sent = script.sent();
    assert_eq!(sent[0].uri, "https://login.microsoftonline.us/contoso/oauth2/v2.0/devicecode");
    assert_eq!(sent[0].field("scope"), "https://graph.microsoft.us/.default offline_access");
    assert_eq!(sent[3].field("device_code"), "secret-device");

    sleep(Duration::from_secs(121)).await;
    sign_in(&client).await.unwrap();
    assert_eq!(script.sent()[4].field("refresh_token"), "r1");
    assert_eq!(prompts.lock().unwrap().len(), 1, "nobody is asked while the refresh token works");

    sleep(Duration::from_secs(121)).await;
    sign_in(&client).await.unwrap();
    assert_eq!(prompts.lock().unwrap().len(), 2, "a dead refresh token means asking again");
    assert_eq!(*tokens.lock().unwrap(), ["r1", "r2", "r3"]);
}

#[tokio::test(start_paused = true)]
async fn a_code_that_nobody_uses_expires() {
    let pending = (0..12).map(|_| refused("authorization_pending"));
    let script = Script::of([authorization()].into_iter().chain(pending));
    let (device, ..) = device();
    let client = script.client_of(device).build().unwrap();
    let error = sign_in(&client).await.unwrap_err();
    assert_eq!(error.to_string(), "sign in with a person: the code was not used within 1 minutes");
    assert_eq!(error.hint(), Some("begin the sign-in again"));
}

#[tokio::test(start_paused = true)]
async fn a_declined_sign_in_is_final_and_shows_no_code() {
    let declined = reply(
        400,
        &[],
        r#"{"error":"authorization_declined","error_description":"declined secret-device"}"#,
    );
    let script = Script::of([authorization(), declined]);
    let (device, ..) = device();
    let error = sign_in(&script.client_of(device).build().unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "get a token: declined ***");
    assert!(error.hint().unwrap().contains("declined"));
}

/// A sign-in that waits for a person ends with the client, and asks nothing more.
#[tokio::test(start_paused = true)]
async fn dropping_the_client_ends_the_wait() {
    let script = Script::of([authorization()]);
    let (device, prompts, _) = device();
    let client = script.client_of(device).build().unwrap();
    assert!(timeout(Duration::from_secs(2), client.sign_in()).await.is_err());
    drop(client);
    sleep(Duration::from_secs(100)).await;
    assert_eq!((script.sent().len(), prompts.lock().unwrap().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stored_refresh_token_is_replaced_at_each_use() {
    let script = Script::of([granted("r1"), granted("r1"), granted("r2")]);
    let stored: Seen<String> = Seen::default();
    let store = Arc::clone(&stored);
    let credential = RefreshToken::new("contoso", "app", "r0".into())
        .client_secret("s".into())
        .scope("https://graph.microsoft.us/User.Read")
        .on_rotation(move |token| store.lock().unwrap().push(token.expose().to_owned()));
    let client = script.client_of(credential).build().unwrap();
    for _ in 0..3 {
        sign_in(&client).await.unwrap();
        sleep(Duration::from_secs(121)).await;
    }
    let used: Vec<_> = script.sent().iter().map(|it| it.field("refresh_token")).collect();
    assert_eq!(used, ["r0", "r1", "r1"]);
    assert_eq!(*stored.lock().unwrap(), ["r1", "r2"], "the same token is not stored twice");
    assert_eq!(script.sent()[0].field("client_secret"), "s");
    assert_eq!(
        script.sent()[0].field("scope"),
        "https://graph.microsoft.us/User.Read offline_access"
    );
}

/// The whole flow: the browser is played by a connection to our own listener.
#[cfg(feature = "tls")]
#[tokio::test]
async fn the_browser_comes_back_with_a_code_for_our_challenge() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use crate::AuthorizationCode;

    let script = Script::of([granted("r1")]);
    let (opened, mut urls) = tokio::sync::mpsc::channel(1);
    let credential = AuthorizationCode::new("contoso", "app", move |url| {
        opened.try_send(url.to_owned()).map_err(Into::into)
    });
    let client = script.client_of(credential).build().unwrap();
    let browser = async {
        let url = url::Url::parse(&urls.recv().await.unwrap()).unwrap();
        assert_eq!(url.path(), "/contoso/oauth2/v2.0/authorize");
        let query: std::collections::HashMap<String, String> =
            url.query_pairs().into_owned().collect();
        let redirect = url::Url::parse(&query["redirect_uri"]).unwrap();
        let mut stream =
            tokio::net::TcpStream::connect(("127.0.0.1", redirect.port().unwrap())).await.unwrap();
        let head = format!(
            "GET /?code=the-code&state={} HTTP/1.1\r\nhost: localhost\r\n\r\n",
            query["state"]
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        (query, page)
    };
    let (result, (query, page)) = tokio::join!(sign_in(&client), browser);
    result.unwrap();
    assert!(page.contains("Signed in"), "{page}");
    let sent = script.sent().remove(0);
    assert_eq!(sent.field("code"), "the-code");
    assert_eq!(sent.field("redirect_uri"), query["redirect_uri"]);
    assert_eq!(
        crate::credential::random::code_challenge(&sent.field("code_verifier")),
        query["code_challenge"]
    );
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["scope"], "https://graph.microsoft.us/.default offline_access");
}
