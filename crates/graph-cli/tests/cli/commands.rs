//! `run`, `catalogue`, `query`, `validate`, `explain`.

use serde_json::Value;

use crate::support::{Place, RunningTenant};

fn first(place: &Place, command: &str) -> String {
    let list = place.json(&["run", command]);
    list["response"]["data"]["value"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_read_prints_the_envelope_or_its_data() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let id = first(&place, "user.list");
    let envelope = place.json(&["run", "user.get", &format!("id={id}")]);
    let response = &envelope["response"];
    assert_eq!((&response["success"], &response["meta"]["outcome"]), (&true.into(), &"ok".into()));
    assert_eq!(response["data"]["id"], *id);
    let csv = place.succeed(&["run", "user.get", &format!("id={id}"), "select=id", "-o", "csv"]);
    assert_eq!(csv.stdout, format!("id\n{id}\n"));
    let text = place.succeed(&["run", "user.list", "select=id", "-o", "jsonl"]);
    assert_eq!(text.stdout.lines().count(), 20);
}

/// dsl.md D: what Graph refuses is in the envelope, on stderr and in the exit code.
#[test]
fn a_refusal_is_told_thrice() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let run = place.run(&["run", "user.get", "id=nobody@contoso.example"]);
    assert_eq!(run.code, 4);
    let envelope: Value = serde_json::from_str(&run.stdout).unwrap();
    let response = &envelope["response"];
    assert_eq!(response["success"], false);
    assert_eq!(response["data"], Value::Null);
    assert_eq!(response["status_code"], 404);
    assert_eq!(response["meta"]["outcome"], "not_found");
    assert_eq!(
        response["detail"]["upstream"]["detail"]["error"]["code"],
        "Request_ResourceNotFound"
    );
    assert!(run.stderr.contains("request-id"), "{}", run.stderr);
}

#[test]
fn a_batch_of_which_some_failed_is_partial() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let item = |id: &str, url: &str| serde_json::json!({"id": id, "method": "GET", "url": url});
    let batch = |items: &[Value]| {
        place.run(&["run", "graph.batch", &format!("requests:={}", Value::from(items.to_vec()))])
    };
    let (good, bad) = (item("1", "/users?$top=1"), item("2", "/users/nobody@contoso.example"));
    let run = batch(&[good.clone(), bad.clone()]);
    assert_eq!(run.code, 6, "{}", run.stderr);
    let envelope: Value = serde_json::from_str(&run.stdout).unwrap();
    let responses = &envelope["response"]["data"]["responses"];
    assert_eq!((&responses[0]["status"], &responses[1]["status"]), (&200.into(), &404.into()));
    assert_eq!(batch(&[good]).code, 0);
    assert_eq!(batch(&[bad]).code, 4, "what all failures agree on");
}

/// dsl.md D, rows 1 and 2
#[test]
fn adding_a_member_twice_is_created_and_then_present() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let group = place.json(&["run", "group.create", "displayName=Crew", "mailNickname=crew"]);
    let group = group["response"]["data"]["id"].as_str().unwrap().to_owned();
    let user = first(&place, "user.list");
    let add = ["run", "group.add_member", &format!("id={group}"), &format!("member_id={user}")];
    assert_eq!(place.json(&add)["response"]["meta"]["outcome"], "created");
    assert_eq!(place.json(&add)["response"]["meta"]["outcome"], "present");
}

/// E6, E9: nothing is sent that was not confirmed or does not fit.
#[test]
fn a_destructive_command_needs_yes_and_wrong_arguments_are_told_at_once() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let id = first(&place, "user.list");
    let before = tenant.simulator.requests().len();
    let refused = place.run(&["run", "user.delete", &format!("id={id}")]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    let wrong = place.run(&["run", "group.add_member", "id=no-guid", "memberid=x"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("id") && wrong.stderr.contains("member_id"), "{}", wrong.stderr);
    assert_eq!(tenant.simulator.requests().len(), before, "something was sent");
    let deleted = place.json(&["run", "user.delete", &format!("id={id}"), "--yes"]);
    assert_eq!(deleted["response"]["meta"]["outcome"], "deleted");
}

#[test]
fn a_plan_shows_the_request_and_sends_nothing() {
    let place = Place::new();
    let id = "11111111-2222-3333-4444-555555555555";
    let arguments =
        ["run", "group.add_member", &format!("id={id}"), &format!("member_id={id}"), "--plan"];
    let plan = place.json(&arguments);
    let url = format!("https://graph.microsoft.com/v1.0/groups/{id}/members/$ref");
    assert_eq!((&plan["request"]["url"], &plan["sent"]), (&url.into(), &false.into()));
    assert_eq!(place.files(), Vec::<String>::new());
}

#[test]
fn the_catalogue_lists_and_describes() {
    let place = Place::new();
    let all = place.json(&["catalogue"]);
    assert!(all.as_array().unwrap().len() >= 15);
    let one = place.succeed(&["catalogue", "group.add_member"]);
    assert!(one.stdout.contains("GroupMember.ReadWrite.All"), "{}", one.stdout);
    let none = place.run(&["catalogue", "grup.add_member"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("did you mean `group.add_member`?"), "{}", none.stderr);
}

#[test]
fn a_query_only_reads() {
    let place = Place::new();
    place.succeed(&["import", "--simulate", "--users", "20"]);
    let rows = place.succeed(&["query", "select 1 as one, 'a,b' as two", "-o", "csv"]);
    assert_eq!(rows.stdout, "one,two\n1,\"a,b\"\n");
    for sql in [
        "delete from import_run",
        "drop view users",
        "create table t(x)",
        "select * from",
        "nonsense",
    ] {
        let run = place.run(&["query", sql]);
        assert_eq!(run.code, 2, "{sql}: {}", run.stderr);
    }
    assert!(place.succeed(&["query", "--tables"]).stdout.contains("group_members"));
}

#[test]
fn codes_are_explained() {
    let place = Place::new();
    assert!(place.succeed(&["explain", "gd0201"]).stdout.starts_with("GD0201"));
    assert_eq!(place.run(&["explain", "GD9999"]).code, 2);
}
