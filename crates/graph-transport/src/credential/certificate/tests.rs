//! Assertions verify with the certificate, carry what the authority asks for, and nothing else signs.

use std::collections::HashSet;

use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use rcgen::{CertificateParams, KeyPair as TestKey, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::Value;

use super::*;
use crate::script::{Script, reply};
use crate::{ClientCertificate, Clock, Cloud, CloudName, GraphClient};

fn key(algorithm: &'static rcgen::SignatureAlgorithm) -> TestKey {
    TestKey::generate_for(algorithm).unwrap()
}

fn certified(key: &TestKey) -> rcgen::Certificate {
    CertificateParams::new(["app.example".to_owned()]).unwrap().self_signed(key).unwrap()
}

fn pem(parts: &[&str]) -> Secret {
    Secret::new(parts.concat())
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

const NOW: u64 = 1_900_000_000;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// U28
#[test]
fn an_assertion_verifies_with_its_certificate() {
    let (key, other) = (key(&PKCS_RSA_SHA256), key(&PKCS_RSA_SHA256));
    let (leaf, stranger) = (certified(&key), certified(&other));
    // The issuer's certificate may come first; the leaf is the one with our key.
    let text = pem(&[&stranger.pem(), &leaf.pem(), &key.serialize_pem()]);
    let certificate = Certificate::from_pem(&text).unwrap();
    let assertion = certificate.assertion("app", "https://login/t", at(NOW), true).unwrap();
    let parts: Vec<&str> = assertion.expose().split('.').collect();
    let (header, claims) = (decoded(parts[0]), decoded(parts[1]));
    let thumbprint = URL_SAFE_NO_PAD.encode(sha256(leaf.der()));
    assert_eq!(header["alg"], "PS256");
    assert_eq!(header["typ"], "JWT");
    assert_eq!(header["x5t#S256"], thumbprint);
    assert_eq!(header["x5c"][0], STANDARD.encode(leaf.der()));
    assert_eq!(header["x5c"].as_array().unwrap().len(), 2);
    assert_eq!(claims["aud"], "https://login/t");
    assert_eq!((&claims["iss"], &claims["sub"]), (&claims["sub"], &Value::from("app")));
    assert_eq!((claims["nbf"].as_u64(), claims["exp"].as_u64()), (Some(NOW), Some(NOW + 600)));
    let (signed, signature) = assertion.expose().rsplit_once('.').unwrap();
    let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.der_bytes_of_public_key());
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    public.verify(signed.as_bytes(), &signature).unwrap();
    assert!(!format!("{certificate:?}").contains("PRIVATE"));
}

trait PublicDer {
    fn der_bytes_of_public_key(&self) -> Vec<u8>;
}

impl PublicDer for TestKey {
    fn der_bytes_of_public_key(&self) -> Vec<u8> {
        use rcgen::PublicKeyData as _;
        self.der_bytes().to_vec()
    }
}

#[test]
fn unusable_certificates_are_named() {
    let (rsa, other, curve) =
        (key(&PKCS_RSA_SHA256), key(&PKCS_RSA_SHA256), key(&PKCS_ECDSA_P256_SHA256));
    let (leaf, curve_leaf) = (certified(&rsa).pem(), certified(&curve).pem());
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (text, error) in [
        (pem(&[&leaf]), CertificateError::NoKey),
        (pem(&[&rsa.serialize_pem()]), CertificateError::NoCertificate),
        (pem(&[&leaf, &other.serialize_pem()]), CertificateError::OtherKey),
        (pem(&[&curve_leaf, &curve.serialize_pem()]), CertificateError::NotRsa),
        (pem(&[&leaf, encrypted]), CertificateError::Encrypted),
        (
            pem(&["-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"]),
            CertificateError::Malformed,
        ),
        (pem(&["text"]), CertificateError::NoKey),
    ] {
        assert_eq!(Certificate::from_pem(&text).unwrap_err(), error);
    }
}

fn certificate() -> Certificate {
    let key = key(&PKCS_RSA_SHA256);
    Certificate::from_pem(&pem(&[&certified(&key).pem(), &key.serialize_pem()])).unwrap()
}

const LATE: &str =
    r#"{"error":"invalid_client","error_codes":[700024],"error_description":"AADSTS700024: late"}"#;
const TOKEN: &str = r#"{"access_token":"t","expires_in":60}"#;

#[derive(Debug)]
struct Fixed(SystemTime);

impl Clock for Fixed {
    fn now(&self) -> SystemTime {
        self.0
    }
}

/// SEC-D16: the authority's own time decides, and every assertion is a fresh one for its audience.
#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_corrected_by_the_authoritys() {
    let date = httpdate::fmt_http_date(at(NOW + 1_200));
    let script = Script::of([
        reply(401, &[("date", &date)], LATE),
        reply(200, &[("date", &date)], TOKEN),
        reply(200, &[("date", &date)], TOKEN),
    ]);
    let credential = ClientCertificate::new("contoso", "app", certificate());
    let client = script.client_of(credential).clock(Fixed(at(NOW))).build().unwrap();
    client.sign_in().await.unwrap();
    tokio::time::sleep(Duration::from_secs(61)).await;
    client.sign_in().await.unwrap();
    let claims: Vec<Value> = script
        .sent()
        .iter()
        .map(|it| decoded(it.field("client_assertion").split('.').nth(1).unwrap()))
        .collect();
    let dated: Vec<_> = claims.iter().map(|it| it["iat"].as_u64().unwrap()).collect();
    assert_eq!(dated, [NOW, NOW + 1_200, NOW + 1_200]);
    for claims in &claims {
        assert_eq!(claims["aud"], "https://login.microsoftonline.us/contoso/oauth2/v2.0/token");
        let life = claims["exp"].as_u64().unwrap() - claims["nbf"].as_u64().unwrap();
        assert!(life <= 600);
    }
    let ids: HashSet<_> = claims.iter().map(|it| it["jti"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), claims.len());
}

