//! A killed import: the next one completes with the rows of an undisturbed one (A1, A2, A4, A10).

use graph_simulator::{Fault, FaultPlan, FaultRule};

use crate::support::{Place, RunningTenant};

const KILLS: usize = 12;

#[test]
fn a_killed_import_continues_to_the_rows_of_an_undisturbed_one() {
    let tenant = RunningTenant::slow(9, 300);
    let undisturbed = Place::with_tenant(&tenant);
    undisturbed.succeed(&["import"]);
    let needed = tenant.simulator.requests().iter().filter(|it| !it.in_batch).count();

    let disturbed = Place::with_tenant(&tenant);
    for kill in 1..=KILLS {
        let sent = || tenant.simulator.requests().iter().filter(|it| !it.in_batch).count();
        // Each run gets a little further than sign-in and the pages that the earlier ones committed.
        let until = sent() + 2 + kill * needed / (2 * KILLS);
        let mut child = disturbed.spawn(&["import"]);
        while sent() < until && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    disturbed.succeed(&["import"]);
    assert_eq!(disturbed.dump(), undisturbed.dump());

    let killed =
        disturbed.json(&["query", "select count(*) as n from import_runs where status = 'killed'"]);
    assert!(
        killed[0]["n"].as_u64().unwrap() > 0,
        "no run was killed in the middle: the test shows nothing"
    );
}

/// Outside the import loop a request to stop ends the process at once, with the same code.
#[cfg(unix)]
#[test]
fn a_command_that_waits_is_interrupted_with_130() {
    let stalled = FaultRule::new(Fault::Stall { millis: 600_000 }).path("/**");
    let tenant = RunningTenant::with_faults(9, 20, FaultPlan::new(1).rule(stalled));
    let place = Place::with_tenant(&tenant);
    let mut child = place.spawn(&["run", "user.count"]);
    while tenant.requests("oauth2") < 1 {
        std::thread::yield_now();
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// A9: SIGTERM stops after the page in hand; the next run continues.
#[cfg(unix)]
#[test]
fn an_interrupted_import_ends_with_130_and_continues() {
    let tenant = RunningTenant::slow(9, 200);
    let place = Place::with_tenant(&tenant);
    let mut child = place.spawn(&["import"]);
    while tenant.requests("/delta") < 3 {
        std::thread::yield_now();
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    place.succeed(&["import"]);
    let undisturbed = Place::with_tenant(&tenant);
    undisturbed.succeed(&["import"]);
    assert_eq!(place.dump(), undisturbed.dump());
}
