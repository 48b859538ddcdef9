//! The scopes of a request: one resource, its permissions, and what OpenID adds.

use super::access_token::GRAPH_APP_ID;
use super::error::OAuthError;
use crate::app_registration::AppRegistration;
use crate::cloud::{Cloud, Host};

/// What `scope` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scopes {
    /// The audience of the token; Microsoft Graph in this cloud if empty.
    pub(super) audience: String,
    /// `.default`: everything that was consented to.
    pub(super) default: bool,
    /// Delegated permissions by name.
    pub(super) names: Vec<String>,
    /// `openid`, `profile`, `email`, `offline_access`.
    pub(super) openid: Vec<String>,
}

impl Scopes {
    /// Reads a `scope` parameter; every permission must be one of a single resource.
    pub(super) fn read(cloud: Cloud, tenant: &str, text: &str) -> Result<Self, OAuthError> {
        let mut scopes = Self::default();
        let mut resource = None;
        for word in text.split_whitespace() {
            if matches!(word, "openid" | "profile" | "email" | "offline_access") {
                scopes.openid.push(word.to_owned());
                continue;
            }
            let (prefix, name) = word.rsplit_once('/').unwrap_or(("", word));
            let audience =
                audience(cloud, prefix).ok_or_else(|| OAuthError::resource(prefix, tenant))?;
            if resource.get_or_insert_with(|| audience.clone()) != &audience {
                return Err(OAuthError::scope(text));
            }
            match name {
                ".default" if !prefix.is_empty() => scopes.default = true,
                _ if permission_like(name) => scopes.names.push(name.to_owned()),
                _ => return Err(OAuthError::scope(text)),
            }
        }
        if scopes.default && !scopes.names.is_empty() {
            return Err(OAuthError::scope(text));
        }
        scopes.audience = resource.unwrap_or_default();
        Ok(scopes)
    }

    /// For an application in its own name, only `{resource}/.default` will do.
    pub(super) fn for_application(
        cloud: Cloud,
        tenant: &str,
        text: &str,
    ) -> Result<Self, OAuthError> {
        let scopes = Self::read(cloud, tenant, text)?;
        if scopes.default { Ok(scopes) } else { Err(OAuthError::scope(text)) }
    }

    /// The delegated permissions that an application gets.
    pub(super) fn granted(&self, app: &AppRegistration) -> Result<Vec<String>, OAuthError> {
        if self.default || self.names.is_empty() {
            return Ok(if self.default { app.scopes.clone() } else { vec!["User.Read".into()] });
        }
        match self.names.iter().find(|name| !app.scopes.contains(name)) {
            Some(_) => Err(OAuthError::consent(&app.id)),
            None => Ok(self.names.clone()),
        }
    }
}

/// The audience that a resource stands for: only this cloud's Graph is known.
pub(super) fn audience(cloud: Cloud, resource: &str) -> Option<String> {
    let resource = resource.trim_end_matches('/');
    if resource.is_empty() {
        return Some(String::new());
    }
    if resource == GRAPH_APP_ID {
        return Some(GRAPH_APP_ID.to_owned());
    }
    let url = url::Url::parse(resource).ok()?;
    let own = url.scheme() == "https" && url.host_str() == Some(cloud.graph_host());
    let loopback =
        matches!(url.scheme(), "http" | "https") && cloud.host(url.host_str()?) == Host::Loopback;
    (own || loopback).then(String::new)
}

fn permission_like(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Scopes, OAuthError> {
        Scopes::read(Cloud::China, "t", text)
    }

    #[test]
    fn scopes_are_those_of_one_resource_of_this_cloud() {
        let china = "https://microsoftgraph.chinacloudapi.cn";
        assert!(
            read(&format!("{china}/.default offline_access")).unwrap().openid == ["offline_access"]
        );
        let plain = read("User.Read Group.Read.All openid").unwrap();
        assert_eq!(plain.names, ["User.Read", "Group.Read.All"]);
        assert_eq!(read(&format!("{china}/User.Read")).unwrap().names, ["User.Read"]);
        assert!(read("http://127.0.0.1:1/.default").unwrap().default);
        assert_eq!(read(&format!("{GRAPH_APP_ID}/.default")).unwrap().audience, GRAPH_APP_ID);
        for text in [
            "https://graph.microsoft.com/.default",
            "https://vault.example/.default",
            ".default",
            "http://microsoftgraph.chinacloudapi.cn/.default",
            "User.Read <script>",
            &format!("{china}/.default User.Read"),
            &format!("{china}/User.Read {GRAPH_APP_ID}/Mail.Read"),
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
