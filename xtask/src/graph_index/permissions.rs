//! The permission map: every path in the metadata's spelling, with the permissions that open it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use graph_dsl::graph_index::{
    CallRecord, ClaimRecord, GraphIndex, Mark, PathSegment, PermissionRecord, Place, PlaceKind,
    SegmentKind,
};
use serde_json::Value;

use super::merge::Strings;

/// Roots that the map names although no v1.0 container has them, and where v1.0 keeps the same
/// resource (facts: metadata, Columns, `via`).
const FOREIGN_ROOTS: [(&str, &str); 4] = [
    ("administrativeunits", "directory/administrativeUnits"),
    ("devicelocalcredentials", "directory/deviceLocalCredentials"),
    ("riskdetections", "identityProtection/riskDetections"),
    ("riskyusers", "identityProtection/riskyUsers"),
];

/// What the map says.
pub(super) struct PermissionMap {
    pub(super) permissions: Vec<PermissionRecord>,
    pub(super) claims: Vec<Vec<ClaimRecord>>,
    pub(super) calls: Vec<CallRecord>,
}

/// A permission of the map, as application and as delegated permission.
type Claims = BTreeSet<ClaimRecord>;

/// Reads permissions.json.
pub(super) fn read(
    text: &str,
    schema: &GraphIndex<'_>,
    strings: &mut Strings,
) -> Result<PermissionMap, String> {
    let document: Value = serde_json::from_str(text)
        .map_err(|error| format!("could not read permissions.json: {error}"))?;
    let listed =
        document["permissions"].as_object().ok_or("permissions.json names no permissions")?;
    let names: BTreeMap<&str, &Value> =
        listed.iter().map(|(name, it)| (name.as_str(), it)).collect();
    let numbers: HashMap<&str, u16> = names.keys().copied().zip(0..).collect();
    let mut paths = Paths { schema, known: HashMap::new() };
    let mut calls: BTreeMap<(String, String), (String, Claims)> = BTreeMap::new();
    for (name, permission) in &names {
        for set in array(&permission["pathSets"]) {
            let schemes: Vec<&str> = texts(&set["schemeKeys"]).collect();
            for (path, marks) in set["paths"].as_object().into_iter().flatten() {
                let claim =
                    claim(numbers[name], &schemes, marks.as_str().unwrap_or_default(), &numbers);
                for method in texts(&set["methods"]) {
                    for target in paths.targets(method, path) {
                        let key = (target.to_ascii_lowercase(), method.to_owned());
                        calls
                            .entry(key)
                            .or_insert_with(|| (target, Claims::new()))
                            .1
                            .insert(claim.clone());
                    }
                }
            }
        }
    }
    let mut shared: Vec<Vec<ClaimRecord>> = Vec::new();
    let mut known: HashMap<Claims, u32> = HashMap::new();
    let mut records = Vec::new();
    for ((_, method), (path, claims)) in calls {
        let at = *known.entry(claims.clone()).or_insert_with(|| {
            shared.push(claims.into_iter().collect());
            u32::try_from(shared.len() - 1).expect("fewer than 2^32 calls")
        });
        records.push(CallRecord {
            path: strings.number(&path),
            method: strings.number(&method),
            claims: at,
        });
    }
    let permissions = names.iter().map(|(name, it)| record(strings.number(name), it)).collect();
    Ok(PermissionMap { permissions, claims: shared, calls: records })
}

fn record(name: u32, permission: &Value) -> PermissionRecord {
    let level = |scheme: &str| match &permission["schemes"][scheme] {
        Value::Null => 0,
        found => found["privilegeLevel"].as_u64().and_then(|it| u8::try_from(it).ok()).unwrap_or(9),
    };
    let opened = |set: &Value| {
        array(&set["methods"]).len() * set["paths"].as_object().map_or(0, serde_json::Map::len)
    };
    let breadth: usize = array(&permission["pathSets"]).iter().map(opened).sum();
    PermissionRecord {
        name,
        application: level("Application"),
        delegated: level("DelegatedWork"),
        breadth: u16::try_from(breadth).unwrap_or(u16::MAX),
    }
}

