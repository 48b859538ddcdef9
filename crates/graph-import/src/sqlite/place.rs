//! Whether the file at the store's path is still the one that is written to.

use std::fs::Metadata;
use std::path::Path;

use crate::store::StoreError;

/// The file that a store was opened as. A file that was deleted can be written to for as long as it is
/// open, and is gone for good then.
#[derive(Debug)]
pub(super) struct Place(Option<Inode>);

/// Its device and number there.
type Inode = (u64, u64);

impl Place {
    pub(super) fn of(path: &Path) -> Self {
        Self(std::fs::metadata(path).ok().as_ref().map(inode))
    }

    /// # Errors
    /// Another file at that path, or none.
    pub(super) fn check(&self, path: &Path) -> Result<(), StoreError> {
        match std::fs::metadata(path) {
            Ok(metadata) if self.0 == Some(inode(&metadata)) => Ok(()),
            _ => Err(StoreError::Vanished { path: path.to_owned() }),
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> Inode {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Elsewhere a file that is open cannot be deleted.
#[cfg(not(unix))]
fn inode(_: &Metadata) -> Inode {
    (0, 0)
}
