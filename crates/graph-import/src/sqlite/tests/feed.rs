//! The change feed and the history, written with the rows (cases: I4, A13, A14).

use super::*;
use crate::sqlite::{ChangeConsumer, StoreReader};
use crate::{Change, ChangeOperation};

/// The changes after the first loads, as one line each.
fn told(bench: &Bench) -> Vec<String> {
    let changes = StoreReader::open(&bench.path()).unwrap().changes(0, 1000).unwrap();
    changes.iter().map(line).collect()
}

fn line(change: &Change) -> String {
    let end = |id: &Option<ObjectId>| id.as_ref().map_or(String::new(), |id| format!(" {id}"));
    let cause = change.cause.as_deref().unwrap_or("-");
    format!(
        "{} {}{}{} {cause} {:?}",
        change.stream,
        change.operation,
        end(&change.id),
        end(&change.target_id),
        change.columns
    )
}

/// A bench with two users and a group with both, published.
fn published() -> Bench {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada"), user(2, "Bo")]);
    bench.last("groups", &[group(9, "Dock")]);
    bench.complete(9, &[1, 2]);
    bench.publish_members();
    bench
}

const LOADED: [&str; 3] = ["users loaded - []", "groups loaded - []", "members loaded - []"];

#[test]
fn a_first_load_is_one_change_a_stream() {
    let bench = published();
    assert_eq!(told(&bench), LOADED);
    assert_eq!(bench.query("SELECT count(*) FROM history_users"), ["0"]);
}

