//! A killed import: the next one completes with the rows of an undisturbed one (A1, A2, A4, A9, A10).

use std::collections::BTreeMap;
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};

use graph_simulator::{Fault, FaultPlan, FaultRule, Kind};
use rusqlite::Connection;

use crate::support::{Place, RunningTenant};

const KILLS: u64 = 40;
/// Decides at which instants the imports are killed.
const SEED: u64 = 20_310_704;

/// Numbers that look random, the same for the same seed (Marsaglia's xorshift).
struct Chance(AtomicU64);

impl Chance {
    fn below(&self, end: u64) -> u64 {
        let step = |mut x: u64| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^ (x << 17)
        };
        let drawn = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |x| Some(step(x)));
        drawn.unwrap_or_default() % end.max(1)
    }
}

fn sent(tenant: &RunningTenant) -> u64 {
    tenant.simulator.statistics().requests
}

/// Kills an import at a random instant: so many requests after it began, and a little later. Whether
/// it was still running.
fn kill(mut child: Child, tenant: &RunningTenant, requests: u64, turns: u64) -> bool {
    let until = sent(tenant) + requests;
    let running = |child: &mut Child| child.try_wait().unwrap().is_none();
    while sent(tenant) < until && running(&mut child) {
        std::thread::yield_now();
    }
    for _ in 0..turns {
        std::thread::yield_now();
    }
    let killed = running(&mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    killed
}

/// What must hold of a store that nobody is writing to, of a tenant that stands still.
fn assert_invariants(place: &Place, tenant: &RunningTenant, what: &str) -> BTreeMap<String, u64> {
    let Ok(store) = graph_import::sqlite::read_only(&place.path("graph.db")) else {
        return BTreeMap::new(); // killed before the first transaction
    };
    let text = |sql: &str| store.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("PRAGMA integrity_check"), "ok", "{what}");
    let count = |sql: &str| number(&store, sql);
    for (stream, kind) in [("users", Kind::User), ("groups", Kind::Group)] {
        let deleted = count(&format!("SELECT count(*) FROM deleted_{stream}"));
        assert_eq!(deleted, 0, "I3: {what}: {stream}");
        let watermarked = format!(
            "SELECT count(*) FROM import_stream WHERE stream = '{stream}' AND phase = 'idle'"
        );
        let live = count(&format!("SELECT count(*) FROM {stream}"));
        if count(&watermarked) > 0 {
            assert_eq!(live, tenant.count(kind), "I2: {what}: {stream}");
        }
        assert!(live <= tenant.count(kind), "{what}: {stream}");
    }
    assert_eq!(count("SELECT count(*) FROM closed_members"), 0, "I3: {what}: members");
    let commits = "SELECT stream, seq FROM import_stream";
    let mut commits = store.prepare(commits).unwrap();
    let rows = commits.query_map([], |row| Ok((row.get(0)?, row.get::<_, u32>(1)?.into())));
    rows.unwrap().map(Result::unwrap).collect()
}

fn number(store: &Connection, sql: &str) -> u64 {
    store.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap().into()
}

#[test]
fn forty_kills_at_random_instants_cost_nothing() {
    let tenant = RunningTenant::slow_in_pages_of(4, 9, 700);
    let undisturbed = Place::with_tenant(&tenant);
    undisturbed.succeed(&["import"]);
    let needed = sent(&tenant);
    assert!(needed > KILLS, "{needed} requests are too few for {KILLS} kills");

    let disturbed = Place::with_tenant(&tenant);
    let chance = Chance(AtomicU64::new(SEED));
    let (mut kills, mut commits) = (0, BTreeMap::new());
    for attempt in 0..KILLS * 3 {
        // Most runs get a little further than sign-in, what the plan counts and the first page, some
        // not even there.
        let (requests, turns) = (2 + chance.below(30), chance.below(3_000));
        let child = disturbed.spawn(&["import", "--skip-space-check"]);
        kills += u64::from(kill(child, &tenant, requests, turns));
        let what = format!("attempt {attempt} of seed {SEED}");
        let now = assert_invariants(&disturbed, &tenant, &what);
        for (stream, seq) in &now {
            let before = commits.get(stream).copied().unwrap_or_default();
            assert!(*seq >= before, "I2: {what}: {stream} went back from commit {before} to {seq}");
        }
        commits = now;
        if kills == KILLS {
            break;
        }
    }
    assert_eq!(kills, KILLS, "the import was over before it could be killed");
    disturbed.succeed(&["import"]);
    assert_eq!(disturbed.dump(), undisturbed.dump(), "seed {SEED}");

    let sql = "select count(*) as n from import_runs where status = 'killed'";
    let in_the_middle = disturbed.json(&["query", sql])[0]["n"].as_u64().unwrap();
    assert!(in_the_middle >= KILLS / 2, "only {in_the_middle} runs were killed in the middle");
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
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// A9: SIGTERM and SIGINT stop after the page in hand; the next run continues.
#[cfg(unix)]
#[test]
fn an_interrupted_import_ends_with_130_and_continues() {
    for name in ["-TERM", "-INT"] {
        let tenant = RunningTenant::slow(9, 200);
        let place = Place::with_tenant(&tenant);
        let mut child = place.spawn(&["import"]);
        while tenant.requests("/delta") < 3 {
            std::thread::yield_now();
        }
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{name}");
        let last = place.json(&["query", "select status from import_runs limit 1"]);
        assert_eq!(last[0]["status"], "interrupted", "{name}");
        let status = place.json(&["import", "status"]);
        let next = |it: &serde_json::Value| it["next"].as_str().map(str::to_owned);
        let next: Vec<String> =
            status["streams"].as_array().unwrap().iter().filter_map(next).collect();
        let told = |it: &String| it.starts_with("goes on") || it == "reads everything";
        assert!(!next.is_empty() && next.iter().all(told), "{name}: {next:?}");
        place.succeed(&["import"]);
        let undisturbed = Place::with_tenant(&tenant);
        undisturbed.succeed(&["import"]);
        assert_eq!(place.dump(), undisturbed.dump(), "{name}");
    }
}

#[cfg(unix)]
pub(crate) fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
}
