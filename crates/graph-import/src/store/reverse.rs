//! Relations seen from their other end.

/// How Graph tells which owners' lists hold an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reverse {
    /// By this collection, below the version; `{id}` is the object.
    Asked(&'static str),
    /// No list of that relation can hold an object of that type.
    Never,
    /// Nothing is known about the relation.
    Unknown,
}

/// Entity, relation and the collection of what holds it (facts: graph-protocol 3.2; metadata, paths of
/// every cloud). Members of groups, units and roles come together.
const REVERSES: [(&str, &str, &str); 9] = [
    ("user", "members", "/users/{id}/memberOf"),
    ("group", "members", "/groups/{id}/memberOf"),
    ("device", "members", "/devices/{id}/memberOf"),
    ("service_principal", "members", "/servicePrincipals/{id}/memberOf"),
    ("org_contact", "members", "/contacts/{id}/memberOf"),
    ("user", "owners", "/users/{id}/ownedObjects"),
    ("service_principal", "owners", "/servicePrincipals/{id}/ownedObjects"),
    ("user", "registeredOwners", "/users/{id}/ownedDevices"),
    ("user", "registeredUsers", "/users/{id}/registeredDevices"),
];

/// What leads from an object of this type back to those whose relation holds it.
pub(crate) fn reverse(entity: &str, relation: &str) -> Reverse {
    let mut known = REVERSES.iter().filter(|(_, name, _)| *name == relation).peekable();
    if known.peek().is_none() {
        return Reverse::Unknown;
    }
    let found = known.find(|(of, _, _)| *of == entity);
    found.map_or(Reverse::Never, |(_, _, path)| Reverse::Asked(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::relation;

    #[test]
    fn every_relation_that_is_read_as_lists_is_known_from_its_other_end() {
        for plan in crate::streams().unwrap() {
            if !relation(&plan).is_empty() {
                let users = reverse("user", relation(&plan));
                assert!(matches!(users, Reverse::Asked(_)), "{}: {users:?}", plan.name);
            }
        }
        assert_eq!(reverse("device", "owners"), Reverse::Never);
        assert_eq!(reverse("user", "acceptedSenders"), Reverse::Unknown);
    }
}
