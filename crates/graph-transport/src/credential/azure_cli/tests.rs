//! What `az` prints, and what is made of it.

use std::time::SystemTime;

use super::*;
use crate::script::Script;
use crate::{Cloud, CloudName, Error, GraphClient};

#[cfg(unix)]
fn script(text: &str) -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("az");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

async fn sign_in(cli: AzureCli) -> Result<(), CredentialError> {
    let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
    let client = GraphClient::builder(cloud, cli).wire(Script::of([])).build().unwrap();
    match client.sign_in().await {
        Err(Error::Credential(error)) => Err(error),
        other => other.map_err(|error| panic!("{error:?}")),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_cli_is_asked_for_the_clouds_resource() {
    let (_folder, az) = script(
        r#"[ "$*" = "account get-access-token --output json --resource https://graph.microsoft.us --tenant contoso.com" ] || exit 3
echo '{"accessToken":"t","expiresOn":"2031-01-01 00:00:00.000000","expires_on":4000000000,"tenant":"x"}'"#,
    );
    sign_in(AzureCli::new().program(az).tenant("contoso.com")).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn complaints_say_what_to_do() {
    for (text, expected) in [
        (
            "echo 'ERROR: Please run '\"'az login'\"' to setup account.' >&2; exit 1",
            "nobody is signed in, or no longer: run `az login`",
        ),
        (
            "echo 'WARNING: x' >&2; printf 'ERROR: AADSTS90002: no\\033[2J tenant\\nmore' >&2; exit 1",
            "ERROR: AADSTS90002: no[2J tenant",
        ),
        ("exit 1", "`az` failed without a word"),
    ] {
        let (_folder, az) = script(text);
        let error = sign_in(AzureCli::new().program(az)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("get a token from the Azure CLI: {expected}"));
        assert!(!error.is_transient());
    }
    let error = sign_in(AzureCli::new().program("/nonexistent/az")).await.unwrap_err();
    assert!(error.to_string().contains("not installed"), "{error}");
}

/// Output without end is cut off, and its writer ends with it.
#[cfg(unix)]
#[tokio::test]
async fn endless_output_is_bounded() {
    let (_folder, az) = script("exec yes");
    assert!(sign_in(AzureCli::new().program(az)).await.is_err());
}

#[tokio::test]
async fn a_tenant_is_never_an_option() {
    for tenant in ["--debug", "a b", "x;y"] {
        let error = sign_in(AzureCli::new().tenant(tenant)).await.unwrap_err();
        assert!(matches!(error, CredentialError::Unusable(_)), "{tenant}");
    }
}

#[test]
fn the_end_is_read_from_whichever_field_has_it() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    let life = |text: &str| token(&Secret::new(text), now).unwrap().expires_in;
    let hour = Some(Duration::from_secs(3_600));
    assert_eq!(life(r#"{"accessToken":"t","expires_on":4600}"#), hour);
    assert_eq!(life(r#"{"accessToken":"e30.eyJleHAiOjQ2MDB9.s"}"#), hour);
    assert_eq!(life(r#"{"accessToken":"opaque"}"#), None);
    assert!(token(&Secret::new("not json"), now).is_err());
}
