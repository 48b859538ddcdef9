//! The span of a walk over pages.

use tracing::{Span, info_span};

/// `azure.collect_pages`: begins where the walk is built, so it hangs below the caller's span
/// whichever task reads the pages, and ends when the walk is dropped.
#[derive(Debug)]
pub(crate) struct CollectPages(Span);

impl CollectPages {
    pub(crate) fn begin(route: &str) -> Self {
        Self(info_span!(
            "azure.collect_pages",
            url.template = route,
            azure.pages = tracing::field::Empty,
            azure.items = tracing::field::Empty,
            azure.complete = tracing::field::Empty,
            error.type = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        ))
    }

    /// For what happens in the walk.
    pub(crate) fn span(&self) -> Span {
        self.0.clone()
    }

    /// A page came; `complete` says that it was the last.
    pub(crate) fn page(&self, pages: u64, items: u64, complete: bool) {
        self.0.record("azure.pages", pages).record("azure.items", items);
        if complete {
            self.0.record("azure.complete", true);
        }
    }

    /// The walk ended early.
    pub(crate) fn failed(&self, kind: &str) {
        self.0.record("azure.complete", false);
        self.0.record("error.type", kind).record("otel.status_code", "ERROR");
    }
}
