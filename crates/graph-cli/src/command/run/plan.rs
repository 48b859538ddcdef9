//! `--plan`: the request that would be sent.

use graph_dsl::{ArgumentKind, Arguments, CommandPlan, Request, Root};
use serde_json::{Map, Value, json};

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
        },
        "permission": {"application": command.permission.application, "delegated": command.permission.delegated},
        "reads": request.reads,
        "destructive": command.safety.destructive,
        "idempotent": request.idempotent,
        "sent": false,
    });
    for secret in secrets(command, arguments) {
        mask(&mut plan, &secret);
    }
    plan
}

fn secrets(command: &CommandPlan, arguments: &Arguments) -> Vec<String> {
    let secret = |name: &str| {
        command.signature.get(name).is_some_and(|argument| argument.kind == ArgumentKind::Secret)
    };
    let texts =
        arguments.iter().filter(|(name, _)| secret(name)).filter_map(|(_, value)| value.as_str());
    texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

fn mask(value: &mut Value, secret: &str) {
    match value {
        Value::String(text) if text.contains(secret) => *text = text.replace(secret, "***"),
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
