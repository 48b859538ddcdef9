//! What is refused before anything is sent, and what answers are made of.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;

use super::*;

fn refusal(items: Vec<BatchItem>) -> BatchError {
    let fake = graph(|_, _| ok());
    let Err(Error::Batch(error)) = batch(&fake).items(items).stream() else { panic!("accepted") };
    assert!(fake.asked().is_empty());
    error
}

/// N7, N8, N12
#[tokio::test]
async fn items_that_graph_would_refuse_are_refused_before_sending() {
    assert!(matches!(refusal(vec![item("", &[])]), BatchError::EmptyId));
    assert!(matches!(refusal(vec![item("a\\b", &[])]), BatchError::InvalidId(_)));
    let twice = vec![item("a", &[]), item("A", &[])];
    assert!(matches!(refusal(twice), BatchError::DuplicateId(id) if id == "A"));
    for parent in ["a", "A", "b"] {
        let error = refusal(vec![item("a", &[parent])]);
        assert!(matches!(error, BatchError::UnknownParent { .. }), "{error}");
    }
    let cycle = vec![item("x", &["c"]), item("a", &["c"]), item("b", &["a"]), item("c", &["b"])];
    assert!(matches!(refusal(cycle), BatchError::Cycle(id) if id != "x"));
    for url in ["https://evil.example/v1.0/users", "/../../oauth2", "//evil.example/v1.0/users"] {
        let error = refusal(vec![BatchItem::get("a", url)]);
        assert!(matches!(error, BatchError::Url { .. }), "{url}: {error}");
    }
    let nested = BatchItem::new("a", Method::POST, "/$batch");
    assert!(matches!(refusal(vec![nested]), BatchError::Nested(_)));
    let huge = BatchItem::new("a", Method::PUT, "/me/photo/$value")
        .binary(&vec![0; 3_000_000], HeaderValue::from_static("image/jpeg"));
    assert!(matches!(refusal(vec![huge]), BatchError::TooLarge { .. }));
    let binary = HeaderValue::from_bytes(b"\xe9").unwrap();
    let header = item("a", &[]).header(http::header::ACCEPT_LANGUAGE, binary);
    assert!(matches!(refusal(vec![header]), BatchError::Header { .. }));
}

/// N3, N6
#[tokio::test]
async fn settings_out_of_range_and_links_of_another_version_are_refused() {
    let fake = graph(|_, _| ok());
    for limit in [0, 21] {
        let error = batch(&fake).items_per_request(limit).stream().unwrap_err();
        assert!(error.to_string().contains("batch"), "{error}");
        assert!(matches!(error, Error::Batch(BatchError::OutOfRange("items_per_request"))));
    }
    let client = fake.client().build().unwrap();
    let beta = client.cloud().link("/beta/users?$skiptoken=x").unwrap();
    let item = BatchItem::follow("a", &beta);
    assert_eq!(item.url, "/users?$skiptoken=x");
    let error = batch(&fake).item(item.clone()).stream().unwrap_err();
    assert!(matches!(error, Error::Batch(BatchError::Url { .. })), "{error:?}");
    client.batch(ApiVersion::Beta, vec![item]).await.unwrap();
    assert!(fake.asked()[0].target.ends_with("/beta/$batch"));
}

/// N4, N14
#[tokio::test]
async fn one_request_takes_twenty_items_of_one_shape() {
    let fake = graph(|_, _| ok());
    let many = |count: usize| (0..count).map(|n| item(&format!("i{n}"), &[]));
    let error = batch(&fake).items(many(21)).in_one_request().stream().unwrap_err();
    assert!(matches!(error, Error::Batch(BatchError::TooManyItems(21, 20))), "{error:?}");
    let mixed = [item("a", &[]), item("b", &["a"]), item("c", &["b"]), item("d", &["a"])];
    let error = batch(&fake).items(mixed).in_one_request().stream().unwrap_err();
    assert!(matches!(error, Error::Batch(BatchError::Shape)), "{error:?}");
    batch(&fake).items(many(20)).in_one_request().send().await.unwrap();
    assert_eq!(fake.asked().len(), 1);
}

/// N15
#[tokio::test]
async fn removing_an_item_removes_it_from_what_others_depend_on() {
    let fake = graph(|_, _| ok());
    let mut batch = batch(&fake).items([item("a", &[]), item("b", &["A"]), item("c", &["b"])]);
    assert_eq!(batch.remove("a").unwrap().id, "a");
    assert!(batch.remove("a").is_none());
    batch.send().await.unwrap();
    assert!(requests(&fake.asked()[0])[0].get("dependsOn").is_none());
}

