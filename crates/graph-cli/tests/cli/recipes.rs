//! What the guide tells people to type: each recipe is run, each command is one.

use std::io::Write as _;

use graph_simulator::Kind;

use crate::support::{Place, Run, RunningTenant};

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

/// Seed 002: lists joined in the view and whole in the raw object, an external id, a filter.
#[test]
fn the_mapping_of_the_guide_is_valid_and_shows_what_graph_says() {
    let Some(page) = page("import.md") else { return };
    let file = blocks(&page, "yaml").into_iter().find(|it| it.starts_with("name: ")).unwrap();
    let mut place = Place::new();
    for name in ["ENTRA_TENANT_ID", "ENTRA_CLIENT_ID", "ENTRA_CLIENT_SECRET"] {
        place.set(name, "11111111-1111-4111-8111-111111111111");
    }
    place.write("guide.yaml", file);
    place.succeed(&["validate", "guide.yaml"]);

    let tenant = RunningTenant::of(3, 60);
    let place = Place::with_tenant(&tenant);
    let user = tenant.simulator.truth().ids(Kind::User)[0].to_string();
    let body = r#"{"employeeHireDate": "2031-01-31T00:00:00Z", "employeeOrgData": {"costCenter": "4711"},
        "onPremisesExtensionAttributes": {"extensionAttribute7": "B-1"}, "businessPhones": ["+47 1", "+47 2"]}"#;
    place.succeed(&["call", "PATCH", &format!("/users/{user}"), "--yes", "--body", body]);
    let streams = &file[file.find("streams:").unwrap()..];
    place.write("graphctl.yaml", &(tenant.system() + streams));
    place.succeed(&["import", "-q"]);
    let sql = "select cost_center, hired, badge, business_phones, external_id = user_principal_name as named,
        raw ->> '$.businessPhones' as whole from users where id = ";
    let row = place.json(&["query", &format!("{sql} '{user}'")]);
    let expected = serde_json::json!([{
        "cost_center": "4711", "hired": "2031-01-31T00:00:00.000Z", "badge": "B-1",
        "business_phones": "+47 1,+47 2", "named": 1, "whole": r#"["+47 1","+47 2"]"#,
    }]);
    assert_eq!(row, expected);
    let others = "select (select count(*) from groups where display_name not like 'IM-%') \
        + (select count(*) from import_stream where stream = 'devices') as n";
    assert_eq!(place.json(&["query", others])[0]["n"], 0);
}

/// A flag that was renamed must not live on in the guide.
#[test]
fn every_command_of_the_guide_is_one() {
    let mut count = 0;
    for name in ["import.md", "queries.md"] {
        let Some(page) = page(name) else { return };
        let lines = blocks(&page, "console").into_iter().flat_map(str::lines);
        for line in lines.filter_map(|line| line.strip_prefix("$ graphctl ")) {
            // Each where there is no store, so that what is understood ends at once; nothing is sent.
            let place = Place::new();
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