#[test]
fn each_change_is_told_once_with_what_differs() {
    let mut bench = published();
    bench.reclaim();
    let page = [
        user(1, "Ada 2"),
        user(3, "Cy"),
        removed(2, "changed"),
        format!(r#"{{"id":"{}","accountEnabled":false,"city":"Oslo"}}"#, id(3)),
    ];
    bench.last("users", &page);
    bench.last("users", &[removed(2, "deleted"), user(2, "Bo")]);
    let expected = [
        format!("users updated {} changed [\"display_name\"]", id(1)),
        format!("users created {} reported []", id(3)),
        format!("users deleted {} soft_deleted []", id(2)),
        format!("users updated {} changed [\"enabled\", \"city\"]", id(3)),
        format!("users deleted {} hard_deleted []", id(2)),
        format!("members removed {} {} endpoint_deleted []", id(9), id(2)),
        format!("users restored {} restored []", id(2)),
    ];
    assert_eq!(told(&bench)[3..], expected);
}

/// B1, I4
#[test]
fn a_replay_tells_nothing_and_keeps_nothing() {
    let mut bench = published();
    let page = [user(1, "Ada 2"), removed(2, "changed"), removed(7, "deleted")];
    bench.last("users", &page);
    bench.complete(9, &[1, 3]);
    let (before, kept) = (told(&bench), bench.query("SELECT * FROM history_users"));
    for _ in 0..2 {
        bench.reclaim();
        bench.last("users", &page);
        bench.complete(9, &[1, 3]);
    }
    assert_eq!(told(&bench), before);
    assert_eq!(bench.query("SELECT * FROM history_users"), kept);
}

#[test]
fn a_sweep_tells_what_it_buries_and_keeps_its_states() {
    let mut bench = published();
    bench.reclaim();
    bench.commit("users", Changes::Nothing, Advance::Resync);
    bench.last("users", &[user(1, "Ada")]);
    assert_eq!(told(&bench)[3..], [format!("users deleted {} absent_from_full_round []", id(2))]);
    let kept = "SELECT display_name, cause, since_run, until_run FROM users_history WHERE until_run IS NOT NULL";
    assert_eq!(bench.query(kept), ["Bo | reported | 1 | 2"]);
}

#[test]
fn lists_of_any_length_tell_the_same() {
    let mut long = published();
    let mut short = published();
    for bench in [&mut long, &mut short] {
        bench.reclaim();
    }
    short.complete(9, &[2, 3]);
    long.edges(9, EdgeList::Part { first: true, edges: list(&[3]) });
    long.edges(9, EdgeList::Rest(list(&[2])));
    let (mut short, mut long) = (told(&short), told(&long));
    short.sort();
    long.sort();
    assert_eq!(short, long);
    assert!(long.contains(&format!("members added {} {} reported []", id(9), id(3))), "{long:?}");
    assert!(long.contains(&format!("members removed {} {} removed []", id(9), id(1))), "{long:?}");
}

/// SCD 2: the intervals of an object touch each other and the last one is open.
#[test]
fn every_state_of_an_object_is_in_its_history() {
    let mut bench = published();
    for name in ["Ada 2", "Ada 3"] {
        bench.reclaim();
        bench.last("users", &[user(1, name)]);
    }
    bench.reclaim();
    bench.last("users", &[removed(1, "changed")]);
    let shown = "SELECT display_name, since_run, until_run, cause, deletion FROM users_history
        WHERE id LIKE '%01' ORDER BY since_run";
    assert_eq!(
        bench.query(shown),
        [
            "Ada | 1 | 2 | reported | null",
            "Ada 2 | 2 | 3 | changed | null",
            "Ada 3 | 3 | 4 | changed | null",
            "Ada 3 | 4 | null | soft_deleted | soft",
        ]
    );
    let edges =
        "SELECT member_id, since_run, until_run, cause FROM group_members_history ORDER BY 1, 2";
    bench.complete(9, &[2]);
    assert_eq!(
        bench.query(edges),
        [format!("{} | 1 | 4 | removed", id(1)), format!("{} | 1 | null | null", id(2))]
    );
}

/// A13, A14: each consumer has its own cursor; what is not acknowledged comes again.
#[test]
fn consumers_go_their_own_way() {
    let bench = published();
    let mut fast = ChangeConsumer::open(&bench.path(), "fast").unwrap();
    let slow = ChangeConsumer::open(&bench.path(), "slow").unwrap();
    let numbers = |changes: Vec<Change>| changes.iter().map(|it| it.number).collect::<Vec<_>>();
    assert_eq!(numbers(fast.next(2).unwrap()), [1, 2]);
    assert_eq!(numbers(fast.next(2).unwrap()), [1, 2], "at least once");
    fast.acknowledge(2).unwrap();
    fast.acknowledge(1).unwrap();
    assert_eq!(numbers(fast.next(10).unwrap()), [3]);
    drop(fast);
    let fast = ChangeConsumer::open(&bench.path(), "fast").unwrap();
    assert_eq!((fast.position().unwrap(), slow.position().unwrap()), (2, 0));
    assert_eq!((fast.backlog().unwrap().changes, slow.backlog().unwrap().changes), (1, 3));
    assert_eq!(slow.backlog().unwrap().oldest.as_deref(), Some(AT));
    slow.forget().unwrap();
    assert!(matches!(
        ChangeConsumer::open(&bench.path(), "slow").unwrap().next(9).unwrap()[0].operation,
        ChangeOperation::Loaded
    ));
}

/// H2, H7: a past state is shown as it was shown when it was the present one, whatever its columns are.
#[test]
fn a_past_state_has_the_columns_that_it_had() {
    use graph_dsl::ColumnKind::{Boolean, DateTime, Guid, Integer, Json, List, Text};

    let kinds = [
        ("text", Text),
        ("switch", Boolean),
        ("count", Integer),
        ("at", DateTime),
        ("guid", Guid),
        ("list", List),
        ("json", Json),
        ("inner.text", Text),
        ("inner.at", DateTime),
    ];
    let column = |plan: StreamPlan, (name, kind): &(&str, _)| {
        plan.column(&name.replace('.', "_"), name, *kind)
    };
    let plan = StreamPlan::delta("things", "thing", "/things/delta");
    let streams = StreamSet::new([kinds.iter().fold(plan, column)]).unwrap();
    let mut bench = Bench::new();
    bench.run = bench.store.claim(&tenant(), &streams, AT).unwrap().run;
    let values = [
        r#""some""#,
        "true",
        "-3",
        r#""2031-01-31T12:00:00Z""#,
        r#""2031-01-31T12:00:00.1239Z""#,
        r#""0001-01-01T00:00:00Z""#,
        r#""2031-01-31T14:00:00+02:00""#,
        r#""2031-01-31T12:00:00""#,
        r#""AB1F0000-0000-4000-8000-0000000000FF""#,
        r#"["a","b"]"#,
        r#"{"a":[1,{"b":null}]}"#,
        r#"{"text":"x","at":"2031-01-31T12:00:00.5Z"}"#,
        "1.5",
        "12",
        "false",
    ];
    let things = |value: &str| -> Vec<String> {
        let properties = ["text", "switch", "count", "at", "guid", "list", "json", "inner"];
        let thing = |(n, name): (u32, &str)| format!(r#"{{"id":"{}","{name}":{value}}}"#, id(n));
        (1..).zip(properties).map(thing).collect()
    };
    let columns = "text, switch, count, at, guid, list, json, inner_text, inner_at";
    let present = format!("SELECT id, {columns} FROM things ORDER BY id");
    let mut shown = Vec::new();
    for value in values {
        bench.last("things", &things(value));
        shown.extend(bench.query(&present));
    }
    shown.sort_unstable();
    let all = format!("SELECT id, {columns} FROM things_history");
    let mut history = bench.query(&all);
    history.sort_unstable();
    assert_eq!(history, shown);
}
