//! `graphctl run` of a command of several steps.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use graph_admin::{Admin, Compound, Halt, Step, StepObserver, Steps};
use graph_dsl::Arguments;
use serde_json::json;

use super::arguments::{self, Callee};
use super::bulk::{Bulk, Intent, StepRows};
use super::result::shown;
use super::{Tenant, guard, revealed};
use crate::args::{Format, RunArgs};
use crate::audit::Audit;
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::{Failure, hint};
use crate::interrupt::Interrupts;
use crate::jmespath::Query;
use crate::notice::{self, Notice};
use crate::output::print_value;
use crate::terminal::escape;

pub(super) async fn run(
    compound: &'static Compound,
    args: &RunArgs,
    tenant: &Tenant<'_>,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    let (callee, safety) = (Callee::from(compound), compound.safety());
    let query = args.query.as_deref().map(Query::compile).transpose()?;
    if !args.plan {
        guard::allow(args.writing.mode, compound.name, &safety)?;
    }
    let mut values = arguments::read(&callee, &args.arguments)?;
    if let Some(from) = &args.from {
        return rows(compound, args, (from, &values), tenant, notice, interrupts).await;
    }
    arguments::ask(&callee, &mut values)?;
    revealed::refuse_early(args)?;
    let admin = Admin::new(tenant.runner()?.client().clone());
    let plan = async || compound.plan(&admin, &values).await.map_err(|it| callee.misfit(&it));
    if args.plan {
        return report(&plan().await?, args, query.as_ref());
    }
    if guard::asks(args.writing.mode, &safety) && !args.yes {
        guard::on_a_terminal(compound.name, &safety)?;
        let steps = plan().await?;
        let mut out = io::stderr().lock();
        for step in &steps.steps {
            let _ = writeln!(out, "{}", escape(&step.step));
        }
        guard::agreed(compound.name, &safety, &mut io::stdin().lock(), &mut out)?;
    }
    let record = Record::begin(tenant.audit(&args.writing, admin.client(), compound.reads)?);
    let arguments = shown(&callee.signature, &values);
    record.write(|audit| audit.begins(compound.name, 1, &arguments));
    record.ended()?;
    let observer = record.observer(compound.name, 1, Some(notice));
    let steps = compound.run(&admin, &values, observer).await;
    let mut steps = steps.map_err(|it| callee.misfit(&it))?;
    revealed::keep_steps(&mut steps, args, notice)?;
    let exit = report(&steps, args, query.as_ref());
    record.ended()?;
    exit
}

/// One object a row.
async fn rows(
    compound: &'static Compound,
    args: &RunArgs,
    (from, common): (&Path, &Arguments),
    tenant: &Tenant<'_>,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    let signature = compound.signature();
    let fits = |arguments: &Arguments| signature.check(compound.name, arguments).map(drop);
    let bulk = Bulk::read(compound.into(), args, from, common, notice, fits)?;
    let intent = bulk.intent()?;
    let admin = &Admin::new(tenant.runner()?.client().clone());
    let rows = StepRows { compound, admin, bulk };
    if intent == Intent::Plan {
        return rows.plan().await;
    }
    let record = Record::begin(tenant.audit(&args.writing, admin.client(), compound.reads)?);
    rows.send(&record, interrupts).await
}

/// The audit file while steps are under way: the first failure to write it is told at the end, since
/// a step that has begun cannot be taken back.
#[derive(Clone)]
pub(super) struct Record(Arc<Mutex<(Audit, Option<Failure>)>>);

impl Record {
    fn begin(audit: Audit) -> Self {
        Self(Arc::new(Mutex::new((audit, None))))
    }

    pub(super) fn write(&self, event: impl FnOnce(&mut Audit) -> Result<(), Failure>) {
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(failure) = event(&mut record.0) {
            record.1.get_or_insert(failure);
        }
    }

    pub(super) fn ended(&self) -> Result<(), Failure> {
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        record.1.take().map_or(Ok(()), Err)
    }

    /// Records the steps of a row, and tells them where somebody waits for this row alone.
    pub(super) fn observer(
        &self,
        name: &'static str,
        row: u64,
        notice: Option<Notice>,
    ) -> StepObserver {
        let record = self.clone();
        StepObserver::new(move |step| {
            record.write(|audit| audit.stepped(name, row, step));
            if let Some(notice) = notice {
                notice.say(&escape(&told(step)));
            }
        })
    }
}

fn told(step: &Step) -> String {
    let outcome = step.outcome.map_or_else(|| "planned".to_owned(), |it| it.to_string());
    match &step.error {
        Some(error) => format!("{}: {outcome}: {error}", step.step),
        None => format!("{}: {outcome}", step.step),
    }
}

/// The whole result for programs, the steps as rows for people.
fn report(steps: &Steps, args: &RunArgs, query: Option<&Query>) -> Result<Exit, Failure> {
    let format = args.output.unwrap_or(Format::Json);
    let value = serde_json::to_value(steps).expect("steps are JSON already");
    match (query, format) {
        (Some(query), _) => print_value(&query.select(&steps.data)?, format),
        (None, Format::Json | Format::Yaml) => {
            let meta = json!({ "command": steps.command, "outcome": steps.outcome() });
            let response = json!({ "success": steps.is_success(), "data": value, "meta": meta });
            print_value(&json!({ "response": response }), format)
        }
        _ => print_value(&value["steps"], format),
    }
    .map_err(closed)?;
    Ok(exit(steps))
}

fn exit(steps: &Steps) -> Exit {
    if let Some(halt) = &steps.halted {
        let mut text = format!("error: {}: {}\n", steps.command, escape(&halt.to_string()));
        let next = match halt {
            Halt::Refused { disposition, .. } => disposition.and_then(hint),
            Halt::Ambiguous { .. } => Some("name the one you mean by its id"),
            _ => None,
        };
        if let Some(next) = next {
            let _ = writeln!(text, "  hint: {next}");
        }
        notice::error(&text);
    }
    ends(steps)
}

/// What the process ends with after these steps.
pub(super) fn ends(steps: &Steps) -> Exit {
    match &steps.halted {
        Some(_) if steps.changed() => return Exit::Partial,
        Some(Halt::Refused { disposition: Some(disposition), .. }) => return (*disposition).into(),
        Some(Halt::Refused { .. }) => return Exit::Refused,
        Some(_) => return Exit::Usage,
        None => {}
    }
    let failed: Vec<&Step> = steps.steps.iter().filter(|step| !step.is_success()).collect();
    match failed.as_slice() {
        [] => Exit::Done,
        all if all.len() < steps.steps.len() => Exit::Partial,
        [first, ..] => first.disposition().map_or(Exit::Failed, Exit::from),
    }
}
