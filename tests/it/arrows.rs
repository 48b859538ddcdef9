//! The arrows between the crates, and what each of them must not know (ARCHITECTURE.md).

use std::collections::BTreeSet;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Which of ours each crate may depend on. A new entry is a decision, not an accident.
const ARROWS: [(&str, &[&str]); 8] = [
    ("graph-transport", &[]),
    ("graph-dsl", &["graph-transport"]),
    ("graph-admin", &["graph-dsl", "graph-transport"]),
    ("graph-import", &["graph-dsl", "graph-transport"]),
    ("graph-simulator", &[]),
    (
        "graph-cli",
        &["graph-admin", "graph-dsl", "graph-import", "graph-simulator", "graph-transport"],
    ),
    ("xtask", &["graph-dsl"]),
    ("graph-tests", &[]),
];

fn metadata() -> Metadata {
    MetadataCommand::new().other_options(["--locked".to_owned()]).exec().unwrap()
}

fn ours(package: &Package, kinds: &[DependencyKind]) -> BTreeSet<String> {
    let arrows =
        package.dependencies.iter().filter(|it| it.path.is_some() && kinds.contains(&it.kind));
    arrows.map(|it| it.name.clone()).collect()
}

#[test]
fn crates_depend_on_each_other_only_as_drawn() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(found, known, "every crate of the workspace has its line in the table");
    for package in packages {
        let (_, allowed) = ARROWS.iter().find(|(name, _)| *name == package.name.as_str()).unwrap();
        for arrow in ours(package, &[DependencyKind::Normal, DependencyKind::Build]) {
            assert!(allowed.contains(&arrow.as_str()), "{} -> {arrow} is not drawn", package.name);
        }
        // Tests may use the simulator everywhere; only the tests crate may use everything.
        for arrow in ours(package, &[DependencyKind::Development]) {
            let free = package.name.as_str() == "graph-tests" || arrow == "graph-simulator";
            assert!(
                free || allowed.contains(&arrow.as_str()),
                "{} -dev-> {arrow} is not drawn",
                package.name
            );
        }
    }
}

/// Names of the packages in the tree of one of ours, itself left out.
fn tree(package: &str, flags: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree", "--locked", "-p", package, "-e", "normal", "--prefix", "none", "--format",
            "{p}",
        ])
        .args(flags)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != package).map(str::to_owned).collect()
}

#[test]
fn the_language_alone_knows_no_transport_runtime_or_network() {
    let tree = tree("graph-dsl", &["--no-default-features"]);
    for banned in [
        "graph-transport",
        "tokio",
        "mio",
        "socket2",
        "hyper",
        "hyper-util",
        "rustls",
        "tower",
        "http",
    ] {
        assert!(!tree.contains(banned), "graph-dsl without `run` reaches {banned}");
    }
}

#[test]
fn no_dependency_needs_a_newer_compiler_than_we_promise() {
    let metadata = metadata();
    let ours = metadata.workspace_packages();
    let promised = ours[0].rust_version.clone().unwrap();
    assert!(
        ours.iter().all(|package| package.rust_version.as_ref() == Some(&promised)),
        "one MSRV for all"
    );
    let newer =
        metadata.packages.iter().filter(|package| package.rust_version.as_ref() > Some(&promised));
    let newer: Vec<String> =
        newer.map(|package| format!("{} {}", package.name, package.version)).collect();
    assert!(newer.is_empty(), "these need more than Rust {promised}: {newer:?}");
}

#[test]
fn every_crate_forbids_unsafe_code_and_takes_the_workspace_lints() {
    for package in metadata().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has lints of its own",
            package.name
        );
        assert!(
            !package.targets.iter().any(cargo_metadata::Target::is_custom_build),
            "{} has a build script",
            package.name
        );
    }
}
