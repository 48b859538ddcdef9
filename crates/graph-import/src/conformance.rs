//! The contract of [`Store`] as checks that an implementer can run.

mod bench;
mod edges;
mod fence;
mod objects;
mod read_back;

use std::fmt;

use bench::Bench;

use crate::Store;

/// A rule of the contract that a store has broken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// What was found instead.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.found)
    }
}

type Check<S> = fn(&mut Bench<'_, S>) -> Result<(), String>;

/// Checks a store against the contract; all violations are told, not the first alone. `open` gives a
/// handle on the store of that name: the same name is the same store, a new name an empty one.
///
/// It sees the store through its trait alone. Rows show where it offers [`Store::read_back`]; where
/// it does not, compare its content with a tenant as well. The simulator is one that knows the truth:
/// the example `own_store` imports twice, and verifies everything.
///
/// ```
/// # let directory = tempfile::tempdir().unwrap();
/// use graph_import::{SqliteStore, conformance};
///
/// let violations = conformance::check(|name| SqliteStore::new(directory.path().join(name)));
/// assert_eq!(violations, []);
/// ```
pub fn check<S: Store>(open: impl Fn(&str) -> S) -> Vec<Violation> {
    let checks: [(&'static str, Check<S>); 20] = [
        ("looking at a store leaves it as it was", fence::inspection_changes_nothing),
        ("what was committed is there for the next handle", fence::commits_outlive_the_handle),
        ("a store is pinned to its tenant", fence::another_tenant_is_refused),
        ("one writer at a time", fence::a_second_writer_is_refused),
        (
            "a commit that has happened is answered by the stored state",
            fence::a_repeated_commit_is_adopted,
        ),
        ("a writer of an earlier run is fenced off", fence::an_earlier_run_is_fenced),
        ("a commit of an older generation is superseded", fence::an_older_generation_is_superseded),
        (
            "a commit from a state that never was is an error",
            fence::a_commit_from_nowhere_is_an_error,
        ),
        ("applying the same items again changes nothing", objects::a_replay_changes_nothing),
        ("a change is laid over what is known", objects::a_change_is_merged),
        ("soft and hard deletions are told apart", objects::deletions_are_told_apart),
        ("only a proven generation sweeps", objects::only_proof_sweeps),
        ("many deletions wait for their proof", objects::many_deletions_are_withheld),
        ("a generation is published as a whole", objects::a_generation_is_published_as_a_whole),
        ("a list replaces an owner's edges as a whole", edges::lists_are_swapped_as_a_whole),
        ("a list that lacks most has to come twice", edges::a_list_that_lacks_most_comes_twice),
        ("what a list is known to leave out stays", edges::a_type_that_a_list_is_without_stays),
        ("what came back is looked for in the lists", edges::what_came_back_is_remembered),
        ("what is committed is read back", read_back::what_is_committed_is_read_back),
        ("owners wait in the queue until their ticket is settled", edges::tickets_settle_owners),
    ];
    let run = |(rule, check): (&'static str, Check<S>)| {
        let name = rule.replace([' ', '\''], "_");
        let mut bench = Bench::new(&open, &name);
        check(&mut bench).err().map(|found| Violation { rule, found })
    };
    checks.into_iter().filter_map(run).collect()
}
