//! `auth_type`, `credentials` and `token`: who signs in, and how.

use super::Reading;
use super::fields::Fields;
use super::setting::{Kind, read};
use crate::connection::{AuthType, SignIn};
use crate::diagnostic::{Code, Finding, suggest};

/// A key of `credentials`.
struct Key {
    name: &'static str,
    kind: Kind,
    required: bool,
}

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: false }
}

const fn required(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: true }
}

const TENANT: Key = required("tenant_id", Kind::Identifier);
const CLIENT: Key = required("client_id", Kind::Identifier);
const MAYBE_TENANT: Key = key("tenant_id", Kind::Identifier);
const MAYBE_CLIENT: Key = key("client_id", Kind::Identifier);
const SECRET: Key = key("client_secret", Kind::Secret);

/// What each way to sign in reads; the names are those of Microsoft's azure-identity.
fn keys(auth_type: AuthType) -> Vec<Key> {
    match auth_type {
        AuthType::Azure => vec![
            TENANT,
            CLIENT,
            SECRET,
            key("certificate", Kind::Secret),
            key("certificate_path", Kind::Identifier),
            key("certificate_password", Kind::Secret),
            key("send_certificate_chain", Kind::Identifier),
            key("grant_type", Kind::Identifier),
            key("resource", Kind::Open),
        ],
        AuthType::Bearer => vec![],
        AuthType::WorkloadIdentity => {
            vec![MAYBE_TENANT, MAYBE_CLIENT, key("token_file_path", Kind::Identifier)]
        }
        AuthType::ManagedIdentity => vec![
            MAYBE_TENANT,
            MAYBE_CLIENT,
            key("object_id", Kind::Identifier),
            key("resource_id", Kind::Identifier),
        ],
        AuthType::AzureCli => vec![MAYBE_TENANT],
        AuthType::DeviceCode => vec![TENANT, CLIENT],
        AuthType::AuthorizationCode => vec![TENANT, CLIENT, SECRET],
        AuthType::RefreshToken => {
            vec![TENANT, CLIENT, SECRET, required("refresh_token", Kind::Secret)]
        }
    }
}

/// The keys of `credentials` for a way to sign in, each with whether it is a secret and required.
pub(crate) fn credential_keys(auth_type: AuthType) -> Vec<(&'static str, bool, bool)> {
    let described = |key: Key| (key.name, key.kind == Kind::Secret, key.required);
    keys(auth_type).into_iter().map(described).collect()
}

/// Ways to say one thing, of which a file says one.
const ALTERNATIVES: [(AuthType, &[&str], &str); 2] = [
    (
        AuthType::Azure,
        &["client_secret", "certificate", "certificate_path"],
        "two proofs of the same app",
    ),
    (
        AuthType::ManagedIdentity,
        &["client_id", "object_id", "resource_id"],
        "two names of the same identity",
    ),
];

/// Reads who signs in; absent `auth_type` means `azure`.
pub(super) fn read_sign_in(connection: &Fields<'_>, reading: &mut Reading<'_>) -> Option<SignIn> {
    let written = connection.text("auth_type", reading);
    let name = written.as_ref().map_or("azure", |text| text.value.as_str());
    let Some(auth_type) = AuthType::ALL.into_iter().find(|it| it.as_str() == name) else {
        let names = AuthType::ALL.map(AuthType::as_str);
        let span = written.as_ref().map(|text| text.span).unwrap_or_default();
        let finding = Finding::new(Code::WrongType, span, format!("unknown auth_type `{name}`"));
        let finding = finding.help(format!("one of {}", names.join(", ")));
        reading.report.add(match suggest(name, names) {
            found @ Some(_) => finding.did_you_mean(span, found),
            None => finding,
        });
        return None;
    };
    if auth_type == AuthType::Bearer {
        connection.require("token", reading)?;
        let token = read(connection, "", "token", Kind::Secret, reading)?;
        return Some(SignIn { auth_type, settings: vec![token], send_certificate_chain: false });
    }
    read_credentials(connection, auth_type, reading)
}

fn read_credentials(
    connection: &Fields<'_>,
    auth_type: AuthType,
    reading: &mut Reading<'_>,
) -> Option<SignIn> {
    let keys = keys(auth_type);
    let mut sign_in = SignIn { auth_type, settings: Vec::new(), send_certificate_chain: false };
    let entry = if keys.iter().any(|key| key.required) {
        connection.require("credentials", reading)?
    } else {
        match connection.get("credentials") {
            Some(entry) => entry,
            None => return Some(sign_in),
        }
    };
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    let fields = Fields::read("`credentials`", entry.key.span, &entry.value, &names, reading);
    let mut complete = true;
    for key in &keys {
        if key.required {
            fields.require(key.name, reading);
        }
        match key.name {
            "grant_type" => check_grant_type(&fields, reading),
            "send_certificate_chain" => {
                let flag = fields.boolean(key.name, reading);
                sign_in.send_certificate_chain = flag.is_some_and(|flag| flag.value);
            }
            name => match read(&fields, "credentials", name, key.kind, reading) {
                Some(setting) => sign_in.settings.push(setting),
                None => complete &= !key.required && fields.get(name).is_none(),
            },
        }
    }
    complete &= check_alternatives(&fields, auth_type, reading);
    complete.then_some(sign_in)
}

fn check_grant_type(fields: &Fields<'_>, reading: &mut Reading<'_>) {
    if let Some(grant) = fields.text("grant_type", reading)
        && grant.value != "client_credentials"
    {
        let message = format!("unknown grant_type `{}`", grant.value);
        let finding = Finding::new(Code::WrongType, grant.span, message);
        reading.report.add(finding.help("write `client_credentials`, or leave the key out"));
    }
}

/// An app proves itself in one way, and keys of another way mean nothing.
fn check_alternatives(fields: &Fields<'_>, auth_type: AuthType, reading: &mut Reading<'_>) -> bool {
    for (of, names, what) in ALTERNATIVES {
        let mut written = names.iter().filter_map(|name| fields.get(name));
        if of != auth_type {
            continue;
        }
        if let (Some(first), Some(second)) = (written.next(), written.next()) {
            let (first, name) = (&first.key.value, &second.key.value);
            let message = format!("`{name}` and `{first}` are {what}");
            let finding = Finding::new(Code::UnknownKey, second.key.span, message);
            reading.report.add(finding.help("keep one of them"));
            return false;
        }
    }
    if auth_type != AuthType::Azure {
        return true;
    }
    let certified = ["certificate", "certificate_path"].iter().any(|key| fields.get(key).is_some());
    let from_file = fields.get("certificate_path").is_some();
    for (name, read, needs) in [
        ("certificate_password", from_file, "certificate_path"),
        ("send_certificate_chain", certified, "certificate_path"),
    ] {
        if let (Some(entry), false) = (fields.get(name), read) {
            let message = format!("`{name}` is only read with `{needs}`");
            let finding = Finding::new(Code::UnknownKey, entry.key.span, message);
            reading.report.add(finding.help(format!("add `{needs}`, or remove the key")));
        }
    }
    certified || fields.require("client_secret", reading).is_some()
}
