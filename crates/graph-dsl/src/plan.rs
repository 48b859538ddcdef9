//! Command plans: what a command needs, what it sends, and how its answer is read.

mod advanced;
mod argument;
mod argument_error;
mod argument_kind;
mod arguments;
mod bind;
mod body;
mod follow_up;
mod message_pattern;
mod method;
mod outcome;
mod path;
mod permission;
mod query;
mod request;
mod safety;

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Position;
use crate::graph_index::Needs;
use crate::mapping::SchemaMapping;
use crate::{ApiVersion, Diagnostic};

pub use advanced::Advanced;
pub(crate) use advanced::is_advanced;
pub use argument::{Argument, Signature};
pub use argument_error::ArgumentError;
pub use argument_kind::ArgumentKind;
pub use arguments::Arguments;
pub(crate) use body::BodyTemplate;
pub(crate) use follow_up::FollowUps;
pub use follow_up::{Condition, Ensure, WaitFor};
pub use message_pattern::{MessagePattern, PatternError};
pub use method::{Method, UnknownMethod};
pub use outcome::{Outcome, OutcomeRule, UnknownOutcome};
pub(crate) use path::PathTemplate;
pub use permission::Permission;
pub(crate) use query::{QueryOption, QueryValue};
pub use request::{Request, Root, RootError};
pub use safety::Safety;

/// A command, checked and compiled: bind arguments to it and it is a request.
#[derive(Clone)]
#[non_exhaustive]
pub struct CommandPlan {
    /// Object type, `group`.
    pub object_type: String,
    /// Command, `add_member`.
    pub name: String,
    /// What it does, one sentence.
    pub summary: Option<String>,
    /// What to use in its place, when it goes away with the next release.
    pub deprecated: Option<String>,
    /// HTTP method.
    pub method: Method,
    /// The path as written in the file, `/groups/{id}/members/$ref`.
    pub endpoint: String,
    /// API version.
    pub version: ApiVersion,
    /// The arguments it takes.
    pub signature: Signature,
    /// How answers are read, first match first; statuses that no rule names keep their usual meaning.
    pub expect: Vec<OutcomeRule>,
    /// What it does to the tenant.
    pub safety: Safety,
    /// What the token must be allowed: as the file says, else the least that Graph asks for.
    pub permission: Permission,
    /// Everything that would allow it, as far as Graph's permission map and our repairs of it say.
    pub needs: Needs,
    /// Conditions outside the request: a licence, a property that must be set first.
    pub requires: Vec<String>,
    /// Other names it is found by, `group.add_group_member`.
    pub aliases: Vec<String>,
    /// Example calls.
    pub examples: Vec<Example>,
    /// Whether pages are followed; the connection decides when absent.
    pub auto_paginate: Option<bool>,
    /// Whether the answer is bytes instead of JSON (`response: binary`).
    pub binary: bool,
    /// Whether a `$batch` of more than 20 requests is sent as several; otherwise it is refused.
    pub split: bool,
    /// Properties of the answer whose values are secret, at any depth (`secrets: [secretText]`).
    pub secrets: Vec<String>,
    /// Clouds that do not offer it, by name.
    pub unavailable_in: Vec<String>,
    /// How the answer's objects are renamed, when the object type or command says so.
    pub mapping: Option<Arc<SchemaMapping>>,
    /// The read before it, which makes it harmless to repeat.
    pub ensure: Option<Ensure>,
    /// The reads after it, until they show what it did.
    pub wait_for: Option<WaitFor>,
    /// Where the command is defined.
    pub defined_at: SourcePosition,
    pub(crate) template: Arc<RequestTemplate>,
}

/// A place in a system file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    /// The file as it was named.
    pub file: String,
    /// The place in it.
    pub position: Position,
}

/// An example call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Example {
    /// What the example shows.
    pub summary: Option<String>,
    /// The arguments.
    pub params: Arguments,
}

/// The request with its holes.
#[derive(Debug)]
pub(crate) struct RequestTemplate {
    pub(crate) system: Arc<str>,
    pub(crate) path: PathTemplate,
    pub(crate) query: Vec<QueryOption>,
    pub(crate) headers: Vec<(String, crate::template::Template)>,
    pub(crate) body: Option<BodyTemplate>,
    pub(crate) advanced: Advanced,
}

impl CommandPlan {
    /// `group.add_member`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.object_type, self.name)
    }

    /// Whether the cloud with this name offers the command, as far as the file says.
    pub fn is_offered_in(&self, cloud: &str) -> bool {
        !self.unavailable_in.iter().any(|name| name == cloud)
    }

    /// Whether the body is bytes instead of JSON: one argument of the type `binary` is all of it.
    pub fn sends_bytes(&self) -> bool {
        matches!(self.template.body, Some(BodyTemplate::Bytes(_)))
    }

    /// Whether the command sends many requests in one, `POST /$batch`.
    pub fn is_batch(&self) -> bool {
        self.method == Method::Post && self.endpoint == "/$batch"
    }
}

impl fmt::Debug for CommandPlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CommandPlan({} {} {})", self.full_name(), self.method, self.endpoint)
    }
}

impl fmt::Display for SourcePosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.position.line, self.position.column)
    }
}

impl SourcePosition {
    /// Where a diagnostic points.
    pub fn of(diagnostic: &Diagnostic) -> Self {
        Self { file: diagnostic.file.clone(), position: diagnostic.position() }
    }
}
