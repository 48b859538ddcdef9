//! Claims challenges: what a 401 asks a new token to carry (facts: graph-protocol 2.6).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use serde_json::{Map, Value, json};

/// The `claims` of a challenge as a JSON object; several headers, any order of parameters.
pub(crate) fn claims_challenge(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let mut challenges = values.filter(|value| value.contains("insufficient_claims"));
    let encoded = challenges.find_map(|value| {
        let rest = value.split_once("claims=\"")?.1;
        Some(rest.split_once('"')?.0.trim_end_matches('='))
    })?;
    let bytes =
        STANDARD_NO_PAD.decode(encoded).or_else(|_| URL_SAFE_NO_PAD.decode(encoded)).ok()?;
    let claims: Map<String, Value> = serde_json::from_slice(&bytes).ok()?;
    Some(Value::Object(claims).to_string())
}

/// The `claims` parameter of a token request: the challenge, and the capability `cp1` that lets Graph
/// send challenges at all, which turns continuous access evaluation on.
pub(crate) fn requested_claims(challenge: Option<&str>) -> String {
    let challenge = challenge.and_then(|text| serde_json::from_str(text).ok());
    let mut claims: Map<String, Value> = challenge.unwrap_or_default();
    let access_token = claims.entry("access_token").or_insert_with(|| json!({}));
    if !access_token.is_object() {
        *access_token = json!({});
    }
    access_token["xms_cc"] = json!({ "values": ["cp1"] });
    Value::Object(claims).to_string()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// U9, facts: graph-protocol 2.6
    #[test]
    fn a_claims_challenge_is_found_among_several_headers() {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"x\""));
        let challenge = "Bearer realm=\"\", claims=\"eyJhIjoxfQ==\", error=\"insufficient_claims\"";
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        assert_eq!(claims_challenge(&headers).as_deref(), Some(r#"{"a":1}"#));
        for useless in [
            "Bearer error=\"invalid_token\"",
            "Bearer error=\"insufficient_claims\", claims=\"!!\"",
            "Bearer error=\"insufficient_claims\", claims=\"W10=\"",
            "Bearer error=\"insufficient_claims\", claims=\"eyJh",
        ] {
            headers.clear();
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(useless));
            assert_eq!(claims_challenge(&headers), None, "{useless}");
        }
    }

    #[test]
    fn a_challenge_is_merged_with_the_capability() {
        assert_eq!(requested_claims(None), r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#);
        let challenge = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}},"x":1}"#;
        assert_eq!(
            requested_claims(Some(challenge)),
            r#"{"access_token":{"nbf":{"essential":true,"value":"1"},"xms_cc":{"values":["cp1"]}},"x":1}"#
        );
        assert!(requested_claims(Some(r#"{"access_token":7}"#)).contains("cp1"));
    }
}
