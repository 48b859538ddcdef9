//! Simulated tenants, and imports of them.

use std::collections::BTreeMap;

use graph_dsl::StreamPlan;
use graph_import::{
    Completeness, ImportError, Importer, Report, SqliteStore, Stop, Store, StreamReport,
};
use graph_simulator::{DeltaLiberties, FaultPlan, Simulator, SimulatorBuilder, Tenant};
use graph_transport::{Cloud, CustomCloud, GraphClient, Secret, StaticBearer, TenantId};

use crate::place::Place;

/// A tenant, and how its Graph behaves where the documentation leaves room.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(crate) seed: u64,
    pub(crate) users: u64,
    pub(crate) page_size: u64,
    /// Objects and relationship entries on a page of a delta round.
    pub(crate) delta_page: (u64, u64),
    pub(crate) liberties: DeltaLiberties,
    /// Whether a group's delta reports members that were restored, and members that were purged.
    pub(crate) membership_reports: (bool, bool),
    /// Whether all streams there are are read, and not only [`streams`].
    pub(crate) everything: bool,
    /// Objects of a collection from which on it is read by a handover.
    pub(crate) scan_from: u64,
    /// Whether a handover reads them in partitions, small as they are.
    pub(crate) in_partitions: bool,
}

impl Graph {
    /// A tenant with small pages, so that there are many.
    pub(crate) fn small(seed: u64, users: u64) -> Self {
        Self {
            seed,
            users,
            page_size: 7,
            delta_page: (25, 60),
            liberties: DeltaLiberties::default(),
            membership_reports: (true, false),
            everything: false,
            scan_from: 5_000,
            in_partitions: false,
        }
    }

    /// The streams that are read. A handover of a small collection reads small pages as well, so that
    /// it has partitions.
    pub(crate) fn streams(&self) -> Vec<StreamPlan> {
        let mut all = if self.everything { graph_import::streams().unwrap() } else { streams() };
        for plan in all.iter_mut().filter(|it| it.scan.is_some() && self.in_partitions) {
            plan.page_size = Some(2);
        }
        all
    }

    pub(crate) fn importer<S: Store>(&self, simulator: &Simulator, store: S) -> Importer<S> {
        importer_of(simulator, self.streams(), store).scan_from(self.scan_from)
    }

    pub(crate) fn builder(&self) -> SimulatorBuilder {
        let tenant = Tenant::builder().seed(self.seed).users(self.users).build();
        Simulator::builder(tenant)
            .page_size(self.page_size)
            .delta_page_size(self.delta_page.0, self.delta_page.1)
            .delta_liberties(self.liberties)
            .membership_reports(self.membership_reports.0, self.membership_reports.1)
    }

    /// The tenant at a moment, with faults.
    pub(crate) fn at(&self, moment: u64, faults: FaultPlan) -> Simulator {
        let simulator = self.builder().faults(faults).build();
        simulator.set_moment(moment);
        simulator
    }

    /// The tenant at a moment, answering as it should.
    pub(crate) fn well(&self, moment: u64) -> Simulator {
        self.at(moment, FaultPlan::default())
    }
}

pub(crate) fn client(simulator: &Simulator) -> GraphClient {
    let root = "http://127.0.0.1:1".to_owned();
    let custom = CustomCloud {
        graph_root: root.clone(),
        authority: root,
        ca_bundle: None,
        allow_insecure_loopback: true,
    };
    let bearer = StaticBearer::new(Secret::new(simulator.access_token()));
    let builder = GraphClient::builder(Cloud::custom(custom).unwrap(), bearer);
    builder.wire(simulator.service()).build().unwrap()
}

pub(crate) fn tenant(simulator: &Simulator) -> TenantId {
    TenantId::parse(&simulator.tenant_id()).unwrap()
}

/// The streams that the proofs read, so that a history of many imports stays short: a collection
/// without and one with edges.
pub(crate) fn streams() -> Vec<StreamPlan> {
    const NAMES: [&str; 3] = ["users", "groups", "members"];
    let streams = graph_import::streams().unwrap().into_iter();
    streams.filter(|plan| NAMES.contains(&plan.name.as_str())).collect()
}

pub(crate) fn importer<S: Store>(simulator: &Simulator, store: S) -> Importer<S> {
    importer_of(simulator, streams(), store)
}

fn importer_of<S: Store>(simulator: &Simulator, streams: Vec<StreamPlan>, store: S) -> Importer<S> {
    let importer = Importer::new(client(simulator), tenant(simulator), streams, store);
    importer.unwrap().reads_hidden_members(true)
}

