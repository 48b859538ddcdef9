//! What a run did, and what its result can be relied on for.

pub(crate) mod assumption;
pub(crate) mod certificate;
mod checks;

pub use assumption::{ASSUMPTIONS, Assumption};
pub use certificate::Truncation;
pub use checks::{Counts, PermissionCheck, SampleCheck};

use graph_dsl::StreamPlan;
use graph_transport::{Error, TenantId};
use serde::{Serialize, Serializer};

use crate::cost::{EdgeStrategy, Estimate};
use crate::store::{Applied, Holdings, Source};

/// The result of a run; as JSON it is what the store keeps of it.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The number of the run in its store.
    pub run: u64,
    /// The tenant.
    #[serde(serialize_with = "shown")]
    pub tenant: TenantId,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub ended_at: String,
    /// How it ended.
    pub status: RunStatus,
    /// What the result rests on: the least of the streams' certificates.
    pub completeness: Completeness,
    /// The streams, in the order in which they were asked for; edges after objects.
    pub streams: Vec<StreamReport>,
    /// Requests sent. A `$batch` counts as one; one whose items were all sent again is not
    /// seen here.
    pub requests: u64,
    /// Resource units that Graph has charged, as far as it said so.
    pub resource_units: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunStatus {
    /// Every required stream is up to date. Optional ones may have been skipped; their outcome says so.
    Completed,
    /// Up to date but for what the streams' certificates name.
    Partial,
    /// A required stream could not be brought up to date, or none at all; its error says why. What is in the
    /// store stays valid.
    Failed,
    /// Stopped on request.
    Interrupted,
}

/// What one stream did in a run, what was checked, and what its rows can be relied on for: the
/// stream's certificate.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct StreamReport {
    /// The stream.
    pub stream: String,
    /// The entity, `user`.
    pub entity: String,
    /// Whether the run needed it.
    pub required: bool,
    /// Whether it could be read.
    pub outcome: StreamOutcome,
    /// What its rows can be relied on for.
    pub completeness: Completeness,
    /// The assumptions about Graph that this rests on; see [`ASSUMPTIONS`].
    pub assumptions: Vec<&'static str>,
    /// Rounds begun or resumed.
    pub rounds: u64,
    /// Whether all of it was read, as opposed to changes.
    pub full: bool,
    /// The generation that the rows belong to.
    pub generation: u64,
    /// How that generation was read; `None` before the first one is complete.
    pub source: Option<Source>,
    /// Why it was not read by a handover in partitions, where the stream has one.
    pub fallback: Option<String>,
    /// Which objects are read, or whose edges, as an OData `$filter`, where that is not all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The permission that it needs, and whether it was there.
    pub permission: Option<PermissionCheck>,
    /// What is known to be left out; empty for nothing.
    pub truncated: Vec<Truncation>,
    /// Graph's counts beside what was found, of a run that has read everything; `None` where nothing
    /// was counted.
    pub counts: Option<Counts>,
    /// What was read again once the stream was complete; `None` where nothing was
    /// ([`Importer::sample`](crate::Importer::sample)).
    pub sample: Option<SampleCheck>,
    /// How old the delta link was that the stream began at, in seconds.
    pub delta_age_seconds: Option<u64>,
    /// What an operator should know although nothing failed.
    pub warnings: Vec<String>,
    /// Columns that the application may not read; they keep the values that they had (cases: F7).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableColumn>,
    /// Columns that many objects had a value in and that the last generation brought back empty in all
    /// of them; they keep the values that they had as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emptied: Vec<UnreadableColumn>,
    /// Why the generation is not proven although nothing is known to be missing.
    #[serde(skip)]
    pub(crate) doubt: Option<String>,
    /// Deletions that are not carried out, because nothing proves them.
    #[serde(skip)]
    pub(crate) withheld: u64,
    /// Pages read.
    pub pages: u64,
    /// Items read; for edges, owners.
    pub items: u64,
    /// Items that could not be read.
    pub spoiled: u64,
    /// What changed in the store.
    pub applied: Applied,
    /// What the store holds now.
    pub holdings: Holdings,
    /// Rounds that began again, and why.
    pub restarts: Vec<String>,
    /// Requests sent, as in [`Report::requests`].
    pub requests: u64,
    /// Resource units charged.
    pub resource_units: u64,
    /// Objects that edges lead to and that no stream has brought in more than one run.
    pub dangling: u64,
    /// How edges were read; of an edge stream that had any to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edges: Option<EdgesReport>,
    /// Why the stream failed.
    #[serde(serialize_with = "chain", skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// How the edges of a stream were read, and what that was predicted to cost; what it did cost is in
/// [`StreamReport::requests`] and [`StreamReport::resource_units`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EdgesReport {
    /// The strategy.
    pub strategy: EdgeStrategy,
    /// Owners whose edges were to be read.
    pub owners: u64,
    /// The cost that was predicted.
    pub predicted: Estimate,
    /// Why whole lists were read instead, from some owner on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

