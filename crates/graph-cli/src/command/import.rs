//! `graphctl import`: the tenant in a database.

mod compact;
mod diff;
mod plan;
mod progress;
mod report;
mod status;
mod subject;
mod verify;

use std::error::Error as _;
use std::path::Path;

use graph_dsl::{StreamKind, StreamPlan};
use graph_import::{
    ImportError, Importer, Report, RunStatus, SqliteStore, Stop, StoreError, StreamOutcome,
};
use graph_transport::GraphClient;

use self::progress::Progress;
use crate::args::{Globals, ImportAction, ImportArgs};
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::{self, Notice};
use crate::simulation::State;
use crate::{store, system};

pub(crate) async fn run(
    args: ImportArgs,
    globals: &Globals,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    match &args.action {
        None => {}
        Some(ImportAction::Status { output }) => return status::run(*output, globals, notice),
        Some(ImportAction::Diff(args)) => return diff::run(args, globals, notice),
        Some(ImportAction::Compact(args)) => return compact::run(args, globals, notice),
        Some(ImportAction::Plan(args)) => {
            return plan::run(args, globals, notice, interrupts).await;
        }
        Some(ImportAction::Verify(args)) => {
            return verify::run(args, globals, notice, interrupts).await;
        }
    }
    let path = store::to_write(globals, args.simulation.simulate)?;
    let report = if args.simulation.simulate {
        simulated(&args, &path, globals, notice, interrupts).await?
    } else {
        let loaded = system::load(globals)?;
        let client = connect::client(&loaded)?;
        import(&args, client, loaded.system.streams.clone(), &path, (notice, interrupts)).await?
    };
    let exit = exit(&report);
    if exit == Exit::Done {
        next_steps(&args, &path, &report, notice);
    }
    Ok(exit)
}

/// The same import against a tenant in this process; it moves on after a completed run.
async fn simulated(
    args: &ImportArgs,
    path: &Path,
    globals: &Globals,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Report, Failure> {
    let streams = system::streams(globals)?;
    let state = State::of_store(path, &args.simulation)?;
    // Kept before the store exists: a killed import must find the same tenant again.
    state.keep(path)?;
    let simulation = state.start(0).await?;
    notice.say(&format!(
        "simulated tenant of {} users (seed {}, moment {}) at {}",
        state.users,
        state.seed,
        state.moment,
        simulation.server.graph_root()
    ));
    let report = import(args, simulation.client()?, streams, path, (notice, interrupts)).await?;
    if report.status == RunStatus::Completed {
        State { moment: state.moment + 1, ..state }.keep(path)?;
    }
    simulation.server.shutdown().await;
    Ok(report)
}

async fn import(
    args: &ImportArgs,
    client: GraphClient,
    streams: Vec<StreamPlan>,
    path: &Path,
    (notice, interrupts): (Notice, &Interrupts),
) -> Result<Report, Failure> {
    if streams.is_empty() {
        return Err(Failure::usage(
            "the system describes no streams, so there is nothing to import",
        )
        .hint("add `streams:`, or leave `object_types` out to take the embedded ones"));
    }
    let of_edges = |stream: &&StreamPlan| matches!(stream.kind, StreamKind::Edges { .. });
    let edges: Vec<String> =
        streams.iter().filter(of_edges).map(|stream| stream.name.clone()).collect();
    // Before the store is opened: wrong credentials and a wrong tenant must leave it as it was.
    let signed_in = async {
        let tenant = connect::tenant(&client, notice).await?;
        client.sign_in().await?;
        Ok::<_, Failure>(tenant)
    };
    let tenant = tokio::select! {
        tenant = signed_in => tenant?,
        () = interrupts.nth(1) => return Err(Failure::interrupted()),
    };
    let importer = Importer::new(client, tenant, streams, SqliteStore::new(path))
        .map_err(|error| stopped(&error))?
        .full(args.full)
        // A simulated app holds every permission, that of reading hidden memberships too.
        .reads_hidden_members(args.simulation.simulate);
    let (progress, stop) = (Progress::new(notice), Stop::new());
    let result = {
        let run = importer.run(&progress, &stop);
        tokio::pin!(run);
        tokio::select! {
            result = &mut run => result,
            () = interrupts.nth(1) => {
                notice.say("stopping after the page in hand; the next import continues there");
                stop.stop();
                run.await
            }
        }
    };
    progress.finish();
    let report = result.map_err(|error| stopped(&error))?;
    report::print(&report, &edges, args.output)?;
    if let Some(error) = report.error() {
        notice::error(&Failure::from(error).render());
    }
    Ok(report)
}

fn stopped(error: &ImportError) -> Failure {
    let exit = match error {
        ImportError::Store(error) => return unusable(error),
        ImportError::FirstAnswer { source, .. } => {
            return Failure::from(source).within(format!("failed to {error}"));
        }
        ImportError::Stopped => return Failure::interrupted(),
        ImportError::Plan(_) => Exit::Usage,
        _ => Exit::Failed,
    };
    Failure::new(exit, format!("failed to {error}"))
}

/// A store that cannot be used, with the way out.
pub(crate) fn unusable(error: &StoreError) -> Failure {
    let exit = match error {
        StoreError::StoreOfAnotherTenant { .. }
        | StoreError::Newer { .. }
        | StoreError::NoRun { .. }
        | StoreError::ChangesDropped { .. }
        | StoreError::Plan(_) => Exit::Usage,
        _ => Exit::LocalIo,
    };
    let failure = Failure::new(exit, format!("failed to {error}"));
    let failure = error.source().into_iter().fold(failure, Failure::because);
    error.help().into_iter().fold(failure, Failure::hint)
}

fn exit(report: &Report) -> Exit {
    match report.status {
        RunStatus::Completed => Exit::Done,
        RunStatus::Interrupted => Exit::Interrupted,
        RunStatus::Partial => Exit::Partial,
        _ => report.error().map_or_else(|| refused(report), |error| error.disposition().into()),
    }
}

/// A required stream that may not be read was refused by Graph; anything else is a failure of our own.
fn refused(report: &Report) -> Exit {
    let refused = |outcome: &StreamOutcome| {
        matches!(
            outcome,
            StreamOutcome::MissingPermission(_)
                | StreamOutcome::NotLicensed
                | StreamOutcome::NotInCloud
        )
    };
    if report.streams.iter().any(|stream| refused(&stream.outcome)) {
        Exit::Refused
    } else {
        Exit::Failed
    }
}

fn next_steps(args: &ImportArgs, path: &Path, report: &Report, notice: Notice) {
    let default = if args.simulation.simulate { "simulated.db" } else { "graph.db" };
    let store = if path == Path::new(default) {
        String::new()
    } else {
        format!(" --store {}", path.display())
    };
    // As this program was called, so that the lines can be copied.
    let graphctl = std::env::args().next().unwrap_or_else(|| "graphctl".to_owned());
    notice.say("");
    notice.say("next:");
    notice.say(&format!(
        "  {graphctl} query{store} \"select group_name, count(*) as members from group_members group by group_name order by 2 desc limit 10\""
    ));
    notice.say(&format!("  {graphctl} query{store} --tables"));
    if args.simulation.simulate {
        notice.say(&format!("  {graphctl} import --simulate{store}    (the tenant has moved on: fetches only what changed)"));
        notice.say(&format!(
            "  {graphctl} run --simulate{store} user.list \"filter=startswith(displayName,'A')\" -o table"
        ));
    } else if report.streams.iter().any(|stream| stream.full) {
        notice.say(&format!("  {graphctl} import{store}    (fetches only what changed)"));
    }
}
