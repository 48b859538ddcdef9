//! Lists of edges into pairs.

use super::*;
use crate::store::Phase;

const SHOWN: &str =
    "SELECT group_name, member_id, member_type, member_name FROM group_members ORDER BY member_id";

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada"), user(2, "Bo")]);
    bench.last("groups", &[group(9, "Dock")]);
    bench
}

/// The same after the first pass over the members: readers see them.
fn published() -> Bench {
    let mut bench = bench();
    bench.publish_members();
    bench
}

fn row(n: u32, name: &str) -> String {
    format!("Dock | {} | user | {name}", id(n))
}

#[test]
fn a_complete_list_replaces_the_edges_of_its_owner() {
    let mut bench = published();
    assert_eq!(bench.complete(9, &[1, 2]).edges_added, 2);
    assert_eq!(bench.query(SHOWN), [row(1, "Ada"), row(2, "Bo")]);
    let applied = bench.complete(9, &[2, 3]);
    assert_eq!((applied.edges_added, applied.edges_removed, applied.edges_unchanged), (1, 1, 1));
    assert_eq!(
        bench.query(SHOWN),
        [row(2, "Bo"), row(3, "null")],
        "B27: an end that is not known yet is kept"
    );
    let external = format!("{}:{}", id(9), id(2));
    assert_eq!(bench.query("SELECT external_id FROM group_members ORDER BY 1")[0], external);
    assert_eq!(bench.query("SELECT cause FROM closed_members"), ["removed"]);
}

/// I4: the same list again is no change.
#[test]
fn the_same_list_again_changes_nothing() {
    let mut bench = bench();
    bench.complete(9, &[1, 2]);
    let applied = bench.complete(9, &[2, 1]);
    assert_eq!(applied, Applied { edges_unchanged: 2, ..Applied::default() });
    bench.edges(9, EdgeList::Part { first: true, edges: list(&[1]) });
    assert_eq!(
        bench.edges(9, EdgeList::Rest(list(&[2]))),
        Applied { edges_unchanged: 2, ..Applied::default() }
    );
}

#[test]
fn a_target_that_a_list_repeats_counts_once() {
    let mut bench = bench();
    assert_eq!(bench.complete(9, &[1, 2, 1]).edges_added, 2);
    let applied = bench.complete(9, &[1, 1, 2]);
    assert_eq!(applied, Applied { edges_unchanged: 2, ..Applied::default() });
}

/// D7: Graph may leave the type out; the stream that knows the object knows what it is.
#[test]
fn a_member_without_a_type_takes_it_from_its_stream() {
    let mut bench = published();
    bench.page("groups", &[group(8, "Crew")]);
    let bare = |n| Edge { target: ObjectId::new(&id(n)), target_type: EdgeType::UNKNOWN };
    bench.edges(9, EdgeList::Complete(vec![bare(1), bare(3), bare(8)]));
    let shown = bench.query("SELECT member_type FROM group_members ORDER BY member_id");
    assert_eq!(shown, ["user", "unknown", "group"]);
}

/// D7
#[test]
fn a_list_without_types_takes_away_none_that_is_known() {
    let mut bench = published();
    let edge = |n, kind| Edge { target: ObjectId::new(&id(n)), target_type: EdgeType::new(kind) };
    let bare = |n| Edge { target: ObjectId::new(&id(n)), target_type: EdgeType::UNKNOWN };
    bench.edges(9, EdgeList::Complete(vec![edge(3, "device"), edge(4, "device")]));
    let unchanged = Applied { edges_unchanged: 2, ..Applied::default() };
    assert_eq!(bench.edges(9, EdgeList::Complete(vec![bare(3), bare(4)])), unchanged);
    bench.edges(9, EdgeList::Part { first: true, edges: vec![bare(3)] });
    assert_eq!(bench.edges(9, EdgeList::Rest(vec![bare(4)])), unchanged);
    let shown = bench.query("SELECT member_type FROM group_members");
    assert_eq!(shown, ["device", "device"]);
    let told = bench.query("SELECT count(*) FROM import_change WHERE operation = 'updated'");
    assert_eq!(told, ["0"]);
}

