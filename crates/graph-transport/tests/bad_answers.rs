//! Hostile and broken answers: the truth or a typed error, never half of it (cases P29, X, SEC-B18, SEC-B20).

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use graph_simulator::{Fault, FaultPlan, FaultRule, Kind, Simulator, Tenant};
use graph_transport::{
    ApiVersion, BatchItem, ClientSecret, Cloud, CloudName, Error, GraphClient, GraphRequest,
    MinThroughput, RetryConfig, Secret, StaticBearer, Timeouts,
};
use http::{Request, Response};
use http_body_util::Full;
use proptest::prelude::*;

/// Everything that can happen to an answer on its way.
fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::throttled("0.249")),
        prop_oneof![Just(500_u16), Just(502), Just(503), Just(504), Just(403), Just(404)]
            .prop_map(Fault::status),
        prop_oneof![Just(200_u16), Just(502)].prop_map(|status| Fault::Html { status }),
        Just(Fault::error(400, "Directory_ExpiredPageToken")),
        Just(Fault::Gone),
        Just(Fault::ResetBeforeHead),
        Just(Fault::LostAnswer),
        (0_u64..900).prop_map(|after| Fault::ResetMidBody { after }),
        (0_u64..900).prop_map(|after| Fault::Truncate { after }),
        (-20_i64..20).prop_map(|difference| Fault::WrongContentLength { difference }),
        (0_u64..200_000).prop_map(|millis| Fault::Stall { millis }),
        (0_u64..900, 0_u64..200_000)
            .prop_map(|(after, millis)| Fault::StallMidBody { after, millis }),
        (1_u64..50, 0_u64..20_000).prop_map(|(chunk, millis)| Fault::SlowBody { chunk, millis }),
        Just(Fault::LoopLink),
        Just(Fault::DuplicateItem),
        Just(Fault::EmptyPage),
        Just(Fault::Link { url: "https://evil.example/v1.0/users".to_owned() }),
        Just(Fault::NoLink),
        Just(Fault::InvalidUtf8),
        Just(Fault::Shuffle),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Law 6: for any placement of faults a completed walk delivered exactly what is there, and any
    /// other walk ended in an error and proves nothing.
    #[test]
    fn a_walk_delivers_the_truth_or_an_error(
        faults in proptest::collection::vec((fault(), 1_u64..7), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all().start_paused(true).build().unwrap();
        let plan = faults.iter().fold(FaultPlan::new(1), |plan, (fault, nth)| {
            plan.rule(FaultRule::new(fault.clone()).path("/users/delta").nth(*nth))
        });
        let tenant = Tenant::builder().seed(11).users(45).build();
        let simulator = Simulator::builder(tenant).faults(plan).build();
        let client = simulated(&simulator);
        let (ids, error, proven) = runtime.block_on(walk(&client));
        prop_assert_ne!(error.is_some(), proven, "{:?}", error);
        if proven {
            let truth: BTreeSet<String> =
                simulator.truth().objects(Kind::User).map(|user| user.id.to_string()).collect();
            prop_assert_eq!(ids, truth);
        }
    }
}

fn simulated(simulator: &Simulator) -> GraphClient {
    let secret = Secret::new(simulator.client_secret());
    let credential = ClientSecret::new(simulator.tenant_id(), simulator.client_id(), secret);
    GraphClient::builder(Cloud::named(CloudName::Global).unwrap(), credential)
        .wire(simulator.service())
        .build()
        .unwrap()
}

async fn walk(client: &GraphClient) -> (BTreeSet<String>, Option<Error>, bool) {
    let prefer = http::HeaderName::from_static("prefer");
    let first = GraphRequest::get(client.cloud().link("/v1.0/users/delta?$select=id").unwrap())
        .header(prefer, "odata.maxpagesize=10".parse().unwrap());
    let mut pages = client.pages(first);
    let (mut ids, mut failure) = (BTreeSet::new(), None);
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => ids.extend(page.items().map(|item| {
                let item: serde_json::Value = serde_json::from_str(item).unwrap();
                item["id"].as_str().unwrap().to_owned()
            })),
            Err(error) => failure = Some(error),
        }
    }
    (ids, failure, pages.proof().is_some())
}

/// A client whose every request is answered with 200 and these bytes.
fn answering(body: Vec<u8>) -> GraphClient {
    let body = Bytes::from(body);
    let wire = tower::service_fn(move |_: Request<graph_transport::stack::Body>| {
        let body = body.clone();
        async move { Ok::<_, Infallible>(Response::new(Full::new(body))) }
    });
    GraphClient::builder(Cloud::named(CloudName::Global).unwrap(), StaticBearer::new("t".into()))
        .wire(wire)
        .max_body(1 << 20)
        .retry(RetryConfig::default())
        .build()
        .unwrap()
}

