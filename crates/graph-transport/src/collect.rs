//! The read timeout and the assembly of a body: once, from its frames, within a bound.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tokio::time::timeout;
use tower::{Layer, Service};

use crate::error::{BoxError, Error, TimeoutPhase};
use crate::wire::{ConnectTimeout, is_not_sent};

/// Makes [`Collect`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct CollectLayer {
    pub(crate) read: Duration,
    /// The largest body, in bytes after decompression.
    pub(crate) max_body: usize,
}

impl<S> Layer<S> for CollectLayer {
    type Service = Collect<S>;

    fn layer(&self, inner: S) -> Collect<S> {
        Collect { inner, settings: *self }
    }
}

/// Reads each answer to its end, and says in which phase a failure happened.
#[derive(Clone, Debug)]
pub(crate) struct Collect<S> {
    inner: S,
    settings: CollectLayer,
}

impl<S, B> Service<Request<Full<Bytes>>> for Collect<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Bytes>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx).map_err(|error| no_answer(String::new(), error.into()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let answer = self.inner.call(request);
        let CollectLayer { read, max_body } = self.settings;
        Box::pin(async move {
            let head =
                timeout(read, answer).await.map_err(|_| timed_out(TimeoutPhase::Read, read))?;
            let (parts, body) =
                head.map_err(|error| no_answer(host.clone(), error.into()))?.into_parts();
            let expected = parts
                .headers
                .get(http::header::CONTENT_LENGTH)
                .and_then(|it| it.to_str().ok()?.parse().ok());
            let body =
                assemble(body, expected, read, max_body).await.map_err(
                    |failure| match failure {
                        Failure::Stalled => timed_out(TimeoutPhase::Read, read),
                        Failure::TooLarge => {
                            Error::TooLarge { host, limit: max_body, tried: Box::default() }
                        }
                        Failure::Broken(source) => Error::BrokenBody {
                            host,
                            tried: Box::default(),
                            source: Innermost::of(source),
                        },
                    },
                )?;
            Ok(Response::from_parts(parts, body))
        })
    }
}

enum Failure {
    Stalled,
    TooLarge,
    Broken(BoxError),
}

/// One buffer for the whole body; the single frame of a small answer is not copied at all.
async fn assemble<B>(
    body: B,
    expected: Option<usize>,
    read: Duration,
    max_body: usize,
) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    let mut first: Option<Bytes> = None;
    while let Some(frame) = timeout(read, body.frame()).await.map_err(|_| Failure::Stalled)? {
        let Ok(data) = frame.map_err(|error| Failure::Broken(error.into()))?.into_data() else {
            continue;
        };
        let so_far = first.as_ref().map_or(whole.len(), Bytes::len);
        if so_far + data.len() > max_body {
            return Err(Failure::TooLarge);
        }
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(earlier) => {
                whole.reserve(
                    expected.unwrap_or_default().min(max_body).max(earlier.len() + data.len()),
                );
                whole.extend_from_slice(&earlier);
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

fn timed_out(phase: TimeoutPhase, limit: Duration) -> Error {
    Error::Timeout { phase, limit, tried: Box::default() }
}

/// Sorts a failure without an answer by whether anything was sent.
fn no_answer(host: String, source: BoxError) -> Error {
    let tried = Box::default();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(source.as_ref());
    while let Some(error) = cause {
        if let Some(ConnectTimeout(limit)) = error.downcast_ref() {
            return Error::Timeout { phase: TimeoutPhase::Connect, limit: *limit, tried };
        }
        cause = error.source();
    }
    let not_sent = is_not_sent(source.as_ref());
    let source = Innermost::of(source);
    if not_sent {
        Error::Unreachable { host, tried, source }
    } else {
        Error::Lost { host, tried, source }
    }
}

/// A failure of the wire that shows its innermost cause: what hyper wraps around it says where in
/// hyper it was seen, which helps nobody.
#[derive(Debug)]
struct Innermost(BoxError);

impl Innermost {
    fn of(error: BoxError) -> BoxError {
        Box::new(Self(error))
    }
}

impl fmt::Display for Innermost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut innermost: &dyn std::error::Error = self.0.as_ref();
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        fmt::Display::fmt(innermost, f)
    }
}

impl std::error::Error for Innermost {}

#[cfg(test)]
mod tests {
    use super::*;

    async fn whole(frames: &[&'static str], max_body: usize) -> Result<Bytes, Failure> {
        let frames: Vec<_> = frames
            .iter()
            .map(|text| Ok::<_, BoxError>(http_body::Frame::data(Bytes::from(*text))))
            .collect();
        let body = http_body_util::StreamBody::new(FrameStream(frames.into_iter()));
        assemble(body, None, Duration::from_secs(1), max_body).await
    }

    struct FrameStream(std::vec::IntoIter<Result<http_body::Frame<Bytes>, BoxError>>);

    impl futures_core::Stream for FrameStream {
        type Item = Result<http_body::Frame<Bytes>, BoxError>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.next())
        }
    }

    #[tokio::test]
    async fn a_body_is_assembled_from_its_frames_within_its_bound() {
        assert_eq!(whole(&[], 10).await.ok(), Some(Bytes::new()));
        assert_eq!(whole(&["abc"], 10).await.ok(), Some("abc".into()));
        assert_eq!(whole(&["abc", "de", "f"], 6).await.ok(), Some("abcdef".into()));
        assert!(matches!(whole(&["abc", "de", "f"], 5).await, Err(Failure::TooLarge)));
        assert!(matches!(whole(&["abcdefg"], 5).await, Err(Failure::TooLarge)));
    }
}
