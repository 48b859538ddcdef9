//! Laws 1, 7, 8 and 9: what leaves, when, how often, and what is left behind.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderName, Method};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::{TICK, run};
use crate::fake::{Asked, Fake};
use crate::lane::{Concurrency, Lanes};
use crate::request::GraphRequest;
use crate::script::{Reply, reply};
use crate::{ApiVersion, Batch, BatchItem, GraphClient};

/// Names a call on the wire.
const CALL: HeaderName = HeaderName::from_static("x-call");

/// The default of attempts in all.
const ATTEMPTS: usize = 4;

const PLACES: u16 = 3;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Read,
    Write,
    Reports,
    NoLane,
    /// Directory reads, packed.
    Batch,
}

/// One call of the schedule, in milliseconds.
#[derive(Clone, Debug)]
struct Call {
    kind: Kind,
    begins: u64,
    deadline: u64,
    /// When the caller gives it up.
    dropped: Option<u64>,
    other_key: bool,
}

/// One answer: what, after how long, and for how long Graph asks to wait, in tenths of a second.
#[derive(Clone, Copy, Debug)]
struct Given {
    what: What,
    delay: u64,
    wait: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Status(u16),
    Lost,
    /// For a batch: its items are refused, the whole is not.
    Items,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let kind = prop_oneof![
        Just(Kind::Read),
        Just(Kind::Write),
        Just(Kind::Reports),
        Just(Kind::NoLane),
        Just(Kind::Batch)
    ];
    let dropped = proptest::option::weighted(0.2, 1_u64..60_000);
    let call = (kind, 0_u64..90_000, 100_u64..120_000, dropped, proptest::bool::weighted(0.3));
    let call = call.prop_map(|(kind, begins, deadline, dropped, other_key)| Call {
        kind,
        begins,
        deadline,
        dropped,
        other_key,
    });
    proptest::collection::vec(call, 1..30)
}

fn answers() -> impl Strategy<Value = Vec<Given>> {
    let status = prop_oneof![
        4 => Just(200_u16),
        3 => Just(429),
        2 => Just(503),
        1 => prop_oneof![Just(404_u16), Just(408), Just(500), Just(504), Just(509)],
    ];
    let what = prop_oneof![
        8 => status.prop_map(What::Status),
        1 => Just(What::Lost),
        1 => Just(What::Items),
    ];
    let given = (what, 0_u64..3_000, proptest::option::weighted(0.7, 0_u64..400));
    proptest::collection::vec(
        given.prop_map(|(what, delay, wait)| Given { what, delay, wait }),
        1..40,
    )
}

impl Kind {
    fn path(self) -> &'static str {
        match self {
            Self::Read | Self::Write | Self::Batch => "/v1.0/users",
            Self::Reports => "/v1.0/auditLogs/directoryAudits",
            Self::NoLane => "/v1.0/unheardOf",
        }
    }
}

/// What shares a gate: the lane, for reads and writes apart.
fn gate_of(asked: &Asked) -> String {
    let is_batch = asked.target.ends_with("/$batch");
    let path = asked.target.split("/v1.0/").nth(1).unwrap().split('/').next().unwrap();
    if is_batch || (path == "users" && asked.method == Method::GET) {
        "directory reads".into()
    } else {
        format!("{} {path}", asked.method)
    }
}

/// A gate that an answer closed.
#[derive(Clone, Debug)]
struct Closing {
    request: usize,
    gate: String,
    from: Instant,
    until: Instant,
}

impl Given {
    fn headers(self) -> Vec<(&'static str, String)> {
        let tenths = |wait: u64| format!("{}.{}", wait / 10, wait % 10);
        self.wait.map(|wait| ("retry-after", tenths(wait))).into_iter().collect()
    }

