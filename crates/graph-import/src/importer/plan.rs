//! What the next run would ask of Graph, before it asks: requests, resource units, time, permissions.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future;
use graph_dsl::graph_index::GraphIndex;
use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::{Disposition, GraphRequest, RequestCost, TenantId, TenantSize};
use http::Method;
use http::header::{HeaderName, HeaderValue};
use serde::{Serialize, Serializer};

use super::writer::Writer;
use super::{ImportError, Importer, links};
use crate::cost::{BindingLimit, Conditions, EdgeCounts, EdgeStrategy, Estimate};
use crate::store::{Store, StreamState};
use crate::{Source, StreamOutcome};

/// What the next run would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ImportPlan {
    /// The tenant.
    #[serde(serialize_with = "shown")]
    pub tenant: TenantId,
    /// Whether the store holds an earlier import, so that only changes are read.
    pub incremental: bool,
    /// The streams, in the order of a run.
    pub streams: Vec<StreamForecast>,
    /// All streams together: they share the budget and go on side by side, edges after their owners.
    pub total: Estimate,
    /// What makes it last as long as it does.
    pub binding: BindingLimit,
    /// Permissions that required streams lack, each with the least that would do.
    pub missing_permissions: Vec<String>,
    /// About how much the store will grow, in bytes; `None` where the objects could not be counted.
    pub store_bytes: Option<u64>,
    /// What was asked to find this out.
    pub asked: u64,
}

/// What a run would do about one stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StreamForecast {
    /// The stream.
    pub stream: String,
    /// Whether the run needs it.
    pub required: bool,
    /// Whether it can be read, as far as the token and a count say.
    #[serde(serialize_with = "shown")]
    pub outcome: StreamOutcome,
    /// How it is read: `handover`, `delta`, `full`, `incremental` or `edges`.
    pub source: &'static str,
    /// Of edges: how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<EdgeStrategy>,
    /// Objects, or owners of edges, that Graph has counted.
    pub count: Option<u64>,
    /// Its cost; least what is known of it, where nothing was counted.
    pub estimate: Estimate,
    /// What makes it last as long as it does.
    pub binding: BindingLimit,
    /// What the estimate rests on, where that is not a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl ImportPlan {
    /// Whether a required stream cannot be read, so that the run would fail.
    pub fn is_refused(&self) -> bool {
        self.streams.iter().any(|it| it.required && it.outcome != StreamOutcome::Granted)
    }
}

/// Bytes of a row of 700 bytes, with its indexes and its place in the dictionary (measured: facts,
/// evidence-and-security, "SQLite layout, measured").
const OBJECT_BYTES: u64 = 860;
/// Bytes of an edge in both directions: six short integers and their cells.
const EDGE_BYTES: u64 = 40;

const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");

/// What counting a stream's objects has shown.
enum Counted {
    Objects(u64),
    Refused(StreamOutcome),
    Unknown,
}

impl<S: Store> Importer<S> {
    /// What the next run would ask of Graph. Asks for nothing but counts, one request a stream of
    /// objects that has not been read yet, and leaves the store as it is; none is created.
    ///
    /// `granted` are the application permissions of the token, where they are known: a stream
    /// without one that opens it is shown as refused.
    ///
    /// # Errors
    /// A store that cannot be used.
    pub async fn plan(
        &self,
        granted: Option<&BTreeSet<String>>,
    ) -> Result<ImportPlan, ImportError> {
        let (tenant, streams) = (self.tenant.clone(), self.streams.clone());
        let states = Writer::new(&self.store, &self.clock)
            .call(move |store| store.inspect(&tenant, &streams))
            .await?;
        let streams: Vec<(&StreamPlan, StreamState)> = self.streams.iter().zip(states).collect();
        let counts = streams.iter().map(|(plan, state)| async move {
            let edges = matches!(plan.kind, StreamKind::Edges { .. });
            let log = plan.kind == StreamKind::Window;
            if edges || log || is_incremental(self, plan, state) {
                None
            } else {
                Some(self.count(plan).await)
            }
        });
        let counted = future::join_all(counts).await;
        let asked = counted.iter().flatten().count() as u64;
        let forecast = Forecast::new(self, &streams, counted, granted);
        Ok(forecast.plan(&streams, asked))
    }

