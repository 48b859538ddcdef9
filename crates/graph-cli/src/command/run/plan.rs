//! `--plan`: the request that would be sent.

use graph_dsl::{Arguments, CommandPlan, Request, Root};
use graph_transport::GraphClient;
use serde_json::{Map, Value, json};

use super::result::{self, MASK, is_secret};
use crate::command::apply::Planned;
use crate::failure::Failure;

/// The exact request with the permission that it needs; secrets are masked wherever they went (SEC-B17).
pub(super) fn shown(
    command: &CommandPlan,
    request: &Request,
    root: &Root,
    arguments: &Arguments,
) -> Value {
    let headers: Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let mut plan = json!({
        "command": command.full_name(),
        "request": {
            "method": request.method.to_string(),
            "url": format!("{root}{}", request.path_and_query),
            "headers": headers,
            "body": request.body,
            "content_bytes": request.content.as_ref().map(Vec::len),
        },
        "permission": {"application": command.permission.application, "delegated": command.permission.delegated},
        "reads": request.reads,
        "destructive": command.safety.destructive,
        "restorable": command.safety.restorable,
        "idempotent": request.idempotent,
        "sent": false,
    });
    plan["arguments"] = result::shown(&command.signature, arguments);
    masked(plan, &secrets(command, arguments))
}

/// Refuses to send anything but what the plan showed, to the tenant that it was shown for.
pub(super) fn refuse_other(
    planned: &Planned,
    shown: &Value,
    client: &GraphClient,
) -> Result<(), Failure> {
    let differs = |what: &str| {
        Failure::usage(format!("{what} is not the one that was planned")).hint("plan again")
    };
    if planned.tenant.as_deref() != client.configured_tenant() {
        return Err(differs("the tenant"));
    }
    if planned.request != shown["request"] {
        return Err(differs("the request"));
    }
    Ok(())
}

/// The values of the call's secrets.
pub(super) fn secrets(command: &CommandPlan, arguments: &Arguments) -> Vec<String> {
    let secret = arguments.iter().filter(|(name, _)| is_secret(&command.signature, name));
    let texts = secret.filter_map(|(_, value)| value.as_str());
    texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// The value without the secrets, wherever they went.
pub(super) fn masked(mut value: Value, secrets: &[String]) -> Value {
    for secret in secrets {
        mask(&mut value, secret);
    }
    value
}

fn mask(value: &mut Value, secret: &str) {
    match value {
        Value::String(text) if text.contains(secret) => *text = text.replace(secret, MASK),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secret)),
        Value::Object(object) => object.values_mut().for_each(|item| mask(item, secret)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-B17
    #[test]
    fn secrets_are_masked_wherever_they_went() {
        let mut value = json!({"body": {"password": "canary", "list": ["x canary y"]}, "n": 1});
        mask(&mut value, "canary");
        assert_eq!(value, json!({"body": {"password": "***", "list": ["x *** y"]}, "n": 1}));
    }
}
