//! Every command of the catalogue through the binary, against a simulated tenant: what the library's
//! own tests call, with the arguments and the calls before it of the same table.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

#[path = "../../../graph-admin/tests/executions/arguments.rs"]
mod arguments;
#[path = "../../../graph-admin/tests/executions/bench.rs"]
#[expect(dead_code, reason = "the library's tests use the rest")]
mod bench;
#[path = "../../../graph-admin/tests/executions/objects.rs"]
mod objects;
#[path = "../../../graph-admin/tests/executions/table.rs"]
mod table;

use std::process::{Command, Output};

use futures_util::{StreamExt as _, stream};
use graph_admin::system;
use graph_dsl::{ArgumentKind, Arguments, CommandPlan};
use graph_simulator::{Server, Simulator, Tenant};
use serde_json::Value;
use tempfile::TempDir;

use crate::arguments::arguments;
use crate::table::table;

/// Processes at once.
const AT_ONCE: usize = 3;

/// A tenant of its own, and a directory whose system file names it.
struct Place {
    directory: TempDir,
    secret: String,
    _server: Server,
}

impl Place {
    async fn new() -> Self {
        let tenant = Tenant::builder().seed(11).users(90).build();
        let simulator = Simulator::builder(tenant).build();
        let server = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let system = format!(
            "name: test\nconnection:\n  auth_type: azure\n  cloud: custom\n  graph_root: {}\n  authority: {}\n  \
             allow_insecure_loopback: true\n  credentials:\n    tenant_id: {}\n    client_id: {}\n    \
             client_secret: \"${{{{ENV:TEST_CLIENT_SECRET}}}}\"\n",
            server.graph_root(),
            server.authority(),
            simulator.tenant_id(),
            simulator.client_id(),
        );
        std::fs::write(directory.path().join("graphctl.yaml"), system).unwrap();
        Self { directory, secret: simulator.client_secret().to_owned(), _server: server }
    }

    /// The data of the answer, or what the binary said.
    async fn run(&self, plan: &CommandPlan, values: &Arguments) -> Result<Value, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_graphctl"));
        command.current_dir(self.directory.path()).env_clear();
        command.env("TEST_CLIENT_SECRET", &self.secret).env("HOME", self.directory.path());
        command.args(["run", &plan.full_name(), "--yes", "--reveal", "--output", "json"]);
        command.args(values.iter().map(|(name, value)| self.word(plan, name, value)));
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let Output { status, stdout, stderr } = output;
        if !status.success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&stderr)));
        }
        let envelope: Value = serde_json::from_slice(&stdout).map_err(|it| it.to_string())?;
        Ok(envelope["response"]["data"].clone())
    }

    /// An argument as a shell gets it; secrets and bytes come from files.
    fn word(&self, plan: &CommandPlan, name: &str, value: &Value) -> String {
        let kind = plan.signature.get(name).map(|argument| &argument.kind);
        match (kind, value) {
            (Some(ArgumentKind::Secret | ArgumentKind::Binary), value) => {
                let text = value.as_str().unwrap_or_default();
                std::fs::write(self.directory.path().join(name), text).unwrap();
                format!("{name}=@{name}")
            }
            (_, Value::String(text)) if !text.starts_with('@') => format!("{name}={text}"),
            (_, value) => format!("{name}:={value}"),
        }
    }

    /// The calls before a command, then the command.
    async fn execute(&self, plan: &CommandPlan) -> Result<(), String> {
        let row = table().get(plan.full_name().as_str()).cloned().unwrap_or_default();
        let mut answers = Vec::new();
        for step in &row.before {
            let (command, given) = step.split_once(' ').unwrap_or((step, ""));
            let earlier = system().catalogue.get(command).ok_or(format!("no {command}"))?;
            let values = arguments(earlier, given, &answers).await?;
            answers.push(self.run(earlier, &values).await?);
        }
        let values = arguments(plan, &row.arguments, &answers).await?;
        self.run(plan, &values).await.map(drop)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_catalogue_runs_through_the_binary() {
    let unanswered = |plan: &&CommandPlan| {
        table().get(plan.full_name().as_str()).is_some_and(|row| row.unanswered)
    };
    let answered = system().catalogue.iter().filter(|plan| !unanswered(plan));
    let runs = answered.map(async |plan: &CommandPlan| {
        let failure = Place::new().await.execute(plan).await.err()?;
        Some(format!("{}: {failure}", plan.full_name()))
    });
    let problems: Vec<String> =
        stream::iter(runs).buffer_unordered(AT_ONCE).filter_map(async |it| it).collect().await;
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
