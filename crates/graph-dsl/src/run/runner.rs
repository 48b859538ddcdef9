//! The runner: bind, send, follow pages, judge, map, wrap.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use graph_transport::{Answer, GraphClient, GraphLink, Pages};
use serde_json::{Value, json};

use super::batch;
use super::collect::{follow, has_next, is_collection};
use super::connect::{ConnectError, connect_watched};
use super::ensure::Ensuring;
use super::envelope::{Envelope, Meta};
use super::failure;
use super::granted::Granted;
use super::judge::outcome_of;
use super::monitor;
use super::portions;
use super::secrets;
use super::send::{SendError, graph_request, headers};
use super::surroundings::Surroundings;
use super::wait::wait;
use crate::connection::Settings;
use crate::mapping::SchemaMapping;
use crate::plan::{ArgumentError, Arguments, CommandPlan, Outcome, Request, Root};

/// Runs commands against one client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runner {
    client: GraphClient,
    auto_paginate: bool,
    default_content_type: String,
    /// Of a client that the runner made itself.
    granted: Granted,
}

/// What one call may say beside its arguments.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RunOptions {
    /// Sent as `client-request-id` of the first attempt.
    pub correlation_id: Option<String>,
    /// The longest that the first request may take, waits included; the client's own when absent.
    pub timeout: Option<Duration>,
    /// Whether pages are followed; the command, then the connection decide when absent.
    pub auto_paginate: Option<bool>,
}

/// Why a walk over pages cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PagesError {
    /// Arguments that do not fit the command.
    #[error("bind {} arguments", .0.len())]
    Arguments(Vec<ArgumentError>),
    /// A request that cannot be sent.
    #[error("send the request: {0}")]
    Request(String),
}

impl Runner {
    /// A runner over a client, with the guide's defaults: pages are followed, bodies are `application/json`.
    pub fn new(client: GraphClient) -> Self {
        Self {
            client,
            auto_paginate: true,
            default_content_type: "application/json".to_owned(),
            granted: Granted::default(),
        }
    }

    /// A runner over the client that a connection describes.
    ///
    /// # Errors
    ///
    /// See [`connect`](crate::connect).
    pub fn connect(settings: &Settings) -> Result<Self, ConnectError> {
        Self::connect_with(settings, &Surroundings::default())
    }

    /// The same with an environment, and a person to ask.
    ///
    /// # Errors
    ///
    /// See [`connect_with`](crate::connect_with).
    pub fn connect_with(settings: &Settings, around: &Surroundings) -> Result<Self, ConnectError> {
        let granted = Granted::default();
        Ok(Self {
            client: connect_watched(settings, around, &granted)?,
            granted,
            auto_paginate: settings.auto_paginate,
            default_content_type: settings.default_content_type.clone(),
        })
    }

    /// The client.
    pub fn client(&self) -> &GraphClient {
        &self.client
    }

    /// The permissions that the last token carries, sorted; empty before the first one, and when a
    /// token cannot be read. They explain a refusal and decide nothing.
    pub fn granted_permissions(&self) -> Vec<String> {
        self.granted.names()
    }

    /// Runs a command and follows its pages. Never fails: what went wrong is in the envelope.
    pub async fn run(&self, plan: &CommandPlan, arguments: &Arguments) -> Envelope {
        self.run_with(plan, arguments, &RunOptions::default()).await
    }

    /// Runs a command with a correlation id, a timeout or an opt-out of paging.
    pub async fn run_with(
        &self,
        plan: &CommandPlan,
        arguments: &Arguments,
        options: &RunOptions,
    ) -> Envelope {
        match plan.bind(arguments, &self.root()) {
            Err(errors) => failure::arguments(plan, &errors, Meta::new(plan.full_name())),
            Ok(request) => self.send_with(plan, &request, options).await,
        }
    }

    /// Sends a request that `plan` has bound for this runner's cloud, and follows its pages. Never
    /// fails: what went wrong is in the envelope.
    pub async fn send(&self, plan: &CommandPlan, request: &Request) -> Envelope {
        self.send_with(plan, request, &RunOptions::default()).await
    }

