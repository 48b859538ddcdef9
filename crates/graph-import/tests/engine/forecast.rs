//! What a run would cost, and reading again what it has written.

use std::collections::BTreeSet;

use graph_import::sqlite::StoreReader;
use graph_import::{
    BindingLimit, EdgeStrategy, Event, FoundDifference, Importer, Observer, SqliteStore, Stop,
    StreamOutcome, Verification, Verify,
};
use graph_simulator::{Simulator, Tenant};
use graph_transport::{Cloud, CustomCloud, GraphClient, Secret, StaticBearer, TenantId};

use crate::rounds::small;
use crate::script::{Script, error, id, member, members_path, ok, page, raw, removed, user};
use crate::store::Bench;

fn simulator(seed: u64, users: u64) -> Simulator {
    Simulator::builder(Tenant::builder().seed(seed).users(users).build()).page_size(7).build()
}

pub(crate) fn client(simulator: &Simulator) -> GraphClient {
    let root = "http://127.0.0.1:1".to_owned();
    let custom = CustomCloud {
        graph_root: root.clone(),
        authority: root,
        ca_bundle: None,
        allow_insecure_loopback: true,
    };
    let bearer = StaticBearer::new(Secret::new(simulator.access_token()));
    let builder = GraphClient::builder(Cloud::custom(custom).unwrap(), bearer);
    builder.wire(simulator.service()).build().unwrap()
}

fn importer(simulator: &Simulator, bench: &Bench) -> Importer<SqliteStore> {
    let tenant = TenantId::parse(&simulator.tenant_id()).unwrap();
    let store = SqliteStore::new(bench.path());
    let streams = graph_import::streams().unwrap().into_iter();
    let streams =
        streams.filter(|plan| ["users", "groups", "members"].contains(&plan.name.as_str()));
    Importer::new(client(simulator), tenant, streams, store).unwrap().reads_hidden_members(true)
}

/// G8: only counts are asked for, and no store comes to be.
#[tokio::test(start_paused = true)]
async fn a_plan_asks_for_counts_alone_and_creates_nothing() {
    let simulator = simulator(7, 300);
    let bench = Bench::new(Script::default());
    let importer = importer(&simulator, &bench).scan_from(100);
    let plan = importer.plan(None).await.unwrap();
    assert!(!bench.path().exists(), "no store was created");
    let asked = simulator.requests();
    assert_eq!(asked.len() as u64, plan.asked);
    assert!(asked.iter().all(|request| request.path().ends_with("/$count")), "{asked:?}");
    assert!(!plan.incremental && !plan.is_refused());
    let of = |name: &str| plan.streams.iter().find(|it| it.stream == name).unwrap();
    assert_eq!((of("users").count, of("users").source), (Some(300), "handover"));
    assert_eq!((of("groups").count, of("groups").source), (Some(60), "delta"), "too small to scan");
    assert_eq!(of("members").count, of("groups").count);
    assert!(of("members").strategy.is_some());
    assert!(plan.store_bytes.unwrap() > 300 * 500);
    assert!(plan.total.requests > 3 && plan.total.seconds() > 0.0);
    assert_eq!(plan.binding, plan.total.binding());
}

#[tokio::test(start_paused = true)]
async fn a_plan_over_a_store_is_that_of_the_next_round() {
    let simulator = simulator(7, 60);
    let bench = Bench::new(Script::default());
    importer(&simulator, &bench).run(&(), &Stop::new()).await.unwrap();
    let before = simulator.statistics().requests;
    let importer = importer(&simulator, &bench);
    let plan = importer.plan(None).await.unwrap();
    assert_eq!((plan.incremental, plan.asked), (true, 0));
    assert_eq!(simulator.statistics().requests, before, "nothing had to be asked");
    let deltas = plan.streams.iter().filter(|it| it.source == "incremental").count() as u64;
    assert!(deltas >= 2);
    assert_eq!(plan.binding, BindingLimit::Latency);
    let next = importer.run(&(), &Stop::new()).await.unwrap();
    assert_eq!(plan.total.requests, next.requests, "a round in which nothing has changed");
    let full = super::forecast::importer(&simulator, &bench).full(true).plan(None).await.unwrap();
    assert!(!full.incremental && full.total.requests > plan.total.requests);
}

