//! Errors of the token endpoint (facts: graph-protocol 2.7).

use http::StatusCode;
use serde_json::json;

use super::{AuthorityRequest, json_reply};
use crate::clock::Clock;
use crate::protocol::reply::Reply;
use crate::tenant::view::timestamp;

/// A refusal of the token endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OAuthError {
    status: StatusCode,
    error: &'static str,
    number: u32,
    message: String,
}

impl OAuthError {
    fn new(
        status: StatusCode,
        error: &'static str,
        number: u32,
        message: impl Into<String>,
    ) -> Self {
        Self { status, error, number, message: message.into() }
    }

    fn invalid(error: &'static str, number: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, number, message)
    }

    /// What a status stands for (facts: graph-protocol 2.7): transient unless a code says otherwise.
    pub(super) fn of_status(status: StatusCode, code: Option<&str>) -> Self {
        let error = match code {
            Some("invalid_client") => "invalid_client",
            Some("invalid_grant") => "invalid_grant",
            Some("unauthorized_client") => "unauthorized_client",
            Some("interaction_required") => "interaction_required",
            _ if status == StatusCode::BAD_REQUEST => "invalid_request",
            _ => "temporarily_unavailable",
        };
        let number = match status.as_u16() {
            429 => 90_055,
            504 => 90_024,
            500.. => 90_033,
            _ => 90_012,
        };
        let number = match error {
            "interaction_required" => 53_003,
            "invalid_grant" => 700_082,
            "invalid_client" => 7_000_222,
            _ => number,
        };
        Self::new(status, error, number, "The service answered as its fault plan told it to.")
    }

    pub(super) fn throttled() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "temporarily_unavailable",
            90_055,
            "The server is temporarily too busy to handle the tenant's requests.",
        )
    }

    pub(super) fn secret_expired(client: &str) -> Self {
        let message = format!(
            "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app, or consider using certificate credentials for added security."
        );
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_222, message)
    }

    pub(super) fn public_client() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            700_025,
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        )
    }

    pub(super) fn assertion(number: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", number, message)
    }

    pub(super) fn parameter(name: &str) -> Self {
        let message = format!("The required field '{name}' is not valid.");
        Self::invalid("invalid_request", 90_014, message)
    }

    pub(super) fn consent(client: &str) -> Self {
        let message = format!(
            "The user or administrator has not consented to use the application with ID '{client}'. Send an interactive authorization request for this user and resource."
        );
        Self::invalid("invalid_grant", 65_001, message)
    }

    pub(super) fn redirect(uri: &str) -> Self {
        let message = format!(
            "The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application."
        );
        Self::invalid("invalid_request", 50_011, message)
    }

    pub(super) fn declined() -> Self {
        Self::invalid("access_denied", 65_004, "User declined to consent to access the app.")
    }

    /// A code, refresh token or user that is no good any more.
    pub(super) fn grant(number: u32, message: impl Into<String>) -> Self {
        Self::invalid("invalid_grant", number, message)
    }

    /// What a device is told while it waits (facts: graph-protocol 2.3).
    pub(super) fn device(error: &'static str, number: u32, message: &str) -> Self {
        Self::invalid(error, number, message)
    }

    pub(super) const fn error(&self) -> &'static str {
        self.error
    }

    /// `AADSTS50011: …`.
    pub(super) fn description(&self) -> String {
        format!("AADSTS{}: {}", self.number, self.message)
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn method() -> Self {
        Self::invalid(
            "invalid_request",
            900_561,
            "The endpoint only accepts POST requests. Received a different request.",
        )
    }

    pub(super) fn missing(parameter: &str) -> Self {
        let message =
            format!("The request body must contain the following parameter: '{parameter}'.");
        Self::invalid("invalid_request", 900_144, message)
    }

    pub(super) fn no_tenant(tenant: &str) -> Self {
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
        );
        Self::invalid("invalid_request", 90_002, message)
    }

    pub(super) fn common(tenant: &str) -> Self {
        let message = format!(
            "The grant type isn't supported over the /{tenant} endpoint. Please use the tenant-specific endpoint."
        );
        Self::invalid("invalid_request", 9_001_023, message)
    }

    pub(super) fn no_application(client: &str, tenant: &str) -> Self {
        let message = format!(
            "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."
        );
        Self::invalid("unauthorized_client", 700_016, message)
    }

    pub(super) fn wrong_secret(client: &str) -> Self {
        let message = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
        );
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, message)
    }

    pub(super) fn no_credential() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    }

    pub(super) fn grant_type(grant: &str) -> Self {
        Self::invalid(
            "unsupported_grant_type",
            70_003,
            format!("The app requested an unsupported grant type '{grant}'."),
        )
    }

    pub(super) fn scope(scope: &str) -> Self {
        let message = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope '{scope}' does not exist."
        );
        Self::invalid("invalid_scope", 70_011, message)
    }

    pub(super) fn resource(resource: &str, tenant: &str) -> Self {
        let message = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."
        );
        Self::invalid("invalid_resource", 500_011, message)
    }

    pub(super) fn form() -> Self {
        Self::invalid(
            "invalid_request",
            90_014,
            "The request body is not a valid application/x-www-form-urlencoded form.",
        )
    }

    /// The answer.
    pub(super) fn reply(&self, request: &AuthorityRequest<'_>, clock: &Clock) -> Reply {
        let correlation =
            request.headers.get("client-request-id").and_then(|value| value.to_str().ok());
        let correlation = correlation.unwrap_or(request.trace_id);
        let timestamp = timestamp(clock.unix_seconds()).replace('T', " ");
        let trace = request.trace_id;
        let (number, message) = (self.number, &self.message);
        let description = format!(
            "AADSTS{number}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
        );
        json_reply(
            self.status,
            &json!({
                "error": self.error,
                "error_description": description,
                "error_codes": [number],
                "timestamp": timestamp,
                "trace_id": trace,
                "correlation_id": correlation,
                "error_uri": format!("{}/error?code={number}", request.base),
            }),
        )
    }
}
