//! What was asked and answered, for tests and for people who watch.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use serde::Serialize;

/// Requests that are remembered one by one; counters go on for ever.
const REMEMBERED: usize = 100_000;

/// A request and the status of its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The place in the order of all requests, from 0 on; the items of a batch have numbers of their own.
    pub number: u64,
    /// The method.
    pub method: String,
    /// Path and query as they were sent.
    pub path_and_query: String,
    /// The status of the answer; 0 where the connection was closed without one.
    pub status: u16,
    /// Whether it was an item of a batch.
    pub in_batch: bool,
    /// Resource units charged.
    pub resource_units: u32,
}

impl RecordedRequest {
    /// The path without its query.
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }
}

/// Counters since the simulator was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Requests, batches counted once and their items not at all.
    pub requests: u64,
    /// Items of batches.
    pub batch_items: u64,
    /// Resource units charged.
    pub resource_units: u64,
    /// Bytes of bodies sent.
    pub body_bytes: u64,
    /// Answers by status, batch items included.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests by method and kind of path, batch items included.
    pub by_kind: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct State {
    log: VecDeque<RecordedRequest>,
    statistics: Statistics,
}

/// A bounded log and counters.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<State>);

/// What is recorded of one answer.
pub(crate) struct Record<'a> {
    pub(crate) method: &'a str,
    pub(crate) path_and_query: &'a str,
    /// The path with its keys replaced, such as `/users/{id}`.
    pub(crate) kind: &'a str,
    pub(crate) status: u16,
    pub(crate) in_batch: bool,
    pub(crate) resource_units: u32,
    pub(crate) body_bytes: usize,
}

impl Recorder {
    pub(crate) fn record(&self, record: &Record<'_>) {
        let mut state = self.0.lock().expect("no code panics while it holds this lock");
        let statistics = &mut state.statistics;
        let number = statistics.requests + statistics.batch_items;
        if record.in_batch {
            statistics.batch_items += 1;
        } else {
            statistics.requests += 1;
            statistics.body_bytes += u64::try_from(record.body_bytes).expect("a length");
        }
        statistics.resource_units += u64::from(record.resource_units);
        *statistics.by_status.entry(record.status).or_default() += 1;
        let kind = format!("{} {}", record.method, record.kind);
        *statistics.by_kind.entry(kind).or_default() += 1;
        if state.log.len() == REMEMBERED {
            state.log.pop_front();
        }
        state.log.push_back(RecordedRequest {
            number,
            method: record.method.to_owned(),
            path_and_query: record.path_and_query.to_owned(),
            status: record.status,
            in_batch: record.in_batch,
            resource_units: record.resource_units,
        });
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.0
            .lock()
            .expect("no code panics while it holds this lock")
            .log
            .iter()
            .cloned()
            .collect()
    }

    pub(crate) fn statistics(&self) -> Statistics {
        self.0.lock().expect("no code panics while it holds this lock").statistics.clone()
    }
}
