//! Each environment is asked as it documents, and nobody else gets its secret (facts: graph-protocol 2.2).

use std::collections::HashMap;

use super::*;
use crate::script::{Reply, Script, Sent, reply};
use crate::{Error, WorkloadIdentity};

const TOKEN: &str =
    r#"{"access_token":"t","expires_in":"86400","expires_on":"1","token_type":"Bearer"}"#;

fn ok() -> Reply {
    reply(200, &[], TOKEN)
}

async fn ask(
    credential: impl Credential,
    replies: Vec<Reply>,
) -> (Result<(), CredentialError>, Vec<Sent>) {
    let script = Script::of(replies);
    let result = script.client_of(credential).build().unwrap().sign_in().await;
    let result = match result {
        Err(Error::Credential(error)) => Err(error),
        other => other.map_err(|error| panic!("{error:?}")),
    };
    (result, script.sent())
}

fn environment(variables: &[(&str, &str)]) -> Result<ManagedIdentity, CredentialError> {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ManagedIdentity::from_environment(|name| variables.get(name).cloned())
}

#[tokio::test(start_paused = true)]
async fn a_virtual_machine_is_asked_at_its_link_local_address() {
    let identity = environment(&[]).unwrap().user_assigned(UserAssigned::ResourceId("/s/1".into()));
    let (result, sent) = ask(identity, vec![ok()]).await;
    result.unwrap();
    assert_eq!(
        sent[0].uri,
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.us&msi_res_id=%2Fs%2F1"
    );
    assert_eq!(sent[0].header("metadata"), "true");
}

/// 404, 410, 429 and 5xx pass; 400 means that there is no such identity.
#[tokio::test(start_paused = true)]
async fn passing_problems_are_waited_out_and_others_named() {
    let passing = || vec![reply(404, &[], ""), reply(410, &[], ""), reply(500, &[], ""), ok()];
    let (result, sent) = ask(ManagedIdentity::virtual_machine(), passing()).await;
    result.unwrap();
    assert_eq!(sent.len(), 4);
    let (result, _) = ask(ManagedIdentity::virtual_machine(), vec![reply(400, &[], "{}")]).await;
    let error = result.unwrap_err().to_string();
    assert_eq!(
        error,
        "get a token from the managed identity: no such identity is assigned to this machine"
    );
    let (result, sent) =
        ask(ManagedIdentity::virtual_machine(), vec![Err("no route".into())]).await;
    assert!(matches!(result, Err(CredentialError::NotHere { .. })), "{result:?}");
    assert_eq!(sent.len(), 1, "what is not there is not asked again");
}

#[tokio::test(start_paused = true)]
async fn app_service_gets_its_header_and_only_nearby() {
    let near =
        [("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token/"), ("IDENTITY_HEADER", "canary")];
    let identity = environment(&near).unwrap().user_assigned(UserAssigned::ClientId("c".into()));
    assert!(!format!("{identity:?}").contains("canary"));
    let (result, sent) = ask(identity, vec![ok()]).await;
    result.unwrap();
    assert_eq!(
        sent[0].uri,
        "http://127.0.0.1:41741/msi/token/?api-version=2019-08-01&resource=https%3A%2F%2Fgraph.microsoft.us&client_id=c"
    );
    assert_eq!(sent[0].header("x-identity-header"), "canary");
    for far in [
        "http://evil.example/msi",
        "http://8.8.8.8/",
        "ftp://localhost/",
        "http://u@localhost/",
        "x",
    ] {
        assert!(
            environment(&[("IDENTITY_ENDPOINT", far), ("IDENTITY_HEADER", "s")]).is_err(),
            "{far}"
        );
    }
    let fabric = [
        ("IDENTITY_ENDPOINT", "https://localhost/"),
        ("IDENTITY_HEADER", "s"),
        ("IDENTITY_SERVER_THUMBPRINT", "t"),
    ];
    assert!(environment(&fabric).is_err());
}

fn challenge(path: &std::path::Path) -> Reply {
    reply(401, &[("www-authenticate", &format!("Basic realm={}", path.display()))], "")
}

