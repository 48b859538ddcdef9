//! graph-rs-sdk, unchanged, against the simulator: sign-in, paging, delta, batch, errors.
//!
//! Run by `tests/clients/run.sh`, which sets SIMULATOR_PLAIN. The SDK takes another host than
//! Microsoft's only through its feature `test-util`.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use graph_rs_sdk::{GraphClient, GraphClientConfiguration, ODataQuery};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let simulator: Value = serde_json::from_str(&std::env::var("SIMULATOR_PLAIN")?)?;
    let text = |name: &str| simulator[name].as_str().unwrap_or_default().to_owned();
    let url = text("url");
    let form = [
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", text("client_id")),
        ("client_secret", text("client_secret")),
        ("scope", format!("{url}/.default")),
    ];
    let token: Value = reqwest::Client::new()
        .post(format!("{url}/{}/oauth2/v2.0/token", text("tenant_id")))
        .form(&form)
        .send()
        .await?
        .json()
        .await?;
    let token = token["access_token"].as_str().ok_or("no access token")?;
    let configuration = GraphClientConfiguration::new().access_token(token).https_only(false);
    let mut client = GraphClient::from(configuration);
    client.use_test_endpoint(&format!("{url}/v1.0").parse()?);

    let truth: Value = reqwest::get(format!("{url}/simulator/truth")).await?.json().await?;
    let lines = reqwest::get(format!("{url}/simulator/truth/users")).await?.text().await?;
    let expected: BTreeSet<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).map(|user| id(&user)))
        .collect::<Result<_, _>>()?;

    let mut pages =
        client.users().list_user().select(&["id", "displayName"]).top("120").paging().stream::<Value>()?;
    let mut listed = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page = page?.into_body()?;
        listed.extend(page["value"].as_array().into_iter().flatten().map(id));
    }
    assert_eq!(listed, expected, "paging");

    let rounds = client.groups().delta().paging().json::<Value>().await?;
    let mut groups = BTreeSet::new();
    let mut last = None;
    for page in rounds {
        let page = page.into_body()?;
        groups.extend(page["value"].as_array().into_iter().flatten().map(id));
        assert_eq!(page.get("@odata.nextLink").is_some(), page.get("@odata.deltaLink").is_none());
        last = page["@odata.deltaLink"].as_str().map(str::to_owned);
    }
    assert_eq!(json!(groups.len()), truth["sets"]["groups"]["count"], "delta");
    assert!(last.is_some_and(|link| link.contains("$deltatoken=")));

    let known = expected.first().ok_or("no user")?;
    let batch = json!({ "requests": [
        { "id": "1", "method": "GET", "url": format!("/users/{known}?$select=id") },
        { "id": "2", "method": "GET", "url": "/users/nobody" },
    ]});
    let answer: Value = client.batch(&batch).send().await?.json().await?;
    let find = |name: &str| {
        answer["responses"].as_array().into_iter().flatten().find(|it| it["id"] == name).cloned()
    };
    assert_eq!(find("1").ok_or("no item 1")?["body"]["id"], known.as_str(), "batch");
    assert_eq!(find("2").ok_or("no item 2")?["status"], 404, "batch");

    let missing = client.user("nobody").get_user().send().await?;
    assert_eq!(missing.status().as_u16(), 404);
    let body: Value = missing.json().await?;
    assert_eq!(body["error"]["code"], "Request_ResourceNotFound", "errors");
    println!("ok: graph-rs-sdk");
    Ok(())
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_default().to_owned()
}
