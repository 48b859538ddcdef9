//! How far an import is, in numbers, and how much of Graph it uses.

use std::collections::BTreeMap;
use std::time::Duration;

use graph_import::{Cost, Event, ImportPlan};
use graph_transport::LaneSnapshot;
use serde_json::{Value, json};

use crate::quantity::{self, number};

/// What is known of a run while it goes on.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// In the order in which they were first heard of.
    streams: Vec<Stream>,
    /// What a stream was planned to take, in seconds; of edges, after their owners.
    planned: BTreeMap<String, Duration>,
    /// What all had cost at the last reading, and when that was.
    last: (Duration, u64),
    /// Resource units a second between the last two readings.
    units_per_second: f64,
    /// Streams that wait for Graph's replicas, and until when.
    waiting: BTreeMap<String, Duration>,
    /// The stream that a sample is read again of, when all has been read.
    sampled: Option<String>,
}

#[derive(Debug)]
struct Stream {
    name: String,
    began: Duration,
    done: u64,
    total: Option<u64>,
    ended: bool,
    cost: Cost,
}

impl Stream {
    /// Objects, or owners of edges, in a second.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn rate(&self, now: Duration) -> f64 {
        let seconds = now.saturating_sub(self.began).as_secs_f64();
        if seconds > 0.0 { self.done as f64 / seconds } else { 0.0 }
    }

    /// How long the rest takes at the rate so far.
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    fn left(&self, now: Duration) -> Option<Duration> {
        let rest = self.total?.saturating_sub(self.done) as f64;
        let rate = self.rate(now);
        (rate > 0.0).then(|| Duration::try_from_secs_f64(rest / rate).unwrap_or(Duration::MAX))
    }
}

impl Meter {
    /// Takes over what a plan has counted and reckoned.
    pub(super) fn expect(&mut self, plan: &ImportPlan) {
        for it in &plan.streams {
            let seconds = it.estimate.seconds().max(0.0);
            let planned = Duration::try_from_secs_f64(seconds).unwrap_or_default();
            self.planned.insert(it.stream.clone(), planned);
            if let Some(count) = it.count {
                self.stream(&it.stream, Duration::ZERO).total = Some(count);
            }
        }
    }

    fn stream(&mut self, name: &str, now: Duration) -> &mut Stream {
        let at = self.streams.iter().position(|it| it.name == name).unwrap_or_else(|| {
            let (name, cost) = (name.to_owned(), Cost::default());
            self.streams.push(Stream {
                name,
                began: now,
                done: 0,
                total: None,
                ended: false,
                cost,
            });
            self.streams.len() - 1
        });
        &mut self.streams[at]
    }

    /// Takes note of what happened.
    pub(super) fn observe(&mut self, event: &Event<'_>, now: Duration) {
        match event {
            Event::AwaitingReplicas { stream, left } => {
                self.waiting.insert((*stream).to_owned(), now.saturating_add(*left));
            }
            Event::Round { stream, .. } => {
                let it = self.stream(stream, now);
                (it.began, it.done) = (now, 0);
            }
            Event::Counted { stream, objects } => self.stream(stream, now).total = Some(*objects),
            Event::Page { stream, items_of_round, cost, .. } => {
                let it = self.stream(stream, now);
                (it.done, it.cost) = (*items_of_round, *cost);
            }
            Event::EdgesQueued { stream, owners } => {
                let it = self.stream(stream, now);
                (it.began, it.done, it.total) = (now, 0, Some(*owners));
            }
            Event::Edges { stream, owners, cost, .. } => {
                let it = self.stream(stream, now);
                (it.done, it.cost) = (it.done + owners, *cost);
            }
            Event::Compared { stream, compared, of, cost } => {
                let it = self.stream(stream, now);
                if it.ended {
                    self.sampled = Some((*stream).to_owned());
                    return;
                }
                if it.done == 0 {
                    it.began = now;
                }
                (it.done, it.total, it.cost) = (*compared, of.or(it.total), *cost);
            }
            Event::Verified { result } => self.stream(&result.stream, now).ended = true,
            Event::StreamEnded { report } => {
                let it = self.stream(&report.stream, now);
                it.ended = true;
                it.cost = Cost { requests: report.requests, resource_units: report.resource_units };
            }
            _ => {}
        }
    }

