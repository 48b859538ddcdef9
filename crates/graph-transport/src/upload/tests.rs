//! Uploads by their cases (F), against a session in memory.

use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fake::{Asked, Fake};
use crate::script::{Reply, reply};

const URL: &str = "https://upload.example/session?tempauth=canary";

/// A session that keeps what it is sent; `meddle` may answer a request instead.
fn storing(
    stored: &Arc<Mutex<Vec<u8>>>,
    total: usize,
    meddle: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
) -> Fake {
    let stored = Arc::clone(stored);
    Fake::new(move |asked| {
        if let Some(reply) = meddle(asked) {
            return reply;
        }
        let mut stored = stored.lock().unwrap();
        let next =
            |stored: &Vec<u8>| json!({ "nextExpectedRanges": [format!("{}-", stored.len())] });
        if asked.target.starts_with("https://graph.microsoft.us") {
            assert_eq!(asked.headers["authorization"], "Bearer token-1");
            let begun = json!({ "uploadUrl": URL, "expirationDateTime": "2031-01-01T00:00:00Z",
                "nextExpectedRanges": ["0-"] });
            return reply(200, &[], &begun.to_string());
        }
        assert!(!asked.headers.contains_key("authorization"), "U7");
        assert!(!asked.headers.contains_key("client-request-id"), "E24");
        let Some(range) = asked.headers.get(CONTENT_RANGE) else {
            return reply(200, &[], &next(&stored).to_string());
        };
        let expected =
            format!("bytes {}-{}/{total}", stored.len(), stored.len() + asked.body.len() - 1);
        assert_eq!(range.to_str().unwrap(), expected);
        stored.write_all(&asked.body).unwrap();
        if stored.len() == total {
            return reply(201, &[], r#"{"id":"item"}"#);
        }
        reply(202, &[], &next(&stored).to_string())
    })
}

async fn begin(fake: &Fake, total: usize) -> UploadSession {
    let client = fake.client().build().unwrap();
    let link = client.cloud().link("/v1.0/me/drive/root:/x:/createUploadSession").unwrap();
    let request = GraphRequest::new(Method::POST, link);
    let session = UploadSession::create(&client, request, total as u64).await.unwrap();
    session.slice_size(STEP).unwrap()
}

fn content(total: usize) -> Bytes {
    (0..total).map(|n| u8::try_from(n % 251).unwrap()).collect::<Vec<_>>().into()
}

fn upload_error(error: Error) -> UploadError {
    match error {
        Error::Upload(error) => error,
        other => panic!("{other:?}"),
    }
}

/// F5, F15, U7: every slice once and in order, without the token, progress never backwards.
#[tokio::test(start_paused = true)]
async fn a_file_is_uploaded_in_slices_without_the_token() {
    let total = 1_000_000;
    let stored = Arc::default();
    let fake = storing(&stored, total, |_| None);
    let mut session = begin(&fake, total).await;
    assert_eq!(session.expires(), Some("2031-01-01T00:00:00Z"));
    assert!(!format!("{session:?} {}", session.url()).contains("canary"));
    let mut seen = Vec::new();
    let answer = session.upload(&mut content(total), |sent| seen.push(sent)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(*stored.lock().unwrap(), content(total));
    assert_eq!(seen, [327_680, 655_360, 983_040, 1_000_000]);
    let again = session.upload(&mut content(total), |_| {}).await.unwrap_err();
    assert!(matches!(upload_error(again), UploadError::Finished), "F8");
}

/// F6, F14: a refused slice stops the upload; another process goes on from what the server has.
#[tokio::test(start_paused = true)]
async fn an_upload_is_resumed_from_the_servers_state() {
    let total = 1_000_000;
    let stored = Arc::default();
    let fake = storing(&stored, total, |asked| (asked.earlier == 2).then(|| reply(400, &[], "{}")));
    let mut session = begin(&fake, total).await;
    let error = session.upload(&mut content(total), |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "F12: {error:?}");
    assert_eq!(fake.asked().len(), 3, "nothing is sent after the refused slice");
    let client = fake.client().build().unwrap();
    let url = PreauthenticatedUrl::received(&session.url().expose(), client.cloud()).unwrap();
    let mut session = UploadSession::resume(&client, url, total as u64).await.unwrap();
    assert_eq!(session.uploaded(), 327_680);
    session.upload(&mut content(total), |_| {}).await.unwrap();
    assert_eq!(*stored.lock().unwrap(), content(total));
}

/// A lost answer: the server has the slice, says 416 to its repeat, and is asked what it wants.
#[tokio::test(start_paused = true)]
async fn a_slice_that_the_server_has_is_not_an_error() {
    let (total, stored) = (700_000, Arc::<Mutex<Vec<u8>>>::default());
    let keep = Arc::clone(&stored);
    let fake = storing(&stored, total, move |asked| match asked.earlier {
        1 => {
            keep.lock().unwrap().extend_from_slice(&asked.body);
            Some(Err("connection reset".into()))
        }
        2 => Some(reply(416, &[], "{}")),
        _ => None,
    });
    let mut session = begin(&fake, total).await;
    session.upload(&mut content(total), |_| {}).await.unwrap();
    assert_eq!(*stored.lock().unwrap(), content(total));
}

/// F7, F8: a cancelled or expired session is over.
#[tokio::test(start_paused = true)]
async fn a_cancelled_or_expired_session_is_over() {
    let fake = storing(&Arc::default(), 10, |asked| {
        (asked.earlier > 0).then(|| reply(if asked.earlier == 1 { 204 } else { 404 }, &[], ""))
    });
    let session = begin(&fake, 10).await;
    let (client, url) = (session.client.clone(), session.url().clone());
    session.cancel().await.unwrap();
    let error = UploadSession::resume(&client, url, 10).await.unwrap_err();
    assert!(matches!(upload_error(error), UploadError::Expired));
}

/// F10, F12, and a server that makes no progress.
#[tokio::test(start_paused = true)]
async fn short_sources_and_nonsense_are_typed_errors() {
    let fake = storing(&Arc::default(), 1_000, |_| None);
    let mut session = begin(&fake, 1_000).await;
    let error = session.upload(&mut content(900), |_| {}).await.unwrap_err();
    assert!(matches!(upload_error(error), UploadError::Short { at: 900, total: 1_000 }));
    for body in ["<html>", r#"{"nextExpectedRanges":["0-"]}"#, r#"{"nextExpectedRanges":["x"]}"#] {
        let slice = move |asked: &Asked| (asked.earlier > 0).then(|| reply(202, &[], body));
        let fake = storing(&Arc::default(), 1_000, slice);
        let mut session = begin(&fake, 1_000).await;
        let error = upload_error(session.upload(&mut content(1_000), |_| {}).await.unwrap_err());
        assert!(
            matches!(
                error,
                UploadError::Answer(_) | UploadError::NoProgress(0) | UploadError::Ranges(_)
            ),
            "{body}: {error:?}"
        );
    }
    let client = fake.client().build().unwrap();
    for url in ["http://upload.example/x", "https://u:p@upload.example/x", "ftp://x", "nonsense"] {
        assert!(PreauthenticatedUrl::received(url, client.cloud()).is_err(), "{url}");
    }
}

/// F3, D4, D5, D6: a file goes back, a stream does not, and both read a slice at a time.
#[tokio::test]
async fn a_file_rewinds_and_a_stream_says_that_it_cannot() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"0123456789").unwrap();
    let mut file = FileSource::new(file).unwrap();
    assert_eq!(file.len(), 10);
    assert_eq!(file.read(4, 4).await.unwrap(), "4567");
    assert_eq!(file.read(0, 4).await.unwrap(), "0123");
    assert_eq!(file.read(8, 4).await.unwrap(), "89");
    let mut stream = StreamSource::new(Cursor::new(b"0123456789"));
    assert_eq!(stream.read(2, 4).await.unwrap(), "2345");
    assert_eq!(stream.read(6, 9).await.unwrap(), "6789");
    let error = stream.read(0, 4).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
}

