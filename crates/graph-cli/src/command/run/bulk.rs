//! `--from`: one command over many rows, one result a row.

mod journal;
mod printer;
mod progress;
mod tally;

use std::cell::{Cell, RefCell};
use std::path::Path;

use futures_util::{StreamExt as _, pin_mut};
use graph_dsl::{Arguments, CommandPlan, Request, Root, Runner};

use self::journal::Journal;
use self::printer::Printer;
use self::progress::Progress;
use self::tally::Tally;
use super::result::{answered, begun, unstarted};
use super::rows::{self, Row};
use crate::args::RunArgs;
use crate::audit::Audit;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;

/// Batches or single requests under way; the connection's own limit holds beside it.
const AT_ONCE: usize = 4;

/// What a bulk run works on.
pub(super) struct Bulk<'a> {
    command: &'a CommandPlan,
    args: &'a RunArgs,
    from: &'a Path,
    rows: Vec<Row>,
    root: Root,
    notice: Notice,
}

impl<'a> Bulk<'a> {
    /// Reads and binds the rows; one that does not fit refuses the whole file.
    pub(super) fn read(
        command: &'a CommandPlan,
        args: &'a RunArgs,
        from: &'a Path,
        common: &Arguments,
        root: Root,
        notice: Notice,
    ) -> Result<Self, Failure> {
        let rows = rows::read(command, from, &args.only, common)?;
        if let Some(max) = args.max.filter(|max| rows.len() as u64 > *max) {
            let what =
                format!("`{}` has {} rows, more than --max {max}", from.display(), rows.len());
            return Err(Failure::usage(what));
        }
        let bulk = Self { command, args, from, rows, root, notice };
        bulk.check()?;
        Ok(bulk)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    fn check(&self) -> Result<(), Failure> {
        let mut misfits = Vec::new();
        for row in &self.rows {
            if let Err(errors) = self.command.bind(&row.arguments, &self.root) {
                misfits.extend(errors.iter().map(|error| (row.number, error.to_string())));
            }
        }
        rows::refuse(self.command, self.from, &misfits)
    }

    /// The requests that would be sent, one a row.
    pub(super) fn plan(&self) -> Result<Exit, Failure> {
        printer::plan(self.command, self.args, &self.rows, &self.root)?;
        let needs = &self.command.permission;
        self.notice
            .say(&format!("{} requests planned; needs {needs}; nothing was sent", self.len()));
        Ok(Exit::Done)
    }

    /// Sends all rows. On a request to stop, what is under way is finished and the rest stays unstarted.
    pub(super) async fn send(
        &self,
        runner: &Runner,
        audit: &RefCell<Audit>,
        interrupts: &Interrupts,
    ) -> Result<Exit, Failure> {
        let journal = RefCell::new(Journal::begin(self.args.results.as_deref())?);
        self.rows
            .iter()
            .try_for_each(|row| journal.borrow_mut().write(&unstarted(self.command, row)))?;
        journal.borrow_mut().sync()?;
        let mut printer = Printer::new(self.command, self.args, &self.rows)?;
        let progress = Progress::new(self.len() as u64, self.notice);
        let mut tally = Tally::default();
        let mut done = vec![false; self.len()];
        let (stopped, failure) = (Cell::new(false), Cell::new(None));
        let requests = self.rows.iter().take_while(|_| !stopped.get()).map_while(|row| {
            let request = self.bound(row);
            let noted = journal.borrow_mut().write(&begun(self.command, row));
            let noted = noted.and_then(|()| {
                audit.borrow_mut().sending(self.command, row.number, &request, &row.arguments)
            });
            noted.map(|()| request).map_err(|error| failure.set(Some(error))).ok()
        });
        let answers = runner.send_each(self.command, requests, AT_ONCE);
        let stop = interrupts.nth(1);
        pin_mut!(answers, stop);
        loop {
            let next = tokio::select! {
                biased;
                () = &mut stop, if !stopped.get() => {
                    stopped.set(true);
                    self.notice.say("stopping: finishing what is under way");
                    continue;
                }
                next = answers.next() => next,
            };
            let Some((position, envelope)) = next else { break };
            let row = &self.rows[position];
            let mut line = answered(self.command, row, &envelope);
            journal.borrow_mut().write(&line)?;
            audit.borrow_mut().answered(self.command, row.number, &envelope)?;
            // A results file may be kept and passed on: secrets are printed only.
            if self.args.reveal {
                line["data"] = envelope.revealed();
            }
            printer.print(&line)?;
            tally.count(&envelope);
            progress.advance();
            done[position] = true;
        }
        progress.finish();
        journal.borrow_mut().sync()?;
        if let Some(failure) = failure.take() {
            return Err(failure);
        }
        let left: Vec<&Row> =
            self.rows.iter().zip(&done).filter(|(_, done)| !**done).map(|(row, _)| row).collect();
        left.iter().try_for_each(|row| printer.print(&unstarted(self.command, row)))?;
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
                self.command.full_name(),
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

    fn bound(&self, row: &Row) -> Request {
        let bound = self.command.bind(&row.arguments, &self.root);
        bound.expect("every row was bound before the first was sent")
    }
}
