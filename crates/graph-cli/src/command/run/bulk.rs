//! `--from`: one command over many rows, one result a row.

mod command;
mod journal;
mod printer;
mod progress;
mod steps;
mod tally;

use std::cell::{Cell, RefCell};
use std::path::Path;

use futures_util::{Stream, StreamExt as _, pin_mut};
use graph_dsl::{ArgumentError, Arguments, Outcome};
use serde_json::Value;

pub(super) use self::command::CommandRows;
use self::journal::Journal;
use self::printer::Printer;
use self::progress::Progress;
pub(super) use self::steps::StepRows;
use self::tally::Tally;
use super::result::{begun, unstarted};
use super::rows::{self, Row};
use super::{Callee, guard};
use crate::args::{Mode, RunArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;

/// Batches, single requests or rows of several steps under way; the connection's own limit holds
/// beside it.
const AT_ONCE: usize = 4;

/// What a bulk run works on.
pub(super) struct Bulk<'a> {
    callee: Callee,
    args: &'a RunArgs,
    rows: Vec<Row>,
    notice: Notice,
}

/// How a row ended.
struct RowEnd {
    outcome: Outcome,
    /// What the process would end with if the row were alone.
    exit: Exit,
    /// The line of the results file.
    line: Value,
    /// What is printed instead of its data: a results file may be kept and passed on, so secrets are
    /// printed only.
    revealed: Option<Value>,
}

/// What the rows that are being sent leave behind.
struct Desk {
    journal: RefCell<Journal>,
    stopped: Cell<bool>,
    failure: Cell<Option<Failure>>,
}

/// What is to be done with rows that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Plan,
    Send,
}

impl<'a> Bulk<'a> {
    /// Reads the rows; one that does not fit refuses the whole file.
    pub(super) fn read(
        callee: Callee,
        args: &'a RunArgs,
        from: &'a Path,
        common: &Arguments,
        notice: Notice,
        fits: impl Fn(&Arguments) -> Result<(), Vec<ArgumentError>>,
    ) -> Result<Self, Failure> {
        let rows = rows::read(&callee, from, &args.only, common)?;
        if let Some(max) = args.max.filter(|max| rows.len() as u64 > *max) {
            let what =
                format!("`{}` has {} rows, more than --max {max}", from.display(), rows.len());
            return Err(Failure::usage(what));
        }
        let mut misfits = Vec::new();
        for row in &rows {
            let errors = fits(&row.arguments).err().unwrap_or_default();
            misfits.extend(errors.iter().map(|error| (row.number, error.to_string())));
        }
        rows::refuse(&callee, from, &misfits)?;
        Ok(Self { callee, args, rows, notice })
    }

    /// Whether to send, after somebody has agreed where it takes that; writes over rows are planned
    /// unless --yes is given.
    pub(super) fn intent(&self) -> Result<Intent, Failure> {
        let (mode, safety) = (self.args.writing.mode, &self.callee.safety);
        if self.args.plan {
            return Ok(Intent::Plan);
        }
        if guard::asks(mode, safety) && !self.args.yes {
            let (input, out) = (std::io::stdin().lock(), std::io::stderr().lock());
            guard::confirm_rows(&self.callee, self.rows.len(), input, out)?;
        } else if safety.mutates() && mode != Mode::Full && !self.args.yes {
            return Ok(Intent::Plan);
        }
        Ok(Intent::Send)
    }

    /// The last words of a plan of `what`, such as `requests`.
    fn planned(&self, what: &str) {
        let (rows, needs) = (self.rows.len(), &self.callee.needs);
        self.notice.say(&format!("{rows} {what} planned; needs {needs}; nothing was sent"));
        if !self.args.plan {
            self.notice.say("add --yes to send them");
        }
    }

    /// Every row stands in the results file before the first is sent.
    fn desk(&self) -> Result<Desk, Failure> {
        let mut journal = Journal::begin(self.args.results.as_deref())?;
        self.rows.iter().try_for_each(|row| journal.write(&unstarted(&self.callee, row)))?;
        journal.sync()?;
        let (journal, stopped) = (RefCell::new(journal), Cell::new(false));
        Ok(Desk { journal, stopped, failure: Cell::new(None) })
    }

    /// Takes the answers in. On a request to stop, what is under way is finished and the rest stays
    /// unstarted.
    async fn drive(
        &self,
        desk: &Desk,
        answers: impl Stream<Item = (usize, RowEnd)>,
        interrupts: &Interrupts,
    ) -> Result<Exit, Failure> {
        let mut printer = Printer::new(&self.callee, self.args, &self.rows)?;
        let progress = Progress::new(self.rows.len() as u64, self.notice);
        let mut tally = Tally::default();
        let mut done = vec![false; self.rows.len()];
        let stop = interrupts.nth(1);
        pin_mut!(answers, stop);
        loop {
            let next = tokio::select! {
                biased;
                () = &mut stop, if !desk.stopped.get() => {
                    desk.stopped.set(true);
                    self.notice.say("stopping: finishing what is under way");
                    continue;
                }
                next = answers.next() => next,
            };
            let Some((position, end)) = next else { break };
            let RowEnd { outcome, exit, mut line, revealed } = end;
            desk.journal.borrow_mut().write(&line)?;
            if let Some(revealed) = revealed {
                line["data"] = revealed;
            }
            printer.print(&line)?;
            tally.count(outcome, exit);
            progress.advance();
            done[position] = true;
        }
        progress.finish();
        desk.journal.borrow_mut().sync()?;
        if let Some(failure) = desk.failure.take() {
            return Err(failure);
        }
        let left: Vec<&Row> =
            self.rows.iter().zip(&done).filter(|(_, done)| !**done).map(|(row, _)| row).collect();
        left.iter().try_for_each(|row| printer.print(&unstarted(&self.callee, row)))?;
        printer.finish()?;
        self.tell(&tally, left.len());
        Ok(if left.is_empty() { tally.exit() } else { Exit::Interrupted })
    }

    fn tell(&self, tally: &Tally, unstarted: usize) {
        self.notice.say(&tally.summary(unstarted));
        let repeatable = self.args.results.as_ref().filter(|_| tally.failed() > 0 || unstarted > 0);
        if let Some(results) = repeatable {
            self.notice.say(&format!(
                "to repeat only what is left: graphctl run {} --from {} --only failed,unstarted",
                self.callee.name,
                results.display()
            ));
        }
        if tally.unknown() > 0 {
            self.notice.say(&format!(
                "{} rows may have happened: look before you repeat them with --only unknown",
                tally.unknown()
            ));
        }
    }
}

impl Desk {
    /// Notes that a row is being sent; `false` where no more may begin.
    fn begins(&self, callee: &Callee, row: &Row) -> bool {
        let noted = self.journal.borrow_mut().write(&begun(callee, row));
        !self.stopped.get() && self.kept(noted)
    }

    /// Whether something could be noted; the first failure ends the run.
    fn kept(&self, noted: Result<(), Failure>) -> bool {
        let Err(failure) = noted else { return true };
        self.stopped.set(true);
        let first = self.failure.take().unwrap_or(failure);
        self.failure.set(Some(first));
        false
    }
}