/// SEC-B18, SEC-B20: as a single answer, as a page and as a batch.
#[tokio::test(start_paused = true)]
async fn bodies_that_are_no_answer_are_typed_errors_everywhere() {
    let bodies: [(&str, Vec<u8>); 6] = [
        ("html", b"<html><body>captive portal</body></html>".to_vec()),
        ("truncated", br#"{"value":[{"id":"1"},{"id""#.to_vec()),
        ("utf-8", b"{\"value\":[{\"id\":\"\xff\"}]}".to_vec()),
        ("empty", Vec::new()),
        ("deep", [vec![b'['; 10_000], vec![b']'; 10_000]].concat()),
        ("huge", [b"{\"value\":[\"".as_slice(), &vec![b'x'; 2 << 20], b"\"]}"].concat()),
    ];
    for (name, body) in bodies {
        let client = answering(body);
        let link = client.cloud().link("/v1.0/users").unwrap();
        let single = async {
            let answer = client.send(GraphRequest::get(link.clone())).await?;
            answer.json::<serde_json::Value>()
        };
        let single = single.await.unwrap_err();
        let mut pages = client.pages(GraphRequest::get(link.clone()));
        let page = pages.next().await.unwrap().unwrap_err();
        assert!(pages.proof().is_none(), "{name}");
        let post = BatchItem::new("a", http::Method::POST, "/users");
        let batch = client.batch(ApiVersion::V1_0, vec![post]).await.unwrap_err();
        for error in [&single, &page, &batch] {
            let huge = matches!(error, Error::TooLarge { limit: 1_048_576, .. });
            let unreadable = matches!(error, Error::Body { .. } | Error::Page(_) | Error::Batch(_));
            assert!(if name == "huge" { huge } else { unreadable }, "{name}: {error:?}");
        }
    }
}

/// A body nested too deep is no reason to lose what the status says.
#[tokio::test(start_paused = true)]
async fn a_refusal_with_a_deep_body_is_still_that_refusal() {
    let body = Bytes::from([vec![b'['; 10_000], vec![b']'; 10_000]].concat());
    let wire = tower::service_fn(move |_: Request<graph_transport::stack::Body>| {
        let response = Response::builder().status(403).body(Full::new(body.clone()));
        async move { Ok::<_, Infallible>(response.unwrap()) }
    });
    let cloud = Cloud::named(CloudName::Global).unwrap();
    let client =
        GraphClient::builder(cloud, StaticBearer::new("t".into())).wire(wire).build().unwrap();
    let link = client.cloud().link("/v1.0/users").unwrap();
    let error = client.send(GraphRequest::get(link)).await.unwrap().error().unwrap();
    assert_eq!((error.status.as_u16(), error.message.len()), (403, 200));
}

/// Every setting out of its range is refused when the client is built, by its name.
#[tokio::test]
async fn settings_out_of_range_are_named() {
    type Change = fn(&mut Timeouts);
    let changes: [(&str, Change); 10] = [
        ("timeouts.connect", |it| it.connect = Duration::ZERO),
        ("timeouts.read", |it| it.read = Duration::ZERO),
        ("timeouts.write", |it| it.write = Duration::ZERO),
        ("timeouts.pool", |it| it.pool = Some(Duration::ZERO)),
        ("timeouts.attempt", |it| it.attempt = Some(Duration::ZERO)),
        ("timeouts.operation", |it| it.operation = Some(Duration::ZERO)),
        ("timeouts.idle", |it| it.idle = Duration::ZERO),
        ("timeouts.connection_age", |it| it.connection_age = Some(Duration::ZERO)),
        ("timeouts.min_throughput.bytes_per_second", |it| {
            let grace = Duration::from_secs(1);
            it.min_throughput = Some(MinThroughput { bytes_per_second: 0, grace });
        }),
        ("timeouts.min_throughput.grace", |it| {
            it.min_throughput = Some(MinThroughput { bytes_per_second: 1, grace: Duration::ZERO });
        }),
    ];
    let builder = || {
        let cloud = Cloud::named(CloudName::Global).unwrap();
        GraphClient::builder(cloud, StaticBearer::new("t".into()))
    };
    for (field, change) in changes {
        let mut timeouts = Timeouts::default();
        change(&mut timeouts);
        let error = builder().timeouts(timeouts).build().unwrap_err();
        assert!(error.to_string().contains(&format!("`{field}`")), "{error}");
    }
    assert!(builder().max_body(0).build().unwrap_err().to_string().contains("`max_body`"));
}
