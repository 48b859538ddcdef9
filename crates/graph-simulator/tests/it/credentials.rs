//! Credentials other than a secret: certificates, federated identities, managed identities.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use graph_simulator::{
    AppRegistration, Clock, Cloud, FederatedCredential, ManagedIdentity, Simulator, Tenant,
};
use http::Method;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::Client;
use super::identity::{GRAPH, token};

const NOW: u64 = 1_900_000_000;
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An RSA key with its certificate.
struct Certified {
    key: RsaKeyPair,
    pem: String,
    der: Vec<u8>,
}

fn certified() -> Certified {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let certificate = CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    Certified {
        key: RsaKeyPair::from_pkcs8(&key.serialize_der()).unwrap(),
        pem: certificate.pem(),
        der: certificate.der().to_vec(),
    }
}

fn sign(key: &RsaKeyPair, header: &Value, claims: &Value) -> String {
    let encoding: &dyn RsaEncoding =
        if header["alg"] == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn fixed_clock() -> Clock {
    Clock::new(|| UNIX_EPOCH + Duration::from_secs(NOW))
}

fn tenant() -> Tenant {
    Tenant::builder().users(30).build()
}

async fn assert_with(simulator: &Simulator, app: &str, assertion: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", app),
        ("scope", GRAPH),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    token(simulator, &simulator.tenant_id(), &form).await
}

#[tokio::test]
async fn an_assertion_signed_with_a_registered_certificate_buys_a_token() {
    // facts: graph-protocol 2.1.
    let own = certified();
    let app = AppRegistration::new("daemon").certificate(&own.pem).unwrap();
    let simulator = Simulator::builder(tenant()).clock(fixed_clock()).application(app).build();
    let sha256 = URL_SAFE_NO_PAD.encode(Sha256::digest(&own.der));
    let sha1 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &own.der);
    let endpoint = format!("http://127.0.0.1:1/{}/oauth2/v2.0/token", simulator.tenant_id());
    let login = format!(
        "https://login.microsoftonline.com/{}/oauth2/v2.0/token",
        simulator.tenant().domain()
    );
    let claims = json!({
        "aud": endpoint, "iss": "daemon", "sub": "daemon", "jti": "1",
        "nbf": NOW, "iat": NOW, "exp": NOW + 600,
    });
    let ps256 = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": sha256 });
    for (header, claims) in [
        (ps256.clone(), claims.clone()),
        (
            json!({ "alg": "RS256", "typ": "JWT", "x5t": URL_SAFE_NO_PAD.encode(sha1) }),
            claims.clone(),
        ),
        (json!({ "alg": "RS256", "typ": "JWT", "x5t": STANDARD.encode(sha1) }), claims.clone()),
        (ps256.clone(), with(&claims, "aud", json!(login))),
        (ps256.clone(), with(&claims, "exp", json!(1_900_000_600.25))),
    ] {
        let assertion = sign(&own.key, &header, &claims);
        let (status, body) = assert_with(&simulator, "daemon", &assertion).await;
        assert_eq!(status, 200, "{header}: {body}");
        let client = Client::new(&simulator).with_token(body["access_token"].as_str().unwrap());
        assert_eq!(client.get("/v1.0/users").await.status, 200);
    }
    let other = certified();
    let unknown = URL_SAFE_NO_PAD.encode(Sha256::digest(&other.der));
    for (key, header, claims, number) in [
        (&other.key, ps256.clone(), claims.clone(), 700_027),
        (&other.key, with(&ps256, "x5t#S256", json!(unknown)), claims.clone(), 700_027),
        (&own.key, with(&ps256, "alg", json!("none")), claims.clone(), 700_027),
        (&own.key, ps256.clone(), with(&claims, "exp", json!(NOW - 301)), 700_024),
        (&own.key, ps256.clone(), with(&claims, "nbf", json!(NOW + 301)), 700_024),
        (&own.key, ps256.clone(), with(&claims, "iss", json!("x")), 700_021),
        (&own.key, ps256.clone(), with(&claims, "aud", json!("https://evil.example")), 700_023),
    ] {
        let assertion = sign(key, &header, &claims);
        let (status, body) = assert_with(&simulator, "daemon", &assertion).await;
        assert_eq!((status, &body["error"]), (401, &json!("invalid_client")), "{body}");
        assert_eq!(body["error_codes"], json!([number]), "{header} {claims}");
    }
    let (_, body) = assert_with(&simulator, "daemon", "no.jwt").await;
    assert_eq!(body["error_codes"], json!([50_027]));
}

