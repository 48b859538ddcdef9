//! Exit codes: one documented list, for scripts.

use std::process::ExitCode;

use graph_transport::Disposition;

/// How the process ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// Done, also when optional streams were skipped and shown.
    Done = 0,
    /// Failed for a reason of its own, or diagnostics under `validate`.
    Failed = 1,
    /// Usage or configuration: flags, a system file, a missing variable, a store of another tenant.
    Usage = 2,
    /// Local files.
    LocalIo = 3,
    /// Refused by Graph or the login authority.
    Refused = 4,
    /// Unreachable, unavailable or throttled out.
    Unavailable = 5,
    /// Some of it is missing, and the report says what.
    Partial = 6,
    /// SIGINT or SIGTERM.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Disposition> for Exit {
    fn from(disposition: Disposition) -> Self {
        match disposition {
            Disposition::Ok => Self::Done,
            Disposition::Throttled | Disposition::Transient => Self::Unavailable,
            Disposition::Forbidden
            | Disposition::NotLicensed
            | Disposition::PolicyBlocked
            | Disposition::NotInCloud
            | Disposition::NotFound
            | Disposition::Conflict
            | Disposition::Exists
            | Disposition::Invalid
            | Disposition::Unauthenticated => Self::Refused,
            _ => Self::Failed,
        }
    }
}
