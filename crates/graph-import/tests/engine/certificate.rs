//! What a certificate has checked: permissions, counts, samples, truncation.

use graph_import::sqlite::StoreReader;
use graph_import::{
    Completeness, FoundDifference, Importer, Report, SqliteStore, Stop, StreamVerification, Verify,
};
use graph_simulator::{Fault, FaultPlan, FaultRule, Simulator, Tenant};
use graph_transport::TenantId;

use crate::forecast::client;
use crate::rounds::small;
use crate::script::{Script, id, members_path, ok, page, user};
use crate::store::Bench;

fn simulator(faults: FaultPlan) -> Simulator {
    Simulator::builder(Tenant::builder().seed(7).users(60).build()).faults(faults).build()
}

fn importer(simulator: &Simulator, bench: &Bench) -> Importer<SqliteStore> {
    let tenant = TenantId::parse(&simulator.tenant_id()).unwrap();
    let store = SqliteStore::new(bench.path());
    let streams = graph_import::streams().unwrap();
    Importer::new(client(simulator), tenant, streams, store).unwrap().reads_hidden_members(true)
}

async fn run(importer: &Importer<SqliteStore>) -> Report {
    importer.run(&(), &Stop::new()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_certificate_says_what_was_checked() {
    let (simulator, bench) = (simulator(FaultPlan::new(1)), Bench::new(Script::default()));
    let report = run(&importer(&simulator, &bench).sample(7)).await;
    assert_eq!(report.completeness, Completeness::Proven, "{report:#?}");
    let users = report.stream("users").unwrap();
    let counts = users.counts.unwrap();
    assert_eq!((counts.at_start, counts.at_end, counts.distinct), (Some(60), Some(60), 60));
    assert_eq!((counts.churn, counts.agree()), (0, Some(true)));
    let permission = users.permission.as_ref().unwrap();
    assert_eq!((&*permission.least, permission.granted), ("User.Read.All", Some(true)));
    assert!(users.truncated.is_empty() && !users.assumptions.is_empty());
    // H2: what streams say of their columns' types is so.
    assert!(report.streams.iter().all(|it| it.warnings.is_empty()), "{report:#?}");
    for name in ["users", "groups", "devices", "members", "managers"] {
        let sample = report.stream(name).unwrap().sample.unwrap();
        assert_eq!((sample.reread, sample.equal), (7, 7), "{name}");
    }
    assert!(report.stream("domains").unwrap().sample.is_none(), "every round reads all of it");
    assert_eq!(report.requests, report.streams.iter().map(|it| it.requests).sum::<u64>());

    // A round that reads nothing but changes draws none, unless it is asked to.
    let idle = run(&importer(&simulator, &bench).sample(7)).await;
    assert_eq!(idle.requests, 14);
    assert!(idle.streams.iter().all(|it| it.sample.is_none() && it.counts.is_none()));
    let asked = run(&importer(&simulator, &bench).sample(7).sample_every_round(true)).await;
    assert_eq!(asked.stream("users").unwrap().sample.unwrap().equal, 7);
}

/// I6, C7: fewer objects than Graph counts are no proof, until Graph counts as many.
#[tokio::test(start_paused = true)]
async fn a_generation_read_by_delta_is_held_against_graphs_count() {
    let count = |body: &str| Fault::Status {
        status: 200,
        headers: [("Content-Type".to_owned(), "text/plain".into())].into(),
        code: None,
        body: Some(body.to_owned()),
    };
    let wrong = FaultRule::new(count("61")).path("/users/$count").times(8);
    let simulator = simulator(FaultPlan::new(1).rule(wrong));
    let bench = Bench::new(Script::default());
    let importer = importer(&simulator, &bench);
    let doubt = "60 objects were found where Graph counts 61";
    // The second run reads it again, because of the doubt; the third waits for the cool-down.
    for _ in 0..2 {
        let report = run(&importer).await;
        let users = report.stream("users").unwrap();
        assert!(users.full);
        assert_eq!(users.completeness, Completeness::Provisional(doubt.to_owned()));
        assert_eq!(users.counts.unwrap().agree(), Some(false));
    }
    let report = run(&importer).await;
    let users = report.stream("users").unwrap();
    assert_eq!((users.full, &users.completeness), (false, &Completeness::Proven));
    assert!(run(&importer).await.stream("users").unwrap().counts.is_none(), "not asked any more");
}

fn object(n: u32) -> String {
    format!("/v1.0/users/{}?$select=id,displayName,accountEnabled", id(n))
}

/// D14, B21: what was read again and differs, and no delta explains, is named and is no proof.
#[tokio::test(start_paused = true)]
async fn a_sample_that_differs_makes_the_certificate_provisional() {
    let script = small();
    script.on(&object(1), ok(&user(1, "Eve"))).on(&object(2), ok(&user(2, "Bo")));
    for n in [8, 9] {
        let path = format!("/v1.0/groups/{}?$select=id,displayName,visibility", id(n));
        let name = if n == 8 { "Crew" } else { "Dock" };
        script.on(&path, ok(&serde_json::json!({"id": id(n), "displayName": name})));
    }
    let bench = Bench::new(script);
    let importer = bench.importer(SqliteStore::new(bench.path())).sample(20);
    let report = run(&importer).await;
    let users = report.stream("users").unwrap();
    let sample = users.sample.unwrap();
    assert_eq!((sample.reread, sample.equal, sample.different), (2, 1, 1));
    let Completeness::Provisional(reason) = &users.completeness else { panic!("{users:?}") };
    assert!(reason.starts_with("1 of 2 that were read again differ"), "{reason}");
    let named = format!("read again, {} differs: other values: display_name", id(1));
    assert!(users.warnings.contains(&named), "{:?}", users.warnings);
    let equal = report.stream("members").unwrap().sample.unwrap();
    assert_eq!((equal.reread, equal.equal), (2, 2));
}

/// A long list costs one page of a sample: what that page has, the store must have.
#[tokio::test(start_paused = true)]
async fn of_a_long_list_the_first_page_is_read_again() {
    let script = small();
    let bench = Bench::new(script);
    bench.run().await;
    let path = members_path(8);
    let next = format!("nextLink={path}&$skiptoken=x");
    bench.script.forget(&path).on(&path, page(&[crate::script::member(1)], Some(&next)));
    bench.script.requests();
    let importer = bench.importer(SqliteStore::new(bench.path())).sample(20);
    let report = run(&importer.sample_every_round(true)).await;
    let members = report.stream("members").unwrap().sample.unwrap();
    assert_eq!((members.reread, members.different, members.unreadable), (2, 0, 0));
    let asked = bench.script.requests();
    assert!(asked.iter().all(|request| !request.contains("skiptoken=x")), "{asked:?}");
}

async fn verified(simulator: &Simulator, bench: &Bench) -> (StreamVerification, Vec<String>) {
    let mut all = Verify::default();
    (all.sample, all.streams) = (None, vec!["users".to_owned()]);
    let store = StoreReader::open(&bench.path()).unwrap();
    let found = importer(simulator, bench).verify(store, &all, &(), &Stop::new()).await.unwrap();
    let what = found.differences.iter().map(|it| it.what.to_string()).collect();
    assert_eq!(found.is_equal(), found.differences.is_empty());
    (found.streams.into_iter().next().unwrap(), what)
}

/// I1: everything is compared in both directions.
#[tokio::test(start_paused = true)]
async fn verify_all_finds_what_the_store_lacks_and_what_graph_lacks() {
    let (simulator, bench) = (simulator(FaultPlan::new(1)), Bench::new(Script::default()));
    run(&importer(&simulator, &bench)).await;
    let (users, _) = verified(&simulator, &bench).await;
    assert_eq!((users.compared, users.equal, users.listed), (60, 60, true));

    let store = rusqlite::Connection::open(bench.path()).unwrap();
    let swap =
        "UPDATE import_object_id SET id = ?1 WHERE number = (SELECT min(object) FROM object_users)";
    assert_eq!(store.execute(swap, [&[7_u8; 16][..]]).unwrap(), 1);
    let drop_one = "DELETE FROM object_users WHERE object = (SELECT max(object) FROM object_users)";
    assert_eq!(store.execute(drop_one, []).unwrap(), 1);
    drop(store);
    let (users, what) = verified(&simulator, &bench).await;
    assert_eq!((users.missing, users.gone, users.different), (2, 1, 3), "{users:?}");
    assert_eq!((users.compared, users.equal), (61, 58));
    let count = |text: &str| what.iter().filter(|it| *it == text).count();
    let (missing, gone) = (FoundDifference::Missing.to_string(), FoundDifference::Gone.to_string());
    assert_eq!((count(&missing), count(&gone)), (2, 1), "{what:?}");
}

/// What is read anew beside the serving generation counts when it is published, and once.
#[tokio::test(start_paused = true)]
async fn a_generation_that_is_read_anew_counts_what_it_has_changed() {
    let tenant = Tenant::builder().seed(7).users(60).build();
    // Several pages, so that some are committed before the one that publishes.
    let simulator = Simulator::builder(tenant).page_size(7).delta_page_size(7, 21).build();
    let bench = Bench::new(Script::default());
    run(&importer(&simulator, &bench)).await;
    for scan_from in [1, 1_000_000] {
        let again = run(&importer(&simulator, &bench).full(true).scan_from(scan_from)).await;
        assert_eq!(again.completeness, Completeness::Proven, "{again:#?}");
        for stream in &again.streams {
            let it = stream.applied;
            let changed = it.inserted + it.updated + it.restored + it.hard_deleted + it.swept;
            let edges = it.edges_added + it.edges_removed;
            assert_eq!((changed, edges), (0, 0), "nothing has changed: {stream:#?}");
        }
        let users = again.stream("users").unwrap();
        assert_eq!((users.applied.unchanged, users.holdings.live), (60, 60));
    }
}
