//! Where a stream stands, and the only way in which it moves.

use super::Fence;

/// The persisted state of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamState {
    /// The stream's name.
    pub stream: String,
    /// Rises when a full round begins.
    pub generation: u64,
    /// The epoch of the last commit.
    pub epoch: u64,
    /// Commits so far.
    pub seq: u64,
    /// What the stream is in the middle of.
    pub phase: Phase,
    /// The next page of the open round, as path and query; `None` before its first page.
    pub cursor: Option<String>,
    /// The last delta link, as path and query: where the next round begins. A round that must be
    /// read again begins there as well.
    pub watermark: Option<String>,
    /// Pages committed in the open or last round.
    pub pages: u64,
    /// Items committed in the open or last round, the unreadable ones included.
    pub items: u64,
    /// Unreadable items since the generation began: while there are any, the stream is partial.
    pub spoiled: u64,
}

/// What a stream is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// A full round: every object is read, and at its proven end what was not seen is swept.
    Full,
    /// A delta round.
    Changes,
    /// Between two rounds.
    Idle,
}

/// How a commit moves its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance<'a> {
    /// The round goes on at this page.
    Page(&'a str),
    /// The round is complete; a delta stream continues at this link another time.
    Complete(Option<&'a str>),
    /// Work of the round is done, its cursor stays where it is.
    Stay,
    /// The open delta round begins again at its watermark.
    Rewind,
    /// A full round begins, in a new generation.
    Resync,
}

impl Phase {
    /// The spelling in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Changes => "changes",
            Self::Idle => "idle",
        }
    }

    /// Reads [`Phase::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Full, Self::Changes, Self::Idle].into_iter().find(|phase| phase.as_str() == text)
    }
}

impl StreamState {
    /// The state of a stream that nothing has been read of.
    pub fn new(stream: &str) -> Self {
        Self {
            stream: stream.to_owned(),
            generation: 1,
            epoch: 0,
            seq: 0,
            phase: Phase::Full,
            cursor: None,
            watermark: None,
            pages: 0,
            items: 0,
            spoiled: 0,
        }
    }

    /// What a commit in this epoch must expect.
    pub const fn fence(&self, epoch: u64) -> Fence {
        Fence { generation: self.generation, epoch, seq: self.seq }
    }

    /// Whether a commit with this advance ends a full round in which every item was readable: only
    /// then is an object that was not seen known to be gone (cases: I3).
    pub fn proves(&self, advance: Advance<'_>, spoiled: u64) -> bool {
        self.phase == Phase::Full
            && matches!(advance, Advance::Complete(_))
            && self.spoiled + spoiled == 0
    }

    /// The state after a commit of a page with `items` items, `spoiled` of them unreadable.
    #[must_use]
    pub fn advanced(mut self, advance: Advance<'_>, items: u64, spoiled: u64, epoch: u64) -> Self {
        self.seq += 1;
        self.epoch = epoch;
        self.spoiled += spoiled;
        match advance {
            Advance::Stay => {}
            Advance::Rewind => self.begin(Phase::Idle),
            Advance::Resync => {
                self.generation += 1;
                self.spoiled = 0;
                self.begin(Phase::Full);
            }
            Advance::Page(next) => {
                self.read(items);
                self.cursor = Some(next.to_owned());
            }
            Advance::Complete(delta_link) => {
                self.read(items);
                self.phase = Phase::Idle;
                self.cursor = None;
                self.watermark = delta_link.map(str::to_owned);
            }
        }
        self
    }

    fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.cursor = None;
        (self.pages, self.items) = (0, 0);
    }

    /// Counts a page; the first page of a delta round opens it.
    fn read(&mut self, items: u64) {
        if self.phase == Phase::Idle {
            self.begin(Phase::Changes);
        }
        self.pages += 1;
        self.items += items;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(state: &StreamState, advance: Advance<'_>) -> StreamState {
        state.clone().advanced(advance, 3, 0, 7)
    }

    #[test]
    fn a_round_of_two_pages_and_the_next_one() {
        let new = StreamState::new("users");
        let one = after(&new, Advance::Page("/p2"));
        assert_eq!((one.phase, one.cursor.as_deref(), one.seq), (Phase::Full, Some("/p2"), 1));
        let two = after(&one, Advance::Complete(Some("/d1")));
        assert_eq!(
            (two.phase, two.cursor.as_deref(), two.watermark.as_deref()),
            (Phase::Idle, None, Some("/d1"))
        );
        assert_eq!((two.pages, two.items), (2, 6));
        let changes = after(&two, Advance::Page("/c2"));
        assert_eq!(
            (changes.phase, changes.pages, changes.watermark.as_deref()),
            (Phase::Changes, 1, Some("/d1"))
        );
        let again = after(&changes, Advance::Rewind);
        assert_eq!(
            (again.phase, again.cursor, again.watermark.as_deref()),
            (Phase::Idle, None, Some("/d1"))
        );
    }

    /// B16: the previous delta link is kept, the generation rises, the round begins from nothing.
    #[test]
    fn a_resync_is_a_new_generation() {
        let idle = after(&StreamState::new("users"), Advance::Complete(Some("/d1")));
        let fresh = after(&idle, Advance::Resync);
        assert_eq!(
            (fresh.generation, fresh.phase, fresh.cursor.as_deref()),
            (2, Phase::Full, None)
        );
        assert_eq!(fresh.watermark.as_deref(), Some("/d1"));
    }

    /// I3
    #[test]
    fn only_a_clean_full_round_proves_that_something_is_gone() {
        let new = StreamState::new("users");
        assert!(new.proves(Advance::Complete(None), 0));
        assert!(!new.proves(Advance::Page("/p2"), 0));
        assert!(!new.proves(Advance::Complete(None), 1));
        let spoiled = new.clone().advanced(Advance::Page("/p2"), 3, 1, 7);
        assert!(!spoiled.proves(Advance::Complete(None), 0));
        let idle = after(&new, Advance::Complete(Some("/d1")));
        assert!(!idle.proves(Advance::Complete(Some("/d2")), 0));
    }
}