    fn reply(self, asked: &Asked) -> Reply {
        let headers = self.headers();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let is_batch = asked.target.ends_with("/$batch");
        match self.what {
            What::Lost => Err("connection reset".into()),
            What::Status(200) | What::Items if is_batch => {
                let status = if matches!(self.what, What::Items) { 429 } else { 200 };
                let body: Value = serde_json::from_slice(&asked.body).unwrap();
                let own: Value = headers.iter().copied().collect();
                let one =
                    |item: &Value| json!({ "id": item["id"], "status": status, "headers": own });
                let all: Vec<_> = body["requests"].as_array().unwrap().iter().map(one).collect();
                reply(200, &[], &json!({ "responses": all }).to_string())
            }
            What::Items => reply(200, &[], "{}"),
            What::Status(status) => reply(status, &headers, "{}"),
        }
    }

    /// How long it closes the gate at least; a refusal without a time for a second or more.
    fn closes(self, is_batch: bool) -> Option<Duration> {
        let named = self.wait.map(|wait| Duration::from_millis(wait * 100));
        match self.what {
            What::Status(429 | 509) => Some(named.unwrap_or(Duration::from_secs(1))),
            What::Items if is_batch => Some(named.unwrap_or(Duration::from_secs(1))),
            What::Status(503) => named,
            _ => None,
        }
    }
}

/// A Graph that answers in this order and notes what it closed.
fn graph(answers: Vec<Given>, closings: Arc<Mutex<Vec<Closing>>>) -> Fake {
    Fake::slow(move |asked| {
        if asked.target.ends_with("/calm") {
            return (Duration::from_secs(1), reply(200, &[], "{}"));
        }
        let given = answers[asked.earlier % answers.len()];
        let delay = Duration::from_millis(given.delay);
        if let Some(wait) = given.closes(asked.target.ends_with("/$batch")) {
            let from = asked.at + delay;
            let (request, gate) = (asked.earlier, gate_of(asked));
            let closing = Closing { request, gate, from, until: from + wait };
            closings.lock().unwrap().push(closing);
        }
        (delay, given.reply(asked))
    })
}

/// Makes one call, gives it up if the schedule says so, and returns how long it took.
async fn make(client: GraphClient, call: &Call, name: usize) -> Duration {
    sleep(Duration::from_millis(call.begins)).await;
    let began = Instant::now();
    let deadline = Duration::from_millis(call.deadline);
    let work = async {
        if matches!(call.kind, Kind::Batch) {
            let item = |n| BatchItem::get(format!("{name}-{n}"), "/users");
            let batch = Batch::new(&client, ApiVersion::V1_0).items((0..3).map(item));
            let _ = batch.deadline(deadline).send().await;
            return;
        }
        let write = matches!(call.kind, Kind::Write);
        let method = if write { Method::POST } else { Method::GET };
        let link = client.cloud().link(call.kind.path()).unwrap();
        let request = GraphRequest::new(method, link).header(CALL, name.into());
        let _ = client.send(request.deadline(Some(deadline))).await;
    };
    let patience = call.dropped.map_or(Duration::MAX, Duration::from_millis);
    let _ = timeout(patience, work).await;
    began.elapsed()
}

/// Law 7: nothing is under way, in line or closed once the waits are over, and every place is free.
async fn nothing_is_left(client: &GraphClient, fake: &Fake) {
    assert_eq!(fake.open(), 0, "a request is still on the wire");
    for lane in client.lanes().snapshot() {
        assert_eq!((lane.in_flight, lane.waiting), (0, 0), "{lane:?}");
    }
    // Timers live in calls, which are over, and in tasks.
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 0);
    sleep(Duration::from_secs(3_600)).await;
    assert!(client.lanes().snapshot().iter().all(|lane| lane.closed.is_none()));
    let began = Instant::now();
    let calm = || async {
        let link = client.cloud().link("/v1.0/calm").unwrap();
        client.send(GraphRequest::get(link)).await.unwrap();
    };
    futures_util::future::join_all((0..PLACES).map(|_| calm())).await;
    assert_eq!(began.elapsed().as_secs(), 1, "a place was lost");
}

