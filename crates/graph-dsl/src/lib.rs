//! Declarative YAML systems compiled into typed, checked Microsoft Graph command plans.

mod api_version;
mod stream;

pub use api_version::ApiVersion;
pub use stream::{Column, ColumnKind, StreamKind, StreamPlan};
