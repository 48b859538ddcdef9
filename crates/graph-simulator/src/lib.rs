//! A Microsoft Graph tenant in a process, for tests and first steps.

mod body;
mod clock;
mod console;
mod core;
mod directory;
mod faults;
mod identity;
mod latency;
mod protocol;
mod recorder;
mod replication;
mod server;
mod service;
mod settings;
mod simulator;
mod tenant;
mod throttle;
mod truth;

pub use body::{Broken, ResponseBody};
pub use clock::Clock;
pub use directory::truth::{TrueMembership, TrueObject};
pub use faults::{Fault, FaultPlan, FaultRule};
pub use latency::Latency;
pub use recorder::{RecordedRequest, Statistics};
#[cfg(feature = "tls")]
pub use server::CertificateError;
pub use server::{ListenError, Server};
pub use service::{Closed, SimulatorService};
pub use settings::DeltaLiberties;
pub use simulator::{Simulator, SimulatorBuilder};
pub use tenant::{InvalidObjectId, Kind, ObjectId, Stage, Tenant, TenantBuilder};
pub use throttle::{RetryAfter, Throttle};
pub use truth::{SetHash, Truth};
