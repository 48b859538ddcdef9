//! What a newcomer does first.

use crate::support::{Place, scalar};

#[test]
fn the_readme_imports_a_simulated_tenant_and_the_next_run_fetches_only_changes() {
    let place = Place::new();
    let first = place.succeed(&["import", "--simulate"]);
    assert!(first.stdout.contains("proven"), "{}", first.stdout);
    assert!(first.stderr.contains("next:"), "{}", first.stderr);
    assert!(scalar(&place, "select count(*) from users") >= 900);

    let second = place.json(&["import", "--simulate"]);
    assert_eq!(second["status"], "completed");
    // One page of each delta stream, and one batch or two for the groups that it reported.
    let requests = second["requests"].as_u64().unwrap();
    assert!(requests <= 40, "{requests} requests for a round of changes");
    let applied = &second["streams"][0]["applied"];
    let changed = applied["inserted"].as_u64().unwrap() + applied["updated"].as_u64().unwrap();
    assert!(changed > 0, "the tenant did not move on: {applied}");
}

#[test]
fn reading_commands_fall_back_to_the_simulated_store_and_say_so() {
    let mut place = Place::new();
    place.succeed(&["import", "--simulate", "--users", "20"]);
    let query = place.succeed(&["query", "select count(*) from users"]);
    assert!(query.stderr.contains("simulated.db"), "{}", query.stderr);
    place.set("GRAPHCTL_STORE", "elsewhere.db");
    assert_eq!(place.run(&["query", "select 1"]).code, 2);
}

#[test]
fn a_simulated_store_keeps_its_tenant() {
    let place = Place::new();
    place.succeed(&["import", "--simulate", "--users", "20", "--seed", "5"]);
    let again = place.run(&["import", "--simulate", "--users", "30"]);
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert!(again.stderr.contains("20 users and seed 5"), "{}", again.stderr);
    place.succeed(&["import", "--simulate"]);
}

#[test]
fn a_command_can_be_tried_on_the_simulated_tenant() {
    let place = Place::new();
    let users =
        place.json(&["run", "--simulate", "--users", "20", "user.list", "select=id,displayName"]);
    let users = users["response"]["data"]["value"].as_array().unwrap();
    assert_eq!(users.len(), 20);
}

#[test]
fn data_goes_to_stdout_and_everything_else_to_stderr() {
    let place = Place::new();
    let run = place.succeed(&["import", "--simulate", "--users", "20", "--output", "json"]);
    serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap();
    let quiet = place.succeed(&["import", "--simulate", "--quiet"]);
    assert_eq!(quiet.stderr, "");
}
