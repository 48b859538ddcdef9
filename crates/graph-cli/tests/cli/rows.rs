//! `run --from`: many rows, one result each.

use serde_json::Value;

use crate::support::{Place, Run, RunningTenant};

const NOBODY: &str = "00000000-0000-4000-8000-00000000000";

/// A place, a tenant and the ids of its first users.
fn tenant(users: u64) -> (RunningTenant, Place, Vec<String>) {
    let tenant = RunningTenant::of(5, users);
    let place = Place::with_tenant(&tenant);
    let list = place.json(&["run", "user.list", "select=id", "top=999"]);
    let list = list["response"]["data"]["value"].as_array().unwrap().clone();
    let ids = list.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    (tenant, place, ids)
}

fn group(place: &Place) -> String {
    let group = place.json(&["run", "group.create", "displayName=Crew", "mailNickname=crew"]);
    group["response"]["data"]["id"].as_str().unwrap().to_owned()
}

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ended(lines: &[Value], outcome: &str) -> usize {
    lines.iter().filter(|line| line["outcome"] == outcome).count()
}

/// The issue's own example: 997 results, 3 named failures, exit 6; a repeat touches only those 3.
#[test]
fn a_thousand_rows_with_three_failures_are_repeated_for_those_three() {
    let (tenant, place, ids) = tenant(1_100);
    let crew = group(&place);
    let member = |(index, id): (usize, &String)| match index {
        100 | 500 | 900 => format!("{NOBODY}{}", index / 100),
        _ => id.clone(),
    };
    let members: Vec<String> = ids.iter().take(1_000).enumerate().map(member).collect();
    place.write("members.csv", &format!("\u{feff}member_id\r\n{}\r\n", members.join("\r\n")));
    let add = ["run", "group.add_member", &format!("id={crew}"), "--from", "members.csv"];

    let planned = place.succeed(&add);
    assert_eq!(planned.stdout.lines().count(), 1_000);
    assert!(planned.stderr.contains("nothing was sent"), "{}", planned.stderr);
    assert_eq!(tenant.requests("/members/$ref"), 0);

    let sent = place.run(&[&add[..], &["--yes", "--results", "results.jsonl"]].concat());
    assert_eq!(sent.code, 6, "{}", sent.stderr);
    let results = lines(&sent);
    assert_eq!((ended(&results, "created"), ended(&results, "not_found")), (997, 3));
    let failed: Vec<u64> = results
        .iter()
        .filter(|line| line["outcome"] == "not_found")
        .map(|line| line["row"].as_u64().unwrap())
        .collect();
    assert_eq!(failed.len(), 3);
    assert!([101, 501, 901].iter().all(|row| failed.contains(row)), "{failed:?}");
    assert!(results.iter().all(|line| line["outcome"] == "created" || line["error"].is_string()));
    assert_eq!(tenant.requests("$batch"), 50, "20 rows travel together");

    let again =
        ["run", "group.add_member", "--from", "results.jsonl", "--only", "failed,unstarted"];
    let again = place.run(&[&again[..], &["--yes"]].concat());
    assert_eq!(again.code, 4, "all of the three are refused: {}", again.stderr);
    assert_eq!(lines(&again).len(), 3);
}

