//! Where the bytes of an upload come from.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::credential::BoxFuture;

/// Gives the bytes of a file, a slice at a time.
pub trait UploadSource: Send {
    /// The `length` bytes from `from` on; fewer only where the source ends.
    ///
    /// # Errors
    /// Whatever reading meets; [`io::ErrorKind::Unsupported`] where the source cannot go back to `from`.
    fn read(&mut self, from: u64, length: usize) -> BoxFuture<'_, io::Result<Bytes>>;
}

/// Bytes in memory.
impl UploadSource for Bytes {
    fn read(&mut self, from: u64, length: usize) -> BoxFuture<'_, io::Result<Bytes>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(self.len());
        let slice = self.slice(from..self.len().min(from.saturating_add(length)));
        Box::pin(std::future::ready(Ok(slice)))
    }
}

/// A file: a slice at a time is in memory (F3), and an upload may go back in it (D4).
#[derive(Debug)]
pub struct FileSource {
    file: Arc<Mutex<File>>,
    length: u64,
}

impl FileSource {
    /// Takes an open file.
    ///
    /// # Errors
    /// A file whose length cannot be had.
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file: Arc::new(Mutex::new(file)), length })
    }

    /// Its bytes.
    #[expect(clippy::len_without_is_empty, reason = "an empty file is refused by the session")]
    pub fn len(&self) -> u64 {
        self.length
    }
}

impl UploadSource for FileSource {
    fn read(&mut self, from: u64, length: usize) -> BoxFuture<'_, io::Result<Bytes>> {
        let file = Arc::clone(&self.file);
        Box::pin(blocking(move || {
            let mut file = file.lock().expect("no panic while the lock is held");
            file.seek(SeekFrom::Start(from))?;
            read(&mut *file, length)
        }))
    }
}

/// A stream that can be read once. The slice at hand is repeated from memory; going back further is
/// an error (D5, D6).
#[derive(Debug)]
pub struct StreamSource<R> {
    reader: Arc<Mutex<R>>,
    at: u64,
}

impl<R: Read + Send + 'static> StreamSource<R> {
    /// Takes a reader at the first byte of the upload.
    pub fn new(reader: R) -> Self {
        Self { reader: Arc::new(Mutex::new(reader)), at: 0 }
    }
}

impl<R: Read + Send + 'static> UploadSource for StreamSource<R> {
    fn read(&mut self, from: u64, length: usize) -> BoxFuture<'_, io::Result<Bytes>> {
        let (reader, at) = (Arc::clone(&self.reader), self.at);
        Box::pin(async move {
            let Some(skip) = from.checked_sub(at) else {
                let text = format!("a stream cannot go back from byte {at} to byte {from}");
                return Err(io::Error::new(io::ErrorKind::Unsupported, text));
            };
            let bytes = blocking(move || {
                let mut reader = reader.lock().expect("no panic while the lock is held");
                io::copy(&mut (&mut *reader).take(skip), &mut io::sink())?;
                read(&mut *reader, length)
            })
            .await?;
            self.at = from + bytes.len() as u64;
            Ok(bytes)
        })
    }
}

fn read(reader: &mut impl Read, length: usize) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(length);
    reader.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
