//! The properties of an entity type: what they are called, how they are typed, queried and written.

use serde_json::Value;

use super::view::View;
use super::{Handle, Tenant};
use crate::protocol::json::Json;

/// The type of a property, as far as filters and request bodies care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Guid,
    Boolean,
    DateTime,
    Integer,
    Texts,
    Complex,
    Complexes,
}

impl Shape {
    pub(crate) const fn is_collection(self) -> bool {
        matches!(self, Self::Texts | Self::Complexes)
    }
}

/// What `$filter` can do with a property (facts: graph-protocol 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// `eq`, `in` and, for text, `startsWith` by default.
    Default,
    /// Every operator needs the advanced mode.
    Advanced,
    /// The property has no index.
    None,
}

/// One property of an entity type.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// Returned when there is no `$select`.
    pub(crate) by_default: bool,
    pub(crate) filter: Filter,
    /// Settable by `PATCH` and `POST`.
    pub(crate) writable: bool,
    /// Lists answer 501 when asked for it: it is kept outside the directory (facts: 5.5).
    pub(crate) outside: bool,
    pub(crate) write: fn(&View<'_>, &mut Json),
    /// What the property holds at a time, in Unix seconds, where the present decides; deltas do not
    /// track it.
    pub(crate) observed: Option<Observe>,
}

/// What a property of an object holds at a time.
pub(crate) type Observe = fn(&Tenant, Handle, u64) -> Value;

impl Property {
    pub(crate) const fn new(
        name: &'static str,
        shape: Shape,
        write: fn(&View<'_>, &mut Json),
    ) -> Self {
        Self {
            name,
            shape,
            by_default: true,
            filter: Filter::Default,
            writable: true,
            outside: false,
            write,
            observed: None,
        }
    }

    /// Returned only when selected.
    pub(crate) const fn on_request(mut self) -> Self {
        self.by_default = false;
        self
    }

    /// Filtered in advanced mode only.
    pub(crate) const fn advanced(mut self) -> Self {
        self.filter = Filter::Advanced;
        self
    }

    /// Not filterable.
    pub(crate) const fn unfiltered(mut self) -> Self {
        self.filter = Filter::None;
        self
    }

    /// Set by the service.
    pub(crate) const fn read_only(mut self) -> Self {
        self.writable = false;
        self
    }

    /// A property of the schema that this tenant leaves empty.
    pub(crate) const fn empty(name: &'static str, shape: Shape) -> Self {
        let write: fn(&View<'_>, &mut Json) =
            if shape.is_collection() { write_empty } else { write_null };
        Self::new(name, shape, write).unfiltered()
    }

    /// A property that the present decides.
    pub(crate) const fn observed(name: &'static str, shape: Shape, observe: Observe) -> Self {
        let mut property = Self::empty(name, shape).on_request();
        property.observed = Some(observe);
        property.filter = Filter::Default;
        property.writable = false;
        property
    }

    /// A property kept by another service.
    pub(crate) const fn outside(name: &'static str, shape: Shape) -> Self {
        let mut property = Self::empty(name, shape).on_request();
        property.outside = true;
        property
    }
}

/// Writes what a property holds that was never set.
pub(crate) fn write_unset(shape: Shape, json: &mut Json) {
    if shape.is_collection() { json.raw(b"[]") } else { json.null() }
}

fn write_empty(_: &View<'_>, json: &mut Json) {
    json.raw(b"[]");
}

fn write_null(_: &View<'_>, json: &mut Json) {
    json.null();
}
