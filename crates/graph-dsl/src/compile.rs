//! From a file's bytes to a system: read, check, compile. No stage stops at its first problem.

mod arguments;
mod body;
mod command;
mod connection;
mod endpoint;
mod examples;
mod follow_up;
mod headers;
mod linked;
mod links;
mod outcomes;
mod query;
mod released;
mod scalar;
mod secret_shapes;

use std::sync::Arc;

use crate::check::{Checker, Claims, check_streams};
use crate::connection::Concurrency;
use crate::definition::{Reading, SystemSource, read_connection, read_streams, read_system};
use crate::diagnostic::{Code, Finding, Report, suggest};
use crate::graph_index::GraphIndex;
use crate::source::{Document, Node, SourceFile, read};
use crate::stream::StreamPlan;
use crate::{ApiVersion, Connection, Diagnostic, System};
use command::{Compiler, SchemaMappings};
pub use linked::{CheckedFile, Linked, compile_linked};

/// What came of a system file.
#[derive(Debug)]
#[non_exhaustive]
pub struct Compiled {
    /// The system; `None` when there is an error among the diagnostics.
    pub system: Option<System>,
    /// Everything wrong with the file, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a file is checked for.
#[derive(Clone, Debug, Default)]
pub struct CompileOptions {
    /// Clouds that the file must work in, by name; the clouds that it claims itself when empty: the
    /// connection's, or all of them where the file names none.
    pub clouds: Vec<String>,
    /// The same system as it was released last: what scripts rely on may not disappear.
    pub released: Option<Arc<System>>,
}

/// The system that a file extends, as its caller found it.
#[derive(Clone, Copy)]
struct Base<'b> {
    system: Option<&'b System>,
    /// It was compiled from the file that `extends` names.
    linked: bool,
}

/// Reads, checks and compiles a system file. Pure: no IO, no clock, no environment.
///
/// `base` is the embedded system that a file without object types extends: its commands and
/// streams are taken over, and `max_concurrent_requests` defaults to `auto`.
pub fn compile(source: &SourceFile, base: Option<&System>) -> Compiled {
    compile_with(source, base, &CompileOptions::default())
}

/// The same for clouds of the caller's choice.
pub fn compile_with(
    source: &SourceFile,
    base: Option<&System>,
    options: &CompileOptions,
) -> Compiled {
    compile_on(source, Base { system: base, linked: false }, options, Vec::new())
}

/// Compiles a file on its base; `earlier` was found while the base was looked for.
fn compile_on(
    source: &SourceFile,
    base: Base<'_>,
    options: &CompileOptions,
    earlier: Vec<Finding>,
) -> Compiled {
    let Document { text, root, truncated, findings } = read(source);
    let mut report = Report::default();
    report.extend(findings);
    report.extend(earlier);
    let system = root.as_ref().map(|root| {
        let mut reading =
            Reading { file: &source.path, text: &text, report: &mut report, truncated };
        compile_root(root, base, options, &mut reading)
    });
    let failed = report.errors() > 0;
    let diagnostics = report.finish(&source.path, &text, root.as_ref());
    Compiled { system: system.filter(|_| !failed), diagnostics }
}

fn compile_root(
    root: &Node,
    base: Base<'_>,
    options: &CompileOptions,
    reading: &mut Reading<'_>,
) -> System {
    let source = read_system(root, reading);
    let base = extended(&source, base, reading);
    let concurrency = base.map_or(Concurrency::AtMost(4), |_| Concurrency::Auto);
    let connection = source.connection.map(|entry| read_connection(entry, concurrency, reading));
    let version = connection.as_ref().map_or(ApiVersion::V1_0, Connection::default_version);
    let checker = checker(root, connection.as_ref(), base, options);
    let inherited = base.map_or(&[][..], |base| &base.streams);
    let streams = source.streams.map(|entry| {
        let streams = read_streams(entry, inherited, reading);
        check_streams(&checker, entry, &streams, reading);
        streams
    });
    let streams = merged(streams.unwrap_or_default(), inherited);
    let inherited = base.map(|base| base.name.clone());
    let name = source.name.clone().or(inherited).unwrap_or_else(|| stem(reading.file));
    let mut mappings = SchemaMappings::new(&source, base);
    let compiler = Compiler { system: Arc::from(name.as_str()), version, checker };
    let plans = compiler.compile_all(&source.objects, &mut mappings, reading);
    mappings.report_unused(reading);
    let mut catalogue = base.map(|base| base.catalogue.clone()).unwrap_or_default();
    links::add_all(plans, &source.objects, &mut catalogue, reading);
    if let Some(connection) = &connection {
        connection::check(root, connection, &catalogue, reading);
    }
    secret_shapes::check(root, reading);
    let system = System {
        name,
        connection: connection.or_else(|| base.and_then(|base| base.connection.clone())),
        catalogue,
        streams,
        mappings: mappings.into_named(),
    };
    if let Some(released) = options.released.as_deref().filter(|_| !reading.truncated) {
        released::check(released, &system, reading);
    }
    system
}

/// What the file's calls are checked against: Graph in every cloud that it claims.
fn checker<'r>(
    root: &'r Node,
    connection: Option<&Connection>,
    base: Option<&System>,
    options: &CompileOptions,
) -> Checker<'r> {
    let connection = connection.or_else(|| base.and_then(|base| base.connection.as_ref()));
    let claimed = match options.clouds.as_slice() {
        [] => connection.map(Connection::claimed_clouds).unwrap_or_default(),
        chosen => chosen.to_vec(),
    };
    let index = GraphIndex::embedded();
    let mappings = root.mapping().and_then(|mapping| mapping.get("schema_mappings"));
    Checker {
        index,
        claims: Claims::of(&claimed, index),
        app_only: connection.is_some_and(Connection::is_app_only),
        mappings: mappings.map(|entry| &entry.value),
    }
}

/// The system that this one extends: the base when it says so, or when it has no object types.
fn extended<'b>(
    source: &SystemSource<'_>,
    Base { system: base, linked }: Base<'b>,
    reading: &mut Reading<'_>,
) -> Option<&'b System> {
    let Some(wanted) = &source.extends else {
        return base.filter(|_| source.objects.is_empty());
    };
    if linked {
        return base;
    }
    if linked::is_file(&wanted.value) {
        let message =
            format!("`{}` is a file: only a program that reads files can extend it", wanted.value);
        let finding = Finding::new(Code::UnknownBase, wanted.span, message);
        reading.report.add(finding.help("name the system that this build embeds"));
        return None;
    }
    let found = base.filter(|base| base.name == wanted.value);
    if found.is_none() {
        let message = format!("unknown system `{}`", wanted.value);
        let finding = Finding::new(Code::UnknownBase, wanted.span, message);
        let known = base.map(|base| base.name.as_str());
        reading.report.add(match suggest(&wanted.value, known) {
            name @ Some(_) => finding.did_you_mean(wanted.span, name),
            None => finding.maybe_help(known.map(|name| format!("this build embeds `{name}`"))),
        });
    }
    found
}

/// The base's streams with this file's put in place of those of the same name.
fn merged(streams: Vec<StreamPlan>, inherited: &[StreamPlan]) -> Vec<StreamPlan> {
    let kept = |plan: &&StreamPlan| !streams.iter().any(|own| own.name == plan.name);
    let mut all: Vec<StreamPlan> = inherited.iter().filter(kept).cloned().collect();
    all.extend(streams);
    all
}

fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.split('.').next().unwrap_or(name).to_owned()
}
