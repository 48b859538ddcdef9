//! What a path below a described set addresses.

use super::{Paging, Part, Set, all, rules};
use crate::protocol::path::Segment;
use crate::protocol::resource::Key;

/// A set, an entity of it, or something bound to either.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) set: &'static Set,
    /// The keys in the set's path.
    pub(crate) parents: Vec<Key>,
    pub(crate) place: Place,
}

/// Where in a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Whole,
    Count,
    Entity(Key),
    /// An action or function of the set.
    Bound(&'static str),
    /// An action or function of an entity.
    EntityBound(Key, &'static str),
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.set.path == other.set.path
            && self.parents == other.parents
            && self.place == other.place
    }
}

impl Eq for Target {}

impl Target {
    /// The target of a path; the longest set whose path it begins with.
    pub(crate) fn of(segments: &[Segment]) -> Option<Self> {
        let mut found: Vec<&'static Set> =
            all().iter().filter(|set| begins(set, segments)).collect();
        found.sort_by_key(|set| std::cmp::Reverse(set.parts.len()));
        found.into_iter().find_map(|set| {
            let (own, rest) = segments.split_at(set.parts.len());
            let keys = set.parts.iter().zip(own).filter(|(part, _)| **part == Part::Key);
            let parents = keys.map(|(_, segment)| key(segment)).collect();
            Some(Self { set, parents, place: place(set, rest)? })
        })
    }

    /// The path with keys left open, as tables of permissions spell it.
    pub(crate) fn template(&self) -> String {
        let path = self.set.path;
        match &self.place {
            Place::Whole => format!("/{path}"),
            Place::Count => format!("/{path}/$count"),
            Place::Entity(_) => format!("/{path}/{{id}}"),
            Place::Bound(name) => format!("/{path}/{name}"),
            Place::EntityBound(_, name) => format!("/{path}/{{id}}/{name}"),
        }
    }
}

fn begins(set: &Set, segments: &[Segment]) -> bool {
    set.parts.len() <= segments.len()
        && set.parts.iter().zip(segments).all(|(part, segment)| match (part, segment) {
            (Part::Name(name), Segment::Plain(text)) => name == text,
            (Part::Name(_), _) | (Part::Key, Segment::Arguments(_)) => false,
            (Part::Key, Segment::Plain(text)) => !text.starts_with('$'),
            (Part::Key, _) => true,
        })
}

fn place(set: &'static Set, rest: &[Segment]) -> Option<Place> {
    let one = set.paging == Paging::One;
    match rest {
        [] => Some(Place::Whole),
        [Segment::Plain(name)] if name == "$count" && !one => Some(Place::Count),
        [Segment::Plain(name)] if rules::bound(set, bare(name)).is_some() => {
            rules::bound(set, bare(name)).map(Place::Bound)
        }
        [segment] if !one && !segment.text().starts_with('$') && !is_function(segment) => {
            Some(Place::Entity(key(segment)))
        }
        [segment, Segment::Plain(name)] if !one => {
            rules::entity_bound(set, bare(name)).map(|name| Place::EntityBound(key(segment), name))
        }
        _ => None,
    }
}

fn is_function(segment: &Segment) -> bool {
    matches!(segment, Segment::Arguments(_))
}

fn key(segment: &Segment) -> Key {
    match segment {
        Segment::Alternate(name, value) => Key::Alternate(name.clone(), value.clone()),
        segment => Key::Primary(segment.text().to_owned()),
    }
}

/// A name without the namespace that actions and functions may carry.
fn bare(name: &str) -> &str {
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(name);
    name.strip_prefix("identityGovernance.").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::super::super::path::Path;
    use super::*;

    fn template(path: &str) -> Option<String> {
        let path = Path::parse(&format!("/v1.0{path}")).unwrap();
        Target::of(&path.segments).map(|target| target.template())
    }

    #[test]
    fn paths_lead_to_the_longest_set() {
        for path in [
            "/domains",
            "/domains/{id}",
            "/domains/{id}/verify",
            "/domains/$count",
            "/domains/{id}/verificationDnsRecords/{id}",
            "/users/{id}/authentication/phoneMethods/{id}",
            "/policies/authorizationPolicy",
            "/identityProtection/riskyUsers/dismiss",
            "/identityProtection/riskyUsers/{id}/history",
        ] {
            assert_eq!(template(&path.replace("{id}", "x")).as_deref(), Some(path));
        }
        for (path, name, entity) in rules::operations() {
            let path =
                if entity { format!("/{path}/{{id}}/{name}") } else { format!("/{path}/{name}") };
            assert_eq!(template(&path.replace("{id}", "x")), Some(path));
        }
        let named = "/applications/x/federatedIdentityCredentials(name='y')";
        assert_eq!(
            template(named).as_deref(),
            Some("/applications/{id}/federatedIdentityCredentials/{id}")
        );
        for path in ["/users", "/users/x", "/domains/x/y/z", "/policies/authorizationPolicy/x"] {
            assert_eq!(template(path), None, "{path}");
        }
    }
}