/// SEC-D16: where the second assertion does not help either, the difference is said.
#[tokio::test(start_paused = true)]
async fn a_refusal_about_time_says_how_far_the_clocks_are_apart() {
    let date = httpdate::fmt_http_date(at(NOW - 900));
    let late = || reply(401, &[("date", &date)], LATE);
    let script = Script::of([late(), late()]);
    let credential = ClientCertificate::new("contoso", "app", certificate());
    let client = script.client_of(credential).clock(Fixed(at(NOW))).build().unwrap();
    let error = client.sign_in().await.unwrap_err();
    let crate::Error::Credential(error) = error else { panic!("{error:?}") };
    insta::assert_snapshot!(error, @"get a token: AADSTS700024: late; this machine's clock is 900 s ahead of the authority's");
    assert!(error.hint().unwrap().contains("clock"));
}

/// U28: the audience follows the cloud.
#[tokio::test(start_paused = true)]
async fn the_audience_is_the_token_endpoint_of_the_cloud() {
    for name in CloudName::FIXED {
        let cloud = Cloud::named(name).unwrap();
        let script = Script::of([reply(200, &[], TOKEN)]);
        let credential = ClientCertificate::new("contoso", "app", certificate());
        let expected = format!("{}/contoso/oauth2/v2.0/token", cloud.authority());
        let client = GraphClient::builder(cloud, credential).wire(script.clone()).build().unwrap();
        client.sign_in().await.unwrap();
        let sent = &script.sent()[0];
        assert_eq!(sent.uri, *expected);
        let claims = decoded(sent.field("client_assertion").split('.').nth(1).unwrap());
        assert_eq!(claims["aud"], expected);
    }
}

/// Made by `openssl pkcs12 -export`, once with today's and once with the older algorithms.
#[cfg(feature = "pkcs12")]
#[test]
fn pkcs12_files_old_and_new_are_read_with_their_password() {
    let password = Secret::new("pässword");
    let files: [&[u8]; 2] = [include_bytes!("modern.p12"), include_bytes!("legacy.p12")];
    let thumbprints: HashSet<String> = files
        .iter()
        .map(|bytes| Certificate::from_pkcs12(bytes, &password).unwrap().thumbprint().to_owned())
        .collect();
    assert_eq!(thumbprints.len(), 1, "both hold the same certificate");
    for bytes in files {
        let wrong = Certificate::from_pkcs12(bytes, &Secret::new("wrong")).unwrap_err();
        assert_eq!(wrong, CertificateError::WrongPassword);
        let cut = Certificate::from_pkcs12(&bytes[..bytes.len() / 2], &password).unwrap_err();
        assert_eq!(cut, CertificateError::WrongPassword);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.pfx");
    std::fs::write(&file, files[0]).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = |mode| {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(0o644);
        let shared = Certificate::from_file(&file, Some(&password)).unwrap_err().to_string();
        assert!(shared.contains("its mode is 0644"), "SEC-D13: {shared}");
        mode(0o600);
    }
    assert!(Certificate::from_file(&file, Some(&password)).is_ok());
    let large = folder.path().join("large.pem");
    std::fs::write(&large, vec![b'x'; 70_000]).unwrap();
    assert!(Certificate::from_file(&large, None).is_err());
    assert_eq!(Certificate::from_file(&file, None).unwrap_err(), CertificateError::WrongPassword);
    let missing = Certificate::from_file(&folder.path().join("none"), None).unwrap_err();
    assert!(matches!(missing, CertificateError::Unreadable(_)));
    let text = Certificate::from_pkcs12(b"-----BEGIN", &password).unwrap_err();
    assert_eq!(text, CertificateError::Malformed);
}
