//! The commit rule: one transaction, fenced.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::Claimed;
use super::edges::{self, Lists};
use super::error::Failed;
use super::feed::Feed;
use super::objects::{Elsewhere, Page};
use super::tables::{ObjectTable, Tables};
use super::withheld::{self, Missing};
use super::{emptied, gone, nesting, partitions, queue, restored, staging, streams, unresolved};
use crate::store::{
    Advance, Applied, Changes, Commit, Committed, DeletionThreshold, Fence, Move, Phase,
    StoreError, StreamState,
};

/// Applies a commit or says why not (facts: evidence-and-security, "The commit rule").
pub(super) fn commit(
    claimed: &mut Claimed,
    path: &Path,
    commit: &Commit<'_>,
) -> Result<Committed, StoreError> {
    let committed = transact(claimed, path, commit);
    if !matches!(committed, Ok(Committed::Applied(..))) {
        claimed.tables.numbers.forget(); // some may have been rolled back
    }
    committed
}

fn transact(
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
    let Effects { applied, elsewhere, emptied, missing } =
        apply(&transaction, tables, *run, &stored, commit).failed("write a page", path)?;
    let step = Move {
        advance: commit.advance,
        items: items(commit),
        spoiled: commit.spoiled,
        churn: applied.churn(),
        epoch: commit.fence.epoch,
        at: commit.at,
    };
    let scanned = matches!(commit.changes, Changes::Scanned(_));
    let step = if scanned { Move { churn: 0, ..step } } else { step };
    let mut after = stored.clone().advanced(&step);
    after.emptied = emptied.unwrap_or(after.emptied);
    if let Some(missing) = missing {
        missing.note(&mut after);
    }
    // The fence once more, in the statement that moves the stream: it does not rest on the read above.
    if !streams::write(&transaction, &stored, &after, commit.at).failed("move a stream", path)? {
        return Ok(Committed::Fenced);
    }
    settle_generation(&transaction, tables, &after, &step).failed("move a scan", path)?;
    nesting::settle(&transaction, tables).failed("follow nested groups", path)?;
    transaction.commit().failed("commit a page", path)?;
    Ok(Committed::Applied(after, applied, elsewhere))
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
        Changes::Objects(items) | Changes::Scanned(items) | Changes::Reread(items) => {
            items.len() as u64
        }
        Changes::Links(links) => links.len() as u64,
        Changes::Nothing
        | Changes::Edges(_)
        | Changes::Doubted(_)
        | Changes::Held(_)
        | Changes::Gone(_) => 0,
    };
    read + commit.spoiled
}

fn apply(
    connection: &Connection,
    tables: &Tables,
    run: i64,
    stored: &StreamState,
    commit: &Commit<'_>,
) -> rusqlite::Result<Effects> {
    let mut effects = Effects::default();
    if let Some(table) = tables.object(commit.stream) {
        effects = objects(connection, tables, table, run, stored, commit)?;
        restored::advance(connection, tables, table, stored, commit)?;
    }
    if let Some(table) = tables.edge(commit.stream) {
        // Links are what Graph reports, one by one; only lists are doubted for what they lack.
        let threshold = match &commit.changes {
            Changes::Edges(_) => commit.threshold,
            _ => DeletionThreshold::NONE,
        };
        let lists = Lists::new(connection, tables, table, run, (commit.at, threshold))?;
        match &commit.changes {
            Changes::Edges(edges) => {
                effects.applied = lists.apply(edges)?;
                restored::listed(connection)?;
            }
            Changes::Links(links) => {
                (effects.applied, effects.missing) = lists.apply_links(links, stored, commit)?;
            }
            Changes::Doubted(targets) => {
                unresolved::queue_owners(connection, tables, table, (targets, commit.at))?;
            }
            Changes::Held(answers) => restored::held(connection, table, (answers, commit.at))?,
            _ => {}
        }
        match commit.advance {
            Advance::Resync => edges::queue_all(connection, table, commit.at)?,
            Advance::Sweep => effects.applied = lists.sweep_links()?,
            Advance::Complete(_) => {
                table.create_reverse(connection)?;
                if table.nests && !nesting::is_kept(connection, table)? {
                    nesting::build(connection, table)?;
                }
                if table.is_listed() {
                    unresolved::note_all(connection, tables, table, run)?;
                }
            }
            _ => {}
        }
    }
    if stored.published.is_none() && stored.publishes(commit.advance) {
        streams::first_published(connection, commit.stream, run)?;
        Feed::new(connection, run, commit.at).loaded(commit.stream)?;
    }
    for id in commit.again {
        queue::add(connection, commit.stream, tables.numbers.number(connection, id)?, commit.at)?;
    }
    for entry in commit.done {
        queue::settle(connection, commit.stream, entry)?;
    }
    Ok(effects)
}

