//! Effective membership over nested groups.

use super::*;

fn member(n: u32, kind: &str) -> Edge {
    Edge { target: ObjectId::new(&id(n)), target_type: EdgeType::new(kind) }
}

/// Groups 91.. with the members that are given; numbers from 91 on are groups.
fn nested(groups: &[(u32, &[u32])]) -> Bench {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada"), user(2, "Bo"), user(3, "Cy")]);
    let all: Vec<_> = groups.iter().map(|(n, _)| group(*n, &format!("G{n}"))).collect();
    bench.last("groups", &all);
    for (owner, members) in groups {
        let kind = |n: &u32| if *n > 90 { member(*n, "group") } else { member(*n, "user") };
        bench.edges(*owner, EdgeList::Complete(members.iter().map(kind).collect()));
    }
    bench.publish_members();
    bench
}

/// `group member depth`, by the last two digits of their ids.
const EFFECTIVE: &str =
    "SELECT substr(group_id, -2) || ' ' || substr(member_id, -2) || ' ' || depth
    FROM group_members_effective ORDER BY 1";
const CYCLES: &str = "SELECT groups, group_names FROM group_members_cycles";

#[test]
fn members_of_members_are_members_at_the_least_depth() {
    let bench = nested(&[(91, &[92, 93, 1]), (92, &[94, 2]), (93, &[94]), (94, &[3, 1])]);
    assert_eq!(
        bench.query(EFFECTIVE),
        [
            "91 01 1", "91 02 2", "91 03 3", "91 92 1", "91 93 1", "91 94 2", "92 01 2", "92 02 1",
            "92 03 2", "92 94 1", "93 01 2", "93 03 2", "93 94 1", "94 01 1", "94 03 1",
        ]
    );
    assert_eq!(bench.query(CYCLES), [""; 0]);
}

/// B28, D11
#[test]
fn a_cycle_ends_and_is_told_once() {
    let bench = nested(&[
        (91, &[92]),
        (92, &[93, 1]),
        (93, &[91, 94]),
        (94, &[2]),
        (95, &[96]),
        (96, &[95]),
    ]);
    let rows = bench.query(EFFECTIVE);
    let of = |group: &str| -> Vec<_> {
        rows.iter().filter(|row| row.starts_with(group)).map(|row| &row[3..]).collect()
    };
    assert_eq!(of("91"), ["01 2", "02 4", "92 1", "93 2", "94 3"]);
    assert_eq!(of("93"), ["01 3", "02 2", "91 1", "92 2", "94 1"]);
    assert_eq!(of("94"), ["02 1"]);
    assert_eq!(of("95"), ["96 1"]);
    assert_eq!(bench.query(CYCLES), ["3 | G91, G92, G93", "2 | G95, G96"]);
}

#[test]
fn a_deleted_group_passes_nothing_on() {
    let mut bench = nested(&[(91, &[92, 1]), (92, &[2])]);
    bench.last("groups", &[removed(92, "changed")]);
    assert_eq!(bench.query(EFFECTIVE), ["91 01 1"]);
    bench.last("groups", &[group(92, "G92")]);
    assert_eq!(bench.query(EFFECTIVE), ["91 01 1", "91 02 2", "91 92 1", "92 02 1"]);
}

/// A chain deeper than any bound that one could guess, and its end in a cycle.
#[test]
fn a_long_chain_is_followed_to_its_end() {
    let last = 290;
    let links: Vec<(u32, Vec<u32>)> =
        (91..=last).map(|n| (n, if n == last { vec![1, last - 1] } else { vec![n + 1] })).collect();
    let groups: Vec<(u32, &[u32])> =
        links.iter().map(|(n, members)| (*n, members.as_slice())).collect();
    let bench = nested(&groups);
    let depth = "SELECT depth FROM group_members_effective WHERE group_id = ";
    assert_eq!(bench.query(&format!("{depth}'{}' AND member_type = 'user'", id(91))), ["200"]);
    assert_eq!(bench.query(CYCLES), ["2 | G289, G290"]);
}

