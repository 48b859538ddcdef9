//! What became of the items.

use std::ops::Deref;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::BatchError;
use super::item::is_json;
use crate::answer::Answer;
use crate::client::GraphClient;
use crate::disposition::Disposition;
use crate::error::Error;
use crate::link::GraphLink;
use crate::page::Page;

/// What became of one item.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchAnswer {
    /// The item's id.
    pub id: String,
    /// Its own answer, success or not; an error where Graph answered nothing for it.
    pub result: Result<Answer, Error>,
    /// How often the item was sent.
    pub attempts: u32,
}

impl BatchAnswer {
    /// The status of the answer, without a look at its body (N21).
    pub fn status(&self) -> Option<StatusCode> {
        self.result.as_ref().ok().map(Answer::status)
    }

    /// What the answer means, or the error that came instead of it.
    pub fn disposition(&self) -> Disposition {
        self.result.as_ref().map_or_else(Error::disposition, Answer::disposition)
    }

    /// The answer of a success; any other as the same error that a call of its own would have met (N28).
    ///
    /// # Errors
    /// A refusal, or the reason why there is no answer.
    pub fn into_success(self) -> Result<Answer, Error> {
        self.result.and_then(Answer::into_success)
    }

    /// The item's body as a page; its `nextLink` is checked like any other (SEC-A08).
    ///
    /// # Errors
    /// A refusal, or a body that is no page.
    pub fn into_page(self, client: &GraphClient) -> Result<Page, Error> {
        let answer = self.into_success()?;
        Ok(Page::read(answer.body, client.cloud())?)
    }

    /// Where the collection goes on whose first page the item's body is. [`super::BatchItem::follow`]
    /// batches it, [`GraphClient::pages`] walks it.
    ///
    /// # Errors
    /// A refusal, a body that is no page, or a link that no token may be sent to.
    pub fn next_link(&self, client: &GraphClient) -> Result<Option<GraphLink>, Error> {
        let Ok(answer) = &self.result else { return Ok(None) };
        if !answer.status.is_success() {
            return Ok(None);
        }
        let page = Page::read(answer.body.clone(), client.cloud())?;
        Ok(page.next_link().cloned())
    }

    /// The item's body as bytes: Graph writes what is not JSON as base64 in a string, in either
    /// alphabet, padded or not (facts: graph-protocol 7, N31).
    ///
    /// # Errors
    /// A refusal, or a string that is not base64.
    pub fn into_bytes(self) -> Result<Bytes, Error> {
        let answer = self.into_success()?;
        if answer.headers.get(CONTENT_TYPE).is_none_or(is_json) && !answer.body.starts_with(b"\"") {
            return Ok(answer.body);
        }
        let text: String = answer.json()?;
        let engine = |alphabet: &alphabet::Alphabet| {
            let padding = DecodePaddingMode::Indifferent;
            let config = GeneralPurposeConfig::new().with_decode_padding_mode(padding);
            GeneralPurpose::new(alphabet, config)
        };
        let decoded = engine(&alphabet::STANDARD)
            .decode(&text)
            .or_else(|_| engine(&alphabet::URL_SAFE).decode(&text));
        Ok(decoded.map_err(|_| BatchError::NotBase64)?.into())
    }
}

/// The answers of a batch, in the order of its items.
#[derive(Debug)]
pub struct BatchAnswers(Vec<BatchAnswer>);

impl BatchAnswers {
    /// The answer of an item; `None` for an id that no item had (N19).
    pub fn get(&self, id: &str) -> Option<&BatchAnswer> {
        self.0.iter().find(|answer| answer.id.eq_ignore_ascii_case(id))
    }

    /// The items that did not succeed (N22).
    pub fn failed(&self) -> impl Iterator<Item = &BatchAnswer> {
        self.0.iter().filter(|answer| answer.disposition() != Disposition::Ok)
    }
}

impl Deref for BatchAnswers {
    type Target = [BatchAnswer];

    fn deref(&self) -> &[BatchAnswer] {
        &self.0
    }
}

impl IntoIterator for BatchAnswers {
    type Item = BatchAnswer;
    type IntoIter = std::vec::IntoIter<BatchAnswer>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a BatchAnswers {
    type Item = &'a BatchAnswer;
    type IntoIter = std::slice::Iter<'a, BatchAnswer>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// The answers; or the one failure that kept all items from being answered.
pub(super) fn all_or_error(mut answers: Vec<BatchAnswer>) -> Result<BatchAnswers, Error> {
    let without_answer = answers.iter().all(|answer| {
        matches!(
            &answer.result,
            Err(Error::Batch(
                BatchError::Outer { .. }
                    | BatchError::DependencyFailed { .. }
                    | BatchError::NotSent(_)
            ))
        )
    });
    let outer = |answer: &BatchAnswer| {
        matches!(&answer.result, Err(Error::Batch(BatchError::Outer { .. })))
    };
    let first = answers.iter().position(outer).filter(|_| without_answer);
    let Some(first) = first else { return Ok(BatchAnswers(answers)) };
    let failed = answers.swap_remove(first);
    drop(answers); // they share the cause
    match failed.result {
        Err(Error::Batch(BatchError::Outer { id, source })) => Err(Arc::try_unwrap(source)
            .unwrap_or_else(|source| BatchError::Outer { id, source }.into())),
        Err(other) => Err(other),
        Ok(_) => unreachable!("an answer is no failure"),
    }
}
