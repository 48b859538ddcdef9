//! Large uploads: a session, slices of a source, resumption.

mod error;
mod slices;
mod source;

use std::ops::Range;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;

pub use self::error::UploadError;
pub use self::source::{FileSource, StreamSource, UploadSource};
use crate::answer::Answer;
use crate::client::GraphClient;
use crate::elsewhere::PreauthenticatedUrl;
use crate::error::Error;
use crate::request::GraphRequest;

/// Slices are multiples of this (Learn, "Upload large files with an upload session").
const STEP: u64 = 320 << 10;

/// The default slice, and the largest that is taken (the same page: less than 60 MiB).
const SLICE: u64 = 16 * STEP;
const MOST_SLICE: u64 = 60 << 20;

/// A session into which one large file is uploaded, slice by slice.
///
/// Its URL carries its own permission and never receives the client's token (U7). A slice that fails
/// on the way is repeated like any request; [`UploadSession::resume`] goes on in another process.
///
/// ```no_run
/// # async fn example(client: graph_transport::GraphClient) -> Result<(), graph_transport::Error> {
/// use graph_transport::{FileSource, GraphRequest, UploadSession};
/// use http::Method;
///
/// let file = std::fs::File::open("report.pdf").expect("the report was written");
/// let mut source = FileSource::new(file).expect("a file has a length");
/// let link = client.cloud().link("/v1.0/me/drive/root:/report.pdf:/createUploadSession")?;
/// let request = GraphRequest::new(Method::POST, link);
/// let mut session = UploadSession::create(&client, request, source.len()).await?;
/// let item = session.upload(&mut source, |sent| println!("{sent} bytes")).await?;
/// println!("{}", item.status());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UploadSession {
    client: GraphClient,
    url: PreauthenticatedUrl,
    total: u64,
    slice: u64,
    /// What the server still wants, in order.
    missing: Vec<Range<u64>>,
    expires: Option<String>,
    finished: bool,
}

/// The state of a session as Graph tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    upload_url: Option<String>,
    expiration_date_time: Option<String>,
    next_expected_ranges: Option<Vec<String>>,
    id: Option<serde_json::Value>,
}

impl UploadSession {
    /// Begins a session: `request` is the POST to a `createUploadSession`.
    ///
    /// # Errors
    /// A refusal, an answer without an upload URL, or a file without a byte.
    pub async fn create(
        client: &GraphClient,
        request: GraphRequest,
        total: u64,
    ) -> Result<Self, Error> {
        let answer = client.send(request).await?.into_success()?;
        let state = read(&answer)?;
        let url = state.upload_url.as_deref().ok_or(UploadError::NoUrl)?;
        let url = PreauthenticatedUrl::received(url, client.cloud())?;
        let mut session = Self::at(client, url, total)?;
        session.take(&state)?;
        Ok(session)
    }

    /// Goes on with a session that was begun before: asks the server what it has (F6).
    ///
    /// # Errors
    /// A session that is over (F8), or no answer.
    pub async fn resume(
        client: &GraphClient,
        url: PreauthenticatedUrl,
        total: u64,
    ) -> Result<Self, Error> {
        let mut session = Self::at(client, url, total)?;
        session.ask().await?;
        Ok(session)
    }

    fn at(client: &GraphClient, url: PreauthenticatedUrl, total: u64) -> Result<Self, UploadError> {
        if total == 0 {
            return Err(UploadError::Empty);
        }
        let (client, missing) = (client.clone(), slices::all(total));
        Ok(Self { client, url, total, slice: SLICE, missing, expires: None, finished: false })
    }

    /// How many bytes a slice holds: a multiple of 320 KiB, at most 60 MiB. Default 5 MiB.
    ///
    /// # Errors
    /// Any other size.
    pub fn slice_size(mut self, bytes: u64) -> Result<Self, UploadError> {
        if bytes == 0 || bytes > MOST_SLICE || !bytes.is_multiple_of(STEP) {
            return Err(UploadError::SliceSize(bytes));
        }
        self.slice = bytes;
        Ok(self)
    }

    /// Where the session is; with [`UploadSession::resume`] the way to go on later.
    pub fn url(&self) -> &PreauthenticatedUrl {
        &self.url
    }

    /// When the server forgets the session, in Graph's words.
    pub fn expires(&self) -> Option<&str> {
        self.expires.as_deref()
    }

    /// Bytes that the server has.
    pub fn uploaded(&self) -> u64 {
        self.total - self.missing.iter().map(|range| range.end - range.start).sum::<u64>()
    }

