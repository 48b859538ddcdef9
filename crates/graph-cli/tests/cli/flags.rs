//! Every flag of `import`, and that the certificate's fields are documented.

use serde_json::Value;

use crate::support::{Place, RunningTenant, scalar};

fn stream<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["streams"].as_array().unwrap().iter().find(|it| it["stream"] == name).unwrap()
}

fn names(report: &Value) -> Vec<&str> {
    report["streams"].as_array().unwrap().iter().map(|it| it["stream"].as_str().unwrap()).collect()
}

#[test]
fn streams_bring_their_owners_and_without_takes_away_what_they_own() {
    let tenant = RunningTenant::of(3, 30);
    let place = Place::with_tenant(&tenant);
    let report = place.json(&["import", "--streams", "members,domains"]);
    assert_eq!(names(&report), ["groups", "domains", "members"]);

    let place = Place::with_tenant(&tenant);
    let report = place.json(&["import", "--without", "devices,managers"]);
    assert!(names(&report).iter().all(|it| !["devices", "device_owners", "managers"].contains(it)));
    let unknown = place.run(&["import", "--without", "devicez"]);
    assert_eq!(unknown.code, 2, "{}", unknown.stderr);
    assert!(unknown.stderr.contains("there is no stream `devicez`"), "{}", unknown.stderr);
}

#[test]
fn columns_are_added_by_set_and_by_property() {
    let tenant = RunningTenant::of(3, 30);
    let place = Place::with_tenant(&tenant);
    let columns = ["--columns", "users.employment", "--columns", "users.plant=employeeId"];
    place.succeed(&[&["import", "--streams", "users"][..], &columns].concat());
    let sql = "select count(*) from users where employee_id is plant and employee_id is not null";
    assert_eq!(scalar(&place, sql), scalar(&place, "select count(employee_id) from users"));
    let bad = place.run(&["import", "--columns", "users"]);
    assert_eq!(bad.code, 2, "{}", bad.stderr);
}

#[test]
fn the_page_size_and_the_external_id_are_the_callers() {
    let tenant = RunningTenant::of(3, 60);
    let requests = |size: &str| {
        let place = Place::with_tenant(&tenant);
        let flags = ["--page-size", size, "--external-id", "userPrincipalName"];
        let report = place.json(&[&["import", "--streams", "users,members"][..], &flags].concat());
        let sql = "select count(*) from users where external_id = user_principal_name";
        assert_eq!(scalar(&place, sql), 60);
        stream(&report, "members")["requests"].as_u64().unwrap()
    };
    let (small, large) = (requests("2"), requests("999"));
    assert!(small > large, "{small} requests for pages of 2, {large} for pages of 999");
    let bad = Place::with_tenant(&tenant).run(&["import", "--page-size", "0"]);
    assert_eq!(bad.code, 2, "{}", bad.stderr);
}

#[test]
fn a_group_filter_reads_some_groups_and_their_members() {
    let tenant = RunningTenant::of(3, 60);
    let whole = Place::with_tenant(&tenant);
    whole.succeed(&["import", "--streams", "members"]);
    let all = scalar(&whole, "select count(*) from groups");
    let name = "select display_name as name from groups order by display_name limit 1";
    let name = whole.json(&["query", name])[0]["name"].as_str().unwrap().to_owned();
    let letter = name.chars().next().unwrap();
    let place = Place::with_tenant(&tenant);
    let filter = format!("startswith(displayName,'{letter}')");
    let report = place.json(&["import", "--streams", "members", "--group-filter", &filter]);
    assert_eq!(stream(&report, "groups")["filter"].as_str(), Some(&*filter));
    let some = scalar(&place, "select count(*) from groups");
    assert!(some > 0 && some < all, "{some} of {all}");
    let other = format!("select count(*) from groups where display_name not like '{letter}%'");
    assert_eq!(scalar(&place, &other), 0);
}

#[test]
fn since_counts_from_a_run_or_an_instant() {
    let tenant = RunningTenant::of(3, 60);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    for moment in [3, 6] {
        tenant.simulator.set_moment(moment);
        place.succeed(&["import"]);
    }
    let since = |moment: &str| place.json(&["import", "--since", moment])["since"].clone();
    let changed = |since: &Value| -> u64 {
        let of = |it: &Value| ["new", "changed", "gone"].map(|key| it[key].as_u64().unwrap());
        since.as_object().unwrap().values().flat_map(of).sum()
    };
    let (all, last) = (changed(&since("1")), changed(&since("2")));
    assert!(all > last && last > 0, "{all} since run 1, {last} since run 2");
    let bad = place.run(&["import", "--since", "yesterday"]);
    assert_eq!(bad.code, 2, "{}", bad.stderr);
    assert!(bad.stderr.contains("take the number of a run"), "{}", bad.stderr);
}

#[test]
fn a_sample_is_read_again_by_default_as_asked_or_not_at_all() {
    let tenant = RunningTenant::of(3, 60);
    let place = Place::with_tenant(&tenant);
    let reread = |report: &Value| stream(report, "users")["sample"]["reread"].as_u64();
    assert_eq!(reread(&place.json(&["import"])), Some(20));
    assert_eq!(reread(&place.json(&["import"])), None, "a round of changes costs nothing more");
    assert_eq!(reread(&place.json(&["import", "--sample", "5"])), Some(5));
    assert_eq!(reread(&place.json(&["import", "--full", "--sample", "0"])), None);
}

#[test]
fn quiet_tells_nothing_and_stdout_holds_the_report_alone() {
    let tenant = RunningTenant::of(3, 30);
    let place = Place::with_tenant(&tenant);
    let run = place.succeed(&["import", "--quiet", "--output", "json"]);
    assert_eq!(run.stderr, "");
    assert!(serde_json::from_str::<Value>(&run.stdout).is_ok(), "{}", run.stdout);
    let run = place.succeed(&["import", "--progress", "none", "--skip-space-check"]);
    assert!(run.stdout.contains("left out: nothing"), "{}", run.stdout);
}

/// The names are promised: each stands in the page about the certificate.
#[test]
fn every_field_of_the_certificate_is_documented() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/certificate.md");
    // A packaged crate has no documentation beside it.
    let Ok(page) = std::fs::read_to_string(page) else { return };
    let tenant = RunningTenant::of(3, 30);
    let place = Place::with_tenant(&tenant);
    let report = place.json(&["import"]);
    let users = stream(&report, "users");
    let edges = stream(&report, "members");
    let parts = ["permission", "counts", "sample", "applied", "holdings"].map(|key| &users[key]);
    for object in [&report, users, edges].into_iter().chain(parts) {
        for key in object.as_object().unwrap().keys() {
            assert!(
                page.contains(&format!("`{key}`")),
                "docs/reference/certificate.md lacks `{key}`"
            );
        }
    }
    let sql = "select completeness, json_extract(counts, '$.distinct') as distinct_users \
               from import_certificates where stream = 'users'";
    let kept = place.json(&["query", sql]);
    assert_eq!(
        (&kept[0]["completeness"], &kept[0]["distinct_users"]),
        (&"proven".into(), &30.into())
    );
}