/// N1, N10, N17, N34: the envelope as Graph reads it.
#[tokio::test]
async fn an_item_becomes_id_method_relative_url_headers_and_body() {
    let fake = graph(|_, _| json!({ "status": 204 }));
    let client = fake.client().build().unwrap();
    let member = client.cloud().link("/v1.0/directoryObjects/7c2a").unwrap();
    let photo = BatchItem::new("photo", Method::PUT, "/users/7c2a/photo/$value")
        .binary(b"\xff\xd8", HeaderValue::from_static("image/jpeg"));
    let patch = BatchItem::new("patch", Method::PATCH, "/users/7c2a");
    let items = vec![
        BatchItem::add_reference("ref", "/groups/0b1f/members/$ref", &member).depends_on("patch"),
        patch.json(&json!({ "department": "Docks" })).unwrap(),
        photo.depends_on("ref"),
        BatchItem::new("revoke", Method::POST, "users/7c2a/revokeSignInSessions")
            .depends_on("photo"),
    ];
    client.batch(ApiVersion::V1_0, items).await.unwrap();
    let sent = requests(&fake.asked()[0]);
    let json = json!({ "content-type": "application/json" });
    assert_eq!(
        sent,
        [
            json!({ "id": "patch", "method": "PATCH", "url": "/users/7c2a", "headers": json,
                "body": { "department": "Docks" } }),
            json!({ "id": "ref", "method": "POST", "url": "/groups/0b1f/members/$ref",
                "dependsOn": ["patch"], "headers": json,
                "body": { "@odata.id": "https://graph.microsoft.us/v1.0/directoryObjects/7c2a" } }),
            json!({ "id": "photo", "method": "PUT", "url": "/users/7c2a/photo/$value",
                "dependsOn": ["ref"], "headers": { "content-type": "image/jpeg" }, "body": "/9g=" }),
            json!({ "id": "revoke", "method": "POST", "url": "users/7c2a/revokeSignInSessions",
                "dependsOn": ["photo"], "headers": json, "body": {} }),
        ]
    );
}

#[derive(serde::Deserialize)]
struct Count {
    value: u8,
}

/// N19, N21, N22, N27, N28: answers by id, by status, by type, and as the errors of single calls.
#[tokio::test]
async fn answers_are_read_by_id_status_and_type() {
    let fake = graph(|id, _| match id {
        "gone" => json!({ "status": 404, "headers": { "Request-Id": "r1" },
            "body": { "error": { "code": "Request_ResourceNotFound", "message": "no" } } }),
        _ => json!({ "status": 200, "body": { "value": 7 } }),
    });
    let answers = batch(&fake).items([item("a", &[]), item("gone", &[])]).send().await.unwrap();
    assert_eq!(statuses(&answers), [("a", Some(200)), ("gone", Some(404))]);
    assert!(answers.get("nobody").is_none());
    assert_eq!(answers.failed().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["gone"]);
    let count: Count = answers.get("A").unwrap().result.as_ref().unwrap().json().unwrap();
    assert_eq!(count.value, 7);
    let gone = answers.into_iter().nth(1).unwrap().into_success().unwrap_err();
    assert_eq!(gone.disposition(), crate::Disposition::NotFound);
    assert_eq!(gone.graph().unwrap().code, "Request_ResourceNotFound");
    assert_eq!(gone.attempts()[0].request_id.as_deref(), Some("r1"));
}

/// N31, facts: graph-protocol 7: either alphabet, padded or not.
#[tokio::test]
async fn binary_bodies_are_decoded() {
    let photo = [0xff_u8, 0xd8, 0xfb, 0xef, 0xff];
    let fake = graph(move |id, _| {
        let text = match id {
            "standard" => STANDARD.encode(photo),
            "url" => URL_SAFE_NO_PAD.encode(photo),
            _ => "%%%".to_owned(),
        };
        json!({ "status": 200, "headers": { "Content-Type": "image/jpeg" }, "body": text })
    });
    let items = ["standard", "url", "neither"].map(|id| item(id, &[]));
    let mut answers = batch(&fake).items(items).send().await.unwrap().into_iter();
    assert_eq!(answers.next().unwrap().into_bytes().unwrap().as_ref(), photo);
    assert_eq!(answers.next().unwrap().into_bytes().unwrap().as_ref(), photo);
    let error = answers.next().unwrap().into_bytes().unwrap_err();
    assert!(matches!(error, Error::Batch(BatchError::NotBase64)), "{error:?}");
}

/// SEC-A08: a link inside an item is a link only if a token may follow it.
#[tokio::test]
async fn a_link_inside_an_item_is_checked_like_any_other() {
    let fake = graph(|id, _| {
        let host = if id == "own" { "graph.microsoft.us" } else { "graph.microsoft.com" };
        let link = format!("https://{host}/v1.0/groups/g/members?$skiptoken=x");
        json!({ "status": 200, "body": { "value": [{}], "@odata.nextLink": link } })
    });
    let client = fake.client().build().unwrap();
    let items = vec![item("own", &[]), item("foreign", &[])];
    let answers = client.batch(ApiVersion::V1_0, items).await.unwrap();
    let link = answers[0].next_link(&client).unwrap().unwrap();
    assert_eq!(BatchItem::follow("next", &link).url, "/groups/g/members?$skiptoken=x");
    assert!(matches!(answers[1].next_link(&client), Err(Error::Page(_))));
}
