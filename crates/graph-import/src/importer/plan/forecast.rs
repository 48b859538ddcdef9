//! The cost of a run, from what was counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::{RequestCost, TenantId, TenantSize};
use http::Method;

use super::{Counted, ImportPlan, StreamForecast, is_incremental};
use crate::cost::{Conditions, EdgeCounts, EdgeStrategy, Estimate};
use crate::importer::sample::Sampling;
use crate::importer::{Importer, permissions};
use crate::store::{Store, StreamState, relation};
use crate::{Source, StreamOutcome};

/// Bytes of a row of 700 bytes, with its indexes and its place in the dictionary (measured: facts,
/// evidence-and-security, "SQLite layout, measured").
const OBJECT_BYTES: u64 = 860;
/// Bytes of an edge in both directions: six short integers and their cells.
const EDGE_BYTES: u64 = 40;

const EDGES: &str = "edges";
const INCREMENTAL: &str = "incremental";

/// All that the forecasts of the streams are made from.
pub(super) struct Forecast<'a> {
    pub(super) conditions: Conditions,
    pub(super) sampling: Sampling,
    /// See [`Importer::scan_from`].
    scan_from: u64,
    full: bool,
    /// See [`Importer::replication_margin`].
    margin: Duration,
    forced: Option<EdgeStrategy>,
    /// The permissions that the token names; empty where nothing is known.
    granted: Vec<String>,
    /// What Graph has said about streams that were in doubt.
    probed: BTreeMap<String, StreamOutcome>,
    tenant: TenantId,
    pub(super) streams: Vec<(&'a StreamPlan, bool, Option<Counted>)>,
}

