//! `cargo xtask graph-index`: the index that graph-dsl embeds, from Microsoft's metadata and permission map.

mod annotations;
mod csdl;
mod facts;
mod merge;
mod overlay;
mod permissions;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use graph_dsl::graph_index::{FORMAT, GraphIndex, IndexData, decode, decompress, encode};

/// The index, below the workspace.
pub(crate) const TARGET: &str = "crates/graph-dsl/src/graph_index/index.bin";

/// Clouds that the committed index holds; the CSDL files name them with a capital.
pub(crate) const DEFAULT_CLOUDS: &str = "Prod,Fairfax,Mooncake,Bleu,Delos,GovSG";

/// Writes the index from the facts at `path`, or says whether the committed one is fresh.
pub(crate) fn run(root: &Path, path: &Path, clouds: &str, check: bool) -> Result<String, String> {
    let bytes = build(root, path, clouds)?;
    let target = root.join(TARGET);
    let fresh = fs::read(&target).is_ok_and(|current| current == bytes);
    if !fresh && check {
        return Err(format!("stale: {TARGET}; run `cargo xtask graph-index --facts PATH`"));
    }
    if !fresh {
        fs::write(&target, &bytes).map_err(|error| format!("could not write {TARGET}: {error}"))?;
    }
    Ok(format!("{TARGET}: {} KiB, {}", bytes.len() / 1024, if fresh { "fresh" } else { "written" }))
}

/// The committed index with the overlay as it is now: changing the overlay needs no facts.
pub(crate) fn repaired(root: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("could not read {TARGET}: {error}");
    let bytes = fs::read(root.join(TARGET)).map_err(|error| failed(&error))?;
    let bytes = decompress(&bytes).map_err(|error| failed(&error))?;
    let mut data = decode(&bytes).map_err(|error| failed(&error))?;
    let overlay = overlay::read(root)?;
    data.overlay = overlay.borrowed();
    finished(&data)
}

fn build(root: &Path, path: &Path, clouds: &str) -> Result<Vec<u8>, String> {
    let clouds: Vec<&str> = clouds.split(',').map(str::trim).collect();
    let facts = facts::read(path, &clouds)?;
    let overlay = overlay::read(root)?;
    let models: Result<Vec<_>, String> = facts.documents.iter().map(|it| csdl::read(it)).collect();
    let mut merged = merge::merge(&models?);
    let names: Vec<String> = clouds.iter().map(|cloud| cloud.to_ascii_lowercase()).collect();
    let frame = |strings| IndexData {
        format: FORMAT,
        source: &facts.source,
        clouds: names.iter().map(String::as_str).collect(),
        strings,
        overlay: overlay.borrowed(),
        ..IndexData::default()
    };
    let known = merged.strings.clone();
    let schema = GraphIndex::new(IndexData {
        roots: merged.roots.clone(),
        types: merged.types.clone(),
        operations: merged.operations.clone(),
        ..frame(known.all())
    });
    let map = permissions::read(&facts.permissions, &schema, &mut merged.strings)?;
    finished(&IndexData {
        roots: merged.roots,
        types: merged.types,
        operations: merged.operations,
        permissions: map.permissions,
        claims: map.claims,
        calls: map.calls,
        ..frame(merged.strings.all())
    })
}

fn finished(data: &IndexData<'_>) -> Result<Vec<u8>, String> {
    overlay::check(&GraphIndex::new(data.clone()))?;
    encode(data).map_err(|error| format!("could not {error}"))
}
