//! Where a secret comes from: a value, a file that is rotated, a vault of the caller's own.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::credential::{BoxFuture, CredentialError};
use crate::error::BoxError;
use crate::secret::Secret;

/// Something that knows a secret now, and may know another one later.
///
/// ```
/// use graph_transport::{BoxFuture, Secret, SecretSource};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl SecretSource for Vault {
///     fn name(&self) -> String {
///         "vault:graph/client-secret".into()
///     }
///
///     fn read(&self) -> BoxFuture<'_, Result<Secret, Box<dyn std::error::Error + Send + Sync>>> {
///         Box::pin(async { Ok(Secret::new("from the vault")) })
///     }
/// }
/// ```
pub trait SecretSource: Debug + Send + Sync + 'static {
    /// What errors call it: a path or a reference, never the secret.
    fn name(&self) -> String;

    /// Reads the secret as it is now.
    fn read(&self) -> BoxFuture<'_, Result<Secret, BoxError>>;
}

impl SecretSource for Secret {
    fn name(&self) -> String {
        "the configured value".to_owned()
    }

    fn read(&self) -> BoxFuture<'_, Result<Self, BoxError>> {
        Box::pin(async { Ok(self.clone()) })
    }
}

impl<T: SecretSource + ?Sized> SecretSource for Arc<T> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn read(&self) -> BoxFuture<'_, Result<Secret, BoxError>> {
        (**self).read()
    }
}

/// The largest secret or assertion that is read from a file, in bytes.
pub(crate) const LARGEST_SECRET: u64 = 64 << 10;

/// A secret in a file that somebody else rotates; read anew each time. A line end after it is not part of it.
///
/// A file that others than its owner may read or write is refused with its mode (SEC-D13); links are
/// followed, and the file that they lead to is what counts. On Windows modes say nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecretFile {
    path: PathBuf,
    shared: bool,
}

impl SecretFile {
    /// The file need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), shared: false }
    }

    /// A file whose mode somebody else decides: a token that Kubernetes projects into a pod, or the key
    /// of the Arc agent, which is for its group to read.
    pub fn managed(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), shared: true }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// SEC-D13: what others may read is no secret.
#[cfg(unix)]
pub(crate) fn refuse_shared(file: &std::fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = file.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!(
            "others may read or write it: its mode is {mode:04o}, and 0600 is what a secret needs"
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn refuse_shared(_: &std::fs::Metadata) -> Result<(), String> {
    Ok(())
}

impl SecretSource for SecretFile {
    fn name(&self) -> String {
        format!("`{}`", self.path.display())
    }

    fn read(&self) -> BoxFuture<'_, Result<Secret, BoxError>> {
        Box::pin(async {
            let file = tokio::fs::File::open(&self.path).await?;
            if !self.shared {
                refuse_shared(&file.metadata().await?)?;
            }
            let mut text = zeroize::Zeroizing::new(String::new());
            file.take(LARGEST_SECRET + 1).read_to_string(&mut text).await?;
            let secret = text.trim_end_matches(['\r', '\n']);
            match secret.len() {
                0 => Err("it is empty".into()),
                length if length as u64 > LARGEST_SECRET => Err("it is larger than 64 KiB".into()),
                _ => Ok(Secret::new(secret)),
            }
        })
    }
}

/// How long a secret is used before its source is asked again (facts: evidence-and-security, secret rules).
const KEPT_FOR: Duration = Duration::from_secs(300);

/// A secret and its source.
#[derive(Debug)]
pub(crate) struct Held {
    source: Box<dyn SecretSource>,
    kept: Mutex<Option<(Instant, Secret)>>,
}

impl Held {
    pub(crate) fn new(source: impl SecretSource) -> Self {
        Self { source: Box::new(source), kept: Mutex::default() }
    }

    /// The secret, at most five minutes old.
    pub(crate) async fn current(&self) -> Result<Secret, CredentialError> {
        let fresh = |(at, _): &&(Instant, Secret)| at.elapsed() < KEPT_FOR;
        let kept = self.kept.lock().await.as_ref().filter(fresh).map(|(_, secret)| secret.clone());
        match kept {
            Some(secret) => Ok(secret),
            None => self.reread().await,
        }
    }

    /// The secret as the source knows it now.
    pub(crate) async fn reread(&self) -> Result<Secret, CredentialError> {
        let read = self.source.read().await;
        let secret = read.map_err(|source| CredentialError::source(self.source.name(), source))?;
        *self.kept.lock().await = Some((Instant::now(), secret.clone()));
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_read_anew_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let source = SecretFile::new(folder.path().join("secret"));
        assert!(source.read().await.is_err());
        std::fs::write(source.path(), "one\r\n").unwrap();
        own(source.path(), 0o600);
        assert_eq!(source.read().await.unwrap().expose(), "one");
        std::fs::write(source.path(), "two").unwrap();
        assert_eq!(source.read().await.unwrap().expose(), "two");
        for unusable in [String::new(), "\n".to_owned(), "x".repeat(70_000)] {
            std::fs::write(source.path(), unusable).unwrap();
            assert!(source.read().await.is_err());
        }
    }

    #[cfg(unix)]
    fn own(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;

        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn own(_: &Path, _: u32) {}

    /// SEC-D13: the mode is in the message; a link is as open as what it leads to.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_others_may_read_is_refused_with_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("secret"), folder.path().join("link"));
        std::fs::write(&file, "canary").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        for (mode, refused) in
            [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o620, true)]
        {
            own(&file, mode);
            for path in [&file, &link] {
                let read = SecretFile::new(path).read().await;
                assert_eq!(read.is_err(), refused, "{mode:o}");
                if let Err(error) = read {
                    let error = error.to_string();
                    assert!(error.contains(&format!("its mode is {mode:04o}")), "{error}");
                    assert!(!error.contains("canary"));
                }
                assert_eq!(SecretFile::managed(path).read().await.unwrap().expose(), "canary");
            }
        }
    }
}
