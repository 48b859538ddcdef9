//! Certificates of applications and service principals.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::call::Call;
use super::errors::Refusal;
use super::reply::Reply;
use super::sets::list;
use super::write::Writer;
use crate::tenant::Handle;
use crate::tenant::view::timestamp;

const KEYS: &str = "keyCredentials";

fn keys(writer: &Writer<'_>, application: Handle) -> Vec<Value> {
    match writer.directory().object(application).value_of(KEYS) {
        Value::Array(keys) => keys,
        _ => Vec::new(),
    }
}

fn set_keys(writer: &mut Writer<'_>, application: Handle, keys: Vec<Value>) {
    let changed = Map::from_iter([(KEYS.to_owned(), Value::Array(keys))]);
    writer.overlay.update(application, changed);
}

/// The proof is a token signed by a key that the application has: without one there is no proof.
fn prove(body: &Map<String, Value>, keys: &[Value]) -> Result<(), Refusal> {
    let proof = body.get("proof").and_then(Value::as_str).unwrap_or_default();
    let parts: Vec<&str> = proof.split('.').collect();
    if keys.is_empty() || parts.len() != 3 || parts.iter().any(|part| part.is_empty()) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Authentication_MissingOrMalformed",
            "Access Token missing or malformed: the proof of possession is not valid.",
        ));
    }
    Ok(())
}

/// `addKey`: the first certificate is set by an update, later ones with a proof.
pub(crate) fn add_key(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    application: Handle,
) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let mut known = keys(writer, application);
    prove(&body, &known)?;
    let given = body.get("keyCredential").and_then(Value::as_object);
    let key = given.and_then(|given| given.get("key")).and_then(Value::as_str);
    let Some(bytes) = key.and_then(|key| STANDARD.decode(key).ok()) else {
        return Err(Refusal::bad_request(
            "Invalid value specified for property 'key' of resource 'KeyCredential'.",
        ));
    };
    let number = writer.overlay.sequence();
    let text = |name: &str| given.and_then(|given| given.get(name)).cloned().unwrap_or(Value::Null);
    let credential = json!({
        "customKeyIdentifier": STANDARD.encode(&Sha256::digest(&bytes)[..20]),
        "displayName": text("displayName"),
        "endDateTime": timestamp(call.now + 365 * 86_400),
        "key": null,
        "keyId": writer.tenant.draw_guid(b'k', number).to_string(),
        "startDateTime": timestamp(call.now),
        "type": text("type"),
        "usage": text("usage"),
    });
    known.push(credential.clone());
    set_keys(writer, application, known);
    let mut answer = credential;
    answer["@odata.context"] = json!(call.context("microsoft.graph.keyCredential"));
    Ok(list::answer(StatusCode::OK, &answer))
}

/// `removeKey`.
pub(crate) fn remove_key(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    application: Handle,
) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let mut known = keys(writer, application);
    prove(&body, &known)?;
    let id = body.get("keyId").and_then(Value::as_str).unwrap_or_default();
    let before = known.len();
    known.retain(|key| key["keyId"] != id);
    if known.len() == before {
        return Err(Refusal::bad_request(format!("No key credential found with keyId '{id}'.")));
    }
    set_keys(writer, application, known);
    Ok(Reply::no_content())
}

/// `addTokenSigningCertificate`: the service makes a certificate and shows its public half.
pub(crate) fn add_certificate(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    application: Handle,
) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let name = body.get("displayName").and_then(Value::as_str).unwrap_or_default();
    if !name.starts_with("CN=") {
        return Err(Refusal::bad_request("The displayName must start with 'CN='."));
    }
    let number = writer.overlay.sequence();
    let public = STANDARD.encode(format!("{name} {number}"));
    let thumbprint: String = Sha256::digest(&public)[..20]
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02X}"));
    let end = body.get("endDateTime").cloned();
    let end = end.unwrap_or_else(|| json!(timestamp(call.now + 3 * 365 * 86_400)));
    let credential = |usage: &str, id: u8| {
        json!({
            "customKeyIdentifier": thumbprint, "displayName": name, "endDateTime": end, "key": null,
            "keyId": writer.tenant.draw_guid(id, number).to_string(), "usage": usage,
            "startDateTime": timestamp(call.now), "type": "AsymmetricX509Cert",
        })
    };
    let (verify, sign) = (credential("Verify", b'v'), credential("Sign", b's'));
    let mut known = keys(writer, application);
    known.extend([verify.clone(), sign]);
    set_keys(writer, application, known);
    let mut answer = verify;
    answer["key"] = json!(public);
    answer["thumbprint"] = json!(thumbprint);
    answer["@odata.context"] = json!(call.context("microsoft.graph.selfSignedCertificate"));
    Ok(list::answer(StatusCode::OK, &answer))
}
