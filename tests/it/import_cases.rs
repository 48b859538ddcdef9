//! The table of cases in `crates/graph-import/tests/README.md`: every test it names exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Every `file::function` of the Rust sources below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.file_stem().unwrap().to_string_lossy().into_owned();
            let source = std::fs::read_to_string(&path).unwrap();
            let names = source.lines().filter_map(|line| {
                let line = line.trim_start().trim_start_matches("async ");
                line.strip_prefix("fn ")?.split('(').next()
            });
            found.extend(names.map(|name| format!("{file}::{name}")));
        }
    }
}

#[test]
fn every_case_of_an_import_names_tests_that_exist_or_says_why_not() {
    let mut known = BTreeSet::new();
    for folder in ["crates/graph-import", "crates/graph-transport", "crates/graph-cli/tests"] {
        functions(&PathBuf::from(ROOT).join(folder), &mut known);
    }
    let table = PathBuf::from(ROOT).join("crates/graph-import/tests/README.md");
    let table = std::fs::read_to_string(table).unwrap();
    let mut cases = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| case")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, case, _, shown, _] = cells[..] else { panic!("{row}") };
        assert!(cases.insert(case), "{case} stands there twice");
        let named: Vec<&str> =
            shown.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
        let reason = shown.starts_with("not applicable") || shown.starts_with("a bench");
        assert!(reason || !named.is_empty(), "{case}: neither a test nor a reason");
        for name in named {
            assert!(known.contains(name), "{case}: there is no test `{name}`");
        }
    }
    assert!(cases.len() > 90, "{} cases", cases.len());
}
