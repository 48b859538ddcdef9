//! Which servers are trusted, and which way leads to them (SEC-D18, SEC-A14, Z5).

#![cfg(feature = "tls")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use graph_transport::{
    Answer, Cloud, CustomCloud, Error, GraphClient, GraphClientBuilder, GraphRequest, HttpVersion,
    Proxies, StaticBearer,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection};

const NAME: &str = "graph.example";

/// An authority of our own; its PEM file is what `ca_bundle` names.
struct Ca {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: tempfile::NamedTempFile,
}

impl Ca {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(issuer.pem().as_bytes()).unwrap();
        Self { issuer, file }
    }

    fn signed(&self, params: &CertificateParams) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        acceptor(certificate.der().to_vec(), &key)
    }

    fn client(&self, address: SocketAddr) -> GraphClientBuilder {
        client(&format!("https://{NAME}:{}", address.port()))
            .ca_bundle(self.file.path())
            .connector(tower::service_fn(move |_| TcpStream::connect(address)))
    }
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

fn acceptor(certificate: Vec<u8>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate.into()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// What a connection was negotiated to, for each that got through.
type Seen = Arc<Mutex<Vec<String>>>;

/// Answers every request on every connection with an empty object.
async fn serve(acceptor: TlsAcceptor) -> (SocketAddr, Seen, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
            connections.spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                log.lock().unwrap().push(negotiated(stream.get_ref().1));
                let mut head = vec![0; 4_096];
                if stream.read(&mut head).await.unwrap_or(0) > 0 {
                    let answer =
                        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    });
    (address, seen, tasks)
}

fn negotiated(connection: &ServerConnection) -> String {
    String::from_utf8_lossy(connection.alpn_protocol().unwrap_or(b"none")).into_owned()
}

fn client(root: &str) -> GraphClientBuilder {
    let cloud = Cloud::custom(CustomCloud {
        graph_root: root.to_owned(),
        authority: root.to_owned(),
        ..CustomCloud::default()
    });
    GraphClient::builder(cloud.unwrap(), StaticBearer::new("canary-token".into()))
}

async fn get(builder: GraphClientBuilder) -> Result<Answer, Error> {
    let client = builder.build().unwrap();
    let request = GraphRequest::get(client.cloud().link("/v1.0/users").unwrap());
    client.send(request.max_attempts(1)).await
}

fn reason(result: Result<Answer, Error>) -> String {
    let error = result.unwrap_err();
    let Error::Untrusted { host, reason, .. } = &error else { unreachable!("{error:?}") };
    assert!(host.starts_with(NAME), "{host}");
    reason.clone()
}

/// The caller's connector gives the bytes, the bundle the trust, and the name is still checked.
#[tokio::test]
async fn a_server_of_a_bundled_authority_is_trusted_for_its_name() {
    let ca = Ca::new("ours");
    let (address, seen, _tasks) = serve(ca.signed(&params(NAME))).await;
    let client = ca.client(address).http_version(HttpVersion::Http1);
    assert_eq!(get(client).await.unwrap().status(), 200);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

/// Z5
#[tokio::test]
async fn http2_is_negotiated_unless_turned_off() {
    let ca = Ca::new("ours");
    let (address, seen, _tasks) = serve(ca.signed(&params(NAME))).await;
    for version in [HttpVersion::Negotiated, HttpVersion::Http2, HttpVersion::Http1] {
        // Our server speaks HTTP/1.1 whatever was agreed; only the agreement counts here. HTTP/1.1 is
        // what remains where nothing is agreed on.
        let _ = get(ca.client(address).http_version(version)).await;
    }
    assert_eq!(*seen.lock().unwrap(), ["h2", "h2", "none"]);
}

/// SEC-D18: each refusal names its reason, and nothing was sent.
#[tokio::test]
async fn other_servers_are_refused_with_their_reason() {
    let ca = Ca::new("ours");
    let stranger = Ca::new("stranger");
    let mut expired = params(NAME);
    expired.not_before = rcgen::date_time_ymd(2001, 1, 1);
    expired.not_after = rcgen::date_time_ymd(2002, 1, 1);
    let mut early = params(NAME);
    early.not_before = rcgen::date_time_ymd(3001, 1, 1);
    early.not_after = rcgen::date_time_ymd(3002, 1, 1);
    let own = KeyPair::generate().unwrap();
    let self_signed = params(NAME).self_signed(&own).unwrap();
    for (acceptor, expected) in [
        (acceptor(self_signed.der().to_vec(), &own), "is signed by nobody that is trusted"),
        (stranger.signed(&params(NAME)), "is signed by nobody that is trusted"),
        (ca.signed(&params("evil.example")), "is for another name"),
        (ca.signed(&expired), "has expired"),
        (ca.signed(&early), "is not valid yet"),
    ] {
        let (address, _, _tasks) = serve(acceptor).await;
        let reason = reason(get(ca.client(address)).await);
        assert!(reason.contains(expected), "{reason}");
    }
}

/// SEC-D18: a server that answers with TLS 1.0.
#[tokio::test]
async fn old_tls_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = vec![0; 4_096];
        assert_ne!(stream.read(&mut hello).await.unwrap(), 0);
        // A handshake record with a ServerHello: version 3.1, a random, no session, RSA with AES-128.
        let mut answer = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
        answer.extend([7; 32]);
        answer.extend([0, 0, 0x2f, 0]);
        stream.write_all(&answer).await.unwrap();
        let _ = stream.read(&mut hello).await;
    });
    let reason = reason(get(Ca::new("ours").client(address)).await);
    assert_eq!(reason, "it speaks no TLS 1.2 or 1.3");
}

