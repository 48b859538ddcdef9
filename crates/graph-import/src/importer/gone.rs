//! How objects are gone: the recycle bin knows (cases: B4, B5).

use std::borrow::Cow;

use graph_dsl::StreamKind;
use graph_transport::Disposition;
use serde::Deserialize;

use super::batch::{Asked, BATCH};
use super::fault::{End, Fault};
use super::reader::Reader;
use super::step::{Next, Step, Work};
use super::{ImportError, links};
use crate::ObjectId;
use crate::content::utc;
use crate::store::{Deletion, Gone, Queued, Store};

#[derive(Deserialize)]
struct DeletedItem<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "deletedDateTime", default)]
    deleted_at: Option<Cow<'a, str>>,
}

/// Looks for every object that is gone without an explanation. What cannot be found out now waits
/// for the next run, and what Graph does not tell stays unknown: no stream fails by that.
pub(super) async fn explain<S: Store>(reader: &Reader<'_, S>) -> Result<(), End> {
    let mut after = None;
    loop {
        let stream = reader.plan.name.clone();
        let entries = reader.writer.call(move |store| store.gone(&stream, after, BATCH)).await;
        let entries = entries.map_err(ImportError::from)?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = Some(last.place);
        let deletions = if has_recycle_bin(reader) {
            reader.until_shown(entries.iter().map(|entry| &*entry.since).max()).await?;
            match look_for(reader, entries).await {
                Ok(deletions) => deletions,
                Err(Fault::Stopped) => return Err(Fault::Stopped.into()),
                Err(_) => return Ok(()),
            }
        } else {
            let unknown = |object| Deletion { object, how: Gone::Unknown };
            entries.into_iter().map(|entry| unknown(entry.object)).collect()
        };
        reader.step(Step::new(Work::Gone(deletions), Next::Stay)).await?;
    }
}

/// Directory objects go there; what is read from a plain collection need not be one, unless it is
/// read so for the sake of a filter.
fn has_recycle_bin<S: Store>(reader: &Reader<'_, S>) -> bool {
    matches!(reader.plan.kind, StreamKind::Delta) || reader.plan.filter.is_some()
}

/// Where these objects are. What a filter does not name any more is most likely where it was, and
/// stays out of scope then (cases: G5).
async fn look_for<S: Store>(
    reader: &Reader<'_, S>,
    entries: Vec<Queued>,
) -> Result<Vec<Deletion>, Fault> {
    let (mut deletions, mut entries) = (Vec::new(), entries);
    if reader.plan.filter.is_some() {
        let asked = reader.ask(entries, |id| links::object_id(reader.plan, id)).await?;
        let (gone, others): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|it| it.disposition() == Disposition::NotFound);
        let there = others.into_iter().filter(|it| it.disposition() == Disposition::Ok);
        let there = there.map(|it| Deletion { object: it.entry.object, how: Gone::Unknown });
        deletions.extend(there);
        entries = gone.into_iter().map(|it| it.entry).collect();
    }
    if !entries.is_empty() {
        let asked = reader.ask(entries, path).await?;
        deletions.extend(asked.into_iter().filter_map(look));
    }
    Ok(deletions)
}

fn path(id: &str) -> String {
    format!("/directory/deletedItems/{id}?$select=id,deletedDateTime")
}

/// What an answer says; `None` if it says nothing yet.
fn look(asked: Asked) -> Option<Deletion> {
    let how = match asked.disposition() {
        Disposition::Ok => {
            let item: DeletedItem<'_> =
                serde_json::from_slice(asked.result.as_ref().ok()?.body()).ok()?;
            if ObjectId::new(&item.id) != asked.entry.object {
                return None; // another answer than ours, or none (cases: B33)
            }
            let in_utc = |at: Cow<'_, str>| utc(&at).unwrap_or_else(|| at.into_owned());
            Gone::Soft { deleted_at: item.deleted_at.map(in_utc) }
        }
        Disposition::NotFound => Gone::Hard,
        Disposition::Forbidden
        | Disposition::NotLicensed
        | Disposition::NotInCloud
        | Disposition::Invalid => Gone::Unknown,
        _ => return None,
    };
    Some(Deletion { object: asked.entry.object, how })
}
