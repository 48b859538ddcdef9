//! Where the sign-ins of people are kept, so that they are asked once and not by every command.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use graph_dsl::{Lookup as _, PersonSignIn};
use graph_transport::RefreshTokenFile;
use sha2::{Digest as _, Sha256};

use crate::environment::Environment;

/// Files of sign-ins have this ending; nothing else in the folder is ours.
const ENDING: &str = "sign-in";

/// The folder of the sign-ins, one file each; `None` keeps them for this process alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct SignIns(Option<PathBuf>);

impl SignIns {
    /// The folder that was named, else `graphctl/sign-ins` in the person's configuration directory.
    /// `none` keeps nothing.
    pub(crate) fn at(named: Option<&Path>) -> Self {
        match named.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) if path == Path::new("none") => Self(None),
            Some(path) => Self(Some(path.to_owned())),
            None => Self(configuration().map(|it| it.join("graphctl").join("sign-ins"))),
        }
    }

    pub(crate) fn folder(&self) -> Option<&Path> {
        self.0.as_deref()
    }

    /// The file of one sign-in. Its name tells nobody who signs in where.
    pub(crate) fn file(folder: &Path, sign_in: &PersonSignIn<'_>) -> RefreshTokenFile {
        let mut hash = Sha256::new();
        let given = sign_in.given.map_or("", |token| token.expose());
        for part in [sign_in.authority, sign_in.tenant_id, sign_in.client_id] {
            hash.update(part.to_ascii_lowercase());
            hash.update(b"\n");
        }
        hash.update(given);
        let name = hash.finalize().iter().take(16).fold(String::new(), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        });
        RefreshTokenFile::new(folder.join(name).with_extension(ENDING))
    }

    /// Forgets all of them; how many there were.
    pub(crate) fn forget_all(folder: &Path) -> io::Result<usize> {
        let files = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            files => files?,
        };
        let mut forgotten = 0;
        for file in files {
            let path = file?.path();
            if path.extension().is_some_and(|it| it == ENDING) {
                forgotten += usize::from(RefreshTokenFile::new(path).forget()?);
            }
        }
        Ok(forgotten)
    }
}

/// Where programs keep what belongs to one person, by the custom of the platform.
fn configuration() -> Option<PathBuf> {
    let folder = |name: &str| {
        let value = Environment.variable(name)?;
        Some(PathBuf::from(value.expose())).filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        return folder("APPDATA");
    }
    if cfg!(target_os = "macos") {
        return folder("HOME").map(|home| home.join("Library").join("Application Support"));
    }
    folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))
}
