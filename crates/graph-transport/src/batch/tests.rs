//! The batch engine over a wire that answers in memory, in virtual time (cases N).

mod laws;
mod packing;
mod refusals;
mod repeats;

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;
use crate::fake::{Asked, Fake};
use crate::script::{Reply, reply};

/// What a fake Graph says to one item: its id, and how often it was asked before.
type ItemAnswer = dyn Fn(&str, usize) -> Value + Send + Sync;

/// A Graph that answers each item by a function, last one first, and refuses shapes that the real
/// one refuses. An answer of `null` leaves the item out.
fn graph(answer: impl Fn(&str, usize) -> Value + Send + Sync + 'static) -> Fake {
    let seen = Mutex::new(HashMap::<String, usize>::new());
    let answer: Box<ItemAnswer> = Box::new(answer);
    Fake::new(move |asked| batch_reply(asked, &seen, &answer))
}

fn batch_reply(asked: &Asked, seen: &Mutex<HashMap<String, usize>>, answer: &ItemAnswer) -> Reply {
    let requests = requests(asked);
    if !is_accepted(&requests) {
        return reply(400, &[], r#"{"error":{"code":"BadRequest","message":"shape"}}"#);
    }
    let mut failed: Vec<String> = Vec::new();
    let mut responses = Vec::new();
    for request in &requests {
        let id = request["id"].as_str().unwrap();
        let parent = request["dependsOn"][0].as_str().unwrap_or_default().to_owned();
        let mut response = if failed.contains(&parent) {
            json!({ "status": 424, "body": { "error": { "code": "FailedDependency" } } })
        } else {
            let mut seen = seen.lock().unwrap();
            let before = seen.entry(id.to_owned()).or_default();
            *before += 1;
            answer(id, *before - 1)
        };
        if response["status"].as_u64().is_none_or(|status| status >= 300) {
            failed.push(id.to_owned());
        }
        if !response.is_null() {
            response["id"] = json!(id);
            responses.insert(0, response);
        }
    }
    reply(200, &[], &json!({ "responses": responses }).to_string())
}

fn requests(asked: &Asked) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    body["requests"].as_array().unwrap().clone()
}

/// facts: graph-protocol 7: at most 20, all independent, a chain, or all dependent on the first.
fn is_accepted(requests: &[Value]) -> bool {
    let after = |request: &Value| request["dependsOn"][0].as_str().map(str::to_owned);
    let single =
        requests.iter().all(|it| it["dependsOn"].as_array().is_none_or(|it| it.len() == 1));
    let first = requests[0]["id"].as_str().map(str::to_owned);
    let parallel = requests.iter().all(|it| after(it).is_none());
    let rest = &requests[1..];
    let star = rest.iter().all(|it| after(it) == first);
    let chain =
        requests.windows(2).all(|pair| after(&pair[1]).as_deref() == pair[0]["id"].as_str());
    requests.len() <= 20
        && single
        && (parallel || (after(&requests[0]).is_none() && (star || chain)))
}

fn ok() -> Value {
    json!({ "status": 200, "body": {} })
}

/// Every item with one status.
fn all_answered(asked: &Asked, status: u16) -> Reply {
    let answer = |item: &Value| json!({ "id": item["id"], "status": status });
    let answers: Vec<Value> = requests(asked).iter().map(answer).collect();
    reply(200, &[], &json!({ "responses": answers }).to_string())
}

/// The ids that each request carried.
fn sent(fake: &Fake) -> Vec<Vec<String>> {
    let ids = |asked: &Asked| {
        requests(asked).iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    fake.asked().iter().map(ids).collect()
}

fn item(id: &str, parents: &[&str]) -> BatchItem {
    let mut item = BatchItem::get(id, "/users");
    item.depends_on = parents.iter().map(ToString::to_string).collect();
    item
}

fn batch(fake: &Fake) -> Batch {
    Batch::new(&fake.client().build().unwrap(), ApiVersion::V1_0)
}

fn statuses(answers: &BatchAnswers) -> Vec<(&str, Option<u16>)> {
    answers.iter().map(|it| (it.id.as_str(), it.status().map(|it| it.as_u16()))).collect()
}
