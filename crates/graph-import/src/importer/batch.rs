//! Reading queued objects twenty at a time.

use graph_transport::{
    Answer, ApiVersion, BatchError, BatchItem, Disposition, Error, GraphRequest,
};

use http::StatusCode;

use super::fault::Fault;
use super::reader::Reader;
use crate::store::{Queued, Store};

/// Items of a batch (facts: graph-protocol 7).
pub(super) const BATCH: usize = 20;

/// What came back for one queued object.
pub(super) struct Asked {
    pub(super) entry: Queued,
    pub(super) result: Result<Answer, Error>,
}

impl<S: Store> Reader<'_, S> {
    /// Asks one question about each of these objects, in one `$batch`; the answers come in their order.
    pub(super) async fn ask(
        &self,
        entries: Vec<Queued>,
        url: impl Fn(&str) -> String,
    ) -> Result<Vec<Asked>, Fault> {
        let urls: Vec<String> =
            entries.iter().map(|entry| url(&entry.object.to_string())).collect();
        let item = |(at, url): (usize, &String)| BatchItem::get(format!("m{at}"), url.clone());
        let items = urls.iter().enumerate().map(item).collect();
        self.tally.requests.add(1);
        let version = self.version();
        match self.client.batch(version, items).await {
            Err(error) if version == ApiVersion::Beta && is_not_there(&error) => {
                self.do_without_beta();
                Box::pin(self.ask(entries, url)).await
            }
            Ok(answers) => Ok(entries
                .into_iter()
                .zip(answers)
                .map(|(entry, answer)| Asked {
                    entry,
                    result: answer.result.inspect(|it| self.count_units(it)),
                })
                .collect()),
            // One answer that is not JSON spoils the envelope of all twenty (facts: graph-protocol 7).
            Err(Error::Batch(BatchError::Envelope(_))) => Ok(self.ask_singly(entries, &urls).await),
            Err(error) => Err(self.fault(error)),
        }
    }

    async fn ask_singly(&self, entries: Vec<Queued>, urls: &[String]) -> Vec<Asked> {
        let mut asked = Vec::with_capacity(entries.len());
        for (entry, url) in entries.into_iter().zip(urls) {
            let path = format!("/{}{url}", self.version());
            let result = match self.client.cloud().link(&path) {
                Ok(link) => self.client.send(GraphRequest::get(link).deadline(None)).await,
                Err(error) => Err(error.into()),
            };
            if let Ok(answer) = &result {
                self.count(answer);
            }
            asked.push(Asked { entry, result });
        }
        asked
    }

    fn count_units(&self, answer: &Answer) {
        self.tally.resource_units.add(answer.resource_units().unwrap_or(0));
    }

    /// What an error means to the stream as a whole.
    pub(super) fn fault(&self, error: Error) -> Fault {
        Fault::of(error, false, self.client.cloud(), self.plan.permission.as_deref())
    }
}

/// A Graph, or an emulator of one, that does not know the path at all.
fn is_not_there(error: &Error) -> bool {
    let missing =
        [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_IMPLEMENTED];
    error.disposition() == Disposition::NotInCloud
        || error.graph().is_some_and(|graph| missing.contains(&graph.status))
}

impl Asked {
    /// What the answer means; an answer that never came is whatever its error means.
    pub(super) fn disposition(&self) -> Disposition {
        match &self.result {
            Ok(answer) => answer.disposition(),
            Err(error) => error.disposition(),
        }
    }

    /// The answer as the error that it is.
    pub(super) fn into_error(self) -> Option<Error> {
        self.result.and_then(Answer::into_success).err()
    }
}
