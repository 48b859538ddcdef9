//! Names of properties that the metadata does not have: what a tenant may define, and what was meant.

use super::{CloudBits, GraphIndex};
use crate::diagnostic::suggest;

impl GraphIndex<'_> {
    /// Whether items of the type may have a property of this name although the metadata does not
    /// say so: an extension of the tenant's own (`extension_<app id>_<name>`, `ext<id>_<name>`), or one
    /// that the overlay names.
    pub(crate) fn may_be_defined(&self, position: usize, name: &str, clouds: CloudBits) -> bool {
        let base = self.type_named("microsoft.graph.directoryObject");
        let extensible = || {
            self.is_open(position, clouds)
                || base.is_some_and(|base| self.is_a(position, base, clouds))
        };
        let documented = || {
            let documented = format!("{}/{name}", self.type_name(position));
            self.data().overlay.properties.contains(&documented.as_str())
        };
        (name.contains('_') && extensible()) || documented()
    }

    /// The property of the type, or of one derived from it, that was probably meant.
    pub(crate) fn nearest_property(&self, position: usize, name: &str) -> Option<&str> {
        let types = std::iter::once(position).chain(self.descendants(position));
        let members = types.flat_map(|it| self.members(it, self.all_clouds()));
        let mut names: Vec<&str> = members.map(|(_, it)| self.text(it.name)).collect();
        names.sort_unstable();
        names.dedup();
        suggest(name, names)
    }
}
