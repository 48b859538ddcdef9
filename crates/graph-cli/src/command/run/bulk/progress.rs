//! Progress of a bulk run: a bar on a terminal, a line at every tenth elsewhere.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::notice::Notice;

#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    notice: Notice,
    total: u64,
    done: AtomicU64,
}

impl Progress {
    pub(super) fn new(total: u64, notice: Notice) -> Self {
        let drawn = !notice.is_quiet() && std::io::stderr().is_terminal();
        let style = ProgressStyle::with_template(
            "{wide_bar} {human_pos} of {human_len}  {per_sec}  {eta} left",
        );
        let bar = drawn
            .then(|| ProgressBar::new(total).with_style(style.expect("the template is valid")));
        Self { bar, notice, total, done: AtomicU64::new(0) }
    }

    pub(super) fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
            return;
        }
        let tenth = (self.total / 10).max(100);
        if done.is_multiple_of(tenth) && done < self.total {
            self.notice.say(&format!("{done} of {} rows", self.total));
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
