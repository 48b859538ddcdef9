//! What can go wrong with one import, drawn at random.

use graph_import::{EdgeStrategy, ImportError, Importer, Report, SqliteStore, Stop, Store};
use graph_simulator::{
    Churn, ChurnAction, ChurnStep, DeltaLiberties, Fault, FaultPlan, FaultRule, Simulator, Throttle,
};
use proptest::prelude::*;

use crate::imports::{Graph, in_virtual_time};
use crate::place::Place;
use crate::stores::{Disturbed, Moment};

/// One import: how far the tenant has moved since the last one, what its Graph does, how it ends.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) moments: u64,
    faults: Vec<FaultRule>,
    /// The tenant moves on by one moment after so many requests.
    churn: Option<u64>,
    /// Resource units in ten seconds.
    budget: Option<u32>,
    /// How edges are read; all strategies end in the same rows.
    strategy: Option<EdgeStrategy>,
    ending: Ending,
}

/// What ends an import.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    Itself,
    /// Everything is read again.
    Full,
    /// The store dies at a commit.
    Crash(u32, Moment),
    /// The run is dropped when it is polled for the nth time.
    Cancelled(u32),
    /// The run is asked to stop when it is polled for the nth time.
    Stopped(u32),
}

impl Trouble {
    /// An import without faults.
    pub(crate) fn of(moments: u64, strategy: Option<EdgeStrategy>, ending: Ending) -> Self {
        Self { moments, faults: Vec::new(), churn: None, budget: None, strategy, ending }
    }

    /// The same under a budget of so many resource units in ten seconds.
    pub(crate) fn budget(self, units: u32) -> Self {
        Self { budget: Some(units), ..self }
    }

    /// The same while the tenant moves on after every so many requests.
    pub(crate) fn churn(self, requests: u64) -> Self {
        Self { churn: Some(requests), ..self }
    }

    /// The same with a fault.
    pub(crate) fn rule(mut self, rule: FaultRule) -> Self {
        self.faults.push(rule);
        self
    }

    /// Whether the tenant stood still while it was read.
    pub(crate) fn stands_still(&self) -> bool {
        self.churn.is_none()
    }

    /// Carries it out; `None` where the run was dropped. The second value is the moment at the end.
    pub(crate) fn happen(
        &self,
        graph: &Graph,
        moment: u64,
        place: &Place,
    ) -> (Option<Result<Report, ImportError>>, Simulator) {
        let simulator = self.simulator(graph, moment + self.moments);
        let store = |crash| Disturbed::crashing(SqliteStore::new(place.path()), crash);
        let result = match self.ending {
            Ending::Itself | Ending::Full => {
                let importer = self.importer(graph, &simulator, store(None));
                let importer = importer.full(matches!(self.ending, Ending::Full));
                Some(in_virtual_time(importer.run(&(), &Stop::new())))
            }
            Ending::Crash(n, moment) => {
                let importer = self.importer(graph, &simulator, store(Some((n, moment))));
                Some(in_virtual_time(importer.run(&(), &Stop::new())))
            }
            Ending::Cancelled(polls) => {
                let (importer, stop) = (self.importer(graph, &simulator, store(None)), Stop::new());
                in_virtual_time(until(importer.run(&(), &stop), polls, || true))
            }
            Ending::Stopped(polls) => {
                let (importer, stop) = (self.importer(graph, &simulator, store(None)), Stop::new());
                let ask = || {
                    stop.stop();
                    false
                };
                in_virtual_time(until(importer.run(&(), &stop), polls, ask))
            }
        };
        (result, simulator)
    }

    fn importer<S: Store>(&self, graph: &Graph, simulator: &Simulator, store: S) -> Importer<S> {
        let importer = graph.importer(simulator, store);
        match self.strategy {
            Some(strategy) => importer.edge_strategy(strategy),
            None => importer,
        }
    }

    fn simulator(&self, graph: &Graph, moment: u64) -> Simulator {
        let faults = FaultPlan { rules: self.faults.clone(), ..FaultPlan::new(graph.seed) };
        let mut builder = graph.builder().faults(faults);
        if let Some(requests) = self.churn {
            let action = ChurnAction { advance: Some(1), ..ChurnAction::default() };
            let step = ChurnStep {
                at_request: None,
                every_requests: Some(requests),
                after_millis: None,
                path: None,
                tenant: None,
                action,
            };
            builder = builder.churn(Churn { steps: vec![step] });
        }
        if let Some(resource_units) = self.budget {
            let retry_after = graph_simulator::RetryAfter::Rotating;
            let limits = Throttle { resource_units, retry_after, ..Throttle::default() };
            builder = builder.throttle(limits);
        }
        let simulator = builder.build();
        simulator.set_moment(moment);
        simulator
    }
}

/// Polls work until `at_last` ends it at the nth poll by answering true; it may also only be told.
async fn until<T>(
    work: impl Future<Output = T>,
    polls: u32,
    at_last: impl Fn() -> bool,
) -> Option<T> {
    let mut work = std::pin::pin!(work);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 1 && at_last() {
            return std::task::Poll::Ready(None);
        }
        left = left.saturating_sub(1);
        work.as_mut().poll(context).map(Some)
    })
    .await
}

pub(crate) fn trouble() -> impl Strategy<Value = Trouble> {
    let moment = prop::sample::select(vec![Moment::Before, Moment::After]);
    let ending = prop_oneof![
        3 => Just(Ending::Itself),
        1 => Just(Ending::Full),
        3 => (1u32..30, moment).prop_map(|(n, moment)| Ending::Crash(n, moment)),
        2 => (1u32..200).prop_map(Ending::Cancelled),
        1 => (1u32..200).prop_map(Ending::Stopped),
    ];
    let faults = prop::collection::vec(rule(), 0..4);
    let churn = prop::option::weighted(0.3, 3u64..30);
    let budget = prop::option::weighted(0.2, 20u32..400);
    let strategy = prop::option::weighted(0.8, prop::sample::select(EdgeStrategy::ALL.to_vec()));
    (0u64..12, faults, churn, budget, strategy, ending).prop_map(
        |(moments, faults, churn, budget, strategy, ending)| Trouble {
            moments,
            faults,
            churn,
            budget,
            strategy,
            ending,
        },
    )
}

