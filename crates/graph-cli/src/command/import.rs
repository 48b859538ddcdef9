//! `graphctl import`: the tenant in a database.

mod choice;
mod compact;
mod diff;
mod plan;
mod progress;
mod report;
mod since;
mod space;
mod status;
mod subject;
mod verify;

use std::error::Error as _;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use graph_dsl::{Authentication, Runner, StreamKind, StreamPlan};
use graph_import::{
    DeletionThreshold, ImportError, Importer, Report, RunStatus, SqliteStore, Stop, StoreError,
    StreamOutcome,
};
use graph_transport::GraphClient;

use self::progress::Progress;
use crate::args::{Globals, ImportAction, ImportArgs};
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::halt::{self, Halt};
use crate::interrupt::Interrupts;
use crate::notice::{self, Notice};
use crate::simulation::State;
use crate::system::Loaded;
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
        Some(ImportAction::Diff(args)) => {
            let (args, globals) = (args.clone(), globals.clone());
            let work = move |halt: &Halt| diff::run(&args, &globals, notice, halt);
            return halt::blocking(interrupts, work).await;
        }
        Some(ImportAction::Compact(args)) => {
            let (args, globals) = (args.clone(), globals.clone());
            let work = move |_: &Halt| compact::run(&args, &globals, notice);
            return halt::blocking(interrupts, work).await;
        }
        Some(ImportAction::Plan(args)) => {
            return plan::run(args, globals, notice, interrupts).await;
        }
        Some(ImportAction::Verify(args)) => {
            return verify::run(args, globals, notice, interrupts).await;
        }
    }
    let path = store::to_write(globals, args.simulation.simulate)?;
    // A mistake must not be found after the whole tenant was read.
    let since = args.since.as_ref().map(|moment| since::run(&path, moment)).transpose()?;
    let report = if args.simulation.simulate {
        simulated((&args, since), &path, globals, notice, interrupts).await?
    } else {
        let loaded = system::load(globals)?;
        let streams = choice::apply(&args.choice, loaded.system.streams.clone())?;
        let source = Source::of(&loaded)?;
        import((&args, since), source, streams, &path, (notice, interrupts)).await?
    };
    let exit = exit(&report);
    if exit == Exit::Done {
        next_steps(&args, &path, &report, notice);
    }
    Ok(exit)
}

