//! Who gets the next place (cases Q).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::Service;

use super::get;
use crate::body::Body;
use crate::error::BoxError;
use crate::script::Script;
use crate::{
    Concurrency, Error, GraphClient, GraphRequest, InLane, InPartition, LaneError, LaneSettings,
    Lanes, Timeouts,
};

/// Answers after `latency` and remembers the order of arrival and the most that were there at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Slow {
    latency: Duration,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    paths: Vec<String>,
    here: usize,
    most: usize,
}

impl Slow {
    pub(super) fn new(latency: Duration) -> Self {
        Self { latency, ..Self::default() }
    }

    fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().paths.clone()
    }

    fn most(&self) -> usize {
        self.seen.lock().unwrap().most
    }
}

impl Service<Request<Body>> for Slow {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = crate::BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), BoxError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (latency, seen) = (self.latency, Arc::clone(&self.seen));
        let path = request.uri().path_and_query().unwrap().as_str().to_owned();
        let mut now = seen.lock().unwrap();
        now.paths.push(path);
        now.here += 1;
        now.most = now.most.max(now.here);
        drop(now);
        Box::pin(async move {
            tokio::time::sleep(latency).await;
            seen.lock().unwrap().here -= 1;
            Ok(Response::new(Full::from("{}")))
        })
    }
}

fn client(wire: &Slow, limit: u16, lanes: &Lanes) -> GraphClient {
    let builder = Script::default().client().wire(wire.clone()).lanes(lanes.clone());
    builder.max_concurrent_requests(Concurrency::Limit(limit)).build().unwrap()
}

fn link(client: &GraphClient, path: &str) -> GraphRequest {
    GraphRequest::new(Method::GET, client.cloud().link(path).unwrap()).deadline(None)
}

const SECOND: Duration = Duration::from_secs(1);

/// Q2: clones, clients of the same key and all lanes share `max_concurrent_requests`.
#[tokio::test(start_paused = true)]
async fn the_cap_holds_over_clones_clients_and_lanes() {
    let (wire, lanes) = (Slow::new(SECOND), Lanes::default());
    let clients = [client(&wire, 3, &lanes), client(&wire, 5, &lanes)];
    let mut tasks = JoinSet::new();
    for n in 0..30 {
        let client = clients[n % 2].clone();
        let path = ["/v1.0/users", "/v1.0/teams", "/v1.0/deviceManagement"][n % 3];
        tasks.spawn(async move { client.send(link(&client, path)).await.is_ok() });
    }
    assert!(tasks.join_all().await.into_iter().all(|sent| sent));
    assert_eq!(wire.most(), 3, "the strictest setting of a key holds");
    assert!(lanes.snapshot().iter().all(|lane| lane.in_flight == 0 && lane.waiting == 0));
}

/// Q5
#[tokio::test(start_paused = true)]
async fn waiters_are_served_first_come_first_served() {
    let (wire, lanes) = (Slow::new(SECOND), Lanes::default());
    let client = client(&wire, 1, &lanes);
    let mut tasks = JoinSet::new();
    for n in 0..20 {
        let client = client.clone();
        tasks.spawn(async move { client.send(link(&client, &format!("/v1.0/users/{n}"))).await });
        tokio::task::yield_now().await;
    }
    tasks.join_all().await;
    let order: Vec<_> = (0..20).map(|n| format!("/v1.0/users/{n}")).collect();
    assert_eq!(wire.paths(), order);
}

/// Q6, Q4: who gave up takes no place later; the others keep their order.
#[tokio::test(start_paused = true)]
async fn a_waiter_that_gives_up_leaves_the_line() {
    let (wire, lanes) = (Slow::new(SECOND * 10), Lanes::default());
    let client = client(&wire, 1, &lanes);
    let give_up = tokio::time::timeout(SECOND, client.send(link(&client, "/v1.0/users/2")));
    let first = client.send(link(&client, "/v1.0/users/1"));
    let third = async {
        tokio::task::yield_now().await;
        client.send(link(&client, "/v1.0/users/3")).await
    };
    let (first, second, third) = tokio::join!(first, give_up, third);
    assert!(first.is_ok() && second.is_err() && third.is_ok());
    assert_eq!(wire.paths(), ["/v1.0/users/1", "/v1.0/users/3"]);
    assert!(lanes.snapshot().iter().all(|lane| lane.in_flight == 0 && lane.waiting == 0));
}

