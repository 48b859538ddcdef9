//! One item of a page, read without building a tree.

mod edge;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use graph_dsl::Column;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::content::Stated;
use crate::store::Edge;
use crate::{Content, ObjectId};

/// One item of a delta or collection page; its values are slices of the page's buffer.
#[derive(Debug)]
pub struct Item<'page> {
    /// The object's id.
    pub id: ObjectId,
    /// The entity in `@odata.type`, without `#microsoft.graph.`.
    pub odata_type: Option<Cow<'page, str>>,
    /// Set when the item says that the object is gone.
    pub removed: Option<Removal>,
    /// The properties with their values as they came, without `id` and annotations.
    pub properties: Vec<Property<'page>>,
    /// Relations with changes in this item.
    pub changed_relations: Vec<RelationChange<'page>>,
    stated: OnceCell<Stated>,
}

/// What an item says about one of its relations: `members@delta` and its entries as they came.
#[derive(Debug)]
pub struct RelationChange<'page> {
    /// The relation, `members`.
    pub name: Cow<'page, str>,
    entries: &'page RawValue,
}

/// One entry of a [`RelationChange`] (facts: graph-protocol 5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeChange {
    /// The edge, seen from the item.
    pub edge: Edge,
    /// Whether the edge is gone. The reason says nothing about the object at its other end.
    pub removed: bool,
}

impl RelationChange<'_> {
    /// The entries; `None` if they do not say which edges there are now: one that cannot be read,
    /// none at all although the relation was named, or one object that is added and removed at once
    /// (cases: D13). Then the relation must be read again as a list.
    pub fn entries(&self) -> Option<Vec<EdgeChange>> {
        let mut changes = EdgeChange::read_all(self.entries).ok()?;
        changes.sort_by(|left, right| left.edge.target.cmp(&right.edge.target));
        let contradicts = |pair: &[EdgeChange]| {
            pair[0].edge.target == pair[1].edge.target && pair[0].removed != pair[1].removed
        };
        if changes.windows(2).any(contradicts) {
            return None;
        }
        changes.dedup_by(|left, right| left.edge.target == right.edge.target); // Graph may repeat itself
        (!changes.is_empty()).then_some(changes)
    }
}

/// A property's name and its value as it came.
pub type Property<'page> = (Cow<'page, str>, &'page RawValue);

/// How an object went away (facts: graph-protocol 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removal {
    /// `@removed.reason = "changed"`: in the recycle bin, may come back.
    Soft,
    /// `@removed.reason = "deleted"`: gone for ever.
    Hard,
}

/// Why an item cannot be used. It spoils itself, not its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadItem {
    /// Not a JSON object.
    #[error("read an item: it is not a JSON object")]
    NotAnObject,
    /// Without a textual, non-empty `id`.
    #[error("read an item: it has no `id`")]
    NoId,
    /// Nested deeper than a hundred levels, which readers of JSON refuse.
    #[error("read an item: it is nested too deep")]
    TooDeep,
}

/// Lists and objects in each other that an item may have. SQLite reads no JSON of more than a thousand
/// levels, and one such object would spoil every query of its view (cases: E8).
const MOST_LEVELS: usize = 100;

/// The prefix of every type in `@odata.type`.
const NAMESPACE: &str = "#microsoft.graph.";
/// The suffix of a property that lists changes of a relation.
const DELTA: &str = "@delta";

impl<'page> Item<'page> {
    /// Reads an item's top level; nested values stay raw.
    ///
    /// # Errors
    /// An item that is no object or has no id.
    pub fn read(json: &'page str) -> Result<Self, BadItem> {
        let mut properties = top_level(json).ok_or(BadItem::NotAnObject)?;
        let mut id = None;
        let (mut odata_type, mut removed) = (None, None);
        let mut changed_relations = Vec::new();
        properties.retain_mut(|(name, value)| {
            match name.as_ref() {
                "id" => id = text(value),
                "@odata.type" => odata_type = text(value).map(without_namespace),
                // `null` is how OData spells that an annotation is not there.
                "@removed" => removed = (!is_null(value)).then(|| removal(value)),
                other => match other.strip_suffix(DELTA) {
                    Some(relation) => {
                        let name = Cow::Owned(relation.to_owned());
                        changed_relations.push(RelationChange { name, entries: value });
                    }
                    None => return !other.contains('@'),
                },
            }
            false
        });
        if are_too_deep(&properties) {
            return Err(BadItem::TooDeep);
        }
        let id = id.filter(|id| !id.is_empty()).ok_or(BadItem::NoId)?;
        let (id, stated) = (ObjectId::new(&id), OnceCell::new());
        Ok(Self { id, odata_type, removed, properties, changed_relations, stated })
    }

    /// The content that the item states if it states its object as a whole; made once.
    pub fn stated(&self) -> &Stated {
        self.stated.get_or_init(|| Stated::new(Content::whole(&self.properties)))
    }

