//! Operations that Graph carries out later: a monitor is asked until they are over.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep};

use crate::answer::Answer;
use crate::client::GraphClient;
use crate::elsewhere::PreauthenticatedUrl;
use crate::error::{Error, TimeoutPhase};
use crate::graph_error::GraphError;
use crate::link::{GraphLink, LinkError};
use crate::request::GraphRequest;
use crate::retry::server_wait;

/// How long to wait before a monitor is asked again, where it does not say.
const PACE: Duration = Duration::from_secs(5);

/// An operation that was accepted (202) and goes on without us.
#[derive(Debug)]
pub struct LongRunning {
    client: GraphClient,
    monitor: Monitor,
    /// How long the last answer asked to wait (A18).
    wait: Option<Duration>,
}

/// Where its state is told.
#[derive(Clone, Debug)]
enum Monitor {
    /// Below the Graph root: asked like anything else.
    Graph(GraphLink),
    /// Anywhere else: asked without a token (U7).
    Elsewhere(PreauthenticatedUrl),
}

/// How far an operation is.
#[derive(Debug)]
#[non_exhaustive]
pub enum OperationState {
    /// Under way, or not begun.
    Running {
        /// Graph's word: `notStarted`, `running`, `inProgress`, …
        status: String,
        /// How much is done, where Graph says.
        percent: Option<f64>,
    },
    /// Done.
    Succeeded(OperationTarget),
    /// Over without success, in Graph's words.
    Failed(Box<GraphError>),
    /// Somebody ended it.
    Cancelled,
    /// The monitor answered without a status, which Graph documents as unknown (F17).
    Unknown,
}

/// What an operation was about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OperationTarget {
    /// `resourceId`.
    pub id: Option<String>,
    /// `resourceLocation`, or the `Location` of the last answer, where it is below the Graph root.
    pub link: Option<GraphLink>,
    /// The last answer's body: the resource itself where the monitor redirects to it.
    pub body: Bytes,
}

/// Why an operation did not succeed (F17).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// The answer is not that of an accepted operation.
    #[error("follow the operation: the answer is no 202 with a `Location`")]
    NoMonitor,
    /// Graph says that it failed.
    #[error("carry the operation out: {0}")]
    Failed(Box<GraphError>),
    /// Somebody ended it.
    #[error("carry the operation out: it was cancelled")]
    Cancelled,
    /// Nobody knows.
    #[error("learn how the operation ended: its monitor names no status")]
    Unknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    percentage_complete: Option<f64>,
    resource_id: Option<String>,
    resource_location: Option<String>,
    target_resource_location: Option<String>,
}

impl GraphClient {
    /// The operation that `answer` accepted.
    ///
    /// # Errors
    /// Anything but a 202 with a `Location` that can be asked.
    pub fn long_running(&self, answer: &Answer) -> Result<LongRunning, Error> {
        let location = answer.headers().get(LOCATION).and_then(|it| it.to_str().ok());
        let Some(location) = location.filter(|_| answer.status() == StatusCode::ACCEPTED) else {
            return Err(OperationError::NoMonitor.into());
        };
        let monitor = Monitor::received(location, self)?;
        let wait = self.asked_wait(answer);
        Ok(LongRunning { client: self.clone(), monitor, wait })
    }

    fn asked_wait(&self, answer: &Answer) -> Option<Duration> {
        server_wait(answer.headers(), &self.retry().config().retry_after_headers, self.now())
    }
}

impl Monitor {
    fn received(location: &str, client: &GraphClient) -> Result<Self, LinkError> {
        let cloud = client.cloud();
        let link = if location.starts_with('/') {
            // Relative to the root of the API, whose version some services leave out.
            cloud.link(location).or_else(|_| cloud.link(&format!("/v1.0{location}")))
        } else {
            cloud.accept(location)
        };
        match link {
            Ok(link) => Ok(Self::Graph(link)),
            Err(_) => PreauthenticatedUrl::received(location, cloud).map(Self::Elsewhere),
        }
    }
}

impl LongRunning {
    /// Asks once.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn poll(&mut self) -> Result<OperationState, Error> {
        let answer = match &self.monitor {
            Monitor::Graph(link) => self.client.send(GraphRequest::get(link.clone())).await?,
            Monitor::Elsewhere(url) => {
                let (headers, body) = (HeaderMap::new(), Bytes::new());
                self.client.elsewhere().send(Method::GET, url, headers, body).await?
            }
        };
        self.wait = self.client.asked_wait(&answer);
        if answer.status() == StatusCode::SEE_OTHER {
            return Ok(OperationState::Succeeded(self.target(&answer, None)));
        }
        self.read(&answer.into_success()?)
    }

    /// Asks until the operation is over, at the pace that Graph asks for (A18, F16).
    ///
    /// # Errors
    /// As for [`LongRunning::poll`]; an operation that failed, was cancelled or is unknown
    /// ([`Error::Operation`]); or one that is not over within `limit`.
    pub async fn wait(&mut self, limit: Duration) -> Result<OperationTarget, Error> {
        let ends = Instant::now().checked_add(limit);
        loop {
            let wait = self.wait.unwrap_or(PACE);
            let late =
                Instant::now().checked_add(wait).zip(ends).is_some_and(|(at, ends)| at > ends);
            if late {
                let (phase, tried) = (TimeoutPhase::Operation, Box::default());
                return Err(Error::Timeout { phase, limit, tried });
            }
            sleep(wait).await;
            match self.poll().await? {
                OperationState::Running { .. } => {}
                OperationState::Succeeded(target) => return Ok(target),
                OperationState::Failed(error) => return Err(OperationError::Failed(error).into()),
                OperationState::Cancelled => return Err(OperationError::Cancelled.into()),
                OperationState::Unknown => return Err(OperationError::Unknown.into()),
            }
        }
    }

    fn read(&self, answer: &Answer) -> Result<OperationState, Error> {
        let document: Value = answer.json()?;
        let told: Told<'_> = serde_json::from_slice(answer.body())
            .map_err(|source| Error::Body { what: "the state of an operation", source })?;
        let status = match document.get("status") {
            Some(Value::String(status)) => status.as_str(),
            Some(Value::Null) => return Ok(OperationState::Unknown),
            // The monitor led to the resource itself.
            _ if answer.status() != StatusCode::ACCEPTED => "succeeded",
            _ => "running",
        };
        Ok(match status.to_ascii_lowercase().as_str() {
            "succeeded" | "completed" => OperationState::Succeeded(self.target(answer, Some(told))),
            "failed" | "deletefailed" | "updatefailed" => {
                // The operation's error has the shape of an answer's.
                let body = told.error.map_or_else(String::new, |it| format!("{{\"error\":{it}}}"));
                let error = GraphError::read(answer.status(), answer.headers(), body.as_bytes());
                OperationState::Failed(Box::new(error))
            }
            "cancelled" | "canceled" => OperationState::Cancelled,
            _ => {
                let percent = told.percentage_complete;
                OperationState::Running { status: status.to_owned(), percent }
            }
        })
    }

    fn target(&self, answer: &Answer, told: Option<Told<'_>>) -> OperationTarget {
        let (id, named) = told.map_or((None, None), |told| {
            (told.resource_id, told.resource_location.or(told.target_resource_location))
        });
        let location = answer.headers().get(LOCATION).and_then(|it| it.to_str().ok());
        let link = named.as_deref().or(location);
        let link = link.and_then(|link| self.client.cloud().accept(link).ok());
        OperationTarget { id, link, body: answer.body().clone() }
    }
}

#[cfg(test)]
mod tests;
