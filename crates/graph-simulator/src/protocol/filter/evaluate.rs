//! Evaluates a filter on an object.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Comparison, Filter, Function, Literal, Operand};
use crate::directory::Object;

/// Whether an object passes a filter. Text compares without regard to case, as the directory does.
pub(crate) fn matches(filter: &Filter, object: &Object<'_>) -> bool {
    holds(filter, &|path| follow(object.value_of(&path[0]), &path[1..]), object, &Value::Null)
}

fn holds(
    filter: &Filter,
    read: &dyn Fn(&[String]) -> Value,
    object: &Object<'_>,
    element: &Value,
) -> bool {
    let value = |operand: &Operand| match operand {
        Operand::Path(path) => read(path),
        Operand::Element(path) => follow(element.clone(), path),
        Operand::Count(path) => Value::from(read(path).as_array().map_or(0, Vec::len)),
    };
    match filter {
        Filter::And(left, right) => {
            holds(left, read, object, element) && holds(right, read, object, element)
        }
        Filter::Or(left, right) => {
            holds(left, read, object, element) || holds(right, read, object, element)
        }
        Filter::Not(inner) => !holds(inner, read, object, element),
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
                    elements.iter().any(|element| holds(condition, read, object, element))
                }
            }
        }
        Filter::IsOf(name) => {
            name.strip_prefix("microsoft.graph.").unwrap_or(name) == object.kind().entity_type()
        }
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
            Some(value.to_lowercase().cmp(&literal.to_lowercase()))
        }
        _ => None,
    }
}
