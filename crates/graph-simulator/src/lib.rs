//! A Microsoft Graph tenant in a process: for tests, and for first steps without a tenant.
//!
//! The [`Tenant`] is a pure function of a seed, a size and a moment, so that a million users take
//! no more memory than ten, and the same description gives the same tenant everywhere. Requests may
//! write to it; what they write is kept beside it while the [`Simulator`] lives. Links and tokens
//! carry all they mean: a new process with the same tenant goes on where the last one stopped.
//!
//! ```
//! use graph_simulator::{Fault, FaultPlan, FaultRule, Simulator, Tenant};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tenant = Tenant::builder().seed(7).users(200).build();
//! let faults = FaultPlan::new(1).rule(FaultRule::new(Fault::throttled("0.249")).path("/users").nth(1));
//! let simulator = Simulator::builder(tenant).faults(faults).build();
//! let server = simulator.listen("127.0.0.1:0".parse()?).await?;
//!
//! // A client signs in at {authority}/{tenant}/oauth2/v2.0/token and reads {graph_root}/v1.0/users.
//! println!("{} {}", server.authority(), simulator.tenant_id());
//! println!("{} {}", simulator.client_id(), simulator.client_secret());
//!
//! // Later about one object in a hundred has changed; this is what a reader must have by then.
//! simulator.advance(1);
//! println!("{:?}", simulator.truth().memberships_hash());
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! It follows what is documented of Graph and nothing else; where Graph leaves room, a builder
//! method chooses. It listens on loopback addresses only. The README has a table of the behaviours
//! it shows, each with its source and its test.

mod app_registration;
mod body;
mod churn;
mod clock;
mod cloud;
mod console;
mod core;
mod directory;
mod entities;
mod faults;
mod identity;
mod latency;
mod managed_identity;
mod protocol;
mod recorder;
mod replication;
mod server;
mod service;
mod settings;
mod simulator;
mod site;
mod tenant;
mod throttle;
mod truth;

pub use app_registration::{AppRegistration, CredentialError, FederatedCredential};
pub use body::{Broken, ResponseBody};
pub use churn::{Churn, ChurnAction, ChurnError, ChurnStep, ChurnWrite};
pub use clock::Clock;
pub use cloud::{Cloud, UnknownCloud};
pub use directory::truth::{Relationship, TrueEdge, TrueMembership, TrueObject};
pub use faults::{Fault, FaultPlan, FaultPlanError, FaultRule, HeaderValues, PlanProblem};
pub use latency::Latency;
pub use managed_identity::ManagedIdentity;
pub use recorder::{RecordedRequest, Statistics};
pub use replication::ReplicationLag;
#[cfg(feature = "tls")]
pub use server::CertificateError;
pub use server::{ListenError, Server};
pub use service::{Closed, SimulatorService};
pub use settings::DeltaLiberties;
pub use simulator::builder::SimulatorBuilder;
pub use simulator::{Simulator, UndecidedDevice};
pub use tenant::{InvalidObjectId, Kind, ObjectId, Plan, Stage, Tenant, TenantBuilder};
pub use throttle::{Budget, Counts, RetryAfter, Scope, Throttle};
pub use truth::{SetHash, Truth};
