//! The simulator as a server on a loopback address: HTTP/1.1 and HTTP/2, plain or over TLS.

#[cfg(feature = "tls")]
mod tls;

#[cfg(feature = "tls")]
pub use tls::CertificateError;

use std::io;
use std::net::SocketAddr;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::service::SimulatorService;

/// Why a simulator cannot listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The address is open to other machines: a simulator never answers as a Graph there.
    #[error("listen on {0}: only loopback addresses such as 127.0.0.1 are allowed")]
    NotLoopback(SocketAddr),
    /// The system refused the address.
    #[error("listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// There is no certificate to listen with.
    #[cfg(feature = "tls")]
    #[error("listen over TLS")]
    Certificate(#[from] CertificateError),
}

/// A listening simulator; dropping it ends it at once.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    certificate: Option<String>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// How accepted streams become connections.
#[derive(Clone)]
enum Layer {
    Plain,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

impl Server {
    pub(crate) async fn start(
        service: SimulatorService,
        address: SocketAddr,
    ) -> Result<Self, ListenError> {
        Self::start_with(service, address, Layer::Plain, None).await
    }

    #[cfg(feature = "tls")]
    pub(crate) async fn start_tls(
        service: SimulatorService,
        address: SocketAddr,
    ) -> Result<Self, ListenError> {
        let made = tls::Tls::make(service.site.cloud)?;
        let service = SimulatorService { scheme: "https", ..service };
        Self::start_with(service, address, Layer::Tls(made.acceptor), Some(made.authority)).await
    }

    async fn start_with(
        service: SimulatorService,
        address: SocketAddr,
        layer: Layer,
        certificate: Option<String>,
    ) -> Result<Self, ListenError> {
        if !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address));
        }
        let bind = |source| ListenError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let (stop, stopped) = watch::channel(false);
        let scheme = service.scheme;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, service, layer, stopped));
        Ok(Self { address, scheme, certificate, stop, tasks })
    }

    /// The address, with the port that the system chose for port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, or `https` over TLS.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The Graph root of a custom cloud: without version, without trailing slash.
    pub fn graph_root(&self) -> String {
        self.url()
    }

    /// The authority of a custom cloud: tokens are at `{authority}/{tenant}/oauth2/v2.0/token`.
    pub fn authority(&self) -> String {
        self.url()
    }

    /// Over TLS, the PEM of the certificate authority that a client must trust: the `ca_bundle` of a
    /// custom cloud. It is made anew for each listener.
    pub fn certificate_authority(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// Stops accepting, lets the requests under way finish, and ends.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn accept(
    listener: TcpListener,
    service: SimulatorService,
    layer: Layer,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = connections.join_next(), if !connections.is_empty() => continue,
            () = stop(&mut stopped) => break,
        };
        let Ok((stream, _)) = accepted else { continue };
        if service.site.faults.resets_connection() {
            if let Err(error) = stream.set_zero_linger() {
                tracing::debug!(%error, "set_zero_linger");
            }
            continue;
        }
        // A page is written in one go: waiting for more of it only costs time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "set_nodelay");
        }
        connections.spawn(connect(stream, service.clone(), layer.clone(), stopped.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connect(
    stream: TcpStream,
    service: SimulatorService,
    layer: Layer,
    stopped: watch::Receiver<bool>,
) {
    match layer {
        Layer::Plain => serve(stream, service, stopped).await,
        #[cfg(feature = "tls")]
        Layer::Tls(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => serve(stream, service, stopped).await,
            Err(error) => tracing::debug!(%error, "TLS handshake"),
        },
    }
}

async fn serve<S>(stream: S, service: SimulatorService, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let builder = auto::Builder::new(TokioExecutor::new());
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);
    let mut stopping = false;
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break ended,
            () = stop(&mut stopped), if !stopping => {
                connection.as_mut().graceful_shutdown();
                stopping = true;
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error, "connection ended");
    }
}

/// Waits until the server is told to stop, or is gone.
async fn stop(stopped: &mut watch::Receiver<bool>) {
    stopped.wait_for(|stop| *stop).await.ok();
}