impl<'a> Forecast<'a> {
    pub(super) fn new<S: Store>(
        importer: &Importer<S>,
        streams: &[(&'a StreamPlan, StreamState)],
        counted: Vec<Option<Counted>>,
        (granted, probed): (Vec<String>, BTreeMap<String, StreamOutcome>),
    ) -> Self {
        let users = streams.iter().zip(&counted).find_map(|((plan, _), counted)| match counted {
            Some(Counted::Objects(users)) if plan.entity == "user" => Some(*users),
            _ => None,
        });
        let mut conditions = importer.conditions;
        if let Some(users) = users {
            conditions.tenant = TenantSize::of_users(users);
        }
        let goes_on = |(plan, state): &(&'a StreamPlan, StreamState)| {
            (*plan, is_incremental(importer, plan, state))
        };
        let streams =
            streams.iter().map(goes_on).zip(counted).map(|((plan, on), it)| (plan, on, it));
        Self {
            conditions,
            sampling: importer.sampling,
            scan_from: importer.scan_from,
            full: importer.full,
            margin: importer.margin,
            forced: importer.edge_strategy,
            granted,
            probed,
            tenant: importer.tenant.clone(),
            streams: streams.collect(),
        }
    }

    pub(super) fn plan(self, states: &[(&StreamPlan, StreamState)], asked: u64) -> ImportPlan {
        let mut forecasts: Vec<StreamForecast> = self
            .streams
            .iter()
            .map(|(plan, on, counted)| self.of(plan, *on, counted.as_ref()))
            .collect();
        let readable = |it: &&StreamForecast| it.outcome == StreamOutcome::Granted;
        let (edges, objects): (Vec<_>, Vec<_>) =
            forecasts.iter().filter(readable).partition(|it| it.source == EDGES);
        let sum = |of: Vec<&StreamForecast>| {
            of.into_iter().map(|it| it.estimate).fold(Estimate::default(), Estimate::and)
        };
        let store_bytes = bytes(&forecasts);
        let read = sum(objects).then(sum(edges));
        let sample = self.samples(&mut forecasts);
        let total = read.then(sample);
        let missing =
            forecasts.iter().filter(|it| it.required).filter_map(|it| match &it.outcome {
                StreamOutcome::MissingPermission(least) => Some(least.clone()),
                _ => None,
            });
        let missing_permissions = missing.collect::<BTreeSet<_>>().into_iter().collect();
        let incremental = !self.full && states.iter().any(|(_, state)| state.watermark.is_some());
        let (tenant, binding) = (self.tenant, total.binding());
        ImportPlan {
            tenant,
            incremental,
            streams: forecasts,
            total,
            sample,
            binding,
            missing_permissions,
            store_bytes,
            asked,
        }
    }

    /// Adds to each stream what its sample costs; all of them, one after the other.
    fn samples(&self, forecasts: &mut [StreamForecast]) -> Estimate {
        let mut all = Estimate::default();
        for (it, (plan, goes_on, _)) in forecasts.iter_mut().zip(&self.streams) {
            if it.outcome == StreamOutcome::Granted {
                let (sampled, cost) = self.sample(plan, *goes_on, it.count);
                (it.sampled, it.estimate) = (sampled, it.estimate.then(cost));
                it.binding = it.estimate.binding();
                all = all.then(cost);
            }
        }
        all
    }

    fn of(&self, plan: &StreamPlan, goes_on: bool, counted: Option<&Counted>) -> StreamForecast {
        let outcome = self.outcome(plan, counted);
        let count = match counted {
            Some(Counted::Objects(count)) => Some(*count),
            _ => None,
        };
        let forecast = |source, strategy, count, estimate: Estimate, note| StreamForecast {
            stream: plan.name.clone(),
            required: plan.required,
            outcome: outcome.clone(),
            source,
            strategy,
            count,
            sampled: 0,
            estimate,
            binding: estimate.binding(),
            note,
        };
        let uncounted = count.is_none().then_some("not counted: the least that it takes");
        match &plan.kind {
            StreamKind::Edges { of } => self.edges(plan, of, goes_on, forecast),
            StreamKind::Delta if goes_on => {
                let note = Some("one request if nothing has changed");
                forecast(INCREMENTAL, None, None, self.pages(plan, 1, true), note)
            }
            StreamKind::Delta
                if plan.scan.is_some() && count.is_some_and(|it| it < self.scan_from) =>
            {
                // As the handover begins, to find out that it is not worth it, and counted at its end.
                let estimate = self.pages(plan, 1, true).then(self.counts(plan));
                let pages = count.unwrap_or(0) / self.conditions.delta_page.0.max(1) + 1;
                let estimate = estimate.then(self.pages(plan, pages, true));
                forecast(Source::Delta.as_str(), None, count, estimate, None)
            }
            StreamKind::Delta if plan.scan.is_some() => {
                let estimate = self.handover(plan, count);
                forecast(Source::Handover.as_str(), None, count, estimate, uncounted)
            }
            StreamKind::Delta => {
                let pages = count.unwrap_or(0) / self.conditions.delta_page.0.max(1) + 1;
                let estimate = self.pages(plan, pages, true);
                forecast(Source::Delta.as_str(), None, count, estimate, uncounted)
            }
            StreamKind::Window => {
                // How much happened nobody counts: one page a span at least.
                let spans = plan.window.as_ref().map_or(1, |window| {
                    let spans = window.retention.as_secs() / window.slice.as_secs().max(1);
                    if goes_on { 2 } else { spans.max(1) }
                });
                let (source, note) =
                    (Source::Window.as_str(), "one page a span: the least that it takes");
                forecast(source, None, None, self.pages(plan, spans, true), Some(note))
            }
            _ => {
                let size = u64::from(plan.page_size.unwrap_or(100).max(1));
                let estimate = self.pages(plan, count.unwrap_or(0) / size + 1, true);
                forecast(Source::Full.as_str(), None, count, estimate, uncounted)
            }
        }
    }

    fn edges(
        &self,
        plan: &StreamPlan,
        of: &str,
        goes_on: bool,
        forecast: impl Fn(
            &'static str,
            Option<EdgeStrategy>,
            Option<u64>,
            Estimate,
            Option<&'static str>,
        ) -> StreamForecast,
    ) -> StreamForecast {
        let owner = self.streams.iter().find(|(owner, ..)| owner.name == of);
        let Some((owner, _, counted)) = owner else {
            return forecast(EDGES, None, None, Estimate::default(), Some("its owner is not read"));
        };
        if goes_on && plan.is_delta() {
            let note = "one request if nothing has changed";
            return forecast(INCREMENTAL, None, None, self.pages(plan, 1, true), Some(note));
        }
        if goes_on {
            let note = "changes come with their owners; lists only where those are not exact";
            return forecast(INCREMENTAL, None, None, Estimate::default(), Some(note));
        }
        let Some(Counted::Objects(owners)) = counted else {
            let note = "its owners are not counted";
            return forecast(EDGES, None, None, Estimate::default(), Some(note));
        };
        if plan.is_delta() {
            let size = u64::from(plan.page_size.unwrap_or(100).max(1));
            let estimate = self.pages(plan, owners / size + 1, true);
            return forecast(Source::Delta.as_str(), None, Some(*owners), estimate, None);
        }
        let counts = EdgeCounts::guessed(*owners).longest(self.everybody(owner, plan));
        let choice = self.conditions.choose(owner, plan, counts);
        let strategy = self.forced.unwrap_or(choice.strategy);
        let estimate = self.conditions.edges(strategy, owner, plan, counts);
        let note = "fifty edges an owner are assumed";
        forecast(EDGES, Some(strategy), Some(*owners), estimate, Some(note))
    }

    /// How many members the largest group is taken to have: all users, where they were counted.
    fn everybody(&self, owner: &StreamPlan, plan: &StreamPlan) -> u64 {
        let of_groups = owner.entity == "group" && relation(plan) == "members";
        let users = self.streams.iter().find(|(stream, ..)| stream.entity == "user");
        match users {
            Some((_, _, Some(Counted::Objects(users)))) if of_groups => *users,
            _ => 0,
        }
    }

    /// So many pages of a stream's own query.
    fn pages(&self, plan: &StreamPlan, pages: u64, serial: bool) -> Estimate {
        let query = format!("{}?$select={}", plan.endpoint, plan.select.join(","));
        self.conditions.requests(RequestCost::of(&Method::GET, &query), pages, pages, serial)
    }

    /// The token and whether it works, the margin, two counts, the scan, and what has changed meanwhile.
    fn handover(&self, plan: &StreamPlan, count: Option<u64>) -> Estimate {
        let Some(scan) = &plan.scan else { return Estimate::default() };
        let (collection, parts) = (&scan.endpoint, scan.partition.is_some());
        let size = u64::from(plan.page_size.unwrap_or(100).max(1));
        let pages = count.unwrap_or(0) / size + 1;
        let query = format!("{collection}?$select={}&$top={size}", plan.select.join(","));
        let cost = RequestCost::of(&Method::GET, &query);
        let scan = self.conditions.requests(cost, pages, pages, !parts);
        let margin = Estimate { latency_seconds: self.margin.as_secs_f64(), ..Estimate::default() };
        self.pages(plan, 3, true).then(margin).then(self.counts(plan)).then(scan)
    }

    /// The counts before and after the objects of a stream are read.
    fn counts(&self, plan: &StreamPlan) -> Estimate {
        let Some(scan) = &plan.scan else { return Estimate::default() };
        let cost = RequestCost::of(&Method::GET, &format!("{}/$count", scan.endpoint));
        self.conditions.requests(cost, 2, 2, true)
    }

    /// Whether the token opens the stream, and what Graph has answered to the count.
    fn outcome(&self, plan: &StreamPlan, counted: Option<&Counted>) -> StreamOutcome {
        if let Some(outcome) = self.probed.get(&plan.name) {
            return outcome.clone();
        }
        if let Some(Counted::Refused(outcome)) = counted {
            return outcome.clone();
        }
        if let StreamKind::Edges { of } = &plan.kind
            && let Some((owner, _, counted)) = self.streams.iter().find(|it| it.0.name == *of)
            && self.outcome(owner, counted.as_ref()) != StreamOutcome::Granted
        {
            return StreamOutcome::OwnerNotRead(of.clone());
        }
        match &plan.permission {
            Some(least) if !permissions::opens(plan, &self.granted) => {
                StreamOutcome::MissingPermission(least.clone())
            }
            _ => StreamOutcome::Granted,
        }
    }
}

/// About how much the store grows.
fn bytes(forecasts: &[StreamForecast]) -> Option<u64> {
    let of = |it: &StreamForecast| match (it.source, it.count) {
        (INCREMENTAL, _) => Some(0),
        (EDGES, Some(owners)) => Some(EdgeCounts::guessed(owners).edges * EDGE_BYTES),
        (_, Some(objects)) => Some(objects * OBJECT_BYTES),
        (_, None) => None,
    };
    let granted = forecasts.iter().filter(|it| it.outcome == StreamOutcome::Granted);
    granted.filter_map(of).reduce(u64::saturating_add)
}