    /// Sends a bound request with a correlation id, a timeout or an opt-out of paging.
    pub async fn send_with(
        &self,
        plan: &CommandPlan,
        request: &Request,
        options: &RunOptions,
    ) -> Envelope {
        let mut envelope = if plan.is_batch() {
            batch::run(&self.client, plan, request, Meta::new(plan.full_name())).await
        } else {
            self.in_portions(plan, request, options).await
        };
        if envelope.outcome() == Outcome::Forbidden {
            envelope.meta.granted_permissions = self.granted.names();
        }
        envelope
    }

    /// The pages of a reading command as they come, nothing kept.
    ///
    /// # Errors
    ///
    /// The arguments do not fit, or the request cannot be sent at all.
    pub fn pages(&self, plan: &CommandPlan, arguments: &Arguments) -> Result<Pages, PagesError> {
        let request = plan.bind(arguments, &self.root()).map_err(PagesError::Arguments)?;
        let options = RunOptions::default();
        let first =
            graph_request(&request, self.client.cloud(), &self.default_content_type, &options)
                .map_err(|error| PagesError::Request(error.to_string()))?;
        Ok(self.client.pages(first.action(plan.full_name())))
    }

    /// A list longer than Graph takes is sent in portions, one after the other, until one fails.
    async fn in_portions(
        &self,
        plan: &CommandPlan,
        request: &Request,
        options: &RunOptions,
    ) -> Envelope {
        let Some(portions) = portions::split(plan, request) else {
            return self.followed_up(plan, request, options).await;
        };
        let mut joined: Option<Envelope> = None;
        for portion in &portions {
            let next = self.followed_up(plan, portion, options).await;
            let all = match joined {
                Some(before) => portions::join(before, next),
                None => next,
            };
            if !all.is_success() {
                return all;
            }
            joined = Some(all);
        }
        joined.expect("a list that is split has portions")
    }

    /// The command with the reads around it, its data under the names that it asks for.
    async fn followed_up(
        &self,
        plan: &CommandPlan,
        request: &Request,
        options: &RunOptions,
    ) -> Envelope {
        let follow_ups = request.follow_ups.as_deref();
        let mut envelope = match plan.ensure.as_ref().zip(follow_ups) {
            Some((ensure, follow_ups)) => {
                Ensuring { runner: self, plan, ensure, request, follow_ups, options }.run().await
            }
            None => self.single(plan, request, options).await,
        };
        if let Some((block, follow_ups)) = plan.wait_for.as_ref().zip(follow_ups) {
            envelope = wait(self, plan, block, follow_ups, envelope, options).await;
        }
        presented(plan, envelope)
    }

    pub(super) fn content_type(&self) -> &str {
        &self.default_content_type
    }

    pub(super) fn root(&self) -> Root {
        Root::new(self.client.cloud().graph_root())
            .expect("a cloud's root was checked when it was made")
    }

    /// Sends the request itself; the data of the envelope is Graph's own.
    pub(super) async fn single(
        &self,
        plan: &CommandPlan,
        request: &Request,
        options: &RunOptions,
    ) -> Envelope {
        self.look(plan, request, options).await.envelope
    }

    /// The envelope of an answer: judged by the command's rules, its further pages followed; its data is
    /// Graph's own.
    pub(super) async fn judged(
        &self,
        plan: &CommandPlan,
        request: &Request,
        answer: &Answer,
        options: &RunOptions,
    ) -> Envelope {
        let mut meta = Meta::new(plan.full_name());
        let link = match self.client.cloud().link(&request.path_and_query) {
            Ok(link) => link,
            Err(error) => {
                let error = SendError::Transport(graph_transport::Error::Link(error));
                return failure::unsendable(plan, &error, meta);
            }
        };
        record(answer, &mut meta);
        meta.outcome = outcome_of(plan, answer);
        if !meta.outcome.is_success() {
            return failure::refused(plan, answer, &link, meta);
        }
        if let Some(wait) = monitor::wanted(plan, answer) {
            return monitor::follow(self, plan, wait, answer, &link, meta).await;
        }
        // Unless a page says that there are more.
        meta.complete = true;
        if !answer.status().is_success() {
            return Envelope::success(Value::Null, meta);
        }
        if plan.binary {
            return binary(answer, meta);
        }
        self.collect(plan, request, answer, &link, options, meta).await
    }