/// B27: a proven full round that has not seen a member of unknown type queues the group, unless the
/// group is gone or another stream knows the member.
#[test]
fn an_unresolved_member_of_unknown_type_queues_its_live_owner() {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada"), user(2, "Bo")]);
    bench.last("groups", &[group(9, "Dock"), group(8, "Crew"), group(7, "Gone")]);
    let bare = |n| Edge { target: ObjectId::new(&id(n)), target_type: EdgeType::UNKNOWN };
    for (owner, member) in [(7, 3), (8, 9), (9, 3)] {
        bench.edges(owner, EdgeList::Complete(vec![bare(member)]));
    }
    bench.page("groups", &[removed(7, "changed")]);
    let queued = bench.store.queued("members", None, 10).unwrap();
    let fence = bench.store.stream("members").unwrap().fence(bench.run);
    let (changes, advance) = (Changes::Nothing, Advance::Stay);
    let settle = Commit { done: &queued, ..Commit::new("members", fence, changes, advance, AT) };
    bench.store.commit(&settle).unwrap();
    bench.last("users", &[]);
    bench.commit("users", Changes::Nothing, Advance::Resync);
    bench.last("users", &[user(1, "Ada")]);
    let queued = bench.store.queued("members", None, 10).unwrap();
    let owners: Vec<_> = queued.iter().map(|entry| entry.object.to_string()).collect();
    assert_eq!(owners, [id(9)]);
}

/// D5
#[test]
fn a_list_is_swapped_in_only_when_it_is_whole() {
    let mut bench = published();
    bench.complete(9, &[1]);
    bench.edges(9, EdgeList::Part { first: true, edges: list(&[2]) });
    assert_eq!(bench.query(SHOWN), [row(1, "Ada")]);
    // Killed here: the next attempt begins anew and must not inherit the stage.
    bench.edges(9, EdgeList::Part { first: true, edges: list(&[3]) });
    let applied = bench.edges(9, EdgeList::Rest(list(&[4])));
    assert_eq!((applied.edges_added, applied.edges_removed), (2, 1));
    assert_eq!(bench.query(SHOWN), [row(3, "null"), row(4, "null")]);
    assert_eq!(bench.query("SELECT count(*) FROM import_stage"), ["0"]);
}

/// D9
#[test]
fn a_hidden_list_keeps_the_edges_and_is_counted() {
    let mut bench = published();
    bench.complete(9, &[1]);
    bench.edges(9, EdgeList::Hidden);
    assert_eq!(bench.query(SHOWN), [row(1, "Ada")]);
    assert_eq!(bench.store.holdings("members").unwrap().waiting.hidden, 1);
    bench.complete(9, &[]);
    assert_eq!(bench.store.holdings("members").unwrap().waiting.hidden, 0);
    assert_eq!(bench.query(SHOWN), [""; 0]);
}

/// B4: inactive while the member is in the recycle bin, there again when it comes back.
#[test]
fn edges_of_a_soft_deleted_member_are_inactive() {
    let mut bench = published();
    bench.complete(9, &[1, 2]);
    bench.page("users", &[removed(1, "changed")]);
    assert_eq!(bench.query(SHOWN), [row(2, "Bo")]);
    assert_eq!(bench.query("SELECT count(*) FROM edge_members"), ["2"]);
    bench.page("users", &[user(1, "Ada")]);
    assert_eq!(bench.query(SHOWN), [row(1, "Ada"), row(2, "Bo")]);
}

