use super::*;
use crate::store::Partition;

fn moved(state: &StreamState, advance: Advance<'_>, spoiled: u64) -> StreamState {
    let at = "2026-01-01T00:00:00Z";
    state.clone().advanced(&Move { advance, items: 3, spoiled, churn: 1, epoch: 7, at })
}

fn after(state: &StreamState, advance: Advance<'_>) -> StreamState {
    moved(state, advance, 0)
}

#[test]
fn a_round_of_two_pages_and_the_next_one() {
    let new = StreamState::new("users");
    let one = after(&new, Advance::Page("/p2"));
    assert_eq!((one.phase, one.cursor.as_deref(), one.seq), (Phase::Full, Some("/p2"), 1));
    assert_eq!((one.published, one.is_staged()), (None, false));
    let two = after(&one, Advance::Complete(Some("/d1")));
    assert_eq!(
        (two.phase, two.cursor.as_deref(), two.watermark.as_deref()),
        (Phase::Idle, None, Some("/d1"))
    );
    assert_eq!((two.pages, two.items, two.published), (2, 6, Some(1)));
    assert_eq!(two.source, Some(Source::Delta));
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

/// B16: the previous delta link is kept, the generation rises, the round begins from nothing, and
/// readers go on seeing the old one.
#[test]
fn a_resync_is_a_new_generation() {
    let idle = after(&StreamState::new("users"), Advance::Complete(Some("/d1")));
    let fresh = after(&idle, Advance::Resync);
    assert_eq!((fresh.generation, fresh.phase, fresh.cursor.as_deref()), (2, Phase::Full, None));
    assert_eq!(fresh.watermark.as_deref(), Some("/d1"));
    assert_eq!((fresh.published, fresh.is_staged()), (Some(1), true));
    let done = after(&fresh, Advance::Complete(Some("/d2")));
    assert_eq!((done.published, done.is_staged()), (Some(2), false));
}

/// I3
#[test]
fn only_a_clean_full_round_proves_that_something_is_gone() {
    let new = StreamState::new("users");
    assert!(new.proves(Advance::Complete(None), 0));
    assert!(!new.proves(Advance::Page("/p2"), 0));
    assert!(!new.proves(Advance::Complete(None), 1));
    let spoiled = moved(&new, Advance::Page("/p2"), 1);
    assert!(!spoiled.proves(Advance::Complete(None), 0));
    let idle = after(&new, Advance::Complete(Some("/d1")));
    assert!(!idle.proves(Advance::Complete(Some("/d2")), 0));
}

#[test]
fn a_handover_from_the_first_link_to_its_publication() {
    let parts = [Partition::new(0, "a"), Partition::new(1, "b")];
    let fence =
        after(&StreamState::new("users"), Advance::Baseline { link: "/d0", counted: Some(9) });
    assert_eq!((fence.phase, fence.baseline.as_deref()), (Phase::Fence, Some("/d0")));
    let scan = after(&fence, Advance::Scan { partitions: &parts, fallback: None });
    let scan = after(&scan, Advance::Partition(0, PartitionNext::Page("/a2")));
    assert_eq!((scan.phase, scan.cursor.as_deref(), scan.items), (Phase::Scan, None, 3));
    // C12: the delta round of a long scan does not end it.
    let drained = after(&scan, Advance::Page("/c1"));
    let drained = after(&drained, Advance::Complete(Some("/d1")));
    assert_eq!((drained.phase, drained.baseline.as_deref()), (Phase::Scan, Some("/d1")));
    // One that is not over when the scan is begins again: it knows less than the scan.
    let begun = after(&drained, Advance::Page("/c2"));
    let caught_up = after(&begun, Advance::CatchUp);
    assert_eq!((caught_up.cursor.as_deref(), caught_up.baseline.as_deref()), (None, Some("/d1")));
    let caught_up = after(&caught_up, Advance::Complete(Some("/d2")));
    assert_eq!((caught_up.phase, caught_up.watermark.as_deref()), (Phase::Verify, None));
    assert!(!caught_up.proves(Advance::Publish { doubt: Some("count") }, 0));
    assert!(caught_up.proves(Advance::Publish { doubt: None }, 0));
    let published = after(&caught_up, Advance::Publish { doubt: None });
    assert_eq!((published.phase, published.watermark.as_deref()), (Phase::Idle, Some("/d2")));
    assert_eq!((published.published, published.source), (Some(1), Some(Source::Handover)));
}

#[test]
fn a_fall_back_begins_anew_only_where_something_was_read() {
    let new = StreamState::new("users");
    let small = after(&new, Advance::FallBack("small"));
    assert_eq!((small.generation, small.fallback.as_deref()), (1, Some("small")));
    let fence = after(&new, Advance::Baseline { link: "/d0", counted: None });
    let lost = after(&fence, Advance::FallBack("lost"));
    assert_eq!((lost.generation, lost.phase, lost.baseline), (2, Phase::Full, None));
    assert_eq!(lost.fallback.as_deref(), Some("lost"));
}
