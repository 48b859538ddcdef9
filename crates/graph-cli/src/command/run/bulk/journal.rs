//! The results file: one line a row, appended and never changed.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;

/// Every row stands in it before the first is sent, so that a run that is killed tells what is left.
#[derive(Debug)]
pub(super) struct Journal(Option<(PathBuf, BufWriter<File>)>);

impl Journal {
    /// A new file; an old one is not overwritten.
    pub(super) fn begin(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self(None)) };
        let file = OpenOptions::new().append(true).create_new(true).open(path);
        let file = file.map_err(|error| {
            let failure = Failure::file("create the results file", path, &error);
            match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    failure.hint("name a new file: results are not overwritten")
                }
                _ => failure,
            }
        })?;
        Ok(Self(Some((path.to_owned(), BufWriter::new(file)))))
    }

    /// One line, out of this process when it returns.
    pub(super) fn write(&mut self, line: &Value) -> Result<(), Failure> {
        self.on(|file| {
            let mut bytes = serde_json::to_vec(line)?;
            bytes.push(b'\n');
            file.write_all(&bytes)?;
            file.flush()
        })
    }

    /// Waits until the disk has it.
    pub(super) fn sync(&mut self) -> Result<(), Failure> {
        self.on(|file| {
            file.flush()?;
            file.get_ref().sync_data()
        })
    }

    fn on(
        &mut self,
        act: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let Some((path, file)) = &mut self.0 else { return Ok(()) };
        act(file).map_err(|error| {
            Failure::new(
                Exit::LocalIo,
                format!("could not write the results file `{}`", path.display()),
            )
            .because(&error)
        })
    }
}
