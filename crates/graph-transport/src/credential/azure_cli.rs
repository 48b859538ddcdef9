//! The Azure CLI as a credential: whoever has run `az login` on this machine.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::{AccessToken, BoxFuture, Claims, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;

/// `az` starts a Python interpreter and may refresh a token: it needs seconds, not minutes.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The most that is read of what `az` prints, in bytes.
const LARGEST_OUTPUT: u64 = 256 << 10;

/// The most of its complaint that is repeated, in characters.
const LONGEST_COMPLAINT: usize = 300;

const CLI: &str = "the Azure CLI";

/// Runs `az account get-access-token`, for people at their own machine. The program is found in
/// `PATH`, gets no input, and is ended when it takes longer than a minute.
#[derive(Clone, Debug)]
pub struct AzureCli {
    program: PathBuf,
    tenant: Option<String>,
}

/// Of `expiresOn` and `expires_on` the second is read: the first is local time without an offset.
#[derive(Deserialize)]
struct Printed {
    #[serde(rename = "accessToken")]
    access_token: String,
    expires_on: Option<u64>,
}

impl Default for AzureCli {
    fn default() -> Self {
        Self::new()
    }
}

impl AzureCli {
    /// The tenant is the one that `az` has selected.
    pub fn new() -> Self {
        Self { program: if cfg!(windows) { "az.cmd" } else { "az" }.into(), tenant: None }
    }

    /// Another tenant than the selected one: a GUID or a domain.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Where the program is, if not in `PATH`.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    async fn run(&self, resource: &str) -> Result<Output, CredentialError> {
        let mut command = Command::new(&self.program);
        command.args(["account", "get-access-token", "--output", "json", "--resource", resource]);
        if let Some(tenant) = &self.tenant {
            // What begins with a dash would be an option of `az`, not a tenant.
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
            if !tenant.chars().all(plain) || tenant.starts_with('-') {
                return Err(CredentialError::Unusable("the tenant is neither a GUID nor a domain"));
            }
            command.args(["--tenant", tenant]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().map_err(|error| not_started(&error))?;
        let (printed, complained) = (child.stdout.take(), child.stderr.take());
        let (printed, complained, status) =
            tokio::join!(bounded(printed), bounded(complained), child.wait());
        let unread = |error: io::Error| CredentialError::source(CLI.to_owned(), error.into());
        Ok(Output {
            success: status.map_err(unread)?.success(),
            printed: printed.map_err(unread)?,
            complained: complained.map_err(unread)?,
        })
    }
}

struct Output {
    success: bool,
    printed: Secret,
    complained: Secret,
}

/// Reads no more than the bound; a program that prints more is cut off there.
async fn bounded(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Secret> {
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    if let Some(pipe) = pipe {
        pipe.take(LARGEST_OUTPUT).read_to_end(&mut bytes).await?;
    }
    Ok(Secret::new(String::from_utf8_lossy(&bytes)))
}

fn not_here(reason: String) -> CredentialError {
    CredentialError::NotHere { what: CLI, reason }
}

fn not_started(error: &io::Error) -> CredentialError {
    if error.kind() == io::ErrorKind::NotFound {
        return not_here("`az` is not installed, or not in `PATH`".to_owned());
    }
    not_here(format!("`az` could not be started: {error}"))
}

/// Why `az` gave no token, in its own words where they are its last line.
fn complaint(text: &str) -> CredentialError {
    if text.contains("az login") || text.contains("AADSTS70043") || text.contains("AADSTS700082") {
        return not_here("nobody is signed in, or no longer: run `az login`".to_owned());
    }
    let told = text.lines().map(str::trim).find(|line| line.starts_with("ERROR"));
    let told = told.or_else(|| text.lines().map(str::trim).rfind(|line| !line.is_empty()));
    let told = told.unwrap_or("`az` failed without a word");
    not_here(told.chars().filter(|c| !c.is_control()).take(LONGEST_COMPLAINT).collect())
}

fn token(printed: &Secret, now: SystemTime) -> Result<AccessToken, CredentialError> {
    let printed: Printed = serde_json::from_str(printed.expose())
        .map_err(|_| CredentialError::Unusable("`az` printed something else than a token"))?;
    let secret = Secret::new(printed.access_token);
    let ends = printed.expires_on.map(Duration::from_secs);
    let ends = ends.and_then(|at| SystemTime::UNIX_EPOCH.checked_add(at));
    let expires_in = match ends {
        Some(at) => Some(at.duration_since(now).unwrap_or_default()),
        None => Claims::of(&secret).expires_in(now), // before az 2.54
    };
    Ok(AccessToken { expires_in, ..AccessToken::of_unknown_life(secret) })
}

impl Credential for AzureCli {
    fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let output = self.run(request.cloud().graph_root()).await?;
            if !output.success {
                return Err(complaint(output.complained.expose()));
            }
            token(&output.printed, request.now())
        })
    }

    fn time_limit(&self) -> Option<Duration> {
        Some(TIME_LIMIT)
    }

    fn cache_key(&self) -> Option<String> {
        Some(format!("azure cli {} {:?}", self.program.display(), self.tenant))
    }
}

#[cfg(test)]
mod tests;
