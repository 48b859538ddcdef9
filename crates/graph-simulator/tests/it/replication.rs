//! Reads that are behind the directory, each kind as far as it likes (facts: graph-protocol 5.5, 6, 8.4).

use std::time::Duration;

use graph_simulator::{ReplicationLag, Simulator, Tenant};
use serde_json::{Value, json};

use super::client::Client;

const LAG: Duration = Duration::from_secs(5);

fn lagging(lag: ReplicationLag) -> (Simulator, Client) {
    let tenant = Tenant::builder().users(50).build();
    let simulator = Simulator::builder(tenant).replication_lag(lag).build();
    let client = Client::new(&simulator);
    (simulator, client)
}

fn delta_link(page: &Value) -> String {
    page["@odata.deltaLink"].as_str().unwrap().to_owned()
}

async fn latest(client: &Client, set: &str) -> String {
    delta_link(&client.get(&format!("/v1.0/{set}/delta?$deltatoken=latest")).await.json())
}

/// What a group's name is, read by each kind of read: delta, list, object, index.
async fn names(client: &Client, id: &str, link: &str) -> [String; 4] {
    let name = |items: &Value| {
        let found = items["value"].as_array().unwrap().iter().find(|item| item["id"] == id);
        found.map_or_else(|| "-".to_owned(), |it| it["displayName"].as_str().unwrap().to_owned())
    };
    let list = client.get("/v1.0/groups?$top=999").await.json();
    let object = client.get(&format!("/v1.0/groups/{id}")).await.json();
    let index = client.eventual("/v1.0/groups?$top=999&$count=true").await.json();
    let delta = client.get(link).await.json();
    [name(&delta), name(&list), object["displayName"].as_str().unwrap().to_owned(), name(&index)]
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_read_lags_on_its_own() {
    let kinds = [
        ReplicationLag { deltas: LAG, ..ReplicationLag::default() },
        ReplicationLag { lists: LAG, ..ReplicationLag::default() },
        ReplicationLag { objects: LAG, ..ReplicationLag::default() },
        ReplicationLag { index: LAG, ..ReplicationLag::default() },
    ];
    for (late, lag) in kinds.into_iter().enumerate() {
        let (_, client) = lagging(lag);
        let group = client.all("/v1.0/groups?$top=999").await[0].clone();
        let (id, old) = (group["id"].as_str().unwrap(), group["displayName"].as_str().unwrap());
        let link = latest(&client, "groups").await;
        client.patch(&format!("/v1.0/groups/{id}"), json!({ "displayName": "Quay" })).await;
        let mut expected = ["Quay"; 4].map(str::to_owned);
        expected[late] = if late == 0 { "-".to_owned() } else { old.to_owned() };
        assert_eq!(names(&client, id, &link).await, expected, "{lag:?}");
        tokio::time::advance(LAG).await;
        assert_eq!(names(&client, id, &link).await, ["Quay"; 4], "{lag:?}, later");
    }
}

/// What a round does not tell yet the next one tells, and no token is refused for being newer than
/// the replica that it meets.
#[tokio::test(start_paused = true)]
async fn a_delta_round_that_is_behind_loses_nothing() {
    let (simulator, client) = lagging(LAG.into());
    let mut link = latest(&client, "users").await;
    simulator.advance(3);
    tokio::time::advance(LAG).await;
    let caught_up = client.get(&link).await.json();
    assert!(!caught_up["value"].as_array().unwrap().is_empty());
    link = delta_link(&caught_up);
    simulator.advance(3);
    for _ in 0..2 {
        let early = client.get(&link).await;
        assert_eq!((early.status.as_u16(), &early.json()["value"]), (200, &json!([])));
        link = delta_link(&early.json());
    }
    tokio::time::advance(LAG).await;
    assert!(!client.get(&link).await.json()["value"].as_array().unwrap().is_empty());
}

/// Members and `$count` of a list come from where the list comes from.
#[tokio::test(start_paused = true)]
async fn a_delta_may_tell_of_a_member_that_the_list_does_not_show_yet() {
    let (_, client) = lagging(ReplicationLag { lists: LAG, ..ReplicationLag::default() });
    let groups = client.all("/v1.0/groups?$top=999").await;
    let assigned = |group: &&Value| group["groupTypes"] == json!([]);
    let id = groups.iter().find(assigned).unwrap()["id"].as_str().unwrap();
    let members = format!("/beta/groups/{id}/members?$select=id&$top=999");
    let member = client.all(&members).await[0]["id"].as_str().unwrap().to_owned();
    let link = latest(&client, "groups").await;
    let removed = client.delete(&format!("/v1.0/groups/{id}/members/{member}/$ref")).await;
    assert_eq!(removed.status, 204);
    let told = client.get(&link).await.json();
    assert_eq!(told["value"][0]["members@delta"][0]["id"], member.as_str());
    let shown = client.all(&members).await;
    assert!(shown.iter().any(|item| item["id"] == member.as_str()), "the list is behind");
    tokio::time::advance(LAG).await;
    let shown = client.all(&members).await;
    assert!(!shown.iter().any(|item| item["id"] == member.as_str()));
}

/// Two reads may meet two replicas: first a later state, then an earlier one.
#[tokio::test(start_paused = true)]
async fn spread_replicas_go_back_and_forth_until_all_have_caught_up() {
    let lag = ReplicationLag { spread: true, ..ReplicationLag::from(LAG) };
    let (_, client) = lagging(lag);
    let id = client.all("/v1.0/users?$top=999").await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1.0/users/{id}");
    client.patch(&path, json!({ "jobTitle": "Pilot" })).await;
    tokio::time::advance(LAG / 2).await;
    let mut seen = Vec::new();
    for _ in 0..40 {
        seen.push(client.get(&path).await.json()["jobTitle"] == "Pilot");
    }
    assert!(seen.windows(2).any(|two| two[0] && !two[1]), "back: {seen:?}");
    assert!(seen.windows(2).any(|two| !two[0] && two[1]), "forth: {seen:?}");
    tokio::time::advance(LAG).await;
    for _ in 0..40 {
        assert_eq!(client.get(&path).await.json()["jobTitle"], "Pilot");
    }
}
