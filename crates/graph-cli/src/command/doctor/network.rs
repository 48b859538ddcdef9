//! `doctor --network`: one token, one read.

use std::time::{Duration, SystemTime};

use graph_transport::{Answer, Clock as _, GraphClient, GraphRequest, SystemClock};
use http::header::DATE;

use super::Check;
use crate::args::Globals;
use crate::failure::Failure;
use crate::{connect, system};

/// More than this and assertions and conditional reads begin to fail (facts: graph-protocol 2).
const TOLERATED: Duration = Duration::from_secs(300);

pub(super) async fn checks(globals: &Globals) -> Vec<Check> {
    let client = system::load(globals).and_then(|loaded| connect::client(&loaded));
    let Ok(client) = client else {
        return vec![Check::absent("network", "not tried: there is no usable connection")];
    };
    if let Err(error) = client.sign_in().await {
        return vec![Check::from("sign-in", &Failure::from(error))];
    }
    let mut checks = vec![Check::ok("sign-in", "the authority gave a token")];
    match organization(&client).await {
        Ok(answer) => {
            checks.push(read(&answer));
            checks.push(clock(&answer));
        }
        Err(error) => checks.push(Check::from("graph", &Failure::from(error))),
    }
    checks
}

async fn organization(client: &GraphClient) -> Result<Answer, graph_transport::Error> {
    let link = client.cloud().link("/v1.0/organization?$select=id")?;
    client.send(GraphRequest::get(link)).await
}

fn read(answer: &Answer) -> Check {
    let Some(error) = answer.error() else { return Check::ok("graph", "read the organization") };
    Check::failed(
        "graph",
        format!("could not read the organization: {}: {}", error.code, error.message),
    )
}

fn clock(answer: &Answer) -> Check {
    let date = answer.headers().get(DATE).and_then(|value| value.to_str().ok());
    let Some(theirs) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
        return Check::absent("clock", "Graph told no date");
    };
    let skew = difference(SystemClock.now(), theirs);
    let detail = format!("{} s from Graph's", skew.as_secs());
    if skew > TOLERATED { Check::failed("clock", detail) } else { Check::ok("clock", detail) }
}

fn difference(ours: SystemTime, theirs: SystemTime) -> Duration {
    ours.duration_since(theirs).unwrap_or_else(|error| error.duration())
}
