//! Objects that a page both stated and removed: each is read on its own, once the round is over.

use graph_dsl::StreamPlan;
use graph_transport::Disposition;
use serde_json::json;

use super::batch::{Asked, BATCH};
use super::fault::End;
use super::links;
use super::reader::Reader;
use super::step::{Next, Step, Work};
use crate::store::Store;
use crate::{Item, ObjectId};

/// Reads every queued object of the stream; what cannot be read stays queued and makes it partial.
pub(super) async fn drain<S: Store>(reader: &Reader<'_, S>) -> Result<(), End> {
    let mut after = None;
    loop {
        let stream = reader.plan.name.clone();
        let entries = reader.writer.call(move |store| store.queued(&stream, after, BATCH)).await;
        let entries = entries.map_err(super::ImportError::from)?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = Some(last.place);
        reader.until_shown(entries.iter().map(|entry| &*entry.since).max()).await?;
        let asked = reader.ask(entries, |id| links::object(reader.plan, id)).await?;
        let (mut bodies, mut done) = (Vec::new(), Vec::new());
        for asked in asked {
            let body = match asked.disposition() {
                Disposition::Ok => stated(reader.plan, &asked),
                // Gone, as the removal said. Soft keeps more, and what is known to be gone for ever
                // stays so (cases: B5, I3).
                Disposition::NotFound => Some(soft_removal(&asked.entry.object)),
                _ => None,
            };
            if let Some(body) = body {
                bodies.push(body);
                done.push(asked.entry);
            }
        }
        reader.step(Step { done, ..Step::new(Work::Objects(bodies), Next::Stay) }).await?;
    }
}

/// What an answer of success says of the object that was asked for; `None` if it says nothing of it,
/// nothing at all for example (cases: B33).
pub(super) fn stated(plan: &StreamPlan, asked: &Asked) -> Option<String> {
    let answer = asked.result.as_ref().ok()?;
    let body = std::str::from_utf8(answer.body()).ok()?;
    let item = Item::read_by(body, &plan.key).ok()?;
    (item.id == asked.entry.object).then(|| body.to_owned())
}

/// The item with which a delta page would say that the object is gone.
fn soft_removal(object: &ObjectId) -> String {
    json!({ "id": object.to_string(), "@removed": { "reason": "changed" } }).to_string()
}
