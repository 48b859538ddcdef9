//! Items into rows.

use super::*;
use crate::store::Queued;

fn queue(bench: &mut Bench) -> Vec<Queued> {
    bench.store.queued("members", None, 100).unwrap()
}

/// B1, I4
#[test]
fn a_replayed_page_changes_nothing() {
    let mut bench = Bench::new();
    let page = [user(1, "Ada"), user(2, "Bo"), removed(2, "changed"), removed(3, "deleted")];
    bench.page("users", &page);
    let before = bench.query("SELECT * FROM object_users");
    let applied = bench.page("users", &page[2..]);
    assert_eq!(applied, Applied { unchanged: 2, ..Applied::default() });
    assert_eq!(bench.query("SELECT * FROM object_users"), before);
    assert_eq!(bench.page("users", &page[..1]), Applied { unchanged: 1, ..Applied::default() });
    assert_eq!(bench.query("SELECT * FROM object_users"), before);
}

/// B10, facts: graph-protocol 5.4
#[test]
fn a_change_is_merged_and_a_full_round_states_the_whole() {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada")]);
    let shown = "SELECT display_name, enabled FROM users";
    let partial = format!(r#"{{"id":"{}","accountEnabled":false}}"#, id(1));
    bench.last("users", std::slice::from_ref(&partial));
    assert_eq!(bench.query(shown), ["Ada | 0"]);
    bench.last("users", &[format!(r#"{{"id":"{}","displayName":null}}"#, id(1))]);
    assert_eq!(bench.query(shown), ["null | 0"]);
    bench.last("users", &[user(1, "Ada")]);
    bench.commit("users", Changes::Nothing, Advance::Resync);
    bench.last("users", &[partial]);
    assert_eq!(bench.query(shown), ["null | 0"]);
}

/// facts: graph-protocol 5.5: later slices of a large group carry its id and members only.
#[test]
fn a_second_slice_of_an_object_in_a_full_round_clears_nothing() {
    let mut bench = Bench::new();
    bench.page("groups", &[group(9, "Crew")]);
    bench.last("groups", &[format!(r#"{{"id":"{}","members@delta":[]}}"#, id(9))]);
    assert_eq!(bench.query("SELECT display_name FROM groups"), ["Crew"]);
}

/// B4, B5, B6, B7, B8
#[test]
fn soft_and_hard_deletion_are_told_apart() {
    let mut bench = Bench::new();
    bench.last(
        "users",
        &[
            user(1, "Ada"),
            user(2, "Bo"),
            removed(1, "changed"),
            removed(2, "deleted"),
            removed(3, "deleted"),
        ],
    );
    let gone = "SELECT id, display_name, deletion, cause FROM deleted_users ORDER BY id";
    let (one, two, three) = (id(1), id(2), id(3));
    let row = |id: &str, name: &str, deletion: &str| {
        format!("{id} | {name} | {deletion} | {deletion}_deleted")
    };
    assert_eq!(
        bench.query(gone),
        [row(&one, "Ada", "soft"), row(&two, "Bo", "hard"), row(&three, "null", "hard")]
    );
    assert_eq!(bench.query("SELECT count(*) FROM users"), ["0"]);
    // What is gone for ever does not come back into the bin; what is in the bin can be purged, or restored.
    bench.page("users", &[removed(2, "changed"), removed(1, "deleted")]);
    assert_eq!(bench.query(gone)[..2], [row(&one, "Ada", "hard"), row(&two, "Bo", "hard")]);
    bench.page("users", &[user(4, "Cy"), removed(4, "changed")]);
    assert_eq!(bench.page("users", &[user(4, "Cy")]).restored, 1);
    assert_eq!(bench.query("SELECT display_name FROM users"), ["Cy"]);
}

/// I3
#[test]
fn only_a_proven_full_round_sweeps() {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada"), user(2, "Bo")]);
    assert_eq!(bench.last("users", &[user(1, "Ada")]).swept, 0);
    bench.commit("users", Changes::Nothing, Advance::Resync);
    assert_eq!(bench.page("users", &[user(1, "Ada")]).swept, 0);
    assert_eq!(bench.last("users", &[]).swept, 1);
    assert_eq!(bench.query("SELECT display_name, deletion FROM deleted_users"), ["Bo | absent"]);
    // The same with an unreadable item on the way.
    bench.last("users", &[user(2, "Bo")]);
    bench.commit("users", Changes::Nothing, Advance::Resync);
    let fence = bench.store.stream("users").unwrap().fence(bench.run);
    let (changes, advance) = (Changes::Nothing, Advance::Complete(None));
    let spoiled = Commit { spoiled: 1, ..Commit::new("users", fence, changes, advance, AT) };
    bench.store.commit(&spoiled).unwrap();
    assert_eq!(bench.query("SELECT count(*) FROM users"), ["2"]);
}

#[test]
fn groups_queue_their_members_when_new_changed_restored_or_seen_in_a_full_round() {
    let mut bench = Bench::new();
    bench.last("groups", &[group(8, "Crew"), group(9, "Dock")]);
    let queued = queue(&mut bench);
    assert_eq!(
        queued.iter().map(|entry| entry.object.to_string()).collect::<Vec<_>>(),
        [id(8), id(9)]
    );
    settle(&mut bench, &queued);
    bench.last("groups", &[group(8, "Crew 2")]);
    assert_eq!(queue(&mut bench), [], "a new name is no change of members");
    bench.last(
        "groups",
        &[format!(r#"{{"id":"{}","members@delta":[{{"id":"{}"}}]}}"#, id(8), id(1))],
    );
    assert_eq!(queue(&mut bench), [], "an exact change is applied");
    assert_eq!(bench.query("SELECT count(*) FROM edge_members"), ["1"]);
    bench.last("groups", &[format!(r#"{{"id":"{}","members@delta":[]}}"#, id(8))]);
    assert_eq!(queue(&mut bench).len(), 1, "one that says nothing is not");
    bench.last("groups", &[removed(8, "changed")]);
    assert_eq!(queue(&mut bench), [], "a group in the recycle bin has no list to read");
    bench.last("groups", &[group(8, "Crew 2")]);
    assert_eq!(queue(&mut bench).len(), 1, "restored");
    let queued = queue(&mut bench);
    settle(&mut bench, &queued);
    bench.commit("groups", Changes::Nothing, Advance::Resync);
    bench.last("groups", &[group(8, "Crew 2"), group(9, "Dock")]);
    assert_eq!(queue(&mut bench).len(), 2, "full round");
}

#[test]
fn an_entry_that_was_renewed_is_not_settled_by_an_old_ticket() {
    let mut bench = Bench::new();
    bench.page("groups", &[group(9, "Dock")]);
    let old = queue(&mut bench);
    bench.page("groups", &[format!(r#"{{"id":"{}","members@delta":[]}}"#, id(9))]);
    settle(&mut bench, &old);
    assert_eq!(queue(&mut bench).len(), 1);
}

/// Edge streams that a run leaves out still learn what must be read again.
#[test]
fn a_run_without_members_still_queues_them() {
    let mut bench = Bench::new();
    bench.last("groups", &[group(9, "Dock")]);
    let queued = queue(&mut bench);
    settle(&mut bench, &queued);
    bench.run = bench
        .store
        .claim(&tenant(), &StreamSet::new(plans().into_iter().take(2)).unwrap(), AT)
        .unwrap()
        .run;
    bench.last("groups", &[format!(r#"{{"id":"{}","members@delta":[]}}"#, id(9))]);
    bench.reclaim();
    assert_eq!(queue(&mut bench).len(), 1);
}

fn settle(bench: &mut Bench, done: &[Queued]) {
    let fence = bench.store.stream("members").unwrap().fence(bench.run);
    let (changes, advance) = (Changes::Nothing, Advance::Stay);
    bench
        .store
        .commit(&Commit { done, ..Commit::new("members", fence, changes, advance, AT) })
        .unwrap();
}