/// A proxy that tunnels everything to one server, and remembers what it was asked.
async fn proxy(server: SocketAddr, refuse: bool) -> (SocketAddr, Seen, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut tunnels = JoinSet::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.unwrap_or(0) > 0 {
                head.push(byte[0]);
            }
            log.lock().unwrap().push(String::from_utf8(head).unwrap());
            if refuse {
                let answer = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
                let _ = stream.write_all(answer.as_bytes()).await;
                continue;
            }
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let mut server = TcpStream::connect(server).await.unwrap();
            tunnels.spawn(async move {
                let _ = copy_bidirectional(&mut stream, &mut server).await;
            });
        }
    });
    (address, seen, tasks)
}

/// SEC-A14, E18: the tunnel is asked for by name, TLS is checked end to end, the proxy sees no token.
#[tokio::test]
async fn a_proxy_tunnels_and_certificates_are_still_checked() {
    let ca = Ca::new("ours");
    for (name, trusted) in [(NAME, true), ("evil.example", false)] {
        let (server, _, _serving) = serve(ca.signed(&params(name))).await;
        let (proxy, asked, _proxying) = proxy(server, false).await;
        let proxies = Proxies::new(&format!("http://user:canary@{proxy}")).unwrap();
        let builder = client(&format!("https://{NAME}")).ca_bundle(ca.file.path());
        let result = get(builder.http_version(HttpVersion::Http1).proxies(proxies)).await;
        let asked = asked.lock().unwrap()[0].to_ascii_lowercase();
        assert!(asked.starts_with("connect graph.example:443 http/1.1\r\n"), "{asked}");
        assert!(asked.contains("proxy-authorization: basic dxnlcjpjyw5hcnk="), "{asked}");
        assert!(!asked.contains("canary-token"), "{asked}");
        if trusted {
            assert_eq!(result.unwrap().status(), 200);
        } else {
            assert!(reason(result).contains("is for another name"));
        }
    }
}

/// A SOCKS 5 proxy (RFC 1928, RFC 1929) that tunnels everything to one server, and remembers who asked
/// for what: user, password, host and port.
async fn socks(server: SocketAddr, takes_password: bool) -> (SocketAddr, Seen, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        let methods = usize::from(exact::<2>(&mut stream).await[1]);
        text(&mut stream, methods).await;
        stream.write_all(&[5, if takes_password { 2 } else { 0xff }]).await.unwrap();
        if !takes_password {
            return;
        }
        let user = usize::from(exact::<2>(&mut stream).await[1]);
        asked.push(text(&mut stream, user).await);
        let password = usize::from(exact::<1>(&mut stream).await[0]);
        asked.push(text(&mut stream, password).await);
        stream.write_all(&[1, 0]).await.unwrap();
        let [version, command, _, kind] = exact::<4>(&mut stream).await;
        assert_eq!((version, command, kind), (5, 1, 3), "CONNECT, to a name");
        let host = usize::from(exact::<1>(&mut stream).await[0]);
        asked.push(text(&mut stream, host).await);
        asked.push(u16::from_be_bytes(exact::<2>(&mut stream).await).to_string());
        log.lock().unwrap().push(asked.join(" "));
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        let mut server = TcpStream::connect(server).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut server).await;
    });
    (address, seen, tasks)
}

