//! How the edges of many owners are read: interchangeable ways to the same rows.

pub(super) mod lists;
pub(super) mod owner_delta;
pub(super) mod service_principals;
pub(super) mod shards;

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use graph_dsl::StreamPlan;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::shards::Shard;
use super::links;
use super::reader::{Followed, Reader};
use crate::cost::{Conditions, EdgeCounts};
use crate::report::EdgesReport;
use crate::store::{Queued, Store, relation};
use crate::{EdgeStrategy, Event};

/// Short lists that are read before their share is believed.
const SAMPLE: u64 = 200;

/// The strategy of one pass and what it has learned so far; shared by its requests.
pub(super) struct Tactics<'run> {
    owner: &'run StreamPlan,
    plan: &'run StreamPlan,
    strategy: EdgeStrategy,
    /// Lists are read whole from now on.
    whole: AtomicBool,
    short: AtomicU64,
    long: AtomicU64,
    proof: AtomicU8,
    room: Arc<Semaphore>,
}

/// Whether delta shards can be relied on in this tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Proof {
    Unproven,
    /// The first shard is on its way.
    Awaited,
    Proven,
    Refused,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tactic {
    Whole,
    Small,
    Shard,
    /// What comes next depends on an answer that is on its way.
    Wait,
}

impl<'run> Tactics<'run> {
    pub(super) fn new<S: Store>(
        reader: &Reader<'run, S>,
        owner: &'run StreamPlan,
        strategy: EdgeStrategy,
    ) -> Self {
        Self {
            owner,
            plan: reader.plan,
            strategy,
            whole: AtomicBool::new(false),
            short: AtomicU64::new(0),
            long: AtomicU64::new(0),
            proof: AtomicU8::new(Proof::Unproven as u8),
            room: Arc::new(Semaphore::new(shards::KEPT)),
        }
    }

    /// Room to keep so many edges in memory, for as long as the answer lives; `None` if there is not as
    /// much.
    fn room_for(&self, edges: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).try_acquire_many_owned(u32::try_from(edges).ok()?).ok()
    }

    pub(super) fn next(&self) -> Tactic {
        match (self.strategy, self.proof()) {
            _ if self.whole.load(Ordering::Relaxed) => Tactic::Whole,
            (EdgeStrategy::TwoTier, _) => Tactic::Small,
            (EdgeStrategy::DeltaShards, Proof::Awaited) => Tactic::Wait,
            (EdgeStrategy::DeltaShards, Proof::Unproven | Proof::Proven) => Tactic::Shard,
            _ => Tactic::Whole,
        }
    }

    /// Counts the answers of the first tier. Where most lists go on, two tiers cost more than one.
    fn weigh<S: Store>(&self, reader: &Reader<'_, S>, short: u64, long: u64) {
        let short = self.short.fetch_add(short, Ordering::Relaxed) + short;
        let long = self.long.fetch_add(long, Ordering::Relaxed) + long;
        let asked = short + long;
        if asked >= SAMPLE
            && !EdgeCounts::are_two_tiers_cheaper(self.plan, asked, long)
            && !self.whole.swap(true, Ordering::Relaxed)
        {
            let reason = format!("{long} of {asked} lists go on after a short page");
            reader.strategy.fall_back(reader, &reason);
        }
    }

    fn proof(&self) -> Proof {
        match self.proof.load(Ordering::Relaxed) {
            proof if proof == Proof::Unproven as u8 => Proof::Unproven,
            proof if proof == Proof::Awaited as u8 => Proof::Awaited,
            proof if proof == Proof::Proven as u8 => Proof::Proven,
            _ => Proof::Refused,
        }
    }

    fn set_proof(&self, proof: Proof) {
        self.proof.store(proof as u8, Ordering::Relaxed);
    }

    /// Reads no further shards.
    fn refuse<S: Store>(&self, reader: &Reader<'_, S>, reason: &str) {
        if self.proof() != Proof::Refused {
            self.set_proof(Proof::Refused);
            reader.strategy.fall_back(reader, reason);
        }
    }

    /// A shard over these owners; the owners again where the stream that owns them is not read by
    /// delta, so that there are no shards of it.
    pub(super) fn shard<S: Store>(
        &self,
        reader: &Reader<'_, S>,
        entries: Vec<Queued>,
    ) -> Result<Shard, Vec<Queued>> {
        let ids: Vec<String> = entries.iter().map(|entry| entry.object.to_string()).collect();
        let path = links::shard(self.owner, relation(self.plan), &ids);
        let path = path.map(|path| format!("/{}{path}", links::version(self.owner)));
        let link = path.and_then(|path| reader.client.cloud().link(&path).ok());
        let Some(link) = link else {
            self.refuse(reader, "the owners are not read by delta");
            return Err(entries);
        };
        if self.proof() == Proof::Unproven {
            self.set_proof(Proof::Awaited);
        }
        Ok(Shard::new(entries, link, Followed::default()))
    }
}

/// Which strategy a stream takes, and what became of it.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// See [`crate::Importer::edge_strategy`].
    forced: Option<EdgeStrategy>,
    conditions: Conditions,
    report: Mutex<Option<EdgesReport>>,
    /// Graph does not list service principals by a cast either.
    no_cast: AtomicBool,
}

impl Chosen {
    pub(super) fn new(forced: Option<EdgeStrategy>, conditions: Conditions) -> Self {
        Self { forced, conditions, ..Self::default() }
    }

    /// The strategy for so many owners, and a note of it.
    pub(super) fn get(&self, owner: &StreamPlan, plan: &StreamPlan, owners: u64) -> EdgeStrategy {
        let counts = EdgeCounts::guessed(owners);
        let strategy =
            self.forced.unwrap_or_else(|| self.conditions.choose(owner, plan, counts).strategy);
        // Only a round that is over can have gathered; what is left is read as lists.
        let strategy =
            if strategy == EdgeStrategy::OwnerDelta { EdgeStrategy::Batched } else { strategy };
        let predicted = self.conditions.edges(strategy, owner, plan, counts);
        self.note(EdgesReport { strategy, owners, predicted, fallback: None });
        strategy
    }

    pub(super) fn note(&self, report: EdgesReport) {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(report);
    }

    fn fall_back<S: Store>(&self, reader: &Reader<'_, S>, reason: &str) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(report) = report.as_mut() {
            report.fallback.get_or_insert_with(|| reason.to_owned());
        }
        drop(report);
        reader.tell(&Event::FellBack { stream: &reader.plan.name, reason });
    }

    pub(super) fn report(&self) -> Option<EdgesReport> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
