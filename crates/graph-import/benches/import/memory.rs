//! The most memory that an importer takes, in a process of its own (Linux).

use std::path::Path;
use std::process::{Command, Stdio};

use graph_transport::{GraphClient, Secret, StaticBearer};

use crate::Row;
use crate::tenant::{cloud, import as import_from, tenant};

/// The first argument of the process that imports.
pub(crate) const IMPORTER: &str = "importer";

pub(crate) fn bench() -> Vec<Row> {
    let sizes = [10_000u64, 100_000, 1_000_000];
    let row = |users: u64| {
        let (rows, peak) = measure(users);
        Row {
            what: format!("peak memory, {users} users, {rows} objects and edges"),
            measured: format!("{peak} MiB"),
            baseline: "the simulator is another process".to_owned(),
            reached: format!("{peak} MiB"),
            reach: "≤ 64 MiB, the same at each size",
        }
    };
    sizes.into_iter().map(row).collect()
}

fn measure(users: u64) -> (u64, u64) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().unwrap();
    let simulator = tenant(users, users / 20, users * 2).build();
    let server = runtime.block_on(simulator.listen("127.0.0.1:0".parse().unwrap())).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("graph.db");
    let arguments =
        [IMPORTER, &server.graph_root(), &simulator.tenant_id(), store.to_str().unwrap()];
    let mut importer = Command::new(std::env::current_exe().unwrap());
    importer.args(arguments).env("TOKEN", simulator.access_token()).stdout(Stdio::piped());
    let output = importer.output().unwrap();
    assert!(output.status.success(), "the importer failed");
    let text = String::from_utf8(output.stdout).unwrap();
    let (rows, peak) = text.trim().split_once(' ').unwrap();
    runtime.block_on(server.shutdown());
    (rows.parse().unwrap(), peak.parse().unwrap())
}

/// Imports and prints how much that was, and the most memory it took, in MiB.
#[expect(clippy::disallowed_methods, reason = "the token is no argument that others can see")]
pub(crate) fn import(arguments: &[String]) {
    let [root, tenant, store] = arguments else { return };
    let bearer = StaticBearer::new(Secret::new(std::env::var("TOKEN").unwrap()));
    let client = GraphClient::builder(cloud(root), bearer).build().unwrap();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // As graphctl's.
    let runtime = runtime.worker_threads(2).max_blocking_threads(2).enable_all().build().unwrap();
    let report = runtime.block_on(import_from(client, tenant, Path::new(store)));
    let rows: u64 = report.streams.iter().map(|stream| stream.holdings.live).sum();
    println!("{rows} {}", peak());
}

/// `VmHWM` in MiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1_024
}
