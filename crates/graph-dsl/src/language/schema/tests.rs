//! The schema against what the reader takes and refuses.

use std::path::Path;

use super::*;
use crate::SourceFile;
use crate::definition::json_of;
use crate::source::read;

/// What is wrong with a value, by its path: the keywords that the schema uses, and no other.
fn problems(value: &Value, schema: &Value, root: &Value, path: &str, found: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        if schema == &Value::Bool(false) {
            found.push(path.to_owned());
        }
        return;
    };
    let mut wrong = |fits: bool| {
        if !fits {
            found.push(path.to_owned());
        }
    };
    for (keyword, expected) in schema {
        match keyword.as_str() {
            "type" => wrong(has_type(value, expected.as_str().unwrap())),
            "const" => wrong(value == expected),
            "enum" => wrong(expected.as_array().unwrap().contains(value)),
            "minimum" => wrong(value.as_f64().is_none_or(|it| it >= expected.as_f64().unwrap())),
            "maximum" => wrong(value.as_f64().is_none_or(|it| it <= expected.as_f64().unwrap())),
            "exclusiveMinimum" => {
                wrong(value.as_f64().is_none_or(|it| it > expected.as_f64().unwrap()));
            }
            "pattern" => {
                let pattern = regex::Regex::new(expected.as_str().unwrap()).unwrap();
                wrong(value.as_str().is_none_or(|it| pattern.is_match(it)));
            }
            "required" => {
                let has = |key: &Value| value.get(key.as_str().unwrap()).is_some();
                wrong(!value.is_object() || expected.as_array().unwrap().iter().all(has));
            }
            "anyOf" | "oneOf" => {
                let fits = |one: &&Value| is_valid(value, one, root);
                let count = expected.as_array().unwrap().iter().filter(fits).count();
                wrong(if keyword == "oneOf" { count == 1 } else { count > 0 });
            }
            _ => {}
        }
    }
    deeper(value, schema, root, path, found);
}

fn deeper(
    value: &Value,
    schema: &Map<String, Value>,
    root: &Value,
    path: &str,
    found: &mut Vec<String>,
) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        problems(value, &root["$defs"][name.trim_start_matches("#/$defs/")], root, path, found);
    }
    for one in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        problems(value, one, root, path, found);
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let own = schema.get("properties").and_then(|keys| keys.get(key));
        if let Some(of) = own.or_else(|| schema.get("additionalProperties")) {
            problems(inner, of, root, &format!("{path}.{key}"), found);
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(of) = schema.get("items") {
            problems(item, of, root, &format!("{path}[{index}]"), found);
        }
    }
}

fn is_valid(value: &Value, schema: &Value, root: &Value) -> bool {
    let mut found = Vec::new();
    problems(value, schema, root, "", &mut found);
    found.is_empty()
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the schema has a new type, {other}"),
    }
}

fn problems_in(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    let schema = system_schema();
    let document = read(&SourceFile::new("s.yaml", bytes.into()));
    let mut found = Vec::new();
    let value = json_of(&document.root.expect("a document"));
    problems(&value, &schema, &schema, "", &mut found);
    found
}

fn files(folder: &str) -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect()
}

#[test]
fn the_schema_takes_the_shipped_files_and_the_seeds() {
    // A packaged crate has no shipped files.
    let shipped = files("../../systems");
    let systems = shipped.iter().filter(|path| !path.ends_with("lanes.yaml"));
    for path in systems.chain(&files("tests/seeds")) {
        let found = problems_in(std::fs::read(path).unwrap());
        assert_eq!(found, Vec::<String>::new(), "{}", path.display());
    }
}

/// What compiles without an error fits; what the reader refuses for its keys, kinds and words does not.
#[test]
fn the_schema_agrees_with_the_reader() {
    // Refused by their kind of value, and by nothing that only the compiler knows.
    let shapes = [
        "GD0201", "GD0202", "GD0204", "GD0206", "GD0210", "GD0213", "GD0215", "GD0216", "GD0509",
        "GD0516", "GD0605",
    ];
    // Their mistake lies in a place or a value that no schema describes.
    let beyond =
        ["GD0216_impossible_retry", "GD0605_secrets_by_their_shape", "GD0204_unknown_method"];
    let (mut taken, mut refused) = (0, 0);
    for path in files("tests/diagnostics") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let compiled =
            crate::compile(&SourceFile::new(format!("{name}.yaml"), bytes.clone()), None);
        if compiled.system.is_some() {
            assert_eq!(problems_in(bytes), Vec::<String>::new(), "{name}");
            taken += 1;
        } else if shapes.iter().any(|code| name.starts_with(code))
            && !beyond.contains(&name.as_str())
        {
            assert!(!problems_in(bytes).is_empty(), "{name}");
            refused += 1;
        }
    }
    assert!(taken > 30 && refused > 10, "{taken} {refused}");
}

#[test]
fn every_key_of_the_reader_is_described_and_no_other() {
    for block in blocks() {
        let mut described: Vec<&str> = block.described.iter().map(|(key, ..)| *key).collect();
        let mut known = block.keys.to_vec();
        described.sort_unstable();
        known.sort_unstable();
        assert_eq!(described, known, "{}", block.name);
    }
}
