//! Export to an OpenTelemetry collector on a loopback port (feature `otlp`).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::support::{Place, RunningTenant, SECRET};

/// What a collector was sent: path and body.
type Sent = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A collector that takes everything.
fn collector() -> (String, Sent) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let sent = Sent::default();
    let takes = Arc::clone(&sent);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let takes = Arc::clone(&takes);
            std::thread::spawn(move || take(stream.unwrap(), &takes));
        }
    });
    (endpoint, sent)
}

/// Answers each request on a connection with an empty success.
fn take(stream: TcpStream, sent: &Sent) {
    let mut answers = stream.try_clone().unwrap();
    let mut requests = BufReader::new(stream);
    loop {
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if requests.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            } else if line.starts_with("POST ") {
                line.split(' ').nth(1).unwrap().clone_into(&mut path);
            } else if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        requests.read_exact(&mut body).unwrap();
        sent.lock().unwrap().push((path, body));
        answers.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    }
}

fn holds(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

/// L11: spans and measurements under their names, nothing of a person and no secret (U30).
#[test]
fn a_command_exports_its_spans_and_measurements() {
    let tenant = RunningTenant::of(7, 20);
    let mut place = Place::with_tenant(&tenant);
    let user = place.json(&["call", "GET", "/users?$top=1&$select=id,userPrincipalName"]);
    let user = user["response"]["data"]["value"][0].clone();
    let (endpoint, sent) = collector();
    place.set("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint);
    let id = user["id"].as_str().unwrap();
    place.succeed(&["run", "user.get", &format!("id={id}")]);
    let sent = sent.lock().unwrap();
    let to = |path: &str| {
        let bodies = sent.iter().filter(|(to, _)| to == path);
        bodies.flat_map(|(_, body)| body.clone()).collect::<Vec<u8>>()
    };
    let (traces, metrics) = (to("/v1/traces"), to("/v1/metrics"));
    for name in ["azure.perform_action", "graphctl", "GET /users/{id}", "http.request.method"] {
        assert!(holds(&traces, name), "no span says {name}");
    }
    for name in ["azure.perform_action.duration", "http.client.request.duration", "graphctl"] {
        assert!(holds(&metrics, name), "{name} is not measured");
    }
    let secret = tenant.simulator.client_secret();
    for body in [&traces, &metrics] {
        for hidden in [id, user["userPrincipalName"].as_str().unwrap(), secret, SECRET, "Bearer "] {
            assert!(!holds(body, hidden), "{hidden} was exported");
        }
    }
}

/// A collector that is not there is said, and does not fail the command.
#[test]
fn a_missing_collector_ends_nothing() {
    let tenant = RunningTenant::of(7, 20);
    let mut place = Place::with_tenant(&tenant);
    place.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    place.succeed(&["call", "GET", "/users?$top=1"]);
}
