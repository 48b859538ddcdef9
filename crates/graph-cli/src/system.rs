//! Which system a command works with: found, compiled, resolved.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use graph_dsl::{
    CompileOptions, Connection, Diagnostic, Linked, Lookup, Settings, SourceFile, StreamPlan,
    System, compile_linked, render_human, summary,
};

use sha2::{Digest as _, Sha256};

use crate::args::Globals;
use crate::environment::{Environment, Placeholders};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::sign_in::SignIns;

const LOCAL: &str = "graphctl.yaml";

/// A compiled system and the files that it came from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) system: System,
    /// The file itself, then what it extends.
    sources: Vec<SourceFile>,
    is_embedded: bool,
    pub(crate) sign_ins: SignIns,
}

/// `--system`, `GRAPHCTL_SYSTEM`, `./graphctl.yaml`, then the embedded `entra`.
pub(crate) fn load(globals: &Globals) -> Result<Loaded, Failure> {
    let sign_ins = SignIns::at(globals.token_store.as_deref());
    let Some(path) = path(globals) else {
        return Ok(Loaded {
            system: embedded(),
            sources: vec![SourceFile::new("entra.yaml (embedded)", graph_admin::ENTRA)],
            is_embedded: true,
            sign_ins,
        });
    };
    let (system, sources) = from_file(&path)?;
    Ok(Loaded { system, sources, is_embedded: false, sign_ins })
}

/// The system of a file that somebody names.
pub(crate) fn at(path: &Path) -> Result<System, Failure> {
    from_file(path).map(|(system, _)| system)
}

fn from_file(path: &Path) -> Result<(System, Vec<SourceFile>), Failure> {
    let Linked { system, files, .. } = compiled(read(path)?, &CompileOptions::default());
    let found: Vec<Diagnostic> =
        files.iter().flat_map(|file| file.diagnostics.iter().cloned()).collect();
    let sources: Vec<SourceFile> = files.into_iter().map(|file| file.source).collect();
    match system {
        Some(system) => Ok((system, sources)),
        None => Err(stopped(&found, &sources)),
    }
}

/// A system file with the files that it extends, on the embedded system.
pub(crate) fn compiled(source: SourceFile, options: &CompileOptions) -> Linked {
    let mut load = |path: &str| {
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        Ok(SourceFile::new(path, bytes))
    };
    compile_linked(source, Some(&embedded()), options, &mut load)
}

/// The file that is used when none is named on the command line of `validate`.
pub(crate) fn path(globals: &Globals) -> Option<PathBuf> {
    let named = globals.system.clone().filter(|path| !path.as_os_str().is_empty());
    named.or_else(|| Path::new(LOCAL).exists().then(|| PathBuf::from(LOCAL)))
}

pub(crate) fn read(path: &Path) -> Result<SourceFile, Failure> {
    let bytes = fs::read(path).map_err(|error| {
        let failure = Failure::file("read the system file", path, &error);
        if error.kind() == io::ErrorKind::NotFound {
            failure.hint("name it with --system or GRAPHCTL_SYSTEM")
        } else {
            failure
        }
    })?;
    Ok(SourceFile::new(path.display().to_string(), bytes))
}

/// The embedded `entra`: catalogue, connection and the import's streams.
pub(crate) fn embedded() -> System {
    let mut system = graph_admin::system().clone();
    system.streams =
        graph_import::streams().expect("`cargo xtask codegen` embeds only a file without errors");
    system
}

/// The streams of the system in use; a simulated tenant needs no connection of its own.
pub(crate) fn streams(globals: &Globals) -> Result<Vec<StreamPlan>, Failure> {
    Ok(load(globals)?.system.streams)
}

/// Changes whenever a definition does: over the file, the files and the embedded catalogue that it may extend.
pub(crate) fn fingerprint<'s>(sources: impl IntoIterator<Item = &'s SourceFile>) -> String {
    use std::fmt::Write as _;

    let mut hash = Sha256::new();
    hash.update(graph_admin::ENTRA);
    for source in sources {
        hash.update(&source.bytes);
    }
    hash.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Loaded {
    /// Changes whenever a definition does.
    pub(crate) fn fingerprint(&self) -> String {
        fingerprint(&self.sources)
    }

    /// The connection with its references looked up in the environment.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        self.resolved(&Environment)
    }

    /// The same with placeholders for what is not set: enough to show a request, not to send it.
    pub(crate) fn settings_without_credentials(&self) -> Result<Settings, Failure> {
        let variables = self.system.connection.iter().flat_map(Connection::variables);
        let needed =
            variables.filter(|(_, optional)| !optional).map(|(name, _)| name.to_owned()).collect();
        self.resolved(&Placeholders { needed })
    }

    fn resolved(&self, lookup: &dyn Lookup) -> Result<Settings, Failure> {
        let Some(connection) = &self.system.connection else {
            let what = format!("`{}` describes no connection", self.sources[0].path);
            return Err(
                Failure::usage(what).hint("add a `connection:` with `auth_type` and `credentials`")
            );
        };
        connection.resolve(lookup).map_err(|diagnostics| {
            let failure = stopped(&diagnostics, &self.sources);
            if self.is_embedded {
                return failure.hint("no tenant at hand? `graphctl import --simulate` needs none");
            }
            failure
        })
    }
}

fn stopped(diagnostics: &[Diagnostic], sources: &[SourceFile]) -> Failure {
    let errors: Vec<Diagnostic> = diagnostics.iter().filter(|it| it.is_error()).cloned().collect();
    let of = |it: &Diagnostic| {
        let named = sources.iter().find(|source| source.path == it.file);
        named.or(sources.first())
    };
    let shown = errors.iter().filter_map(|it| Some(render_human(it, of(it)?, false) + "\n"));
    let mut text: String = shown.collect();
    text.push_str(&summary(&errors, sources.len()));
    text.push('\n');
    Failure::diagnostics(Exit::Usage, text)
}
