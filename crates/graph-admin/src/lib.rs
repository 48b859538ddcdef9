//! Every Microsoft Entra admin action, typed.
//!
//! The catalogue ([`ENTRA`]) is a system file; [`Admin`] runs its commands, by name or through the
//! functions generated from it, so YAML, library and CLI cannot disagree.
//!
//! ```no_run
//! # async fn example(client: graph_transport::GraphClient) -> Result<(), graph_admin::AdminError> {
//! use graph_admin::Admin;
//!
//! let admin = Admin::new(client);
//! let envelope = admin.user().get("ada@contoso.com", Default::default()).await?;
//! println!("{}", envelope.data["displayName"]);
//! # Ok(())
//! # }
//! ```

mod admin;
mod catalogue;
mod compound;
mod generated;
mod options;

pub use admin::{Admin, AdminError};
pub use catalogue::{ENTRA, system};
pub use compound::*;
pub use generated::*;
