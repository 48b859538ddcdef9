//! Resource units and their headers over requests.

use std::time::Duration;

use graph_simulator::{
    AppRegistration, Budget, Counts, RetryAfter, Scope, Simulator, Tenant, Throttle,
};
use serde_json::json;

use super::client::Client;

fn simulator(resource_units: u32) -> Simulator {
    let throttle =
        Throttle { resource_units, retry_after: RetryAfter::Fractional, ..Throttle::default() };
    Simulator::builder(Tenant::builder().users(50).build()).throttle(throttle).build()
}

#[tokio::test(start_paused = true)]
async fn a_spent_budget_is_a_429_that_says_how_long_to_wait() {
    let simulator = simulator(10);
    let client = Client::new(&simulator);
    for _ in 0..4 {
        assert!(
            !client.get("/v1.0/users").await.headers.contains_key("x-ms-throttle-limit-percentage")
        );
    }
    let last = client.get("/v1.0/users").await;
    assert_eq!(last.headers["x-ms-throttle-limit-percentage"], "1.00");
    let refused = client.get("/v1.0/users").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "TooManyRequests"));
    assert_eq!(refused.headers["retry-after"], "2.001");
    assert_eq!(refused.headers["x-ms-throttle-information"], "ResourceUnitLimitExceeded");
    let scope =
        format!("Tenant_Application/ReadWrite/{}/{}", simulator.client_id(), simulator.tenant_id());
    assert_eq!(refused.headers["x-ms-throttle-scope"], scope.as_str());
    tokio::time::advance(Duration::from_millis(2_001)).await;
    assert_eq!(client.get("/v1.0/users").await.status, 200);
    assert_eq!(simulator.statistics().by_status[&429], 1);
}

#[tokio::test(start_paused = true)]
async fn items_of_a_batch_are_charged_and_throttled_one_by_one() {
    let client = Client::new(&simulator(5));
    let requests: Vec<_> = (0..4)
        .map(|id| json!({ "id": id.to_string(), "method": "GET", "url": "/users" }))
        .collect();
    let answer = client.post("/v1.0/$batch", json!({ "requests": requests })).await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    let responses = answer["responses"].as_array().unwrap();
    assert_eq!(responses.iter().filter(|item| item["status"] == 200).count(), 2);
    let refused = responses.iter().find(|item| item["status"] == 429).unwrap();
    assert_eq!(refused["headers"]["Retry-After"], "2.001");
    assert_eq!(refused["body"]["error"]["code"], "TooManyRequests");
}

#[tokio::test(start_paused = true)]
async fn token_requests_have_a_budget_where_one_is_set() {
    // facts: graph-protocol 2.7, AADSTS90055: no figure is documented.
    let budget = Budget {
        name: "token_requests".into(),
        class: Some("token".into()),
        paths: Vec::new(),
        query: None,
        counts: Counts::Requests,
        amount: 2,
        window_ms: 10_000,
        scope: Scope::Tenant,
        retry_after: None,
    };
    let simulator = Simulator::builder(Tenant::builder().users(50).build())
        .throttle(Throttle::default().budget(budget))
        .build();
    let (id, secret) = (simulator.client_id(), simulator.client_secret());
    let form = super::identity::form(id, secret, super::identity::GRAPH);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(super::identity::token(&simulator, &simulator.tenant_id(), &form).await);
    }
    assert_eq!(statuses.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [200, 200, 429]);
    assert_eq!(statuses[2].1["error_codes"], json!([90_055]));
    let client = Client::new(&simulator);
    assert_eq!(client.get("/v1.0/users").await.status, 200, "Graph has budgets of its own");
    let told = client.get("/simulator/statistics").await.json();
    assert_eq!(told["throttled_by_budget"]["token_requests"], 1);
}

#[tokio::test(start_paused = true)]
async fn every_form_of_retry_after_is_sent_in_turn() {
    // facts: graph-protocol 3.4, 12 rows 1 and 2.
    let throttle =
        Throttle { resource_units: 1, retry_after: RetryAfter::Rotating, ..Throttle::default() };
    let simulator =
        Simulator::builder(Tenant::builder().users(50).build()).throttle(throttle).build();
    let client = Client::new(&simulator);
    client.get("/v1.0/organization").await;
    let mut forms = Vec::new();
    for _ in 0..6 {
        let refused = client.get("/v1.0/organization").await;
        assert_eq!(refused.status, 429);
        let names = ["retry-after", "x-ms-retry-after-ms", "retry-after-ms"];
        let form = names.into_iter().find(|name| refused.headers.contains_key(*name));
        forms.push(form.unwrap_or("none"));
    }
    let expected = [
        "retry-after",
        "retry-after",
        "retry-after",
        "x-ms-retry-after-ms",
        "retry-after-ms",
        "none",
    ];
    assert_eq!(forms, expected);
}

#[tokio::test(start_paused = true)]
async fn applications_share_the_budgets_of_the_tenant_only() {
    // facts: graph-protocol 3.3.
    let app = AppRegistration::new("second").secret("s");
    let simulator = Simulator::builder(Tenant::builder().users(50).build())
        .application(app)
        .throttle(Throttle { resource_units: 2, ..Throttle::default() })
        .build();
    let first = Client::new(&simulator);
    let second = first.with_token(&simulator.access_token_of("second").unwrap());
    assert_eq!(first.get("/v1.0/users").await.status, 200);
    assert_eq!(first.get("/v1.0/users").await.status, 429);
    assert_eq!(second.get("/v1.0/users").await.status, 200);
    let statuses = [
        first.get("/v1.0/identityProtection/riskyUsers").await,
        second.get("/v1.0/identityProtection/riskyUsers").await,
    ]
    .map(|answer| (answer.status.as_u16(), answer.headers.contains_key("retry-after")));
    assert_eq!(statuses[1], (429, false), "one a second for the whole tenant, and no header");
}
