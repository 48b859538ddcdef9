//! Lists into edges, and the queue of owners.

use super::bench::{AT, Bench, id, members, object, removed, same, shown};
use crate::ObjectId;
use crate::store::{
    Advance, Applied, Changes, Commit, EdgeList, EdgeType, Held, OwnerEdges, Queued, Store,
};

pub(super) fn a_list_that_lacks_most_comes_twice<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    bench.last("groups", &[object(9, "Dock")])?;
    let all: Vec<u32> = (1..=12).collect();
    for pages in [1, 2] {
        bench.list(9, EdgeList::Complete(members(&all)))?;
        let list = |bench: &mut Bench<'_, S>| {
            if pages == 1 {
                return bench.list(9, EdgeList::Complete(members(&[1])));
            }
            bench.list(9, EdgeList::Part { first: true, edges: members(&[]) })?;
            bench.list(9, EdgeList::Rest(members(&[1])))
        };
        let ticket = bench.queued()?.first().map_or(0, |queued| queued.ticket);
        same("what a list without most takes away", list(bench)?.edges_removed, 0)?;
        same("edges that are left", bench.holdings("members")?.live, 12)?;
        let again = bench.queued()?.first().map_or(0, |queued| queued.ticket);
        same("whether its owner is queued again", again > ticket, true)?;
        same("what it takes away when it comes again", list(bench)?.edges_removed, 11)?;
    }
    Ok(())
}

pub(super) fn lists_are_swapped_as_a_whole<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    bench.last("users", &[object(1, "Ada"), object(2, "Bo"), object(3, "Cy")])?;
    bench.last("groups", &[object(9, "Dock")])?;
    same("a first list", bench.list(9, EdgeList::Complete(members(&[1, 2])))?.edges_added, 2)?;
    let again = bench.list(9, EdgeList::Complete(members(&[1, 2])))?;
    same("the same list", (again.edges_added, again.edges_unchanged), (0, 2))?;
    bench.list(9, EdgeList::Part { first: true, edges: members(&[7]) })?;
    bench.list(9, EdgeList::Part { first: true, edges: members(&[2]) })?;
    same("a part of a list", bench.holdings("members")?.live, 2)?;
    let rest = bench.list(9, EdgeList::Rest(members(&[3])))?;
    let counts = (rest.edges_added, rest.edges_removed, rest.edges_unchanged);
    same("added, removed and kept by a list of two pages", counts, (1, 1, 1))?;
    bench.list(9, EdgeList::Hidden)?;
    let held = bench.holdings("members")?;
    same("edges and hidden owners", (held.live, held.waiting.hidden), (2, 1))?;
    let purged = bench.last("users", &[removed(3, "deleted")])?;
    same("what it is of the objects", purged.edges_removed, 0)?;
    let removed_edge = Applied { edges_removed: 1, ..Applied::default() };
    let expected = vec![("members".to_owned(), removed_edge)];
    same("edges of an object that is gone for ever", bench.elsewhere.clone(), expected)?;
    let ghost = bench.list(9, EdgeList::Complete(members(&[2, 3])))?;
    same("ghosts in a list", (ghost.ghosts, ghost.edges_added), (1, 0))?;
    same("hidden owners after a list", bench.holdings("members")?.waiting.hidden, 0)?;
    bench.last("users", &[removed(2, "changed")])?;
    let held = bench.holdings("members")?;
    same(
        "edges, and those at rest, of an object in the recycle bin",
        (held.live, held.deleted),
        (0, 1),
    )?;
    bench.last("users", &[object(2, "Bo")])?;
    same("edges when it is restored", bench.holdings("members")?.live, 1)
}

