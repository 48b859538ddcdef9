//! One read beside a command: what Graph shows of the object that the command is about.

use serde_json::Value;

use super::collect::is_collection;
use super::envelope::{Envelope, Meta};
use super::failure;
use super::runner::{RunOptions, Runner};
use super::send::graph_request;
use crate::plan::{Arguments, CommandPlan, Method, Outcome, Request, Signature};

/// What a read showed.
pub(super) struct Look {
    /// The HTTP status; absent when no answer came.
    pub(super) status: Option<u16>,
    /// Success or failure of the read; its data is Graph's own.
    pub(super) envelope: Envelope,
}

/// What is there.
pub(super) enum Found {
    Nothing,
    One(Value),
    /// How many objects fit what should name one.
    Several(usize),
}

impl Runner {
    /// Reads once, without the blocks of the reading command.
    pub(super) async fn look(
        &self,
        read: &CommandPlan,
        request: &Request,
        options: &RunOptions,
    ) -> Look {
        let (cloud, meta) = (self.client().cloud(), Meta::new(read.full_name()));
        let sent = match graph_request(request, cloud, self.content_type(), options) {
            Ok(sent) => sent,
            Err(error) => {
                return Look { status: None, envelope: failure::unsendable(read, &error, meta) };
            }
        };
        let link = sent.link().clone();
        match self.client().send(sent.action(read.full_name())).await {
            Ok(answer) => Look {
                status: Some(answer.status().as_u16()),
                envelope: self.judged(read, request, &answer, options).await,
            },
            Err(error) => Look {
                status: error.graph().map(|graph| graph.status.as_u16()),
                envelope: failure::broken(read, &error, &link, meta),
            },
        }
    }
}

impl Look {
    /// What is there; the read's own failure when it cannot be told.
    pub(super) fn found(self) -> Result<Found, Box<Envelope>> {
        let absent = matches!(self.envelope.outcome(), Outcome::NotFound | Outcome::Absent);
        if absent || self.status == Some(404) {
            return Ok(Found::Nothing);
        }
        if !self.envelope.is_success() {
            return Err(Box::new(self.envelope));
        }
        let mut data = self.envelope.data;
        if !is_collection(&data) {
            return Ok(if data.is_null() { Found::Nothing } else { Found::One(data) });
        }
        let Some(Value::Array(items)) = data.get_mut("value") else { return Ok(Found::Nothing) };
        Ok(match items.len() {
            0 => Found::Nothing,
            1 => Found::One(items.swap_remove(0)),
            several => Found::Several(several),
        })
    }
}

/// Arguments completed by the members of an object: an `id` that only an answer knows.
pub(super) fn completed(arguments: &Arguments, signature: &Signature, object: &Value) -> Arguments {
    let mut arguments = arguments.clone();
    for name in signature.names() {
        let member = object.get(name).filter(|member| !member.is_null());
        if let (None, Some(member)) = (arguments.get(name), member) {
            arguments.insert(name, member.clone());
        }
    }
    arguments
}

/// Those of the arguments that a command takes.
pub(super) fn accepted(arguments: &Arguments, signature: &Signature) -> Arguments {
    arguments
        .iter()
        .filter(|(name, _)| signature.get(name).is_some())
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

/// Asks a reading request for these properties too: Graph shows few of a user's unless told
/// (facts: graph-protocol 10.10).
pub(super) fn select(request: &mut Request, names: &[&str]) {
    if request.method != Method::Get || names.is_empty() {
        return;
    }
    let (path, query) = match request.path_and_query.split_once('?') {
        Some((path, query)) => (path, query),
        None => (request.path_and_query.as_str(), ""),
    };
    let mut pairs: Vec<String> =
        query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
    let written = pairs.iter_mut().find(|pair| pair.to_ascii_lowercase().starts_with("$select="));
    match written {
        Some(pair) => {
            let known = pair["$select=".len()..].replace("%2C", ",");
            for name in names.iter().filter(|name| !known.split(',').any(|each| each == **name)) {
                pair.push(',');
                pair.push_str(name);
            }
        }
        None => pairs.push(format!("$select={}", names.join(","))),
    }
    request.path_and_query = format!("{path}?{}", pairs.join("&"));
}
