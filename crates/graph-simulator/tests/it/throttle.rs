//! Resource units and their headers over requests.

use std::time::Duration;

use graph_simulator::{RetryAfter, Simulator, Tenant, Throttle};
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
