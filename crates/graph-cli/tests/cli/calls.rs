//! `call` and `permissions`.

use serde_json::Value;

use crate::support::{Place, RunningTenant};

/// E18
#[test]
fn a_call_passes_the_same_checks_as_a_command() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let list = place.json(&["call", "GET", "/users?$select=id&$top=999"]);
    let users = list["response"]["data"]["value"].as_array().unwrap().clone();
    assert_eq!(users.len(), 20);
    let id = users[0]["id"].as_str().unwrap();
    let before = tenant.simulator.requests().len();
    let refused = |arguments: &[&str], part: &str| {
        let run = place.run(&[&["call"], arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{arguments:?}: {}", run.stderr);
    };
    refused(&["GET", "/userz"], "did you mean `users`?");
    refused(&["GET", "/users?$select=displayNam"], "displayName");
    refused(&["GET", "users"], "/users/");
    refused(&["FETCH", "/users"], "FETCH");
    refused(&["GET", "/users/{id}"], "no path");
    refused(&["GET", &format!("/devices/{id}/owners")], "registeredOwners");
    let member = format!("/groups/{id}/members/{id}");
    refused(&["DELETE", &member, "--yes"], "$ref");
    refused(&["DELETE", &member, "--yes", "--unchecked"], "$ref");
    refused(
        &["POST", &format!("/users/{id}/assignLicense"), "--body", "{\"addLicenses\":[]}"],
        "removeLicenses",
    );
    refused(&["DELETE", &format!("/users/{id}")], "not confirmed");
    refused(
        &["PATCH", &format!("/users/{id}"), "--mode", "read-only", "--body", "{}"],
        "read-only",
    );
    refused(&["PATCH", &format!("/users/{id}"), "--body", "{"], "not JSON");
    assert_eq!(tenant.simulator.requests().len(), before, "something was sent");
    let patch =
        ["call", "PATCH", &format!("/users/{id}"), "--body", "{\"department\":\"{{ Sea }}\"}"];
    assert_eq!(place.json(&patch)["response"]["meta"]["outcome"], "updated");
    let text = place.succeed(&[
        "call",
        "GET",
        &format!("/users/{id}?$select=department"),
        "--query",
        "department",
        "-o",
        "text",
    ]);
    assert_eq!(text.stdout, "{{ Sea }}\n");
    let unknown = place.run(&["call", "GET", "/notInTheMetadata", "--unchecked"]);
    assert_eq!(unknown.code, 4, "Graph is asked: {}", unknown.stderr);
    let asked = tenant.requests("/v1.0/notInTheMetadata");
    assert_eq!(asked, 1);
    let plan = place.succeed(&["call", "DELETE", &format!("/users/{id}"), "--plan"]);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["request"]["method"], "DELETE");
}

/// E10
#[test]
fn permissions_are_shown_compared_and_granted_by_a_script() {
    let tenant = RunningTenant::with_permissions(3, 20, &["User.Read.All", "GroupMember.Read.All"]);
    let place = Place::with_tenant(&tenant);
    let rows = place.json(&["permissions", "user.*"]);
    let row = |name: &str| {
        rows.as_array().unwrap().iter().find(|row| row["command"] == name).unwrap().clone()
    };
    assert_eq!(row("user.update")["least"], "User.ReadWrite.All");
    assert!(row("user.get")["others"].as_str().unwrap().contains("User.Read.All"));
    assert!(place.json(&["permissions", "device"])[0]["delegated_only"].is_boolean());
    let check = place.run(&["permissions", "user.get", "user.update", "--check", "-o", "json"]);
    assert_eq!(check.code, 4, "{}", check.stderr);
    let check_rows: Value = serde_json::from_str(&check.stdout).unwrap();
    assert_eq!(
        (&check_rows[0]["granted"], &check_rows[1]["granted"]),
        (&true.into(), &false.into())
    );
    assert!(check.stderr.contains("User.ReadWrite.All"), "{}", check.stderr);
    place.succeed(&["permissions", "user.get", "--check"]);
    let script = place.succeed(&["permissions", "user.update", "--grant-script"]).stdout;
    assert!(
        script.contains("role=User.ReadWrite.All") && script.starts_with("#!/bin/sh"),
        "{script}"
    );
    let unknown = place.run(&["permissions", "usr.*"]);
    assert_eq!(unknown.code, 2);
}
