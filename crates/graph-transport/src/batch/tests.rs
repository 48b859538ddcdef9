//! Packing, checking and reading of batches.

use super::*;
use crate::cloud::{Cloud, CloudName};
use crate::credential::StaticBearer;

fn client() -> GraphClient {
    let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
    GraphClient::builder(cloud, StaticBearer::new("token".into())).build().unwrap()
}

fn chain(ids: &[(&str, &[&str])]) -> Vec<BatchItem> {
    ids.iter()
        .map(|(id, parents)| {
            let mut item = BatchItem::get(*id, "/users");
            item.depends_on = parents.iter().map(ToString::to_string).collect();
            item
        })
        .collect()
}

fn check(items: &[BatchItem]) -> Result<(), BatchError> {
    pack::check(&client(), ApiVersion::V1_0, items)
}

/// N7, N8, N12
#[tokio::test]
async fn items_that_graph_would_refuse_are_refused_before_sending() {
    assert!(matches!(check(&chain(&[("", &[])])), Err(BatchError::EmptyId)));
    assert!(matches!(check(&chain(&[("a", &[]), ("A", &[])])), Err(BatchError::DuplicateId(_))));
    assert!(matches!(check(&chain(&[("a", &["a"])])), Err(BatchError::UnknownParent { .. })));
    assert!(matches!(check(&chain(&[("a", &["b"])])), Err(BatchError::UnknownParent { .. })));
    let absolute = BatchItem::get("a", "https://evil.example/v1.0/users");
    assert!(
        check(&[absolute]).is_ok_and(|()| true),
        "an absolute URL is only ever a path below the root"
    );
    let escaping = BatchItem::get("a", "/../../oauth2");
    assert!(matches!(check(&[escaping]), Err(BatchError::Url { .. })));
}

/// N5, N16
#[test]
fn a_dependant_is_never_separated_from_its_parent() {
    let mut items: Vec<BatchItem> =
        (0..45).map(|n| BatchItem::get(format!("i{n}"), "/users")).collect();
    items[40].depends_on = vec!["I3".into()];
    let all: Vec<usize> = (0..45).collect();
    let chunks = pack::chunks(&items, &all);
    assert!(chunks.iter().all(|chunk| chunk.len() <= MOST_ITEMS));
    assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), 45);
    assert!(chunks.iter().any(|chunk| chunk.contains(&3) && chunk.contains(&40)));
}

/// N10, N20, N34
#[test]
fn an_envelope_names_its_items_and_reads_answers_in_any_order() {
    let mut items = chain(&[("a", &[]), ("b", &["a"]), ("c", &[])]);
    items[1].body = Some(RawValue::from_string("{}".into()).unwrap());
    let body: serde_json::Value =
        serde_json::from_slice(&envelope::write(&items, &[0, 1, 2])).unwrap();
    assert_eq!(body["requests"][1]["dependsOn"][0], "a");
    assert_eq!(body["requests"][1]["headers"]["content-type"], "application/json");
    assert!(body["requests"][0].get("headers").is_none());
    let answer = http::Response::builder()
        .body(r#"{"responses":[{"id":"B","status":429,"headers":{"RETRY-AFTER":"2.5"},"body":null},{"id":"a","status":200,"body":{"value":[]}},{"id":"zz","status":200}]}"#.into())
        .unwrap();
    let answers = envelope::read(&Answer::from_parts(answer), &items, &[0, 1, 2]).unwrap();
    assert_eq!(answers[0].as_ref().unwrap().body().as_ref(), br#"{"value":[]}"#);
    assert_eq!(answers[1].as_ref().unwrap().headers()["retry-after"], "2.5");
    assert!(answers[2].is_none());
    assert!(may_repeat(&items[1], answers[1].as_ref()));
    assert!(!may_repeat(&items[0], answers[0].as_ref()));
}

/// N25
#[test]
fn a_failed_dependant_repeats_only_with_its_parent() {
    let items = chain(&[("a", &[]), ("b", &["a"]), ("c", &["b"]), ("d", &[])]);
    let answer = |status: u16| {
        Some(Answer::from_parts(http::Response::builder().status(status).body("".into()).unwrap()))
    };
    let results = [answer(503), answer(424), answer(424), answer(424)];
    let mut again = HashSet::from([0]);
    pack::add_failed_dependants(&items, &results, &mut again);
    assert_eq!(again, HashSet::from([0, 1, 2]));
}
