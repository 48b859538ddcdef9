//! `$select`: which properties of which kind are written.

use super::errors::Refusal;
use super::extension;
use super::json::Json;
use crate::directory::Object;
use crate::tenant::property::Property;
use crate::tenant::{Kind, properties, property};

/// The properties to write, for each kind that the collection may hold.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    kinds: Vec<(Kind, Vec<&'static Property>)>,
    names: Option<Vec<String>>,
    /// Directory extensions, by their full names.
    extensions: Vec<String>,
}

impl Selection {
    /// The selection of a collection of one kind; relationships named in `relationships` may be selected too.
    pub(crate) fn of(
        kind: Kind,
        select: Option<&[String]>,
        relationships: &[&str],
    ) -> Result<Self, Refusal> {
        Self::build(&[kind], select, relationships, kind.entity_type())
    }

    /// The selection of a collection of directory objects.
    pub(crate) fn any(select: Option<&[String]>) -> Result<Self, Refusal> {
        Self::build(&ANY, select, &[], "directoryObject")
    }

    fn build(
        kinds: &[Kind],
        select: Option<&[String]>,
        others: &[&str],
        type_name: &str,
    ) -> Result<Self, Refusal> {
        for name in select.unwrap_or_default() {
            let known = name == "*"
                || others.contains(&name.as_str())
                || extension::is_name(name)
                || kinds.iter().any(|kind| find(*kind, name).is_some());
            if !known {
                return Err(unknown_property(name, type_name));
            }
        }
        let kinds = kinds.iter().map(|kind| (*kind, selected(*kind, select))).collect();
        let extensions = select.unwrap_or_default().iter().filter(|name| extension::is_name(name));
        let extensions = extensions.cloned().collect();
        Ok(Self { kinds, names: select.map(<[String]>::to_vec), extensions })
    }

    /// The selected properties of a kind.
    pub(crate) fn properties(&self, kind: Kind) -> &[&'static Property] {
        self.kinds
            .iter()
            .find(|(known, _)| *known == kind)
            .map_or(&[], |(_, properties)| properties)
    }

    /// Whether a relationship is selected by name.
    pub(crate) fn names(&self, relationship: &str) -> bool {
        self.names.as_ref().is_some_and(|names| names.iter().any(|name| name == relationship))
    }

    /// Whether there was no `$select`.
    pub(crate) fn is_default(&self) -> bool {
        self.names.is_none()
    }

    /// Refuses a list of properties that are kept outside the directory (facts: graph-protocol 5.5).
    pub(crate) fn listable(&self) -> Result<(), Refusal> {
        for (_, properties) in &self.kinds {
            if let Some(property) = properties.iter().find(|property| property.outside) {
                return Err(Refusal::new(
                    http::StatusCode::NOT_IMPLEMENTED,
                    "NotImplemented",
                    format!("The property '{}' is not supported in a list.", property.name),
                ));
            }
        }
        Ok(())
    }

    /// The suffix of `@odata.context`.
    pub(crate) fn context(&self) -> String {
        self.names.as_ref().map_or_else(String::new, |names| format!("({})", names.join(",")))
    }

    /// Writes the selected properties of an object, as members of an object already begun.
    pub(crate) fn write(&self, object: &Object<'_>, json: &mut Json) {
        for property in self.properties(object.kind()) {
            json.key(property.name);
            object.write(property, json);
        }
        self.write_extensions(object, false, json);
    }

    /// Writes the selected extensions: those without a value are left out, or null if they were
    /// written and `cleared` asks for it.
    pub(crate) fn write_extensions(&self, object: &Object<'_>, cleared: bool, json: &mut Json) {
        for name in &self.extensions {
            let value = object.extension(name);
            let written =
                || object.patch().is_some_and(|patch| patch.properties.contains_key(name));
            if !value.is_null() || (cleared && written()) {
                json.key(name);
                json.value(&value);
            }
        }
    }
}

/// The kinds a collection of directory objects may hold; assignments are among them in deltas only.
const ANY: [Kind; 9] = [
    Kind::User,
    Kind::Group,
    Kind::Device,
    Kind::Application,
    Kind::ServicePrincipal,
    Kind::OrgContact,
    Kind::AdministrativeUnit,
    Kind::DirectoryRole,
    Kind::AppRoleAssignment,
];

fn selected(kind: Kind, select: Option<&[String]>) -> Vec<&'static Property> {
    match select {
        None => properties(kind).iter().filter(|property| property.by_default).collect(),
        Some(names) if names.iter().any(|name| name == "*") => {
            properties(kind).iter().filter(|property| !property.outside).collect()
        }
        Some(names) => {
            let mut found: Vec<&'static Property> = Vec::new();
            for property in names.iter().filter_map(|name| find(kind, name)) {
                if !found.iter().any(|known| known.name == property.name) {
                    found.push(property);
                }
            }
            found
        }
    }
}

fn find(kind: Kind, name: &str) -> Option<&'static Property> {
    property(kind, name)
}

/// A property that the type does not have.
pub(crate) fn unknown_property(name: &str, type_name: &str) -> Refusal {
    Refusal::malformed(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{type_name}'."
    ))
}