/// A column that the application may not read although it may read the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnreadableColumn {
    /// The column; the property, where no column shows it.
    pub column: String,
    /// The property of Graph that is not asked for.
    pub property: String,
    /// The permission that it needs, where the system file says so.
    pub permission: Option<String>,
}

/// Whether a stream could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StreamOutcome {
    /// It was read.
    Granted,
    /// The application lacks a permission, this one at least.
    MissingPermission(String),
    /// It had the permission and has it no more: the rows stay as they were and are stale (cases: F5).
    PermissionLost(String),
    /// A policy of the tenant, such as conditional access, keeps the application out.
    PolicyBlocked,
    /// The tenant lacks a licence.
    NotLicensed,
    /// This cloud does not have it.
    NotInCloud,
    /// Somebody else is reading it.
    Held,
    /// It was not read, because the stream that owns its edges could not be.
    OwnerNotRead(String),
    /// It failed; the error says why.
    Failed,
    /// No answer came for longer than a stream may go without one; the next run goes on there.
    Throttled,
    /// The run was asked to stop before it was done.
    Interrupted,
}

/// What the rows of a stream can be relied on for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "reason")]
pub enum Completeness {
    /// The store has what the tenant had, under the named assumptions.
    Proven,
    /// Nothing is known to be missing but what the reason names, and that is known to be left out.
    Provisional(String),
    /// Something is missing or out of date.
    Partial(String),
}

impl StreamOutcome {
    /// Whether Graph refuses the stream, for a reason that an administrator can do something about.
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::MissingPermission(_)
                | Self::PermissionLost(_)
                | Self::PolicyBlocked
                | Self::NotLicensed
                | Self::NotInCloud
        )
    }
}

impl StreamReport {
    /// The report of a stream that nothing was asked about.
    pub(crate) fn unasked(plan: &StreamPlan, outcome: StreamOutcome) -> Self {
        Self {
            stream: plan.name.clone(),
            entity: plan.entity.clone(),
            required: plan.required,
            completeness: Completeness::Partial(outcome.to_string()),
            outcome,
            assumptions: Vec::new(),
            rounds: 0,
            full: false,
            generation: 0,
            source: None,
            fallback: None,
            filter: plan.filter.clone(),
            permission: None,
            truncated: Vec::new(),
            counts: None,
            sample: None,
            doubt: None,
            withheld: 0,
            unreadable: Vec::new(),
            emptied: Vec::new(),
            delta_age_seconds: None,
            warnings: Vec::new(),
            pages: 0,
            items: 0,
            spoiled: 0,
            applied: Applied::default(),
            holdings: Holdings::default(),
            restarts: Vec::new(),
            requests: 0,
            resource_units: 0,
            dangling: 0,
            edges: None,
            error: None,
        }
    }
}

impl RunStatus {
    /// The spelling in a store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

impl std::fmt::Display for Completeness {
    /// `proven`, `provisional(reason)` or `partial(reason)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Proven => f.write_str("proven"),
            Self::Provisional(reason) => write!(f, "provisional({reason})"),
            Self::Partial(reason) => write!(f, "partial({reason})"),
        }
    }
}

impl std::fmt::Display for StreamOutcome {
    /// `granted`, `missing_permission(User.Read.All)`, …
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Granted => f.write_str("granted"),
            Self::MissingPermission(least) => write!(f, "missing_permission({least})"),
            Self::PermissionLost(least) => write!(f, "permission_lost({least})"),
            Self::PolicyBlocked => f.write_str("policy_blocked"),
            Self::NotLicensed => f.write_str("not_licensed"),
            Self::NotInCloud => f.write_str("not_in_cloud"),
            Self::OwnerNotRead(owner) => write!(f, "owner_not_read({owner})"),
            Self::Held => f.write_str("held"),
            Self::Failed => f.write_str("failed"),
            Self::Throttled => f.write_str("throttled"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl Report {
    /// The report with its certificate as JSON, as the store keeps it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a report is plain data with text keys")
    }

    /// The stream of that name.
    pub fn stream(&self, name: &str) -> Option<&StreamReport> {
        self.streams.iter().find(|report| report.stream == name)
    }

    /// The first error of a required stream, then of any: what an exit code is chosen by.
    pub fn error(&self) -> Option<&Error> {
        let of =
            |required: bool| self.streams.iter().filter(move |report| report.required == required);
        of(true).chain(of(false)).find_map(|report| report.error.as_ref())
    }
}

fn shown<S: Serializer>(tenant: &TenantId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(tenant)
}

/// An error with its sources: `connect to x: connection refused`.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn chain<S: Serializer>(error: &Option<Error>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = String::new();
    let mut next: Option<&(dyn std::error::Error + 'static)> =
        error.as_ref().map(|error| error as _);
    while let Some(error) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        next = error.source();
    }
    serializer.serialize_str(&text)
}
