//! The types of described entities, as Graph's metadata has them: names, types, nullability.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::table;
use crate::protocol::errors::Refusal;

/// A property of a type.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// The type of its value or of its elements.
    edm: &'static str,
    nullable: bool,
    pub(crate) many: bool,
    role: Role,
}

#[derive(Debug, PartialEq, Eq)]
enum Role {
    Property,
    /// A relationship: contained entities, or references to others.
    Relationship,
    /// A member of an enumeration; of one whose values combine.
    Member,
    Flag,
}

static TYPES: LazyLock<HashMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    let mut types: HashMap<&'static str, Vec<Field>> = HashMap::new();
    for row in table(include_str!("../../../data/types.tsv")) {
        let [name, field, edm, nullable, many, role] = row[..] else {
            unreachable!("a row of types.tsv has six columns: {row:?}");
        };
        types.entry(name).or_default().push(Field {
            name: field,
            edm,
            nullable: nullable != "no",
            many: many == "many",
            role: match role {
                "property" => Role::Property,
                "enum" => Role::Member,
                "flags" => Role::Flag,
                _ => Role::Relationship,
            },
        });
    }
    types
});

/// The properties of a type; none if the type is not known.
pub(crate) fn fields(entity: &str) -> &'static [Field] {
    TYPES.get(entity).map_or(&[], Vec::as_slice)
}

/// A property of a type.
pub(crate) fn field(entity: &str, name: &str) -> Option<&'static Field> {
    fields(entity).iter().find(|field| field.name == name)
}

/// Whether a name is a relationship of a type.
pub(crate) fn is_relationship(entity: &str, name: &str) -> bool {
    field(entity, name).is_some_and(|field| field.role == Role::Relationship)
}

/// The type that an entity says it is, or the one its set is declared with.
pub(crate) fn type_of<'e>(entity: &'e Map<String, Value>, declared: &'e str) -> &'e str {
    let own = entity.get("@odata.type").and_then(Value::as_str);
    let own = own.map(|name| name.trim_start_matches('#').trim_start_matches("microsoft.graph."));
    own.filter(|name| TYPES.contains_key(name)).unwrap_or(declared)
}

/// An entity as Graph writes it: the type where it is not the declared one, the id, then every
/// property of the type, unset ones as null or as an empty list.
pub(crate) fn shape(mut entity: Map<String, Value>, declared: &str) -> Map<String, Value> {
    let entity_type = type_of(&entity, declared).to_owned();
    let mut shaped = Map::new();
    for name in ["@odata.type", "id"] {
        if let Some(value) = entity.remove(name) {
            shaped.insert(name.to_owned(), value);
        }
    }
    let properties = fields(&entity_type).iter().filter(|field| field.role == Role::Property);
    for field in properties.filter(|field| field.name != "id") {
        let unset = if field.many { Value::Array(Vec::new()) } else { Value::Null };
        let value = entity.remove(field.name).filter(|value| !(field.many && value.is_null()));
        shaped.insert(field.name.to_owned(), value.unwrap_or(unset));
    }
    shaped.extend(entity); // contained entities, and what an open type holds
    shaped
}

/// Checks every member of a body against a type, inside complex values too.
pub(crate) fn check(declared: &str, body: &Map<String, Value>) -> Result<(), Refusal> {
    let entity = type_of(body, declared);
    let known = fields(entity);
    if known.is_empty() || is_open(entity) {
        return Ok(()); // without a declared shape, as values of custom security attributes are
    }
    for (name, value) in body {
        if name.starts_with('@') || name.contains("@odata.") {
            continue;
        }
        let Some(field) = known.iter().find(|field| field.name == name) else {
            return Err(Refusal::malformed(format!(
                "The property '{name}' does not exist on type 'microsoft.graph.{entity}'. Make sure to only use property names that are defined by the type."
            )));
        };
        if value.is_null() {
            if field.nullable || field.many {
                continue;
            }
            return Err(invalid(name, field));
        }
        match (field.many, value) {
            (true, Value::Array(values)) => {
                values.iter().try_for_each(|value| one(name, field, value))?;
            }
            (true, _) => return Err(invalid(name, field)),
            (false, value) => one(name, field, value)?,
        }
    }
    Ok(())
}

fn is_open(entity: &str) -> bool {
    entity == "openTypeExtension"
}

fn one(name: &str, field: &Field, value: &Value) -> Result<(), Refusal> {
    let fits = match (field.edm, value) {
        ("Edm.Boolean", value) => value.is_boolean(),
        ("Edm.Int32" | "Edm.Int64" | "Edm.Int16" | "Edm.Byte", value) => {
            value.is_i64() || value.is_u64()
        }
        ("Edm.Double" | "Edm.Single" | "Edm.Decimal", value) => value.is_number(),
        ("Edm.DateTimeOffset", Value::String(text)) => super::scope::seconds(text).is_some(),
        ("Edm.Guid", Value::String(text)) => text.parse::<crate::tenant::ObjectId>().is_ok(),
        (edm, value) if edm.starts_with("Edm.") => value.is_string(),
        (edm, value) => return complex(name, field, edm, value),
    };
    if fits { Ok(()) } else { Err(invalid(name, field)) }
}

fn complex(name: &str, field: &Field, edm: &str, value: &Value) -> Result<(), Refusal> {
    let inside = fields(edm);
    match (inside.first().map(|first| &first.role), value) {
        (Some(Role::Member), Value::String(text)) => {
            let known = inside.iter().any(|member| member.name.eq_ignore_ascii_case(text));
            if known { Ok(()) } else { Err(invalid(name, field)) }
        }
        (Some(Role::Flag), value) if value.is_string() => Ok(()),
        (Some(Role::Property | Role::Relationship), Value::Object(members)) => check(edm, members),
        (None, _) => Ok(()),
        _ => Err(invalid(name, field)),
    }
}

fn invalid(name: &str, field: &Field) -> Refusal {
    Refusal::malformed(format!(
        "Cannot convert the value of property '{name}' to the expected type '{}'.",
        field.edm
    ))
}
