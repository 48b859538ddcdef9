//! A bar for each stream, and a line for all of them at the foot.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use graph_import::{Completeness, Event, Phase};
use graph_transport::LaneSnapshot;
use indicatif::{
    HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
};

use super::meter::Meter;
use crate::command::import::report::verdict;
use crate::quantity;

/// What is drawn.
#[derive(Debug, Default)]
pub(super) struct Bars {
    all: MultiProgress,
    by_stream: Mutex<HashMap<String, ProgressBar>>,
    foot: OnceLock<ProgressBar>,
}

impl Bars {
    pub(super) fn clear(&self) {
        let _ = self.all.clear();
        // Or bars that are dropped draw themselves below the report.
        self.all.set_draw_target(ProgressDrawTarget::hidden());
    }

    pub(super) fn line(&self, text: &str) {
        let _ = self.all.println(text);
    }

    /// Says what the lanes do, and how long it takes.
    pub(super) fn foot(&self, meter: &Meter, now: Duration, lanes: &[LaneSnapshot]) {
        let left = meter.left(now).map(|left| quantity::left(left.as_secs_f64()));
        let parts = meter.lane(lanes).into_iter().chain(meter.sampled()).chain(left);
        let parts: Vec<String> = parts.collect();
        self.foot_bar().set_message(parts.join("; "));
    }

    fn foot_bar(&self) -> &ProgressBar {
        self.foot.get_or_init(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            bar.set_style(style("{elapsed:>6.dim}  {msg:.dim}"));
            bar
        })
    }

    pub(super) fn observe(&self, event: &Event<'_>) {
        match event {
            Event::Round { stream, full, .. } => self.on(stream, |bar| {
                bar.set_message(if *full { "reading all" } else { "reading changes" });
                bar.set_position(0);
            }),
            Event::Counted { stream, objects } => self.on(stream, |bar| count_to(bar, *objects)),
            Event::Phase { stream, phase } => {
                let phase = if *phase == Phase::Idle { "read" } else { phase.as_str() };
                self.on(stream, |bar| bar.set_message(phase.replace('_', " ")));
            }
            Event::Page { stream, items_of_round, .. } => {
                self.on(stream, |bar| bar.set_position(*items_of_round));
            }
            Event::AwaitingReplicas { stream, .. } => {
                self.on(stream, |bar| bar.set_message("awaiting replicas"));
            }
            Event::EdgesQueued { stream, owners } => self.on(stream, |bar| {
                bar.set_message("reading lists");
                count_to(bar, *owners);
            }),
            Event::Edges { stream, owners, .. } => self.on(stream, |bar| {
                bar.set_message("reading lists");
                bar.inc(*owners);
            }),
            Event::Compared { stream, compared, of, .. } => self.on(stream, |bar| {
                // At the end of a run the stream is done with; the foot tells of its sample.
                if !bar.is_finished() {
                    bar.set_message("comparing");
                    if let Some(of) = of {
                        count_to(bar, *of);
                    }
                    bar.set_position(*compared);
                }
            }),
            Event::Verified { result } => self.on(&result.stream, |bar| {
                let equal = result.different + result.unreadable == 0;
                let (verdict, colour) =
                    if equal { ("equal", "green") } else { ("not equal", "red") };
                end(bar, verdict, colour);
            }),
            Event::StreamEnded { report } => self.on(&report.stream, |bar| {
                let colour = match report.completeness {
                    Completeness::Proven => "green",
                    Completeness::Partial(_) if report.required => "red",
                    Completeness::Partial(_) | Completeness::Provisional(_) => "yellow",
                };
                end(bar, verdict(report), colour);
            }),
            _ => {}
        }
    }

    fn on(&self, stream: &str, change: impl FnOnce(&ProgressBar)) {
        let mut by_stream = self.by_stream.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = by_stream.entry(stream.to_owned()).or_insert_with(|| {
            let bar = ProgressBar::new_spinner().with_prefix(stream.to_owned());
            // The foot stays below.
            let bar = self.all.insert_before(self.foot_bar(), bar);
            draw(&bar, "");
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        change(bar);
    }
}

fn count_to(bar: &ProgressBar, objects: u64) {
    bar.set_length(objects);
    draw(bar, "");
}

/// The last word on a stream, in a colour where the terminal and `NO_COLOR` allow one.
fn end(bar: &ProgressBar, verdict: &str, colour: &str) {
    draw(bar, colour);
    bar.finish_with_message(verdict.to_owned());
}

/// The line of a stream. Its words fit into 80 columns; the bar, once it is known how much there is,
/// takes what a wider terminal has left.
fn draw(bar: &ProgressBar, colour: &str) {
    let read = "{spinner:.cyan} {prefix:27} {human_pos:>9} {of:12} {rate:>7.dim}";
    let bar_of = if bar.length().is_some() { "{wide_bar:.cyan/dim}" } else { "" };
    bar.set_style(style(&format!("{read} {{msg:17.{colour}}} {bar_of}")));
}

fn style(template: &str) -> ProgressStyle {
    // A progress bar that cannot be drawn is no failure.
    let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = write!(out, "{:.0}/s", state.per_sec());
    };
    let of = |state: &ProgressState, out: &mut dyn fmt::Write| {
        if let Some(len) = state.len() {
            let _ = write!(out, "of {}", HumanCount(len));
        }
    };
    let style = ProgressStyle::with_template(template);
    style.expect("the templates of this file are valid").with_key("rate", rate).with_key("of", of)
}
