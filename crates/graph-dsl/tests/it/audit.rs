//! Every mistake that the language's cases list (`GD0101` to `GD0709`), each with its place and words.

use std::collections::BTreeSet;

use graph_dsl::Code;

use super::diagnostics::{cases, diagnose};

/// Lines of `CODE CASE LINE:COLUMN SEVERITY MESSAGE`; a case in brackets is a test of that name.
const AUDIT: &str = include_str!("../diagnostics/audit.txt");

/// How many mistakes each group of the cases lists (dsl A1 to A7).
const GROUPS: [(&str, u32); 7] = [
    ("GD01", 18),
    ("GD02", 20),
    ("GD03", 18),
    ("GD04", 34),
    ("GD05", 17),
    ("GD06", 11),
    ("GD07", 9),
];

#[test]
fn every_mistake_is_reported_at_its_place_in_its_words() {
    let cases = cases();
    for line in AUDIT.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.splitn(5, ' ').collect();
        let [code, case, place, severity, message] = fields[..] else { panic!("{line}") };
        if case.starts_with('[') {
            continue;
        }
        let source = cases.get(case).unwrap_or_else(|| panic!("{case} is no case"));
        let found: Vec<String> = diagnose(source)
            .iter()
            .map(|(_, it)| {
                let at = it.position();
                format!("{} {}:{} {} {}", it.code, at.line, at.column, it.severity, it.message)
            })
            .collect();
        let wanted = format!("{code} {place} {severity} {message}");
        assert!(found.contains(&wanted), "{case}: {wanted}\n{found:#?}");
    }
}

#[test]
fn every_listed_mistake_is_audited_and_has_a_code() {
    let audited: BTreeSet<&str> =
        AUDIT.lines().filter(|line| !line.starts_with('#')).map(|line| &line[..6]).collect();
    for (group, count) in GROUPS {
        for number in 1..=count {
            let name = format!("{group}{number:02}");
            assert!(audited.contains(name.as_str()), "{name} is not audited");
            assert!(name.parse::<Code>().is_ok(), "{name} is no code");
        }
    }
    assert_eq!(GROUPS.iter().map(|(_, count)| count).sum::<u32>(), 127);
}

/// The tests that make a case which no file can hold.
#[test]
fn audited_tests_exist() {
    let sources = [include_str!("diagnostics.rs"), include_str!("linked.rs")].concat();
    for line in AUDIT.lines() {
        let name = line.split(' ').nth(1).and_then(|case| case.strip_prefix('['));
        let Some(name) = name.and_then(|name| name.strip_suffix(']')) else { continue };
        assert!(sources.contains(&format!("fn {name}(")), "{name}");
    }
}
