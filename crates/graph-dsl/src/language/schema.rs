//! JSON Schema (2020-12) of system files.

use serde_json::{Map, Value, json};

use crate::connection::AuthType;
use crate::definition::{Block, Content, FIXED_CLOUDS, blocks, credential_keys};

/// What a value of a secret must look like.
const REFERENCE: &str = "^\\$\\{\\{(ENV|FILE|SECRET):.+\\}\\}$";

/// Keys without which the reader refuses a block.
const REQUIRED: &[(&str, &[&str])] = &[
    ("object_type", &["commands"]),
    ("command", &["method", "endpoint"]),
    ("outcome_rule", &["as"]),
    ("ensure", &["read"]),
    ("wait_for", &["max"]),
];

/// The JSON Schema of system files, for completion and checks in editors.
///
/// It knows every key that the reader knows and no other, and the kinds and words of their values.
/// It is no substitute for the compiler, which checks templates and the calls to Graph.
pub fn system_schema() -> Value {
    let definitions: Map<String, Value> =
        blocks().map(|block| (block.name.to_owned(), object(block))).collect();
    let mut root = definitions.get("system").cloned().unwrap_or_default();
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    root["title"] = "System file of graph-connector".into();
    // Fragments of the earlier system write their object types at the top of the file.
    root["additionalProperties"] = json!({ "$ref": "#/$defs/object_type" });
    root["$defs"] = Value::Object(definitions);
    root
}

fn object(block: &Block) -> Value {
    let keys: Map<String, Value> = block
        .keys
        .iter()
        .map(|name| {
            let (content, summary) = block.key(name);
            let mut schema = value(content);
            schema["description"] = summary.into();
            ((*name).to_owned(), schema)
        })
        .collect();
    let mut schema = json!({
        "type": "object",
        "description": block.summary,
        "properties": keys,
        "additionalProperties": false,
    });
    if let Some((_, required)) = REQUIRED.iter().find(|(name, _)| *name == block.name) {
        schema["required"] = json!(required);
    }
    match block.name {
        "connection" => schema["oneOf"] = sign_ins(),
        "attribute" => {
            schema["oneOf"] = json!([{ "required": ["path"] }, { "required": ["value"] }]);
        }
        _ => {}
    }
    schema
}

fn value(content: Content) -> Value {
    let of = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    let texts = || json!({ "anyOf": [text(), { "type": "array", "items": text() }] });
    match content {
        Content::Any => json!({}),
        Content::Text => text(),
        Content::Texts => texts(),
        Content::Flag => json!({ "type": "boolean" }),
        Content::Number => json!({ "type": "number" }),
        Content::Integer(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Content::Seconds(most) => {
            json!({ "type": "number", "exclusiveMinimum": 0, "maximum": most })
        }
        Content::Mapping | Content::Credentials => json!({ "type": "object" }),
        Content::Words(words) => json!({ "enum": words }),
        Content::Setting(words) => json!({ "anyOf": [{ "enum": words }, reference()] }),
        Content::Reference => reference(),
        Content::Statuses => {
            let status = json!({ "type": "integer", "minimum": 100, "maximum": 599 });
            json!({ "anyOf": [status, { "type": "array", "items": status }] })
        }
        Content::Concurrency => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1, "maximum": 1000 }, { "const": "auto" }] })
        }
        Content::Clouds => clouds(),
        Content::Permission => {
            let split = json!({
                "type": "object",
                "properties": { "application": texts(), "delegated": texts() },
                "additionalProperties": false,
            });
            json!({ "anyOf": [text(), { "type": "array", "items": text() }, split] })
        }
        Content::Rules(name) => {
            let word = json!({ "const": "already_exists" });
            let items = json!({ "anyOf": [word, of(name)] });
            json!({ "anyOf": [word, { "type": "array", "items": items }] })
        }
        Content::Block(name) => json!({ "allOf": [of(name)] }),
        Content::Each(name) => json!({ "type": "object", "additionalProperties": of(name) }),
        Content::EachOrText(name) => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [text(), of(name)] },
        }),
        Content::EachOfEach(name) => json!({
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": { "anyOf": [text(), of(name)] },
            },
        }),
        Content::OneOrList(name) => {
            json!({ "anyOf": [of(name), { "type": "array", "items": of(name) }] })
        }
    }
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn reference() -> Value {
    json!({ "type": "string", "pattern": REFERENCE })
}

fn clouds() -> Value {
    let names: Map<String, Value> = FIXED_CLOUDS
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "type": "boolean" })))
        .collect();
    let name = json!({ "enum": FIXED_CLOUDS });
    json!({ "anyOf": [
        { "type": "object", "properties": names, "additionalProperties": false },
        { "type": "array", "items": name },
        name,
    ] })
}

/// One alternative for each way to sign in, with the keys of `credentials` that it reads.
fn sign_ins() -> Value {
    AuthType::ALL.map(sign_in).to_vec().into()
}

fn sign_in(auth_type: AuthType) -> Value {
    let name = auth_type.as_str();
    let mut schema = json!({ "properties": { "auth_type": { "const": name } } });
    let keys = credential_keys(auth_type);
    let credentials: Map<String, Value> = keys
        .iter()
        .map(|(key, secret, _)| {
            let value = match *key {
                "send_certificate_chain" => json!({ "type": "boolean" }),
                "grant_type" => json!({ "const": "client_credentials" }),
                _ if *secret => reference(),
                _ => text(),
            };
            ((*key).to_owned(), value)
        })
        .collect();
    let required: Vec<&str> = keys.iter().filter(|it| it.2).map(|it| it.0).collect();
    let mut outer = Vec::new();
    // An absent `auth_type` is the first one.
    if auth_type != AuthType::Azure {
        outer.push("auth_type");
    }
    if auth_type == AuthType::Bearer {
        outer.push("token");
    } else {
        schema["properties"]["credentials"] = json!({
            "type": "object",
            "properties": credentials,
            "required": required,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            outer.push("credentials");
        }
    }
    schema["required"] = json!(outer);
    schema
}

#[cfg(test)]
mod tests;
