//! Objects that came back: Graph is asked what holds them, and lists that lack them are read again
//! (cases: B6; facts: graph-protocol 5.6).

use std::collections::HashMap;

use graph_transport::{Answer, Disposition, Page};

use super::ImportError;
use super::batch::{Asked, BATCH};
use super::fault::{End, Fault};
use super::reader::{Followed, Reader};
use super::step::{Next, Step, Work};
use super::strategy::lists;
use crate::store::{Held, Queued, Returned, Reverse, Store, relation, reverse};
use crate::{Event, ObjectId};

/// What Graph has said in this run; members of groups, units and roles are one question.
#[derive(Debug, Default)]
pub(super) struct Holders(HashMap<String, Option<Vec<ObjectId>>>);

/// Objects that are asked about in any case: five batches.
const FEW: u64 = 100;

/// Settles the objects that came back since lists of this stream were read. The cost is bounded by
/// their number, and by that of the owners: where fewer of these are, all lists are read again, but
/// for a few objects, of which most are in none.
pub(super) async fn settle<S: Store>(
    reader: &Reader<'_, S>,
    owners: u64,
    known: &mut Holders,
) -> Result<(), End> {
    let stream = reader.plan.name.clone();
    let waiting = reader.writer.call(move |store| store.waiting(&stream)).await;
    let returned = waiting.map_err(ImportError::from)?.returned;
    let mut after = None;
    loop {
        let entries = next(reader, after).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = Some(last.place);
        let held = if returned > owners.max(FEW) {
            let unasked = |it: Returned| Held { object: it.object, holders: None };
            entries.into_iter().take(1).map(unasked).collect()
        } else {
            reader.until_shown(entries.iter().map(|entry| &*entry.since).max()).await?;
            ask(reader, &entries, known).await?;
            let of = |it: &Returned| match question(reader, it) {
                Question::Ask(path) => known.0.get(&path).cloned(),
                Question::Nobody => Some(Some(Vec::new())),
                Question::Everybody => Some(None),
            };
            let held = |it: Returned| Some(Held { holders: of(&it)?, object: it.object });
            entries.into_iter().filter_map(held).collect()
        };
        let step = Step::new(Work::Held(held), Next::Stay);
        reader.step(step).await?;
    }
}

async fn next<S: Store>(
    reader: &Reader<'_, S>,
    after: Option<u64>,
) -> Result<Vec<Returned>, ImportError> {
    let stream = reader.plan.name.clone();
    Ok(reader.writer.call(move |store| store.returned(&stream, after, BATCH)).await?)
}

/// How it is found out which owners hold an object.
enum Question {
    Ask(String),
    Nobody,
    Everybody,
}

fn question<S: Store>(reader: &Reader<'_, S>, returned: &Returned) -> Question {
    match reverse(&returned.entity, relation(reader.plan)) {
        Reverse::Asked(path) => {
            Question::Ask(path.replace("{id}", &returned.object.to_string()) + "?$select=id")
        }
        Reverse::Never => Question::Nobody,
        Reverse::Unknown => Question::Everybody,
    }
}

/// Asks what is not known yet. What could not be asked now stays unknown, and waits for the next run.
async fn ask<S: Store>(
    reader: &Reader<'_, S>,
    entries: &[Returned],
    known: &mut Holders,
) -> Result<(), End> {
    let mut paths = HashMap::new();
    let mut asked = Vec::new();
    for returned in entries {
        let Question::Ask(path) = question(reader, returned) else { continue };
        if !known.0.contains_key(&path) {
            let (place, object) = (returned.place, returned.object.clone());
            paths.insert(object.to_string(), path);
            let since = returned.since.clone();
            asked.push(Queued { place, object, ticket: 1, hidden: false, since });
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    for asked in reader.ask(asked, |id| paths[id].clone()).await? {
        let path = paths[&asked.entry.object.to_string()].clone();
        if let Some(holders) = holders(reader, asked).await? {
            known.0.insert(path, holders);
        }
    }
    Ok(())
}

/// What an answer says; `None` if it says nothing yet.
async fn holders<S: Store>(
    reader: &Reader<'_, S>,
    asked: Asked,
) -> Result<Option<Option<Vec<ObjectId>>>, End> {
    let disposition = asked.disposition();
    match disposition {
        Disposition::Ok => {}
        // Gone again: its own stream will say so, and will say when it is back.
        Disposition::NotFound => return Ok(Some(Some(Vec::new()))),
        Disposition::Forbidden
        | Disposition::NotLicensed
        | Disposition::NotInCloud
        | Disposition::Invalid => {
            let reason = &format!("what holds an object that came back: {disposition:?}");
            reader.tell(&Event::FellBack { stream: &reader.plan.name, reason });
            return Ok(Some(None));
        }
        _ => return Ok(None),
    }
    let page = asked
        .result
        .and_then(Answer::into_success)
        .and_then(|answer| Ok(Page::read(answer.body().clone(), reader.client.cloud())?));
    let Ok(mut page) = page else { return Ok(None) };
    let (mut found, mut followed) = (Vec::new(), Followed::default());
    loop {
        let Some(edges) = lists::edges(&page) else { return Ok(None) };
        found.extend(edges.into_iter().map(|edge| edge.target));
        let Some(link) = page.next_link().cloned() else { return Ok(Some(Some(found))) };
        page = match reader.follow(&mut followed, &link, true).await {
            Ok(page) => page,
            Err(Fault::Stopped) => return Err(Fault::Stopped.into()),
            Err(_) => return Ok(None),
        };
    }
}
