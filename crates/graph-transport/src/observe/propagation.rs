//! Trace context: the `traceparent` that joins our attempts to the caller's trace.

use std::fmt::Debug;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Writes the context of the current span into the headers of an attempt.
///
/// Called inside the span of the attempt; where that span is disabled the current one is the
/// nearest enabled one around it, so that the context is never lost (L15).
pub trait Propagator: Debug + Send + Sync + 'static {
    /// Sets `traceparent` and what belongs to it.
    fn inject(&self, headers: &mut HeaderMap);
}

/// A W3C trace context that the caller hands over with one request, for callers without a tracer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TraceContext {
    traceparent: HeaderValue,
    tracestate: Option<HeaderValue>,
}

impl TraceContext {
    /// Reads `traceparent` (version 00: `00-{trace id}-{parent id}-{flags}`) and an optional
    /// `tracestate`; `None` where the first is not well formed. Source: W3C Trace Context, 3.2.
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let hex = |text: &str, length: usize| {
            text.len() == length
                && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let mut parts = traceparent.split('-');
        let (version, trace, parent, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let known = version == "00" && parts.next().is_none();
        let ids = hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
        let zero = |id: &str| id.bytes().all(|byte| byte == b'0');
        if !known || !ids || zero(trace) || zero(parent) {
            return None;
        }
        let tracestate = tracestate.and_then(|state| HeaderValue::from_str(state).ok());
        Some(Self { traceparent: HeaderValue::from_str(traceparent).ok()?, tracestate })
    }

    /// Joins a request without a context of its own to the caller's trace.
    pub(crate) fn inject(self, headers: &mut HeaderMap) {
        if headers.contains_key(TRACEPARENT) {
            return;
        }
        headers.insert(TRACEPARENT, self.traceparent);
        if let Some(state) = self.tracestate {
            headers.insert(TRACESTATE, state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_contexts_are_taken() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(TraceContext::parse(good, Some("a=1")).is_some());
        for bad in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331\r\n",
        ] {
            assert_eq!(TraceContext::parse(bad, None), None, "{bad:?}");
        }
    }
}
