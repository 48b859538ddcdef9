//! The environment and the files that references name: the only place that reads them.

use std::fs;

use graph_dsl::{Lookup, LookupError, Sensitive};

use crate::args;
use crate::failure::Failure;

/// The environment of this process, as references in system files see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Environment;

/// A secret file is a line of text, not a disk image.
const MAX_SECRET_FILE: u64 = 64 << 10;

impl Lookup for Environment {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn variable(&self, name: &str) -> Option<Sensitive> {
        std::env::var(name).ok().map(Sensitive::new)
    }

    /// The file's text without one trailing line break.
    fn file(&self, path: &str) -> Result<Sensitive, LookupError> {
        let unreadable = |error: std::io::Error| {
            LookupError::Unavailable(format!("could not read `{path}`: {error}"))
        };
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if metadata.len() > MAX_SECRET_FILE {
            return Err(LookupError::Unavailable(format!("`{path}` is larger than 64 KiB")));
        }
        refuse_shared(&metadata)?;
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Sensitive::new(line.strip_suffix('\r').unwrap_or(line).to_owned()))
    }

    fn secret(&self, uri: &str) -> Result<Sensitive, LookupError> {
        Err(LookupError::Unavailable(format!(
            "no secret store is configured for `{uri}`; use ${{{{ENV:NAME}}}} or ${{{{FILE:path}}}}"
        )))
    }
}

/// The variables with our prefix that mean nothing: a setting that is not read is a setting that
/// somebody relies on (E20).
pub(crate) fn misspelt() -> Option<Failure> {
    const PREFIX: &str = "GRAPHCTL_";
    let known = args::variables();
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let unknown = set.filter(|name| name.starts_with(PREFIX) && !known.contains(name)).min()?;
    let failure = Failure::usage(format!("the variable `{unknown}` is not known"));
    let near = known.iter().min_by_key(|it| strsim::damerau_levenshtein(it, &unknown));
    Some(match near {
        Some(near) => {
            failure.hint(format!("did you mean `{near}`? The known ones are {}", known.join(", ")))
        }
        None => failure,
    })
}

/// The environment, with its own name in place of every needed variable that is not set.
#[derive(Debug)]
pub(crate) struct Placeholders {
    pub(crate) needed: Vec<String>,
}

impl Lookup for Placeholders {
    fn variable(&self, name: &str) -> Option<Sensitive> {
        let needed = || {
            self.needed
                .iter()
                .any(|needed| needed == name)
                .then(|| Sensitive::new(format!("<{name}>")))
        };
        Environment.variable(name).or_else(needed)
    }

    fn file(&self, path: &str) -> Result<Sensitive, LookupError> {
        Ok(Sensitive::new(format!("<{path}>")))
    }

    fn secret(&self, uri: &str) -> Result<Sensitive, LookupError> {
        Ok(Sensitive::new(format!("<{uri}>")))
    }
}

#[cfg(unix)]
fn refuse_shared(metadata: &fs::Metadata) -> Result<(), LookupError> {
    use std::os::unix::fs::PermissionsExt as _;

    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o077 != 0 => Err(LookupError::Shared { mode }),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_shared(_: &fs::Metadata) -> Result<(), LookupError> {
    Ok(())
}
