//! Every case that the transport must show is named by a test: `cases.txt` lists the ids.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeSet;
use std::path::Path;

/// The tests of a file: all of it below `tests`, else what follows its `mod tests`, and the words just
/// before examples that must not compile.
fn tests_of(file: &Path, text: &str) -> String {
    let whole = file.components().any(|part| {
        matches!(part.as_os_str().to_str(), Some("tests" | "laws" | "tests.rs" | "laws.rs"))
    });
    if whole {
        return text.to_owned();
    }
    let mut tests = text.split_once("#[cfg(test)]\nmod tests {").map_or("", |it| it.1).to_owned();
    for (at, _) in text.match_indices("```compile_fail") {
        let before: Vec<&str> = text[..at].lines().rev().take(8).collect();
        tests.push_str(&before.join("\n"));
    }
    tests
}

fn read(folder: &Path, tests: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, tests);
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("cases.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            tests.push_str(&tests_of(&path, &text));
        }
    }
}

/// Whole words that look like ids: `R1` in `R1, A1`, and `SEC-A02`.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect()
}

#[test]
fn every_case_is_named_by_a_test() {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    for folder in ["src", "tests"] {
        read(&crate_root.join(folder), &mut tests);
    }
    let named = words(&tests);
    let missing: Vec<&str> =
        include_str!("cases.txt").lines().filter(|id| !named.contains(id)).collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}

/// The check must be able to fail.
#[test]
fn an_id_in_a_comment_of_the_code_is_no_test() {
    let code = "/// R1\nfn code() {}\n#[cfg(test)]\nmod tests {\n    /// R2, A1: words\n}";
    let tests = tests_of(Path::new("src/code.rs"), code);
    let named = words(&tests);
    assert!(named.contains("R2") && named.contains("A1") && !named.contains("R1"));
}
