//! Relations that lead to one object at most, out of a delta query.

use serde_json::value::RawValue;

use super::{Edge, EdgeType};
use crate::item::{BadItem, top_level};
use crate::{Item, ObjectId};

/// What an item says of its one link: `manager@delta` of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerLink {
    /// The owner.
    pub owner: ObjectId,
    /// Where the link leads; `None` where nothing is said but what is gone.
    pub link: Option<Edge>,
    /// Where it does not lead any more.
    pub removed: Vec<ObjectId>,
}

impl OwnerLink {
    /// Reads an item; `None` if it says nothing about the relation. An entry that is there overrules
    /// one that is gone: a link that was moved comes as both, in either order (facts: graph-protocol 5.3).
    ///
    /// # Errors
    /// An item that has no id, or an entry that cannot be read.
    pub(crate) fn read(json: &str, relation: &str) -> Result<Option<Self>, BadItem> {
        let item = Item::read(json)?;
        if item.removed.is_some() {
            return Ok(None); // its own stream says so
        }
        let properties = top_level(json).ok_or(BadItem::NotAnObject)?;
        let changes = properties
            .iter()
            .find(|(name, _)| name.strip_suffix("@delta").is_some_and(|name| name == relation));
        let Some((_, entries)) = changes else { return Ok(None) };
        let entries: Vec<&RawValue> =
            serde_json::from_str(entries.get()).map_err(|_| BadItem::NotAnObject)?;
        let (mut link, mut gone) = (None, Vec::new());
        for entry in entries {
            let Item { id, odata_type, removed, .. } = Item::read(entry.get())?;
            if removed.is_some() {
                gone.push(id);
                continue;
            }
            let target_type = odata_type.as_deref().map_or(EdgeType::UNKNOWN, EdgeType::new);
            link = Some(Edge { target: id, target_type });
        }
        Ok(Some(Self { owner: item.id, link, removed: gone }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `-` where the item clears the relation.
    fn read(json: &str) -> Option<String> {
        let link = OwnerLink::read(json, "manager").unwrap()?;
        Some(link.link.map_or_else(|| "-".to_owned(), |edge| edge.target.to_string()))
    }

    /// facts: graph-protocol 5.3
    #[test]
    fn an_entry_that_is_there_overrules_one_that_is_gone() {
        let gone = r#"{"id":"old","@removed":{"reason":"deleted"}}"#;
        let here = r##"{"@odata.type":"#microsoft.graph.user","id":"new"}"##;
        let item = |entries: &str| format!(r#"{{"id":"a","manager@delta":[{entries}]}}"#);
        assert_eq!(read(&item(here)), Some("new".to_owned()));
        assert_eq!(read(&item(gone)), Some("-".to_owned()));
        let removed = OwnerLink::read(&item(gone), "manager").unwrap().unwrap().removed;
        assert_eq!(removed, [ObjectId::new("old")]);
        for both in [format!("{gone},{here}"), format!("{here},{gone}")] {
            assert_eq!(read(&item(&both)), Some("new".to_owned()));
        }
        assert_eq!(read(r#"{"id":"a","displayName":"x"}"#), None);
        assert_eq!(read(r#"{"id":"a","@removed":{"reason":"changed"}}"#), None);
        assert!(OwnerLink::read(&item("7"), "manager").is_err());
        assert!(OwnerLink::read(r#"{"id":"a","manager@delta":7}"#, "manager").is_err());
    }
}
