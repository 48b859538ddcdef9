//! `graphctl doctor`: what is set up, what is not, and what to do about it.

mod network;

use std::io;

use graph_dsl::{CompileOptions, Connection, Lookup as _, SourceFile, render_human};
use serde_json::Value;

use crate::args::{DoctorArgs, Format, Globals};
use crate::audit;
use crate::command::query::{self, closed};
use crate::environment::{self, Environment};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::output::{Rows, print_rows};
use crate::{connect, store, system};

const LAST: &str =
    "select status || ', ended ' || coalesce(ended_at, 'never') from import_runs limit 1";

/// How one check ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Status {
    Ok,
    /// Nothing there; not needed by every command.
    Absent,
    Failed,
}

/// One line of the report.
#[derive(Debug)]
struct Check {
    what: &'static str,
    status: Status,
    detail: String,
}

impl Check {
    fn ok(what: &'static str, detail: impl Into<String>) -> Self {
        Self { what, status: Status::Ok, detail: detail.into() }
    }

    fn absent(what: &'static str, detail: impl Into<String>) -> Self {
        Self { what, status: Status::Absent, detail: detail.into() }
    }

    fn failed(what: &'static str, detail: impl Into<String>) -> Self {
        Self { what, status: Status::Failed, detail: detail.into() }
    }

    /// The first lines of a failure, without the label of an error.
    fn from(what: &'static str, failure: &Failure) -> Self {
        let text = failure.render();
        let text = text.trim_end().trim_start_matches("error: ").replace('\n', " ");
        Self::failed(what, text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Checks what can be checked without a network, and with --network the tenant as well (E11).
/// A broken setting is a line of the report, never the end of it.
pub(crate) async fn run(
    args: DoctorArgs,
    globals: &Globals,
    notice: Notice,
) -> Result<Exit, Failure> {
    let mut checks = vec![Check::ok("version", format!("graphctl {}", env!("CARGO_PKG_VERSION")))];
    checks.push(variables());
    checks.extend(definitions(globals));
    checks.push(connection(globals));
    checks.push(stored(globals, notice));
    checks.push(writes(&args));
    if args.network {
        checks.extend(network::checks(globals).await);
    }
    let failed = checks.iter().any(|check| check.status == Status::Failed);
    print(checks, args.output)?;
    if !args.network {
        notice.say("nothing was sent; --network signs in and reads the organization as well");
    }
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// E20
fn variables() -> Check {
    match environment::misspelt() {
        None => Check::ok("environment", "every GRAPHCTL_ variable is known"),
        Some(failure) => Check::from("environment", &failure),
    }
}

/// The system file: where it is, whether it compiles, what it holds.
fn definitions(globals: &Globals) -> Vec<Check> {
    let source = match system::path(globals).map(|path| system::read(&path)) {
        None => SourceFile::new("entra.yaml (embedded)", graph_admin::ENTRA),
        Some(Ok(source)) => source,
        Some(Err(failure)) => return vec![Check::from("system", &failure)],
    };
    let path = source.path.clone();
    let compiled = system::compiled(source, &CompileOptions::default());
    let errors = compiled.files.iter().flat_map(|file| {
        let errors = file.diagnostics.iter().filter(|it| it.is_error());
        errors.map(move |it| (it, &file.source))
    });
    let errors: Vec<_> = errors.collect();
    if let Some((first, source)) = errors.first() {
        let first = render_human(first, source, false);
        let line = first.lines().next().unwrap_or_default();
        let detail = format!(
            "{path}: {} errors, the first: {line}; `graphctl validate` shows them",
            errors.len()
        );
        return vec![Check::failed("system", detail)];
    }
    let Some(system) = compiled.system else {
        return vec![Check::failed("system", format!("{path} does not compile"))];
    };
    let commands = system.catalogue.iter().count();
    // The embedded catalogue has no streams of its own: the import's are beside it.
    let streams = system::load(globals).map_or(system.streams, |loaded| loaded.system.streams);
    let detail = format!("{path}: {commands} commands, {} streams", streams.len());
    let fingerprint = system::fingerprint(compiled.files.iter().map(|file| &file.source));
    vec![Check::ok("system", detail), Check::ok("definition hash", fingerprint)]
}

/// The connection: its cloud, and every variable and file that it names.
fn connection(globals: &Globals) -> Check {
    let Ok(loaded) = system::load(globals) else {
        return Check::absent("connection", "not looked at: the system does not compile");
    };
    let variables = loaded.system.connection.iter().flat_map(Connection::variables);
    let missing: Vec<&str> = variables
        .filter(|(name, optional)| !optional && Environment.variable(name).is_none())
        .map(|(name, _)| name)
        .collect();
    if !missing.is_empty() {
        return Check::failed("connection", format!("set {}", missing.join(", ")));
    }
    match connect::client(&loaded) {
        Ok(client) => {
            let tenant = client.configured_tenant().unwrap_or("that the token names");
            Check::ok("connection", format!("{}, tenant {tenant}", client.cloud().graph_root()))
        }
        Err(failure) => Check::from("connection", &failure),
    }
}

/// The store that reading commands would open.
fn stored(globals: &Globals, notice: Notice) -> Check {
    let path = match store::to_read(globals, notice) {
        Ok(path) => path,
        Err(failure) => return Check::absent("store", first_line(&failure)),
    };
    let last = query::open(&path).and_then(|connection| query::rows(&connection, LAST));
    match last {
        Ok(rows) => {
            let last =
                rows.rows.first().and_then(|row| row.first()?.as_str()).unwrap_or("no run yet");
            Check::ok("store", format!("{}: last run {last}", path.display()))
        }
        Err(failure) => Check::from("store", &failure),
    }
}

fn first_line(failure: &Failure) -> String {
    let text = failure.render();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

fn writes(args: &DoctorArgs) -> Check {
    let path = args.writing.audit.clone().unwrap_or_else(audit::default_path);
    let mode = args.writing.mode;
    match audit::probe(&path) {
        Ok(()) => Check::ok("writes", format!("mode {mode}, recorded in {}", path.display())),
        Err(error) => Check::failed(
            "writes",
            format!(
                "could not record them in {}: {error}; name another file with --audit",
                path.display()
            ),
        ),
    }
}

fn print(checks: Vec<Check>, format: Format) -> Result<(), Failure> {
    let columns = ["check", "status", "detail"].map(str::to_owned).to_vec();
    let row = |check: Check| -> Vec<Value> {
        let status = match check.status {
            Status::Ok => "ok",
            Status::Absent => "absent",
            Status::Failed => "failed",
        };
        vec![check.what.into(), status.into(), check.detail.into()]
    };
    let rows = checks.into_iter().map(row).collect();
    print_rows(Rows { columns, rows }, format).map_err(|error: io::Error| closed(error))
}
