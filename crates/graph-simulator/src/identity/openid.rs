//! OpenID discovery documents.

use http::StatusCode;
use serde_json::json;

use super::json_reply;
use crate::protocol::reply::Reply;
use crate::tenant::ObjectId;

/// The OpenID configuration of a tenant; its issuer names the tenant by GUID.
pub(super) fn configuration(base: &str, tenant: ObjectId) -> Reply {
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    json_reply(
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
            "issuer": format!("{base}/{tenant}/v2.0"),
            "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
            "device_authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
            "end_session_endpoint": format!("{base}/{tenant}/oauth2/v2.0/logout"),
            "tenant_region_scope": "EU",
            "cloud_instance_name": host,
            "cloud_graph_host_name": host,
            "msgraph_host": host,
        }),
    )
}

/// Access tokens are opaque to their bearers: there is no public key.
pub(super) fn keys() -> Reply {
    json_reply(StatusCode::OK, &json!({ "keys": [] }))
}

/// The answer to instance discovery, which some client libraries insist on.
pub(super) fn instance(base: &str, tenant: ObjectId) -> Reply {
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    json_reply(
        StatusCode::OK,
        &json!({
            "tenant_discovery_endpoint": format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
        }),
    )
}
