//! Declarative YAML systems compiled into typed, checked Microsoft Graph command plans.
//!
//! A system file describes a connection, commands and import streams. [`compile`] turns its bytes
//! into a [`System`] or into [`Diagnostic`]s that point at the characters concerned;
//! [`CommandPlan::bind`] turns a command and its [`Arguments`] into a [`Request`]. Both are pure:
//! no IO, no clock, no environment. References such as `${{ENV:X}}` are resolved later, by
//! [`Connection::resolve`], through a [`Lookup`] that the caller provides.
//!
//! ```
//! use graph_dsl::{Arguments, Root, SourceFile, compile};
//!
//! let source = SourceFile::new(
//!     "demo.yaml",
//!     "
//! object_types:
//!   group:
//!     commands:
//!       add_member:
//!         summary: Add a member to a group.
//!         method: POST
//!         endpoint: /groups/{id}/members/$ref
//!         arguments: { id: guid, member_id: guid }
//!         expect: already_exists
//!         body: { '@odata.id': { ref: directoryObjects, id: '{{ params.member_id }}' } }
//! ",
//! );
//! let compiled = compile(&source, None);
//! assert!(compiled.diagnostics.is_empty());
//! let system = compiled.system.expect("no errors");
//! let plan = system.catalogue.get("group.add_member").expect("just defined");
//!
//! let arguments = Arguments::new()
//!     .with("id", "11111111-2222-3333-4444-555555555555")
//!     .with("member_id", "99999999-8888-7777-6666-555555555555");
//! let request = plan.bind(&arguments, &Root::new("https://graph.microsoft.us")?).expect("complete");
//! assert_eq!(
//!     request.body.expect("a POST")["@odata.id"],
//!     "https://graph.microsoft.us/v1.0/directoryObjects/99999999-8888-7777-6666-555555555555"
//! );
//! # Ok::<(), graph_dsl::RootError>(())
//! ```

mod api_version;
mod check;
mod compile;
mod connection;
mod definition;
mod diagnostic;
pub mod graph_index;
mod language;
mod mapping;
mod plan;
mod reference;
#[cfg(feature = "run")]
mod run;
mod source;
mod stream;
mod system;
mod template;

pub use api_version::ApiVersion;
pub use compile::{
    CheckedFile, CompileOptions, Compiled, Linked, compile, compile_linked, compile_with,
};
pub use connection::{
    Authentication, Backoff, CLOUD_NAMES, Certificate, Concurrency, Connection, Endpoint, Identity,
    LogFormat, Logging, RetrySettings, Settings, TimeoutSettings,
};
pub use diagnostic::{
    Code, Diagnostic, Edit, Fix, Label, Position, Range, Severity, UnknownCode, render_human,
    render_json, suggest, summary,
};
pub use language::{language_page, system_schema};
pub use mapping::{Attribute, MappingError, SchemaMapping};
pub use plan::{
    Advanced, Argument, ArgumentError, ArgumentKind, Arguments, CommandPlan, Condition, Ensure,
    Example, MessagePattern, Method, Outcome, OutcomeRule, PatternError, Permission, Request, Root,
    RootError, Safety, Signature, SourcePosition, UnknownMethod, UnknownOutcome, WaitFor,
};
pub use reference::{Lookup, LookupError, Sensitive, Variables};
#[cfg(feature = "run")]
pub use run::{
    ConnectError, Detail, Envelope, Meta, PagesError, PersonSignIn, RunOptions, Runner,
    Surroundings, Upstream, Waited, Withheld, cloud_of, connect, connect_with,
};
pub use source::{MAX_ALIASES, MAX_DEPTH, MAX_EXPANDED_NODES, MAX_FILE_BYTES, SourceFile, Span};
pub use stream::{
    Column, ColumnKind, InvalidFilter, Scan, StreamKind, StreamPlan, UnknownProperty,
    Variant as StreamVariant, Window,
};
pub use system::{Catalogue, System};