/// E4
#[test]
fn a_file_that_does_not_fit_is_refused_before_the_first_call() {
    let (tenant, place, ids) = tenant(20);
    let before = tenant.simulator.requests().len();
    let refused = |name: &str, text: &str, part: &str| {
        place.write(name, text);
        let run = place.run(&["run", "user.disable", "--from", name, "--yes"]);
        assert_eq!(run.code, 2, "{text}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{text}: {}", run.stderr);
    };
    let id = &ids[0];
    refused("a.csv", &format!("id,department\n{id},x\n"), "department");
    refused("b.csv", &format!("id,id\n{id},{id}\n"), "twice");
    refused("c.csv", &format!("id\n{id}\nno id at all\n"), "row 2");
    refused("d.csv", "id\n\"\"\n", "row 1");
    refused("e.jsonl", "{\"id\": 7}\n", "row 1");
    refused("f.jsonl", "{\"id\": ", "line 1");
    refused("g.json", "{}", "list");
    refused("h.yaml", "- id: x\n- y\n", "item 2");
    refused("i.txt", "id", ".txt");
    place.write("ok.csv", &format!("id\n{id}\n{}\n", ids[1]));
    let run = place.run(&["run", "user.disable", "--from", "ok.csv", "--yes", "--max", "1"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--max 1"), "{}", run.stderr);
    assert_eq!(tenant.simulator.requests().len(), before, "something was sent");
}

#[test]
fn rows_are_read_from_json_and_yaml_and_printed_as_a_table() {
    let (_tenant, place, ids) = tenant(20);
    place.write("rows.json", &format!("[{{\"id\": \"{}\"}}, {{\"id\": \"{}\"}}]", ids[0], ids[1]));
    place.write("rows.yaml", &format!("- id: {}\n- id: {}\n", ids[2], ids[3]));
    let csv = place.succeed(&["run", "user.get", "--from", "rows.json", "-o", "csv"]);
    assert_eq!(csv.stdout.lines().next(), Some("row,id,outcome,status,error,request_id"));
    assert_eq!(csv.stdout.lines().count(), 3);
    let results = place.succeed(&["run", "user.get", "--from", "rows.yaml", "select=id"]);
    assert!(lines(&results).iter().all(|line| line["data"]["id"] == line["arguments"]["id"]));
}

/// E6: many destructive rows are not sent without somebody who agrees.
#[test]
fn destructive_rows_need_yes() {
    let (tenant, place, ids) = tenant(20);
    place.write("rows.csv", &format!("id\n{}\n{}\n", ids[0], ids[1]));
    let refused = place.run(&["run", "user.delete", "--from", "rows.csv"]);
    assert_eq!((refused.code, tenant.requests("/users/")), (2, 0), "{}", refused.stderr);
    let sent = place.succeed(&["run", "user.delete", "--from", "rows.csv", "--yes"]);
    assert_eq!(ended(&lines(&sent), "deleted"), 2);
    let repeated = place.succeed(&["run", "user.delete", "--from", "rows.csv", "--yes"]);
    assert_eq!(ended(&lines(&repeated), "absent"), 2, "a repeat is harmless");
}

/// E19
#[test]
fn a_mode_says_what_is_sent_and_what_asks() {
    let (tenant, mut place, ids) = tenant(20);
    let update = ["run", "user.update", &format!("id={}", ids[0]), "department=Sea"];
    place.set("GRAPHCTL_MODE", "read-only");
    let refused = place.run(&update);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("read-only"), "{}", refused.stderr);
    place.succeed(&["run", "user.get", &format!("id={}", ids[0])]);
    place.succeed(&[&update[..], &["--plan"]].concat());
    assert_eq!(place.run(&[&update[..], &["--mode", "safe"]].concat()).code, 2);
    let sent = tenant.simulator.requests().iter().filter(|it| it.method == "PATCH").count();
    assert_eq!(sent, 0);
    place.succeed(&[&update[..], &["--mode", "delete-safe"]].concat());
    let delete = ["run", "user.delete", &format!("id={}", ids[1]), "--mode", "full"];
    place.succeed(&delete);
}

/// Every write stands in the audit file, before it is sent and after it was answered; no read does.
#[test]
fn writes_are_recorded_and_secrets_are_not() {
    let (_tenant, mut place, ids) = tenant(20);
    place.set("XDG_STATE_HOME", place.path("state").to_str().unwrap());
    place.succeed(&["run", "user.get", &format!("id={}", ids[0])]);
    assert!(!place.path("state").exists());
    place.write("password.txt", "Canary-7431!x");
    let reset = [
        "run",
        "user.reset_password",
        &format!("id={}", ids[0]),
        "password=@password.txt",
        "--yes",
    ];
    place.succeed(&reset);
    place.run(&["run", "user.update", &format!("id={NOBODY}1"), "department=Sea"]);
    let file = place.path("state").join("graphctl/audit.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("Canary"), "{text}");
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = events
        .iter()
        .map(|it| (it["event"].as_str().unwrap(), it["command"].as_str().unwrap(), &it["outcome"]))
        .collect();
    assert_eq!(told[0], ("sending", "user.reset_password", &Value::Null));
    assert_eq!(told[1], ("answered", "user.reset_password", &"updated".into()));
    assert_eq!(told[3], ("answered", "user.update", &"not_found".into()));
    assert!(events.iter().all(|it| it["mode"] == "delete-safe" && it["time"].is_string()));
    assert_eq!(events[0]["run"], events[1]["run"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_write_that_cannot_be_recorded_is_not_sent() {
    let (tenant, place, ids) = tenant(20);
    let update = ["run", "user.update", &format!("id={}", ids[0]), "department=Sea"];
    place.write("a-file", "");
    let refused = place.run(&[&update[..], &["--audit", "a-file/audit.jsonl"]].concat());
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("--audit"), "{}", refused.stderr);
    let sent = tenant.simulator.requests().iter().filter(|it| it.method == "PATCH").count();
    assert_eq!(sent, 0);
}

/// E3
#[test]
fn a_query_selects_before_columns_are_chosen() {
    let (_tenant, place, ids) = tenant(20);
    let get = ["run", "user.get", &format!("id={}", ids[0])];
    let text = place.succeed(&[&get[..], &["--query", "id", "-o", "text"]].concat());
    assert_eq!(text.stdout, format!("{}\n", ids[0]));
    let count = place.succeed(&["run", "user.list", "--query", "length(value)", "-o", "text"]);
    assert_eq!(count.stdout, "20\n");
    let wrong = place.run(&["run", "user.list", "--query", "value["]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("JMESPath"), "{}", wrong.stderr);
}

/// E7 after a kill: what was written down before tells what is left.
#[test]
fn a_torn_results_file_is_continued() {
    let (_tenant, place, ids) = tenant(20);
    let line = |row: usize, outcome: &str| {
        let id = &ids[row];
        format!(
            "{{\"command\":\"user.disable\",\"row\":{row},\"arguments\":{{\"id\":\"{id}\"}},\"outcome\":\"{outcome}\"}}\n"
        )
    };
    let mut text: String = (1..=4).map(|row| line(row, "unstarted")).collect();
    text.push_str(&line(1, "unknown"));
    text.push_str(&line(1, "updated"));
    text.push_str(&line(2, "unknown"));
    text.push_str(line(3, "updated").trim_end().trim_end_matches('}'));
    place.write("results.jsonl", &text);
    let rows = |only: &str| {
        let run = ["run", "user.disable", "--from", "results.jsonl", "--only", only, "--plan"];
        lines(&place.succeed(&run)).iter().map(|it| it["row"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(rows("failed,unstarted"), [3, 4]);
    assert_eq!(rows("unknown"), [2]);
    let other = place.run(&["run", "user.enable", "--from", "results.jsonl", "--plan"]);
    assert_eq!(other.code, 2);
    assert!(other.stderr.contains("user.disable"), "{}", other.stderr);
}
