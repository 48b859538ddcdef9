//! What an envelope says when something goes wrong on the way.

use std::time::Duration;

use graph_transport::Disposition;

use super::*;

#[tokio::test]
async fn a_page_of_a_proxy_is_no_success() {
    for fault in [Fault::Html { status: 200 }, Fault::Truncate { after: 40 }] {
        let bench = bench(FaultPlan::new(1).rule(FaultRule::new(fault).path("/users"))).await;
        let envelope = bench.run("user.list", Arguments::new()).await;
        assert_eq!(envelope.outcome(), Outcome::Failed, "{envelope:?}");
        assert!(!envelope.is_success() && envelope.data.is_null());
        assert_eq!(envelope.status_code, Some(200));
        let detail = envelope.detail.unwrap();
        assert!(detail.error.starts_with("failed to read the answer ("), "{detail:?}");
        let shown = detail.upstream.unwrap().detail;
        assert!(shown.as_str().is_some_and(|text| (1..=520).contains(&text.len())), "{shown}");
    }
}

#[tokio::test]
async fn a_write_answered_with_a_proxys_page_is_unknown() {
    let html = FaultRule::new(Fault::Html { status: 200 }).path("/users/*");
    let bench = bench(FaultPlan::new(1).rule(html)).await;
    let arguments =
        Arguments::new().with("id", bench.ids(Kind::User).remove(0)).with("department", "x");
    let envelope = bench.run("user.update", arguments).await;
    assert_eq!(envelope.outcome(), Outcome::Unknown, "{envelope:?}");
    assert!(!envelope.is_success());
}

#[tokio::test]
async fn links_that_cannot_be_followed_are_fatal_and_leave_the_data_incomplete() {
    let foreign = Fault::Link { url: "https://evil.example/v1.0/users?$skiptoken=x".to_owned() };
    for fault in [foreign, Fault::LoopLink] {
        let bench = bench(FaultPlan::new(1).rule(FaultRule::new(fault).path("/users"))).await;
        let envelope = bench.run("user.list", Arguments::new()).await;
        assert_eq!(envelope.outcome(), Outcome::Failed, "{envelope:?}");
        assert_eq!(envelope.disposition(), Some(Disposition::Fatal));
        assert!(!envelope.meta.complete);
        let error = envelope.detail.unwrap().error;
        let page = format!("page {} links back", envelope.meta.pages);
        assert!(error.contains("https://evil.example") || error.contains(&page), "{error}");
        assert!(!error.contains("skiptoken=x"), "{error}");
    }
}

#[tokio::test]
async fn only_what_is_all_there_is_is_complete() {
    let bench = bench(FaultPlan::new(1)).await;
    let whole = bench.run("user.list", Arguments::new()).await;
    assert_eq!((whole.meta.complete, whole.disposition()), (true, None));
    let gone = Arguments::new().with("id", "00000000-0000-4000-8000-00000000dead");
    let absent = bench.run("user.delete", gone.clone()).await;
    assert_eq!((absent.meta.complete, absent.disposition()), (true, None));
    let refused = bench.run("user.get", gone).await;
    assert_eq!(
        (refused.meta.complete, refused.disposition()),
        (false, Some(Disposition::NotFound))
    );
    let misfit = bench.run("user.get", Arguments::new()).await;
    assert_eq!((misfit.meta.complete, misfit.disposition()), (false, None));
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_throttled_and_told_in_whole_seconds() {
    let throttle = Fault::throttled("86400");
    let bench = bench(FaultPlan::new(1).rule(FaultRule::new(throttle).path("/users"))).await;
    let mut options = RunOptions::default();
    options.timeout = Some(Duration::from_secs(60));
    let plan = bench.system.catalogue.get("user.list").unwrap();
    let envelope = bench.runner.run_with(plan, &Arguments::new(), &options).await;
    assert_eq!(envelope.outcome(), Outcome::Throttled, "{envelope:?}");
    assert_eq!(envelope.disposition(), Some(Disposition::Throttled));
    assert_eq!(
        envelope.detail.unwrap().error,
        "failed to wait 86400 s as Graph asks: the operation's deadline is earlier"
    );
}

#[tokio::test]
async fn the_attempt_that_the_deadline_ends_counts() {
    let stall = FaultRule::new(Fault::Stall { millis: 600_000 }).path("/users");
    let bench = bench(FaultPlan::new(1).rule(stall)).await;
    bench.runner.client().sign_in().await.unwrap();
    let mut options = RunOptions::default();
    options.timeout = Some(Duration::from_millis(50));
    let plan = bench.system.catalogue.get("user.list").unwrap();
    let envelope = bench.runner.run_with(plan, &Arguments::new(), &options).await;
    assert_eq!((envelope.meta.attempts, envelope.meta.complete), (1, false), "{envelope:?}");
    assert_eq!(envelope.disposition(), Some(Disposition::Transient));
}

#[tokio::test]
async fn a_batch_is_classified_by_what_its_failures_agree_on() {
    let bench = bench(FaultPlan::new(1)).await;
    let absent = "/users/00000000-0000-4000-8000-00000000dead";
    let get = |id: &str, url: &str| json!({"id": id, "method": "GET", "url": url});
    let both = json!([get("1", absent), get("2", absent)]);
    let envelope = bench.run("graph.batch", Arguments::new().with("requests", both)).await;
    assert_eq!(envelope.disposition(), Some(Disposition::NotFound), "{envelope:?}");
    let mixed = json!([get("1", absent), get("2", "/nothing/of/the/kind")]);
    let envelope = bench.run("graph.batch", Arguments::new().with("requests", mixed)).await;
    assert_eq!(envelope.disposition(), Some(Disposition::Fatal), "{envelope:?}");
    assert!(!envelope.meta.complete);
}

#[tokio::test]
async fn a_refusal_names_what_is_needed_and_what_the_token_has() {
    let tenant = Tenant::builder().seed(7).users(5).build();
    let simulator = Simulator::builder(tenant).permissions(["Group.Read.All"]).build();
    let bench = bench_of(simulator).await;
    let envelope = bench.run("user.list", Arguments::new()).await;
    assert_eq!(envelope.outcome(), Outcome::Forbidden, "{envelope:?}");
    // The file declares none: the least comes from Graph's own map.
    assert_eq!(envelope.meta.needs_permission.as_deref(), Some("User.ReadBasic.All"));
    assert!(
        envelope.meta.other_permissions.contains(&"User.ReadWrite.All".to_owned()),
        "{envelope:?}"
    );
    assert_eq!(envelope.meta.granted_permissions, ["Group.Read.All"]);
}
