//! Evaluates a filter on an object.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{Comparison, Filter, Function, Literal, Operand};
use crate::directory::Object;
use crate::protocol::sets::scope::seconds;

/// Whether an object passes a filter. Text compares without regard to case, as the directory does.
pub(crate) fn matches(filter: &Filter, object: &Object<'_>) -> bool {
    let read = |path: &[String]| follow(object.value_of(&path[0]), &path[1..]);
    holds(filter, &read, object.kind().entity_type(), &Value::Null)
}

/// Whether an entity of a described set passes a filter.
pub(crate) fn matches_entity(
    filter: &Filter,
    entity: &Map<String, Value>,
    entity_type: &str,
) -> bool {
    let read =
        |path: &[String]| follow(entity.get(&path[0]).cloned().unwrap_or(Value::Null), &path[1..]);
    holds(filter, &read, entity_type, &Value::Null)
}

fn holds(
    filter: &Filter,
    read: &dyn Fn(&[String]) -> Value,
    entity_type: &str,
    element: &Value,
) -> bool {
    let value = |operand: &Operand| match operand {
        Operand::Path(path) => read(path),
        Operand::Element(path) => follow(element.clone(), path),
        Operand::Count(path) => Value::from(read(path).as_array().map_or(0, Vec::len)),
    };
    match filter {
        Filter::And(left, right) => {
            holds(left, read, entity_type, element) && holds(right, read, entity_type, element)
        }
        Filter::Or(left, right) => {
            holds(left, read, entity_type, element) || holds(right, read, entity_type, element)
        }
        Filter::Not(inner) => !holds(inner, read, entity_type, element),
        Filter::Compare(operand, operator, literal) => compare(&value(operand), *operator, literal),
        Filter::In(operand, literals) => {
            let value = value(operand);
            literals.iter().any(|literal| compare(&value, Comparison::Eq, literal))
        }
        Filter::Function(function, operand, text) => match value(operand) {
            Value::String(value) => call(*function, &value, text),
            Value::Array(values) => {
                values.iter().filter_map(Value::as_str).any(|value| call(*function, value, text))
            }
            _ => false,
        },
        Filter::Any(path, condition) => {
            let values = read(path);
            let elements = values.as_array().map_or(&[][..], Vec::as_slice);
            match condition {
                None => !elements.is_empty(),
                Some(condition) => {
                    elements.iter().any(|element| holds(condition, read, entity_type, element))
                }
            }
        }
        Filter::IsOf(name) => name.strip_prefix("microsoft.graph.").unwrap_or(name) == entity_type,
    }
}

fn call(function: Function, value: &str, text: &str) -> bool {
    let (value, text) = (value.to_lowercase(), text.to_lowercase());
    match function {
        Function::StartsWith => value.starts_with(&text),
        Function::EndsWith => value.ends_with(&text),
    }
}

fn follow(mut value: Value, path: &[String]) -> Value {
    for name in path {
        value = match value {
            Value::Object(mut members) => members.remove(name).unwrap_or(Value::Null),
            _ => Value::Null,
        };
    }
    value
}

fn compare(value: &Value, operator: Comparison, literal: &Literal) -> bool {
    let ordering = order(value, literal);
    match operator {
        Comparison::Eq => ordering == Some(Ordering::Equal),
        Comparison::Ne => ordering != Some(Ordering::Equal),
        Comparison::Gt => ordering == Some(Ordering::Greater),
        Comparison::Ge => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Lt => ordering == Some(Ordering::Less),
        Comparison::Le => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
    }
}

/// How a value stands to a literal; none where they do not compare, null to anything but null included.
fn order(value: &Value, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Value::Null, Literal::Null) => Some(Ordering::Equal),
        (Value::Bool(value), Literal::Boolean(literal)) => Some(value.cmp(literal)),
        (Value::Number(value), Literal::Number(literal)) => value.as_f64()?.partial_cmp(literal),
        (Value::String(value), Literal::Text(literal) | Literal::Bare(literal)) => {
            if let (Some(value), Some(literal)) = (seconds(value), seconds(literal)) {
                return Some(value.cmp(&literal));
            }
            Some(value.to_lowercase().cmp(&literal.to_lowercase()))
        }
        _ => None,
    }
}
