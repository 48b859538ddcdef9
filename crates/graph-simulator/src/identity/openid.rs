//! OpenID discovery documents.

use http::StatusCode;
use serde_json::json;

use super::error::OAuthError;
use super::{AuthorityRequest, Named, json_reply};
use crate::protocol::reply::Reply;
use crate::site::Site;

impl Site {
    /// The OpenID configuration of a tenant; its issuer names the tenant by GUID. That of `common`
    /// leaves a place for it.
    pub(super) fn configuration(
        &self,
        name: &str,
        request: &AuthorityRequest<'_>,
    ) -> Result<Reply, OAuthError> {
        let (tenant, issuer) = match self.named(name)? {
            Named::One(core) => {
                (core.identity.tenant.to_string(), core.identity.tenant.to_string())
            }
            Named::Home => (name.to_ascii_lowercase(), "{tenantid}".to_owned()),
        };
        let base = request.base;
        let host = base.split_once("://").map_or(base, |(_, host)| host);
        let graph = if self.cloud.host(host) == crate::cloud::Host::Login {
            self.cloud.graph_host()
        } else {
            host
        };
        Ok(json_reply(
            StatusCode::OK,
            &json!({
                "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
                "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": format!("{base}/{issuer}/v2.0"),
                "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
                "device_authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
                "tenant_region_scope": "EU",
                "cloud_instance_name": host,
                "cloud_graph_host_name": graph,
                "msgraph_host": graph,
            }),
        ))
    }

    /// The answer to instance discovery, which some client libraries insist on.
    pub(super) fn instance(&self, request: &AuthorityRequest<'_>) -> Reply {
        let base = request.base;
        let host = base.split_once("://").map_or(base, |(_, host)| host);
        let tenant = self.first().identity.tenant;
        json_reply(
            StatusCode::OK,
            &json!({
                "tenant_discovery_endpoint": format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
                "api-version": "1.1",
                "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
            }),
        )
    }
}