/// One import of every stream there is.
pub(crate) async fn import_everything(simulator: &Simulator, place: &Place) -> Report {
    let store = SqliteStore::new(place.path());
    let streams = graph_import::streams().unwrap();
    let importer = Importer::new(client(simulator), tenant(simulator), streams, store).unwrap();
    let report = importer.reads_hidden_members(true).run(&(), &Stop::new()).await.unwrap();
    assert_proven(&report, "everything");
    report
}

pub(crate) async fn import_into<S: Store>(
    simulator: &Simulator,
    store: S,
) -> Result<Report, ImportError> {
    importer(simulator, store).run(&(), &Stop::new()).await
}

pub(crate) async fn try_import(
    simulator: &Simulator,
    place: &Place,
) -> Result<Report, ImportError> {
    import_into(simulator, SqliteStore::new(place.path())).await
}

/// One import that must end proven.
pub(crate) async fn import(simulator: &Simulator, place: &Place, what: &str) -> Report {
    let report = try_import(simulator, place).await.unwrap_or_else(|error| {
        panic!("{what}: {error}: {:?}", std::error::Error::source(&error));
    });
    assert_proven(&report, what);
    report
}

/// What a Graph that lied has brought into doubt for as long as a generation lasts, in the words of the
/// certificate. The rounds of a generation cannot take it back, so that reading everything again does.
const LASTING: [(&str, Doubt); 3] = [
    // C11: nobody has counted; a plain list that was cut off would not have been noticed.
    ("Graph does not count", Doubt::Equal),
    // C7: a plain list was cut off, and what it lacked no delta need report.
    ("where Graph counts", Doubt::Lacks),
    // D8: there was no beta, so that lists were read that leave a type out.
    ("sp_members", Doubt::Lacks),
];

/// What a doubt says about the store once nothing fails any more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// It equals the tenant, which the certificate cannot know.
    Equal,
    /// It may lack what the certificate names.
    Lacks,
}

fn lasting(report: &StreamReport) -> Option<Doubt> {
    let Completeness::Provisional(why) = &report.completeness else { return None };
    LASTING.iter().find(|(words, _)| why.contains(words)).map(|(_, doubt)| *doubt)
}

/// The first import that meets no fault ends with the truth, and proven: I1. The one exception is what
/// [`LASTING`] says, and it must be said: those streams alone, and for this reason, are provisional, and
/// one import of everything proves them.
pub(crate) fn import_well(graph: &Graph, moment: u64, place: &Place, what: &str) {
    let import = |full: bool| {
        let well = graph.well(moment);
        let importer = graph.importer(&well, SqliteStore::new(place.path())).full(full);
        let report = in_virtual_time(importer.run(&(), &Stop::new()));
        (report.unwrap_or_else(|error| panic!("{what}: {error:?}")), well)
    };
    let (report, well) = import(false);
    let in_doubt = report.streams.iter().filter_map(|it| Some((it.stream.clone(), lasting(it)?)));
    let in_doubt: BTreeMap<String, Doubt> = in_doubt.collect();
    let streams = graph.streams();
    let equal = |stream: &str| in_doubt.get(stream) != Some(&Doubt::Lacks);
    crate::truth::assert_equal_of(place, &well, (&streams, &equal), what);
    if in_doubt.is_empty() {
        return assert_proven(&report, what);
    }
    let others = report.streams.iter().filter(|it| !in_doubt.contains_key(&it.stream));
    for stream in others {
        assert_eq!(stream.completeness, Completeness::Proven, "{what}: {}", stream.stream);
    }
    let (report, well) = import(true);
    assert_proven(&report, &format!("{what}: everything again"));
    crate::truth::assert_equal_in(place, &well, &streams, what);
}

pub(crate) fn assert_proven(report: &Report, what: &str) {
    let incomplete: Vec<_> = report
        .streams
        .iter()
        .filter(|stream| stream.completeness != Completeness::Proven)
        .map(|stream| {
            format!(
                "{} {} {} {:?}",
                stream.stream, stream.outcome, stream.completeness, stream.error
            )
        })
        .collect();
    assert!(report.completeness == Completeness::Proven, "{what}: {incomplete:#?}");
}

/// Runs on virtual time, in a runtime that ends with whatever it has begun.
pub(crate) fn in_virtual_time<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().unwrap().block_on(work)
}
