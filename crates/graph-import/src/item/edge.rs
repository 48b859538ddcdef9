//! One item of a list of edges: who is at the other end, and nothing else of it.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{BadItem, Name, text, without_namespace};
use crate::ObjectId;
use crate::store::Edge;

impl Edge {
    /// Reads an item as [`Item::read`](crate::Item::read) does, without keeping its properties: lists
    /// of edges are most of an import.
    ///
    /// # Errors
    /// An item that is no object or has no id.
    pub(crate) fn read(json: &str) -> Result<Self, BadItem> {
        let end = serde_json::Deserializer::from_str(json).deserialize_map(End);
        let (id, odata_type) = end.map_err(|_| BadItem::NotAnObject)?;
        let id = id.and_then(text).filter(|id| !id.is_empty()).ok_or(BadItem::NoId)?;
        let odata_type = odata_type.and_then(text).map(without_namespace);
        Ok(Self::new(ObjectId::new(&id), odata_type.as_deref()))
    }
}

/// The values of `id` and `@odata.type`.
struct End;

impl<'de> Visitor<'de> for End {
    type Value = (Option<&'de RawValue>, Option<&'de RawValue>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut id, mut odata_type) = (None, None);
        while let Some(Name(name)) = map.next_key()? {
            match name.as_ref() {
                "id" => id = Some(map.next_value()?),
                "@odata.type" => odata_type = Some(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok((id, odata_type))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Item;

    proptest! {
        /// The short way to an edge and the long one never differ.
        #[test]
        fn an_edge_is_read_as_an_item_is(
            pairs in prop::collection::vec((
                prop_oneof![Just("id"), Just("@odata.type"), Just("displayName"), Just("\\u0069d")],
                prop_oneof![
                    Just(r#""0b1f0000-0000-4000-8000-000000000001""#), Just(r#""text""#), Just(r##""#microsoft.graph.user""##),
                    Just(r#""""#), Just("7"), Just("null"), Just(r#"{"id":"x"}"#), Just("[1,"),
                ],
            ), 0..4),
        ) {
            let members: Vec<String> =
                pairs.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
            let json = format!("{{{}}}", members.join(","));
            let long = Item::read(&json).map(|item| Edge::new(item.id, item.odata_type.as_deref()));
            prop_assert_eq!(Edge::read(&json), long);
        }
    }

    #[test]
    fn what_is_no_object_is_no_edge() {
        for json in ["7", "null", "[]", ""] {
            assert_eq!(Edge::read(json), Err(BadItem::NotAnObject), "{json}");
        }
    }
}
