//! One pass over the queue of an edge stream: many requests at once, one commit at a time.

use std::collections::VecDeque;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use graph_transport::Batch;

use super::ImportError;
use super::fault::{End, Fault};
use super::reader::Reader;
use super::replicas::Reports;
use super::step::{Next, Step, Stepped, Work};
use super::strategy::lists::{self, Rest, Tier};
use super::strategy::shards::{self, Shard};
use super::strategy::{Tactic, Tactics};
use crate::Event;
use crate::cost::MOST_SHARD_IDS;
use crate::store::{Edge, EdgeList, EdgeType, OwnerEdges, Queued, Store};

/// Owners that are taken from the queue at once; a few dozen bytes each.
const TAKEN: usize = 1_000;

/// What the answers on their way, those that wait and those of the commit in hand may weigh together,
/// the first judged by the mean of those before: memory stays flat whether lists are short or long, and
/// Graph is faster or the disk (cases: I7). It also bounds a transaction (cases: D17).
const WEIGHT: usize = 6 << 20;

/// Requests under way before any answer has been weighed, those that may be where only the answers on
/// their way take room, and the most; the transport's lane decides how many of them are on the wire.
const IN_FLIGHT: (usize, usize, usize) = (8, 4, 64);

/// One request, or one batch of them.
pub(super) enum Job {
    /// The first pages of some owners' lists.
    Lists(Vec<Queued>, Tier),
    /// The next page of a long list.
    Rest(Rest),
    /// The next page of a delta round over some owners.
    Shard(Shard),
}

/// What a job has brought.
#[derive(Default)]
pub(super) struct Piece {
    /// Lists and parts of lists, each with its owner's place in the queue.
    pub(super) lists: Vec<(u64, OwnerEdges)>,
    /// Owners that are settled by them.
    pub(super) done: Vec<Queued>,
    /// Owners whose whole lists must be asked for.
    pub(super) again: Vec<Queued>,
    /// The work that follows.
    pub(super) next: Vec<Job>,
    /// Size of the answer in bytes.
    pub(super) weight: usize,
}

impl Piece {
    /// A list that is complete now, or hidden.
    pub(super) fn settle(&mut self, entry: Queued, list: EdgeList) {
        self.settle_without(entry, list, None);
    }

    /// The same of a list that leaves out a type of targets.
    pub(super) fn settle_without(
        &mut self,
        entry: Queued,
        list: EdgeList,
        without: Option<EdgeType>,
    ) {
        self.part(&entry, list);
        if let Some((_, of)) = self.lists.last_mut() {
            of.without = without;
        }
        self.done.push(entry);
    }

    /// A part of a list.
    pub(super) fn part(&mut self, entry: &Queued, list: EdgeList) {
        self.lists
            .push((entry.place, OwnerEdges { owner: entry.object.clone(), list, without: None }));
    }
}

/// Reads the lists of all queued owners, and those last whose report is so young that a replica may
/// not show it. Owners that could not be read stay in the queue.
pub(super) async fn read_queue<S: Store>(
    reader: &Reader<'_, S>,
    tactics: &Tactics<'_>,
) -> Result<(), End> {
    let mut reports = Some(reader.shown());
    while let Some(of) = reports {
        reader.until_shown(Some(of.up_to())).await?;
        reports = read_reported(reader, tactics, of).await?.next();
    }
    Ok(())
}

/// One pass over the owners that were reported in a span of time.
async fn read_reported<S: Store>(
    reader: &Reader<'_, S>,
    tactics: &Tactics<'_>,
    reports: Reports,
) -> Result<Reports, End> {
    let mut pass = Pass::of(reports);
    let (mut working, mut writing) = (FuturesUnordered::new(), FuturesUnordered::new());
    loop {
        while pass.has_room(working.len()) {
            let idle = working.is_empty() && writing.is_empty();
            match pass.next_job(reader, tactics, idle).await? {
                Some(job) => working.push(work(reader, tactics, job)),
                None => break,
            }
        }
        // Whatever has come while the last commit was on its way makes the next one.
        if writing.is_empty() && pass.has_pending() {
            writing.push(commit(reader, pass.take()));
        }
        if working.is_empty() && writing.is_empty() {
            return Ok(pass.reports);
        }
        tokio::select! {
            biased;
            () = reader.stop.requested() => {
                while let Some(written) = writing.next().await {
                    written?;
                }
                commit(reader, pass.take()).await?;
                return Err(Fault::Stopped.into());
            }
            Some(written) = writing.next() => {
                written?;
                pass.writing = 0;
            }
            Some(piece) = working.next() => pass.receive(piece?),
        }
    }
}

async fn work<S: Store>(
    reader: &Reader<'_, S>,
    tactics: &Tactics<'_>,
    job: Job,
) -> Result<Piece, End> {
    match job {
        Job::Lists(entries, tier) => lists::read(reader, tactics, entries, tier).await,
        Job::Rest(rest) => lists::go_on(reader, rest).await,
        Job::Shard(shard) => shards::read(reader, tactics, shard).await,
    }
}

/// Where the pass stands.
struct Pass {
    /// Whose owners are read.
    reports: Reports,
    /// Owners that were taken from the queue and not asked about yet.
    owners: VecDeque<Queued>,
    /// The place of the last one taken.
    after: Option<u64>,
    exhausted: bool,
    again: VecDeque<Queued>,
    follow: VecDeque<Job>,
    lists: Vec<(u64, OwnerEdges)>,
    done: Vec<Queued>,
    /// Size in bytes of the edges that wait to be committed, and of those that are being committed.
    waiting: usize,
    writing: usize,
    /// Jobs that were weighed and what they weighed.
    weighed: (usize, usize),
}

