//! An answer that the next layer brings, or one that takes work of this layer first.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::answer::Answer;
use crate::error::Error;

/// An answer that is on its way, whatever brings it.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

pin_project! {
    /// The future of a layer that nearly always passes a request straight on. Only a request that has
    /// to wait first needs memory of its own.
    pub struct Onward<F> {
        #[pin]
        way: Way<F>,
    }
}

pin_project! {
    #[project = WayProj]
    enum Way<F> {
        Straight { #[pin] answer: F },
        Around { answer: Answering },
    }
}

impl<F> Onward<F> {
    /// The next layer was called.
    pub(crate) fn straight(answer: F) -> Self {
        Self { way: Way::Straight { answer } }
    }

    /// Something else comes first.
    pub(crate) fn around(
        answer: impl Future<Output = Result<Answer, Error>> + Send + 'static,
    ) -> Self {
        Self { way: Way::Around { answer: Box::pin(answer) } }
    }
}

impl<F: Future<Output = Result<Answer, Error>>> Future for Onward<F> {
    type Output = Result<Answer, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().way.project() {
            WayProj::Straight { answer } => answer.poll(cx),
            WayProj::Around { answer } => answer.as_mut().poll(cx),
        }
    }
}
