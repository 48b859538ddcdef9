//! `run --plan`, `apply`, `doctor`, `man`: seen before it is done.

use serde_json::Value;

use crate::support::{Place, RunningTenant};

fn user(place: &Place) -> String {
    let list = place.json(&["run", "user.list", "select=id", "top=1"]);
    list["response"]["data"]["value"][0]["id"].as_str().unwrap().to_owned()
}

fn patches(tenant: &RunningTenant) -> usize {
    tenant.simulator.requests().iter().filter(|it| it.method == "PATCH").count()
}

/// A plan for `user.update`, and its file.
fn planned(place: &Place, department: &str) -> Value {
    let id = format!("id={}", user(place));
    let department = format!("department={department}");
    let run = place.succeed(&["run", "user.update", &id, &department, "--plan"]);
    place.write("plan.json", &run.stdout);
    serde_json::from_str(&run.stdout).unwrap()
}

/// E5
#[test]
fn a_plan_reads_what_it_would_change_and_is_applied_as_it_was_shown() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let plan = planned(&place, "Sea");
    assert_eq!(plan["difference"]["department"]["after"], "Sea");
    assert_eq!(plan["tenant"], tenant.simulator.tenant_id());
    assert_eq!(patches(&tenant), 0);
    let applied = place.json(&["apply", "plan.json"]);
    assert_eq!(applied["response"]["meta"]["outcome"], "updated");
    assert_eq!(patches(&tenant), 1);
    assert_eq!(
        planned(&place, "Sea")["difference"],
        serde_json::json!({}),
        "nothing is left to do"
    );
    let id = format!("id={}", user(&place));
    let before = tenant.simulator.requests().len();
    place.succeed(&["run", "user.update", &id, "department=Air", "--plan", "--offline"]);
    assert_eq!(tenant.simulator.requests().len(), before);
}

/// E5
#[test]
fn a_plan_for_another_tenant_another_definition_or_another_day_is_refused() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let plan = planned(&place, "Sea");
    let refused = |change: &dyn Fn(&mut Value), part: &str| {
        let mut plan = plan.clone();
        change(&mut plan);
        place.write("other.json", &plan.to_string());
        let run = place.run(&["apply", "other.json"]);
        assert_eq!(run.code, 2, "{part}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    };
    refused(&|plan| plan["tenant"] = "contoso".into(), "tenant");
    refused(&|plan| plan["definition"] = "0".into(), "definitions");
    refused(&|plan| plan["request"]["body"]["department"] = "Air".into(), "request");
    refused(&|plan| plan["arguments"]["department"] = "Air".into(), "request");
    refused(&|plan| plan["planned_at"] = "2020-01-01T00:00:00Z".into(), "old");
    refused(&|plan| plan["planned_at"] = "2999-01-01T00:00:00Z".into(), "future");
    place.write("other.json", "{}");
    assert_eq!(place.run(&["apply", "other.json"]).code, 2);
    assert_eq!(patches(&tenant), 0);
}

/// SEC-B17: a plan holds no secret, so it is given again.
#[test]
fn a_secret_is_not_in_a_plan_and_is_given_again() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    place.write("password.txt", "Canary-7431!x");
    let id = format!("id={}", user(&place));
    let plan = ["run", "user.reset_password", &id, "password=@password.txt", "--plan"];
    let plan = place.succeed(&plan);
    assert!(!plan.stdout.contains("Canary"), "{}", plan.stdout);
    place.write("plan.json", &plan.stdout);
    let without = place.run(&["apply", "plan.json", "--yes"]);
    assert_eq!(without.code, 2);
    assert!(without.stderr.contains("password=@file"), "{}", without.stderr);
    place.succeed(&["apply", "plan.json", "--yes", "password=@password.txt"]);
    assert_eq!(patches(&tenant), 1);
}

