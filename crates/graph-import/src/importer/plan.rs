//! What the next run would ask of Graph, before it asks: requests, resource units, time, permissions.

mod forecast;
mod sample;

use std::collections::BTreeSet;

use futures_util::future;
use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::{Disposition, GraphRequest, TenantId};
use http::header::{HeaderName, HeaderValue};
use serde::{Serialize, Serializer};

use self::forecast::Forecast;
use super::writer::Writer;
use super::{ImportError, Importer, links, permissions, probe};
use crate::StreamOutcome;
use crate::cost::{BindingLimit, EdgeStrategy, Estimate};
use crate::store::{Store, StreamState};

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
    /// The part of it that reads a sample again, after everything else ([`Importer::sample`]).
    pub sample: Estimate,
    /// What makes it last as long as it does.
    pub binding: BindingLimit,
    /// Permissions that required streams lack, each with the least that would do.
    pub missing_permissions: Vec<String>,
    /// About how much the store will grow at least, in bytes, by what Graph has counted; `None` where
    /// it has counted nothing.
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
    /// Objects, or owners of edges, that are read again before the certificate is written.
    pub sampled: u64,
    /// Its cost, the sample included; least what is known of it, where nothing was counted.
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
        self.forecast(granted, false).await
    }

    /// The same, and where neither the token nor a count tells whether a stream may be read, Graph is
    /// asked for one object of it: the permissions that a token names are but a hint, and an opaque
    /// token names none.
    ///
    /// # Errors
    /// As [`Importer::plan`].
    pub async fn plan_and_probe(
        &self,
        granted: Option<&BTreeSet<String>>,
    ) -> Result<ImportPlan, ImportError> {
        self.forecast(granted, true).await
    }

    async fn forecast(
        &self,
        granted: Option<&BTreeSet<String>>,
        probe: bool,
    ) -> Result<ImportPlan, ImportError> {
        let (tenant, streams) = (self.tenant.clone(), self.streams.clone());
        let states = Writer::new(&self.store, &self.clock)
            .call(move |store| store.inspect(&tenant, &streams))
            .await?;
        let streams: Vec<(&StreamPlan, StreamState)> = self.streams.iter().zip(states).collect();
        let granted: Vec<String> = granted.into_iter().flatten().cloned().collect();
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
        let counts = |it: &Option<Counted>| matches!(it, Some(Counted::Objects(_)));
        let told = |(plan, it): (&StreamPlan, &Option<Counted>)| {
            // Of one type among others the permission map says nothing.
            let named = !granted.is_empty() && plan.of_type.is_none();
            counts(it) || (named && permissions::opens(plan, &granted))
        };
        let doubted = self.streams.iter().zip(&counted).filter(|(plan, it)| !told((plan, it)));
        let doubted: Vec<&StreamPlan> = doubted.map(|(plan, _)| plan).filter(|_| probe).collect();
        let probed = probe::ask(self, &doubted).await;
        let forecast = Forecast::new(self, &streams, counted, (granted, probed.outcomes));
        Ok(forecast.plan(&streams, asked + probed.requests))
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
            // B2C tenants and some collections cannot be counted (facts: graph-protocol 6).
            other => probe::refusal(plan, other).map_or(Counted::Unknown, Counted::Refused),
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

fn shown<T: std::fmt::Display, Z: Serializer>(value: &T, serializer: Z) -> Result<Z::Ok, Z::Error> {
    serializer.collect_str(value)
}
