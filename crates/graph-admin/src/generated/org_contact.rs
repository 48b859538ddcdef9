//! Commands of `org_contact`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `org_contact`.
#[derive(Clone, Copy, Debug)]
pub struct OrgContact<'a>(pub(crate) &'a Admin);

impl OrgContact<'_> {
    /// Get an organizational contact.
    ///
    /// `GET /v1.0/contacts/{id}`; least application permission: `OrgContact.Read.All`.
    ///
    /// `id` is of type `guid`: The contact.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(
        &self,
        id: &str,
        options: OrgContactGetOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("org_contact.get", arguments).await
    }

    /// List organizational contacts.
    ///
    /// `GET /v1.0/contacts`; least application permission: `OrgContact.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: OrgContactListOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("org_contact.list", arguments).await
    }
}

options! {
    /// Optional arguments of `org_contact.get`.
    OrgContactGetOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `org_contact.list`.
    OrgContactListOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A search, such as `"displayName:Ada"`.
        search: String = "search",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}