    /// Makes that content with the values of its stream's columns, ahead of the write.
    pub(crate) fn state(&self, columns: &[Column]) {
        self.stated.get_or_init(|| Stated::cut(Content::whole(&self.properties), columns));
    }
}

impl<'page> Item<'page> {
    /// Reads an item that is identified by other properties than `id`; the values of several are
    /// joined by `:`. Such an item says nothing about removals, which Graph reports by `id`.
    ///
    /// # Errors
    /// An item that is no object, or that lacks one of the properties.
    pub fn read_by(json: &'page str, key: &[String]) -> Result<Self, BadItem> {
        if key == ["id"] {
            return Self::read(json);
        }
        let mut properties = top_level(json).ok_or(BadItem::NotAnObject)?;
        if are_too_deep(&properties) {
            return Err(BadItem::TooDeep);
        }
        let value = |name: &String| {
            let (_, value) = properties.iter().find(|(known, _)| known == name)?;
            text(value).filter(|text| !text.is_empty())
        };
        let values = key.iter().map(value).collect::<Option<Vec<_>>>().ok_or(BadItem::NoId)?;
        let id = ObjectId::new(&values.join(":"));
        properties.retain(|(name, _)| !name.contains('@'));
        let (odata_type, removed, changed_relations) = (None, None, Vec::new());
        let stated = OnceCell::new();
        Ok(Self { id, odata_type, removed, properties, changed_relations, stated })
    }
}

/// Whether one of the properties that are kept would make the item too deep.
fn are_too_deep(properties: &[Property<'_>]) -> bool {
    properties.iter().any(|(_, value)| {
        let opens = |byte: &u8| matches!(byte, b'[' | b'{');
        let json = value.get().as_bytes();
        // Few values open anything, and few of these so many at all.
        json.first().is_some_and(opens)
            && json.iter().filter(|byte| opens(byte)).count() >= MOST_LEVELS
            && is_too_deep(json)
    })
}

/// Whether a value, in the object that is the first level, goes beyond the last one.
fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    json.iter().any(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth >= MOST_LEVELS
    })
}

/// The properties of a JSON object in their order, or `None` for any other value.
pub(crate) fn top_level(json: &str) -> Option<Vec<Property<'_>>> {
    struct Properties;

    impl<'de> Visitor<'de> for Properties {
        type Value = Vec<Property<'de>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut properties = Vec::with_capacity(map.size_hint().unwrap_or(24));
            while let Some(Name(name)) = map.next_key()? {
                properties.push((name, map.next_value()?));
            }
            Ok(properties)
        }
    }

    serde_json::Deserializer::from_str(json).deserialize_map(Properties).ok()
}

/// A JSON string, borrowed where it holds no escape; `None` for any other value.
pub(crate) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Name<'_>>(raw.get()).ok().map(|Name(text)| text)
}

/// Whether the value is `null`.
pub(crate) fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// An unknown or missing reason counts as soft: it keeps more (cases: I3).
fn removal(raw: &RawValue) -> Removal {
    let reason = top_level(raw.get())
        .and_then(|fields| fields.into_iter().find(|(name, _)| name == "reason"));
    match reason.and_then(|(_, reason)| text(reason)).as_deref() {
        Some("deleted") => Removal::Hard,
        _ => Removal::Soft,
    }
}

