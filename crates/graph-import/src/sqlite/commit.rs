//! The commit rule: one transaction, fenced.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::Claimed;
use super::edges::{self, Lists};
use super::error::Failed;
use super::feed::Feed;
use super::ids;
use super::objects::Page;
use super::queue;
use super::streams;
use super::tables::Tables;
use crate::store::{
    Advance, Applied, Changes, Commit, Committed, Fence, Phase, StoreError, StreamState,
};

/// Applies a commit or says why not (facts: evidence-and-security, "The commit rule").
pub(super) fn commit(
    claimed: &mut Claimed,
    path: &Path,
    commit: &Commit<'_>,
) -> Result<Committed, StoreError> {
    let Claimed { connection, tables, run, .. } = claimed;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .failed("begin a commit", path)?;
    let stored = streams::state(&transaction, commit.stream).failed("read a stream", path)?;
    let stored = stored.ok_or_else(|| StoreError::UnknownStream(commit.stream.to_owned()))?;
    if let Some(refusal) = refused(&stored, &commit.fence)? {
        return Ok(refusal);
    }
    let after =
        stored.clone().advanced(commit.advance, items(commit), commit.spoiled, commit.fence.epoch);
    // The fence once more, in the statement that moves the stream: it does not rest on the read above.
    if !streams::write(&transaction, &stored, &after, commit.at).failed("move a stream", path)? {
        return Ok(Committed::Fenced);
    }
    let applied =
        apply(&transaction, tables, *run, &stored, commit).failed("write a page", path)?;
    transaction.commit().failed("commit a page", path)?;
    Ok(Committed::Applied(after, applied))
}

/// Why the commit must not happen; `None` where it may.
fn refused(stored: &StreamState, fence: &Fence) -> Result<Option<Committed>, StoreError> {
    Ok(Some(if stored.epoch > fence.epoch {
        Committed::Fenced
    } else if stored.generation != fence.generation {
        Committed::Superseded
    } else if stored.seq == fence.seq {
        return Ok(None);
    } else if stored.seq == fence.seq + 1 {
        Committed::AlreadyDone(stored.clone())
    } else {
        return Err(StoreError::Protocol {
            stream: stored.stream.clone(),
            found: stored.seq,
            expected: fence.seq,
        });
    }))
}

fn items(commit: &Commit<'_>) -> u64 {
    let read = match &commit.changes {
        Changes::Objects(items) | Changes::Reread(items) => items.len() as u64,
        Changes::Nothing | Changes::Edges(_) => 0,
    };
    read + commit.spoiled
}

fn apply(
    connection: &Connection,
    tables: &Tables,
    run: i64,
    stored: &StreamState,
    commit: &Commit<'_>,
) -> rusqlite::Result<Applied> {
    let mut applied = Applied::default();
    let feed = Feed::of(connection, run, commit.at, commit.stream)?;
    if let Some(table) = tables.object(commit.stream) {
        let mut page = Page::new(connection, tables, table, run, stored, commit.at);
        page.whole = matches!(commit.changes, Changes::Reread(_));
        page.feed = feed;
        if let Changes::Objects(items) | Changes::Reread(items) = &commit.changes {
            applied = page.apply(items)?;
        }
        if stored.proves(commit.advance, commit.spoiled) {
            applied.swept = page.sweep()?;
            edges::queue_unresolved(connection, tables, table)?;
        }
    }
    if let Some(table) = tables.edge(commit.stream) {
        if let Changes::Edges(lists) = &commit.changes {
            applied = Lists { connection, tables, table, run, at: commit.at, feed }.apply(lists)?;
        }
        match commit.advance {
            Advance::Resync => edges::queue_all(connection, table)?,
            Advance::Complete(_) => table.create_reverse(connection)?,
            Advance::Page(_) | Advance::Stay | Advance::Rewind => {}
        }
    }
    if stored.phase == Phase::Full
        && matches!(commit.advance, Advance::Complete(_))
        && streams::publish(connection, commit.stream, stored.generation, run)?
    {
        Feed::new(connection, run, commit.at).loaded(commit.stream)?;
    }
    for id in commit.again {
        queue::add(connection, commit.stream, ids::number(connection, id)?)?;
    }
    for entry in commit.done {
        queue::settle(connection, commit.stream, entry)?;
    }
    Ok(applied)
}