/// B29: Graph goes on listing a member that was deleted for ever.
#[test]
fn a_tombstone_closes_its_edges_and_keeps_them_closed() {
    for reverse in [false, true] {
        let mut bench = bench();
        bench.complete(9, &[1, 2]);
        if reverse {
            bench.publish_members();
        }
        assert_eq!(bench.page("users", &[removed(1, "deleted")]).edges_removed, 1);
        assert_eq!(bench.query("SELECT cause FROM closed_members"), ["endpoint_deleted"]);
        let applied = bench.complete(9, &[1, 2]);
        assert_eq!((applied.ghosts, applied.edges_added), (1, 0));
        bench.edges(9, EdgeList::Part { first: true, edges: list(&[1]) });
        assert_eq!(bench.edges(9, EdgeList::Rest(list(&[2]))).ghosts, 1);
        bench.publish_members();
        assert_eq!(bench.query(SHOWN), [row(2, "Bo")]);
    }
}

/// D6, D7
#[test]
fn members_of_any_type_are_kept() {
    let mut bench = published();
    let types = [
        "user",
        "group",
        "device",
        "servicePrincipal",
        "orgContact",
        "newIn2031",
        "",
        "directoryObject",
    ];
    let edge = |(n, name): (u32, &&str)| Edge {
        target: ObjectId::new(&id(n)),
        target_type: EdgeType::new(name),
    };
    bench.edges(9, EdgeList::Complete((20..).zip(&types).map(edge).collect()));
    let shown = bench.query("SELECT member_type FROM group_members ORDER BY member_id");
    assert_eq!(shown[..6], types[..6]);
    assert_eq!(shown[6..], ["unknown", "unknown"]);
}

#[test]
fn lists_are_joined_by_commas_in_the_view_and_whole_in_the_raw_object() {
    let bench = bench();
    assert_eq!(bench.query("SELECT group_types FROM groups"), ["Unified,DynamicMembership"]);
    assert_eq!(bench.query("SELECT raw ->> '$.groupTypes[0]' FROM groups"), ["Unified"]);
}

/// A stream of the same name that reads something else begins anew, and what it held is closed.
#[test]
fn edges_of_another_owner_are_another_stream() {
    let mut bench = bench();
    bench.complete(9, &[1, 2]);
    bench.commit("members", Changes::Nothing, Advance::Complete(None));
    let known = "SELECT kind, owner, relation, generation, phase FROM import_stream WHERE stream = 'members'";
    assert_eq!(bench.query(known), ["edges | groups | members | 1 | idle"]);
    bench.reclaim();
    assert_eq!(bench.query(known), ["edges | groups | members | 1 | idle"], "nothing changed");
    let mut changed = plans();
    changed[2] = StreamPlan::edges("members", "member", "/users/{id}/directReports", "users");
    let changed = StreamSet::new(changed).unwrap();
    bench.run = bench.store.claim(&tenant(), &changed, AT).unwrap().run;
    assert_eq!(bench.query(known), ["edges | users | directReports | 2 | full"]);
    assert_eq!(bench.query("SELECT cause FROM closed_members"), ["left_scope"; 2]);
    let queued = bench.store.queued("members", None, 10).unwrap();
    let owners: Vec<_> = queued.iter().map(|entry| entry.object.to_string()).collect();
    assert_eq!(owners, [id(1), id(2)], "the group of the old stream does not wait any more");
    assert_eq!(bench.store.holdings("members").unwrap().live, 0);
}

/// A delta cursor is worthless to a full read of the same endpoint.
#[test]
fn a_stream_of_another_kind_needs_a_new_baseline() {
    let mut bench = bench();
    bench.last("users", &[user(1, "Ada")]);
    let mut changed = plans();
    changed[0].kind = graph_dsl::StreamKind::Full;
    let claim = bench.store.claim(&tenant(), &StreamSet::new(changed).unwrap(), AT).unwrap();
    assert_eq!((claim.streams[0].generation, claim.streams[0].phase), (2, Phase::Full));
    let kind = "SELECT kind FROM import_stream WHERE stream = 'users'";
    assert_eq!(bench.query(kind), ["full"]);
}
