//! What must hold whatever happens: invariants I1 to I8 over random tenants, faults, churn and
//! crashes. The Graph is the simulator, in this process and in virtual time.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod every_commit;
mod every_operation;
mod every_stream;
mod full_disk;
mod imports;
mod invariants;
#[cfg(unix)]
mod kill;
mod logs;
mod place;
mod random;
mod replicas;
mod simulated;
mod stores;
mod torn_log;
mod trouble;
mod truth;
mod two_writers;
