//! What the guide tells people to type: each recipe is run, each command is one.

use std::io::Write as _;

use crate::support::{Place, Run};

/// A page of the guide; a packaged crate has none beside it.
fn page(name: &str) -> Option<String> {
    let page = format!("{}/../../docs/guide/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(page).ok()
}

/// The fenced blocks of a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    let rest = page.split(fence.as_str()).skip(1);
    rest.filter_map(|rest| rest.split("\n```").next()).collect()
}

/// Runs a query that comes from stdin.
fn query(place: &Place, sql: &str) -> Run {
    let mut child = place.fed(&["query", "-", "-q", "--output", "jsonl"]);
    child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    Place::ended(child.wait_with_output().unwrap())
}

#[test]
fn every_recipe_of_the_guide_answers() {
    let Some(page) = page("queries.md") else { return };
    let place = Place::new();
    place.succeed(&["import", "--simulate", "--users", "300", "-q"]);
    for _ in 0..4 {
        place.succeed(&["import", "--simulate", "-q"]);
    }
    let recipes = blocks(&page, "sql");
    assert!(recipes.len() >= 30, "{}", recipes.len());
    for sql in recipes {
        let run = query(&place, sql);
        assert_eq!(run.code, 0, "{sql}\n{}", run.stderr);
        let may_be_empty = sql.starts_with("-- no row is good news");
        assert!(may_be_empty || !run.stdout.is_empty(), "no row answers\n{sql}");
    }
}

/// A flag that was renamed must not live on in the guide.
#[test]
fn every_command_of_the_guide_is_one() {
    let place = Place::new();
    let mut count = 0;
    for name in ["import.md", "queries.md"] {
        let Some(page) = page(name) else { return };
        let lines = blocks(&page, "console").into_iter().flat_map(str::lines);
        for line in lines.filter_map(|line| line.strip_prefix("$ graphctl ")) {
            // There is no store, so that what is understood ends at once; nothing is sent.
            let command = line.split('#').next().unwrap_or_default();
            let run = place.shell(&format!("\"$0\" {command}"));
            let refused = [
                "unexpected argument",
                "unrecognized subcommand",
                "invalid value",
                "required arguments",
            ];
            let refused = refused.iter().find(|words| run.stderr.contains(*words));
            assert_eq!(refused, None, "{name}: {line}\n{}", run.stderr);
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
}
