//! Who works on what: lanes are taken, kept and given back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graph_import::{
    Completeness, Coordinator, CoordinatorError, ImportError, InProcess, Lane, Lease, SqliteStore,
    Stop,
};
use graph_transport::BoxFuture;

use crate::rounds::small;
use crate::script::error;
use crate::store::Bench;

/// Renews so many times, and remembers what it was asked.
#[derive(Debug)]
struct Scheduler {
    renewals: AtomicU64,
    asked: Mutex<Vec<String>>,
}

impl Scheduler {
    fn new(renewals: u64) -> Arc<Self> {
        Arc::new(Self { renewals: renewals.into(), asked: Mutex::default() })
    }

    fn note(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }
}

impl Coordinator for Scheduler {
    fn claim<'a>(
        &'a self,
        lane: &'a Lane,
    ) -> BoxFuture<'a, Result<Option<Lease>, CoordinatorError>> {
        self.note(format!("claim {}", lane.name));
        let lease = Lease { lane: lane.clone(), epoch: 7, ttl: Duration::from_secs(60) };
        Box::pin(async { Ok(Some(lease)) })
    }

    fn renew<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<bool, CoordinatorError>> {
        self.note(format!("renew {}", lease.epoch));
        let is_ours = self
            .renewals
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok();
        Box::pin(async move { Ok(is_ours) })
    }

    fn finish<'a>(
        &'a self,
        lease: &'a Lease,
        completed: bool,
    ) -> BoxFuture<'a, Result<(), CoordinatorError>> {
        self.note(format!("finish {} {completed}", lease.lane.name));
        Box::pin(async { Ok(()) })
    }
}

/// The second page of users makes the run wait.
fn slow(seconds: u32) -> Bench {
    let script = small();
    let mut throttled = error(429, "TooManyRequests");
    throttled.headers.push(("Retry-After", seconds.to_string()));
    let second = "/v1.0/users/delta?$skiptoken=u2";
    script.forget(second).on(second, throttled).on(
        second,
        crate::script::page(
            &[crate::script::user(2, "Bo")],
            Some("deltaLink=/v1.0/users/delta?$deltatoken=u3"),
        ),
    );
    Bench::new(script)
}

/// One lane is claimed once, renewed every third of its time, and given back.
#[tokio::test(start_paused = true)]
async fn a_run_holds_its_lanes_from_the_beginning_to_the_end() {
    let (bench, scheduler) = (slow(50), Scheduler::new(u64::MAX));
    let importer = bench.importer(SqliteStore::new(bench.path())).coordinator(scheduler.clone());
    let importer = importer.replication_margin(Duration::ZERO);
    let report = importer.run(&(), &Stop::new()).await.unwrap();
    assert_eq!(report.completeness, Completeness::Proven);
    let asked = scheduler.asked.lock().unwrap().clone();
    assert_eq!(asked, ["claim directory", "renew 7", "renew 7", "finish directory true"]);
}

/// facts: evidence-and-security, "Lease protocol": zero rows renewed cancels the work at once; the
/// store keeps what was committed, and whoever holds the lane next goes on there.
#[tokio::test(start_paused = true)]
async fn a_run_whose_lane_is_lost_ends_and_the_next_one_goes_on() {
    let (bench, scheduler) = (slow(500), Scheduler::new(1));
    let importer = bench.importer(SqliteStore::new(bench.path())).coordinator(scheduler.clone());
    let began = tokio::time::Instant::now();
    let lost = importer.run(&(), &Stop::new()).await.unwrap_err();
    assert!(matches!(lost, ImportError::Held { lane: "directory" }), "{lost:?}");
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    assert_eq!(bench.query("SELECT status FROM import_runs"), ["failed"]);
    assert_eq!(bench.query("SELECT display_name FROM object_users"), ["Ada"]);
    bench.script.requests();
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert!(!bench.script.sent().contains(&crate::script::USERS.to_owned()));
}

/// G1, G3: two runs on one coordinator do not queue up; the second one says so at once.
#[tokio::test(start_paused = true)]
async fn a_lane_that_is_held_is_not_waited_for() {
    let bench = slow(50);
    let shared = Arc::new(InProcess::default());
    let one = bench.importer(SqliteStore::new(bench.path())).coordinator(shared.clone());
    let other = bench.importer(SqliteStore::new(bench.path())).coordinator(shared);
    let stop = Stop::new();
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        other.run(&(), &stop).await
    };
    let (first, second) = tokio::join!(one.run(&(), &stop), second);
    assert_eq!(first.unwrap().completeness, Completeness::Proven);
    assert!(matches!(second, Err(ImportError::Held { .. })), "{second:?}");
    assert_eq!(other.run(&(), &stop).await.unwrap().completeness, Completeness::Proven);
}