    /// How many objects a stream has.
    async fn count(&self, plan: &StreamPlan) -> Counted {
        let collection = match &plan.scan {
            Some(scan) => scan.endpoint.as_str(),
            None => plan.endpoint.split('?').next().unwrap_or_default(),
        };
        let collection = collection.strip_suffix("/delta").unwrap_or(collection);
        let path = format!("/{}{collection}/$count{}", links::version(plan), links::scope(plan));
        let Ok(link) = self.client.cloud().link(&path) else { return Counted::Unknown };
        let request =
            GraphRequest::get(link).header(CONSISTENCY_LEVEL, HeaderValue::from_static("eventual"));
        let Ok(answer) = self.client.send(request).await else { return Counted::Unknown };
        match answer.disposition() {
            Disposition::Ok => std::str::from_utf8(answer.body())
                .ok()
                .and_then(|text| text.trim_matches(|it: char| !it.is_ascii_digit()).parse().ok())
                .map_or(Counted::Unknown, Counted::Objects),
            Disposition::Forbidden => {
                let least = plan.permission.clone().unwrap_or_else(|| "unknown".to_owned());
                Counted::Refused(StreamOutcome::MissingPermission(least))
            }
            Disposition::NotLicensed => Counted::Refused(StreamOutcome::NotLicensed),
            Disposition::NotInCloud => Counted::Refused(StreamOutcome::NotInCloud),
            // B2C tenants and some collections cannot be counted (facts: graph-protocol 6).
            _ => Counted::Unknown,
        }
    }
}

/// Whether a stream goes on where an earlier run has ended.
fn is_incremental<S>(importer: &Importer<S>, plan: &StreamPlan, state: &StreamState) -> bool {
    let goes_on = match plan.kind {
        StreamKind::Edges { .. } => state.published.is_some(),
        _ => state.watermark.is_some(),
    };
    goes_on && !importer.full
}

/// All that the forecasts of the streams are made from.
struct Forecast<'a> {
    conditions: Conditions,
    full: bool,
    /// See [`Importer::replication_margin`].
    margin: Duration,
    forced: Option<EdgeStrategy>,
    granted: Option<&'a BTreeSet<String>>,
    tenant: TenantId,
    streams: Vec<(&'a StreamPlan, bool, Option<Counted>)>,
}

impl<'a> Forecast<'a> {
    fn new<S: Store>(
        importer: &Importer<S>,
        streams: &[(&'a StreamPlan, StreamState)],
        counted: Vec<Option<Counted>>,
        granted: Option<&'a BTreeSet<String>>,
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
            full: importer.full,
            margin: importer.margin,
            forced: importer.edge_strategy,
            granted,
            tenant: importer.tenant.clone(),
            streams: streams.collect(),
        }
    }

    fn plan(self, states: &[(&StreamPlan, StreamState)], asked: u64) -> ImportPlan {
        let forecasts: Vec<StreamForecast> = self
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
        let total = sum(objects).then(sum(edges));
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
            binding,
            missing_permissions,
            store_bytes,
            asked,
        }
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
        let counts = EdgeCounts::guessed(*owners);
        let choice = self.conditions.choose(owner, plan, counts);
        let strategy = self.forced.unwrap_or(choice.strategy);
        let estimate = self.conditions.edges(strategy, owner, plan, counts);
        let note = "fifty edges an owner are assumed";
        forecast(EDGES, Some(strategy), Some(*owners), estimate, Some(note))
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
        let counts = RequestCost::of(&Method::GET, &format!("{collection}/$count"));
        let scan = self.conditions.requests(cost, pages, pages, !parts);
        let counts = self.conditions.requests(counts, 2, 2, true);
        let margin = Estimate { latency_seconds: self.margin.as_secs_f64(), ..Estimate::default() };
        self.pages(plan, 3, true).then(margin).then(counts).then(scan)
    }

    /// Whether the token opens the stream, and what Graph has answered to the count.
    fn outcome(&self, plan: &StreamPlan, counted: Option<&Counted>) -> StreamOutcome {
        if let Some(Counted::Refused(outcome)) = counted {
            return outcome.clone();
        }
        let Some((granted, least)) = self.granted.zip(plan.permission.as_ref()) else {
            return StreamOutcome::Granted;
        };
        let path = plan.endpoint.split('?').next().unwrap_or_default();
        let sets = GraphIndex::embedded().needs("GET", path).application;
        let opens = |set: &Vec<String>| set.iter().all(|name| granted.contains(name));
        if granted.contains(least) || sets.iter().any(opens) {
            StreamOutcome::Granted
        } else {
            StreamOutcome::MissingPermission(least.clone())
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
    forecasts.iter().filter(|it| it.outcome == StreamOutcome::Granted).map(of).sum()
}

const EDGES: &str = "edges";
const INCREMENTAL: &str = "incremental";

fn shown<T: std::fmt::Display, Z: Serializer>(value: &T, serializer: Z) -> Result<Z::Ok, Z::Error> {
    serializer.collect_str(value)
}