pub(super) fn tickets_settle_owners<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    bench.last("groups", &[object(8, "Crew"), object(9, "Dock")])?;
    let queued = bench.queued()?;
    same("owners of a first round", queued.len(), 2)?;
    let since = queued.iter().map(|entry| &*entry.since).collect::<Vec<_>>();
    same("when they were reported", since, vec![AT, AT])?;
    settle(bench, &queued[..1])?;
    same("owners that are left", bench.queued()?, queued[1..].to_vec())?;
    let after = bench.store.queued("members", Some(queued[1].place), 10).map_err(shown)?;
    same("owners after the last one", after, Vec::new())?;
    bench.last("groups", &[object(8, "Crew 2")])?;
    same("a new name", bench.queued()?.len(), 1)?;
    let uncertain = format!(r#"{{"id":"{}","members@delta":[{{}}]}}"#, id(9));
    bench.last("groups", &[uncertain])?;
    settle(bench, &queued[1..])?;
    same("an owner that was reported again", bench.queued()?.len(), 1)?;
    bench.last("groups", &[removed(9, "changed")])?;
    same("an owner that is gone", bench.queued()?.len(), 0)?;
    bench.last("groups", &[object(9, "Dock")])?;
    same("an owner that is back", bench.queued()?.len(), 1)?;
    bench.claim()?;
    same("the queue of another run", bench.queued()?.len(), 1)
}

pub(super) fn what_came_back_is_remembered<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    bench.last("users", &[object(1, "Ada"), object(2, "Bo"), object(3, "Cy")])?;
    bench.last("groups", &[object(8, "Crew"), object(9, "Dock")])?;
    bench.list(9, EdgeList::Complete(members(&[1])))?;
    let queued = bench.queued()?;
    settle(bench, &queued)?;
    bench.last("users", &[removed(3, "changed"), object(4, "Di"), object(2, "Bo")])?;
    same(
        "an object that is new, and one that may have been away",
        returned(bench)?,
        id_set(&[2, 4]),
    )?;
    bench.last("users", &[object(3, "Cy")])?;
    bench.claim()?;
    same(
        "one that is back, in another run",
        returned(bench)?.contains(&ObjectId::new(&id(3))),
        true,
    )?;
    let held =
        |n: u32, holders: Option<Vec<ObjectId>>| Held { object: ObjectId::new(&id(n)), holders };
    let holders = Some(vec![ObjectId::new(&id(9)), ObjectId::new(&id(77))]);
    let answers = [held(3, holders), held(2, Some(Vec::new()))];
    bench.commit("members", Changes::Held(&answers), Advance::Stay)?;
    let owners: Vec<_> = bench.queued()?.into_iter().map(|entry| entry.object).collect();
    same("owners that are said to hold it", owners, id_set(&[9]))?;
    same("what is left to look for", returned(bench)?, id_set(&[4]))?;
    bench.commit("members", Changes::Held(&[held(4, None)]), Advance::Stay)?;
    same("owners where nobody says", bench.queued()?.len(), 2)?;
    same("what is left then", bench.holdings("members")?.waiting.returned, 0)
}

fn returned<S: Store>(bench: &mut Bench<'_, S>) -> Result<Vec<ObjectId>, String> {
    let found = bench.store.returned("members", None, 100).map_err(shown)?;
    let mut found: Vec<_> = found.into_iter().map(|it| it.object).collect();
    found.sort();
    Ok(found)
}

fn id_set(ids: &[u32]) -> Vec<ObjectId> {
    ids.iter().map(|n| ObjectId::new(&id(*n))).collect()
}

pub(super) fn a_type_that_a_list_is_without_stays<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    bench.last("groups", &[object(9, "Dock")])?;
    bench.list(9, EdgeList::Complete(members(&[1, 2])))?;
    for list in [EdgeList::Complete(members(&[2])), EdgeList::Rest(members(&[2]))] {
        let without = Some(EdgeType::new("user"));
        let lists = [OwnerEdges { owner: ObjectId::new(&id(9)), list, without }];
        let applied = bench.commit("members", Changes::Edges(&lists), Advance::Stay)?;
        same("edges that a list is without", applied.edges_removed, 0)?;
        same("edges that are kept", bench.holdings("members")?.live, 2)?;
    }
    Ok(())
}

fn settle<S: Store>(bench: &mut Bench<'_, S>, done: &[Queued]) -> Result<(), String> {
    let fence = bench.state("members")?.fence(bench.run);
    let commit =
        Commit { done, ..Commit::new("members", fence, Changes::Nothing, Advance::Stay, AT) };
    bench.store.commit(&commit).map(drop).map_err(shown)
}
