//! What a stream is in the middle of.

use serde::Serialize;

/// A step of a stream's state machine. The first five belong to an open generation, in which
/// everything is read; it is published when the last of them ends.
///
/// ```text
/// Full ──────────────── every page ────────────────▶ Idle ◀──▶ Changes
///  └─▶ Fence ─▶ Scan ─▶ CatchUp ─▶ Verify ─ publish ──┘
///               ▲───────── residual scan ──┘
/// ```
///
/// Any of them begins a new generation at `Full` where Graph has given up a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The beginning of a generation; of a plain collection or a delta round that reads everything
    /// also the rest of it.
    Full,
    /// A handover: the delta link is taken, and what happened before it must reach every replica.
    Fence,
    /// A handover: the plain collection is read, in partitions.
    Scan,
    /// A handover: the changes since the delta link are read; they win over what was scanned.
    CatchUp,
    /// A handover: everything is read; it is counted.
    Verify,
    /// A delta round.
    Changes,
    /// Between two rounds.
    Idle,
}

/// How a generation was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// By a scan between two delta links.
    Handover,
    /// By a delta round from its beginning.
    Delta,
    /// From a plain collection, as a whole.
    Full,
    /// From a log, span by span.
    Window,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 7] = [
        Self::Full,
        Self::Fence,
        Self::Scan,
        Self::CatchUp,
        Self::Verify,
        Self::Changes,
        Self::Idle,
    ];

    /// The spelling in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Fence => "fence",
            Self::Scan => "scan",
            Self::CatchUp => "catch_up",
            Self::Verify => "verify",
            Self::Changes => "changes",
            Self::Idle => "idle",
        }
    }

    /// Reads [`Phase::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == text)
    }

    /// Whether everything is being read, as opposed to changes.
    pub const fn is_open_generation(self) -> bool {
        !matches!(self, Self::Changes | Self::Idle)
    }
}

impl Source {
    /// The spelling in a store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handover => "handover",
            Self::Delta => "delta",
            Self::Full => "full",
            Self::Window => "window",
        }
    }

    /// Reads [`Source::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Handover, Self::Delta, Self::Full, Self::Window]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}
