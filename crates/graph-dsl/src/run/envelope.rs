//! The envelope: what came of a command, in the shape of the earlier system's responses.

use bytes::Bytes;
use graph_transport::Disposition;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::secrets::{self, Withheld};
use crate::plan::Outcome;
use crate::reference::Sensitive;

/// What came of a command.
///
/// Serializes as `{"response": {"success": true, "data": …, "meta": {…}}}`; a failure adds
/// `status_code` and `detail` (`error`, `upstream` with `url` and `detail`), its `data` is null.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Envelope {
    /// The answer's JSON, mapped where the command has a schema mapping; null when there is none.
    /// What the command declares as secret is masked: see [`Envelope::secret`].
    pub data: Value,
    /// How it went.
    pub meta: Meta,
    /// The HTTP status of a failure; absent when no answer came.
    pub status_code: Option<u16>,
    /// Why it failed.
    pub detail: Option<Detail>,
    /// The bytes of a binary answer; in `data` they stand in base64.
    pub content: Option<Bytes>,
    /// The secrets that `data` masks, in the order of the data; not serialized.
    pub secrets: Vec<Withheld>,
    pub(super) disposition: Option<Disposition>,
}

/// How a command went.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Meta {
    /// What came of it.
    pub outcome: Outcome,
    /// The command, `user.get`.
    pub command: String,
    /// Graph's ids of the attempts at the first request, in order, and at a page that failed.
    pub request_ids: Vec<String>,
    /// Our ids of the same attempts (`client-request-id`).
    pub client_request_ids: Vec<String>,
    /// Attempts at the first request and at a page that failed, repeats included; one that the
    /// operation's deadline cut short counts, although it left no ids.
    pub attempts: usize,
    /// Pages that were read; 0 when the answer is no collection.
    pub pages: u64,
    /// Whether the data is all there is: a success, and no further page was left unread.
    pub complete: bool,
    /// Resource units that Graph counted for the first request (`x-ms-resource-unit`), when it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_units: Option<u64>,
    /// The properties that were not as wanted when `ensure` looked: what an update changed, or what
    /// is in conflict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// The wait after the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited: Option<Waited>,
    /// Why the answer could not be mapped; `data` is Graph's own then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping_error: Option<String>,
    /// The least permission of the command, when Graph refused for lack of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs_permission: Option<String>,
    /// Other permissions of which each would allow it (`A + B`: both), when Graph refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_permissions: Vec<String>,
    /// What the token was granted, when Graph refused and the token can be read; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub granted_permissions: Vec<String>,
    /// Where the command is defined, on failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_at: Option<String>,
}

/// How a bounded wait (`wait_for`) went.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Waited {
    /// Whether a read showed what was waited for.
    pub done: bool,
    /// How many reads got an answer, or failed.
    pub reads: u32,
    /// The HTTP status of the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the last one showed at the condition's path; null without a path.
    pub last_seen: Value,
}

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Detail {
    /// `HTTP Error 404`, or what went wrong before an answer came.
    pub error: String,
    /// What Graph said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
    /// Everything wrong with the arguments, when nothing was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
}

/// What Graph said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Upstream {
    /// Where the request went; values of the query are masked.
    pub url: String,
    /// The answer's body.
    pub detail: Value,
}

impl Envelope {
    /// What came of it.
    pub fn outcome(&self) -> Outcome {
        self.meta.outcome
    }

    /// Whether the command achieved what it is for.
    pub fn is_success(&self) -> bool {
        self.detail.is_none()
    }

    /// How the transport classifies the failure, for exit codes and repeats; not serialized.
    ///
    /// `None` for a success, and when nothing was sent because the arguments do not fit. For a batch
    /// it is what all failed requests agree on, [`Disposition::Fatal`] when they do not.
    pub fn disposition(&self) -> Option<Disposition> {
        self.disposition
    }

    /// Whether it is a batch of which some requests succeeded and some failed.
    pub fn is_partial(&self) -> bool {
        let responses = self.data["responses"].as_array().map_or(&[][..], Vec::as_slice);
        let success = |response: &Value| {
            response["status"].as_u64().is_some_and(|status| (200..300).contains(&status))
        };
        self.detail.is_some() && responses.iter().any(success)
    }

    /// Why it failed, in Graph's words where it answered; `None` for a success.
    pub fn reason(&self) -> Option<String> {
        let detail = self.detail.as_ref()?;
        let said = detail.upstream.as_ref().map(|upstream| &upstream.detail["error"]);
        let said =
            said.and_then(|error| Some((error["code"].as_str()?, error["message"].as_str()?)));
        Some(match said {
            Some((code, message)) => format!("{code}: {message}"),
            None if detail.arguments.is_empty() => detail.error.clone(),
            None => format!("{}: {}", detail.error, detail.arguments.join("; ")),
        })
    }

    /// The secret under a property of Graph's or, after a mapping, of the mapping's name: `secretText`.
    pub fn secret(&self, name: &str) -> Option<&Sensitive> {
        self.secrets.iter().find(|secret| secret.name() == name).map(|secret| &secret.value)
    }

    /// The data with its secrets in their places: for a file that only its owner can read, never
    /// for a log.
    pub fn revealed(&self) -> Value {
        secrets::revealed(&self.data, &self.secrets)
    }

    /// A success; `complete` is the caller's to say.
    pub(super) fn success(data: Value, meta: Meta) -> Self {
        Self {
            data,
            meta,
            status_code: None,
            detail: None,
            content: None,
            secrets: Vec::new(),
            disposition: None,
        }
    }
}

impl Meta {
    pub(super) fn new(command: String) -> Self {
        Self {
            outcome: Outcome::Failed,
            command,
            request_ids: Vec::new(),
            client_request_ids: Vec::new(),
            attempts: 0,
            pages: 0,
            complete: false,
            resource_units: None,
            changes: Vec::new(),
            waited: None,
            mapping_error: None,
            needs_permission: None,
            other_permissions: Vec::new(),
            granted_permissions: Vec::new(),
            defined_at: None,
        }
    }
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut envelope = serializer.serialize_map(Some(1))?;
        envelope.serialize_entry("response", &Response(self))?;
        envelope.end()
    }
}

struct Response<'a>(&'a Envelope);

impl Serialize for Response<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut response = serializer.serialize_map(None)?;
        response.serialize_entry("success", &self.0.is_success())?;
        response.serialize_entry("data", &self.0.data)?;
        response.serialize_entry("meta", &self.0.meta)?;
        if let Some(detail) = &self.0.detail {
            response.serialize_entry("status_code", &self.0.status_code)?;
            response.serialize_entry("detail", detail)?;
        }
        response.end()
    }
}
