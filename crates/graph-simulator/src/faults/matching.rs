//! Which rule of a plan a request falls under.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::plan::{Fault, FaultPlan, FaultRule};
use crate::protocol::reply::Reply;
use crate::tenant::mix::mix3;

const UNPOISONED: &str = "no code panics while it holds this lock";

/// A plan with what has happened so far.
#[derive(Debug)]
pub(crate) struct Faults {
    plan: FaultPlan,
    seen: Mutex<Vec<Seen>>,
    /// Objects that are not found yet: how many requests more will miss them.
    late: Mutex<BTreeMap<String, u64>>,
    connections: AtomicU64,
}

/// How often a rule matched, and how often it was applied.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    matched: u64,
    applied: u64,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        let seen = Mutex::new(vec![Seen::default(); plan.rules.len()]);
        Self { plan, seen, late: Mutex::default(), connections: AtomicU64::new(0) }
    }

    /// The fault of a request: path without its version, query as it was sent.
    pub(crate) fn decide(&self, method: &Method, path: &str, query: &str) -> Option<Fault> {
        if self.plan.rules.is_empty() {
            return None;
        }
        if self.is_late(path) {
            return Some(Fault::status(404));
        }
        let query = percent_decode_str(query).decode_utf8_lossy();
        let mut seen = self.seen.lock().expect(UNPOISONED);
        for (index, (rule, seen)) in self.plan.rules.iter().zip(seen.iter_mut()).enumerate() {
            if !rule.fits(method, path, &query) {
                continue;
            }
            seen.matched += 1;
            let number = u64::try_from(index).expect("an index");
            let spent = rule.times.is_some_and(|times| seen.applied >= times);
            let other = rule.nth.is_some_and(|nth| seen.matched != nth);
            let lucky =
                rule.probability.is_some_and(|chance| !self.falls(number, seen.matched, chance));
            if !spent && !other && !lucky {
                seen.applied += 1;
                return Some(rule.fault.clone());
            }
        }
        None
    }

    /// Whether the next connection is closed as soon as it is accepted.
    pub(crate) fn resets_connection(&self) -> bool {
        let number = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        self.plan.reset_connections.contains(&number)
    }

    /// Hides what an answer says was created from so many requests that name it.
    pub(crate) fn hide(&self, reply: &Reply, reads: u64) {
        let created: Option<Value> = serde_json::from_slice(&reply.body).ok();
        let id = created.as_ref().and_then(|created| created["id"].as_str());
        if let (StatusCode::CREATED, Some(id)) = (reply.status, id) {
            self.late.lock().expect(UNPOISONED).insert(id.to_owned(), reads);
        }
    }

    fn is_late(&self, path: &str) -> bool {
        let mut late = self.late.lock().expect(UNPOISONED);
        let named = path.split('/').find(|segment| late.contains_key(*segment));
        let Some(left) = named.and_then(|id| late.get_mut(id)) else { return false };
        let hidden = *left > 0;
        *left = left.saturating_sub(1);
        hidden
    }

    fn falls(&self, rule: u64, matched: u64, chance: f64) -> bool {
        let draw = u32::try_from(mix3(self.plan.seed, rule, matched) >> 32).expect("32 bits");
        f64::from(draw) < chance * f64::from(u32::MAX)
    }
}

impl FaultRule {
    fn fits(&self, method: &Method, path: &str, query: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && self.path.as_ref().is_none_or(|pattern| path_fits(pattern, path))
            && self.query.as_ref().is_none_or(|text| query.contains(text.as_str()))
    }
}

/// Whether a path fits a pattern: `*` is one segment, a last `**` any number of them.
pub(crate) fn path_fits(pattern: &str, path: &str) -> bool {
    let mut segments = path.trim_matches('/').split('/');
    let mut wanted = pattern.trim_matches('/').split('/').peekable();
    while let Some(next) = wanted.next() {
        if next == "**" && wanted.peek().is_none() {
            return true;
        }
        match segments.next() {
            Some(segment) if next == "*" || next == segment => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_segment_by_segment() {
        assert!(path_fits("/users/*", "/users/x"));
        assert!(!path_fits("/users/*", "/users"));
        assert!(!path_fits("/users/*", "/users/x/memberOf"));
        assert!(path_fits("/users/**", "/users/x/memberOf"));
        assert!(path_fits("**", "/anything/at/all"));
    }

    #[test]
    fn only_the_nth_or_the_first_times_are_hit() {
        let plan = FaultPlan::new(1)
            .rule(FaultRule::new(Fault::LoopLink).path("/users").nth(2))
            .rule(FaultRule::new(Fault::EmptyPage).path("/users").times(1));
        let faults = Faults::new(plan);
        let hits: Vec<_> = (0..4).map(|_| faults.decide(&Method::GET, "/users", "")).collect();
        assert_eq!(hits, [Some(Fault::EmptyPage), Some(Fault::LoopLink), None, None]);
        assert_eq!(faults.decide(&Method::GET, "/groups", ""), None);
    }

    #[test]
    fn a_query_is_matched_decoded() {
        let rule = FaultRule::new(Fault::Gone).query("$deltatoken=");
        let faults = Faults::new(FaultPlan::new(1).rule(rule));
        assert!(faults.decide(&Method::GET, "/users/delta", "%24deltatoken=x").is_some());
        assert!(faults.decide(&Method::GET, "/users/delta", "$select=id").is_none());
    }

    #[test]
    fn chances_are_the_same_for_the_same_seed() {
        let draw = |seed| {
            let faults = Faults::new(
                FaultPlan::new(seed).rule(FaultRule::new(Fault::Gone).probability(0.3)),
            );
            (0..1_000).map(|_| faults.decide(&Method::GET, "/x", "").is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let hits = draw(1).into_iter().filter(|hit| *hit).count();
        assert!((200..400).contains(&hits), "{hits}");
    }
}