impl Pass {
    fn of(reports: Reports) -> Self {
        let (owners, again, follow) = Default::default();
        let (lists, done) = Default::default();
        let (after, exhausted, weighed) = (None, false, (0, 0));
        Self {
            reports,
            owners,
            after,
            exhausted,
            again,
            follow,
            lists,
            done,
            waiting: 0,
            writing: 0,
            weighed,
        }
    }

    /// Whether another request may begin beside those that are under way.
    fn has_room(&self, working: usize) -> bool {
        let (first, least, most) = IN_FLIGHT;
        let (jobs, weight) = self.weighed;
        let Some(mean) = weight.checked_div(jobs) else { return working < first };
        let held = self.waiting + self.writing;
        let fits = held + (working + 1) * mean <= WEIGHT;
        working < most && (fits || working < least && held <= WEIGHT)
    }

    /// The next request: pages of lists that are open first, because they hold memory and staged
    /// rows; then whole lists after short ones, a full batch at a time; then new owners.
    async fn next_job<S: Store>(
        &mut self,
        reader: &Reader<'_, S>,
        tactics: &Tactics<'_>,
        idle: bool,
    ) -> Result<Option<Job>, ImportError> {
        if let Some(job) = self.follow.pop_front() {
            return Ok(Some(job));
        }
        if self.again.len() >= Batch::MOST_ITEMS {
            return Ok(Some(Job::Lists(take(&mut self.again, Batch::MOST_ITEMS), Tier::Whole)));
        }
        while self.owners.is_empty() && !self.exhausted {
            let (stream, after) = (reader.plan.name.clone(), self.after);
            let taken =
                reader.writer.call(move |store| store.queued(&stream, after, TAKEN)).await?;
            self.after = taken.last().map(|entry| entry.place).or(self.after);
            self.exhausted = taken.len() < TAKEN;
            self.owners.extend(taken.into_iter().filter(|it| self.reports.hold(&it.since)));
        }
        if self.owners.is_empty() {
            let rest = idle && !self.again.is_empty();
            let rest = rest.then(|| take(&mut self.again, Batch::MOST_ITEMS));
            return Ok(rest.map(|entries| Job::Lists(entries, Tier::Whole)));
        }
        Ok(match tactics.next() {
            Tactic::Wait => None,
            Tactic::Shard => Some(self.shard(reader, tactics)),
            Tactic::Small => {
                Some(Job::Lists(take(&mut self.owners, Batch::MOST_ITEMS), Tier::Small))
            }
            Tactic::Whole => {
                Some(Job::Lists(take(&mut self.owners, Batch::MOST_ITEMS), Tier::Whole))
            }
        })
    }

    /// A shard of the next owners; those who hide their edges are left to the lists.
    fn shard<S: Store>(&mut self, reader: &Reader<'_, S>, tactics: &Tactics<'_>) -> Job {
        let taken = take(&mut self.owners, MOST_SHARD_IDS);
        let (hidden, open): (Vec<_>, Vec<_>) = taken.into_iter().partition(|entry| entry.hidden);
        self.again.extend(hidden);
        match tactics.shard(reader, open) {
            Ok(shard) => Job::Shard(shard),
            Err(entries) => {
                self.again.extend(entries);
                Job::Lists(take(&mut self.again, Batch::MOST_ITEMS), Tier::Whole)
            }
        }
    }

    fn receive(&mut self, piece: Piece) {
        let Piece { lists, done, again, next, weight } = piece;
        let edges = lists.iter().map(|(_, of)| of.list.edges().len()).sum::<usize>();
        self.waiting += edges * size_of::<Edge>();
        self.lists.extend(lists);
        self.done.extend(done);
        self.again.extend(again);
        self.follow.extend(next);
        self.weighed = (self.weighed.0 + 1, self.weighed.1 + weight);
    }

    fn has_pending(&self) -> bool {
        !self.lists.is_empty() || !self.done.is_empty()
    }

    /// Everything that waits, by owner: rows of neighbours lie together in the store. Parts of one
    /// list keep their order.
    fn take(&mut self) -> (Vec<OwnerEdges>, Vec<Queued>) {
        self.writing = std::mem::take(&mut self.waiting);
        let mut lists = std::mem::take(&mut self.lists);
        lists.sort_by_key(|(place, _)| *place);
        (lists.into_iter().map(|(_, list)| list).collect(), std::mem::take(&mut self.done))
    }
}

fn take(owners: &mut VecDeque<Queued>, most: usize) -> Vec<Queued> {
    let most = most.min(owners.len());
    owners.drain(..most).collect()
}

async fn commit<S: Store>(
    reader: &Reader<'_, S>,
    (lists, done): (Vec<OwnerEdges>, Vec<Queued>),
) -> Result<(), End> {
    let owners = done.len() as u64;
    if lists.is_empty() && done.is_empty() {
        return Ok(());
    }
    let step = Step { done, ..Step::new(Work::Edges(lists), Next::Stay) };
    if let Stepped::Applied(applied) = reader.step(step).await? {
        reader.tally.items.add(owners);
        let (stream, cost) = (&*reader.plan.name, reader.tally.cost());
        reader.tell(&Event::Edges { stream, owners, applied: &applied, cost });
    }
    Ok(())
}
