//! One object of the directory: the scheduled view with what was written over it.

use serde_json::Value;

use super::overlay::Patch;
use crate::entities::extension_value;
use crate::protocol::json::Json;
use crate::tenant::property::{Property, write_unset};
use crate::tenant::view::View;
use crate::tenant::{Handle, Kind, ObjectId, Stage, properties};

/// An object at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a> {
    view: View<'a>,
    patch: Option<&'a Patch>,
    /// An object that this one connects is gone.
    lost: bool,
    now: u64,
}

impl<'a> Object<'a> {
    pub(super) fn new(view: View<'a>, patch: Option<&'a Patch>, now: u64) -> Self {
        Self { view, patch, lost: false, now }
    }

    /// The object after one that it connects is gone.
    pub(super) fn lost(mut self) -> Self {
        self.lost = true;
        self
    }

    pub(crate) fn handle(&self) -> Handle {
        self.view.handle
    }

    pub(crate) fn kind(&self) -> Kind {
        self.view.handle.kind
    }

    pub(crate) fn id(&self) -> ObjectId {
        self.view.id()
    }

    /// The value of `id`.
    pub(crate) fn key(&self) -> String {
        if self.kind().connects() { self.id().to_link() } else { self.id().to_string() }
    }

    pub(crate) fn stage(&self) -> Stage {
        let stage = self.patch.and_then(Patch::stage).unwrap_or(self.view.stage);
        if self.lost && stage == Stage::Live { Stage::Purged } else { stage }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.stage() == Stage::Live
    }

    pub(crate) fn properties(&self) -> &'static [Property] {
        properties(self.kind())
    }

    /// Writes the value of a property.
    pub(crate) fn write(&self, property: &Property, json: &mut Json) {
        if let Some(patch) = self.patch {
            if let Some(value) = patch.properties.get(property.name) {
                return json.value(value);
            }
            if self.handle().is_created() && property.name != "id" && property.observed.is_none() {
                return write_unset(property.shape, json);
            }
        }
        match property.observed {
            Some(observe) => json.value(&observe(self.view.tenant, self.handle(), self.now)),
            None => (property.write)(&self.view, json),
        }
    }

    /// The value of a directory extension; null if it has none.
    pub(crate) fn extension(&self, name: &str) -> Value {
        let written = self.patch.and_then(|patch| patch.properties.get(name)).cloned();
        written
            .or_else(|| extension_value(self.view.tenant, self.handle(), name))
            .unwrap_or(Value::Null)
    }

    /// The value of a property, for filters and comparisons.
    pub(crate) fn value(&self, property: &Property) -> Value {
        let mut json = Json::with_capacity(64);
        self.write(property, &mut json);
        serde_json::from_slice(json.as_bytes()).expect("writers of properties write JSON")
    }

    /// The value of a property by name.
    pub(crate) fn value_of(&self, name: &str) -> Value {
        self.properties()
            .iter()
            .find(|property| property.name == name)
            .map_or_else(|| self.extension(name), |property| self.value(property))
    }

    /// Whether the property was ever written over.
    pub(crate) fn is_written(&self, property: &Property) -> bool {
        self.patch.is_some_and(|patch| patch.properties.contains_key(property.name))
    }

    pub(crate) fn patch(&self) -> Option<&'a Patch> {
        self.patch
    }
}