/// F4: the least permission is named, and one that includes it counts.
#[tokio::test(start_paused = true)]
async fn a_plan_names_the_least_permission_that_is_missing() {
    let simulator = simulator(7, 60);
    let bench = Bench::new(Script::default());
    let importer = importer(&simulator, &bench);
    let granted = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>();
    let plan = importer.plan(Some(&granted(&["User.Read.All"]))).await.unwrap();
    assert!(plan.is_refused());
    assert!(plan.missing_permissions.iter().any(|it| it == "Group.Read.All"), "{plan:?}");
    let users = plan.streams.iter().find(|it| it.stream == "users").unwrap();
    assert_eq!(users.outcome, StreamOutcome::Granted);
    let plan = importer.plan(Some(&granted(&["Directory.Read.All"]))).await.unwrap();
    let refused: Vec<_> = (plan.streams.iter())
        .filter(|it| ["users", "groups", "members"].contains(&it.stream.as_str()))
        .filter(|it| it.outcome != StreamOutcome::Granted)
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
    let forced = importer.edge_strategy(EdgeStrategy::TwoTier).plan(None).await.unwrap();
    let members = forced.streams.iter().find(|it| it.stream == "members").unwrap();
    assert_eq!(members.strategy, Some(EdgeStrategy::TwoTier));
}

/// F4, F8: what neither the token nor a count tells, Graph is asked.
#[tokio::test(start_paused = true)]
async fn what_an_opaque_token_grants_is_asked_of_graph() {
    let tenant = Tenant::builder().seed(7).users(60).build();
    let granted = ["User.Read.All", "Group.Read.All"];
    let simulator = Simulator::builder(tenant).permissions(granted).build();
    let bench = Bench::new(Script::default());
    let id = TenantId::parse(&simulator.tenant_id()).unwrap();
    let streams = graph_import::streams().unwrap();
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(client(&simulator), id, streams, store).unwrap();
    let plan = importer.plan_and_probe(None).await.unwrap();
    let of = |name: &str| plan.streams.iter().find(|it| it.stream == name).unwrap();
    for name in ["users", "groups", "members", "managers", "group_owners"] {
        assert_eq!(of(name).outcome, StreamOutcome::Granted, "{name}");
    }
    let missing = StreamOutcome::MissingPermission("Device.Read.All".to_owned());
    assert_eq!(of("devices").outcome, missing);
    assert_eq!(of("device_owners").outcome, StreamOutcome::OwnerNotRead("devices".to_owned()));
    assert!(!plan.is_refused() && plan.missing_permissions.is_empty(), "optional streams alone");
    assert_eq!(simulator.requests().len() as u64, plan.asked);
    assert!(!bench.path().exists());
    // What the token names need not be asked.
    let all: BTreeSet<String> =
        graph_import::streams().unwrap().into_iter().filter_map(|it| it.permission).collect();
    assert!(importer.plan_and_probe(Some(&all)).await.unwrap().asked < plan.asked);
}

async fn verify(bench: &Bench, what: &Verify) -> Verification {
    let importer = bench.importer(SqliteStore::new(bench.path()));
    let store = StoreReader::open(&bench.path()).unwrap();
    importer.verify(store, what, &(), &Stop::new()).await.unwrap()
}

fn object(n: u32) -> String {
    format!("/v1.0/users/{}?$select=id,displayName,accountEnabled", id(n))
}

async fn imported() -> Bench {
    let script = small();
    script.on(&object(1), ok(&user(1, "Ada"))).on(&object(2), ok(&user(2, "Bo")));
    for (n, name) in [(8, "Crew"), (9, "Dock")] {
        let path = format!("/v1.0/groups/{}?$select=id,displayName,visibility", id(n));
        script.on(&path, ok(&serde_json::json!({"id": id(n), "displayName": name})));
    }
    let bench = Bench::new(script);
    bench.run().await;
    bench.script.requests();
    bench
}

