//! The challenge of the Azure Arc agent: prove that you may read a file of its own.

use std::path::{Path, PathBuf};

use http::HeaderMap;
use http::header::{HeaderValue, WWW_AUTHENTICATE};

use crate::SecretFile;
use crate::credential::CredentialError;
use crate::secret::Secret;
use crate::secret_source::SecretSource as _;

/// The largest key file (facts: graph-protocol 2.2).
const LARGEST_KEY: usize = 4 << 10;

/// The agent's token directory; `program_data` is Windows' `ProgramData`.
pub(super) fn token_directory(program_data: Option<String>) -> PathBuf {
    program_data.filter(|_| cfg!(windows)).map_or_else(
        || PathBuf::from("/var/opt/azcmagent/tokens"),
        |folder| Path::new(&folder).join("AzureConnectedMachineAgent").join("Tokens"),
    )
}

/// The `Authorization` value that answers a challenge `Basic realm=<path>`.
///
/// Whoever answers on the agent's port names the file, so only a `.key` file directly in the token
/// directory is read, and no more than 4 KiB of it.
pub(super) async fn challenge_key(
    headers: &HeaderMap,
    tokens: &Path,
) -> Result<HeaderValue, CredentialError> {
    let unusable = |reason| CredentialError::Unusable(reason);
    let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let mut realms = values.filter_map(|value| value.split_once("realm=").map(|(_, path)| path));
    let path = realms.next().ok_or_else(|| unusable("the Arc agent's challenge names no file"))?;
    let path = Path::new(path.trim().trim_matches('"'));
    let inside = path.parent() == Some(tokens)
        && path.extension().is_some_and(|extension| extension == "key");
    if !inside {
        return Err(unusable("the Arc agent's challenge points out of its token directory"));
    }
    let linked = std::fs::symlink_metadata(path).is_ok_and(|file| !file.is_file());
    if linked {
        return Err(unusable("the Arc agent's challenge does not name a plain file"));
    }
    let file = SecretFile::managed(path);
    let key = file.read().await.map_err(|error| CredentialError::source(file.name(), error))?;
    if key.expose().len() > LARGEST_KEY {
        return Err(unusable("the Arc agent's key file is too large"));
    }
    header(&key).ok_or_else(|| unusable("the Arc agent's key is no header value"))
}

/// The file's content is the credential itself; it is sent as it is (facts: graph-protocol 2.2).
fn header(key: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Basic {}", key.expose())).ok()?;
    value.set_sensitive(true);
    Some(value)
}
