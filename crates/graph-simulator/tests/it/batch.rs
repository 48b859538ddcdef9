//! `$batch` (facts: graph-protocol 7).

use graph_simulator::{Simulator, Tenant};
use serde_json::{Value, json};

use super::client::Client;

fn client() -> Client {
    Client::new(&Simulator::builder(Tenant::builder().users(300).build()).build())
}

fn item<'a>(answer: &'a Value, id: &str) -> &'a Value {
    answer["responses"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap()
}

#[tokio::test]
async fn items_are_answered_one_by_one_each_with_status_headers_and_body() {
    let client = client();
    let groups = client.all("/v1.0/groups?$top=999").await;
    let id = groups[0]["id"].as_str().unwrap();
    let body = json!({ "requests": [
        { "id": "a", "method": "GET", "url": format!("/groups/{id}/members?$select=id&$top=20") },
        { "id": "b", "method": "GET", "url": "users/nobody@x" },
        { "id": "c", "method": "GET", "url": "/users/$count", "headers": { "ConsistencyLevel": "eventual" } },
        { "id": "d", "method": "PATCH", "url": format!("/groups/{id}"), "headers": { "Content-Type": "application/json" }, "body": { "displayName": "x" } },
    ]});
    let answer = client.post("/v1.0/$batch", body).await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    let first = item(&answer, "a");
    assert_eq!(first["status"], 200);
    assert_eq!(first["headers"]["x-ms-resource-unit"], "2");
    assert_eq!(first["body"]["value"].as_array().unwrap().len(), 20);
    let next = first["body"]["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with("http://127.0.0.1:1/v1.0/groups/"), "{next}");
    assert_eq!(client.get(next).await.status, 200);
    assert_eq!(
        (&item(&answer, "b")["status"], &item(&answer, "b")["body"]["error"]["code"]),
        (&json!(404), &json!("Request_ResourceNotFound"))
    );
    assert_eq!(item(&answer, "c")["body"], 300);
    assert_eq!(
        (&item(&answer, "d")["status"], &item(&answer, "d")["body"]),
        (&json!(204), &Value::Null)
    );
}

#[tokio::test]
async fn what_depends_on_a_failure_is_not_executed() {
    let client = client();
    let json_type = json!({ "Content-Type": "application/json" });
    let group = json!({ "displayName": "x", "mailEnabled": false, "mailNickname": "x", "securityEnabled": true });
    let body = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/users/nobody@x" },
        { "id": "2", "method": "POST", "url": "/groups", "headers": json_type, "body": group, "dependsOn": ["1"] },
        { "id": "3", "method": "GET", "url": "/organization", "dependsOn": ["2"] },
    ]});
    let answer = client.post("/v1.0/$batch", body).await.json();
    assert_eq!(
        (&item(&answer, "2")["status"], &item(&answer, "3")["status"]),
        (&json!(424), &json!(424))
    );
    assert!(client.all("/v1.0/groups?$filter=displayName eq 'x'").await.is_empty());
}

#[tokio::test]
async fn malformed_batches_fail_as_a_whole() {
    let client = client();
    let get = |id: &str| json!({ "id": id, "method": "GET", "url": "/organization" });
    let many: Vec<Value> = (0..21).map(|id| get(&id.to_string())).collect();
    let bodies = [
        json!({ "requests": many }),
        json!({ "requests": [get("a"), get("A")] }),
        json!({ "requests": [] }),
        json!({ "requests": [{ "id": "a", "url": "/users" }] }),
        json!({ "requests": [{ "id": "a", "method": "GET" }] }),
        json!({ "requests": [{ "id": "a", "method": "POST", "url": "/groups", "body": {} }] }),
        json!({ "requests": [{ "id": "a", "method": "GET", "url": "/users", "dependsOn": ["b"] }] }),
        json!({ "requests": "x" }),
        json!([]),
    ];
    for body in bodies {
        let answer = client.post("/v1.0/$batch", body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "BadRequest"), "{body}");
    }
    let nested = json!({ "requests": [{ "id": "a", "method": "GET", "url": "/$batch" }] });
    assert_eq!(item(&client.post("/v1.0/$batch", nested).await.json(), "a")["status"], 400);
    assert_eq!(client.get("/v1.0/$batch").await.status, 405);
}

#[tokio::test]
async fn a_batch_of_twenty_is_answered_in_another_order() {
    let client = client();
    let requests: Vec<Value> = (0..20)
        .map(|id| json!({ "id": id.to_string(), "method": "GET", "url": "/organization" }))
        .collect();
    let answer = client.post("/v1.0/$batch", json!({ "requests": requests })).await.json();
    let ids: Vec<&str> = answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 20);
    assert_ne!(ids, (0..20).map(|id| id.to_string()).collect::<Vec<_>>());
}
