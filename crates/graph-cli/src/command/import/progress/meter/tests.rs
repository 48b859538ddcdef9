use graph_import::Applied;

use super::*;

const APPLIED: Applied = Applied {
    inserted: 0,
    updated: 0,
    unchanged: 0,
    restored: 0,
    soft_deleted: 0,
    hard_deleted: 0,
    swept: 0,
    tombstones: 0,
    left_scope: 0,
    entered_scope: 0,
    edges_added: 0,
    edges_removed: 0,
    edges_unchanged: 0,
    ghosts: 0,
};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn page(stream: &'static str, read: u64, resource_units: u64) -> Event<'static> {
    let cost = Cost { requests: 1, resource_units };
    Event::Page { stream, items: 1, items_of_round: read, applied: &APPLIED, cost }
}

fn begun() -> Meter {
    let mut meter = Meter::default();
    meter.observe(&Event::Round { stream: "users", full: true, resumed: false }, at(0));
    meter.observe(&Event::Counted { stream: "users", objects: 300_000 }, at(1));
    meter.observe(&page("users", 45_000, 400), at(10));
    meter
}

#[test]
fn a_line_says_how_far_how_fast_and_how_long() {
    let mut meter = begun();
    assert_eq!(Meter::default().line(at(3), &[]), None, "nothing has happened");
    meter.read(at(10));
    let line = meter.line(at(10), &[]).unwrap();
    assert_eq!(line, " 10 s  users 45,000 of 300,000 (4500/s); about 57 s left");
    meter.observe(&Event::EdgesQueued { stream: "members", owners: 60_000 }, at(10));
    let cost = Cost { requests: 3, resource_units: 100 };
    let edges = Event::Edges { stream: "members", owners: 1_000, applied: &APPLIED, cost };
    meter.observe(&edges, at(20));
    let line = meter.line(at(20), &[]).unwrap();
    let expected = " 20 s  users 45,000 of 300,000 (2250/s); members 1,000 of 60,000 (100/s); about 10 min left";
    assert_eq!(line, expected);
}

/// What is waited for is neither stuck nor nearly done.
#[test]
fn a_wait_for_replicas_is_told_until_it_is_over() {
    let mut meter = begun();
    meter.streams[0].ended = true;
    meter.observe(&Event::AwaitingReplicas { stream: "members", left: at(10) }, at(10));
    let line = meter.line(at(12), &[]).unwrap();
    assert_eq!(line, " 12 s  members waits for replicas; about 8 s left");
    assert_eq!(meter.line(at(20), &[]), None);
}

#[test]
fn what_is_spent_is_measured_between_two_readings() {
    let mut meter = begun();
    meter.read(at(10));
    assert!((meter.units_per_second - 40.0).abs() < 0.01);
    meter.observe(&page("users", 50_000, 1_200), at(12));
    meter.read(at(20));
    assert!((meter.units_per_second - 80.0).abs() < 0.01);
    let json = meter.json(at(20), &[]);
    assert_eq!(
        (&json["elapsed_seconds"], &json["streams"][0]["done"]),
        (&20.into(), &50_000.into())
    );
}

/// The first pages of a stream say little about how fast it is.
#[test]
fn at_first_the_time_left_is_what_was_planned() {
    let mut meter = begun();
    meter.planned.insert("users".to_owned(), at(30));
    assert_eq!(meter.left(at(10)), Some(at(20)));
    meter.observe(&page("users", 250_000, 900), at(25));
    assert_eq!(meter.left(at(25)), Some(at(5)));
    meter.planned.insert("members".to_owned(), at(40));
    assert_eq!(meter.left(at(25)), Some(at(45)), "edges come after their owners");
}

#[test]
fn a_stream_that_is_over_is_not_waited_for() {
    let mut meter = begun();
    assert!(meter.left(at(10)).is_some());
    meter.streams[0].ended = true;
    assert_eq!((meter.left(at(10)), meter.line(at(10), &[])), (None, None));
}

#[test]
fn a_verification_is_told_like_a_round_and_a_sample_as_what_it_is() {
    let cost = Cost { requests: 2, resource_units: 40 };
    let compared = |compared| Event::Compared { stream: "users", compared, of: Some(100), cost };
    let mut meter = Meter::default();
    meter.observe(&compared(20), at(1));
    meter.observe(&compared(40), at(2));
    assert_eq!(meter.line(at(3), &[]).unwrap(), "  3 s  users 40 of 100 (20/s); about 3 s left");
    meter.observe(&Event::Verified { result: &graph_import::StreamVerification::default() }, at(3));
    // At the end of a run the stream has been read, and what is left is not known.
    let mut meter = begun();
    meter.streams[0].ended = true;
    meter.observe(&compared(20), at(11));
    let line = meter.line(at(11), &[]).unwrap();
    assert_eq!(line, " 11 s  reading a sample of users again");
    assert_eq!(meter.json(at(11), &[])["sampled"], "users");
}
