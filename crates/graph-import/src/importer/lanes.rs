//! The lanes of a run: taken before it begins, held while it goes on, given back at its end.

use std::collections::BTreeMap;
use std::convert::Infallible;

use futures_util::future;
use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::RequestCost;
use http::Method;
use tokio::time::Instant;

use super::{ImportError, Importer};
use crate::coordinator::{Coordinator, CoordinatorError, Lane, Lease};
use crate::store::{Store, StreamSet};

/// What has no budget of its own.
const OTHER: &str = "other";

/// The leases of a run.
pub(super) struct Leases<'a> {
    coordinator: &'a dyn Coordinator,
    held: BTreeMap<&'static str, Lease>,
}

impl<'a> Leases<'a> {
    /// Takes what the run needs and nobody else holds.
    pub(super) async fn claim<S: Store>(importer: &'a Importer<S>) -> Result<Self, ImportError> {
        let mut leases = Self { coordinator: &*importer.coordinator, held: BTreeMap::new() };
        let mut refused = None;
        for plan in &importer.streams {
            let name = of(plan, &importer.streams);
            if leases.held.contains_key(name) || refused == Some(name) {
                continue;
            }
            let lane = Lane { tenant: importer.tenant.clone(), name };
            match leases.coordinator.claim(&lane).await {
                Ok(Some(lease)) => drop(leases.held.insert(name, lease)),
                Ok(None) => refused = Some(name),
                Err(error) => {
                    leases.finish(false).await;
                    return Err(error.into());
                }
            }
        }
        match refused {
            Some(lane) if leases.held.is_empty() => Err(ImportError::Held { lane }),
            _ => Ok(leases),
        }
    }

    /// Whether the stream may be read.
    pub(super) fn grant(&self, plan: &StreamPlan, streams: &StreamSet) -> bool {
        self.held.contains_key(of(plan, streams))
    }

    /// Renews the leases for as long as that works.
    pub(super) async fn keep(&self) -> ImportError {
        let kept = self.held.values().map(|lease| Box::pin(self.keep_one(lease)));
        match future::try_join_all(kept).await {
            Err(error) => error,
            // Each goes on for ever, so there was none.
            Ok(_) => future::pending().await,
        }
    }

    async fn keep_one(&self, lease: &Lease) -> Result<Infallible, ImportError> {
        let lane = lease.lane.name;
        let mut renewed = Instant::now();
        loop {
            tokio::time::sleep(lease.ttl / 3).await;
            match self.coordinator.renew(lease).await {
                Ok(true) => renewed = Instant::now(),
                Ok(false) => return Err(ImportError::Held { lane }),
                Err(error) if renewed.elapsed() > lease.ttl / 2 => return Err(error.into()),
                Err(error) => tracing::warn!(lane, %error, "could not renew the lease yet"),
            }
        }
    }

    /// Gives everything back.
    pub(super) async fn finish(self, completed: bool) {
        for lease in self.held.values() {
            if let Err(error) = self.coordinator.finish(lease, completed).await {
                tracing::warn!(lane = lease.lane.name, %error, "could not give the lane back");
            }
        }
    }
}

/// The lane of a stream; edges are read with their owners.
fn of(plan: &StreamPlan, streams: &StreamSet) -> &'static str {
    let owner = match &plan.kind {
        StreamKind::Edges { of } => streams.get(of).unwrap_or(plan),
        _ => plan,
    };
    RequestCost::of(&Method::GET, &owner.endpoint).lane.unwrap_or(OTHER)
}

impl From<CoordinatorError> for ImportError {
    fn from(error: CoordinatorError) -> Self {
        Self::Coordinator(error)
    }
}