    /// Sends what the server does not have yet, and returns its answer to the last slice. `progress`
    /// is told how many bytes the server has, never fewer than before (F15).
    ///
    /// # Errors
    /// A source that fails or ends early (F10), a slice that is refused or answered with nonsense (F12);
    /// nothing more is sent then (F14), and calling again goes on there. A session that is over (F8).
    pub async fn upload(
        &mut self,
        source: &mut (impl UploadSource + ?Sized),
        mut progress: impl FnMut(u64),
    ) -> Result<Answer, Error> {
        if self.finished {
            return Err(UploadError::Finished.into());
        }
        let mut told = 0;
        while let Some(range) = slices::next(&self.missing, self.slice) {
            let length = usize::try_from(range.end - range.start).expect("at most 60 MiB");
            let bytes = source.read(range.start, length).await.map_err(UploadError::Source)?;
            if bytes.len() != length {
                let (at, total) = (range.start + bytes.len() as u64, self.total);
                return Err(UploadError::Short { at, total }.into());
            }
            if let Some(answer) = self.send(&range, bytes).await? {
                (self.finished, self.missing) = (true, Vec::new());
                progress(self.total);
                return Ok(answer);
            }
            let has = self.uploaded().max(told);
            if has > told {
                progress(has);
            }
            told = has;
        }
        Err(UploadError::Unfinished.into())
    }

    /// Sends one slice; its answer if that ends the upload (F5).
    async fn send(&mut self, range: &Range<u64>, bytes: Bytes) -> Result<Option<Answer>, Error> {
        let mut headers = HeaderMap::new();
        let text = format!("bytes {}-{}/{}", range.start, range.end - 1, self.total);
        headers.insert(CONTENT_RANGE, HeaderValue::try_from(text).expect("digits"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        let answer = self.client.elsewhere().send(Method::PUT, &self.url, headers, bytes).await?;
        match answer.status() {
            // The server has this slice already, for example after a lost answer: it says what it wants.
            StatusCode::RANGE_NOT_SATISFIABLE => {
                let before = self.missing.clone();
                self.ask().await?;
                if self.missing == before {
                    return Err(self.refused(answer));
                }
                Ok(None)
            }
            StatusCode::CREATED => Ok(Some(answer)),
            status if status.is_success() => {
                let state = if answer.body().is_empty() { None } else { Some(read(&answer)?) };
                let ends =
                    status == StatusCode::OK && state.as_ref().is_some_and(|it| it.id.is_some());
                if ends {
                    return Ok(Some(answer));
                }
                let before = std::mem::take(&mut self.missing);
                self.missing = slices::without(&before, range);
                if let Some(state) = state {
                    self.take(&state)?;
                }
                if self.missing == before {
                    return Err(UploadError::NoProgress(range.start).into());
                }
                Ok(None)
            }
            _ => Err(self.refused(answer)),
        }
    }

    /// Asks the server what it still wants.
    async fn ask(&mut self) -> Result<(), Error> {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        let answer = self.client.elsewhere().send(Method::GET, &self.url, headers, body).await?;
        if !answer.status().is_success() {
            return Err(self.refused(answer));
        }
        let state = read(&answer)?;
        self.take(&state)
    }

    fn take(&mut self, state: &State) -> Result<(), Error> {
        self.expires = state.expiration_date_time.clone().or(self.expires.take());
        if let Some(ranges) = &state.next_expected_ranges {
            self.missing = slices::expected(ranges, self.total)?;
        }
        Ok(())
    }

    /// Ends the session; what was uploaded is thrown away (F7).
    ///
    /// # Errors
    /// A refusal, or no answer. A session that the server does not know is cancelled already.
    pub async fn cancel(mut self) -> Result<(), Error> {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        let answer = self.client.elsewhere().send(Method::DELETE, &self.url, headers, body).await?;
        if answer.status().is_success() || is_over(answer.status()) {
            return Ok(());
        }
        Err(self.refused(answer))
    }

    fn refused(&mut self, answer: Answer) -> Error {
        if is_over(answer.status()) {
            self.finished = true;
            return UploadError::Expired.into();
        }
        answer.into_success().expect_err("the caller saw that it is no success")
    }
}

/// A session that was finished, cancelled or forgotten.
fn is_over(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE)
}

fn read(answer: &Answer) -> Result<State, UploadError> {
    serde_json::from_slice(answer.body()).map_err(UploadError::Answer)
}

#[cfg(test)]
mod tests;
