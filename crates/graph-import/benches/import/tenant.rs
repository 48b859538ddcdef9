//! Tenants to import, and clients for them.

use std::path::Path;

use graph_import::{Importer, Observer, Report, SqliteStore, Stop};
use graph_simulator::{Simulator, SimulatorBuilder, Tenant};
use graph_transport::stack::Body;
use graph_transport::{
    Cloud, Concurrency, CustomCloud, GraphClient, Secret, StaticBearer, TenantId, TenantSize,
};
use http::{Request, Response};
use tower::Service;

/// A tenant of so many users, groups and about so many memberships.
pub(crate) fn tenant(users: u64, groups: u64, memberships: u64) -> SimulatorBuilder {
    let tenant = Tenant::builder().users(users).groups(groups).memberships(memberships);
    Simulator::builder(tenant.build())
}

/// A Graph on this machine.
pub(crate) fn cloud(root: &str) -> Cloud {
    let custom = CustomCloud {
        graph_root: root.to_owned(),
        authority: root.to_owned(),
        ca_bundle: None,
        allow_insecure_loopback: true,
    };
    Cloud::custom(custom).unwrap()
}

/// A client whose requests are answered in this process. Of a Graph with budgets the documented ones
/// hold, as in Microsoft's clouds; that the tenant is large shows later.
pub(crate) fn client<W, B>(simulator: &Simulator, wire: W, budgets: bool) -> GraphClient
where
    W: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    W::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    W::Future: Send,
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let bearer = StaticBearer::new(Secret::new(simulator.access_token()));
    let mut builder = GraphClient::builder(cloud("http://127.0.0.1:1"), bearer);
    if budgets {
        builder = builder.tenant_size(TenantSize::Small);
    }
    // As `systems/entra.yaml` has it.
    builder.max_concurrent_requests(Concurrency::Auto).wire(wire).build().unwrap()
}

/// What the benches read: the streams whose numbers are promised.
pub(crate) fn streams() -> Vec<graph_dsl::StreamPlan> {
    let streams = graph_import::streams().unwrap().into_iter();
    streams.filter(|plan| ["users", "groups", "members"].contains(&plan.name.as_str())).collect()
}

/// An importer of the default streams.
pub(crate) fn importer(client: GraphClient, tenant: &str, store: &Path) -> Importer<SqliteStore> {
    let tenant = TenantId::parse(tenant).unwrap();
    let streams = streams();
    let importer = Importer::new(client, tenant, streams, SqliteStore::new(store)).unwrap();
    importer.reads_hidden_members(true)
}

/// One import, which must end proven.
pub(crate) async fn import(client: GraphClient, tenant: &str, store: &Path) -> Report {
    run(&importer(client, tenant, store), &()).await
}

/// Runs an importer to its end, which must be proven.
pub(crate) async fn run(importer: &Importer<SqliteStore>, observer: &dyn Observer) -> Report {
    let report = importer.run(observer, &Stop::new()).await.unwrap();
    for stream in &report.streams {
        let proven = stream.completeness.to_string() == "proven";
        assert!(proven, "{}: {} {:?}", stream.stream, stream.completeness, stream.error);
    }
    report
}
