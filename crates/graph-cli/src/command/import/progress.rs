//! Progress of an import or a verification, on stderr: bars on a terminal, a line every few seconds elsewhere, JSON
//! lines for programs, nothing under `--quiet`.

mod bars;
mod meter;

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graph_import::{Event, ImportPlan, Observer};
use graph_transport::Lanes;
use tokio::time::Instant;

use self::bars::Bars;
use self::meter::Meter;
use super::report::verdict;
use crate::args::ProgressStyle;
use crate::notice::Notice;
use crate::quantity::{number, of};
use crate::terminal::escape;

/// Between two lines.
const EVERY: Duration = Duration::from_secs(5);
/// Between two readings on a terminal.
const DRAWN_EVERY: Duration = Duration::from_secs(1);
/// Items that could not be read and are told one by one; the report counts all.
const SPOILED_TOLD: u32 = 10;

/// Tells how an import goes on.
#[derive(Debug)]
pub(crate) struct Progress {
    notice: Notice,
    style: Style,
    lanes: Lanes,
    began: Instant,
    told: Mutex<Told>,
}

#[derive(Debug)]
enum Style {
    Bars(Bars),
    Lines,
    Json,
    None,
}

#[derive(Debug, Default)]
struct Told {
    meter: Meter,
    /// When the last line was written.
    last: Duration,
    spoiled: u32,
}

impl Progress {
    pub(crate) fn new(notice: Notice, style: ProgressStyle, lanes: Lanes) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let style = match style {
            ProgressStyle::Json => Style::Json,
            ProgressStyle::None => Style::None,
            _ if notice.is_quiet() => Style::None,
            ProgressStyle::Auto if terminal => Style::Bars(Bars::default()),
            ProgressStyle::Auto | ProgressStyle::Lines => Style::Lines,
        };
        Self { notice, style, lanes, began: Instant::now(), told: Mutex::default() }
    }

    /// Takes over what a plan has counted.
    pub(crate) fn expect(&self, plan: &ImportPlan) {
        self.told().meter.expect(plan);
    }

    /// Tells how far the import is, if the last time is long enough ago.
    pub(crate) fn tick(&self) {
        let (now, mut told) = (self.began.elapsed(), self.told());
        let every = if matches!(self.style, Style::Bars(_)) { DRAWN_EVERY } else { EVERY };
        if matches!(self.style, Style::None) || now < told.last + every {
            return;
        }
        told.last = now;
        told.meter.read(now);
        let lanes = self.lanes.snapshot();
        match &self.style {
            Style::Bars(bars) => bars.foot(&told.meter, now, &lanes),
            Style::Lines => {
                if let Some(line) = told.meter.line(now, &lanes) {
                    self.notice.say(&line);
                }
            }
            Style::Json => {
                // A closed stderr must not end the work.
                let _ = writeln!(std::io::stderr(), "{}", told.meter.json(now, &lanes));
            }
            Style::None => {}
        }
    }

    /// Takes the bars away; the report says the rest.
    pub(crate) fn finish(&self) {
        if let Style::Bars(bars) = &self.style {
            bars.clear();
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says something that must be heard, whatever is shown of the progress.
    pub(crate) fn say(&self, text: &str) {
        match &self.style {
            Style::Bars(bars) => bars.line(text),
            Style::Lines | Style::Json | Style::None => self.notice.say(text),
        }
    }

    fn line(&self, text: &str) {
        match &self.style {
            Style::Bars(bars) => bars.line(text),
            Style::Lines => self.notice.say(text),
            Style::Json | Style::None => {}
        }
    }

    /// What is worth a line of its own.
    fn remark(&self, event: &Event<'_>) {
        match event {
            Event::Round { stream, resumed: true, .. } => {
                self.line(&format!("{stream}: goes on where the last run stopped"));
            }
            Event::AwaitingReplicas { stream, left } => {
                let seconds = left.as_secs_f64().ceil();
                self.line(&format!(
                    "{stream}: waits {seconds} s, until every replica shows what was reported"
                ));
            }
            Event::Spoiled { stream, reason } => {
                let mut told = self.told();
                told.spoiled += 1;
                let count = told.spoiled;
                drop(told);
                if count <= SPOILED_TOLD {
                    self.line(&format!("{stream}: left an item out: {}", escape(reason)));
                } else if count == SPOILED_TOLD + 1 {
                    self.line("more items are left out; the report counts them");
                }
            }
            Event::Restarted { stream, reason } => {
                self.line(&format!("{stream}: begins again: {}", escape(reason)));
            }
            Event::Warned { stream, warning } => {
                self.line(&format!("{stream}: {}", escape(warning)));
            }
            // A short run ends with its table, which says the same; so does a bar.
            Event::StreamEnded { report } if self.has_told_lines() => {
                let edges = report.edges.is_some() || report.applied.edges_added > 0;
                let held = of(report.holdings.live, if edges { "edge" } else { "object" });
                let said = match verdict(report) {
                    "not read" => format!("not read, {}", report.outcome),
                    _ => format!("{held}, {}", report.completeness),
                };
                self.line(&format!("{}: {said}", report.stream));
            }
            Event::Verified { result } if self.has_told_lines() => {
                let unequal = result.different + result.unreadable;
                let verdict = if unequal == 0 {
                    "equal".to_owned()
                } else {
                    format!("{} not equal", number(unequal))
                };
                self.line(&format!(
                    "{}: {} compared, {verdict}",
                    result.stream,
                    number(result.compared)
                ));
            }
            _ => {}
        }
    }

    fn has_told_lines(&self) -> bool {
        matches!(self.style, Style::Lines) && self.told().last > Duration::ZERO
    }
}

impl Observer for Progress {
    fn observe(&self, event: &Event<'_>) {
        self.told().meter.observe(event, self.began.elapsed());
        if let Style::Bars(bars) = &self.style {
            bars.observe(event);
        }
        self.remark(event);
    }
}