/// Law 1: what was sent while its gate was closed. An answer that nobody waited for closed nothing.
fn sent_while_closed(fake: &Fake, closings: &[Closing]) -> Option<String> {
    let answered = fake.answered();
    fake.asked().iter().find_map(|asked| {
        let gate = gate_of(asked);
        let closed = closings.iter().find(|closing| {
            let while_closed = closing.from < asked.at && asked.at < closing.until;
            closing.gate == gate && while_closed && answered.contains(&closing.request)
        });
        closed.map(|closing| format!("{} at {:?} in {closing:?}", asked.target, asked.at))
    })
}

/// Law 9: the most requests of one call, and of one item.
fn most_requests(fake: &Fake) -> usize {
    let mut count = std::collections::HashMap::<String, usize>::new();
    for asked in fake.asked() {
        if let Some(call) = asked.headers.get(CALL) {
            *count.entry(call.to_str().unwrap().to_owned()).or_default() += 1;
        } else if asked.target.ends_with("/$batch") {
            let body: Value = serde_json::from_slice(&asked.body).unwrap();
            for item in body["requests"].as_array().unwrap() {
                *count.entry(item["id"].to_string()).or_default() += 1;
            }
        }
    }
    count.into_values().max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn gates_deadlines_and_places_hold_in_any_traffic(calls in calls(), answers in answers()) {
        let closings = [0; 2].map(|_| Arc::<Mutex<Vec<Closing>>>::default());
        let fakes = closings.clone().map(|closings| graph(answers.clone(), closings));
        let took = run(async {
            let lanes = Lanes::default();
            // Two clients of one key, and one of another.
            let client = |fake: &Fake, key: &str| {
                let builder = fake.client().lanes(lanes.clone()).rate_limit_key(key);
                builder.max_concurrent_requests(Concurrency::Limit(PLACES)).build().unwrap()
            };
            let [ours, theirs] = &fakes;
            let clients = [client(ours, "a"), client(ours, "a"), client(theirs, "b")];
            let made = calls.iter().enumerate().map(|(name, call)| {
                make(clients[if call.other_key { 2 } else { name % 2 }].clone(), call, name)
            });
            let took = futures_util::future::join_all(made).await;
            nothing_is_left(&clients[0], ours).await;
            nothing_is_left(&clients[2], theirs).await;
            took
        });
        for (call, took) in calls.iter().zip(took) {
            let limit = Duration::from_millis(call.dropped.unwrap_or(u64::MAX).min(call.deadline));
            prop_assert!(took <= limit + TICK, "law 8: {:?} took {:?}", call, took);
        }
        for (fake, closings) in fakes.iter().zip(&closings) {
            let sent = sent_while_closed(fake, &closings.lock().unwrap());
            prop_assert!(sent.is_none(), "law 1: {:?}", sent);
            prop_assert!(most_requests(fake) <= ATTEMPTS, "law 9: {}", most_requests(fake));
        }
    }

    /// Law 9, over the client: a service that is down for everybody sees few repeats.
    #[test]
    fn repeats_of_all_calls_stay_within_the_quota(calls in 1_usize..300, lost in any::<bool>()) {
        let fake = Fake::new(move |_| {
            if lost { Err("connection reset".into()) } else { reply(503, &[], "") }
        });
        let elapsed = run(async {
            let client = fake.client().max_concurrent_requests(Concurrency::Auto).build().unwrap();
            let began = Instant::now();
            let call = || client.send(GraphRequest::get(client.cloud().link("/v1.0/users").unwrap()));
            futures_util::future::join_all((0..calls).map(|_| call())).await;
            began.elapsed()
        });
        // 500 units at first and one a second; 5 for a repeat after an answer, 10 after none.
        let units = 500 + usize::try_from(elapsed.as_secs()).unwrap();
        let repeats = fake.asked().len() - calls;
        prop_assert!(repeats <= units / if lost { 10 } else { 5 }, "{} repeats", repeats);
        prop_assert!(repeats >= (calls * (ATTEMPTS - 1)).min(40), "the quota is there to be used");
    }
}
