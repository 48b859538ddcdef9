//! A store as it was, and what differs between two moments.

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::sqlite::{Difference, Moment, StoreReader};

/// Ends the run at this minute and begins the next one.
fn next_run(bench: &mut Bench, minute: u32) {
    let at = format!("2031-01-01T00:{minute:02}:00.000Z");
    let end =
        RunRecord { status: "completed", requests: 1, resource_units: 1, report: "{}", at: &at };
    bench.store.finish(&end).unwrap();
    bench.reclaim();
}

/// Three runs: a load, a round of changes, and one that takes some of them back.
fn eventful() -> Bench {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada"), user(2, "Bo"), user(3, "Cy")]);
    bench.last("groups", &[group(9, "Dock")]);
    bench.complete(9, &[1, 2]);
    bench.publish_members();
    next_run(&mut bench, 1);
    bench.last("users", &[user(1, "Ada 2"), removed(2, "changed"), user(4, "Di")]);
    bench.complete(9, &[1, 4]);
    next_run(&mut bench, 2);
    bench.last("users", &[user(1, "Ada"), removed(3, "deleted"), user(2, "Bo 2")]);
    bench.complete(9, &[1, 2]);
    next_run(&mut bench, 3);
    bench
}

fn shown(bench: &Bench, moment: &Moment, sql: &str) -> Vec<String> {
    let reader = StoreReader::as_of(&bench.path(), moment).unwrap();
    let mut statement = reader.connection().prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

const USERS: &str = "SELECT display_name FROM users ORDER BY id";
const MEMBERS: &str = "SELECT substr(member_id, -1) FROM group_members ORDER BY 1";

#[test]
fn each_run_shows_what_it_has_left() {
    let bench = eventful();
    for (run, users, members, effective) in [
        (1, vec!["Ada", "Bo", "Cy"], vec!["1", "2"], 2),
        (2, vec!["Ada 2", "Cy", "Di"], vec!["1", "4"], 2),
        (3, vec!["Ada", "Bo 2", "Di"], vec!["1", "2"], 2),
    ] {
        let moment = Moment::Run(run);
        assert_eq!(shown(&bench, &moment, USERS), users, "run {run}");
        assert_eq!(shown(&bench, &moment, MEMBERS), members, "run {run}");
        let sql = "SELECT CAST(count(*) AS TEXT) FROM group_members_effective";
        assert_eq!(shown(&bench, &moment, sql), [effective.to_string()], "run {run}");
    }
    let gone = "SELECT display_name || ' ' || deletion FROM deleted_users ORDER BY id";
    assert_eq!(shown(&bench, &Moment::Run(2), gone), ["Bo soft"]);
    assert_eq!(shown(&bench, &Moment::Run(3), gone), ["Cy hard"]);
}

#[test]
fn a_time_is_the_end_of_the_last_run_before_it() {
    let bench = eventful();
    let at = |text: &str| text.parse::<Moment>().unwrap();
    assert_eq!(shown(&bench, &at("2031-01-01T00:01:59Z"), USERS), ["Ada", "Bo", "Cy"]);
    assert_eq!(shown(&bench, &at("2031-01-01T00:02:00Z"), USERS), ["Ada 2", "Cy", "Di"]);
    assert_eq!(shown(&bench, &at("2031-01-01"), USERS), ["Ada", "Bo 2", "Di"]);
    let early = Moment::Time(Timestamp::UNIX_EPOCH);
    for moment in [early, Moment::Run(4), Moment::Run(77)] {
        let error = StoreReader::as_of(&bench.path(), &moment).unwrap_err();
        assert!(matches!(error, StoreError::NoRun { .. }), "{moment}: {error}");
    }
    assert!("yesterday".parse::<Moment>().is_err());
}

#[test]
fn a_stream_shows_nothing_before_its_first_publication() {
    let mut bench = Bench::new();
    bench.page("users", &[user(1, "Ada")]);
    next_run(&mut bench, 1);
    bench.last("users", &[user(2, "Bo")]);
    next_run(&mut bench, 2);
    assert_eq!(shown(&bench, &Moment::Run(1), USERS), [""; 0]);
    assert_eq!(shown(&bench, &Moment::Run(2), USERS), ["Ada", "Bo"]);
}

fn differences(bench: &Bench, from: u64, to: u64) -> Vec<Difference> {
    let mut found = Vec::new();
    let reader = StoreReader::open(&bench.path()).unwrap();
    let mut each = |difference| {
        found.push(difference);
        true
    };
    reader.differences(from, to, &mut each).unwrap();
    found
}

#[test]
fn a_difference_tells_what_two_moments_do_not_agree_on() {
    let bench = eventful();
    let lines = |from, to| -> Vec<String> {
        let end = |id: &Option<ObjectId>| {
            id.as_ref().map_or(String::new(), |id| id.to_string()[35..].to_owned())
        };
        let line = |it: &Difference| {
            format!("{} {} {}{}", it.stream, it.operation, end(&it.id), end(&it.target_id))
        };
        differences(&bench, from, to).iter().map(line).collect()
    };
    assert_eq!(
        lines(1, 2),
        [
            "users updated 1",
            "users deleted 2",
            "users created 4",
            "members added 94",
            "members removed 92"
        ]
    );
    assert_eq!(
        lines(2, 3),
        [
            "users updated 1",
            "users restored 2",
            "users deleted 3",
            "members added 92",
            "members removed 94"
        ]
    );
    // Ada's new name and the member that came and went are no difference between these two.
    assert_eq!(lines(1, 3), ["users updated 2", "users deleted 3", "users created 4"]);
    let fields = &differences(&bench, 1, 2)[0].fields;
    assert_eq!(fields.len(), 1);
    assert_eq!(
        json!(fields[0]),
        json!({"property": "displayName", "before": "Ada", "after": "Ada 2"})
    );
    assert_eq!(differences(&bench, 1, 2)[0].name.as_deref(), Some("Ada 2"));
}

#[test]
fn a_stream_that_was_loaded_between_is_one_difference() {
    let mut bench = Bench::new();
    bench.last("groups", &[group(9, "Dock")]);
    next_run(&mut bench, 1);
    bench.last("users", &[user(1, "Ada"), user(2, "Bo")]);
    next_run(&mut bench, 2);
    let found = differences(&bench, 1, 2);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].stream.as_str(), found[0].count), ("users", Some(2)));
}