#[tokio::test(start_paused = true)]
async fn a_store_that_equals_the_tenant_is_verified() {
    let bench = imported().await;
    let mut all = Verify::default();
    all.sample = None;
    for what in [&all, &Verify::default()] {
        let found = verify(&bench, what).await;
        assert!(found.is_equal() && found.differences.is_empty(), "{found:#?}");
        let compared: Vec<_> =
            found.streams.iter().map(|it| (it.stream.as_str(), it.compared, it.equal)).collect();
        assert_eq!(compared, [("users", 2, 2), ("groups", 2, 2), ("members", 2, 2)]);
    }
    assert_eq!(bench.run().await.requests, 2, "the delta links are where they were");
}

/// D14: read twice before it counts, and told what it is.
#[tokio::test(start_paused = true)]
async fn what_differs_is_read_twice_and_named() {
    let bench = imported().await;
    bench.script.forget(&object(1)).on(&object(1), ok(&user(1, "Eve")));
    bench.script.forget(&object(2)); // 404
    bench.script.forget(&members_path(8)).on(&members_path(8), page(&[member(2), member(3)], None));
    // The first answer differs, the second does not: a change that was under way.
    bench.script.forget(&members_path(9)).on(&members_path(9), page(&[], None));
    bench.script.on(&members_path(9), page(&[member(2)], None));
    let found = verify(&bench, &Verify::default()).await;
    assert!(!found.is_equal());
    let what: Vec<_> =
        found.differences.iter().map(|it| (it.stream.as_str(), it.pending, &it.what)).collect();
    let id = |n| graph_import::ObjectId::new(&id(n));
    let edges = FoundDifference::Edges { missing: vec![id(3)], surplus: vec![id(1)] };
    assert_eq!(
        what,
        [
            ("users", false, &FoundDifference::Properties(vec!["display_name".to_owned()])),
            ("users", false, &FoundDifference::Gone),
            ("members", false, &edges),
        ]
    );
    let twice = bench.script.requests().iter().filter(|it| it.trim() == object(1)).count();
    assert_eq!(twice, 2);
}

#[tokio::test(start_paused = true)]
async fn a_difference_that_the_delta_reports_is_pending() {
    let bench = imported().await;
    bench.script.forget(&object(1)).on(&object(1), ok(&user(1, "Ada 2")));
    bench.script.forget(&object(2));
    let delta = "/v1.0/users/delta?$deltatoken=u3";
    let link = Some("deltaLink=/v1.0/users/delta?$deltatoken=u4");
    bench.script.forget(delta).on(delta, page(&[user(1, "Ada 2"), removed(2, "changed")], link));
    let found = verify(&bench, &Verify::default()).await;
    assert!(found.is_equal(), "{found:#?}");
    let users = &found.streams[0];
    assert_eq!((users.compared, users.equal, users.pending), (2, 0, 2));
    assert!(found.differences.iter().all(|it| it.pending));
}

/// I6: what cannot be read again is not equal.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_again_is_said() {
    let bench = imported().await;
    bench.script.forget(&object(1)).on(&object(1), raw(200, "<html>"));
    bench.script.forget(&members_path(8));
    bench.script.on(&members_path(8), error(403, "Authorization_RequestDenied"));
    let mut what = Verify::default();
    what.streams = vec!["users".to_owned(), "members".to_owned()];
    let found = verify(&bench, &what).await;
    let unreadable: Vec<_> = found.streams.iter().map(|it| it.unreadable).collect();
    assert_eq!((unreadable, found.is_equal()), (vec![1, 1], false));
}