/// The same import against a tenant in this process; it moves on after a completed run.
async fn simulated(
    (args, since): (&ImportArgs, Option<u64>),
    path: &Path,
    globals: &Globals,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Report, Failure> {
    let streams = choice::apply(&args.choice, system::streams(globals)?)?;
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
    let source = Source::simulated(simulation.client()?);
    let report = import((args, since), source, streams, path, (notice, interrupts)).await?;
    if report.status == RunStatus::Completed {
        State { moment: state.moment + 1, ..state }.keep(path)?;
    }
    simulation.server.shutdown().await;
    Ok(report)
}

/// Where an import reads.
struct Source {
    client: GraphClient,
    /// Knows what the token grants; a simulated app holds every permission.
    runner: Option<Runner>,
    /// Whether a person signs in.
    delegated: bool,
}

impl Source {
    fn of(loaded: &Loaded) -> Result<Self, Failure> {
        let authentication = loaded.settings()?.authentication;
        let delegated = matches!(
            authentication,
            Authentication::AzureCli { .. }
                | Authentication::DeviceCode { .. }
                | Authentication::AuthorizationCode { .. }
                | Authentication::RefreshToken { .. }
        );
        let runner = connect::runner(loaded)?;
        Ok(Self { client: runner.client().clone(), runner: Some(runner), delegated })
    }

    const fn simulated(client: GraphClient) -> Self {
        Self { client, runner: None, delegated: false }
    }

    /// What the token grants, once it is there; empty where nothing is known.
    fn granted(&self) -> Vec<String> {
        self.runner.as_ref().map(Runner::granted_permissions).unwrap_or_default()
    }
}

/// Objects of each stream that are read again after everything was read: one batch.
const SAMPLE: usize = 20;

/// What the flag `--sample` says.
fn sampling(importer: Importer<SqliteStore>, sample: Option<usize>) -> Importer<SqliteStore> {
    importer.sample(sample.unwrap_or(SAMPLE)).sample_every_round(sample.is_some())
}

/// Without it Graph answers an empty list for a group that hides its members.
const READS_HIDDEN: &str = "Member.Read.Hidden";

/// Imports these streams; the report counts what has changed since the end of run `since`.
async fn import(
    (args, since): (&ImportArgs, Option<u64>),
    source: Source,
    streams: Vec<StreamPlan>,
    path: &Path,
    (notice, interrupts): (Notice, &Interrupts),
) -> Result<Report, Failure> {
    let of_edges = |stream: &&StreamPlan| matches!(stream.kind, StreamKind::Edges { .. });
    let edges: Vec<String> =
        streams.iter().filter(of_edges).map(|stream| stream.name.clone()).collect();
    // Before the store is opened: wrong credentials and a wrong tenant must leave it as it was.
    let signed_in = async {
        let tenant = connect::tenant(&source.client, notice).await?;
        source.client.sign_in().await?;
        Ok::<_, Failure>(tenant)
    };
    let tenant = tokio::select! {
        tenant = signed_in => tenant?,
        () = interrupts.nth(1) => return Err(Failure::interrupted()),
    };
    let granted = source.granted();
    let reads_hidden = args.simulation.simulate || granted.iter().any(|name| name == READS_HIDDEN);
    let importer = Importer::new(source.client.clone(), tenant, streams, SqliteStore::new(path))
        .map_err(|error| stopped(&error))?
        .full(args.full)
        .reads_hidden_members(reads_hidden)
        .granted(granted)
        .delegated(source.delegated);
    // A simulated tenant has no replicas that lag.
    let simulated = args.simulation.simulate.then_some(Duration::ZERO);
    let importer = match args.replication_margin.or(simulated) {
        Some(margin) => importer.replication_margin(margin),
        None => importer,
    };
    let importer = if args.accept_deletions {
        importer.deletion_threshold(DeletionThreshold::NONE)
    } else {
        importer
    };
    let importer = sampling(importer, args.sample);
    let progress = Progress::new(notice, args.progress, source.client.lanes().clone());
    let planned = tokio::select! {
        planned = space::check(&importer, path, args) => planned?,
        () = interrupts.nth(1) => return Err(Failure::interrupted()),
    };
    if let Some(plan) = &planned {
        progress.expect(plan);
    }
    let stop = Stop::new();
    let run = Box::pin(importer.run(&progress, &stop));
    let stopping = "stopping after the page in hand; the next import continues there";
    let result = watched(run, (&progress, &stop), interrupts, || progress.say(stopping)).await;
    let report = result.map_err(|error| stopped(&error))?;
    let changes = since.map(|run| since::changes(path, run)).transpose()?;
    report::print(&report, &edges, changes.as_ref(), args.output)?;
    // A stream that Graph refuses and that the run can do without is in the report.
    let failed = report.streams.iter().any(|it| it.error.is_some() && !it.outcome.is_refusal());
    let failed = failed || report.status == RunStatus::Failed;
    if let Some(error) = report.error().filter(|_| failed) {
        notice::error(&Failure::from(error).render());
    }
    Ok(report)
}

/// Waits for `work`, tells its progress, and stops it when somebody asks to.
async fn watched<T>(
    mut work: Pin<Box<dyn Future<Output = T> + '_>>,
    (progress, stop): (&Progress, &Stop),
    interrupts: &Interrupts,
    stopping: impl Fn(),
) -> T {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            result = &mut work => {
                progress.finish();
                return result;
            }
            () = interrupts.nth(1), if !stop.is_requested() => {
                stopping();
                stop.stop();
            }
            _ = ticks.tick() => progress.tick(),
        }
    }
}

fn stopped(error: &ImportError) -> Failure {
    let exit = match error {
        ImportError::Store(error) => return unusable(error),
        ImportError::FirstAnswer { source, .. } => {
            return Failure::from(source).within(format!("failed to {error}"));
        }
        ImportError::Stopped => return Failure::interrupted(),
        ImportError::Plan(_) => Exit::Usage,
        ImportError::Required { .. } => {
            return Failure::new(Exit::Refused, format!("failed to {error}"))
                .hint("grant the permission to the app and consent to it, or leave the stream out with --without");
        }
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
        | StoreError::HistoryDropped { .. }
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
    if report.streams.iter().any(|stream| stream.outcome.is_refusal()) {
        Exit::Refused
    } else if report.streams.iter().any(|stream| stream.outcome == StreamOutcome::Throttled) {
        Exit::Unavailable
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
