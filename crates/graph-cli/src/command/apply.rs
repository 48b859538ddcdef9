//! `graphctl apply`: sends exactly what a plan showed, or nothing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use graph_dsl::{Arguments, CommandPlan};
use graph_transport::{Clock as _, SystemClock};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::args::{ApplyArgs, Globals, RunArgs};
use crate::command::run::{self as runs, MASK, is_secret};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;

/// What `run --plan` wrote, as far as it must be the same again.
#[derive(Debug, Deserialize)]
pub(crate) struct Planned {
    pub(crate) command: String,
    pub(crate) arguments: Map<String, Value>,
    pub(crate) request: Value,
    pub(crate) tenant: Option<String>,
    pub(crate) definition: String,
    #[serde(rename = "planned_at")]
    made_at: jiff::Timestamp,
}

pub(crate) async fn run(
    args: ApplyArgs,
    globals: &Globals,
    notice: Notice,
) -> Result<Exit, Failure> {
    let planned = read(&args.file)?;
    refuse_old(&planned, args.max_age)?;
    let run = RunArgs::of_plan(args, planned.command.clone());
    runs::apply(run, planned, globals, notice).await
}

fn read(path: &Path) -> Result<Planned, Failure> {
    let text = fs::read(path).map_err(|error| Failure::file("read the plan", path, &error))?;
    serde_json::from_slice(&text).map_err(|error| {
        Failure::usage(format!("`{}` is no plan", path.display()))
            .because(&error)
            .hint("write one with `graphctl run COMMAND … --plan > plan.json`")
    })
}

fn refuse_old(planned: &Planned, max_age: Duration) -> Result<(), Failure> {
    let now = jiff::Timestamp::try_from(SystemClock.now());
    let age = now.ok().and_then(|now| Duration::try_from(now.duration_since(planned.made_at)).ok());
    match age {
        Some(age) if age <= max_age => Ok(()),
        Some(age) => Err(Failure::usage(format!("the plan is {} minutes old", age.as_secs() / 60))
            .hint("plan again, or allow it with --max-age")),
        None => Err(Failure::usage("the plan was made in the future: the clocks differ")),
    }
}

impl Planned {
    /// The arguments with the secrets that the plan left out, given again.
    pub(crate) fn arguments(
        &self,
        given: &Arguments,
        command: &CommandPlan,
    ) -> Result<Arguments, Failure> {
        let mut arguments = Arguments::from(self.arguments.clone());
        for (name, value) in given.iter() {
            if !is_secret(&command.signature, name) {
                return Err(Failure::usage(format!("`{name}` is in the plan already"))
                    .hint("only secrets are given again: a plan does not hold them"));
            }
            arguments.insert(name, value.clone());
        }
        let missing = arguments.iter().find(|(name, value)| {
            is_secret(&command.signature, name) && value.as_str() == Some(MASK)
        });
        match missing {
            Some((name, _)) => {
                Err(Failure::usage(format!("the plan does not hold the secret `{name}`"))
                    .hint(format!("give it again: {name}=@file")))
            }
            None => Ok(arguments),
        }
    }
}
