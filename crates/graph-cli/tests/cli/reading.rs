//! What reads a store: export, watch, diff, query as it was, compact.

use std::io::{BufRead as _, BufReader};

use serde_json::Value;

use crate::support::{Place, exists, scalar};

/// A simulated tenant, imported so many times; it moves on between two imports.
fn imported(times: u32) -> Place {
    let place = Place::new();
    place.succeed(&["import", "--simulate", "--users", "60", "-q"]);
    for _ in 1..times {
        place.succeed(&["import", "--simulate", "-q"]);
    }
    place
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_export_of_all_streams_tells_them_apart_and_embeds_the_raw_object() {
    let place = imported(1);
    let all = lines(&place.succeed(&["export", "jsonl"]).stdout);
    let of = |stream: &str| all.iter().filter(|row| row["stream"] == stream).count() as u64;
    for view in ["users", "groups", "group_members"] {
        assert_eq!(of(view), scalar(&place, &format!("select count(*) from {view}")), "{view}");
    }
    let users = lines(&place.succeed(&["export", "jsonl", "--stream", "users"]).stdout);
    assert!(users.iter().all(|row| row.get("stream").is_none()));
    assert_eq!(users[0]["raw"]["displayName"], users[0]["display_name"]);
    assert!(users[0]["account_enabled"].is_boolean(), "{}", users[0]);
    for moment in [&[][..], &["--as-of", "1"]] {
        let whole = [&["export", "jsonl", "--streams", "organization"], moment].concat();
        let domains = lines(&place.succeed(&whole).stdout)[0]["verified_domains"].clone();
        assert!(domains.is_array(), "JSON is no text in JSON: {domains}");
    }
}

#[test]
fn a_csv_holds_one_stream_and_a_directory_takes_them_all() {
    let place = imported(1);
    let refused = place.run(&["export", "csv"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("--output"), "{}", refused.stderr);
    std::fs::create_dir(place.path("out")).unwrap();
    place.succeed(&["export", "csv", "--output", "out"]);
    let users = std::fs::read_to_string(place.path("out/users.csv")).unwrap();
    let header = users.lines().next().unwrap();
    assert!(header.starts_with("id,") && !header.contains("raw"), "{header}");
    assert_eq!(users.lines().count() as u64, 1 + scalar(&place, "select count(*) from users"));
    assert!(exists(&place.path("out/group_members.csv")));
    let unknown = place.run(&["export", "csv", "--stream", "nothing"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("group_members"), "{}", unknown.stderr);
}

/// A9: what is there is whole.
#[test]
fn a_file_is_there_as_a_whole_or_not_at_all() {
    let place = imported(1);
    place.write("users.csv", "the one before");
    place.succeed(&["export", "csv", "--stream", "users", "-o", "users.csv"]);
    assert!(std::fs::read_to_string(place.path("users.csv")).unwrap().starts_with("id,"));
    let failed = place.run(&["export", "csv", "--stream", "users", "-o", "nowhere/users.csv"]);
    assert_eq!(failed.code, 3, "{}", failed.stderr);
    // A view that fails in the middle of its rows.
    place.write("kept.csv", "the one before");
    let store = rusqlite::Connection::open(place.path("simulated.db")).unwrap();
    store.execute_batch("create view broken as select case when object > 9 then json('no') else 1 end as x from object_users").unwrap();
    drop(store);
    let broken = place.run(&["export", "csv", "--stream", "broken", "-o", "kept.csv"]);
    assert_ne!(broken.code, 0);
    assert_eq!(std::fs::read_to_string(place.path("kept.csv")).unwrap(), "the one before");
    assert!(!place.files().iter().any(|name| name.ends_with(".partial")), "{:?}", place.files());
}

#[test]
fn an_earlier_moment_can_be_asked_and_exported() {
    let place = imported(1);
    let before = place.succeed(&["export", "jsonl", "--stream", "users"]).stdout;
    for _ in 0..4 {
        place.succeed(&["import", "--simulate", "-q"]);
    }
    let now = place.succeed(&["export", "jsonl", "--stream", "users"]).stdout;
    let then = place.succeed(&["export", "jsonl", "--stream", "users", "--as-of", "1"]).stdout;
    assert_ne!(now, then);
    // Sightings are not part of a past state.
    let without = |text: &str| -> Vec<Value> {
        let mut rows = lines(text);
        for row in &mut rows {
            row.as_object_mut().unwrap().remove("last_seen");
        }
        rows.sort_by_key(|row| row["id"].to_string());
        rows
    };
    assert!(without(&then) == without(&before), "the first run is shown as it was");
    let sql = "select count(*) as n from users";
    let count = place.json(&["query", sql, "--as-of", "1"]);
    assert_eq!(count[0]["n"].as_u64().unwrap(), lines(&before).len() as u64);
    let early = place.run(&["query", sql, "--as-of", "1999-01-01"]);
    assert_eq!(early.code, 2, "{}", early.stderr);
    assert!(early.stderr.contains("import status"), "{}", early.stderr);
    assert_eq!(place.run(&["query", sql, "--as-of", "yesterday"]).code, 2);
}

#[test]
fn a_diff_tells_what_the_last_run_has_changed() {
    let place = imported(1);
    let alone = place.run(&["import", "diff"]);
    assert_eq!(alone.code, 2, "{}", alone.stderr);
    for _ in 0..4 {
        place.succeed(&["import", "--simulate", "-q"]);
    }
    let differences = place.json(&["import", "diff", "1"]);
    let rows = differences.as_array().unwrap();
    assert!(!rows.is_empty());
    let updated: Vec<_> = rows.iter().filter(|row| row["operation"] == "updated").collect();
    assert!(updated.iter().all(|row| !row["fields"].as_array().unwrap().is_empty()));
    let csv = place.succeed(&["import", "diff", "1", "5", "-o", "csv"]).stdout;
    assert!(csv.starts_with("stream,operation,id,name,"), "{csv}");
    let text = place.succeed(&["import", "diff", "1", "5"]).stdout;
    assert!(text.lines().last().unwrap().contains(": "), "{text}");
    assert_eq!(place.json(&["import", "diff", "5", "5"]), serde_json::json!([]));
    assert_eq!(place.succeed(&["import", "diff", "5", "5"]).stdout, "no differences\n");
    assert_eq!(place.run(&["import", "diff", "5", "1"]).code, 2);
    let none = place.run(&["import", "diff", "1", "--stream", "nothing"]);
    assert_eq!(none.code, 2);
    // The feed has told each of these differences.
    let feed = lines(&place.succeed(&["watch", "--once"]).stdout);
    for row in rows {
        let told = feed
            .iter()
            .any(|change| change["stream"] == row["stream"] && change["id"] == row["id"]);
        assert!(told, "{row}");
    }
}

#[test]
fn a_consumer_goes_on_where_it_was() {
    let place = imported(1);
    let first = lines(&place.succeed(&["watch", "--once", "--consumer", "warehouse"]).stdout);
    assert!(!first.is_empty() && first.iter().all(|change| change["operation"] == "loaded"));
    assert_eq!(place.succeed(&["watch", "--once", "--consumer", "warehouse"]).stdout, "");
    for _ in 0..3 {
        place.succeed(&["import", "--simulate", "-q"]);
    }
    let behind = place.json(&["query", "select name, behind from import_consumers"]);
    assert!(behind[0]["behind"].as_u64().unwrap() > 0);
    let next = lines(&place.succeed(&["watch", "--once", "--consumer", "warehouse"]).stdout);
    assert_eq!(next[0]["number"].as_u64().unwrap(), first.len() as u64 + 1);
    let again = lines(&place.succeed(&["watch", "--once", "--from", "1"]).stdout);
    assert_eq!(again, [first, next].concat());
    let members = lines(&place.succeed(&["watch", "--once", "--stream", "members"]).stdout);
    assert!(members.iter().all(|change| change["stream"] == "members"));
    place.succeed(&["watch", "--consumer", "warehouse", "--forget"]);
    assert_eq!(place.json(&["query", "select * from import_consumers"]), serde_json::json!([]));
}

/// Follows until it is told to stop, and then ends as it should.
#[cfg(unix)]
#[test]
fn a_watch_follows_and_ends_when_it_is_asked_to() {
    let place = imported(1);
    let mut watch = place.piped(&["watch"]);
    let mut out = BufReader::new(watch.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.contains("loaded"), "{line}");
    for _ in 0..3 {
        place.succeed(&["import", "--simulate", "-q"]);
    }
    while !line.contains("updated") && !line.contains("created") {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "the watch has ended");
    }
    let kill = std::process::Command::new("kill").args(["-TERM", &watch.id().to_string()]).status();
    assert!(kill.unwrap().success());
    assert_eq!(watch.wait().unwrap().code(), Some(0));
}

#[test]
fn a_compaction_of_a_young_store_takes_nothing() {
    let place = imported(3);
    let before = place.succeed(&["watch", "--once"]).stdout;
    let report: Value = serde_json::from_str(
        &place.succeed(&["import", "compact", "--vacuum", "-o", "json"]).stdout,
    )
    .unwrap();
    assert_eq!((&report["states"], &report["changes"]), (&0.into(), &0.into()));
    assert_eq!(place.succeed(&["watch", "--once"]).stdout, before);
    let gone = place.succeed(&["import", "compact", "--history", "0", "--changes", "0"]).stdout;
    assert!(gone.starts_with("forgotten: ") && gone.contains(" changes\n"), "{gone}");
    let late = place.run(&["watch", "--once", "--from", "1"]);
    assert_eq!(late.code, 2, "{}", late.stderr);
    assert_eq!(place.succeed(&["watch", "--once"]).stdout, "");
}
