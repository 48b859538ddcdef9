//! `POST /$batch`: any number of requests, split and repeated by the transport.

use graph_transport::{Batch, BatchAnswer, BatchItem, Disposition, GraphClient};
use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::envelope::{Detail, Envelope, Meta};
use super::failure::{broken, failed, json_or_text};
use super::send::SendError;
use crate::ApiVersion;
use crate::plan::{CommandPlan, Outcome, Request};

/// An item as Graph's batch page writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Item {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: Map<String, Value>,
    body: Option<Box<RawValue>>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Sends the `requests` of the body; the data is `{"responses": […]}` in their order.
pub(super) async fn run(
    client: &GraphClient,
    plan: &CommandPlan,
    request: &Request,
    mut meta: Meta,
) -> Envelope {
    let items = match items(request) {
        Ok(items) => items,
        Err(reason) => {
            let error = format!("invalid arguments for {}", plan.full_name());
            return failed(
                plan,
                meta,
                None,
                Detail { error, upstream: None, arguments: vec![reason] },
                None,
            );
        }
    };
    let link = match client.cloud().link(&request.path_and_query) {
        Ok(link) => link,
        Err(error) => {
            let error = SendError::Transport(graph_transport::Error::Link(error));
            return super::failure::unsendable(plan, &error, meta);
        }
    };
    let batch = Batch::new(client, transport_version(plan.version)).items(items);
    let batch = if plan.split { batch } else { batch.in_one_request() };
    let answers = match batch.send().await {
        Ok(answers) => answers,
        Err(error) => return broken(plan, &error, &link, meta),
    };
    meta.attempts = answers.iter().filter_map(|each| each.result.as_ref().ok()).count();
    let ids = answers.iter().filter_map(|each| each.result.as_ref().ok()?.request_id());
    meta.request_ids = ids.map(str::to_owned).collect();
    let failures = answers.iter().filter_map(disposition).count();
    let disposition = agreed(answers.iter().filter_map(disposition));
    let total = answers.len();
    let data = json!({ "responses": answers.into_iter().map(response).collect::<Vec<_>>() });
    meta.outcome = if failures == 0 { Outcome::Ok } else { Outcome::Failed };
    meta.complete = failures == 0;
    let detail = (failures > 0).then(|| Detail {
        error: format!("{failures} of {total} requests failed"),
        upstream: None,
        arguments: Vec::new(),
    });
    // Unlike other failures a batch keeps its data: what succeeded has happened.
    let status_code = detail.as_ref().map(|_| 200);
    Envelope { status_code, detail, disposition, ..Envelope::success(data, meta) }
}

fn items(request: &Request) -> Result<Vec<BatchItem>, String> {
    let requests = request.body.as_ref().and_then(|body| body.get("requests"));
    let Some(Value::Array(requests)) = requests else {
        return Err("`requests` is a list of requests".to_owned());
    };
    requests.iter().enumerate().map(|(index, request)| item(index, request)).collect()
}

fn item(index: usize, request: &Value) -> Result<BatchItem, String> {
    let item =
        Item::deserialize(request).map_err(|error| format!("request {}: {error}", index + 1))?;
    let wrong = |what: &str| format!("request `{}`: {what}", item.id);
    let method = Method::from_bytes(item.method.to_ascii_uppercase().as_bytes())
        .map_err(|_| wrong("`method` is no HTTP method"))?;
    let mut batch_item = BatchItem::new(item.id.as_str(), method, item.url.as_str());
    for (name, value) in &item.headers {
        let key = name.parse::<HeaderName>().map_err(|_| wrong("a header's name is invalid"))?;
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        batch_item.headers.append(key, value.ok_or_else(|| wrong("a header's value is no text"))?);
    }
    batch_item.body = item.body;
    batch_item.depends_on = item.depends_on;
    Ok(batch_item)
}

/// How a request of the batch failed; `None` when it did not.
fn disposition(answer: &BatchAnswer) -> Option<Disposition> {
    match &answer.result {
        Ok(answer) if answer.status().is_success() => None,
        Ok(answer) => Some(answer.disposition()),
        Err(error) => Some(error.disposition()),
    }
}

/// What all failures have in common.
fn agreed(mut failures: impl Iterator<Item = Disposition>) -> Option<Disposition> {
    let first = failures.next()?;
    Some(if failures.all(|each| each == first) { first } else { Disposition::Fatal })
}

fn response(answer: BatchAnswer) -> Value {
    match answer.result {
        Ok(found) => {
            let headers = found.headers().iter().filter_map(|(name, value)| {
                Some((name.to_string(), Value::String(value.to_str().ok()?.to_owned())))
            });
            json!({
                "id": answer.id,
                "status": found.status().as_u16(),
                "headers": Value::Object(headers.collect()),
                "body": json_or_text(found.body()),
            })
        }
        Err(error) => json!({ "id": answer.id, "status": null, "error": error.to_string() }),
    }
}

pub(super) const fn transport_version(version: ApiVersion) -> graph_transport::ApiVersion {
    match version {
        ApiVersion::V1_0 => graph_transport::ApiVersion::V1_0,
        ApiVersion::Beta => graph_transport::ApiVersion::Beta,
    }
}
