//! A failure as people read it: what happened, why, and what to do next.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use graph_transport::{CredentialError, Disposition, Error};

use crate::exit::Exit;
use crate::terminal::escape;

/// What ends a command before its work is done.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What happened, then each cause; none repeats another.
    chain: Vec<String>,
    hints: Vec<String>,
    /// Lines of the input, with the place marked.
    shown: Vec<String>,
    /// Diagnostics that were rendered already, printed as they are.
    rendered: Option<String>,
}

impl Failure {
    /// `what` completes "failed to …", or is a whole sentence of its own.
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            exit,
            chain: vec![what.into()],
            hints: Vec::new(),
            shown: Vec::new(),
            rendered: None,
        }
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// A local file that cannot be read or written; the error names it.
    pub(crate) fn file(action: &str, path: &Path, source: &io::Error) -> Self {
        let failure = Self::new(Exit::LocalIo, format!("could not {action} `{}`", path.display()));
        let failure = failure.because(source);
        match path.parent().filter(|it| !it.as_os_str().is_empty() && !it.exists()) {
            Some(parent) => failure.hint(format!("there is no directory `{}`", parent.display())),
            None => failure,
        }
    }

    /// Diagnostics of a system file.
    pub(crate) fn diagnostics(exit: Exit, rendered: String) -> Self {
        Self { chain: Vec::new(), rendered: Some(rendered), ..Self::new(exit, "") }
    }

    /// Ends the process without a word: whoever read stdout has closed it.
    pub(crate) fn quiet() -> Self {
        Self { chain: Vec::new(), ..Self::new(Exit::Done, "") }
    }

    /// Adds a cause and all of its own.
    pub(crate) fn because(mut self, cause: &(dyn StdError + 'static)) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            let text = error.to_string();
            // The number of an error of SQLite, whose words have been told.
            let is_number = error.is::<rusqlite::ffi::Error>();
            if self.chain.last() != Some(&text) && !is_number {
                self.chain.push(text);
            }
            next = error.source();
        }
        self
    }

    /// Adds one cause among several.
    pub(crate) fn because_of<E: StdError>(mut self, cause: &E) -> Self {
        self.chain.push(cause.to_string());
        self
    }

    /// Adds one cause in words of our own.
    pub(crate) fn because_text(mut self, cause: String) -> Self {
        self.chain.push(cause);
        self
    }

    /// Adds a line of the input that is at fault, or the mark under it.
    pub(crate) fn showing(mut self, line: String) -> Self {
        self.shown.push(line);
        self
    }

    /// Puts what was being done before what went wrong.
    pub(crate) fn within(mut self, what: String) -> Self {
        self.chain.insert(0, what);
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
        self
    }

    /// The lines for stderr, without colour.
    pub(crate) fn render(&self) -> String {
        let mut text = self.rendered.clone().unwrap_or_default();
        for (index, line) in self.chain.iter().enumerate() {
            let label = if index == 0 { "error" } else { "  caused by" };
            let _ = writeln!(text, "{label}: {}", escape(line));
        }
        for line in &self.shown {
            let _ = writeln!(text, "    {}", escape(line));
        }
        for hint in &self.hints {
            let _ = writeln!(text, "  hint: {}", escape(hint));
        }
        text
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let exit = match error {
            Error::Build(_) => Exit::Usage,
            // Nothing there can be talked to, whatever answers.
            Error::Untrusted { .. } => Exit::Unavailable,
            other => other.disposition().into(),
        };
        let failure = Self::new(exit, format!("failed to {error}"));
        let failure = error.source().into_iter().fold(failure, Self::because);
        hints(error).into_iter().fold(failure, Self::hint)
    }
}

/// What to do about a failure of the transport.
fn hints(error: &Error) -> Vec<String> {
    match error {
        Error::Credential(CredentialError::Unreachable(source)) => hints(source),
        Error::Credential(refused) => {
            let known = refused
                .hint()
                .or_else(|| refused.is_transient().then(|| hint(Disposition::Transient))?);
            known.map(str::to_owned).into_iter().collect()
        }
        Error::Throttled { wait, .. } => vec![format!("try again in {} s", wait.as_secs().max(1))],
        _ => hint(error.disposition()).map(str::to_owned).into_iter().collect(),
    }
}

/// What to do about an answer, by its classification.
pub(crate) fn hint(disposition: Disposition) -> Option<&'static str> {
    Some(match disposition {
        Disposition::Throttled => {
            "Graph is throttling this app: try again later, or with fewer requests at once"
        }
        Disposition::Transient => {
            "check the network and the connection's `cloud`, `graph_root` and `authority`, or try again later"
        }
        Disposition::Forbidden => {
            "grant the app the permission and consent to it; `graphctl catalogue COMMAND` names what a command needs"
        }
        Disposition::PolicyBlocked => {
            "a policy of the tenant keeps this app out: ask whoever administers conditional access"
        }
        Disposition::NotLicensed => "the tenant needs a licence for this (Entra ID P1 or P2)",
        Disposition::NotInCloud => "this cloud does not offer the path",
        Disposition::Unauthenticated => {
            "the token is not accepted: check the connection's cloud and credentials"
        }
        Disposition::Fatal => {
            "the answer is not what Graph sends: check `graph_root`, and proxies on the way"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_what_why_and_what_next() {
        let source = io::Error::new(io::ErrorKind::PermissionDenied, "permission denied");
        let failure =
            Failure::file("read", Path::new("graphctl.yaml"), &source).hint("check its mode");
        assert_eq!(
            failure.render(),
            "error: could not read `graphctl.yaml`\n  caused by: permission denied\n  hint: check its mode\n"
        );
        assert_eq!(failure.exit, Exit::LocalIo);
    }
}