/// `user` of `#microsoft.graph.user`.
pub(crate) fn without_namespace(name: Cow<'_, str>) -> Cow<'_, str> {
    match name {
        Cow::Borrowed(name) => Cow::Borrowed(name.strip_prefix(NAMESPACE).unwrap_or(name)),
        Cow::Owned(name) => {
            Cow::Owned(name.strip_prefix(NAMESPACE).map_or_else(|| name.clone(), str::to_owned))
        }
    }
}

/// A string that is borrowed where it can be; serde's own `Cow` always owns.
struct Name<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0b1f0000-0000-4000-8000-000000000001";

    #[test]
    fn properties_stay_raw_and_annotations_are_left_out() {
        let json = format!(
            r##"{{"@odata.type":"#microsoft.graph.user","id":"{ID}","displayName":"A\"b","phones":[ "1" ],"x@odata.type":"#Int32","manager@delta":[]}}"##
        );
        let item = Item::read(&json).unwrap();
        assert_eq!(item.id.to_string(), ID);
        assert_eq!(item.odata_type.as_deref(), Some("user"));
        assert_eq!(item.removed, None);
        let shown: Vec<_> =
            item.properties.iter().map(|(name, value)| (name.as_ref(), value.get())).collect();
        assert_eq!(shown, [("displayName", r#""A\"b""#), ("phones", r#"[ "1" ]"#)]);
        assert_eq!(item.changed_relations[0].name, "manager");
        assert_eq!(item.changed_relations[0].entries(), None, "named, but nothing said");
    }

    /// B4, B5
    #[test]
    fn the_reason_tells_soft_from_hard() {
        for (reason, expected) in [
            (r#"{"reason":"changed"}"#, Some(Removal::Soft)),
            (r#"{"reason":"deleted"}"#, Some(Removal::Hard)),
            (r#"{"reason":"new in 2031"}"#, Some(Removal::Soft)),
            ("{}", Some(Removal::Soft)),
            ("null", None),
        ] {
            let json = format!(r#"{{"id":"{ID}","@removed":{reason}}}"#);
            assert_eq!(Item::read(&json).unwrap().removed, expected, "{reason}");
        }
    }

    /// E8
    #[test]
    fn an_item_that_is_nested_too_deep_is_refused_and_brackets_in_texts_are_none() {
        let nested = |levels: usize| {
            let value = "[".repeat(levels) + &"]".repeat(levels);
            format!(r#"{{"id":"{ID}","x":{value},"y":{{}}}}"#)
        };
        assert!(Item::read(&nested(99)).is_ok());
        for levels in [100, 5_000, 200_000] {
            assert_eq!(Item::read(&nested(levels)).unwrap_err(), BadItem::TooDeep);
            let key = ["x".to_owned()];
            assert_eq!(Item::read_by(&nested(levels), &key).unwrap_err(), BadItem::TooDeep);
        }
        let flat = "[1],".repeat(500);
        let text = r#"[{\"\\"#.repeat(500);
        let json = format!(r#"{{"id":"{ID}","x":[{flat}0],"y":"{text}"}}"#);
        assert!(Item::read(&json).is_ok());
    }

    fn entries(json: &str) -> Option<Vec<(String, String, bool)>> {
        let json = format!(r#"{{"id":"{ID}","members@delta":{json}}}"#);
        let item = Item::read(&json).unwrap();
        let entries = item.changed_relations[0].entries()?.into_iter();
        let shown = |EdgeChange { edge, removed }| {
            (edge.target.to_string(), edge.target_type.as_str().to_owned(), removed)
        };
        Some(entries.map(shown).collect())
    }

    /// D7, D13
    #[test]
    fn entries_say_which_edges_there_are_or_that_they_do_not() {
        let (user, removed) = (
            format!(r##"{{"@odata.type":"#microsoft.graph.user","id":"{ID}"}}"##),
            format!(r#"{{"id":"{ID}","@removed":{{"reason":"deleted"}}}}"#),
        );
        let one = |kind: &str, removed| Some(vec![(ID.to_owned(), kind.to_owned(), removed)]);
        assert_eq!(entries(&format!("[{user}]")), one("user", false));
        assert_eq!(entries(&format!("[{user},{user}]")), one("user", false));
        assert_eq!(entries(&format!("[{removed}]")), one("unknown", true));
        for ambiguous in [
            format!("[{user},{removed}]"),
            format!("[{removed},{user}]"),
            format!("[{user},7]"),
            "[]".to_owned(),
            "null".to_owned(),
            user.clone(),
        ] {
            assert_eq!(entries(&ambiguous), None, "{ambiguous}");
        }
    }

    #[test]
    fn a_bad_item_names_what_is_wrong_with_it() {
        for (json, expected) in [
            ("7", BadItem::NotAnObject),
            ("null", BadItem::NotAnObject),
            ("[]", BadItem::NotAnObject),
            ("{}", BadItem::NoId),
            (r#"{"id":7}"#, BadItem::NoId),
            (r#"{"id":""}"#, BadItem::NoId),
            (r#"{"id":null,"@removed":{"reason":"deleted"}}"#, BadItem::NoId),
        ] {
            assert_eq!(Item::read(json).unwrap_err(), expected, "{json}");
        }
    }

    #[test]
    fn another_key_identifies_an_item_by_its_value() {
        let by = |json: &'static str, key: &[&str]| {
            let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
            Item::read_by(json, &key).map(|item| (item.id.to_string(), item.properties.len()))
        };
        let json = r##"{"id":"x_1","skuId":"A1","part":"P","n@odata.type":"#Int32"}"##;
        assert_eq!(by(json, &["skuId"]), Ok(("A1".to_owned(), 3)));
        assert_eq!(by(json, &["skuId", "part"]), Ok(("A1:P".to_owned(), 3)));
        for key in [&["none"][..], &["skuId", "none"]] {
            assert_eq!(by(json, key), Err(BadItem::NoId));
        }
        assert_eq!(by(r#"{"skuId":""}"#, &["skuId"]), Err(BadItem::NoId));
    }

    #[test]
    fn an_escaped_name_is_read_as_the_name_it_spells() {
        let json = format!(r#"{{"\u0069d":"{ID}","display\u004eame":"x"}}"#);
        let item = Item::read(&json).unwrap();
        assert_eq!(item.properties[0].0, "displayName");
    }
}
