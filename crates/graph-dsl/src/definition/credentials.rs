//! `auth_type`, `credentials` and `token`: who signs in.

use super::Reading;
use super::fields::Fields;
use super::setting::{Kind, read};
use crate::connection::{CredentialSettings, SignIn};
use crate::diagnostic::{Code, Finding, suggest};

const KEYS: &[&str] = &["client_id", "client_secret", "grant_type", "resource", "tenant_id"];
const AUTH_TYPES: &[&str] = &["azure", "bearer"];

/// Reads who signs in; absent `auth_type` means `azure`.
pub(super) fn read_sign_in(connection: &Fields<'_>, reading: &mut Reading<'_>) -> Option<SignIn> {
    let auth_type = connection.text("auth_type", reading);
    match auth_type.as_ref().map_or("azure", |text| text.value.as_str()) {
        "azure" => client_credentials(connection, reading).map(SignIn::ClientSecret),
        "bearer" => {
            connection.require("token", reading)?;
            read(connection, "", "token", Kind::Secret, reading).map(SignIn::Bearer)
        }
        unknown => {
            let span = auth_type.as_ref().map(|text| text.span).unwrap_or_default();
            let message = format!("unknown auth_type `{unknown}`");
            let finding = Finding::new(Code::WrongType, span, message);
            let finding = finding.help(format!("one of {}", AUTH_TYPES.join(", ")));
            reading.report.add(match suggest(unknown, AUTH_TYPES.iter().copied()) {
                found @ Some(_) => finding.did_you_mean(span, found),
                None => finding,
            });
            None
        }
    }
}

fn client_credentials(
    connection: &Fields<'_>,
    reading: &mut Reading<'_>,
) -> Option<CredentialSettings> {
    let entry = connection.require("credentials", reading)?;
    let fields = Fields::read("`credentials`", entry.key.span, &entry.value, KEYS, reading);
    for key in ["tenant_id", "client_id", "client_secret"] {
        fields.require(key, reading);
    }
    if let Some(grant) = fields.text("grant_type", reading)
        && grant.value != "client_credentials"
    {
        let message = format!("unknown grant_type `{}`", grant.value);
        let finding = Finding::new(Code::WrongType, grant.span, message);
        reading.report.add(finding.help("write `client_credentials`, or leave the key out"));
    }
    let resource = read(&fields, "credentials", "resource", Kind::Open, reading);
    let tenant_id = read(&fields, "credentials", "tenant_id", Kind::Identifier, reading);
    let client_id = read(&fields, "credentials", "client_id", Kind::Identifier, reading);
    let client_secret = read(&fields, "credentials", "client_secret", Kind::Secret, reading);
    Some(CredentialSettings {
        tenant_id: tenant_id?,
        client_id: client_id?,
        client_secret: client_secret?,
        resource,
    })
}
