//! The simulator's own pages.

use graph_simulator::{Kind, Simulator, Tenant};
use serde_json::{Value, json};

use super::client::Client;

fn lines(bytes: &[u8]) -> Vec<Value> {
    std::str::from_utf8(bytes)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn the_truth_is_told_as_lines_and_as_hashes() {
    let simulator = Simulator::builder(Tenant::builder().users(1_200).build()).build();
    let client = Client::new(&simulator);
    let users = lines(&client.get("/simulator/truth/users").await.bytes);
    assert_eq!(users.len(), 1_200);
    assert!(users[0]["userPrincipalName"].is_string());
    let memberships = lines(&client.get("/simulator/truth/memberships").await.bytes);
    assert_eq!(memberships.len(), simulator.truth().memberships().len());
    let told = client.get("/simulator/truth?select=displayName").await.json();
    let hash = simulator.truth().objects_hash(Kind::User, &["displayName"]);
    assert_eq!(
        told["sets"]["users"],
        json!({ "count": 1_200, "hash": format!("{:016x}", hash.hash) })
    );
    assert_ne!(simulator.truth().objects_hash(Kind::User, &["jobTitle"]), hash);
    assert_eq!(client.get("/simulator/truth/ships").await.status, 404);
}

#[tokio::test]
async fn the_tenant_is_moved_on_and_watched_from_outside() {
    let simulator = Simulator::builder(Tenant::builder().users(50).build()).build();
    let client = Client::new(&simulator);
    client.get("/v1.0/users").await;
    assert_eq!(
        client.post("/simulator/moment", json!({ "advance": 3 })).await.json(),
        json!({ "moment": 3 })
    );
    assert_eq!(client.post("/simulator/moment", json!({})).await.status, 400);
    assert_eq!(simulator.moment(), 3);
    let statistics = client.get("/simulator/statistics").await.json();
    assert_eq!(statistics["statistics"]["by_kind"]["GET /users"], 1);
    assert_eq!(statistics["tenant"], simulator.tenant_id());
    let page = client.get("/simulator").await;
    assert!(String::from_utf8_lossy(&page.bytes).contains(&simulator.tenant_id()));
}
