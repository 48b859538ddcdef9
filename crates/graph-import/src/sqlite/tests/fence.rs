//! Two workers on one stream, in any order: with the fence nothing is lost, without it the checker
//! notices.

use proptest::prelude::*;

use super::*;
use crate::store::Fence;

/// What one of the two workers does next.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Takes the stream over, as a new run does.
    Claim(usize),
    /// Reads the page at the stored cursor. A page that is read later holds later values.
    Fetch(usize),
    /// Commits what it has read, however long ago.
    Commit(usize),
}

/// A page in the hands of a worker: one object and the value that it had when it was read.
#[derive(Clone, Copy)]
struct Fetched {
    fence: Fence,
    object: u32,
    value: usize,
}

/// Plays a schedule; what the checker has to say against the store.
fn play(acts: &[Act], fenced: bool) -> Result<(), String> {
    let mut bench = Bench::new();
    let mut epochs = [bench.run; 2];
    let mut hands: [Option<Fetched>; 2] = [None, None];
    let mut newest = std::collections::BTreeMap::new();
    for (now, act) in acts.iter().enumerate() {
        match *act {
            Act::Claim(worker) => {
                bench.reclaim();
                epochs[worker] = bench.run;
            }
            Act::Fetch(worker) => {
                let state = bench.store.stream("users").unwrap();
                let object = u32::try_from(state.pages).unwrap();
                let fence = state.fence(epochs[worker]);
                hands[worker] = Some(Fetched { fence, object, value: now });
            }
            Act::Commit(worker) => {
                let Some(Fetched { mut fence, object, value }) = hands[worker] else { continue };
                if !fenced {
                    let state = bench.store.stream("users").unwrap();
                    fence = state.fence(state.epoch.max(bench.run));
                }
                let json = user(object, &format!("{value:04}"));
                let items = [Item::read(&json).unwrap()];
                let next = format!("/v1.0/{}", object + 1);
                let commit =
                    Commit::new("users", fence, Changes::Objects(&items), Advance::Page(&next), AT);
                if let Committed::Applied(..) = bench.store.commit(&commit).unwrap() {
                    let before = newest.insert(object, value);
                    if before.is_some_and(|before| before > value) {
                        return Err(format!("object {object} went back in time"));
                    }
                }
            }
        }
    }
    let state = bench.store.stream("users").unwrap();
    let pages = newest.len();
    if state.cursor.as_deref().unwrap_or("/v1.0/0") != format!("/v1.0/{pages}")
        || state.seq != pages as u64
    {
        return Err(format!(
            "{pages} pages, but the cursor is {:?} after {} commits",
            state.cursor, state.seq
        ));
    }
    Ok(())
}

fn act() -> impl Strategy<Value = Act> {
    let worker = 0usize..2;
    prop_oneof![
        1 => worker.clone().prop_map(Act::Claim),
        4 => worker.clone().prop_map(Act::Fetch),
        4 => worker.prop_map(Act::Commit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn with_the_fence_every_page_is_written_once_and_none_goes_back(acts in prop::collection::vec(act(), 0..24)) {
        let mut schedule = vec![Act::Claim(0), Act::Claim(1)];
        schedule.extend(acts);
        prop_assert_eq!(play(&schedule, true), Ok(()));
    }
}

#[test]
fn without_the_fence_the_checker_fails() {
    // One worker pauses with a page in hand, the other takes over, the first wakes up.
    let schedule = [Act::Fetch(0), Act::Claim(1), Act::Fetch(1), Act::Commit(1), Act::Commit(0)];
    assert_eq!(play(&schedule, true), Ok(()));
    assert_eq!(play(&schedule, false), Err("object 0 went back in time".to_owned()));
}
