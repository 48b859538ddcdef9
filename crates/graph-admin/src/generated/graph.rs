//! Commands of `graph`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::{Admin, AdminError};

/// Commands of `graph`.
#[derive(Clone, Copy, Debug)]
pub struct Graph<'a>(pub(crate) &'a Admin);

impl Graph<'_> {
    /// Send many requests in one; more than 20 are split.
    ///
    /// `POST /v1.0/$batch`; least application permission: none is documented.
    ///
    /// `requests` is of type `list`: Objects with `id`, `method`, `url` and, where needed, `headers`, `body`, `dependsOn`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn batch(&self, requests: serde_json::Value) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("requests", requests);
        self.0.run("graph.batch", arguments).await
    }
}