async fn exact<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

async fn text(stream: &mut TcpStream, length: usize) -> String {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// SEC-A14, E18: the same through SOCKS 5, which resolves the name itself with `socks5h`.
#[tokio::test]
async fn a_socks_proxy_tunnels_by_name_and_gets_its_own_credentials_alone() {
    let ca = Ca::new("ours");
    for (name, trusted) in [(NAME, true), ("evil.example", false)] {
        let (server, _, _serving) = serve(ca.signed(&params(name))).await;
        let (proxy, asked, _proxying) = socks(server, true).await;
        let proxies = Proxies::new(&format!("socks5h://user:canary@{proxy}")).unwrap();
        let builder = client(&format!("https://{NAME}")).ca_bundle(ca.file.path());
        let result = get(builder.http_version(HttpVersion::Http1).proxies(proxies)).await;
        assert_eq!(*asked.lock().unwrap(), ["user canary graph.example 443"], "{result:?}");
        if trusted {
            assert_eq!(result.unwrap().status(), 200);
        } else {
            assert!(reason(result).contains("is for another name"));
        }
    }
}

/// SEC-A14: a SOCKS proxy that takes none of our ways to sign in.
#[tokio::test]
async fn a_refusing_socks_proxy_is_named_without_its_password() {
    let (proxy, _, _proxying) = socks("127.0.0.1:9".parse().unwrap(), false).await;
    let proxies = Proxies::new(&format!("socks5h://user:canary@{proxy}")).unwrap();
    let error = get(client(&format!("https://{NAME}")).proxies(proxies)).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains(&format!("the proxy `{proxy}` made no tunnel")), "{source}");
    assert!(!format!("{error:?}{source}").contains("canary"));
}

/// SEC-A14: the way to an `https://` proxy is TLS of its own, checked against the proxy's name.
#[tokio::test]
async fn a_proxy_behind_tls_is_checked_and_then_tunnels() {
    let ca = Ca::new("ours");
    for (proxy_name, trusted) in [("localhost", true), ("evil.example", false)] {
        let (server, _, _serving) = serve(ca.signed(&params(NAME))).await;
        let (plain, asked, _proxying) = proxy(server, false).await;
        let (address, _tls) = unwrap_tls(ca.signed(&params(proxy_name)), plain).await;
        let url = format!("https://user:canary@localhost:{}", address.port());
        let builder = client(&format!("https://{NAME}")).ca_bundle(ca.file.path());
        let proxies = Proxies::new(&url).unwrap();
        let result = get(builder.http_version(HttpVersion::Http1).proxies(proxies)).await;
        if trusted {
            assert_eq!(result.unwrap().status(), 200);
            assert!(asked.lock().unwrap()[0].starts_with("CONNECT graph.example:443 "));
        } else {
            assert!(result.is_err() && asked.lock().unwrap().is_empty());
        }
    }
}

/// Takes TLS off every connection and passes the rest on.
async fn unwrap_tls(acceptor: TlsAcceptor, to: SocketAddr) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = acceptor.accept(stream).await else { return };
        let mut onward = TcpStream::connect(to).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    });
    (address, tasks)
}

/// SEC-A14: what a proxy refuses is said with its name, and without its password.
#[tokio::test]
async fn a_refusing_proxy_is_named_without_its_password() {
    let (proxy, _, _proxying) = proxy("127.0.0.1:9".parse().unwrap(), true).await;
    let proxies = Proxies::new(&format!("http://user:canary@{proxy}")).unwrap();
    let error = get(client(&format!("https://{NAME}")).proxies(proxies)).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains(&format!("the proxy `{proxy}` made no tunnel")), "{source}");
    assert!(!format!("{error:?}{source}").contains("canary"));
}

/// SEC-A14: this machine, and what `NO_PROXY` names, is reached directly.
#[tokio::test]
async fn near_and_exempted_hosts_are_reached_directly() {
    let (proxy, asked, _proxying) = proxy("127.0.0.1:9".parse().unwrap(), true).await;
    let everything = Proxies::new(&format!("http://{proxy}")).unwrap();
    for (root, proxies) in [
        ("https://127.0.0.1:9", everything.clone()),
        ("https://localhost:9", everything.clone()),
        ("https://nowhere.invalid", everything.no_proxy("invalid")),
    ] {
        assert!(matches!(get(client(root).proxies(proxies)).await, Err(Error::Unreachable { .. })));
    }
    assert!(asked.lock().unwrap().is_empty());
}
