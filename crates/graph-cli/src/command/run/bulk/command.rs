//! Rows of a command of the catalogue: one request a row.

use std::cell::RefCell;

use futures_util::StreamExt as _;
use graph_dsl::{CommandPlan, Request, Root, Runner};

use super::super::result::{answered, shown};
use super::super::rows::Row;
use super::super::{exit, plan};
use super::printer::writer;
use super::{AT_ONCE, Bulk, RowEnd};
use crate::args::Format;
use crate::audit::Audit;
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;

/// Rows that were read, and what each becomes.
pub(in super::super) struct CommandRows<'a> {
    pub(in super::super) command: &'a CommandPlan,
    pub(in super::super) root: &'a Root,
    pub(in super::super) bulk: Bulk<'a>,
}

impl CommandRows<'_> {
    /// The requests that would be sent.
    pub(in super::super) fn plan(&self) -> Result<Exit, Failure> {
        let columns = ["row", "method", "url", "body", "arguments"];
        let mut writer = writer(&columns, self.bulk.args.output.unwrap_or(Format::Jsonl))?;
        for row in &self.bulk.rows {
            let planned = plan::shown(self.command, &self.bound(row), self.root, &row.arguments);
            let part = |name: &str| planned["request"][name].clone();
            let arguments = shown(&self.command.signature, &row.arguments);
            let cells =
                vec![row.number.into(), part("method"), part("url"), part("body"), arguments];
            writer.push(cells).map_err(closed)?;
        }
        writer.finish().map_err(closed)?;
        self.bulk.planned("requests");
        Ok(Exit::Done)
    }

    /// Sends all rows, in batches where that is cheaper.
    pub(in super::super) async fn send(
        &self,
        runner: &Runner,
        audit: Audit,
        interrupts: &Interrupts,
    ) -> Result<Exit, Failure> {
        let (bulk, desk, audit) = (&self.bulk, self.bulk.desk()?, RefCell::new(audit));
        let requests = bulk.rows.iter().take_while(|_| !desk.stopped.get()).map_while(|row| {
            let request = self.bound(row);
            let sent = || {
                let mut audit = audit.borrow_mut();
                desk.kept(audit.sending(self.command, row.number, &request, &row.arguments))
            };
            (desk.begins(&bulk.callee, row) && sent()).then_some(request)
        });
        let answers = runner.send_each(self.command, requests, AT_ONCE);
        let answers = answers.map(|(position, envelope)| {
            let row = &bulk.rows[position];
            desk.kept(audit.borrow_mut().answered(self.command, row.number, &envelope));
            let revealed = bulk.args.reveal.then(|| envelope.revealed());
            let line = answered(&bulk.callee, row, &envelope);
            let outcome = envelope.outcome();
            (position, RowEnd { outcome, exit: exit(&envelope), line, revealed })
        });
        bulk.drive(&desk, answers, interrupts).await
    }

    fn bound(&self, row: &Row) -> Request {
        let bound = self.command.bind(&row.arguments, self.root);
        bound.expect("every row was bound when the file was read")
    }
}
