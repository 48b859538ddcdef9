//! Buckets by themselves (cases Q13, Q14, Q16, Q18, T6).

use super::super::table::{Counts, Scope};
use super::*;

const fn spec(amounts: [u32; 3], seconds: u32, shape: Shape) -> BudgetSpec {
    let (counts, scope) = (Counts::ResourceUnits, Scope::AppAndTenant);
    BudgetSpec { counts, scope, amounts, seconds, shape, share: 1.0 }
}

const UNITS: BudgetSpec = spec([3_500, 5_000, 8_000], 10, Shape::Bucket);

fn after(start: Instant, seconds: f64) -> Instant {
    start + Duration::from_secs_f64(seconds)
}

/// Q13, Q18
#[test]
fn the_first_is_taken_at_once_and_the_wait_for_the_next_is_exact() {
    let start = Instant::now();
    let mut bucket = Bucket::documented(&spec([10; 3], 10, Shape::Bucket), None, start);
    assert_eq!(bucket.wait(10.0, start), None);
    bucket.take(8.0, start);
    assert_eq!(bucket.state(start), Some((2.0, 10.0, 1.0)));
    assert_eq!(bucket.wait(5.0, start), Some(Duration::from_secs(3)));
    assert_eq!(bucket.wait(5.0, after(start, 3.0)), None);
}

/// Q16
#[test]
fn more_than_the_documented_amount_is_told_apart_from_a_wait() {
    let start = Instant::now();
    let bucket = Bucket::documented(&spec([5; 3], 10, Shape::Window), None, start);
    assert_eq!(bucket.beyond(5.0), None);
    assert_eq!(bucket.beyond(6.0), Some(5.0));
    assert_eq!(Bucket::learned(start).beyond(1e9), None);
}

/// facts: graph-protocol 3.3: nothing says how the small buckets count their windows.
#[test]
fn a_window_is_never_overspent_wherever_it_begins() {
    for (amount, seconds) in [(5_u32, 10_u32), (10, 60), (1_000, 20), (1, 1)] {
        let start = Instant::now();
        let mut bucket =
            Bucket::documented(&spec([amount; 3], seconds, Shape::Window), None, start);
        let mut sent = Vec::new();
        let mut now = start;
        while now < after(start, f64::from(seconds) * 4.0) {
            match bucket.wait(1.0, now) {
                None => {
                    bucket.take(1.0, now);
                    sent.push(now);
                }
                Some(wait) => now += wait + Duration::from_nanos(1),
            }
        }
        let window = Duration::from_secs(seconds.into());
        for begins in &sent {
            let inside = sent.iter().filter(|at| **at >= *begins && **at < *begins + window);
            assert!(inside.count() <= amount as usize, "{amount} in {seconds} s");
        }
        assert!(
            sent.len() >= amount as usize * 4 * 9 / 10,
            "{amount} in {seconds} s: {}",
            sent.len()
        );
    }
}

/// T6
#[test]
fn from_four_fifths_on_it_flows_no_faster_than_the_refill_and_shrinks_from_the_limit() {
    let start = Instant::now();
    let mut bucket = Bucket::documented(&UNITS, Some(2), start);
    bucket.pressed(0.8, start);
    assert!(bucket.wait(1.0, start).is_none(), "one at a time still flows");
    bucket.take(20.0, start);
    let wait = bucket.wait(1.0, start).unwrap().as_secs_f64();
    assert!((wait * 800.0 - 5.0).abs() < 1.5, "the stock is not spent any more: {wait}");
    bucket.pressed(1.0, after(start, 1.5));
    let (_, _, flow) = bucket.state(after(start, 1.5)).unwrap();
    assert!(flow < 80.0, "{flow}");
}

#[test]
fn a_small_tenant_turns_out_large_and_no_larger_than_documented() {
    let start = Instant::now();
    let mut bucket = Bucket::documented(&UNITS, None, start);
    let rate = |bucket: &Bucket, at| bucket.state(at).unwrap().2;
    assert!((rate(&bucket, start) - 350.0).abs() < 1e-6);
    bucket.take(4_000.0, start);
    for second in 1..60 {
        let now = after(start, f64::from(second));
        bucket.take(2_000.0, now);
        assert!(bucket.wait(1.0, now).is_some());
        bucket.eased(now);
    }
    assert!((rate(&bucket, after(start, 60.0)) - 800.0).abs() < 1e-6);
}

/// A rate that was cut grows back; what may be spent at once was never cut and grows no further.
#[test]
fn no_capacity_grows_past_the_table() {
    for (size, shape, most) in [
        (Some(2), Shape::Bucket, 8_000.0),
        (Some(0), Shape::Bucket, 3_500.0),
        (None, Shape::Bucket, 8_000.0),
        (None, Shape::Window, 400.0),
    ] {
        let start = Instant::now();
        let spec = spec([3_500, 5_000, 8_000], 10, shape);
        let mut bucket = Bucket::documented(&spec, size, start);
        let mut now = start;
        for round in 0..5 {
            if round % 2 == 0 {
                bucket.refused(now + SETTLE, now);
            } else {
                bucket.pressed(1.0, now);
            }
            for _ in 0..120 {
                now += SETTLE * 2;
                bucket.take(20_000.0, now);
                assert!(bucket.wait(1.0, now).is_some());
                bucket.eased(now);
                let (level, capacity, flow) = bucket.state(now).unwrap();
                assert!(capacity <= most + 1e-6, "{size:?} {shape:?}: {capacity}");
                assert!(level <= most && flow <= 800.0 + 1e-6, "{level} {flow}");
            }
        }
    }
}

#[test]
fn an_unknown_budget_holds_nobody_back_until_the_first_sign() {
    let start = Instant::now();
    let mut bucket = Bucket::learned(start);
    for _ in 0..100_000 {
        assert_eq!(bucket.wait(5.0, start), None);
    }
    // 1,000 units in 10 s, spent to four fifths within a second.
    bucket.take(450.0, start);
    bucket.take(450.0, after(start, 1.0));
    bucket.pressed(0.8, after(start, 1.0));
    let (_, _, flow) = bucket.state(after(start, 1.0)).unwrap();
    assert!((90.0..=110.0).contains(&flow), "{flow}");
}

/// T8
#[test]
fn after_a_refusal_nothing_flows_before_the_opening_and_less_after_it() {
    let start = Instant::now();
    let mut bucket = Bucket::documented(&UNITS, Some(2), start);
    let opens = after(start, 7.0);
    bucket.refused(opens, start);
    assert_eq!(bucket.wait(1.0, start), Some(Duration::from_secs(7)));
    assert_eq!(bucket.wait(5.0, opens), None, "the first may go");
    bucket.take(5.0, opens);
    assert!(bucket.wait(5.0, opens).is_some(), "no burst at the opening");
    let (level, _, flow) = bucket.state(opens).unwrap();
    assert!(level <= 0.0 && (flow - 560.0).abs() < 1e-6, "{level} {flow}");
}
