//! Reading queued objects twenty at a time.

use std::collections::HashSet;

use graph_transport::{
    Answer, ApiVersion, BatchError, BatchItem, Disposition, Error, GraphRequest,
};

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};

use super::fault::Fault;
use super::reader::Reader;
use crate::store::{Queued, Store};

/// Items of a batch.
pub(super) const BATCH: usize = graph_transport::Batch::MOST_ITEMS;

const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");

/// What came back for one queued object.
pub(super) struct Asked {
    pub(super) entry: Queued,
    pub(super) result: Response,
}

/// An answer of any status, or the reason why none came.
pub(super) type Response = Result<Answer, Error>;

impl<S: Store> Reader<'_, S> {
    /// Asks one question about each of these objects; the answers come in their order. Given up as
    /// soon as somebody asks to stop.
    pub(super) async fn ask(
        &self,
        entries: Vec<Queued>,
        url: impl Fn(&str) -> String,
    ) -> Result<Vec<Asked>, Fault> {
        let urls: Vec<String> =
            entries.iter().map(|entry| url(&entry.object.to_string())).collect();
        let results = tokio::select! {
            biased;
            () = self.stop.requested() => return Err(Fault::Stopped),
            results = self.ask_urls(&urls) => results?,
        };
        let asked = |(entry, result)| Asked { entry, result };
        Ok(entries.into_iter().zip(results).map(asked).collect())
    }

    /// In one `$batch` where there is one: beta's, or else that of v1.0; otherwise one by one.
    pub(super) async fn ask_urls(&self, urls: &[String]) -> Result<Vec<Response>, Fault> {
        let version = self.version();
        if !self.is_without_batch() {
            match self.batch(version, urls).await? {
                Some(results) => return Ok(results),
                None if version == ApiVersion::Beta => {
                    if let Some(results) = self.batch(ApiVersion::V1_0, urls).await? {
                        self.do_without_beta();
                        return Ok(results);
                    }
                }
                None => {}
            }
            self.do_without_batch();
        }
        let results = self.singly(version, urls).await;
        if version == ApiVersion::Beta && results.iter().all(is_not_there) {
            // Either the objects are gone or beta is: v1.0 knows.
            let v1_0 = self.singly(ApiVersion::V1_0, urls).await;
            if !v1_0.iter().all(is_not_there) {
                self.do_without_beta();
                return Ok(v1_0);
            }
        }
        Ok(results)
    }

    /// `None` where there is no `$batch` of this version.
    async fn batch(
        &self,
        version: ApiVersion,
        urls: &[String],
    ) -> Result<Option<Vec<Response>>, Fault> {
        let item = |(at, url): (usize, &String)| {
            let item = BatchItem::get(format!("m{at}"), url.clone());
            match advanced(url) {
                Some((name, value)) => item.header(name, value),
                None => item,
            }
        };
        match self.client.batch(version, urls.iter().enumerate().map(item).collect()).await {
            Ok(answers) => {
                let results: Vec<Response> =
                    answers.into_iter().map(|answer| answer.result).collect();
                self.count_batch(&results);
                Ok(Some(results))
            }
            // One answer that is not JSON spoils the envelope of all twenty (facts: graph-protocol 7).
            Err(Error::Batch(BatchError::Envelope(_))) => {
                self.tally.requests.add(1);
                Ok(Some(self.singly(version, urls).await))
            }
            Err(error) => {
                self.tally.requests.add(error.attempts().len().max(1) as u64);
                if has_no_batch(&error) { Ok(None) } else { Err(self.fault(error)) }
            }
        }
    }

    async fn singly(&self, version: ApiVersion, urls: &[String]) -> Vec<Response> {
        let mut results = Vec::with_capacity(urls.len());
        for url in urls {
            let result = match self.client.cloud().link(&format!("/{version}{url}")) {
                Ok(link) => {
                    let request = GraphRequest::get(link).deadline(None);
                    let request = match advanced(url) {
                        Some((name, value)) => request.header(name, value),
                        None => request,
                    };
                    self.client.send(request).await
                }
                Err(error) => Err(error.into()),
            };
            match &result {
                Ok(answer) => self.count(answer),
                Err(error) => self.tally.requests.add(error.attempts().len() as u64),
            }
            results.push(result);
        }
        results
    }

    /// Items that came in one answer share its attempts, so each attempt is counted once.
    fn count_batch(&self, results: &[Response]) {
        let answers = || results.iter().flatten();
        let units = answers().map(|answer| answer.resource_units().unwrap_or(0)).sum();
        let attempts = answers().flat_map(Answer::attempts);
        let sent: HashSet<&str> =
            attempts.map(|attempt| attempt.client_request_id.as_str()).collect();
        self.tally.resource_units.add(units);
        self.tally.requests.add(sent.len().max(1) as u64);
    }

    /// What an error means to the stream as a whole.
    pub(super) fn fault(&self, error: Error) -> Fault {
        Fault::of(error, false, self.client.cloud(), self.plan.permission.as_deref())
    }
}

/// The header of an advanced query, in a batch its item's (facts: graph-protocol 6).
fn advanced(url: &str) -> Option<(HeaderName, HeaderValue)> {
    let header = || (CONSISTENCY_LEVEL, HeaderValue::from_static("eventual"));
    url.contains("$count=true").then(header)
}

/// A Graph, or an emulator of one, that does not know the path of the batch at all.
fn has_no_batch(error: &Error) -> bool {
    let missing = [
        StatusCode::BAD_REQUEST,
        StatusCode::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED,
        StatusCode::NOT_IMPLEMENTED,
    ];
    error.disposition() == Disposition::NotInCloud
        || error.graph().is_some_and(|graph| missing.contains(&graph.status))
}

/// Neither the object nor, it may be, the endpoint.
fn is_not_there(result: &Response) -> bool {
    let disposition = disposition(result);
    matches!(disposition, Disposition::NotFound | Disposition::NotInCloud)
}

pub(super) fn disposition(result: &Response) -> Disposition {
    match result {
        Ok(answer) => answer.disposition(),
        Err(error) => error.disposition(),
    }
}

impl Asked {
    /// What the answer means; an answer that never came is whatever its error means.
    pub(super) fn disposition(&self) -> Disposition {
        disposition(&self.result)
    }

    /// The status of the answer; `None` if none came.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match &self.result {
            Ok(answer) => Some(answer.status()),
            Err(error) => error.graph().map(|words| words.status),
        }
    }

    /// The answer as the error that it is.
    pub(super) fn into_error(self) -> Option<Error> {
        self.result.and_then(Answer::into_success).err()
    }
}
