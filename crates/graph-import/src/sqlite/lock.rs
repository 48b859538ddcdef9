//! One writer at a time, by a lock that dies with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// The exclusive right to write to a store: a locked file beside it, `<store>-lock`.
///
/// It is not a lock on the store itself, because SQLite's own locks end when any handle of the
/// same process on the same file is closed (POSIX), and readers must never be kept out.
#[derive(Debug)]
pub(super) struct WriterLock {
    /// Locked while it is open.
    _file: File,
}

impl WriterLock {
    /// Takes the lock or says who has it.
    pub(super) fn take(store: &Path) -> Result<Self, StoreError> {
        let path = companion(store);
        let io = |source| StoreError::Io {
            what: "open the lock of the store",
            path: path.clone(),
            source,
        };
        let mut file = private(OpenOptions::new().read(true).write(true).create(true))
            .open(&path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked {
                    path: store.to_owned(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        // Only a name for the message above; the lock is the lock.
        let named = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        named.map_err(io)?;
        Ok(Self { _file: file })
    }
}

/// Whether a process is writing to the store at `path` now, or holds the right to. Creates nothing.
pub fn is_being_written(store: &Path) -> bool {
    File::open(companion(store))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Files that only their owner may read.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn companion(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push("-lock");
    name.into()
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(process)) => format!("process {process}"),
        _ => "another process".to_owned(),
    }
}
