//! One timer for all waits of an attempt, armed while it has to wait.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

pin_project! {
    /// A timer that is made when it is first needed.
    #[derive(Debug, Default)]
    pub(super) struct Alarm {
        #[pin]
        timer: Option<Sleep>,
        armed: bool,
    }
}

impl Alarm {
    /// Ready at `until`; never, where that is unknown or not before `deadline`, at which whoever set
    /// it ends the whole operation.
    pub(super) fn poll(
        self: Pin<&mut Self>,
        until: Option<Instant>,
        deadline: Option<Instant>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut this = self.project();
        *this.armed = true;
        let before = |until: &Instant| deadline.is_none_or(|deadline| *until < deadline);
        let Some(until) = until.filter(before) else { return Poll::Pending };
        match this.timer.as_mut().as_pin_mut() {
            None => this.timer.set(Some(sleep_until(until))),
            Some(timer) if timer.deadline() != until => timer.reset(until),
            Some(_) => {}
        }
        this.timer.as_pin_mut().map_or(Poll::Pending, |timer| timer.poll(cx))
    }

    /// Whether there was a wait since it was last asked.
    pub(super) fn is_armed(self: &mut Pin<&mut Self>) -> bool {
        std::mem::take(self.as_mut().project().armed)
    }
}
