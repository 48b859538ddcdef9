//! People who sign in: asked once, kept in a file of their own, forgotten on request.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;

use graph_simulator::{AppRegistration, Simulator, Tenant};

use crate::support::{Place, Run, RunningTenant};

const READ: [&str; 3] = ["call", "GET", "/users?$top=1"];

/// A tenant with an application that people sign in to, and a system file that does.
struct Desk {
    tenant: RunningTenant,
    place: Place,
}

impl Desk {
    fn new() -> Self {
        let tenant = Tenant::builder().seed(7).users(20).build();
        let simulator = Simulator::builder(tenant).application(AppRegistration::new("desk"));
        let tenant = RunningTenant::start(simulator.build());
        let mut place = Place::new();
        place.write("graphctl.yaml", &system(&tenant));
        place.set("HOME", place.path("home").to_str().unwrap());
        Self { tenant, place }
    }

    fn folder(&self) -> PathBuf {
        let configuration = if cfg!(target_os = "macos") {
            self.place.path("home/Library/Application Support")
        } else {
            self.place.path("home/.config")
        };
        configuration.join("graphctl").join("sign-ins")
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder()).into_iter().flatten();
        files.map(|file| file.unwrap().path()).collect()
    }

    /// Runs a command for which a person signs in on another device.
    fn with_a_person(&self, arguments: &[&str]) -> Run {
        let mut child = self.place.piped(arguments);
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut stderr = String::new();
        while !stderr.contains("enter the code") {
            assert_ne!(said.read_line(&mut stderr).unwrap(), 0, "{stderr}");
        }
        let code = stderr.trim_end().rsplit(' ').next().unwrap();
        self.tenant.simulator.approve_device(code, None).unwrap();
        said.read_to_string(&mut stderr).unwrap();
        let ended = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(ended.stdout).unwrap();
        Run { code: ended.status.code().unwrap_or(-1), stdout, stderr }
    }
}

fn system(tenant: &RunningTenant) -> String {
    format!(
        "name: desk\nconnection:\n  auth_type: device_code\n  cloud: custom\n  graph_root: {}\n  authority: {}\n  \
         allow_insecure_loopback: true\n  credentials:\n    tenant_id: {}\n    client_id: desk\n",
        tenant.server.graph_root(),
        tenant.server.authority(),
        tenant.simulator.tenant_id(),
    )
}

/// The token is printed nowhere, with the loudest log.
#[test]
fn a_person_signs_in_once_for_many_commands() {
    let desk = Desk::new();
    let first = desk.with_a_person(&[READ.as_slice(), &["-vv"]].concat());
    assert_eq!(first.code, 0, "{}", first.stderr);
    let kept = desk.files();
    assert_eq!(kept.len(), 1);
    let mut tokens = vec![std::fs::read_to_string(&kept[0]).unwrap()];
    let second = desk.place.succeed(&[READ.as_slice(), &["-vv"]].concat());
    assert!(!second.stderr.contains("enter the code"), "{}", second.stderr);
    assert!(second.stdout.contains("userPrincipalName"));
    tokens.push(std::fs::read_to_string(&kept[0]).unwrap());
    for token in tokens {
        for run in [&first, &second] {
            assert!(!run.stderr.contains(&token) && !run.stdout.contains(&token));
        }
    }
    assert_eq!(desk.files(), kept, "each use replaces the file");
}

#[cfg(unix)]
#[test]
fn the_file_is_private_and_refused_when_it_is_not() {
    use std::os::unix::fs::PermissionsExt as _;

    let desk = Desk::new();
    assert_eq!(desk.with_a_person(&["login"]).code, 0);
    let file = desk.files().remove(0);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let token = std::fs::read_to_string(&file).unwrap();
    let run = desk.place.run(&READ);
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("0644") && run.stderr.contains("sign-in"), "{}", run.stderr);
    assert!(!run.stderr.contains(&token));
}

#[test]
fn logout_forgets_the_sign_in_of_the_connection_or_all_of_them() {
    let desk = Desk::new();
    let said = desk.place.succeed(&["logout"]).stderr;
    assert!(said.contains("nobody was signed in"), "{said}");
    assert_eq!(desk.with_a_person(&["login"]).code, 0);
    std::fs::write(desk.folder().join("notes.txt"), "somebody else's").unwrap();
    let said = desk.place.succeed(&["logout"]).stderr;
    assert!(said.contains("signed out"), "{said}");
    assert_eq!(desk.files().len(), 1);
    assert_eq!(desk.with_a_person(&["login"]).code, 0);
    let said = desk.place.succeed(&["logout", "--all"]).stderr;
    assert!(said.contains("1 sign-in"), "{said}");
    assert_eq!(desk.files(), [desk.folder().join("notes.txt")]);
}

#[test]
fn a_store_can_be_named_and_none_keeps_nothing() {
    let mut desk = Desk::new();
    let named = desk.place.path("elsewhere");
    let run = desk.with_a_person(&["login", "--token-store", named.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(std::fs::read_dir(&named).unwrap().count(), 1);
    desk.place.set("GRAPHCTL_TOKEN_STORE", "none");
    for _ in 0..2 {
        assert_eq!(desk.with_a_person(&READ).code, 0);
    }
    assert!(desk.files().is_empty());
}

/// What a system file brings itself is where a chain of refresh tokens begins, not where it stays.
#[test]
fn a_refresh_token_of_the_connection_is_replaced_in_the_store() {
    let mut desk = Desk::new();
    assert_eq!(desk.with_a_person(&["login"]).code, 0);
    let token = std::fs::read_to_string(&desk.files()[0]).unwrap();
    desk.place.succeed(&["logout"]);
    let given = "    refresh_token: \"${{ENV:DESK_TOKEN}}\"\n";
    let system = system(&desk.tenant).replace("device_code", "refresh_token") + given;
    desk.place.write("graphctl.yaml", &system);
    desk.place.set("DESK_TOKEN", &token);
    desk.place.succeed(&READ);
    let replaced = std::fs::read_to_string(&desk.files()[0]).unwrap();
    assert_ne!(replaced, token);
    desk.place.succeed(&READ);
    assert_eq!(desk.files().len(), 1);
}