fn with(value: &Value, name: &str, new: Value) -> Value {
    let mut changed = value.clone();
    changed[name] = new;
    changed
}

#[tokio::test]
async fn an_external_token_is_taken_for_its_issuer_subject_and_audience() {
    let issuer = certified();
    let public = &issuer.key;
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let keys = {
        use aws_lc_rs::signature::KeyPair as _;
        let key = public.public_key();
        json!({ "keys": [{ "kty": "RSA", "kid": "k",
            "n": part(key.modulus().big_endian_without_leading_zero()),
            "e": part(key.exponent().big_endian_without_leading_zero()) }] })
    };
    let trusted = FederatedCredential::new("https://kubernetes.example", "system:pod")
        .keys(&keys.to_string())
        .unwrap();
    let app = AppRegistration::new("pod").federated_credential(trusted);
    let simulator = Simulator::builder(tenant()).clock(fixed_clock()).application(app).build();
    let header = json!({ "alg": "RS256", "kid": "k" });
    let claims = json!({
        "iss": "https://kubernetes.example", "sub": "system:pod",
        "aud": ["api://AzureADTokenExchange"], "exp": NOW + 600,
    });
    let assertion = sign(&issuer.key, &header, &claims);
    assert_eq!(assert_with(&simulator, "pod", &assertion).await.0, 200);
    for (key, claims, number) in [
        (&issuer.key, with(&claims, "iss", json!("https://evil.example")), 700_211),
        (&issuer.key, with(&claims, "sub", json!("system:other")), 700_213),
        (&issuer.key, with(&claims, "aud", json!("api://AzureADTokenExchangeChina")), 700_212),
        (&issuer.key, with(&claims, "exp", json!(NOW - 301)), 700_024),
        (&certified().key, claims.clone(), 50_012),
    ] {
        let (_, body) = assert_with(&simulator, "pod", &sign(key, &header, &claims)).await;
        assert_eq!(body["error_codes"], json!([number]), "{claims}");
    }
}

#[tokio::test]
async fn secrets_expire_and_public_clients_have_none() {
    // facts: graph-protocol 2.7.
    let app = AppRegistration::new("old").expired_secret("was").public_client_flows(false);
    let simulator = Simulator::builder(tenant()).application(app).build();
    let form = super::identity::form("old", "was", GRAPH);
    let (status, body) = token(&simulator, &simulator.tenant_id(), &form).await;
    assert_eq!((status, &body["error_codes"]), (401, &json!([7_000_222])));
    let form = [("client_id", "old"), ("scope", "User.Read")];
    let (_, body) =
        super::identity::form_post(&simulator, "/common/oauth2/v2.0/devicecode", &form).await;
    assert_eq!(body["error_codes"], json!([7_000_218]));
}

async fn machine(
    simulator: &Simulator,
    path: &str,
    headers: &[(&str, &str)],
) -> (u16, Value, String) {
    let client = Client::new(simulator).with_token("");
    let answer = client.send(Method::GET, path, headers, None).await;
    let challenge =
        answer.headers.get("www-authenticate").map(|it| it.to_str().unwrap().to_owned());
    (answer.status.as_u16(), answer.json(), challenge.unwrap_or_default())
}

