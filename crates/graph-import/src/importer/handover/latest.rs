//! The beginning of a handover: a delta link of this moment, and whether it can be relied on.

use std::borrow::Cow;
use std::collections::BTreeSet;

use graph_dsl::{Scan, StreamPlan};
use graph_transport::{GraphLink, Page};
use serde::Deserialize;

use super::count;
use crate::Event;
use crate::importer::fault::{End, Fault};
use crate::importer::links;
use crate::importer::opening::Opening;
use crate::importer::reader::Reader;
use crate::importer::step::Next;
use crate::store::Store;

/// Takes a delta link, or says why the generation is read in another way.
pub(super) async fn begin<S: Store>(
    reader: &Reader<'_, S>,
    scan: &Scan,
    opening: &mut Opening,
) -> Result<Next, End> {
    let fall_back = |reason: String| Ok(Next::FallBack(reason));
    let page = match take(reader, opening).await {
        Ok(page) => page,
        Err(Fault::Gone { reason, .. }) => {
            return fall_back(format!("Graph gives no delta link of this moment: {reason}"));
        }
        Err(fault) => return Err(fault.into()),
    };
    let Some(link) = page.delta_link().filter(|_| page.items().len() == 0) else {
        return fall_back("Graph ignores $deltatoken=latest".to_owned());
    };
    let counted = count::ask(reader, scan, "").await?;
    if let Some(objects) = counted {
        reader.tally.counted_at_start(objects);
        reader.tell(&Event::Counted { stream: &reader.plan.name, objects });
    }
    if let Some(objects) = counted.filter(|objects| *objects < reader.scan_from) {
        return fall_back(format!("the collection is small: {objects} objects"));
    }
    match check(reader, &page, link).await? {
        Some(reason) => fall_back(reason),
        None => Ok(Next::Baseline(link.clone(), counted)),
    }
}

async fn take<S: Store>(reader: &Reader<'_, S>, opening: &mut Opening) -> Result<Page, Fault> {
    let link = links::latest(reader.client.cloud(), reader.plan)
        .map_err(|error| Fault::Failed(error.into()))?;
    match opening.take(&link) {
        Some((Ok(Some(page)), _)) => Ok(page),
        Some((Err(fault), _)) => Err(fault),
        // That the link has no token of its own is no reason to call an invalid one ours: a Graph
        // that does not know `latest` refuses it as a lost token.
        Some((Ok(None), _)) | None => reader.fetch(&link, true).await,
    }
}

/// Asks for the changes since the link, of which there are none or few: it must work and select what
/// was asked for (facts: graph-protocol 10.0: unverified for `latest` with `$select`). The link
/// stays the baseline: what this answer holds comes again.
async fn check<S: Store>(
    reader: &Reader<'_, S>,
    latest: &Page,
    link: &GraphLink,
) -> Result<Option<String>, Fault> {
    let page = match reader.fetch(link, true).await {
        Ok(page) => page,
        Err(Fault::Gone { reason, .. }) => {
            return Ok(Some(format!("the delta link of this moment does not work: {reason}")));
        }
        Err(fault) => return Err(fault),
    };
    let lost = match (selection(latest), selection(&page)) {
        (_, Some(selected)) => !covers(&selected, reader.plan),
        (named, None) => named.is_some(),
    };
    Ok(lost.then(|| "the delta link of this moment does not keep the selection".to_owned()))
}

fn covers(selected: &BTreeSet<String>, plan: &StreamPlan) -> bool {
    let asked = plan.select.iter().chain(&plan.relations);
    asked.filter(|name| *name != "id").all(|name| selected.contains(name))
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow, rename = "@odata.context", default)]
    context: Option<Cow<'a, str>>,
}

/// The properties that the page's context names: `$metadata#users(displayName,mail)`; relations
/// carry parentheses of their own, `members()`. `None` where it names none.
fn selection(page: &Page) -> Option<BTreeSet<String>> {
    let context: Context<'_> = serde_json::from_slice(page.body()).ok()?;
    let context = context.context?;
    let (_, list) = context.split_once('#')?.1.split_once('(')?;
    let list = list.rsplit_once(')').map_or(list, |(list, _)| list);
    Some(list.split(',').map(|name| name.trim_end_matches("()").to_owned()).collect())
}
