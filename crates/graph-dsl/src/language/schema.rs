//! JSON Schema (2020-12) of system files.

use serde_json::{Map, Value, json};

use crate::definition::{BLOCKS, Block, Content};

/// The JSON Schema of system files, for completion and checks in editors.
///
/// It knows every key that the reader knows and no other. It is no substitute for the compiler,
/// which checks values, templates and the calls to Graph.
pub fn system_schema() -> Value {
    let definitions: Map<String, Value> =
        BLOCKS.iter().map(|block| (block.name.to_owned(), object(block))).collect();
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
    json!({
        "type": "object",
        "description": block.summary,
        "properties": keys,
        "additionalProperties": false,
    })
}

fn value(content: Content) -> Value {
    let of = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    match content {
        Content::Any => json!({}),
        Content::Text => json!({ "type": "string" }),
        Content::Flag => json!({ "type": "boolean" }),
        Content::Number => json!({ "type": "number" }),
        Content::Mapping => json!({ "type": "object" }),
        Content::Words(words) => json!({ "enum": words }),
        Content::Block(name) => json!({ "allOf": [of(name)] }),
        Content::Each(name) => json!({ "type": "object", "additionalProperties": of(name) }),
        Content::EachOrText(name) => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [{ "type": "string" }, of(name)] },
        }),
        Content::EachOfEach(name) => json!({
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": { "anyOf": [{ "type": "string" }, of(name)] },
            },
        }),
        Content::List(name) => json!({ "type": "array", "items": of(name) }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::SourceFile;
    use crate::definition::json_of;
    use crate::source::read;

    /// What of a value the schema does not know, by its path.
    fn unknown(value: &Value, schema: &Value, root: &Value, path: &str, found: &mut Vec<String>) {
        let named = schema.get("allOf").map_or(schema, |all| &all[0]);
        let named = match named.get("$ref").and_then(Value::as_str) {
            Some(name) => &root["$defs"][name.trim_start_matches("#/$defs/")],
            None => named,
        };
        if let Some(either) = named.get("anyOf").filter(|_| value.is_object()) {
            return unknown(value, &either[1], root, path, found);
        }
        if let Some(words) = named.get("enum").and_then(Value::as_array)
            && !words.contains(value)
        {
            found.push(format!("{path}: {value}"));
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            let own = named.get("properties").and_then(|keys| keys.get(key));
            let schema = own.or_else(|| named.get("additionalProperties"));
            let path = format!("{path}.{key}");
            match schema {
                Some(Value::Bool(false)) => found.push(path),
                Some(schema) => unknown(inner, schema, root, &path, found),
                None => {}
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            if let Some(schema) = named.get("items") {
                unknown(item, schema, root, &format!("{path}[{index}]"), found);
            }
        }
    }

    fn unknown_in(bytes: Vec<u8>) -> Vec<String> {
        let schema = system_schema();
        let document = read(&SourceFile::new("s.yaml", bytes));
        let mut found = Vec::new();
        let value = json_of(&document.root.expect("a document"));
        unknown(&value, &schema, &schema, "", &mut found);
        found
    }

    #[test]
    fn the_schema_knows_the_shipped_files() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems");
        for name in ["entra.yaml", "entra-gov.yaml", "entra-import.yaml"] {
            // A packaged crate has no shipped files.
            let Ok(bytes) = std::fs::read(folder.join(name)) else { return };
            assert_eq!(unknown_in(bytes), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn the_schema_refuses_what_the_reader_refuses() {
        let command = "{ methd: GET, ensure: { reed: get }, safety: { destructiv: true } }";
        let file = format!("object_types: {{ user: {{ commands: {{ get: {command} }} }} }}");
        let found = unknown_in(file.into_bytes());
        let place = ".object_types.user.commands.get";
        let expected = [".methd", ".ensure.reed", ".safety.destructiv"];
        assert_eq!(found, expected.map(|key| format!("{place}{key}")));
    }

    #[test]
    fn every_key_of_the_reader_is_described_and_no_other() {
        for block in BLOCKS {
            let mut described: Vec<&str> = block.described.iter().map(|(key, ..)| *key).collect();
            let mut known = block.keys.to_vec();
            described.sort_unstable();
            known.sort_unstable();
            assert_eq!(described, known, "{}", block.name);
        }
    }
}
