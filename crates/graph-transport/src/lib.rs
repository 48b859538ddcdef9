//! A low-level tower stack for Microsoft Graph: the client that every other layer sends through.
//!
//! All network IO of the workspace happens here. A request is a [`GraphRequest`] to a
//! [`GraphLink`]; it passes deadline, retry, lane, authorization, timeouts and decompression
//! (see [`stack`] for the order and the reasons) and comes back as an [`Answer`]. Pages
//! ([`Pages`]) and `$batch` ([`GraphClient::batch`]) are built on the same path, so no request
//! can pass a layer by.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let tenant = graph_simulator::Tenant::builder().seed(7).users(120).build();
//! # let simulator = graph_simulator::Simulator::builder(tenant).build();
//! # let (tenant_id, client_id) = (simulator.tenant_id(), simulator.client_id());
//! # let secret = Secret::new(simulator.client_secret());
//! use graph_transport::{ClientSecret, Cloud, CloudName, GraphClient, GraphRequest, Secret};
//!
//! let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
//! let credential = ClientSecret::new(tenant_id, client_id, secret);
//! let client = GraphClient::builder(cloud, credential)
//! #   .wire(simulator.service())
//!     .build()?;
//!
//! let first = GraphRequest::get(client.cloud().link("/v1.0/users?$select=id,displayName")?);
//! let mut pages = client.pages(first);
//! while let Some(page) = pages.next().await {
//!     for item in page?.items() {
//!         println!("{item}");
//!     }
//! }
//! let proof = pages.proof().expect("the walk reached its end");
//! assert_eq!(proof.items, 120);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | a tenant, its cloud and how to sign in | [`Cloud`], [`Credential`] and what implements it |
//! | one call | [`GraphRequest`], [`GraphClient::send`], [`Answer`] |
//! | a collection, a delta round | [`GraphClient::pages`], [`Page`], [`Proof`] |
//! | many calls in few | [`GraphClient::batch`], [`Batch`], [`BatchItem`] |
//! | a large file, an operation that takes long | [`UploadSession`], [`LongRunning`] |
//! | what went wrong, and what to do | [`Error`], [`GraphError`], [`Disposition`] |
//! | how often and how fast | [`RetryConfig`], [`Concurrency`], [`Lanes`], [`Timeouts`] |
//! | what happens inside | [`observe`] |
//! | another order, or layers of one's own | [`stack`] |
//! | how one's own code copes with failures | [`chaos`] |
//!
//! An answer that is not a success is an [`Answer`]; [`Answer::into_success`] makes it an error. An
//! [`Error`] prints as one line that fits after "failed to", never repeats its source and never
//! shows a secret:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use graph_transport::{ClientSecret, Cloud, CloudName, GraphClient, GraphRequest, Secret};
//! # let tenant = graph_simulator::Tenant::builder().seed(7).users(2).build();
//! # let simulator = graph_simulator::Simulator::builder(tenant).build();
//! # let secret = Secret::new(simulator.client_secret());
//! # let credential = ClientSecret::new(simulator.tenant_id(), simulator.client_id(), secret);
//! # let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
//! # let client = GraphClient::builder(cloud, credential).wire(simulator.service()).build()?;
//! use graph_transport::Disposition;
//!
//! let link = client.cloud().link("/v1.0/users/nobody@contoso.example")?;
//! let answer = client.send(GraphRequest::get(link)).await?;
//! let error = answer.into_success().expect_err("there is no such user");
//! assert_eq!(error.disposition(), Disposition::NotFound);
//! let shown = error.to_string();
//! assert!(shown.contains("404 Request_ResourceNotFound"), "{shown}");
//! assert!(shown.ends_with("for GET /users/{id} after 1 attempt"), "{shown}");
//! # Ok(())
//! # }
//! ```

mod address;
mod answer;
mod attempt;
mod authority;
mod authorize;
mod batch;
mod body;
pub mod chaos;
mod client;
mod clock;
mod cloud;
mod collect;
mod credential;
mod deadline;
mod disposition;
mod elsewhere;
mod error;
#[cfg(test)]
mod fake;
mod graph_error;
mod guid;
mod gzip;
mod lane;
#[cfg(test)]
mod laws;
mod link;
pub mod observe;
mod onward;
mod openid;
mod operation;
pub mod options;
mod page;
mod pages;
mod parts;
mod product;
mod proxy;
mod redirect;
mod request;
mod retry;
#[cfg(test)]
mod script;
mod secret;
mod secret_source;
pub mod stack;
mod timeouts;
mod token;
mod trail;
mod upload;
mod wire;

pub use answer::{Answer, Attempt};
pub use batch::{Batch, BatchAnswer, BatchAnswers, BatchError, BatchItem, BatchStream};
pub use client::{BuildError, GraphClient, GraphClientBuilder};
pub use clock::{Clock, SystemClock};
pub use cloud::{ApiVersion, Cloud, CloudError, CloudName, CustomCloud};
pub use credential::{
    AccessToken, AuthorityRefusal, AzureCli, BoxFuture, ClientSecret, Credential, CredentialError,
    DeviceCode, DevicePrompt, ManagedIdentity, RefreshToken, RefreshTokenFile, RefreshTokenStore,
    StaticBearer, TokenRequest, UserAssigned, WorkloadIdentity,
};
#[cfg(feature = "tls")]
pub use credential::{AuthorizationCode, Certificate, CertificateError, ClientCertificate};
pub use disposition::Disposition;
pub use elsewhere::PreauthenticatedUrl;
pub use error::{Error, Record, TimeoutPhase, Tried};
pub use graph_error::GraphError;
pub use lane::{
    Access, BudgetCounts, ClosedLane, Concurrency, LaneBudget, LaneError, LaneSettings,
    LaneSnapshot, Lanes, Partition, Remaining, RequestCost, SMALL_TOP_BELOW, TenantSize,
};
pub use link::{GraphLink, LinkError};
pub use observe::{Logging, Metrics, Observe};
pub use openid::TenantId;
pub use operation::{LongRunning, OperationError, OperationState, OperationTarget};
pub use options::{InLane, InPartition, RequestOption, RetryIf};
pub use page::{Page, PageError};
pub use pages::{Items, Pages, Position, Proof};
pub use product::Product;
pub use proxy::{Proxies, ProxyError};
pub use redirect::{Redirect, RedirectError, Redirects};
pub use request::GraphRequest;
pub use retry::{Backoff, RetryConfig};
pub use secret::Secret;
pub use secret_source::{SecretFile, SecretSource};
pub use timeouts::{MinThroughput, Timeouts};
pub use token::TokenCache;
pub use upload::{FileSource, StreamSource, UploadError, UploadSession, UploadSource};
pub use wire::HttpVersion;
