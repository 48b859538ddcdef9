//! What an envelope says when something goes wrong on the way.

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
