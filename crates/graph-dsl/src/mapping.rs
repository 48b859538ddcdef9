//! Schema mappings: the attributes of an answer under the names a system wants.

mod json_path;
mod pipeline;

use serde_json::{Map, Value};

pub(crate) use json_path::JsonPath;
pub(crate) use pipeline::{FUNCTIONS, Pipeline, Shape, path_of};

/// A named set of attributes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SchemaMapping {
    /// Its name in the file.
    pub name: String,
    /// The attributes in the order of the file.
    pub attributes: Vec<Attribute>,
}

/// One attribute of a mapping.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attribute {
    /// The attribute's name in the result.
    pub name: String,
    pub(crate) source: AttributeSource,
    /// The functions after the path.
    pub(crate) pipeline: Pipeline,
    /// Joins a list into text.
    pub(crate) join: Option<String>,
    /// Taken when the path finds nothing or null.
    pub(crate) default: Option<Value>,
    /// Whether an object without it is an error.
    pub(crate) required: bool,
    /// The type that the value must have.
    pub(crate) kind: Option<AttributeKind>,
}

/// Where an attribute comes from.
#[derive(Clone, Debug)]
pub(crate) enum AttributeSource {
    Path(JsonPath),
    /// The same value for every object.
    Value(Value),
}

/// The type of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttributeKind {
    Text,
    Boolean,
    Integer,
    DateTime,
    List,
}

/// An object that does not fit its mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// A required attribute is absent.
    #[error("mapping `{mapping}`: required attribute `{attribute}` is absent")]
    Absent {
        /// The mapping.
        mapping: String,
        /// The attribute.
        attribute: String,
    },
    /// A value has another type than the mapping says.
    #[error("mapping `{mapping}`: `{attribute}` is not {expected}")]
    WrongType {
        /// The mapping.
        mapping: String,
        /// The attribute.
        attribute: String,
        /// The type the mapping says.
        expected: &'static str,
    },
}

impl SchemaMapping {
    /// The names of the attributes, in order: the columns of a table.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|attribute| attribute.name.as_str())
    }

    /// Maps one object.
    ///
    /// # Errors
    ///
    /// A required attribute is absent, or a value does not have the declared type.
    pub fn apply(&self, object: &Value) -> Result<Value, MappingError> {
        let mut mapped = Map::with_capacity(self.attributes.len());
        for attribute in &self.attributes {
            let wrong_type = |expected| MappingError::WrongType {
                mapping: self.name.clone(),
                attribute: attribute.name.clone(),
                expected,
            };
            let value = attribute.value(object).map_err(wrong_type)?;
            if value.is_null() && attribute.required {
                return Err(MappingError::Absent {
                    mapping: self.name.clone(),
                    attribute: attribute.name.clone(),
                });
            }
            if let Some(kind) =
                attribute.kind.filter(|kind| !value.is_null() && !kind.accepts(&value))
            {
                return Err(wrong_type(kind.expectation()));
            }
            mapped.insert(attribute.name.clone(), value);
        }
        Ok(Value::Object(mapped))
    }
}

impl Attribute {
    fn value(&self, object: &Value) -> Result<Value, &'static str> {
        let found = match &self.source {
            AttributeSource::Value(value) => value.clone(),
            AttributeSource::Path(path) => {
                path.read(object, self.kind == Some(AttributeKind::List))
            }
        };
        let found = self.pipeline.apply(found)?;
        let found = match (&self.join, found) {
            (Some(separator), Value::Array(items)) => Value::String(joined(&items, separator)),
            (_, found) => found,
        };
        Ok(match (&self.default, found) {
            (Some(default), Value::Null) => default.clone(),
            (_, found) => found,
        })
    }
}

fn joined(items: &[Value], separator: &str) -> String {
    let text = |item: &Value| match item {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    items.iter().filter(|item| !item.is_null()).map(text).collect::<Vec<_>>().join(separator)
}

impl AttributeKind {
    pub(crate) const NAMES: [&'static str; 5] = ["text", "boolean", "integer", "datetime", "list"];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" | "string" => Self::Text,
            "boolean" | "bool" => Self::Boolean,
            "integer" | "int" => Self::Integer,
            "datetime" => Self::DateTime,
            "list" => Self::List,
            _ => return None,
        })
    }

    fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::DateTime => {
                value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
            }
            Self::List => value.is_array(),
        }
    }

    /// Whether a value of this shape may have the type.
    pub(crate) fn may_be(self, shape: Shape) -> bool {
        match shape {
            Shape::Any | Shape::TextOrList => true,
            Shape::Text => matches!(self, Self::Text | Self::DateTime),
            Shape::Number => self == Self::Integer,
            Shape::Boolean => self == Self::Boolean,
            Shape::List => self == Self::List,
        }
    }

    pub(crate) const fn expectation(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::DateTime => "a timestamp",
            Self::List => "a list",
        }
    }
}