    /// The data of a success, further pages included where they are wanted.
    async fn collect(
        &self,
        plan: &CommandPlan,
        request: &Request,
        answer: &Answer,
        link: &GraphLink,
        options: &RunOptions,
        mut meta: Meta,
    ) -> Envelope {
        let mut data = match failure::json(answer.body()) {
            Ok(data) => data,
            Err(error) => return failure::not_json(plan, answer, link, &error, meta),
        };
        if is_collection(&data) {
            meta.pages = 1;
            meta.complete = !has_next(&data);
        }
        let wanted = options.auto_paginate.or(plan.auto_paginate).unwrap_or(self.auto_paginate);
        if !meta.complete && wanted {
            let page = graph_transport::Page::read(answer.body().clone(), self.client.cloud());
            let next = match page {
                Ok(page) => page.next_link().cloned(),
                Err(error) => return failure::broken(plan, &error.into(), link, meta),
            };
            let headers = headers(request).unwrap_or_default();
            if let Some(next) = next {
                let collected = follow(&self.client, &plan.full_name(), data, next, &headers).await;
                meta.pages = collected.pages;
                if let Some((error, link)) = collected.failure {
                    return failure::broken(plan, &error, &link, meta);
                }
                meta.complete = true;
                data = collected.data;
            }
        }
        Envelope::success(data, meta)
    }
}

/// A success as its reader gets it: under the mapping's names, its secrets withheld.
pub(super) fn presented(plan: &CommandPlan, mut envelope: Envelope) -> Envelope {
    if !envelope.is_success() || envelope.content.is_some() {
        return envelope;
    }
    let values = secrets::values(&envelope.data, &plan.secrets);
    if let Some(mapping) = &plan.mapping {
        match mapped(mapping, &envelope.data) {
            Ok(value) => envelope.data = value,
            Err(error) => envelope.meta.mapping_error = Some(error),
        }
    }
    envelope.secrets = secrets::withhold(&mut envelope.data, &values);
    envelope
}

fn record(answer: &Answer, meta: &mut Meta) {
    meta.attempts = answer.attempts().len();
    for attempt in answer.attempts() {
        meta.request_ids.extend(attempt.request_id.clone());
        meta.client_request_ids.push(attempt.client_request_id.clone());
    }
    meta.resource_units = answer.resource_units();
}

fn binary(answer: &Answer, meta: Meta) -> Envelope {
    let content_type = answer.headers().get(http::header::CONTENT_TYPE);
    let content_type =
        content_type.and_then(|value| value.to_str().ok()).unwrap_or("application/octet-stream");
    let data = json!({ "content_type": content_type, "base64": STANDARD.encode(answer.body()) });
    Envelope { content: Some(answer.body().clone()), ..Envelope::success(data, meta) }
}

/// Every object of a collection, or the one object, under the mapping's names.
fn mapped(mapping: &SchemaMapping, data: &Value) -> Result<Value, String> {
    let apply = |object: &Value| mapping.apply(object).map_err(|error| error.to_string());
    match data {
        Value::Object(page) if is_collection(data) => {
            let mut mapped = page.clone();
            if let Some(Value::Array(items)) = page.get("value") {
                let items = items.iter().map(apply).collect::<Result<Vec<_>, _>>()?;
                mapped.insert("value".to_owned(), Value::Array(items));
            }
            Ok(Value::Object(mapped))
        }
        Value::Object(_) => apply(data),
        other => Ok(other.clone()),
    }
}
