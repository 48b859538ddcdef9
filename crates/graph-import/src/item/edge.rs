//! One item of a list of edges, or of changes of them: who is at the other end, and nothing else of it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{BadItem, Name, is_null, text, without_namespace};
use crate::store::Edge;
use crate::{EdgeChange, ObjectId};

impl Edge {
    /// Reads an item as [`Item::read`](crate::Item::read) does, without keeping its properties: lists
    /// of edges are most of an import.
    ///
    /// # Errors
    /// An item that is no object or has no id.
    pub(crate) fn read(json: &str) -> Result<Self, BadItem> {
        serde_json::from_str::<End<'_>>(json).map_err(|_| BadItem::NotAnObject)?.edge()
    }
}

impl EdgeChange {
    /// Reads entries as they stand in an item.
    ///
    /// # Errors
    /// An entry that is no object or has no id.
    pub(super) fn read_all(entries: &RawValue) -> Result<Vec<Self>, BadItem> {
        let ends: Vec<End<'_>> =
            serde_json::from_str(entries.get()).map_err(|_| BadItem::NotAnObject)?;
        let change = |end: End<'_>| Ok(Self { edge: end.edge()?, removed: end.removed });
        ends.into_iter().map(change).collect()
    }
}

/// What an item says about the end of an edge.
#[derive(Default)]
struct End<'json> {
    id: Option<&'json RawValue>,
    odata_type: Option<&'json RawValue>,
    removed: bool,
}

impl End<'_> {
    fn edge(&self) -> Result<Edge, BadItem> {
        let id = self.id.and_then(text).filter(|id| !id.is_empty()).ok_or(BadItem::NoId)?;
        let odata_type = self.odata_type.and_then(text).map(without_namespace);
        Ok(Edge::new(ObjectId::new(&id), odata_type.as_deref()))
    }
}

impl<'de> Deserialize<'de> for End<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = End<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut end = End::default();
                while let Some(Name(name)) = map.next_key()? {
                    match name.as_ref() {
                        "id" => end.id = Some(map.next_value()?),
                        "@odata.type" => end.odata_type = Some(map.next_value()?),
                        "@removed" => end.removed = !is_null(map.next_value()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(end)
            }
        }

        deserializer.deserialize_map(Fields)
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
                prop_oneof![Just("id"), Just("@odata.type"), Just("@removed"), Just("displayName"), Just("\\u0069d")],
                prop_oneof![
                    Just(r#""0b1f0000-0000-4000-8000-000000000001""#), Just(r#""text""#), Just(r##""#microsoft.graph.user""##),
                    Just(r#""""#), Just("7"), Just("null"), Just(r#"{"id":"x"}"#), Just("[1,"),
                ],
            ), 0..4),
        ) {
            let members: Vec<String> =
                pairs.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
            let json = format!("{{{}}}", members.join(","));
            let item = Item::read(&json);
            let edge = |item: &Item<'_>| Edge::new(item.id.clone(), item.odata_type.as_deref());
            prop_assert_eq!(Edge::read(&json), item.as_ref().map(edge).map_err(|error| *error));
            let entries = serde_json::from_str::<Box<RawValue>>(&format!("[{json}]"));
            let change = |item: &Item<'_>| EdgeChange { edge: edge(item), removed: item.removed.is_some() };
            let long = item.as_ref().ok().map(|item| vec![change(item)]);
            prop_assert_eq!(entries.ok().and_then(|entries| EdgeChange::read_all(&entries).ok()), long);
        }
    }

    #[test]
    fn what_is_no_object_is_no_edge() {
        for json in ["7", "null", "[]", ""] {
            assert_eq!(Edge::read(json), Err(BadItem::NotAnObject), "{json}");
        }
    }
}
