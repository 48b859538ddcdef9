//! What a verification reads back, of stores that offer it.

use super::bench::{Bench, id, members, object, removed, same, shown};
use crate::store::{EdgeList, Store};
use crate::{Content, Item, ObjectId, ReadBack, StoredObject};

pub(super) fn what_is_committed_is_read_back<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    let people: Vec<String> = (1..=5).map(|n| object(n, &format!("user {n}"))).collect();
    bench.last("users", &people)?;
    bench.last("groups", &[object(8, "Crew"), object(9, "Dock")])?;
    bench.list(9, EdgeList::Complete(members(&[1, 2, 7])))?;
    bench.last("users", &[removed(2, "deleted"), removed(3, "changed")])?;
    let Some(mut store) = bench.store.read_back().map_err(shown)? else { return Ok(()) };
    objects(&mut store)?;
    samples(&mut store)?;
    let dock = object_of(&mut store, "groups", 9)?.ok_or("the owner of the edges is not found")?;
    let mut targets: Vec<ObjectId> = store
        .edges("members", dock.place)
        .map_err(shown)?
        .into_iter()
        .map(|it| it.target)
        .collect();
    targets.sort();
    let known = [1, 7].map(|n| ObjectId::new(&id(n))).to_vec();
    same("edges, but to what is gone", targets, known)?;
    let gone = |store: &mut Box<dyn ReadBack>, n| store.is_gone(&ObjectId::new(&id(n)));
    let of = [2, 3, 1, 7].map(|n| gone(&mut store, n).unwrap_or(false));
    same("gone for ever: purged, in the bin, there, never seen", of, [true, false, false, false])
}

/// In pages, each object once, with what it was committed with.
fn objects(store: &mut Box<dyn ReadBack>) -> Result<(), String> {
    let first = store.objects("users", None, 2).map_err(shown)?;
    let after = first.last().map(|it| it.place);
    let rest = store.objects("users", after, 100).map_err(shown)?;
    same("objects on a page of two", first.len(), 2)?;
    let all: Vec<&StoredObject> = first.iter().chain(&rest).collect();
    same("whether places rise", all.is_sorted_by_key(|it| it.place), true)?;
    let mut ids: Vec<ObjectId> = all.iter().map(|it| it.id.clone()).collect();
    ids.sort();
    same("live objects", ids, [1, 4, 5].map(|n| ObjectId::new(&id(n))).to_vec())?;
    if let Some(count) = store.count("users").map_err(shown)? {
        same("their number", count, 3)?;
    }
    let user = object_of(store, "users", 4)?.ok_or("an object is not found by its id")?;
    let json = object(4, "user 4");
    let item = Item::read(&json).expect("the checks' items can be read");
    let stored = Content::stored(user.raw).map_err(|error| format!("its content: {error}"))?;
    same("its content", stored.as_json(), Content::whole(&item.properties).as_json())?;
    same("an object that is gone", object_of(store, "users", 2)?, None)
}

fn samples(store: &mut Box<dyn ReadBack>) -> Result<(), String> {
    let one = store.sample("users", 1, 2).map_err(shown)?;
    same("a sample of two", one.len(), 2)?;
    same("the same seed again", store.sample("users", 1, 2).map_err(shown)?, one)?;
    same("a sample of more than there are", store.sample("users", 1, 99).map_err(shown)?.len(), 3)
}

fn object_of(
    store: &mut Box<dyn ReadBack>,
    stream: &str,
    n: u32,
) -> Result<Option<StoredObject>, String> {
    store.object(stream, &ObjectId::new(&id(n))).map_err(shown)
}
