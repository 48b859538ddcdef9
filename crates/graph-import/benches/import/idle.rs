//! A round in which nothing has changed.

use graph_dsl::StreamKind;

use crate::Row;
use crate::tenant::{client, import, tenant};

pub(crate) fn bench() -> Vec<Row> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    let report = runtime.block_on(async {
        let simulator = tenant(2_000, 200, 20_000).build();
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("graph.db");
        let again = || client(&simulator, simulator.service(), true);
        import(again(), &simulator.tenant_id(), &store).await;
        import(again(), &simulator.tenant_id(), &store).await
    });
    let streams = crate::tenant::streams();
    let delta = streams.iter().filter(|plan| matches!(plan.kind, StreamKind::Delta)).count();
    let others: u64 = report
        .streams
        .iter()
        .filter(|stream| {
            streams
                .iter()
                .any(|plan| plan.name == stream.stream && !matches!(plan.kind, StreamKind::Delta))
        })
        .map(|stream| stream.requests)
        .sum();
    vec![Row {
        what: "a round with nothing changed".to_owned(),
        measured: format!("{} requests, {others} of them by other streams", report.requests),
        baseline: format!("{delta} delta streams"),
        reached: format!("{:.2} each", (report.requests - others) as f64 / delta as f64),
        reach: "one request per delta stream",
    }]
}
