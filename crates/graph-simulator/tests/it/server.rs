//! The simulator on a socket.

use std::net::SocketAddr;

use graph_simulator::{ListenError, Simulator, Tenant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn simulator() -> Simulator {
    Simulator::builder(Tenant::builder().users(50).build()).build()
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// Sends raw bytes and reads until the server closes.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn addresses_that_other_machines_reach_are_refused() {
    for address in ["0.0.0.0:0", "192.168.1.7:0", "[::]:0"] {
        let refused = simulator().listen(address.parse().unwrap()).await;
        assert!(matches!(refused, Err(ListenError::NotLoopback(_))), "{address}");
    }
}

#[tokio::test]
async fn a_token_is_issued_over_a_socket_and_opens_the_directory() {
    let simulator = simulator();
    let server = simulator.listen(loopback()).await.unwrap();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={}/.default",
        simulator.client_id(),
        simulator.client_secret(),
        server.graph_root(),
    );
    let request = format!(
        "POST /{}/oauth2/v2.0/token HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        simulator.tenant_id(),
        server.address(),
        form.len(),
    );
    let answer = exchange(server.address(), &request).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let token = body["access_token"].as_str().unwrap();
    let request = format!(
        "GET /v1.0/users?$top=2 HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n",
        server.address()
    );
    let answer = exchange(server.address(), &request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.contains(&format!(
            "\"@odata.nextLink\":\"{}/v1.0/users?$top=2&$skiptoken=",
            server.url()
        )),
        "{answer}"
    );
    server.shutdown().await;
}

#[tokio::test]
async fn links_and_tokens_of_one_process_are_good_in_the_next() {
    let old = simulator();
    let first = old.listen(loopback()).await.unwrap();
    let get = |address: SocketAddr, path: String, token: String| async move {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        let answer = exchange(address, &request).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str::<serde_json::Value>(body).unwrap()
    };
    let token = old.access_token();
    let page = get(first.address(), "/v1.0/users/delta".into(), token.clone()).await;
    let link = page["@odata.deltaLink"].as_str().unwrap().replace(&first.url(), "");
    first.shutdown().await;

    let new = Simulator::builder(Tenant::builder().users(50).moment(3).build()).build();
    let second = new.listen(loopback()).await.unwrap();
    let page = get(second.address(), link, token).await;
    assert!(!page["value"].as_array().unwrap().is_empty());
    assert!(page["@odata.deltaLink"].as_str().unwrap().starts_with(&second.url()));
    second.shutdown().await;
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn over_tls_its_own_authority_is_trusted_and_no_other() {
    use std::sync::Arc;

    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

    let simulator = simulator();
    let server = simulator.listen_tls(loopback()).await.unwrap();
    assert!(server.url().starts_with("https://127.0.0.1:"));
    let connect = |roots: RootCertStore| {
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let connector = TlsConnector::from(Arc::new(
            config.with_root_certificates(roots).with_no_client_auth(),
        ));
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let address = server.address();
        async move { connector.connect(name, TcpStream::connect(address).await.unwrap()).await }
    };
    let mut roots = RootCertStore::empty();
    let pem = server.certificate_authority().unwrap();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let mut stream = connect(roots).await.unwrap();
    let request = format!(
        "GET /v1.0/users?$top=1 HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        server.address(),
        simulator.access_token()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.contains(&format!("\"@odata.nextLink\":\"{}/v1.0/users", server.url())),
        "{answer}"
    );
    assert!(connect(RootCertStore::empty()).await.is_err());
}

#[tokio::test]
async fn a_shutdown_ends_idle_connections() {
    let server = simulator().listen(loopback()).await.unwrap();
    let mut idle = TcpStream::connect(server.address()).await.unwrap();
    let address = server.address();
    idle.write_all(b"GET /simulator HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    server.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
}
