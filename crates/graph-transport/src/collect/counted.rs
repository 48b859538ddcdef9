//! How many bytes of a body came over the wire, before they were decompressed.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_ENCODING;
use http_body::{Body, Frame, SizeHint};
use tower::util::MapResponse;
use tower::{Layer, ServiceExt as _};

use crate::wire::{Wire, WireBody};

/// The bytes so far; in the extensions of a response whose body is counted.
#[derive(Clone, Debug, Default)]
pub(super) struct WireBytes(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    bytes: AtomicUsize,
    /// The last four bytes, little-endian.
    last: AtomicU32,
    gzip: bool,
}

impl WireBytes {
    /// Of a body that will be longer than what comes; of any other the length says it all.
    fn of(response: &Response<WireBody>) -> Option<Self> {
        let encoding = response.headers().get(CONTENT_ENCODING)?;
        let gzip = encoding == "gzip" || encoding == "x-gzip";
        Some(Self(Arc::new(Counts { gzip, ..Counts::default() })))
    }

    fn add(&self, data: &[u8]) {
        self.0.bytes.fetch_add(data.len(), Ordering::Relaxed);
        let mut last = self.0.last.load(Ordering::Relaxed);
        for byte in &data[data.len().saturating_sub(4)..] {
            last = (last >> 8) | (u32::from(*byte) << 24);
        }
        self.0.last.store(last, Ordering::Relaxed);
    }

    pub(super) fn so_far(&self) -> usize {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// C8: a gzip body ends with its length (RFC 1952 2.3.1). Where it does not, something follows that
    /// the decoder left unread.
    pub(super) fn ends_with_length(&self, length: usize) -> bool {
        let last = usize::try_from(self.0.last.load(Ordering::Relaxed)).unwrap_or_default();
        !self.0.gzip || self.so_far() == 0 || last == length & 0xffff_ffff
    }
}

/// Counts the body of each response that is encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountLayer;

type Count = fn(Response<WireBody>) -> Response<Counted>;

impl Layer<Wire> for CountLayer {
    type Service = MapResponse<Wire, Count>;

    fn layer(&self, wire: Wire) -> Self::Service {
        wire.map_response(|mut response| {
            let bytes = WireBytes::of(&response);
            if let Some(bytes) = bytes.clone() {
                response.extensions_mut().insert(bytes);
            }
            response.map(|body| Counted { body, bytes })
        })
    }
}

/// A body that is counted as it passes.
#[derive(Debug)]
pub(crate) struct Counted {
    body: WireBody,
    bytes: Option<WireBytes>,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = <WireBody as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let (Poll::Ready(Some(Ok(frame))), Some(bytes)) = (&frame, &self.bytes) {
            bytes.add(frame.data_ref().map_or(&[], AsRef::as_ref));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