/// The same seed draws the same sample.
#[tokio::test(start_paused = true)]
async fn a_sample_is_drawn_by_its_seed() {
    let simulator = simulator(7, 60);
    let bench = Bench::new(Script::default());
    importer(&simulator, &bench).run(&(), &Stop::new()).await.unwrap();
    let mut drawn = Vec::new();
    for seed in [1, 1, 2] {
        let before = simulator.requests().len();
        let mut what = Verify::default();
        (what.sample, what.seed, what.streams) = (Some(5), seed, vec!["users".to_owned()]);
        let store = StoreReader::open(&bench.path()).unwrap();
        let found =
            importer(&simulator, &bench).verify(store, &what, &(), &Stop::new()).await.unwrap();
        assert_eq!((found.is_equal(), found.streams[0].equal), (true, 5));
        let asked = simulator.requests().into_iter().skip(before).map(|it| it.path().to_owned());
        drawn.push(asked.filter(|path| path.contains("/users/")).collect::<BTreeSet<_>>());
    }
    assert_eq!(drawn[0], drawn[1]);
    assert_ne!(drawn[0], drawn[2]);
}

/// The sample is part of what the run will ask.
#[tokio::test(start_paused = true)]
async fn a_plan_counts_the_sample_that_is_read_again() {
    let simulator = simulator(7, 300);
    let bench = Bench::new(Script::default());
    let without = importer(&simulator, &bench).plan(None).await.unwrap();
    assert_eq!((without.sample.requests, without.streams[0].sampled), (0, 0));
    let sampled = importer(&simulator, &bench).sample(50);
    let plan = sampled.plan(None).await.unwrap();
    assert_eq!(plan.streams.iter().map(|it| it.sampled).collect::<Vec<_>>(), [50, 50, 50]);
    assert_eq!(plan.sample.requests, 9, "three batches of twenty for each stream");
    assert_eq!(plan.total.requests, without.total.requests + 9);
    let of_streams: u64 = plan.streams.iter().map(|it| it.estimate.requests).sum();
    assert_eq!(of_streams, plan.total.requests, "each stream with its own");
    let report = sampled.run(&(), &Stop::new()).await.unwrap();
    let before = simulator.requests().len();
    let reread: u64 = report.streams.iter().map(|it| it.sample.unwrap().reread).sum();
    assert_eq!(reread, 150);
    // A round of changes reads none, unless every round does.
    let next = sampled.plan(None).await.unwrap();
    assert_eq!(next.sample.requests, 0);
    let every = importer(&simulator, &bench).sample(50).sample_every_round(true);
    assert_eq!(every.plan(None).await.unwrap().sample.requests, 9);
    assert_eq!(simulator.requests().len(), before);
}

/// What an observer is told, in the order of a progress bar.
#[derive(Default)]
struct Told(std::sync::Mutex<Vec<(String, u64, Option<u64>)>>);

impl Observer for Told {
    fn observe(&self, event: &Event<'_>) {
        let told = match event {
            Event::Compared { stream, compared, of, .. } => ((*stream).to_owned(), *compared, *of),
            Event::Verified { result } => (format!("{} ends", result.stream), result.equal, None),
            _ => return,
        };
        self.0.lock().unwrap().push(told);
    }
}

#[tokio::test(start_paused = true)]
async fn a_verification_tells_how_far_it_is() {
    let simulator = simulator(7, 60);
    let bench = Bench::new(Script::default());
    let importer = importer(&simulator, &bench);
    importer.run(&(), &Stop::new()).await.unwrap();
    let mut what = Verify::default();
    for (sample, all) in [(None, 60), (Some(50), 50)] {
        what.sample = sample;
        let (told, store) = (Told::default(), StoreReader::open(&bench.path()).unwrap());
        importer.verify(store, &what, &told, &Stop::new()).await.unwrap();
        let told = told.0.into_inner().unwrap();
        let users: Vec<_> = told.iter().filter(|(stream, ..)| stream == "users").collect();
        assert!(!users.is_empty() && users.is_sorted_by_key(|(_, compared, _)| *compared));
        assert_eq!(users.last().unwrap(), &&("users".to_owned(), all, Some(all)));
        let ends: Vec<_> = told.iter().filter(|(stream, ..)| stream.ends_with("ends")).collect();
        assert_eq!(ends.len(), 3);
        assert_eq!(ends[0], &("users ends".to_owned(), all, None));
    }
}
