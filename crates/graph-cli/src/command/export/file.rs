//! A file that is there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file under another name until it is whole, so that nobody takes half of it for all (cases: A9).
pub(crate) struct Finished {
    partial: PathBuf,
}

impl Finished {
    /// Writes a file, moves it to `path` and makes sure that it stays there. A file that was there is
    /// replaced at that moment. Only its owner may read it.
    pub(crate) fn write(
        path: &Path,
        write_all: impl FnOnce(&File) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let failed = |source: &io::Error| Failure::file("write", path, source);
        let name = path
            .file_name()
            .ok_or_else(|| Failure::usage(format!("`{}` is no name of a file", path.display())))?;
        let mut partial = name.to_owned();
        partial.push(".partial");
        let finished = Self { partial: path.with_file_name(partial) };
        let file = private().open(&finished.partial).map_err(|source| failed(&source))?;
        write_all(&file)?;
        file.sync_all().map_err(|source| failed(&source))?;
        fs::rename(&finished.partial, path).map_err(|source| failed(&source))
    }
}

impl Drop for Finished {
    /// Takes away what was not finished.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.partial);
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