/// A fault that strikes one request, the first few, or every nth by chance.
fn rule() -> impl Strategy<Value = FaultRule> {
    let faults = faults(&Graph::small(0, 1));
    let fault =
        prop::sample::select(faults.into_iter().map(|(_, fault)| fault).collect::<Vec<_>>());
    let paths =
        vec!["/**", "/*/delta", "/users/**", "/groups/**", "/groups/delta", "/*/*/*", "/$batch"];
    let path = prop::sample::select(paths);
    let when = prop_oneof![
        (1u64..40).prop_map(When::Nth),
        (1u64..4).prop_map(When::First),
        (0.01f64..0.2).prop_map(When::ByChance)
    ];
    (fault, path, when).prop_map(|(fault, path, when)| {
        let rule = FaultRule::new(fault).path(path);
        match when {
            When::Nth(nth) => rule.nth(nth),
            When::First(times) => rule.times(times),
            When::ByChance(chance) => rule.probability(chance),
        }
    })
}

#[derive(Clone, Copy, Debug)]
enum When {
    Nth(u64),
    First(u64),
    ByChance(f64),
}

/// A tenant of a few to a hundred users, whose Graph takes liberties.
pub(crate) fn graph() -> impl Strategy<Value = Graph> {
    let liberties = (0u64..4, prop::sample::select(vec![0u64, 2, 9]), any::<bool>()).prop_map(
        |(replay_moments, repeat_one_in, removed_in_first_round)| DeltaLiberties {
            replay_moments,
            repeat_one_in,
            removed_in_first_round,
        },
    );
    let sizes = (3u64..90, 2u64..40, (3u64..60, 2u64..100));
    // By delta, by a handover that is serial, and by one in partitions.
    let handover = prop::sample::select(vec![(5_000, false), (1, false), (1, true)]);
    (0u64..10_000, sizes, liberties, any::<bool>(), handover).prop_map(
        |(seed, (users, page_size, delta_page), liberties, purged, handover)| Graph {
            seed,
            users,
            page_size,
            delta_page,
            liberties,
            // That a restored member is reported is the assumption `group_delta_reports_membership`.
            membership_reports: (true, purged),
            scan_from: handover.0,
            in_partitions: handover.1,
            ..Graph::small(seed, users)
        },
    )
}

/// Every kind of fault by name.
pub(crate) fn faults(graph: &Graph) -> Vec<(&'static str, Fault)> {
    let foreign = "https://evil.example/v1.0/users/delta?$deltatoken=x".to_owned();
    let throttled = |name: &str, value: &str| Fault::Status {
        status: 429,
        headers: [(name.to_owned(), value.into())].into(),
        code: None,
        body: None,
    };
    let size = graph.users; // bodies of small pages differ in length: some are cut, some are not
    vec![
        ("429 in seconds", Fault::throttled("2")),
        ("429 in fractions", Fault::throttled("0.249")),
        ("429 until a date", Fault::throttled("Thu, 01 Jan 1970 00:00:03 GMT")),
        ("429 in x-ms-retry-after-ms", throttled("x-ms-retry-after-ms", "1500")),
        ("429 in retry-after-ms", throttled("retry-after-ms", "1500")),
        ("429 without a header", Fault::status(429)),
        ("429 with nonsense", Fault::throttled("soon")),
        ("500", Fault::status(500)),
        ("503", Fault::status(503)),
        ("504", Fault::status(504)),
        ("reset", Fault::ResetBeforeHead),
        ("lost answer", Fault::LostAnswer),
        ("reset in the body", Fault::ResetMidBody { after: 90 + size }),
        ("truncation", Fault::Truncate { after: 90 + size }),
        ("truncation to nothing", Fault::Truncate { after: 0 }),
        ("a body longer than announced", Fault::WrongContentLength { difference: -3 }),
        ("a body shorter than announced", Fault::WrongContentLength { difference: 3 }),
        ("stall", Fault::Stall { millis: 400_000 }),
        ("stall in the body", Fault::StallMidBody { after: 60, millis: 400_000 }),
        ("HTML with 200", Fault::Html { status: 200 }),
        ("HTML with 502", Fault::Html { status: 502 }),
        ("410", Fault::Gone),
        ("410 to a foreign host", Fault::GoneTo { location: foreign.clone() }),
        ("410 resyncRequired", Fault::error(410, "resyncRequired")),
        ("400 syncStateNotFound", Fault::error(400, "syncStateNotFound")),
        ("expired page token", Fault::expired_page_token()),
        ("401", Fault::expired_access_token()),
        ("403", Fault::error(403, "Authorization_RequestDenied")),
        ("404", Fault::error(404, "Request_ResourceNotFound")),
        ("foreign link", Fault::Link { url: foreign }),
        ("link to another version", Fault::LinkVersion),
        ("unescaped link", Fault::UnescapedLink),
        ("loop", Fault::LoopLink),
        ("duplicate item", Fault::DuplicateItem),
        ("empty page", Fault::EmptyPage),
        ("no link", Fault::NoLink),
        ("invalid UTF-8", Fault::InvalidUtf8),
        ("reverse order", Fault::Shuffle),
        ("missing answer in a batch", Fault::MissingBatchItem),
    ]
}
