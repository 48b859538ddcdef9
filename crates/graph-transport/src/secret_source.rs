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
const LARGEST: u64 = 64 << 10;

/// A secret in a file that somebody else rotates; read anew each time. A line end after it is not part of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecretFile(PathBuf);

impl SecretFile {
    /// The file need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl SecretSource for SecretFile {
    fn name(&self) -> String {
        format!("`{}`", self.0.display())
    }

    fn read(&self) -> BoxFuture<'_, Result<Secret, BoxError>> {
        Box::pin(async {
            let file = tokio::fs::File::open(&self.0).await?;
            let mut text = zeroize::Zeroizing::new(String::new());
            file.take(LARGEST + 1).read_to_string(&mut text).await?;
            let secret = text.trim_end_matches(['\r', '\n']);
            match secret.len() {
                0 => Err("it is empty".into()),
                length if length as u64 > LARGEST => Err("it is larger than 64 KiB".into()),
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
        assert_eq!(source.read().await.unwrap().expose(), "one");
        std::fs::write(source.path(), "two").unwrap();
        assert_eq!(source.read().await.unwrap().expose(), "two");
        for unusable in [String::new(), "\n".to_owned(), "x".repeat(70_000)] {
            std::fs::write(source.path(), unusable).unwrap();
            assert!(source.read().await.is_err());
        }
    }
}
