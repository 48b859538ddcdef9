//! `xtask/data/graph-overlay.yaml`: facts that neither the metadata nor the permission map holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use graph_dsl::graph_index::{DocumentedCall, GraphIndex, Overlay, PathSegment, PermissionRepair};
use serde::Deserialize;

const FILE: &str = "xtask/data/graph-overlay.yaml";

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverlayFile {
    permissions: Vec<PermissionEntry>,
    calls: Vec<CallEntry>,
    links: Listed,
    direct_writes: Listed,
    addressable: Addressable,
    beta: Listed,
    page_sizes: PageSizes,
    unions: Listed,
    properties: Listed,
}

/// Names with one reason for all of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    reason: String,
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Addressable {
    reason: String,
    names: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageSizes {
    reason: String,
    names: BTreeMap<String, u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionEntry {
    methods: Vec<String>,
    paths: Vec<String>,
    application: Option<Vec<Vec<String>>>,
    delegated: Option<Vec<Vec<String>>>,
    #[serde(default)]
    depends_on_type: bool,
    #[serde(default)]
    replaces: bool,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallEntry {
    method: String,
    path: String,
    reason: String,
}

/// Reads the file; every entry must say why.
pub(super) fn read(root: &Path) -> Result<OverlayFile, String> {
    let text = fs::read_to_string(root.join(FILE))
        .map_err(|error| format!("could not read {FILE}: {error}"))?;
    let file: OverlayFile =
        serde_yaml::from_str(&text).map_err(|error| format!("could not read {FILE}: {error}"))?;
    let listed = [&file.links, &file.direct_writes, &file.beta, &file.unions, &file.properties];
    let reasons = listed
        .into_iter()
        .map(|it| &it.reason)
        .chain([&file.addressable.reason, &file.page_sizes.reason])
        .chain(file.permissions.iter().map(|it| &it.reason))
        .chain(file.calls.iter().map(|it| &it.reason));
    let silent = { reasons }.any(|reason| reason.trim().is_empty());
    if silent {
        return Err(format!("{FILE}: an entry gives no reason"));
    }
    Ok(file)
}

/// Every path and permission that the overlay names exists in some cloud.
pub(super) fn check(index: &GraphIndex<'_>) -> Result<(), String> {
    let overlay = &index.data().overlay;
    let mut wrong: Vec<String> = Vec::new();
    let repaired = overlay.permissions.iter().map(|it| it.path);
    for path in repaired.chain(overlay.calls.iter().map(|it| it.path)) {
        let segments = PathSegment::split(path);
        let mut clouds = (0..index.data().clouds.len()).map(|at| index.resolve(&segments, 1 << at));
        let found = clouds.any(|it| it.whole().is_some_and(|place| place.path == path));
        if !found && !index.knows_path(path) {
            wrong.push(format!("path `{path}` is not in the metadata (in this spelling)"));
        }
    }
    let sets = overlay.permissions.iter().flat_map(|it| [&it.application, &it.delegated]);
    for name in sets.flatten().flatten().flatten() {
        if index.permission_kinds(name).is_none() {
            wrong.push(format!("`{name}` is no permission of Graph"));
        }
    }
    for name in &overlay.unions {
        if index.type_named(&format!("microsoft.graph.{name}")).is_none() {
            wrong.push(format!("`{name}` is no type of Graph"));
        }
    }
    for key in overlay
        .links
        .iter()
        .chain(&overlay.direct_writes)
        .chain(overlay.addressable.iter().map(|(key, _)| key))
    {
        let known = key.split_once('/').and_then(|(owner, name)| {
            let owner = index.type_named(&format!("microsoft.graph.{owner}"))?;
            index.member(owner, name, index.all_clouds())
        });
        if known.is_none() {
            wrong.push(format!("`{key}` is no property of Graph"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{FILE}:\n{}", wrong.join("\n"))) }
}

impl OverlayFile {
    /// The same as the index stores it.
    pub(super) fn borrowed(&self) -> Overlay<'_> {
        Overlay {
            permissions: self.permissions.iter().flat_map(PermissionEntry::repairs).collect(),
            calls: self.calls.iter().map(CallEntry::borrowed).collect(),
            links: texts(&self.links.names),
            direct_writes: texts(&self.direct_writes.names),
            addressable: self
                .addressable
                .names
                .iter()
                .map(|(name, it)| (name.as_str(), texts(it)))
                .collect(),
            beta: texts(&self.beta.names),
            page_sizes: self
                .page_sizes
                .names
                .iter()
                .map(|(name, most)| (name.as_str(), *most))
                .collect(),
            unions: texts(&self.unions.names),
            properties: texts(&self.properties.names),
        }
    }
}

impl PermissionEntry {
    fn repairs(&self) -> impl Iterator<Item = PermissionRepair<'_>> {
        self.paths.iter().flat_map(move |path| {
            self.methods.iter().map(move |method| PermissionRepair {
                method,
                path,
                application: self.application.as_deref().map(sets),
                delegated: self.delegated.as_deref().map(sets),
                depends_on_type: self.depends_on_type,
                replaces: self.replaces,
                reason: &self.reason,
            })
        })
    }
}

impl CallEntry {
    fn borrowed(&self) -> DocumentedCall<'_> {
        DocumentedCall { method: &self.method, path: &self.path, reason: &self.reason }
    }
}

fn sets(sets: &[Vec<String>]) -> Vec<Vec<&str>> {
    sets.iter().map(|set| texts(set)).collect()
}

fn texts(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}
