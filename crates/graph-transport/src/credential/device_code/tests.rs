//! The flows with a person: polling, refresh tokens, the browser (facts: graph-protocol 2.3, 2.4).

use std::sync::Mutex;

use tokio::time::timeout;

use super::*;
use crate::error::BoxError;
use crate::script::{Reply, Script, reply};
use crate::{Error, GraphClient, RefreshToken, RefreshTokenFile, RefreshTokenStore, Secret};

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
            .token_store(Stored(stored));
    (device, prompts, tokens)
}

/// Remembers every token; the last one is what the next process finds.
#[derive(Debug)]
struct Stored(Seen<String>);

impl RefreshTokenStore for Stored {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Secret>, BoxError>> {
        let last = self.0.lock().unwrap().last().map(|it| it.as_str().into());
        Box::pin(async { Ok(last) })
    }

    fn save<'a>(&'a self, token: &'a Secret) -> BoxFuture<'a, Result<(), BoxError>> {
        self.0.lock().unwrap().push(token.expose().to_owned());
        Box::pin(async { Ok(()) })
    }
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
        .token_store(Stored(store));
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

/// The next process finds what the last one stored, and asks nobody.
#[tokio::test(start_paused = true)]
async fn a_stored_sign_in_is_taken_up_again() {
    let script = Script::of([granted("r8")]);
    let (device, prompts, tokens) = device();
    tokens.lock().unwrap().push("r7".to_owned());
    sign_in(&script.client_of(device).build().unwrap()).await.unwrap();
    assert_eq!(script.sent()[0].field("refresh_token"), "r7");
    assert_eq!(*tokens.lock().unwrap(), ["r7", "r8"]);
    assert!(prompts.lock().unwrap().is_empty());
}

/// Another process has used the token that was in hand, with an authority that takes each one once.
#[tokio::test(start_paused = true)]
async fn what_another_process_stored_is_tried_before_anybody_is_asked() {
    let script = Script::of([granted("r1"), refused("invalid_grant"), granted("r3")]);
    let stored: Seen<String> = Seen::default();
    let credential = RefreshToken::new("contoso", "app", "r0".into());
    let credential = credential.token_store(Stored(Arc::clone(&stored)));
    let client = script.client_of(credential).build().unwrap();
    sign_in(&client).await.unwrap();
    stored.lock().unwrap().push("r2".to_owned());
    sleep(Duration::from_secs(121)).await;
    sign_in(&client).await.unwrap();
    let used: Vec<_> = script.sent().iter().map(|it| it.field("refresh_token")).collect();
    assert_eq!(used, ["r0", "r1", "r2"]);
}

/// SEC-D13, U30: a file that others may read is no place to take a token from, and the message does
/// not show it.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_token_that_others_may_read_ends_the_sign_in() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk");
    std::fs::write(&path, "canary-7f3a").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let script = Script::of([]);
    let (device, prompts, _) = device();
    let device = device.token_store(RefreshTokenFile::new(&path));
    assert!(!format!("{device:?}").contains("canary"));
    let error = sign_in(&script.client_of(device).build().unwrap()).await.unwrap_err();
    let said = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(said.contains("0644") && !said.contains("canary"), "{said}");
    assert!(script.sent().is_empty() && prompts.lock().unwrap().is_empty());
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
