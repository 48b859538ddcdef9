//! How many rows ended how.

use std::fmt::Write as _;

use graph_dsl::Outcome;

use crate::exit::Exit;

/// Counts by outcome.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: Vec<(Outcome, u64)>,
    /// What the failures so far agree on.
    exit: Option<Exit>,
}

impl Tally {
    /// `exit` is what the row would end the process with if it were alone.
    pub(super) fn count(&mut self, outcome: Outcome, exit: Exit) {
        match self.counts.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((outcome, 1)),
        }
        if !outcome.is_success() {
            let differs = self.exit.is_some_and(|known| known != exit);
            self.exit = Some(if differs { Exit::Failed } else { exit });
        }
    }

    /// Rows that did not succeed and certainly changed nothing.
    pub(super) fn failed(&self) -> u64 {
        self.sum(|outcome| !outcome.is_success() && outcome != Outcome::Unknown)
    }

    pub(super) fn unknown(&self) -> u64 {
        self.sum(|outcome| outcome == Outcome::Unknown)
    }

    fn sum(&self, wanted: impl Fn(Outcome) -> bool) -> u64 {
        self.counts.iter().filter(|(outcome, _)| wanted(*outcome)).map(|(_, count)| count).sum()
    }

    /// `1000 rows: 997 created, 3 not_found`
    pub(super) fn summary(&self, unstarted: usize) -> String {
        let mut counts = self.counts.clone();
        counts.sort_by_key(|(outcome, _)| (!outcome.is_success(), *outcome));
        let mut text = format!("{} rows", self.sum(|_| true) + unstarted as u64);
        for (index, (outcome, count)) in counts.iter().enumerate() {
            let before = if index == 0 { ":" } else { "," };
            let _ = write!(text, "{before} {count} {outcome}");
        }
        if unstarted > 0 {
            let _ = write!(text, ", {unstarted} unstarted");
        }
        text
    }

    /// Some failed: partial. All failed: what they agree on.
    pub(super) fn exit(&self) -> Exit {
        match self.exit {
            None => Exit::Done,
            Some(agreed) if self.sum(Outcome::is_success) == 0 => agreed,
            Some(_) => Exit::Partial,
        }
    }
}
