//! The parameters of a request to the authority.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::AuthorityRequest;
use super::error::OAuthError;

/// Parameters of a form or a query string; an empty value counts as absent.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The form in a body.
    pub(super) fn of_body(request: &AuthorityRequest<'_>) -> Result<Self, OAuthError> {
        let text = std::str::from_utf8(request.body).map_err(|_| OAuthError::form())?;
        Ok(Self::of_text(text))
    }

    /// A query string.
    pub(super) fn of_text(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn require(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::missing(name))
    }

    /// The parameters but some, and some more, as a query string.
    pub(super) fn with(&self, without: &[&str], more: &[(&str, &str)]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !without.contains(&name.as_str()));
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .extend_pairs(more)
            .finish()
    }

    /// The client id and secret of an `Authorization: Basic` header, or of the form.
    pub(super) fn client(
        &self,
        request: &AuthorityRequest<'_>,
    ) -> Result<(String, Option<String>), OAuthError> {
        let basic = basic_credentials(request);
        let secret = self.get("client_secret").map(str::to_owned);
        match (self.get("client_id"), basic) {
            (Some(id), basic) => Ok((id.to_owned(), secret.or(basic.map(|(_, secret)| secret)))),
            (None, Some((id, basic))) => Ok((id, secret.or(Some(basic)))),
            (None, None) => Err(OAuthError::missing("client_id")),
        }
    }
}

fn basic_credentials(request: &AuthorityRequest<'_>) -> Option<(String, String)> {
    let header = request.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let decoded = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let undo = |text: &str| {
        url::form_urlencoded::parse(text.as_bytes())
            .next()
            .map_or_else(String::new, |(text, _)| text.into_owned())
    };
    Some((undo(id), undo(secret)))
}