/// Q7
#[tokio::test(start_paused = true)]
async fn a_full_backlog_refuses_at_once() {
    let wire = Slow::new(SECOND);
    let lanes = Lanes::new(LaneSettings::default().backlog(2));
    let client = client(&wire, 1, &lanes);
    let mut tasks = JoinSet::new();
    for _ in 0..5 {
        let client = client.clone();
        tasks.spawn(async move {
            let began = Instant::now();
            (client.send(link(&client, "/v1.0/users")).await, began.elapsed())
        });
    }
    let refused: Vec<_> =
        tasks.join_all().await.into_iter().filter_map(|it| Some((it.0.err()?, it.1))).collect();
    assert_eq!(refused.len(), 2);
    for (error, after) in refused {
        assert!(matches!(error, Error::Lane(LaneError::Full { waiting: 2, .. })), "{error}");
        assert_eq!(after, Duration::ZERO);
    }
}

/// Q9
#[tokio::test(start_paused = true)]
async fn partitions_get_their_share_and_use_what_others_leave() {
    let wire = Slow::new(SECOND);
    let lanes = Lanes::new(LaneSettings::default().partition("people", 0.5));
    let client = client(&wire, 4, &lanes);
    let mut tasks = JoinSet::new();
    let send = |tasks: &mut JoinSet<()>, path: &'static str, partition: Option<&'static str>| {
        let client = client.clone();
        tasks.spawn(async move {
            let mut request = link(&client, path);
            if let Some(partition) = partition {
                request = request.with(InPartition(partition.into()));
            }
            client.send(request).await.unwrap();
        });
    };
    for _ in 0..40 {
        send(&mut tasks, "/v1.0/users/import", None);
    }
    tokio::time::sleep(SECOND / 2).await;
    assert_eq!(wire.most(), 4, "idle capacity of the others is used");
    for _ in 0..8 {
        send(&mut tasks, "/v1.0/users/people", Some("people"));
    }
    tasks.join_all().await;
    let contended = &wire.paths()[4..20];
    let people = contended.iter().filter(|path| path.ends_with("people")).count();
    assert_eq!(people, 8, "half of the places while both wait: {contended:?}");
    let unknown = link(&client, "/v1.0/users").with(InPartition("nobody".into()));
    let error = client.send(unknown).await.unwrap_err();
    assert!(matches!(error, Error::Lane(LaneError::UnknownPartition(_))));
}

/// Q16
#[tokio::test(start_paused = true)]
async fn asking_for_more_than_a_budget_ever_holds_is_an_error() {
    let (wire, lanes) = (Slow::new(SECOND), Lanes::default());
    let client = client(&wire, 4, &lanes);
    let units = InLane { lane: None, units: Some(100_000) };
    let error = client.send(get(&client).with(units)).await.unwrap_err();
    let Error::Lane(LaneError::OverCapacity { asked: 100_000, capacity: 3_500, .. }) = &error
    else {
        panic!("{error:?}")
    };
    let nowhere = InLane { lane: Some("nowhere".into()), units: None };
    let error = client.send(get(&client).with(nowhere)).await.unwrap_err();
    assert!(matches!(error, Error::Lane(LaneError::UnknownLane(_))), "{error:?}");
    assert!(wire.paths().is_empty());
}

/// Q14: one class waits for its budget, the others go on; facts: graph-protocol 3.3.
#[tokio::test(start_paused = true)]
async fn small_buckets_are_kept_without_a_single_refusal() {
    let (wire, lanes) = (Slow::new(SECOND / 10), Lanes::default());
    let client = client(&wire, 50, &lanes);
    let began = Instant::now();
    let send = |path: &'static str, times: usize| {
        let client = client.clone();
        async move {
            let mut tasks = JoinSet::new();
            for _ in 0..times {
                let client = client.clone();
                tasks.spawn(async move { client.send(link(&client, path)).await.unwrap() });
            }
            tasks.join_all().await;
            began.elapsed().as_secs()
        }
    };
    let (reports, risks, teams) = tokio::join!(
        send("/v1.0/auditLogs/signIns", 11),
        send("/v1.0/identityProtection/riskyUsers", 5),
        send("/v1.0/teams", 40)
    );
    assert_eq!(reports, 20, "5 in 10 s");
    assert_eq!(risks, 8, "half of one a second");
    assert_eq!(teams, 0, "T9: nothing limits a path without a lane");
}

/// Q2, pool: the timeout of the seeds bounds the wait for a place, not for a budget.
#[tokio::test(start_paused = true)]
async fn a_wait_for_the_budget_is_no_pool_timeout() {
    let (wire, lanes) = (Slow::new(SECOND / 10), Lanes::default());
    let timeouts = Timeouts { pool: Some(SECOND), ..Timeouts::default() };
    let builder = Script::default().client().wire(wire.clone()).lanes(lanes).timeouts(timeouts);
    let client = builder.build().unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let client = client.clone();
        tasks.spawn(
            async move { client.send(link(&client, "/v1.0/auditLogs/signIns")).await.is_ok() },
        );
    }
    assert!(tasks.join_all().await.into_iter().all(|sent| sent));
}