#[tokio::test]
async fn a_machine_gets_tokens_for_the_identities_assigned_to_it() {
    // facts: graph-protocol 2.2.
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::builder(tenant())
        .managed_identity(ManagedIdentity::system_assigned("m", "mo", ["User.Read.All"]))
        .managed_identity(
            ManagedIdentity::user_assigned("u", "uo", ["Group.Read.All"]).resource_id("/r/u"),
        )
        .arc_keys(folder.path())
        .build();
    let metadata: [(&str, &str); 1] = [("Metadata", "true")];
    let imds = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com";
    let (status, body, _) = machine(&simulator, imds, &metadata).await;
    assert_eq!(status, 200, "{body}");
    assert!(body["expires_in"].is_string() && body["expires_on"].is_string());
    let client = Client::new(&simulator).with_token(body["access_token"].as_str().unwrap());
    assert_eq!(client.get("/v1.0/users").await.status, 200);
    assert_eq!(client.get("/v1.0/groups").await.status, 403);
    for named in ["client_id=u", "object_id=uo", "msi_res_id=/r/u"] {
        let (_, body, _) = machine(&simulator, &format!("{imds}&{named}"), &metadata).await;
        assert_eq!(body["client_id"], "u", "{named}");
    }
    for (path, headers) in [
        (imds.to_owned(), &[][..]),
        (format!("{imds}&client_id=nobody"), &metadata[..]),
        (format!("{imds}&msi_res_id=nobody"), &metadata[..]),
        (imds.replace("microsoft.com", "microsoft.us"), &metadata[..]),
        (imds.replace("resource", "x"), &metadata[..]),
        (imds.replace("api-version", "x"), &metadata[..]),
    ] {
        let (status, body, _) = machine(&simulator, &path, headers).await;
        assert_eq!(status, 400, "{path}");
        assert!(body["error"].is_string() && body["error_description"].is_string());
    }
    let service = imds.replace("/metadata/identity/oauth2/token", "/msi/token");
    let header = [("X-IDENTITY-HEADER", simulator.identity_header())];
    let (status, body, _) = machine(&simulator, &service, &header).await;
    assert_eq!((status, body.get("expires_in")), (200, None));
    assert_eq!(machine(&simulator, &service, &metadata).await.0, 400);
    let arc = imds.replace("2018-02-01", "2020-06-01");
    let (status, _, challenge) = machine(&simulator, &arc, &metadata).await;
    assert_eq!(status, 401);
    let key = std::fs::read_to_string(challenge.strip_prefix("Basic realm=").unwrap()).unwrap();
    let basic = format!("Basic {key}");
    let proof = [("Metadata", "true"), ("Authorization", basic.as_str())];
    assert_eq!(machine(&simulator, &arc, &proof).await.0, 200);
    assert_eq!(machine(&simulator, &arc, &proof).await.0, 401, "a key is good once");
}

#[tokio::test]
async fn a_managed_identity_may_stand_for_an_application() {
    let cloud = Cloud::UsGovL4;
    let issuer = format!("https://sts.windows.net/{}/", tenant().id_of_tenant());
    let app =
        AppRegistration::new("pod").federated_credential(FederatedCredential::new(issuer, "mo"));
    let simulator = Simulator::builder(tenant())
        .cloud(cloud)
        .application(app)
        .managed_identity(ManagedIdentity::system_assigned("m", "mo", ["User.Read.All"]))
        .build();
    let path = format!(
        "/metadata/identity/oauth2/token?api-version=2018-02-01&resource={}",
        cloud.token_exchange_audience().replace("://", "%3A%2F%2F")
    );
    let (_, body, _) = machine(&simulator, &path, &[("Metadata", "true")]).await;
    let exchange = body["access_token"].as_str().unwrap().to_owned();
    let client = Client::new(&simulator).with_token(&exchange);
    assert_eq!(client.get("/v1.0/users").await.status, 401, "it is not for Graph");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "pod"),
        ("scope", "https://graph.microsoft.us/.default"),
        ("client_assertion_type", TYPE),
        ("client_assertion", exchange.as_str()),
    ];
    let (status, body) = token(&simulator, &simulator.tenant_id(), &form).await;
    assert_eq!(status, 200, "{body}");
}