/// E11
#[test]
fn a_doctor_tells_what_is_set_up_even_when_it_is_broken() {
    let tenant = RunningTenant::of(3, 20);
    let mut place = Place::with_tenant(&tenant);
    let status = |place: &Place, arguments: &[&str], what: &str| {
        let run = place.run(&[&["doctor", "-o", "json"], arguments].concat());
        let checks: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
        let check = checks.iter().find(|check| check["check"] == what);
        (run.code, check.map(|check| check["status"].as_str().unwrap().to_owned()))
    };
    let before = tenant.simulator.requests().len();
    assert_eq!(status(&place, &[], "connection"), (0, Some("ok".into())));
    assert_eq!(status(&place, &[], "store"), (0, Some("absent".into())));
    assert_eq!(tenant.simulator.requests().len(), before, "offline unless asked");
    for what in ["sign-in", "graph", "clock"] {
        assert_eq!(status(&place, &["--network"], what), (0, Some("ok".into())), "{what}");
    }
    place.set("GRAPHCTL_TENNANT", "x");
    assert_eq!(status(&place, &[], "environment"), (1, Some("failed".into())));
    place.write("graphctl.yaml", "name: [");
    assert_eq!(status(&place, &[], "system"), (1, Some("failed".into())));
}

/// E20
#[test]
fn a_misspelt_variable_is_not_ignored() {
    let mut place = Place::new();
    place.set("GRAPHCTL_STROE", "x.db");
    let run = place.run(&["catalogue"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("GRAPHCTL_STROE") && run.stderr.contains("`GRAPHCTL_STORE`"),
        "{}",
        run.stderr
    );
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let place = Place::new();
    assert!(place.succeed(&["man"]).stdout.contains(".TH graphctl 1"));
    place.succeed(&["man", "pages"]);
    let pages = std::fs::read_dir(place.path("pages")).unwrap();
    let pages: Vec<String> =
        pages.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    for name in ["graphctl.1", "graphctl-run.1", "graphctl-import-status.1", "graphctl-doctor.1"] {
        assert!(pages.contains(&name.to_owned()), "{name}: {pages:?}");
    }
}

/// E15
#[test]
fn a_secret_in_an_answer_is_masked_unless_it_is_asked_for() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let app = place.json(&["run", "application.create", "displayName=Ship"]);
    let id = format!("id={}", app["response"]["data"]["id"].as_str().unwrap());
    let add = ["run", "application.add_password", &id];
    let masked = place.json(&add);
    assert_eq!(masked["response"]["data"]["secretText"], "***");
    assert!(masked["response"]["data"]["keyId"].is_string());
    let revealed = place.json(&[&add[..], &["--reveal"]].concat());
    assert_ne!(revealed["response"]["data"]["secretText"], "***");
    let kept = place.json(&[&add[..], &["--secret-out", "secret.txt"]].concat());
    assert_eq!(kept["response"]["data"]["secretText"], "***");
    let secret = std::fs::read_to_string(place.path("secret.txt")).unwrap();
    assert!(secret.trim().len() > 10, "{secret}");
    let before = tenant.simulator.requests().len();
    assert_eq!(place.run(&[&add[..], &["--secret-out", "secret.txt"]].concat()).code, 2);
    assert_eq!(tenant.simulator.requests().len(), before, "refused before anything was sent");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(place.path("secret.txt")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// E9
#[test]
fn a_secret_comes_from_a_file_or_a_variable_and_never_from_the_command_line() {
    let tenant = RunningTenant::of(3, 20);
    let mut place = Place::with_tenant(&tenant);
    let id = format!("id={}", user(&place));
    for word in ["password=hunter2", "password:=\"hunter2\"", "password=${{ENV:UNSET_7431}}"] {
        let run = place.run(&["run", "user.reset_password", &id, word, "--yes"]);
        assert_eq!(run.code, 2, "{word}");
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    }
    place.set("NEW_PASSWORD", "Canary-7431!x");
    place.succeed(&["run", "user.reset_password", &id, "password=${{ENV:NEW_PASSWORD}}", "--yes"]);
}
