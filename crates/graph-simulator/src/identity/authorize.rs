//! The authorization endpoint: a user signs in and is sent back with a code (facts: graph-protocol 2.4).
//!
//! Nobody types a password: the user of `login_hint`, or the first enabled member of the tenant, is
//! signed in at once. With `prompt=login`, `select_account` or `consent` a page lets a person choose.

use http::StatusCode;

use super::error::OAuthError;
use super::form::Form;
use super::scope::Scopes;
use super::sign_in::{Code, Session};
use super::{AuthorityRequest, Named, html_reply};
use crate::app_registration::AppRegistration;
use crate::cloud::{Cloud, Host};
use crate::core::Core;
use crate::protocol::reply::Reply;
use crate::site::Site;
use crate::tenant::Kind;

/// Users that the page offers.
const OFFERED: usize = 5;

impl Site {
    pub(super) fn authorize(&self, tenant: &str, request: &AuthorityRequest<'_>) -> Reply {
        let form = if *request.method == http::Method::POST {
            Form::of_body(request)
        } else {
            Ok(Form::of_text(request.query))
        };
        let checked = form.and_then(|form| {
            let (core, redirect) = self.check_client(tenant, &form)?;
            Ok((form, core, redirect))
        });
        // An address that is not known to be the application's is not redirected to.
        let (form, core, redirect) = match checked {
            Ok(checked) => checked,
            Err(error) => return error_page(&error),
        };
        if form.get("simulator_decline").is_some() {
            return redirect_error(&form, &redirect, &OAuthError::declined());
        }
        if let Some("login" | "select_account" | "consent") = form.get("prompt") {
            return choice(core, tenant, request, &form);
        }
        match self.code(tenant, core, &form, &redirect) {
            Ok(sealed) => send_back(&form, &redirect, &[("code", &sealed)]),
            Err(error) => redirect_error(&form, &redirect, &error),
        }
    }

    /// The tenant and the redirect URI, which must be one of the application's.
    fn check_client(&self, tenant: &str, form: &Form) -> Result<(&Core, String), OAuthError> {
        let client = form.require("client_id")?;
        let core = match self.named(tenant)? {
            Named::One(core) => core,
            Named::Home => form
                .get("login_hint")
                .and_then(|name| self.home_of(name))
                .unwrap_or_else(|| self.first()),
        };
        let app = core.identity.app(client)?;
        let redirect = form.require("redirect_uri")?;
        if !takes(app, redirect, self.cloud) {
            return Err(OAuthError::redirect(redirect));
        }
        Ok((core, redirect.to_owned()))
    }

    fn code(
        &self,
        tenant: &str,
        core: &Core,
        form: &Form,
        redirect: &str,
    ) -> Result<String, OAuthError> {
        if form.require("response_type")? != "code" {
            return Err(OAuthError::parameter("response_type"));
        }
        let app = core.identity.app(form.require("client_id")?)?;
        let scopes = Scopes::read(self.cloud, tenant, form.require("scope")?)?;
        let challenge = challenge(form)?;
        let user = core.user_signing_in(form.get("login_hint"))?;
        let now = self.clock.unix_seconds();
        let sealed = Code {
            number: self.next_number(),
            session: Session {
                tenant: core.identity.tenant.to_string(),
                client: app.id.clone(),
                user: user.id,
                scopes: scopes.granted(app)?,
                openid: scopes.openid,
                audience: scopes.audience,
                since: now,
            },
            redirect: redirect.to_owned(),
            challenge,
            nonce: form.get("nonce").map(str::to_owned),
            issued: now,
        }
        .seal();
        Ok(sealed)
    }
}