/// What a commit has done to rows and is to do to the stream's state.
#[derive(Default)]
struct Effects {
    applied: Applied,
    elsewhere: Elsewhere,
    /// See [`StreamState::emptied`].
    emptied: Option<Vec<String>>,
    /// What is withheld from now on.
    missing: Option<Missing>,
}

/// The rows of a commit to an object stream, and the publication that it may be.
fn objects(
    connection: &Connection,
    tables: &Tables,
    table: &ObjectTable,
    run: i64,
    stored: &StreamState,
    commit: &Commit<'_>,
) -> rusqlite::Result<Effects> {
    let staging = tables.staging(&table.stream).filter(|_| stored.is_staged());
    let of = |table| {
        Page::new(connection, tables, table, run, stored, commit.at).of(&commit.changes, stored)
    };
    let mut live = of(table);
    let mut page = of(staging.unwrap_or(table));
    // Scanned owners bring no edges, and what is caught up with only some.
    page.gathers = if stored.phase == Phase::Full { commit.gathers } else { &[] };
    if staging.is_some() {
        (page.staged, page.feed) = (true, None);
    }
    let mut applied = match &commit.changes {
        Changes::Objects(items) | Changes::Scanned(items) | Changes::Reread(items) => {
            page.apply(items)?
        }
        Changes::Gone(deletions) => gone::apply(&live, deletions)?,
        Changes::Nothing
        | Changes::Edges(_)
        | Changes::Links(_)
        | Changes::Doubted(_)
        | Changes::Held(_) => Applied::default(),
    };
    if commit.advance == Advance::Sweep {
        applied.swept = sweep(connection, tables, &live, commit.at)?;
    }
    let (mut emptied, mut withheld) = (None, None);
    if !stored.publishes(commit.advance) {
        return Ok(Effects {
            applied,
            elsewhere: elsewhere(page, live),
            emptied,
            missing: withheld,
        });
    }
    if let Some(staging) = staging {
        let found = emptied::find(connection, table, staging, &stored.unreadable)?;
        live.keep(&found);
        applied = staging::publish(&live, staging)?;
        emptied = Some(found);
    }
    // What a log has told once stays told.
    if !table.is_log {
        let missing = withheld::missing(connection, table, stored)?;
        let is_allowed = table.is_filtered || missing.is_allowed(&commit.threshold);
        if is_allowed && stored.proves(commit.advance, commit.spoiled) {
            applied.swept = sweep(connection, tables, &live, commit.at)?;
        } else if !table.is_filtered {
            withheld = Some(missing);
        }
    }
    Ok(Effects { applied, elsewhere: elsewhere(page, live), emptied, missing: withheld })
}

/// Takes away what the generation has not seen; how many are known to be gone then.
fn sweep(
    connection: &Connection,
    tables: &Tables,
    live: &Page<'_>,
    at: &str,
) -> rusqlite::Result<u64> {
    let swept = live.sweep()?;
    edges::queue_unresolved(connection, tables, live.table, at)?;
    // What a filter has left out may be there: that is found out next.
    Ok(if live.table.is_filtered { 0 } else { swept })
}

/// What the items, and the publication, have changed of streams of edges.
fn elsewhere<'a>(page: Page<'a>, live: Page<'a>) -> Elsewhere {
    [page, live].into_iter().flat_map(Page::into_elsewhere).collect()
}

/// Moves what belongs to the open generation alone: its partitions, and what is kept aside of it.
fn settle_generation(
    connection: &Connection,
    tables: &Tables,
    after: &StreamState,
    step: &Move<'_>,
) -> rusqlite::Result<()> {
    if tables.object(&after.stream).is_none() {
        return Ok(());
    }
    partitions::advance(connection, after, step.advance, step.items)?;
    let begun =
        matches!(step.advance, Advance::Resync | Advance::FallBack(_) | Advance::Without(_));
    let over = matches!(step.advance, Advance::Publish { .. });
    if begun || over { staging::clear(connection, tables, &after.stream) } else { Ok(()) }
}
