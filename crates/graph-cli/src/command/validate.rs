//! `graphctl validate`: every problem of system files, without sending anything.

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::sync::Arc;

use graph_dsl::{CompileOptions, Diagnostic, SourceFile, render_human, render_json, summary};

use crate::args::{DiagnosticFormat, Globals, ValidateArgs};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::system;

pub(crate) fn run(args: &ValidateArgs, globals: &Globals) -> Result<Exit, Failure> {
    let files = files(args, globals)?;
    let mut out = io::stdout().lock();
    let mut all: Vec<Diagnostic> = Vec::new();
    let released = args.released.as_deref().map(system::at).transpose()?.map(Arc::new);
    let options = CompileOptions { clouds: args.clouds.clone(), released };
    let mut shown: Vec<String> = Vec::new();
    for path in &files {
        // A file that others extend is shown once.
        for file in system::compiled(system::read(path)?, &options).files {
            if shown.contains(&file.source.path) {
                continue;
            }
            shown.push(file.source.path.clone());
            file.diagnostics
                .iter()
                .try_for_each(|it| print(&mut out, it, &file.source, args.format))
                .map_err(closed)?;
            all.extend(file.diagnostics);
        }
    }
    if args.format == DiagnosticFormat::Human {
        writeln!(out, "{}", summary(&all, shown.len())).map_err(closed)?;
    }
    let failed = all.iter().any(|it| {
        it.is_error() || (args.deny.is_some() && it.severity == graph_dsl::Severity::Warning)
    });
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn files(args: &ValidateArgs, globals: &Globals) -> Result<Vec<PathBuf>, Failure> {
    if !args.files.is_empty() {
        return Ok(args.files.clone());
    }
    let found = system::path(globals).map(|path| vec![path]);
    found.ok_or_else(|| {
        Failure::usage("there is no system file to check")
            .hint("name one: `graphctl validate FILE`, or write ./graphctl.yaml")
    })
}

fn print(
    out: &mut impl Write,
    diagnostic: &Diagnostic,
    source: &SourceFile,
    format: DiagnosticFormat,
) -> io::Result<()> {
    match format {
        DiagnosticFormat::Human => {
            writeln!(out, "{}", render_human(diagnostic, source, io::stdout().is_terminal()))
        }
        DiagnosticFormat::Short => writeln!(out, "{diagnostic}"),
        DiagnosticFormat::Json => writeln!(out, "{}", render_json(diagnostic)),
    }
}
