//! Who works on what: one lane of one tenant is handed out at a time.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use graph_transport::{BoxFuture, TenantId};

/// Hands out lanes of tenants, so that an engine that many workers share can schedule imports.
///
/// A coordinator is only a scheduler. What has happened the store knows: a worker begins by reading
/// it, and each commit is fenced by the epoch of the store's own claim (facts: evidence-and-security,
/// "The commit rule"), so that a worker which has lost a lane without noticing changes nothing. The
/// coordinator's epoch fences the coordinator's own calls (facts: evidence-and-security, "Lease
/// protocol").
pub trait Coordinator: fmt::Debug + Send + Sync + 'static {
    /// Takes a lane; `None` where somebody else holds it.
    fn claim<'a>(
        &'a self,
        lane: &'a Lane,
    ) -> BoxFuture<'a, Result<Option<Lease>, CoordinatorError>>;

    /// Holds a lane for another [`Lease::ttl`]; `false` where it has gone to somebody else. The
    /// holder then stops at once.
    fn renew<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<bool, CoordinatorError>>;

    /// Gives a lane back; `completed` says whether its work is done, as opposed to given up. A lane
    /// that has gone to somebody else stays there.
    fn finish<'a>(
        &'a self,
        lease: &'a Lease,
        completed: bool,
    ) -> BoxFuture<'a, Result<(), CoordinatorError>>;
}

/// A piece of work: what one rate-limit budget of one tenant pays for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lane {
    /// The tenant.
    pub tenant: TenantId,
    /// The lane, `directory`; `other` for what has no budget of its own.
    pub name: &'static str,
}

/// The right to work on a lane, until its time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The lane.
    pub lane: Lane,
    /// Rises whenever the lane is claimed.
    pub epoch: u64,
    /// How long it holds. It is renewed after a third of that; a holder whose renewals fail stops
    /// after half of it.
    pub ttl: Duration,
}

/// Why a coordinator could not answer.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct CoordinatorError {
    /// What was tried, `claim the lane`.
    pub what: &'static str,
    /// Why it failed.
    pub source: Box<dyn Error + Send + Sync>,
}

/// The coordinator of one process: its runs do not take the same lane at once.
#[derive(Debug, Default)]
pub struct InProcess {
    lanes: Mutex<HashMap<Lane, Held>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    epoch: u64,
    held: bool,
}

/// As the lease protocol has it. Nobody takes a lane away in one process.
const TTL: Duration = Duration::from_secs(60);

impl InProcess {
    fn with<R>(&self, lane: &Lane, change: impl FnOnce(&mut Held) -> R) -> R {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        change(lanes.entry(lane.clone()).or_default())
    }
}

impl Coordinator for InProcess {
    fn claim<'a>(
        &'a self,
        lane: &'a Lane,
    ) -> BoxFuture<'a, Result<Option<Lease>, CoordinatorError>> {
        let lease = self.with(lane, |held| {
            if held.held {
                return None;
            }
            (held.held, held.epoch) = (true, held.epoch + 1);
            Some(Lease { lane: lane.clone(), epoch: held.epoch, ttl: TTL })
        });
        Box::pin(async { Ok(lease) })
    }

    fn renew<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<bool, CoordinatorError>> {
        let is_ours = self.with(&lease.lane, |held| held.held && held.epoch == lease.epoch);
        Box::pin(async move { Ok(is_ours) })
    }

    fn finish<'a>(
        &'a self,
        lease: &'a Lease,
        _completed: bool,
    ) -> BoxFuture<'a, Result<(), CoordinatorError>> {
        self.with(&lease.lane, |held| held.held &= held.epoch != lease.epoch);
        Box::pin(async { Ok(()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lane_is_held_by_one_until_it_is_given_back() {
        let tenant = TenantId::parse("11111111-1111-4111-8111-111111111111").unwrap();
        let lane = Lane { tenant, name: "directory" };
        let other = Lane { name: "reports", ..lane.clone() };
        let coordinator = InProcess::default();
        let first = coordinator.claim(&lane).await.unwrap().unwrap();
        assert_eq!(coordinator.claim(&lane).await.unwrap(), None);
        assert!(coordinator.claim(&other).await.unwrap().is_some());
        assert!(coordinator.renew(&first).await.unwrap());
        coordinator.finish(&first, true).await.unwrap();
        assert!(!coordinator.renew(&first).await.unwrap());
        let second = coordinator.claim(&lane).await.unwrap().unwrap();
        assert_eq!((first.epoch, second.epoch), (1, 2));
        coordinator.finish(&first, false).await.unwrap();
        assert!(coordinator.renew(&second).await.unwrap(), "a late holder gives nothing back");
    }
}
