//! Ways to sign in against the simulator's login authority, which shares no code with them.

#![cfg(feature = "tls")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use graph_simulator::{AppRegistration, Simulator, Tenant};
use graph_transport::{
    AuthorizationCode, Certificate, ClientCertificate, Cloud, Credential, CustomCloud, DeviceCode,
    DevicePrompt, Error, GraphClient, GraphRequest, ManagedIdentity, RefreshToken,
    RefreshTokenFile, RefreshTokenStore as _, Secret,
};
use http_body_util::Full;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

fn simulator(app: AppRegistration) -> Simulator {
    Simulator::builder(Tenant::builder().users(20).build()).application(app).build()
}

fn client(simulator: &Simulator, credential: impl Credential) -> GraphClient {
    let root = "http://127.0.0.1:1";
    let cloud = Cloud::custom(CustomCloud {
        graph_root: root.into(),
        authority: root.into(),
        allow_insecure_loopback: true,
        ..CustomCloud::default()
    });
    GraphClient::builder(cloud.unwrap(), credential).wire(simulator.service()).build().unwrap()
}

async fn reads_users(client: &GraphClient) -> Result<bool, Error> {
    let request = GraphRequest::get(client.cloud().link("/v1.0/users?$top=1").unwrap());
    Ok(client.send(request).await?.status().is_success())
}

fn certified() -> (String, Certificate) {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let certificate = CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap().pem();
    let both = Secret::new(format!("{certificate}{}", key.serialize_pem()));
    (certificate, Certificate::from_pem(&both).unwrap())
}

/// U28: the authority checks signature, thumbprint, audience and life; a stranger's key is refused.
#[tokio::test(start_paused = true)]
async fn a_registered_certificate_signs_in_and_another_does_not() {
    let (pem, certificate) = certified();
    let simulator = simulator(AppRegistration::new("app").certificate(&pem).unwrap());
    let credential = ClientCertificate::new(simulator.tenant_id(), "app", certificate);
    assert!(reads_users(&client(&simulator, credential)).await.unwrap());
    let stranger = ClientCertificate::new(simulator.tenant_id(), "app", certified().1);
    let error = reads_users(&client(&simulator, stranger)).await.unwrap_err();
    let Error::Credential(error) = error else { unreachable!("{error:?}") };
    assert!(error.hint().unwrap().contains("certificate"), "{error}");
}

/// The person approves; the refresh token that came with it signs the next process in.
#[tokio::test(start_paused = true)]
async fn a_device_code_leads_to_a_refresh_token() {
    let simulator = Arc::new(simulator(AppRegistration::new("desk")));
    let person = Arc::clone(&simulator);
    let folder = tempfile::tempdir().unwrap();
    let file = RefreshTokenFile::new(folder.path().join("desk"));
    let credential = DeviceCode::new(simulator.tenant_id(), "desk", move |prompt| {
        person.approve_device(&prompt.user_code, None).unwrap();
    })
    .token_store(file.clone());
    assert!(reads_users(&client(&simulator, credential)).await.unwrap());
    let token = file.load().await.unwrap().unwrap();
    let credential = RefreshToken::new(simulator.tenant_id(), "desk", token);
    assert!(reads_users(&client(&simulator, credential)).await.unwrap());
    let nobody = |_: &DevicePrompt| unreachable!("the next process asks nobody");
    let next = DeviceCode::new(simulator.tenant_id(), "desk", nobody).token_store(file);
    assert!(reads_users(&client(&simulator, next)).await.unwrap());
}

/// The whole flow with the authority's own redirect: PKCE, state and loopback address fit.
#[tokio::test]
async fn a_browser_signs_in_through_the_loopback_redirect() {
    let simulator = simulator(AppRegistration::new("desk"));
    let (opened, mut urls) = tokio::sync::mpsc::channel::<String>(1);
    let credential = AuthorizationCode::new(simulator.tenant_id(), "desk", move |url| {
        opened.try_send(url.to_owned()).map_err(Into::into)
    });
    let client = client(&simulator, credential);
    let browser = async {
        let url = urls.recv().await.unwrap();
        let request = http::Request::get(url).body(Full::<bytes::Bytes>::default()).unwrap();
        let answer = simulator.service().oneshot(request).await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        let back = url::Url::parse(location).unwrap();
        let address = ("127.0.0.1", back.port().unwrap());
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let target = format!("/?{}", back.query().unwrap());
        let head = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        page
    };
    let (read, page) = tokio::join!(reads_users(&client), browser);
    assert!(page.contains("Signed in"), "{page}");
    assert!(read.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_machines_own_identity_signs_in() {
    let simulator = simulator(AppRegistration::new("app"));
    let client = client(&simulator, ManagedIdentity::virtual_machine());
    assert!(reads_users(&client).await.unwrap());
}
