//! A low-level tower stack for Microsoft Graph: the client that every other layer sends through.
//!
//! All network IO of the workspace happens here. A request is a [`GraphRequest`] to a
//! [`GraphLink`]; it passes deadline, retry, lane, authorization, timeouts and decompression
//! (see [`stack`] for the order and the reasons) and comes back as an [`Answer`]. Pages
//! ([`Pages`]) and `$batch` ([`GraphClient::batch`]) are built on the same path, so no request
//! can pass a layer by.
//!
//! ```no_run
//! # async fn example() -> Result<(), graph_transport::Error> {
//! use graph_transport::{ClientSecret, Cloud, CloudName, GraphClient, GraphRequest, Secret};
//!
//! let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
//! let credential = ClientSecret::new("contoso.onmicrosoft.com", "app-id", Secret::new("…"));
//! let client = GraphClient::builder(cloud, credential).build()?;
//!
//! let first = GraphRequest::get(client.cloud().link("/v1.0/users?$select=id,displayName")?);
//! let mut pages = client.pages(first);
//! while let Some(page) = pages.next().await {
//!     for item in page?.items() {
//!         println!("{item}");
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod answer;
mod attempt;
mod authorize;
mod batch;
mod client;
mod clock;
mod cloud;
mod collect;
mod credential;
mod deadline;
mod disposition;
mod error;
mod graph_error;
mod lane;
mod link;
pub mod observe;
mod openid;
mod page;
mod pages;
mod product;
mod request;
mod retry;
#[cfg(test)]
mod script;
mod secret;
pub mod stack;
mod timeouts;
mod token;
mod wire;

pub use answer::{Answer, Attempt};
pub use batch::{BatchAnswer, BatchError, BatchItem};
pub use client::{BuildError, GraphClient, GraphClientBuilder};
pub use clock::{Clock, SystemClock};
pub use cloud::{ApiVersion, Cloud, CloudError, CloudName, CustomCloud};
pub use credential::{
    AccessToken, AuthorityRefusal, BoxFuture, ClientSecret, Credential, CredentialError,
    StaticBearer, TokenRequest,
};
pub use disposition::Disposition;
pub use error::{Error, Record, TimeoutPhase, Tried};
pub use graph_error::GraphError;
pub use lane::{Concurrency, Lanes};
pub use link::{GraphLink, LinkError};
pub use observe::{Logging, Metrics, Observe};
pub use openid::TenantId;
pub use page::{Page, PageError};
pub use pages::{PageStream, Pages, Proof};
pub use product::Product;
pub use request::GraphRequest;
pub use retry::{Backoff, RetryConfig};
pub use secret::Secret;
pub use timeouts::Timeouts;
