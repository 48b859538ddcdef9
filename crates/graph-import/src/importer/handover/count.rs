//! How many objects there are, as Graph counts them and as the store does.

use graph_dsl::Scan;
use graph_transport::{Answer, Disposition, Error, GraphRequest};
use http::header::{HeaderName, HeaderValue};

use crate::importer::fault::{End, Fault};
use crate::importer::reader::Reader;
use crate::importer::step::Next;
use crate::importer::{ImportError, links, partition};
use crate::report::Counts;
use crate::store::{Partition, Store, StreamState};

const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");

/// `$count` of the scanned collection, or of a part of it; `None` where Graph does not count
/// (cases: C11). The count comes from an index that lags (facts: graph-protocol 6).
pub(in crate::importer) async fn ask<S: Store>(
    reader: &Reader<'_, S>,
    scan: &Scan,
    prefix: &str,
) -> Result<Option<u64>, Fault> {
    let failed = |error: Error| Fault::Failed(error);
    let link = links::count(reader.client.cloud(), reader.plan, scan, prefix);
    let request = GraphRequest::get(link.map_err(|error| failed(error.into()))?)
        .deadline(None)
        .header(CONSISTENCY_LEVEL, HeaderValue::from_static("eventual"));
    let answer = reader.unless_stopped(reader.client.send(request)).await?;
    match &answer {
        Ok(answer) => reader.count(answer),
        Err(error) => reader.tally.requests.add(error.attempts().len() as u64),
    }
    match answer.and_then(Answer::into_success) {
        Ok(answer) => number(answer.body()).map(Some).map_err(failed),
        Err(error) if does_not_count(&error) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// A refusal that comes again, as opposed to a failure on the way.
fn does_not_count(error: &Error) -> bool {
    matches!(
        error.disposition(),
        Disposition::Invalid
            | Disposition::NotFound
            | Disposition::Forbidden
            | Disposition::NotLicensed
            | Disposition::NotInCloud
    )
}

/// A bare integer, it may be behind a byte order mark.
fn number(body: &[u8]) -> Result<u64, Error> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    serde_json::from_slice(body).map_err(|source| Error::Body { what: "a count", source })
}

/// The doubt of a handover that no other one could clear up (cases: C11).
pub(in crate::importer) const NOT_COUNTED: &str = "Graph does not count the collection";

/// How often a tenant that does not stand still is counted again.
const RECOUNTS: u32 = 2;

/// What follows from the counts once everything is read: publication, or one more scan of the whole
/// collection if objects are missing (cases: C7).
pub(super) async fn verdict<S: Store>(
    reader: &Reader<'_, S>,
    scan: &Scan,
    state: &StreamState,
    recounts: u32,
) -> Result<Next, End> {
    let after = ask(reader, scan, "").await?;
    let stream = reader.plan.name.clone();
    let seen = move |store: &mut S| Ok((store.sighted(&stream)?, store.partitions(&stream)?));
    let (sighted, partitions) = reader.writer.call(seen).await.map_err(ImportError::from)?;
    let Some(after) = after else {
        let counts =
            Counts { at_start: state.counted, at_end: None, distinct: sighted, churn: state.churn };
        reader.tally.counted(counts);
        return Ok(Next::Publish(Some(NOT_COUNTED.to_owned())));
    };
    let churn = state.churn;
    let counts = Counts { at_start: state.counted, at_end: Some(after), distinct: sighted, churn };
    reader.tally.counted(counts);
    let before = state.counted.unwrap_or(after);
    if sighted != after && state.churn > 0 && recounts < RECOUNTS {
        // What came and went during a long scan explains too much: what came since then does not.
        return Ok(Next::CatchUp);
    }
    let (fewest, most) =
        if recounts > 0 { (after, after) } else { (before.min(after), before.max(after)) };
    if sighted + state.churn < fewest && !partitions.iter().any(Partition::is_whole) {
        let reason = format!("residual scan: {sighted} of {fewest} objects were in the partitions");
        reader.restarted(&reason);
        return Ok(Next::Scan(partition::whole(), Some(reason)));
    }
    let explained = (fewest.saturating_sub(state.churn)..=most + state.churn).contains(&sighted);
    Ok(Next::Publish((!explained).then(|| {
        let counted = if fewest == most { most.to_string() } else { format!("{fewest} to {most}") };
        format!("{sighted} objects were found where Graph counts {counted}")
    })))
}
