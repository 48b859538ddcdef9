//! What a body wants, against what is there.

use jiff::Timestamp;
use serde_json::Value;

/// The properties whose wanted value is not there yet, in the order of the body.
pub(super) fn differences(wanted: &Value, there: &Value, names: &[String]) -> Vec<String> {
    let differs = |name: &&String| {
        let wanted = wanted.get(name.as_str()).unwrap_or(&Value::Null);
        !fits(wanted, there.get(name.as_str()).unwrap_or(&Value::Null))
    };
    names.iter().filter(differs).cloned().collect()
}

/// Whether a value says what is wanted. Graph adds members to objects, keeps no order in lists,
/// answers null for nothing and writes moments in its own way.
fn fits(wanted: &Value, there: &Value) -> bool {
    match (wanted, there) {
        (Value::Object(wanted), Value::Object(there)) => wanted
            .iter()
            .filter(|(name, _)| !name.contains('@'))
            .all(|(name, value)| fits(value, there.get(name).unwrap_or(&Value::Null))),
        (Value::Array(wanted), Value::Array(there)) => {
            let mut left: Vec<&Value> = there.iter().collect();
            wanted.len() == left.len()
                && wanted.iter().all(|item| {
                    let at = left.iter().position(|other| fits(item, other));
                    at.map(|at| left.swap_remove(at)).is_some()
                })
        }
        (Value::Array(nothing), Value::Null) | (Value::Null, Value::Array(nothing)) => {
            nothing.is_empty()
        }
        (Value::String(wanted), Value::String(there)) => {
            wanted == there || same_moment(wanted, there)
        }
        (Value::Number(wanted), Value::Number(there)) => wanted.as_f64() == there.as_f64(),
        _ => wanted == there,
    }
}

fn same_moment(wanted: &str, there: &str) -> bool {
    match (wanted.parse::<Timestamp>(), there.parse::<Timestamp>()) {
        (Ok(wanted), Ok(there)) => wanted == there,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_graph_writes_differently_is_no_difference() {
        for (wanted, there) in [
            (json!(["a", "b"]), json!(["b", "a"])),
            (json!({"city": "Oslo"}), json!({"city": "Oslo", "street": null})),
            (json!([]), Value::Null),
            (json!("2026-01-01T00:00:00Z"), json!("2026-01-01T00:00:00.0000000Z")),
            (json!(1), json!(1.0)),
            (json!([{"a": 1}, {"a": 2}]), json!([{"a": 2, "b": 0}, {"a": 1}])),
        ] {
            assert!(fits(&wanted, &there), "{wanted} {there}");
        }
        for (wanted, there) in [
            (json!(["a"]), json!(["a", "b"])),
            (json!(["a", "a"]), json!(["a", "b"])),
            (json!({"city": "Oslo"}), Value::Null),
            (Value::Null, json!("x")),
            (json!("1"), json!(1)),
        ] {
            assert!(!fits(&wanted, &there), "{wanted} {there}");
        }
    }

    #[test]
    fn only_the_named_properties_are_compared() {
        let (wanted, there) = (json!({"a": 1, "b": 2, "c": null}), json!({"a": 1, "b": 3}));
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(differences(&wanted, &there, &names), ["b"]);
        assert!(differences(&wanted, &there, &names[..1]).is_empty());
    }
}
