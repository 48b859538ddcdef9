//! A directory, a tenant and the binary.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use graph_simulator::{FaultPlan, Kind, Latency, Server, Simulator, Tenant};
use serde_json::Value;
use tempfile::TempDir;

/// The variable that the system files of these tests take their secret from.
pub(crate) const SECRET: &str = "TEST_CLIENT_SECRET";

/// A working directory with nothing in it, and no setting of the surrounding environment.
pub(crate) struct Place {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run printed, and how it ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// A place whose `graphctl.yaml` names this tenant.
    pub(crate) fn with_tenant(tenant: &RunningTenant) -> Self {
        let mut place = Self::new();
        place.write("graphctl.yaml", &tenant.system());
        place.set(SECRET, tenant.simulator.client_secret());
        // Its replicas do not lag.
        place.set("GRAPHCTL_REPLICATION_MARGIN", "0s");
        place
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Names of the files that are there, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_graphctl"));
        command.args(arguments).current_dir(self.directory.path()).stdin(Stdio::null());
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn piped(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs and reads what the test writes to its stdin.
    pub(crate) fn fed(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs a line of a shell, to which the binary is `$0`.
    pub(crate) fn shell(&self, line: &str) -> Run {
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(line).arg(env!("CARGO_BIN_EXE_graphctl"));
        shell.current_dir(self.directory.path()).stdin(Stdio::null()).env_clear();
        Self::ended(shell.output().unwrap())
    }

    /// Runs under limits that a shell sets first.
    #[cfg(unix)]
    pub(crate) fn run_limited(&self, limits: &str, arguments: &[&str]) -> Run {
        let plain = self.command(arguments);
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("{limits}; exec \"$0\" \"$@\""));
        shell.arg(plain.get_program()).args(plain.get_args());
        shell.current_dir(self.directory.path()).stdin(Stdio::null()).env_clear();
        shell.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Self::ended(shell.output().unwrap())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Self::ended(self.command(arguments).output().unwrap())
    }

    pub(crate) fn ended(Output { status, stdout, stderr }: Output) -> Run {
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Runs and expects exit code 0.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}\n{}\n{}", run.stdout, run.stderr);
        run
    }

    /// Runs with `--output json` and reads stdout.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--output", "json"]].concat();
        serde_json::from_str(&self.succeed(&arguments).stdout).unwrap()
    }

    /// What a store holds, without the times of its runs: the same for the same tenant.
    pub(crate) fn dump(&self) -> Vec<Value> {
        [
            "select id, display_name, user_principal_name, mail, department, account_enabled, business_phones, raw \
             from users order by id",
            "select id, display_name, mail, group_types, visibility, raw from groups order by id",
            "select external_id, member_type, group_name, member_name from group_members order by external_id",
        ]
        .map(|sql| self.json(&["query", sql]))
        .to_vec()
    }
}

/// A simulated tenant that answers on a loopback port as long as it lives.
pub(crate) struct RunningTenant {
    pub(crate) simulator: Simulator,
    pub(crate) server: Server,
    _runtime: tokio::runtime::Runtime,
}

impl RunningTenant {
    pub(crate) fn of(seed: u64, users: u64) -> Self {
        Self::start(Simulator::builder(tenant(seed, users)).build())
    }

    pub(crate) fn with_faults(seed: u64, users: u64, faults: FaultPlan) -> Self {
        Self::start(Simulator::builder(tenant(seed, users)).faults(faults).build())
    }

    pub(crate) fn with_permissions(seed: u64, users: u64, permissions: &[&str]) -> Self {
        let simulator = Simulator::builder(tenant(seed, users));
        Self::start(simulator.permissions(permissions.iter().copied()).build())
    }

    /// Slow enough that a kill falls between requests.
    pub(crate) fn slow(seed: u64, users: u64) -> Self {
        Self::slow_in_pages_of(20, seed, users)
    }

    /// The same with pages of a size of its own.
    pub(crate) fn slow_in_pages_of(objects: u64, seed: u64, users: u64) -> Self {
        let latency = Latency { millis: 2, jitter_millis: 2 };
        let simulator = Simulator::builder(tenant(seed, users)).latency(latency);
        Self::start(simulator.page_size(objects).delta_page_size(objects, 3 * objects).build())
    }

    pub(crate) fn start(simulator: Simulator) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let server = runtime.block_on(simulator.listen("127.0.0.1:0".parse().unwrap())).unwrap();
        Self { simulator, server, _runtime: runtime }
    }

    /// A system file that connects here and extends the embedded `entra`.
    pub(crate) fn system(&self) -> String {
        format!(
            "name: test\nconnection:\n  auth_type: azure\n  cloud: custom\n  graph_root: {}\n  authority: {}\n  \
             allow_insecure_loopback: true\n  credentials:\n    tenant_id: {}\n    client_id: {}\n    \
             client_secret: \"${{{{ENV:{SECRET}}}}}\"\n",
            self.server.graph_root(),
            self.server.authority(),
            self.simulator.tenant_id(),
            self.simulator.client_id(),
        )
    }

    /// Requests so far whose path contains `part`.
    pub(crate) fn requests(&self, part: &str) -> usize {
        self.simulator
            .requests()
            .iter()
            .filter(|it| !it.in_batch && it.path_and_query.contains(part))
            .count()
    }

    pub(crate) fn count(&self, kind: Kind) -> u64 {
        self.simulator.truth().count(kind)
    }

    /// Memberships of users and groups.
    pub(crate) fn memberships(&self) -> u64 {
        let imported = |kind| matches!(kind, Kind::User | Kind::Group);
        self.simulator.truth().memberships().iter().filter(|edge| imported(edge.kind)).count()
            as u64
    }
}

fn tenant(seed: u64, users: u64) -> Tenant {
    Tenant::builder().seed(seed).users(users).build()
}

/// The first value of a query that gives one row.
pub(crate) fn scalar(place: &Place, sql: &str) -> u64 {
    let rows = place.json(&["query", sql]);
    rows[0].as_object().unwrap().values().next().unwrap().as_u64().unwrap()
}

pub(crate) fn exists(path: &Path) -> bool {
    path.try_exists().unwrap()
}
