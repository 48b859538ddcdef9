//! The way to the collector: HTTP/1.1, over TLS or plain, on a runtime of its own.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::{Handle, Runtime};
use tokio::time::timeout;

/// OpenTelemetry's default for an export.
const PATIENCE: Duration = Duration::from_secs(10);

/// A collector answers in a few bytes.
const LARGEST_ANSWER: usize = 1 << 20;

/// The exporters run on threads without a runtime, and outlive that of a command.
#[derive(Debug)]
pub(super) struct Collector(Option<Runtime>, Exporter);

/// Sends what is exported. Clones share their connections.
#[derive(Clone)]
pub(super) struct Exporter {
    runtime: Handle,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Collector {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build()?;
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http();
        let client = Client::builder(TokioExecutor::new()).build(connector.enable_http1().build());
        let exporter = Exporter { runtime: runtime.handle().clone(), client };
        Ok(Self(Some(runtime), exporter))
    }

    pub(super) fn client(&self) -> Exporter {
        self.1.clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // Whatever still waits for an answer has had its time.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Exporter {
    async fn exchange(self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = self.client.request(request).await?.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

impl HttpClient for Exporter {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let exchange = self.clone().exchange(request.map(Full::new));
        // On its own runtime from the first timer on: this is called from threads without one.
        let sent = self.runtime.spawn(async { timeout(PATIENCE, exchange).await });
        Box::pin(async move { sent.await?? })
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exporter")
    }
}
