//! SQLite's errors in the store's words.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// Gives a database error the place that it happened in.
pub(super) trait Failed<T> {
    /// `what` fits after "failed to".
    fn failed(self, what: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> Failed<T> for rusqlite::Result<T> {
    fn failed(self, what: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|error| explain(error, what, path))
    }
}

fn explain(error: rusqlite::Error, what: &'static str, path: &Path) -> StoreError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore {
            path,
            reason: "it is not an SQLite database, or an encrypted one",
        },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, source: Box::new(error) },
        Some(ErrorCode::DiskFull) => StoreError::Full { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Locked { path, holder: "another program".to_owned() }
        }
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied,
        ) => StoreError::Io { what, path, source: std::io::Error::other(error) },
        _ => StoreError::Database { what, source: Box::new(error) },
    }
}
