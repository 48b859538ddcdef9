//! Items into objects.

use super::bench::{AT, Bench, id, object, read, removed, same, shown};
use crate::ObjectId;
use crate::store::{Advance, Applied, Changes, Commit, Committed, Store};

pub(super) fn a_replay_changes_nothing<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    bench.last("users", &[object(1, "Ada"), object(2, "Bo"), object(3, "Cy")])?;
    let page =
        [object(1, "Ada 2"), removed(2, "changed"), removed(3, "deleted"), removed(7, "deleted")];
    bench.last("users", &page)?;
    let held = bench.holdings("users")?;
    bench.claim()?;
    let again = bench.last("users", &page)?;
    same("what a replay changes", again, Applied { unchanged: 4, ..Applied::default() })?;
    same("what is held", bench.holdings("users")?, held)
}

pub(super) fn a_change_is_merged<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    bench.last("users", &[object(1, "Ada")])?;
    let part = format!(r#"{{"id":"{}","accountEnabled":false}}"#, id(1));
    same("an update by a part", bench.last("users", std::slice::from_ref(&part))?.updated, 1)?;
    same("the same part again", bench.last("users", &[part])?.unchanged, 1)?;
    let name = format!(r#"{{"id":"{}","displayName":"Ada"}}"#, id(1));
    same("a part that was kept", bench.last("users", &[name])?.unchanged, 1)?;
    let cleared = format!(r#"{{"id":"{}","displayName":null}}"#, id(1));
    same("a property that is cleared", bench.last("users", &[cleared])?.updated, 1)?;
    // A full round states the whole: what it leaves out was never set.
    bench.commit("users", Changes::Nothing, Advance::Resync)?;
    let rest = format!(r#"{{"id":"{}","accountEnabled":false}}"#, id(1));
    same("the whole again", bench.last("users", &[rest])?.unchanged, 1)
}

pub(super) fn deletions_are_told_apart<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    bench.last("users", &[object(1, "Ada"), object(2, "Bo")])?;
    let gone = bench.last("users", &[removed(1, "changed"), removed(2, "deleted")])?;
    same("soft and hard deletions", (gone.soft_deleted, gone.hard_deleted), (1, 1))?;
    let later = bench.last("users", &[removed(2, "changed"), removed(1, "deleted")])?;
    let expected = Applied { unchanged: 1, tombstones: 1, ..Applied::default() };
    same("a purge, and a hard deletion that is called soft later", later, expected)?;
    bench.last("users", &[object(3, "Cy"), removed(3, "changed")])?;
    let unseen = bench.last("users", &[removed(8, "deleted")])?;
    let tombstone = Applied { tombstones: 1, ..Applied::default() };
    same("the deletion of an object that was never seen", unseen, tombstone)?;
    same("a restored object", bench.last("users", &[object(3, "Cy")])?.restored, 1)?;
    let held = bench.holdings("users")?;
    same("live and deleted objects", (held.live, held.deleted), (1, 3))
}

pub(super) fn only_proof_sweeps<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    bench.last("users", &[object(1, "Ada"), object(2, "Bo")])?;
    same("a round of changes", bench.last("users", &[object(1, "Ada")])?.swept, 0)?;
    bench.commit("users", Changes::Nothing, Advance::Resync)?;
    let fence = bench.state("users")?.fence(bench.run);
    let items = [object(1, "Ada")];
    let items = read(&items);
    let spoiled = Commit {
        spoiled: 1,
        ..Commit::new(
            "users",
            fence,
            Changes::Objects(&items),
            Advance::Complete(Some("/v1.0/delta")),
            AT,
        )
    };
    match bench.store.commit(&spoiled).map_err(shown)? {
        Committed::Applied(_, applied, _) => same("a round with a spoiled item", applied.swept, 0)?,
        other => return Err(format!("a full round was answered by {other:?}")),
    }
    bench.commit("users", Changes::Nothing, Advance::Resync)?;
    same("a full round", bench.last("users", &[object(1, "Ada")])?.swept, 1)?;
    same("what is gone then", bench.holdings("users")?.deleted, 1)
}

pub(super) fn many_deletions_are_withheld<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    bench.last("users", &[object(1, "Ada"), object(2, "Bo"), object(3, "Cy")])?;
    for again in [0, 3] {
        bench.commit("users", Changes::Nothing, Advance::Resync)?;
        same("what an empty round takes away", bench.last("users", &[])?.swept, 0)?;
        let state = bench.state("users")?;
        let withheld = (state.withheld, state.withheld_again);
        same("deletions that are withheld, and were before", withheld, (3, again))?;
    }
    bench.claim()?;
    same("what readers see all the same", bench.holdings("users")?.live, 3)?;
    bench.last("users", &[object(1, "Ada")])?;
    let mut waiting = bench.store.withheld("users", 9).map_err(shown)?;
    waiting.sort_by_key(ToString::to_string);
    same(
        "what waits once one was seen",
        waiting,
        vec![ObjectId::new(&id(2)), ObjectId::new(&id(3))],
    )?;
    same("as many as are asked for", bench.store.withheld("users", 1).map_err(shown)?.len(), 1)?;
    same("a sweep", bench.commit("users", Changes::Nothing, Advance::Sweep)?.swept, 2)?;
    same("what is withheld then", bench.state("users")?.withheld, 0)?;
    same("what readers see then", bench.holdings("users")?.live, 1)
}

pub(super) fn a_generation_is_published_as_a_whole<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    bench.page("users", &[object(1, "Ada")])?;
    same("what is published before the end", bench.state("users")?.published, None)?;
    bench.last("users", &[object(2, "Bo")])?;
    same("what is published then", bench.state("users")?.published, Some(1))?;
    bench.commit("users", Changes::Nothing, Advance::Resync)?;
    bench.page("users", &[object(3, "Cy"), removed(1, "deleted")])?;
    same("what readers see meanwhile", bench.holdings("users")?.live, 2)?;
    bench.claim()?;
    same("what another run sees", bench.holdings("users")?.live, 2)?;
    let applied = bench.last("users", &[object(4, "Di")])?;
    let expected = Applied { inserted: 2, hard_deleted: 1, swept: 1, ..Applied::default() };
    same("what the publication changes", applied, expected)?;
    same("what is published at the end", bench.state("users")?.published, Some(2))?;
    same("what readers see then", bench.holdings("users")?.live, 2)
}
