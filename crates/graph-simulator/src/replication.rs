//! Replication lag: what reads do not show yet (facts: graph-protocol 5.5, 6, 8.4).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::directory::Overlay;
use crate::directory::changes::Version;
use crate::protocol::call::Call;
use crate::protocol::resource::Resource;
use crate::tenant::mix::mix;

/// How far behind the directory the replicas are that answer reads. A read of a kind shows the whole
/// directory as it was so long ago: objects, properties, relationships and counts alike. A write goes
/// to the directory itself, and so does what it reads.
///
/// Graph documents no figure and no order: a delta round may report what a list does not show yet,
/// and the other way round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplicationLag {
    /// Of delta rounds. A replica never answers a token that is newer than itself.
    pub deltas: Duration,
    /// Of collections and relationships.
    pub lists: Duration,
    /// Of single objects, also those in the recycle bin and those of `getByIds`.
    pub objects: Duration,
    /// Of `$count` and of advanced queries, which an index of its own answers (facts: graph-protocol 6).
    pub index: Duration,
    /// Whether every read but those of delta rounds meets a replica of its own, anywhere between the
    /// present and so far behind: two pages of one list, or two reads of one object, may then show
    /// first a later and then an earlier state.
    pub spread: bool,
}

impl From<Duration> for ReplicationLag {
    /// The same lag for every read.
    fn from(lag: Duration) -> Self {
        Self { deltas: lag, lists: lag, objects: lag, index: lag, spread: false }
    }
}

impl ReplicationLag {
    fn longest(&self) -> Duration {
        self.deltas.max(self.lists).max(self.objects).max(self.index)
    }
}

/// What answers a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A replica that is at least as new as the token of the request.
    Delta(Version),
    Lists,
    Objects,
    Index,
}

impl Source {
    /// What answers this request.
    pub(crate) fn of(call: &Call<'_>, resource: &Resource) -> Self {
        match resource {
            Resource::Delta(_) | Resource::ObjectsDelta => {
                Self::Delta(crate::protocol::delta::known(call))
            }
            Resource::Count(_) | Resource::LinkedCount { .. } => Self::Index,
            _ if call.is_advanced() || call.query.search.is_some() => Self::Index,
            Resource::Object(..)
            | Resource::Through { .. }
            | Resource::DirectoryObject(_)
            | Resource::DeletedItem(_)
            | Resource::GetByIds
            | Resource::Photo { .. } => Self::Objects,
            _ => Self::Lists,
        }
    }
}

/// The directory as a replica has it.
#[derive(Clone, Debug)]
pub(crate) struct Replica {
    pub(crate) moment: u64,
    pub(crate) overlay: Arc<Overlay>,
}

/// The states of the directory that some replica may still be in.
#[derive(Debug)]
pub(crate) struct Replication {
    lag: ReplicationLag,
    /// When each state began, oldest first.
    states: VecDeque<(Instant, Replica)>,
    reads: u64,
}

impl Replication {
    pub(crate) fn new(lag: ReplicationLag, moment: u64) -> Self {
        let first = Replica { moment, overlay: Arc::default() };
        Self { lag, states: [(Instant::now(), first)].into(), reads: 0 }
    }

    /// Notes the state that the directory is in from now on.
    pub(crate) fn note(&mut self, moment: u64, overlay: &Overlay) {
        let longest = self.lag.longest();
        if longest.is_zero() {
            return;
        }
        let now = Instant::now();
        self.states.push_back((now, Replica { moment, overlay: Arc::new(overlay.clone()) }));
        while self.states.get(1).is_some_and(|(begun, _)| now.duration_since(*begun) >= longest) {
            self.states.pop_front();
        }
    }

    /// The replica that answers a read; `None` for the directory itself.
    pub(crate) fn replica(&mut self, source: Source) -> Option<Replica> {
        let lag = match source {
            Source::Delta(_) => self.lag.deltas,
            Source::Lists => self.lag.lists,
            Source::Objects => self.lag.objects,
            Source::Index => self.lag.index,
        };
        if lag.is_zero() {
            return None;
        }
        let lag = match source {
            Source::Delta(_) => lag,
            _ if self.lag.spread => self.draw(lag),
            _ => lag,
        };
        let now = Instant::now();
        let known = |begun: Instant| now.duration_since(begun) >= lag;
        let at = self.states.iter().rposition(|(begun, _)| known(*begun)).unwrap_or(0);
        let at = match source {
            Source::Delta(least) => {
                let reaches = |(_, state): &(Instant, Replica)| {
                    state.moment >= least.moment && state.overlay.sequence() >= least.sequence
                };
                // A token that is newer than every state is refused by the directory.
                at + self.states.iter().skip(at).position(reaches)?
            }
            _ => at,
        };
        self.states.get(at).map(|(_, state)| state.clone())
    }

    fn draw(&mut self, lag: Duration) -> Duration {
        self.reads += 1;
        let millis = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(mix(self.reads) % millis.saturating_add(1))
    }
}