    /// Measures what is spent since the last reading.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(super) fn read(&mut self, now: Duration) {
        let spent: u64 = self.streams.iter().map(|it| it.cost.resource_units).sum();
        let (then, before) = std::mem::replace(&mut self.last, (now, spent));
        let seconds = now.saturating_sub(then).as_secs_f64();
        if seconds > 0.0 {
            self.units_per_second = spent.saturating_sub(before) as f64 / seconds;
        }
    }

    /// How long it takes until everything is read: the slowest stream that is open, and the slowest
    /// one that was planned and has not begun. `None` while nothing is known of either.
    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        if self.sampled.is_some() {
            return None;
        }
        let left = |it: &Stream| {
            let age = now.saturating_sub(it.began);
            let planned = self.planned.get(&it.name).filter(|_| age < SETTLED);
            planned.map(|planned| planned.saturating_sub(age)).or_else(|| it.left(now))
        };
        let open = self.open().filter(|it| it.done > 0).filter_map(left).max();
        let begun =
            |name: &str| self.streams.iter().any(|it| it.name == name && (it.ended || it.done > 0));
        let to_come = self.planned.iter().filter(|(name, _)| !begun(name)).map(|(_, it)| *it).max();
        let waits = self.waiting(now).map(|(_, left)| left).max();
        match (open, to_come, waits) {
            (None, None, None) => None,
            (open, to_come, waits) => {
                let open = open.unwrap_or_default().max(waits.unwrap_or_default());
                Some(open.saturating_add(to_come.unwrap_or_default()))
            }
        }
    }

    /// Who waits for Graph's replicas, and how long still.
    fn waiting(&self, now: Duration) -> impl Iterator<Item = (&str, Duration)> {
        let left = move |until: &Duration| until.checked_sub(now).filter(|it| !it.is_zero());
        self.waiting.iter().filter_map(move |(stream, until)| Some((&**stream, left(until)?)))
    }

    fn open(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|it| !it.ended)
    }

    /// One line for people; `None` while there is nothing to say.
    pub(super) fn line(&self, now: Duration, lanes: &[LaneSnapshot]) -> Option<String> {
        let reads = |it: &&Stream| it.done > 0 && it.total.is_none_or(|total| it.done < total);
        let mut open: Vec<&Stream> = self.open().filter(reads).collect();
        open.sort_by_key(|it| {
            std::cmp::Reverse(it.total.unwrap_or(it.done).saturating_sub(it.done))
        });
        let mut parts: Vec<String> = open
            .iter()
            .take(SHOWN)
            .map(|it| {
                let of = it.total.map_or(String::new(), |total| format!(" of {}", number(total)));
                format!("{} {}{of} ({:.0}/s)", it.name, number(it.done), it.rate(now))
            })
            .collect();
        if open.len() > SHOWN {
            parts.push(format!("{} more", open.len() - SHOWN));
        }
        let waits = self.waiting(now).map(|(stream, _)| format!("{stream} waits for replicas"));
        parts.extend(waits);
        parts.extend(self.sampled());
        parts.extend(self.lane(lanes));
        if parts.is_empty() {
            return None;
        }
        let left = self.left(now).map(|left| quantity::left(left.as_secs_f64()));
        parts.extend(left);
        Some(format!("{:>3.0} s  {}", now.as_secs_f64(), parts.join("; ")))
    }

    /// What is read again at the end of a run.
    pub(super) fn sampled(&self) -> Option<String> {
        self.sampled.as_ref().map(|stream| format!("reading a sample of {stream} again"))
    }

    /// What the busiest lane does: `directory: 24 of 64 requests in flight, 780 of 800 RU/s`.
    pub(super) fn lane(&self, lanes: &[LaneSnapshot]) -> Option<String> {
        let lane = busiest(lanes)?;
        let limit = lane.limit.map_or(String::new(), |limit| format!(" of {limit}"));
        let budget = lane.budget.map_or(String::new(), |it| format!(" of {:.0}", it.per_second));
        let closed = if lane.closed.is_some() { ", throttled" } else { "" };
        let (name, flying, spent) = (&lane.lane, lane.in_flight, self.units_per_second);
        Some(format!("{name}: {flying}{limit} requests in flight, {spent:.0}{budget} RU/s{closed}"))
    }

    /// The same for programs.
    pub(super) fn json(&self, now: Duration, lanes: &[LaneSnapshot]) -> Value {
        let stream = |it: &Stream| {
            json!({
                "stream": it.name, "done": it.done, "total": it.total, "ended": it.ended,
                "per_second": it.rate(now).round(), "requests": it.cost.requests,
                "resource_units": it.cost.resource_units,
            })
        };
        let lane = busiest(lanes).map(|lane| {
            json!({
                "lane": lane.lane, "in_flight": lane.in_flight, "limit": lane.limit,
                "waiting": lane.waiting, "throttled": lane.closed.is_some(),
                "resource_units_per_second": self.units_per_second.round(),
                "budget_per_second": lane.budget.map(|it| it.per_second),
            })
        });
        json!({
            "elapsed_seconds": now.as_secs(),
            "seconds_left": self.left(now).map(|left| left.as_secs()),
            "streams": self.streams.iter().map(stream).collect::<Vec<_>>(),
            "sampled": self.sampled,
            "lane": lane,
        })
    }
}

/// Streams on one line.
const SHOWN: usize = 4;
/// So long a rate says less than what was planned.
const SETTLED: Duration = Duration::from_secs(15);

/// The lane with most to do, if there is anything to do.
fn busiest(lanes: &[LaneSnapshot]) -> Option<&LaneSnapshot> {
    let load = |lane: &&LaneSnapshot| lane.in_flight + lane.waiting;
    lanes.iter().max_by_key(load).filter(|lane| load(lane) > 0)
}

#[cfg(test)]
mod tests;
