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
