//! What each national cloud lacks, for the simulator: from the tables that the metadata was made into.
//!
//! `cargo xtask simulator-clouds --facts FOLDER` reads `entra-paths.tsv` and `entra-types.tsv` in it and
//! writes a row for a path, or a property of the objects at a path, that some cloud has and another
//! lacks. What lies below an absent path is absent with it and has no row.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Every cloud, by the name of its schema.
const CLOUDS: [&str; 8] =
    ["prod", "fairfax", "mooncake", "bleu", "delos", "govsg", "usnat", "ussec"];
const OUTPUT: &str = "crates/graph-simulator/src/cloud/absent.tsv";

type Table = Vec<BTreeMap<String, String>>;
type Clouds = BTreeSet<String>;

pub(crate) fn run(root: &Path, facts: &Path) -> Result<String, String> {
    let paths = read(&facts.join("entra-paths.tsv"))?;
    let types = read(&facts.join("entra-types.tsv"))?;
    let mut text = String::from("# Made by `cargo xtask simulator-clouds`; do not edit.\n");
    let mut rows = 0;
    for (place, clouds) in absent_paths(&paths).into_iter().chain(absent_properties(&paths, &types))
    {
        let clouds: Vec<String> = clouds.into_iter().collect();
        writeln!(text, "{place}\t{}", clouds.join(",")).expect("a string takes all");
        rows += 1;
    }
    let output = root.join(OUTPUT);
    fs::write(&output, text).map_err(|error| format!("write {}: {error}", output.display()))?;
    Ok(format!("{OUTPUT}: {rows} rows"))
}

/// A table with a line of names.
fn read(path: &Path) -> Result<Table, String> {
    let text =
        fs::read_to_string(path).map_err(|error| format!("read {}: {error}", path.display()))?;
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let row = |line: &str| {
        names
            .iter()
            .zip(line.split('\t'))
            .map(|(name, cell)| ((*name).into(), cell.into()))
            .collect()
    };
    Ok(lines.map(row).collect())
}

fn clouds(row: &BTreeMap<String, String>) -> Clouds {
    row["clouds"].split(',').filter(|name| *name != "-").map(str::to_owned).collect()
}

fn lacking(present: &Clouds) -> Clouds {
    CLOUDS.iter().map(|name| (*name).to_owned()).filter(|name| !present.contains(name)).collect()
}

/// Keys in parentheses are segments, as the simulator reads them.
fn normal(path: &str) -> String {
    let mut normal = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('(') {
        normal.push_str(before);
        let (inside, after) = after.split_once(')').unwrap_or((after, ""));
        if !inside.is_empty() {
            normal.push_str("/{id}");
        }
        rest = after;
    }
    normal + rest
}

fn absent_paths(paths: &Table) -> BTreeMap<String, Clouds> {
    let mut present: BTreeMap<String, Clouds> = BTreeMap::new();
    for row in paths {
        let clouds = clouds(row);
        if !clouds.is_empty() {
            present.entry(normal(&row["path"])).or_default().extend(clouds);
        }
    }
    let mut absent: BTreeMap<String, Clouds> = BTreeMap::new();
    for (path, clouds) in present {
        let above: Clouds = path
            .match_indices('/')
            .filter_map(|(at, _)| absent.get(&path[..at]))
            .flatten()
            .cloned()
            .collect();
        let more: Clouds = lacking(&clouds).difference(&above).cloned().collect();
        if !more.is_empty() {
            absent.insert(path, more);
        }
    }
    absent
}

/// `/users?user/signInActivity`: properties of the objects in a collection.
fn absent_properties(paths: &Table, types: &Table) -> BTreeMap<String, Clouds> {
    let mut of_type: BTreeMap<&str, Clouds> = BTreeMap::new();
    let mut of_property: BTreeMap<(&str, &str), Clouds> = BTreeMap::new();
    for row in types.iter().filter(|row| row["kind"] == "entity" && row["role"] == "property") {
        of_type.entry(&row["type"]).or_default().extend(clouds(row));
        of_property.entry((&row["type"], &row["property"])).or_default().extend(clouds(row));
    }
    let collections: BTreeSet<(&str, &str)> = paths
        .iter()
        .filter(|row| row["method"] == "GET" && row["many"] == "many" && row["clouds"] != "-")
        .filter(|row| !row["path"].contains('{') && row["path"].matches('/').count() <= 3)
        .map(|row| (row["path"].as_str(), row["type"].as_str()))
        .collect();
    let mut absent = BTreeMap::new();
    for (path, kind) in collections {
        for ((owner, property), clouds) in &of_property {
            let lacking: Clouds = of_type[owner].difference(clouds).cloned().collect();
            if *owner == kind && !lacking.is_empty() {
                absent.insert(format!("{path}?{kind}/{property}"), lacking);
            }
        }
    }
    absent
}