/// Whether a redirect URI is the application's; on loopback any port fits.
fn takes(app: &AppRegistration, redirect: &str, cloud: Cloud) -> bool {
    let known = |known: &String| known == redirect;
    if app.web_redirects.iter().any(known) || app.public_redirects.iter().any(known) {
        return true;
    }
    let portless = |text: &str| {
        let mut url = url::Url::parse(text).ok()?;
        let loopback = cloud.host(url.host_str()?) == Host::Loopback;
        (loopback && url.set_port(None).is_ok()).then(|| url.to_string())
    };
    portless(redirect).is_some_and(|wanted| {
        app.public_redirects.iter().any(|known| portless(known).as_ref() == Some(&wanted))
    })
}

/// `code_challenge`, and whether it is a hash (RFC 7636).
fn challenge(form: &Form) -> Result<Option<(String, bool)>, OAuthError> {
    let Some(challenge) = form.get("code_challenge") else { return Ok(None) };
    let hashed = match form.get("code_challenge_method") {
        Some("S256") => true,
        None | Some("plain") => false,
        Some(_) => return Err(OAuthError::parameter("code_challenge_method")),
    };
    let long_enough = (43..=128).contains(&challenge.len());
    if !long_enough || (hashed && challenge.len() != 43) {
        return Err(OAuthError::parameter("code_challenge"));
    }
    Ok(Some((challenge.to_owned(), hashed)))
}

fn redirect_error(form: &Form, redirect: &str, error: &OAuthError) -> Reply {
    let description = error.description();
    send_back(form, redirect, &[("error", error.error()), ("error_description", &description)])
}

/// Sends the browser back in the `response_mode` that was asked for.
fn send_back(form: &Form, redirect: &str, parameters: &[(&str, &str)]) -> Reply {
    let mut all = parameters.to_vec();
    all.extend(form.get("state").map(|state| ("state", state)));
    if form.get("response_mode") == Some("form_post") {
        let inputs = all
            .iter()
            .map(|(name, value)| {
                format!(
                    "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                    escape(name),
                    escape(value)
                )
            })
            .collect::<Vec<_>>()
            .concat();
        let body = format!(
            "<form method=\"post\" action=\"{}\">{inputs}<button>Continue</button></form><script>document.forms[0].submit()</script>",
            escape(redirect)
        );
        return html_reply(StatusCode::OK, "Signed in", &body);
    }
    let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&all).finish();
    let separator = match form.get("response_mode") {
        Some("fragment") => '#',
        _ if redirect.contains('?') => '&',
        _ => '?',
    };
    let mut reply = Reply::no_content();
    reply.status = StatusCode::FOUND;
    reply.header(http::header::LOCATION, &format!("{redirect}{separator}{text}"))
}

/// A page on which a person chooses the user, or declines.
fn choice(core: &Core, tenant: &str, request: &AuthorityRequest<'_>, form: &Form) -> Reply {
    let address = format!("{}/{}/oauth2/v2.0/authorize", request.base, escape(tenant));
    let link = |more: &[(&str, &str)], without: &[&str], text: &str| {
        let query = form.with(without, more);
        format!("<li><a href=\"{address}?{}\">{}</a></li>", escape(&query), escape(text))
    };
    let users: Vec<String> = core.read(|directory| {
        directory
            .handles(Kind::User, 0)
            .map(|handle| directory.object(handle))
            .filter(|user| user.is_live() && user.value_of("accountEnabled") == true)
            .take(OFFERED)
            .filter_map(|user| user.value_of("userPrincipalName").as_str().map(str::to_owned))
            .collect()
    });
    let hinted = form.get("login_hint").map(str::to_owned);
    let items: String = hinted
        .into_iter()
        .chain(users)
        .map(|user| link(&[("login_hint", &user)], &["prompt", "login_hint"], &user))
        .chain([link(&[("simulator_decline", "1")], &["prompt"], "Decline")])
        .collect();
    html_reply(StatusCode::OK, "Pick an account", &format!("<ul>{items}</ul>"))
}

fn error_page(error: &OAuthError) -> Reply {
    let body = format!("<p>{}</p>", escape(&error.description()));
    html_reply(error.status(), "Sign in", &body)
}

/// Text in HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
