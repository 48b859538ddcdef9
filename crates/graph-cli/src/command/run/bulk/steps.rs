//! Rows of a command of several steps: each looks first and does what is left.

use futures_util::{StreamExt as _, stream};
use graph_admin::{Admin, Compound, Steps};
use graph_dsl::ArgumentError;
use serde_json::{Value, json};

use super::super::compound::{Record, ends};
use super::super::result::{shown, stepped};
use super::super::rows::Row;
use super::printer::writer;
use super::{AT_ONCE, Bulk, RowEnd};
use crate::args::Format;
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;

/// Rows that were read, and what each becomes.
pub(in super::super) struct StepRows<'a> {
    pub(in super::super) compound: &'static Compound,
    pub(in super::super) admin: &'a Admin,
    pub(in super::super) bulk: Bulk<'a>,
}

impl StepRows<'_> {
    /// The steps that are left in each row, found by reading.
    pub(in super::super) async fn plan(&self) -> Result<Exit, Failure> {
        let columns = ["row", "steps", "error", "arguments"];
        let mut writer = writer(&columns, self.bulk.args.output.unwrap_or(Format::Jsonl))?;
        let plans = self.bulk.rows.iter().map(async |row| {
            (
                row,
                self.compound.plan(self.admin, &row.arguments).await.map_err(|it| self.misfit(&it)),
            )
        });
        let mut plans = stream::iter(plans).buffered(AT_ONCE);
        while let Some((row, steps)) = plans.next().await {
            let steps = steps?;
            let left: Vec<&str> = steps.steps.iter().map(|step| step.step.as_str()).collect();
            let error = steps.halted.as_ref().map(ToString::to_string);
            let arguments = shown(&self.bulk.callee.signature, &row.arguments);
            let cells = vec![row.number.into(), left.into(), error.into(), arguments];
            writer.push(cells).map_err(closed)?;
        }
        writer.finish().map_err(closed)?;
        self.bulk.planned("rows");
        Ok(Exit::Done)
    }

    /// Carries out what is left of each row, some rows at a time.
    pub(in super::super) async fn send(
        &self,
        record: &Record,
        interrupts: &Interrupts,
    ) -> Result<Exit, Failure> {
        let (bulk, desk) = (&self.bulk, self.bulk.desk()?);
        let rows = bulk.rows.iter().enumerate().take_while(|_| !desk.stopped.get());
        let begun = rows.map_while(|(position, row)| {
            let arguments = shown(&bulk.callee.signature, &row.arguments);
            record.write(|audit| audit.begins(self.compound.name, row.number, &arguments));
            let begins = desk.begins(&bulk.callee, row) && desk.kept(record.ended());
            begins.then(|| self.carry_out(position, row, record))
        });
        let answers = stream::iter(begun).buffer_unordered(AT_ONCE).inspect(|_| {
            desk.kept(record.ended());
        });
        bulk.drive(&desk, answers, interrupts).await
    }

    async fn carry_out(&self, position: usize, row: &Row, record: &Record) -> (usize, RowEnd) {
        let observer = record.observer(self.compound.name, row.number, None);
        let steps = self.compound.run(self.admin, &row.arguments, observer).await;
        let steps = steps.expect("every row was checked when the file was read");
        let line = stepped(&self.bulk.callee, row, &steps);
        let revealed = self.bulk.args.reveal.then(|| revealed(&steps));
        (position, RowEnd { outcome: steps.outcome(), exit: ends(&steps), line, revealed })
    }

    fn misfit(&self, errors: &[ArgumentError]) -> Failure {
        self.bulk.callee.misfit(errors)
    }
}

/// The data with the secrets beside it.
fn revealed(steps: &Steps) -> Value {
    let mut data = steps.data.clone();
    for secret in &steps.secrets {
        data[secret.name()] = secret.value.expose().into();
    }
    json!({ "steps": steps.steps, "data": data })
}