/// The steps of a query's plan.
fn steps(bench: &Bench, sql: &str) -> Vec<String> {
    let connection = Connection::open(bench.path()).unwrap();
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = plan.query_map([], |row| row.get::<_, String>("detail")).unwrap();
    steps.map(Result::unwrap).collect()
}

/// One group costs what it holds, and one member the groups above it: no table is read as a whole and
/// nothing is gathered before it is looked into.
#[test]
fn one_group_or_member_is_found_by_look_ups_alone() {
    let mut bench = nested(&[(91, &[92, 1]), (92, &[2])]);
    let end =
        RunRecord { status: "completed", requests: 1, resource_units: 1, report: "{}", at: AT };
    bench.store.finish(&end).unwrap();
    for (view, end) in [
        ("group_members", "group_id"),
        ("group_members", "member_id"),
        ("group_members_effective", "group_id"),
        ("group_members_effective", "member_id"),
    ] {
        let sql = format!("SELECT * FROM {view} WHERE {end} = '{}'", id(91));
        let steps = steps(&bench, &sql);
        let whole = |step: &&String| {
            ["SCAN", "MATERIALIZE", "CO-ROUTINE", "USE TEMP", "AUTOMATIC"]
                .iter()
                .any(|whole| step.contains(whole))
        };
        let whole: Vec<_> = steps.iter().filter(whole).collect();
        assert!(whole.is_empty(), "{view} by {end}: {whole:?} in {steps:#?}");
    }
}

/// What a store keeps of groups in groups, beside what the same edges say without it.
fn kept_and_told(bench: &Bench) -> [Vec<String>; 2] {
    let told = views::membership::closure("members", "groups");
    ["SELECT root, child, depth FROM nested_members".to_owned(), told]
        .map(|sql| bench.query(&format!("SELECT * FROM ({sql}) ORDER BY 1, 2")))
}

mod follows {
    use proptest::prelude::*;

    use super::*;

    /// Something that happens to one of five groups, 91 to 95.
    #[derive(Clone, Debug)]
    enum Event {
        /// Its whole list is read.
        List(Vec<u32>),
        Deleted,
        DeletedForEver,
        Restored,
        /// The same store in a new run.
        Reclaimed,
    }

    fn event() -> impl Strategy<Value = (u32, Event)> {
        let list = prop::collection::vec(prop_oneof![91u32..=96, 1u32..3], 0..4);
        let event = prop_oneof![
            6 => list.prop_map(Event::List),
            1 => Just(Event::Deleted),
            1 => Just(Event::DeletedForEver),
            2 => Just(Event::Restored),
            1 => Just(Event::Reclaimed),
        ];
        (91u32..=95, event)
    }

    fn happen(bench: &mut Bench, number: u32, event: &Event) {
        match event {
            Event::List(members) => {
                let kind = if members.contains(&1) { "unknown" } else { "group" };
                let edges = members.iter().map(|n| member(*n, kind)).collect();
                bench.edges(number, EdgeList::Complete(edges));
            }
            Event::Deleted => _ = bench.last("groups", &[removed(number, "changed")]),
            Event::DeletedForEver => _ = bench.last("groups", &[removed(number, "deleted")]),
            Event::Restored => _ = bench.last("groups", &[group(number, "G")]),
            Event::Reclaimed => bench.reclaim(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever happens to groups and their lists, before and after the edges are published.
        #[test]
        fn nesting_is_what_the_edges_say(
            before in prop::collection::vec(event(), 0..6),
            after in prop::collection::vec(event(), 1..14),
        ) {
            let mut bench = nested(&[]);
            for (group, event) in &before {
                happen(&mut bench, *group, event);
            }
            bench.publish_members();
            for (group, event) in &after {
                happen(&mut bench, *group, event);
                let [kept, told] = kept_and_told(&bench);
                prop_assert_eq!(kept, told, "after {:?} of {}", event, group);
                prop_assert_eq!(bench.query("SELECT count(*) FROM import_renest"), ["0"]);
            }
        }
    }
}
