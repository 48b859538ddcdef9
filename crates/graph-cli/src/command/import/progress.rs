//! Progress of an import: bars on a terminal, plain lines elsewhere, nothing under `--quiet`.

use std::collections::HashMap;
use std::fmt;
use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::Duration;

use graph_import::{Event, Observer};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::notice::Notice;
use crate::terminal::escape;

/// Draws what an import tells.
#[derive(Debug)]
pub(crate) struct Progress {
    notice: Notice,
    bars: Option<Bars>,
}

#[derive(Debug)]
struct Bars {
    all: MultiProgress,
    by_stream: Mutex<HashMap<String, ProgressBar>>,
}

impl Progress {
    pub(crate) fn new(notice: Notice) -> Self {
        let drawn = !notice.is_quiet() && std::io::stderr().is_terminal();
        let bars = drawn.then(|| Bars { all: MultiProgress::new(), by_stream: Mutex::default() });
        Self { notice, bars }
    }

    /// Takes the bars away; the report says the rest.
    pub(crate) fn finish(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.all.clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bars {
            Some(bars) => {
                let _ = bars.all.println(text);
            }
            None => self.notice.say(text),
        }
    }

    fn on_bar(&self, stream: &str, change: impl FnOnce(&ProgressBar)) {
        let Some(bars) = &self.bars else { return };
        let mut by_stream = bars.by_stream.lock().expect("no panic while the lock is held");
        let bar =
            by_stream.entry(stream.to_owned()).or_insert_with(|| bars.all.add(spinner(stream)));
        change(bar);
    }
}

impl Observer for Progress {
    fn observe(&self, event: &Event<'_>) {
        match event {
            Event::Round { stream, full, resumed } => {
                let what = if *full { "everything" } else { "what changed" };
                let from = if *resumed { ", from where the last run stopped" } else { "" };
                self.on_bar(stream, |bar| bar.set_message(format!("reading {what}{from}")));
                if self.bars.is_none() {
                    self.line(&format!("{stream}: reading {what}{from}"));
                }
            }
            Event::Page { stream, items_of_round, .. } => {
                self.on_bar(stream, |bar| bar.set_position(*items_of_round));
            }
            Event::EdgesQueued { stream, owners } => self.on_bar(stream, |bar| {
                bar.set_length(*owners);
                bar.set_style(counted());
            }),
            Event::Edges { stream, owners, .. } => self.on_bar(stream, |bar| bar.inc(*owners)),
            Event::Spoiled { stream, reason } => {
                self.line(&format!("{stream}: left an item out: {}", escape(reason)));
            }
            Event::Restarted { stream, reason } => {
                self.line(&format!("{stream}: begins again: {}", escape(reason)));
            }
            Event::StreamEnded { report } => {
                self.on_bar(&report.stream, |bar| {
                    bar.finish_with_message(report.completeness.to_string());
                });
                if self.bars.is_none() {
                    self.line(&format!(
                        "{}: {} ({} items, {} requests)",
                        report.stream, report.completeness, report.items, report.requests
                    ));
                }
            }
            _ => {}
        }
    }
}

fn spinner(stream: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_prefix(stream.to_owned());
    bar.set_style(style("{spinner} {prefix:10} {human_pos:>10} {rate:>10}  {msg}"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn counted() -> ProgressStyle {
    style("{spinner} {prefix:10} {human_pos:>10} of {human_len} {wide_bar} {eta} left  {msg}")
}

fn style(template: &str) -> ProgressStyle {
    let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
        // A progress bar that cannot be drawn is no failure.
        let _ = write!(out, "{:.0}/s", state.per_sec());
    };
    let style = ProgressStyle::with_template(template);
    style.expect("the templates of this file are valid").with_key("rate", rate)
}
