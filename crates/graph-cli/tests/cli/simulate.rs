//! `graphctl simulate`: what it prints, what it refuses, and that its own system file works.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Child;

use crate::support::Place;

/// A running `graphctl simulate`, stopped when dropped.
struct Serving {
    child: Child,
    system: String,
    secret: String,
    url: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn serve(place: &Place, flags: &[&str]) -> Serving {
    let mut child = place.piped(&[&["simulate"], flags].concat());
    let mut system = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !system.contains("client_secret") {
        system.push_str(&lines.next().unwrap().unwrap());
        system.push('\n');
    }
    let mut notes = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let first = notes.next().unwrap();
    let secret = notes.next().unwrap();
    let url = first.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned();
    let secret = secret.rsplit_once('=').unwrap().1.to_owned();
    Serving { child, system, secret, url }
}

/// The body of a GET without TLS.
fn get(serving: &Serving, path: &str) -> String {
    let address = serving.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn client_of(serving: &Serving) -> Place {
    let mut client = Place::new();
    client.write("graphctl.yaml", &serving.system);
    client.set("SIMULATED_CLIENT_SECRET", &serving.secret);
    client
}

#[test]
fn the_system_file_it_prints_connects_to_it() {
    let place = Place::new();
    let serving = serve(&place, &["--users", "25", "--page-size", "10"]);
    let client = client_of(&serving);
    let users = client.json(&["run", "user.list", "select=id,displayName"]);
    assert_eq!(users["response"]["data"]["value"].as_array().map(Vec::len), Some(25), "{users}");
    let truth: serde_json::Value =
        serde_json::from_str(&get(&serving, "/simulator/truth")).unwrap();
    assert_eq!(truth["sets"]["users"]["count"], 25);
    let statistics: serde_json::Value =
        serde_json::from_str(&get(&serving, "/simulator/statistics")).unwrap();
    assert_eq!(statistics["statistics"]["by_kind"]["GET /users"], 3, "pages of ten");
}

#[test]
fn over_tls_its_certificate_is_written_and_trusted() {
    let place = Place::new();
    let serving = serve(
        &place,
        &["--users", "15", "--tls", "ca.pem", "--cloud", "china", "--tenant", "2:20"],
    );
    assert!(serving.url.starts_with("https://"));
    assert!(serving.system.contains("ca_bundle: ") && serving.system.contains("metadata: china"));
    assert!(!serving.system.contains("allow_insecure_loopback"));
    let pem = std::fs::read_to_string(place.path("ca.pem")).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    let client = client_of(&serving);
    let users = client.json(&["run", "user.list", "select=id"]);
    assert_eq!(users["response"]["data"]["value"].as_array().map(Vec::len), Some(15), "{users}");
}

#[test]
fn faults_churn_and_limits_come_from_files() {
    let place = Place::new();
    place.write(
        "faults.yaml",
        "rules: [{ path: /users, nth: 1, fault: { kind: status, status: 429, headers: { Retry-After: '0.01' } } }]",
    );
    place.write("churn.yaml", "steps: [{ at_request: 2, path: /users, do: { advance: 1 } }]");
    place.write("limits.yaml", "resource_units: 100\nretry_after: fractional\nbudgets: []");
    let flags = [
        "--users",
        "100",
        "--faults",
        "faults.yaml",
        "--churn",
        "churn.yaml",
        "--throttle",
        "limits.yaml",
        "--latency",
        "2ms",
        "--jitter",
        "1ms",
        "--permissions",
        "User.Read.All",
    ];
    let serving = serve(&place, &flags);
    let client = client_of(&serving);
    client.succeed(&["run", "user.list", "select=id"]);
    let statistics: serde_json::Value =
        serde_json::from_str(&get(&serving, "/simulator/statistics")).unwrap();
    assert_eq!(statistics["statistics"]["by_status"]["429"], 1, "{statistics}");
    assert_eq!(statistics["moment"], 1, "{statistics}");
    let refused = client.run(&["run", "group.list"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
}

#[test]
fn bad_plans_and_flags_are_refused_with_place_and_next_step() {
    let place = Place::new();
    place.write("plan.yaml", "rules:\n  - path: /users\n    fault: { kind: explode }\n");
    place.write("churn.yaml", "steps: [{ do: { advance: 1 } }]");
    for (flags, words) in [
        (["--faults", "plan.yaml"], "unknown variant `explode`"),
        (["--churn", "churn.yaml"], "steps[0].at_request: write one of"),
        (["--throttle", "plan.yaml"], "unknown field `rules`"),
        (["--latency", "300"], "such as 300ms"),
        (["--cloud", "mars"], "us_gov_l4"),
        (["--tenant", "x"], "SEED:USERS"),
        (["--jitter", "5ms"], "--latency"),
    ] {
        let run = place.run(&[&["simulate"][..], &flags[..]].concat());
        assert_eq!(run.code, 2, "{flags:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{flags:?}: {}", run.stderr);
    }
    let missing = place.run(&["simulate", "--faults", "nowhere.yaml"]);
    assert_eq!(missing.code, 3, "{}", missing.stderr);
}

#[test]
fn the_help_shows_examples() {
    let help = Place::new().succeed(&["simulate", "--help"]).stdout;
    for words in
        ["graphctl simulate > graphctl.yaml", "reset_mid_body", "/simulator/truth", "--throttle"]
    {
        assert!(help.contains(words), "{words}: {help}");
    }
}
