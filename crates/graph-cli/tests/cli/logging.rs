//! `logging` in a system file, and `-v`: on stderr, masked, beside clean data on stdout.

use crate::support::{Place, RunningTenant};

fn place(tenant: &RunningTenant, logging: &str) -> Place {
    let place = Place::with_tenant(tenant);
    place.write("graphctl.yaml", &format!("{}{logging}", tenant.system()));
    place
}

/// Seeds 000 and 001, L7, SEC-S2: what is logged is what the file asks for, and no secret.
#[test]
fn a_connection_can_log_its_requests_masked() {
    let tenant = RunningTenant::of(3, 20);
    let silent = Place::with_tenant(&tenant).succeed(&["run", "user.list", "-o", "jsonl"]);
    assert_eq!(silent.stderr, "");

    let basic = "  logging: { enabled: true, request: true, response: false }\n";
    let run = place(&tenant, basic).succeed(&["run", "user.list", "-o", "jsonl"]);
    assert_eq!(run.stdout, silent.stdout);
    assert!(run.stderr.contains("request GET /users?"), "{}", run.stderr);
    assert!(!run.stderr.contains("answer 200"), "{}", run.stderr);

    let all = "  logging: { enabled: true, request: true, response: true, auth: true, format: detailed }\n";
    for arguments in [vec!["run", "user.list"], vec!["-vv", "run", "user.list"]] {
        let run = place(&tenant, all).succeed(&arguments);
        for shown in [
            "authorization: REDACTED",
            "client_secret=***",
            "oauth2/v2.0/token",
            "\"displayName\":\"***\"",
        ] {
            assert!(run.stderr.contains(shown), "{shown} in {}", run.stderr);
        }
        let secret = tenant.simulator.client_secret();
        assert!(!run.stderr.contains(secret), "{}", run.stderr);
        assert!(!run.stderr.contains("Bearer "), "{}", run.stderr);
    }
}
