//! A property that is asked for beside the file, held against Graph's metadata.

use super::StreamPlan;
use crate::ApiVersion;
use crate::graph_index::{GraphIndex, PathSegment, Role, TypeRef};

/// A property that Graph does not have on the items of a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read `{property}`: `{of}` has no such property{}", meant(near.as_deref()))]
#[non_exhaustive]
pub struct UnknownProperty {
    /// The name that is not known, one part of the path.
    pub property: String,
    /// The type of the items.
    pub of: String,
    /// The name that was probably meant.
    pub near: Option<String>,
}

fn meant(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

impl StreamPlan {
    /// Checks that Graph has this property (`department`, `employeeOrgData.division`) on the items of
    /// the stream, in one cloud at least. Extensions that a tenant defines pass, and everything of
    /// beta, which the embedded index does not have.
    ///
    /// # Errors
    /// A property that Graph refuses with 400.
    pub fn check_property(&self, path: &str) -> Result<(), UnknownProperty> {
        let index = GraphIndex::embedded();
        let all = index.all_clouds();
        let Some(mut position) = self.item_type(index).filter(|_| self.version != ApiVersion::Beta)
        else {
            return Ok(());
        };
        for name in path.split('.') {
            let found = index.property(position, name, all).filter(|(_, member)| {
                member.role != Role::EnumMember && index.text(member.name) == name
            });
            let Some((_, member)) = found else {
                if index.may_be_defined(position, name, all) {
                    return Ok(());
                }
                return Err(UnknownProperty {
                    property: name.to_owned(),
                    of: index.type_name(position).to_owned(),
                    near: nearest(index, position, name),
                });
            };
            if !index.is_structured(member.of.position()) {
                return Ok(());
            }
            position = member.of.position();
        }
        Ok(())
    }

    fn item_type(&self, index: &GraphIndex<'_>) -> Option<usize> {
        if let Some(name) = &self.of_type {
            return index.type_named(&format!("microsoft.graph.{name}"));
        }
        let segments = PathSegment::split(&self.endpoint);
        let clouds = (0..u8::BITS).map(|at| 1 << at).filter(|bit| bit & index.all_clouds() != 0);
        let place = clouds.into_iter().find_map(|bit| {
            let found = index.resolve(&segments, bit);
            found.whole().and_then(|place| place.of)
        });
        place.map(TypeRef::position).filter(|position| index.is_structured(*position))
    }
}

/// The name that was probably meant: the same in other letters, else a near one.
fn nearest(index: &GraphIndex<'_>, position: usize, name: &str) -> Option<String> {
    let alike = index.property(position, name, index.all_clouds());
    let alike = alike.map(|(_, member)| index.text(member.name));
    alike.or_else(|| index.nearest_property(position, name)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(property: &str) -> Option<String> {
        let users = StreamPlan::delta("users", "user", "/users/delta");
        users.check_property(property).err().map(|error| error.to_string())
    }

    #[test]
    fn a_property_is_one_that_graph_has_or_that_a_tenant_may_define() {
        for known in [
            "employeeId",
            "onPremisesExtensionAttributes.extensionAttribute1",
            "extension_0123456789abcdef_badge",
            "ext8sw2x_course",
        ] {
            assert_eq!(refusal(known), None, "{known}");
        }
        let unknown = "read `departmnt`: `user` has no such property; did you mean `department`?";
        assert_eq!(refusal("departmnt").unwrap(), unknown);
        let spelt = "read `userprincipalname`: `user` has no such property; did you mean `userPrincipalName`?";
        assert_eq!(refusal("userprincipalname").unwrap(), spelt);
        let nothing = "read `foo`: `user` has no such property";
        assert_eq!(refusal("foo").unwrap(), nothing);
    }
}
