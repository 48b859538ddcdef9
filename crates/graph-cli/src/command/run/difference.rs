//! What a write would change, found by reading the object first.

use graph_dsl::{Method, Request};
use graph_transport::{GraphClient, GraphRequest};
use serde_json::{Map, Value, json};

/// Each property that a PATCH names, with what it is and what it would be; for other requests nothing.
pub(super) async fn of(client: &GraphClient, request: &Request) -> Value {
    let (Method::Patch, Some(Value::Object(body))) = (request.method, &request.body) else {
        return Value::Null;
    };
    // Annotations are no properties, and the service never tells a password.
    let names: Vec<&str> = body
        .keys()
        .filter(|name| !name.contains('@') && *name != "passwordProfile")
        .map(String::as_str)
        .collect();
    match read(client, request.path(), &names).await {
        Ok(now) => Value::Object(compared(&now, body, &names)),
        Err(reason) => json!({ "not_compared": reason }),
    }
}

async fn read(client: &GraphClient, path: &str, names: &[&str]) -> Result<Value, String> {
    let link = client.cloud().link(&format!("{path}?$select={}", names.join(",")));
    let link = link.map_err(|error| error.to_string())?;
    let answer = client.send(GraphRequest::get(link)).await.map_err(|error| error.to_string())?;
    let answer = answer.into_success().map_err(|error| error.to_string())?;
    answer.json().map_err(|error| error.to_string())
}

fn compared(now: &Value, body: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let differs =
        names.iter().filter(|name| now.get(name).unwrap_or(&Value::Null) != &body[**name]);
    differs
        .map(|name| {
            let before = now.get(name).cloned().unwrap_or_default();
            ((*name).to_owned(), json!({ "before": before, "after": body[*name] }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let now = json!({"department": "Sea", "jobTitle": "Captain"});
        let body = json!({"department": "Air", "jobTitle": "Captain", "city": "Bergen"});
        let names = ["department", "jobTitle", "city"];
        assert_eq!(
            Value::Object(compared(&now, body.as_object().unwrap(), &names)),
            json!({
                "department": {"before": "Sea", "after": "Air"},
                "city": {"before": null, "after": "Bergen"},
            })
        );
    }
}
