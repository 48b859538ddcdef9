//! Which methods a place takes: by convention, by what the metadata refuses, by what is documented.

use super::Checker;
use crate::graph_index::{CloudBits, Limits, Place, PlaceKind, Role};

impl Checker<'_> {
    /// The methods that Graph takes at a place, in the order of the specification.
    pub(super) fn methods(&self, place: &Place<'_>, cloud: CloudBits) -> Vec<&'static str> {
        let conventional = self.conventional(place, cloud);
        let all = ["GET", "POST", "PATCH", "PUT", "DELETE"];
        let fixed = matches!(place.kind, PlaceKind::Action | PlaceKind::Function | PlaceKind::Ref);
        let linked = place.link().is_some();
        let listed = |method: &str| {
            let known = self.index.lists(method, &place.path);
            // The map writes many links without their `$ref`: only our own list vouches for those.
            !fixed && if linked { self.index.is_documented(method, &place.path) } else { known }
        };
        all.into_iter().filter(|method| conventional.contains(method) || listed(method)).collect()
    }

    fn conventional(&self, place: &Place<'_>, cloud: CloudBits) -> Vec<&'static str> {
        let many = place.of.is_some_and(crate::graph_index::TypeRef::is_many);
        match place.kind {
            PlaceKind::Action => vec!["POST"],
            PlaceKind::Function | PlaceKind::Count => vec!["GET"],
            PlaceKind::Value => vec!["GET", "PATCH", "PUT", "DELETE"],
            PlaceKind::Property => self.property_methods(place),
            PlaceKind::Ref => {
                let collection = place.member.is_some_and(|(_, member)| member.of.is_many());
                match (collection, many) {
                    (true, true) => vec!["GET", "POST"],
                    (true, false) => vec!["DELETE"],
                    _ => vec!["GET", "PUT", "DELETE"],
                }
            }
            _ if place.link().is_some() => self.link_methods(place, many),
            _ => self.object_methods(place, many, cloud),
        }
    }

    /// A link leads to what exists elsewhere: it is read, and changed through its `$ref`.
    fn link_methods(&self, place: &Place<'_>, many: bool) -> Vec<&'static str> {
        let key = place.link().map(|(owner, member)| {
            format!("{}/{}", self.name_of(owner), self.index.text(member.name))
        });
        let direct =
            key.is_some_and(|key| self.index.data().overlay.direct_writes.contains(&key.as_str()));
        match (direct, many) {
            (true, true) => vec!["GET", "POST"],
            (true, false) => vec!["GET", "DELETE"],
            _ => vec!["GET"],
        }
    }

    fn property_methods(&self, place: &Place<'_>) -> Vec<&'static str> {
        let Some((owner, member)) = place.member else { return vec!["GET"] };
        let key = format!("{}/{}", self.name_of(owner), self.index.text(member.name));
        let known = &self.index.data().overlay.addressable;
        if let Some((_, methods)) = known.iter().find(|(name, _)| *name == key) {
            return methods.clone();
        }
        match self.name_of(member.of.position()) {
            "Edm.Stream" => vec!["GET", "PATCH", "PUT", "DELETE"],
            _ => vec!["GET"],
        }
    }

    fn object_methods(&self, place: &Place<'_>, many: bool, cloud: CloudBits) -> Vec<&'static str> {
        let limits = self.limits(place);
        let refused =
            |bits: fn(&Limits) -> CloudBits| limits.iter().any(|it| bits(it) & cloud != 0);
        let single = place.kind == PlaceKind::Singleton;
        let mut methods = Vec::new();
        if !refused(|it| it.read) {
            methods.push("GET");
        }
        if many && !refused(|it| it.insert) {
            methods.push("POST");
        }
        if !many && !refused(|it| it.update) {
            methods.push("PATCH");
            if refused(|it| it.put) {
                methods.push("PUT");
            }
        }
        if !many && !single && !refused(|it| it.delete) {
            methods.push("DELETE");
        }
        methods
    }

    /// Restrictions of the place's type, and of the set or navigation property that leads to it.
    fn limits(&self, place: &Place<'_>) -> Vec<Limits> {
        let of = place.of.map(|of| self.index.record(of.position()).limits);
        let way = match place.member {
            Some((_, member)) if member.role != Role::Property => member.limits,
            _ => place.root.limits,
        };
        [of.flatten(), way].into_iter().flatten().collect()
    }
}
