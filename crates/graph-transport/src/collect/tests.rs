//! Bodies in frames, in virtual time (cases O, C10, D11).

use std::future::poll_fn;
use std::io::Write as _;
use std::pin::pin;

use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::time::sleep;

use super::*;
use crate::timeouts::MinThroughput;

const LIMITS: Limits = Limits {
    read: Duration::from_secs(10),
    ends: None,
    deadline: None,
    throughput: None,
    max_body: 1 << 20,
    length: None,
};

/// A body whose frames come after so many milliseconds each.
async fn whole(frames: &[(u64, &'static str)], limits: Limits) -> Result<Bytes, Failure> {
    let frames = frames.to_vec();
    let stream = stream::unfold(frames.into_iter(), |mut frames| async move {
        let (millis, text) = frames.next()?;
        sleep(Duration::from_millis(millis)).await;
        Some((Ok::<_, BoxError>(Frame::data(Bytes::from_static(text.as_bytes()))), frames))
    });
    read(StreamBody::new(stream), limits).await
}

async fn read<B>(body: B, limits: Limits) -> Result<Bytes, Failure>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    let mut alarm = pin!(Alarm::default());
    let mut assembly = Assembly::begin(limits);
    poll_fn(|cx| assembly.poll(body.as_mut(), alarm.as_mut(), None, cx)).await?;
    Ok(assembly.buffer.finish())
}

#[tokio::test(start_paused = true)]
async fn a_body_is_assembled_from_its_frames_within_its_bound() {
    for length in [None, Some(6)] {
        let bound = |max_body| Limits { max_body, length, ..LIMITS };
        assert_eq!(whole(&[], bound(10)).await.unwrap(), "");
        assert_eq!(whole(&[(0, "abc")], bound(10)).await.unwrap(), "abc");
        assert_eq!(whole(&[(0, "abc"), (0, "de"), (0, "f")], bound(6)).await.unwrap(), "abcdef");
        assert!(matches!(
            whole(&[(0, "abc"), (0, "def")], bound(5)).await,
            Err(Failure::TooLarge(5))
        ));
        assert!(matches!(whole(&[(0, "abcdefg")], bound(6)).await, Err(Failure::TooLarge(6))));
    }
}

/// A length over the bound is refused before anything is read or reserved.
#[tokio::test(start_paused = true)]
async fn an_announced_length_over_the_bound_is_refused_at_once() {
    let limits = Limits { length: Some(usize::MAX), ..LIMITS };
    assert!(matches!(whole(&[(99_999, "x")], limits).await, Err(Failure::TooLarge(_))));
}

/// The single frame of a small answer, and a frame that is the whole body, are not copied.
#[tokio::test]
async fn a_single_frame_is_not_copied() {
    let frame = Bytes::from(vec![7; 4_096]);
    let body = read(http_body_util::Full::new(frame.clone()), LIMITS).await.unwrap();
    assert_eq!(body.as_ptr(), frame.as_ptr());
}

/// O5: the idle timer begins anew with each frame, and ends a stall.
#[tokio::test(start_paused = true)]
async fn the_idle_timeout_resets_on_every_frame() {
    let slow = [(9_000, "a"), (9_000, "b"), (9_000, "c")];
    assert_eq!(whole(&slow, LIMITS).await.unwrap(), "abc");
    assert!(matches!(whole(&[(9_000, "a"), (11_000, "b")], LIMITS).await, Err(Failure::Stalled)));
}

/// O3: the attempt as a whole has its own limit.
#[tokio::test(start_paused = true)]
async fn an_attempt_ends_although_frames_keep_coming() {
    let limits = || Limits { ends: Some(Instant::now() + Duration::from_secs(20)), ..LIMITS };
    let drip = [(9_000, "a"), (9_000, "b"), (9_000, "c")];
    assert!(matches!(whole(&drip, limits()).await, Err(Failure::Late)));
    assert_eq!(whole(&drip[..2], limits()).await.unwrap(), "ab");
}

/// O7: below the minimum for a whole grace period. O8: a slow start and a stall inside it do no harm.
#[tokio::test(start_paused = true)]
async fn a_drip_fed_body_is_ended_after_the_grace_period() {
    let least = MinThroughput { bytes_per_second: 1, grace: Duration::from_secs(20) };
    let limits = Limits { throughput: Some(least), ..LIMITS };
    let drip: Vec<_> = (0..40).map(|_| (5_000, "a")).collect();
    let began = Instant::now();
    assert!(matches!(whole(&drip, limits).await, Err(Failure::TooSlow(_))));
    assert_eq!(began.elapsed(), Duration::from_secs(20));
    let slow_start = [(9_000, "a"), (9_000, "aaaaaaaaaaaaaaaaaaaaaaa"), (9_000, "a")];
    assert!(whole(&slow_start, limits).await.is_ok());
    let enough: Vec<_> = (0..40).map(|_| (5_000, "aaaaaa")).collect();
    assert_eq!(whole(&enough, limits).await.unwrap().len(), 240);
}

/// C10, SEC-B18: a bomb stops at a hundred times its size on the wire, not at the end of memory.
#[tokio::test]
async fn a_body_that_expands_too_much_is_refused() {
    let client = answering(&gzip(&vec![b' '; 8 << 20]), "gzip").build().unwrap();
    let error = client.send(users(&client)).await.unwrap_err();
    let Error::TooLarge { limit, .. } = &error else { panic!("{error:?}") };
    assert!(*limit <= 2 << 20, "{limit}");
    assert_eq!(error.attempts().len(), 1, "a repeat would bring the same");
}

/// A body, its encoding, and what becomes of it.
type Case<'a> = (&'a [u8], &'static str, Result<&'a [u8], &'a str>);

/// C2, C3, C5, C8, C9
#[tokio::test]
async fn encodings_are_undone_or_refused() {
    let body = br#"{"id":"u1"}"#;
    let garbage = [gzip(body), b"garbage".to_vec()].concat();
    let truncated = gzip(body)[..15].to_vec();
    let cases: [Case<'_>; 7] = [
        (body, "identity", Ok(body)),
        (body, "", Ok(body)),
        (&gzip(body), "gzip", Ok(body)),
        (&gzip(b""), "gzip", Ok(b"")),
        (&garbage, "gzip", Err("broken_body")),
        (&truncated, "gzip", Err("broken_body")),
        (body, "lzma", Err("encoding")),
    ];
    for (sent, encoding, expected) in cases {
        let client = answering(sent, encoding).build().unwrap();
        let result = client.send(users(&client).max_attempts(1)).await;
        let result = result.as_ref().map(|it| it.body().as_ref()).map_err(Error::kind);
        assert_eq!(result, expected, "{encoding}");
    }
}

/// C1: ours unless the caller has set one.
#[tokio::test]
async fn accept_encoding_is_added_when_absent() {
    let fake = crate::fake::Fake::new(|_| crate::script::reply(200, &[], "{}"));
    let client = fake.client().build().unwrap();
    client.send(users(&client)).await.unwrap();
    let own = http::header::HeaderValue::from_static("identity");
    client.send(users(&client).header(http::header::ACCEPT_ENCODING, own)).await.unwrap();
    let sent = fake.asked();
    assert!(sent[0].headers["accept-encoding"].to_str().unwrap().contains("gzip"));
    assert_eq!(sent[1].headers["accept-encoding"], "identity");
}

/// C2, C7: with the features, and several frames in one body.
#[cfg(all(feature = "brotli", feature = "zstd"))]
#[tokio::test]
async fn brotli_and_zstd_are_undone() {
    // `{"id":"u1"}` by the reference tools, since no encoder is among our dependencies.
    let brotli = b"\x0b\x05\x80{\"id\":\"u1\"}\x03";
    let zstd = b"\x28\xb5\x2f\xfd\x20\x0b\x59\x00\x00{\"id\":\"u1\"}";
    for (body, encoding, expected) in [
        (brotli.to_vec(), "br", r#"{"id":"u1"}"#),
        (zstd.to_vec(), "zstd", r#"{"id":"u1"}"#),
        ([zstd.as_slice(), zstd].concat(), "zstd", r#"{"id":"u1"}{"id":"u1"}"#),
    ] {
        let client = answering(&body, encoding).build().unwrap();
        let answer = client.send(users(&client).max_attempts(1)).await.unwrap();
        assert_eq!(answer.body(), expected, "{encoding}");
    }
    let garbage = [zstd.as_slice(), b"garbage"].concat();
    let client = answering(&garbage, "zstd").build().unwrap();
    let error = client.send(users(&client).max_attempts(1)).await.unwrap_err();
    assert_eq!(error.kind(), "broken_body");
}

/// O3, O12, R20: no head in time: an error without a body, the attempt repeated, the connection let go.
#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_ends_the_attempt_and_releases_the_connection() {
    let fake = crate::fake::Fake::slow(|asked| {
        let hangs = if asked.earlier < 2 { 1_000 } else { 0 };
        (Duration::from_secs(hangs), crate::script::reply(200, &[], "{}"))
    });
    let client = fake.client().build().unwrap();
    let error = client.send(users(&client).max_attempts(1).deadline(None)).await.unwrap_err();
    let phase = |error: &Error| match error {
        Error::Timeout { phase, .. } => *phase,
        other => panic!("{other:?}"),
    };
    assert_eq!((phase(&error), fake.open()), (TimeoutPhase::Read, 0));
    let answer = client.send(users(&client).deadline(None)).await.unwrap();
    assert_eq!(answer.attempts().len(), 2);

    let timeouts = Timeouts { attempt: Some(Duration::from_secs(5)), ..Timeouts::default() };
    let fake = crate::fake::Fake::slow(|_| {
        (Duration::from_secs(50), crate::script::reply(200, &[], "{}"))
    });
    let client = fake.client().timeouts(timeouts).build().unwrap();
    let error = client.send(users(&client).max_attempts(1)).await.unwrap_err();
    assert_eq!((phase(&error), fake.open()), (TimeoutPhase::Attempt, 0));
    // O1: without a limit in its way, a slow success succeeds.
    let timeouts = Timeouts { operation: None, ..Timeouts::default() };
    let client = fake.client().timeouts(timeouts).build().unwrap();
    assert!(client.send(users(&client)).await.is_ok());
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn answering(body: &[u8], encoding: &'static str) -> crate::client::GraphClientBuilder {
    let body = Bytes::copy_from_slice(body);
    let fake = crate::fake::Fake::new(move |_| {
        let response = Response::builder().header("content-encoding", encoding);
        Ok(response.body(http_body_util::Full::new(body.clone())).unwrap())
    });
    fake.client()
}

fn users(client: &crate::GraphClient) -> crate::GraphRequest {
    crate::GraphRequest::get(client.cloud().link("/v1.0/users").unwrap())
}
