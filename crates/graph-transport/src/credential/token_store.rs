//! Where the refresh token of a person's sign-in is kept between processes.

use std::fmt::Debug;
use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::BoxFuture;
use crate::error::BoxError;
use crate::secret::Secret;
use crate::secret_source::{SecretFile, SecretSource as _};

/// Keeps one refresh token, so that a person who has signed in once is not asked by every process.
///
/// Each use of a refresh token brings another one, which replaces the one before. Entra does not revoke
/// the old one at once, so two processes with one store do each other no harm (facts: graph-protocol 2.4);
/// where an authority does, what the other process stored is tried before anybody is asked.
///
/// ```
/// use std::sync::Mutex;
/// use graph_transport::{BoxFuture, RefreshTokenStore, Secret};
///
/// /// As long as the process lives.
/// #[derive(Debug, Default)]
/// struct InMemory(Mutex<Option<Secret>>);
///
/// type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
///
/// impl RefreshTokenStore for InMemory {
///     fn name(&self) -> String {
///         "memory".into()
///     }
///
///     fn load(&self) -> BoxFuture<'_, Outcome<Option<Secret>>> {
///         Box::pin(async { Ok(self.0.lock().expect("nobody panics").clone()) })
///     }
///
///     fn save<'a>(&'a self, token: &'a Secret) -> BoxFuture<'a, Outcome<()>> {
///         *self.0.lock().expect("nobody panics") = Some(token.clone());
///         Box::pin(async { Ok(()) })
///     }
/// }
/// ```
pub trait RefreshTokenStore: Debug + Send + Sync + 'static {
    /// What errors call it: a path or a reference, never the token.
    fn name(&self) -> String;

    /// The token that was saved last; `None` where there is none. An error ends the sign-in.
    fn load(&self) -> BoxFuture<'_, Result<Option<Secret>, BoxError>>;

    /// Replaces the token. An error is logged: the person stays signed in as long as the process lives.
    fn save<'a>(&'a self, token: &'a Secret) -> BoxFuture<'a, Result<(), BoxError>>;
}

impl<T: RefreshTokenStore + ?Sized> RefreshTokenStore for Arc<T> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Secret>, BoxError>> {
        (**self).load()
    }

    fn save<'a>(&'a self, token: &'a Secret) -> BoxFuture<'a, Result<(), BoxError>> {
        (**self).save(token)
    }
}

/// A refresh token in a file of its own, which nobody else may read.
///
/// The file is replaced as a whole, so that a reader finds the old token or the new one, also when two
/// processes write. It is made with mode 0600, its folder with 0700; a file that others may read or
/// write is refused with its mode, as every secret file is (SEC-D13). On Windows the rights are those of
/// the folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefreshTokenFile(PathBuf);

impl RefreshTokenFile {
    /// Neither the file nor its folder need exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Signs out: deletes the file. False where there was none.
    ///
    /// # Errors
    ///
    /// A file that cannot be deleted.
    pub fn forget(&self) -> io::Result<bool> {
        match std::fs::remove_file(&self.0) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn replace(&self, token: &Secret) -> io::Result<()> {
        let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "the path names no file");
        let name = self.0.file_name().ok_or_else(no_name)?.to_string_lossy();
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            private_folder().create(folder)?;
        }
        let new = self.0.with_file_name(format!(".{name}.{:016x}", fastrand::u64(..)));
        let written = private_file().open(&new).and_then(|mut file| {
            file.write_all(token.expose().as_bytes())?;
            file.sync_all()
        });
        let replaced = written.and_then(|()| std::fs::rename(&new, &self.0));
        if replaced.is_err() {
            drop(std::fs::remove_file(&new)); // the first error is the one to tell
        }
        replaced
    }
}

impl RefreshTokenStore for RefreshTokenFile {
    fn name(&self) -> String {
        format!("`{}`", self.0.display())
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Secret>, BoxError>> {
        Box::pin(async {
            let missing = |error: &BoxError| {
                let error = error.downcast_ref::<io::Error>();
                error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
            };
            match SecretFile::new(&self.0).read().await {
                Ok(token) => Ok(Some(token)),
                Err(error) if missing(&error) => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn save<'a>(&'a self, token: &'a Secret) -> BoxFuture<'a, Result<(), BoxError>> {
        let (file, token) = (self.clone(), token.clone());
        Box::pin(async move {
            // On a thread that ends what it began, whatever becomes of the sign-in.
            Ok(tokio::task::spawn_blocking(move || file.replace(&token)).await??)
        })
    }
}

fn private_file() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn private_folder() -> std::fs::DirBuilder {
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder
}

#[cfg(test)]
mod tests;