/// D7: a stream that can be read once is enough for an upload that succeeds.
#[tokio::test]
async fn a_stream_is_uploaded_once() {
    let (total, stored) = (700_000, Arc::default());
    let mut session = begin(&storing(&stored, total, |_| None), total).await;
    let mut stream = StreamSource::new(Cursor::new(content(total)));
    session.upload(&mut stream, |_| {}).await.unwrap();
    assert_eq!(*stored.lock().unwrap(), content(total));
}

/// F4
#[test]
fn expected_ranges_are_read() {
    let read = |texts: &[&str]| {
        slices::expected(&texts.iter().map(ToString::to_string).collect::<Vec<_>>(), 100)
    };
    assert_eq!(read(&["26-"]).unwrap().first(), Some(&(26..100)));
    assert_eq!(read(&["50-99", "0-9"]).unwrap(), [0..10, 50..100]);
    assert_eq!(read(&[]).unwrap(), []);
    for wrong in [&["x"][..], &["5"], &["-5"], &["9-5"], &["0-100"], &["0-9", "5-20"]] {
        assert!(read(wrong).is_err(), "{wrong:?}");
    }
}

proptest! {
    /// F1: whatever the size and the slice, each byte is sent once.
    #[test]
    fn slices_cover_the_file_exactly(total in 1_u64..2_000, slice in 1_u64..700) {
        let mut missing = slices::all(total);
        let mut at = 0;
        while let Some(range) = slices::next(&missing, slice) {
            prop_assert_eq!(range.start, at);
            prop_assert!(range.end > at && range.end - at <= slice);
            at = range.end;
            missing = slices::without(&missing, &range);
        }
        prop_assert_eq!(at, total);
    }
}