/// `least=DelegatedWork,Application;AlsoRequires=User.Read.All`: a comma between permissions is an "or".
fn claim(
    permission: u16,
    schemes: &[&str],
    marks: &str,
    numbers: &HashMap<&str, u16>,
) -> ClaimRecord {
    let value = |key: &str| {
        let mut parts = marks.split(';').filter_map(|part| part.trim().split_once('='));
        parts.find(|(name, _)| *name == key).map_or("", |(_, value)| value)
    };
    let mark = |scheme: &str| {
        let least = value("least").split(',').any(|it| it == scheme);
        schemes.contains(&scheme).then_some(if least { Mark::Least } else { Mark::Listed })
    };
    let besides = value("AlsoRequires").split(',').filter_map(|name| numbers.get(name.trim()));
    ClaimRecord {
        permission,
        besides: besides.copied().collect(),
        application: mark("Application"),
        delegated: mark("DelegatedWork"),
    }
}

struct Paths<'s> {
    schema: &'s GraphIndex<'s>,
    known: HashMap<String, (String, Option<Linked>)>,
}

/// What a path that ends at a link is.
#[derive(Clone, Copy)]
struct Linked {
    /// Its `$ref` is known to take writes.
    writable: bool,
    /// So is the navigation property itself.
    direct: bool,
}

impl Paths<'_> {
    /// The canonical paths that an entry means: one on a link means its `$ref` where it writes.
    fn targets(&mut self, method: &str, path: &str) -> Vec<String> {
        if !self.known.contains_key(path) {
            let found = self.canonical(path);
            self.known.insert(path.to_owned(), found);
        }
        let (canonical, linked) = &self.known[path];
        let writes = matches!(method, "POST" | "PUT" | "DELETE");
        let Some(linked) = linked.filter(|_| writes) else { return vec![canonical.clone()] };
        let reference = format!("{canonical}/$ref");
        match (linked.writable, linked.direct) {
            (true, true) if method == "POST" => vec![reference, canonical.clone()],
            (true, _) => vec![reference],
            (false, true) => vec![canonical.clone()],
            (false, false) => vec![reference, canonical.clone()],
        }
    }

    fn canonical(&self, path: &str) -> (String, Option<Linked>) {
        let path = path.split('?').next().unwrap_or_default().replace("({id})", "/{id}");
        let root = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let foreign = FOREIGN_ROOTS.iter().find(|(name, _)| root.eq_ignore_ascii_case(name));
        let path = match foreign {
            Some((name, there)) => format!("/{there}{}", &path[1 + name.len()..]),
            None => path,
        };
        let segments = PathSegment::split(&path);
        let clouds = (0..self.schema.data().clouds.len()).map(|at| 1 << at);
        let walked = clouds.map(|cloud| self.schema.resolve(&segments, cloud));
        // The first cloud that leads furthest: the reference for spelling.
        let best = walked
            .reduce(|best, next| if next.places.len() > best.places.len() { next } else { best });
        let places = best.map(|it| it.places).unwrap_or_default();
        let known = places.last().map_or("", |place| place.path.as_str());
        if places.len() == segments.len() {
            return (known.to_owned(), places.last().and_then(|place| self.linked(place)));
        }
        let rest = segments[places.len()..].iter().map(|segment| match segment.kind {
            SegmentKind::Placeholder => "/{id}".to_owned(),
            _ => format!("/{}", segment.text),
        });
        (format!("{known}{}", rest.collect::<String>()), None)
    }

    fn linked(&self, place: &Place<'_>) -> Option<Linked> {
        let (owner, member) = place.link().filter(|_| place.kind != PlaceKind::Ref)?;
        let key = format!("{}/{}", self.schema.type_name(owner), self.schema.text(member.name));
        let overlay = &self.schema.data().overlay;
        Some(Linked {
            writable: overlay.links.contains(&key.as_str()),
            direct: overlay.direct_writes.contains(&key.as_str()),
        })
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    array(value).iter().filter_map(Value::as_str)
}
