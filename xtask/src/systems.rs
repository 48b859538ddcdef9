//! The files under `systems/`: read, compiled, checked.

use std::fs;
use std::path::{Path, PathBuf};

use graph_dsl::{
    CompileOptions, Compiled, Diagnostic, Severity, SourceFile, StreamPlan, System, compile,
    compile_with, render_human, summary,
};

use crate::lanes;

/// The catalogue; the other files may extend it.
const CATALOGUE: &str = "entra.yaml";

/// Compiles every system file; warnings count as errors, because these files are shipped.
pub(crate) fn validate(root: &Path, options: &CompileOptions) -> Result<String, String> {
    let base = catalogue(root)?;
    let mut text = String::new();
    let mut all: Vec<Diagnostic> = Vec::new();
    let files = files(root)?;
    for path in &files {
        let source = read(root, path)?;
        // The catalogue extends nothing; a file without object types extends it.
        let base = (!path.ends_with(CATALOGUE)).then_some(&base);
        let Compiled { diagnostics, .. } = compile_with(&source, base, options);
        text.extend(diagnostics.iter().map(|it| render_human(it, &source, false) + "\n"));
        all.extend(diagnostics);
    }
    text.push_str(&summary(&all, files.len()));
    let failed = all.iter().any(|it| matches!(it.severity, Severity::Error | Severity::Warning));
    if failed { Err(text) } else { Ok(text) }
}

/// The compiled catalogue, or its errors.
pub(crate) fn catalogue(root: &Path) -> Result<System, String> {
    let source = read(root, &root.join("systems").join(CATALOGUE))?;
    let Compiled { system, diagnostics, .. } = compile(&source, None);
    system.ok_or_else(|| {
        diagnostics.iter().map(|it| render_human(it, &source, false) + "\n").collect()
    })
}

/// The streams of every file beside the catalogue.
pub(crate) fn streams(root: &Path, catalogue: &System) -> Result<Vec<StreamPlan>, String> {
    let mut streams = Vec::new();
    for path in files(root)?.iter().filter(|path| !path.ends_with(CATALOGUE)) {
        let compiled = compile(&read(root, path)?, Some(catalogue));
        streams.extend(compiled.system.into_iter().flat_map(|system| system.streams));
    }
    Ok(streams)
}

fn files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = root.join("systems");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("could not read `systems/`: {error}"))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter(|path| !path.ends_with(lanes::FILE)) // a table, checked by `codegen`
        .collect();
    files.sort();
    Ok(files)
}

fn read(root: &Path, path: &Path) -> Result<SourceFile, String> {
    let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let bytes = fs::read(path).map_err(|error| format!("could not read `{shown}`: {error}"))?;
    Ok(SourceFile::new(shown, bytes))
}