#[tokio::test(start_paused = true)]
async fn the_arc_agent_is_answered_from_its_own_directory_only() {
    let tokens = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let arc = || {
        ManagedIdentity::azure_arc(
            "http://localhost:40342/metadata/identity/oauth2/token",
            tokens.path(),
        )
        .unwrap()
    };
    std::fs::write(tokens.path().join("1.key"), "c2VjcmV0").unwrap();
    let (result, sent) = ask(arc(), vec![challenge(&tokens.path().join("1.key")), ok()]).await;
    result.unwrap();
    assert_eq!((sent[0].header("metadata"), sent[0].header("authorization")), ("true", ""));
    assert_eq!(sent[1].header("authorization"), "Basic c2VjcmV0");
    assert!(sent[1].uri.query().unwrap().starts_with("api-version=2020-06-01&resource="));

    std::fs::write(tokens.path().join("large.key"), "x".repeat(4_097)).unwrap();
    std::fs::write(tokens.path().join("1.txt"), "x").unwrap();
    std::fs::write(elsewhere.path().join("1.key"), "x").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(elsewhere.path().join("1.key"), tokens.path().join("link.key"))
        .unwrap();
    for path in [
        tokens.path().join("large.key"),
        tokens.path().join("1.txt"),
        tokens.path().join("missing.key"),
        tokens.path().join("link.key"),
        tokens.path().join("sub/../1.key"),
        tokens.path().join(format!("../{}/1.key", elsewhere.path().file_name().unwrap().display())),
        elsewhere.path().join("1.key"),
        "/etc/passwd".into(),
        "".into(),
    ] {
        let (result, sent) = ask(arc(), vec![challenge(&path)]).await;
        assert!(result.is_err(), "{path:?}");
        assert_eq!(sent.len(), 1, "{path:?} was answered");
    }
    let (result, _) = ask(arc().user_assigned(UserAssigned::ObjectId("o".into())), vec![]).await;
    assert!(result.is_err());
}

/// The app trusts the machine's identity: its token for the cloud's audience is the assertion.
#[tokio::test(start_paused = true)]
async fn a_managed_identity_can_stand_in_for_a_secret() {
    let identity = WorkloadIdentity::from_managed_identity(
        "tenant",
        "app",
        ManagedIdentity::virtual_machine(),
    );
    let exchanged = reply(200, &[], r#"{"access_token":"graph","expires_in":3600}"#);
    let (result, sent) = ask(identity, vec![ok(), exchanged]).await;
    result.unwrap();
    assert!(
        sent[0].uri.query().unwrap().contains("resource=api%3A%2F%2FAzureADTokenExchangeUSGov")
    );
    assert_eq!(sent[1].uri, "https://login.microsoftonline.us/tenant/oauth2/v2.0/token");
    assert_eq!(sent[1].field("client_assertion"), "t");
    assert!(sent[1].field("client_assertion_type").ends_with("jwt-bearer"));
}

/// U25
#[tokio::test(start_paused = true)]
async fn a_rotated_token_file_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "first\n").unwrap();
    let variables = [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
    ];
    let lookup = |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
    let identity = WorkloadIdentity::from_environment(lookup).unwrap();
    let token = |life| reply(200, &[], &format!(r#"{{"access_token":"t","expires_in":{life}}}"#));
    let script = Script::of([token(60), token(60)]);
    let client = script.client_of(identity).build().unwrap();
    client.sign_in().await.unwrap();
    std::fs::write(&file, "second").unwrap();
    tokio::time::sleep(Duration::from_secs(61)).await;
    client.sign_in().await.unwrap();
    let assertions: Vec<_> = script.sent().iter().map(|it| it.field("client_assertion")).collect();
    assert_eq!(assertions, ["first", "second"]);
    let missing = WorkloadIdentity::from_environment(|_| None).unwrap_err();
    assert!(missing.to_string().contains("`AZURE_FEDERATED_TOKEN_FILE` is not set"), "{missing}");
}
