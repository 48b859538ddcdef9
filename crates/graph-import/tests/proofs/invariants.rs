//! What must hold of a store at any time, whatever happened to the imports before.

use std::collections::{BTreeMap, BTreeSet};

use graph_dsl::{StreamKind, StreamPlan};
use graph_import::{Completeness, Phase, Report, StreamState};
use graph_simulator::Simulator;
use rusqlite::Connection;

use crate::imports::Graph;
use crate::place::{Place, rows};
use crate::truth;

/// Objects and edges that were there at every moment from the first on: nothing may ever say that
/// one of them is gone (cases: I3). What came later may have lain in the recycle bin before.
#[derive(Default)]
pub(crate) struct Steady {
    moment: Option<u64>,
    streams: BTreeMap<String, BTreeSet<String>>,
}

impl Steady {
    /// Follows the tenant up to a moment.
    pub(crate) fn until(&mut self, graph: &Graph, moment: u64) {
        let simulator = graph.well(0);
        for next in self.moment.map_or(0, |moment| moment + 1)..=moment {
            simulator.set_moment(next);
            self.at(&simulator);
            self.moment = Some(next);
        }
    }

    fn at(&mut self, simulator: &Simulator) {
        let streams = crate::imports::streams();
        for plan in &streams {
            let live: BTreeSet<String> = match &plan.kind {
                StreamKind::Edges { of } => {
                    let owner = streams.iter().find(|owner| owner.name == *of).unwrap();
                    let edges = truth::edges(simulator, (plan, owner)).into_iter();
                    edges.map(|(source, target)| format!("{source}|{target}")).collect()
                }
                _ => truth::objects(simulator, plan).into_keys().collect(),
            };
            self.streams
                .entry(plan.name.clone())
                .and_modify(|steady| steady.retain(|id| live.contains(id)))
                .or_insert(live);
        }
    }

    /// I3: no tombstone and no closed edge without a reason.
    pub(crate) fn assert_not_buried(&self, place: &Place, what: &str) {
        if !place.path().exists() {
            return;
        }
        let reader = place.reader();
        for plan in &crate::imports::streams() {
            let Some(steady) = self.streams.get(&plan.name) else { continue };
            let buried = buried(&reader, plan);
            let wrong: Vec<_> = buried.iter().filter(|id| steady.contains(*id)).collect();
            assert!(wrong.is_empty(), "I3: {what}: {} says gone of {wrong:?}", plan.name);
        }
    }
}

/// What the store says is gone and has not come back.
fn buried(reader: &Connection, plan: &StreamPlan) -> Vec<String> {
    let name = &plan.name;
    let exists = |table: String| {
        let sql = format!("SELECT count(*) FROM sqlite_schema WHERE name = '{table}'");
        rows(reader, &sql) == ["1"]
    };
    match plan.kind {
        StreamKind::Edges { .. } if exists(format!("closed_{name}")) => {
            let id = |end: &str| {
                format!("(SELECT hex(id) FROM import_object_id WHERE number = c.{end})")
            };
            let sql = format!(
                "SELECT {}, {} FROM closed_{name} c LEFT JOIN edge_{name} e USING (source, target)
                 WHERE e.source IS NULL",
                id("source"),
                id("target")
            );
            let ends = |row: &String| row.split('|').map(dashed).collect::<Vec<_>>().join("|");
            rows(reader, &sql).iter().map(ends).collect()
        }
        StreamKind::Edges { .. } => Vec::new(),
        _ if exists(format!("deleted_{name}")) => {
            rows(reader, &format!("SELECT id FROM deleted_{name}"))
        }
        _ => Vec::new(),
    }
}

/// The text of a GUID that a store keeps as sixteen bytes.
fn dashed(hex: &str) -> String {
    let hex = hex.to_ascii_lowercase();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or(""));
    parts.join("-")
}

/// The file is whole, and nothing half done is left beside a stream that is between two rounds.
pub(crate) fn assert_sound(place: &Place, what: &str) {
    if place.path().exists() {
        assert_eq!(place.query("PRAGMA integrity_check"), ["ok"], "{what}");
    }
}

/// I6: every stream that a certificate calls proven equals the tenant.
pub(crate) fn assert_honest(
    place: &Place,
    simulator: &Simulator,
    (report, streams): (&Report, &[StreamPlan]),
    what: &str,
) {
    let proven = |stream: &str| {
        let mut reports = report.streams.iter();
        reports.any(|it| it.stream == stream && it.completeness == Completeness::Proven)
    };
    truth::assert_equal_of(place, simulator, (streams, &proven), &format!("I6: {what}"));
}

/// Looks at all views between commits: as long as a full round is under way, they do not change
/// (cases: I5).
pub(crate) struct Reader {
    place: std::path::PathBuf,
    connection: Option<Connection>,
    seen: Option<Vec<String>>,
    streams: Vec<StreamPlan>,
}

impl Reader {
    pub(crate) fn new(place: &Place) -> Self {
        let streams = crate::imports::streams();
        Self { place: place.path(), connection: None, seen: None, streams }
    }

    /// Called after each commit.
    pub(crate) fn look(&mut self, before: &StreamState, after: &StreamState) {
        let now = self.views();
        let full = |state: &StreamState| !matches!(state.phase, Phase::Changes | Phase::Idle);
        let in_the_middle = full(before) && full(after);
        if let Some(seen) = self.seen.replace(now.clone())
            && in_the_middle
            && self.may_not_show(after)
        {
            let news: Vec<_> = now.iter().filter(|row| !seen.contains(row)).take(3).collect();
            let lost: Vec<_> = seen.iter().filter(|row| !now.contains(row)).take(3).collect();
            assert!(
                news.is_empty() && lost.is_empty(),
                "I5: in the middle of a full round of {} ({:?} to {:?}) readers see {news:?} and lose {lost:?}",
                after.stream,
                before.phase,
                after.phase,
            );
        }
    }

    /// Lists of edges are swapped owner by owner once the first pass is over.
    fn may_not_show(&self, state: &StreamState) -> bool {
        let plan = self.streams.iter().find(|plan| plan.name == state.stream);
        let edges = plan.is_some_and(|plan| matches!(plan.kind, StreamKind::Edges { .. }));
        !edges || state.published.is_none()
    }

    fn views(&mut self) -> Vec<String> {
        let path = &self.place;
        let connection =
            self.connection.get_or_insert_with(|| graph_import::sqlite::read_only(path).unwrap());
        let views = "SELECT name FROM sqlite_schema WHERE type = 'view' AND name NOT LIKE 'import_%' ORDER BY 1";
        let of = |view: &String| {
            let without_times = rows(connection, &format!("SELECT * FROM \"{view}\""));
            without_times.into_iter().map(move |row| format!("{view}: {row}")).collect::<Vec<_>>()
        };
        rows(connection, views).iter().flat_map(of).collect()
    }
}
