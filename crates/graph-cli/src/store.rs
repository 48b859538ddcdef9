//! Which store a command works on.

use std::path::{Path, PathBuf};

use crate::args::Globals;
use crate::failure::Failure;
use crate::notice::Notice;

const DEFAULT: &str = "graph.db";
const SIMULATED: &str = "simulated.db";

/// The store that an import writes.
pub(crate) fn to_write(globals: &Globals, simulate: bool) -> Result<PathBuf, Failure> {
    let default = || PathBuf::from(if simulate { SIMULATED } else { DEFAULT });
    let chosen = named(globals).unwrap_or_else(default);
    refuse_directory(&chosen)?;
    Ok(chosen)
}

fn refuse_directory(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(Failure::usage(format!("`{}` is a directory", path.display()))
            .hint("name a file with --store"));
    }
    Ok(())
}

/// The store that a reading command opens: the named one, else `graph.db`, else the simulated one,
/// which is said.
pub(crate) fn to_read(globals: &Globals, notice: Notice) -> Result<PathBuf, Failure> {
    let chosen = match named(globals) {
        Some(named) => named,
        None if !Path::new(DEFAULT).exists() && Path::new(SIMULATED).exists() => {
            notice.say(&format!(
                "there is no ./{DEFAULT}; reading the simulated tenant in ./{SIMULATED}"
            ));
            PathBuf::from(SIMULATED)
        }
        None => PathBuf::from(DEFAULT),
    };
    refuse_directory(&chosen)?;
    if !chosen.exists() {
        return Err(Failure::usage(format!("there is no store at `{}`", chosen.display()))
            .hint("`graphctl import` fills one; `graphctl import --simulate` needs no tenant"));
    }
    Ok(chosen)
}

/// No stream or view of this name; says which was probably meant, or which there are.
pub(crate) fn no_stream<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Failure {
    let known: Vec<&str> = known.into_iter().collect();
    let failure = Failure::usage(format!("the store has no stream `{name}`"));
    match graph_dsl::suggest(name, known.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("it has {}", known.join(", "))),
    }
}

fn named(globals: &Globals) -> Option<PathBuf> {
    globals.store.clone().filter(|path| !path.as_os_str().is_empty())
}
