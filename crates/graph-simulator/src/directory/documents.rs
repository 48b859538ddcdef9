//! What requests wrote to the sets that are described as data: entities by set and key.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// Entities that requests created, changed or deleted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    sets: HashMap<String, Written>,
}

#[derive(Clone, Debug, Default)]
struct Written {
    /// Created ones in the order of their creation.
    created: Vec<String>,
    entries: HashMap<String, Document>,
}

/// What was written to one entity.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The whole entity if a request created it, or what was written over it.
    pub(crate) properties: Map<String, Value>,
    /// A request created it: nothing of it comes from elsewhere.
    pub(crate) whole: bool,
    /// Whether a write has made it present or absent.
    present: Option<bool>,
}

impl Document {
    /// Whether it is there, as far as writes say.
    pub(crate) fn is_present(&self) -> bool {
        self.present.unwrap_or(true)
    }
}

impl Documents {
    /// What was written to the entity of a set.
    pub(crate) fn get(&self, set: &str, key: &str) -> Option<&Document> {
        self.sets.get(set)?.entries.get(&key.to_lowercase())
    }

    /// The entities that requests created in a set, from a number on: the number after each, and its key.
    pub(crate) fn created(&self, set: &str, from: usize) -> impl Iterator<Item = (usize, &str)> {
        let created = self.sets.get(set).map_or(&[][..], |written| written.created.as_slice());
        (1..).zip(created).skip(from).map(|(next, key)| (next, key.as_str()))
    }

    /// The keys between `prefix` and `suffix` in the paths of sets that requests wrote to.
    pub(crate) fn parents<'p>(
        &'p self,
        prefix: &'p str,
        suffix: &'p str,
    ) -> impl Iterator<Item = &'p str> {
        self.sets.keys().filter_map(move |set| set.strip_prefix(prefix)?.strip_suffix(suffix))
    }

    /// Adds an entity; one that was there and is gone by now is replaced.
    pub(super) fn create(&mut self, set: &str, key: &str, properties: Map<String, Value>) {
        let written = self.sets.entry(set.to_owned()).or_default();
        let key = key.to_lowercase();
        if !written.created.contains(&key) {
            written.created.push(key.clone());
        }
        written.entries.insert(key, Document { properties, whole: true, present: Some(true) });
    }

    /// Sets properties of an entity.
    pub(super) fn update(&mut self, set: &str, key: &str, properties: Map<String, Value>) {
        self.entry(set, key).properties.extend(properties);
    }

    /// Removes an entity.
    pub(super) fn delete(&mut self, set: &str, key: &str) {
        self.entry(set, key).present = Some(false);
    }

    fn entry(&mut self, set: &str, key: &str) -> &mut Document {
        let written = self.sets.entry(set.to_owned()).or_default();
        let empty = || Document { properties: Map::new(), whole: false, present: None };
        written.entries.entry(key.to_lowercase()).or_insert_with(empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_present_between_its_creation_and_its_deletion() {
        let mut documents = Documents::default();
        let is_present =
            |documents: &Documents| documents.get("domains", "a.EXAMPLE").unwrap().is_present();
        documents.create("domains", "A.example", Map::new());
        assert!(is_present(&documents));
        documents.delete("domains", "a.example");
        assert!(!is_present(&documents));
        documents.create("domains", "a.example", Map::new());
        assert!(is_present(&documents));
        assert_eq!(documents.created("domains", 0).count(), 1);
    }
}
