//! The device code flow: a code is shown on one screen and approved on another (facts: graph-protocol 2.3).

use http::StatusCode;
use serde_json::json;

use super::error::OAuthError;
use super::form::Form;
use super::scope::Scopes;
use super::sign_in::Session;
use super::{AuthorityRequest, Named, json_reply};
use crate::protocol::reply::Reply;
use crate::site::Site;
use crate::tenant::mix::mix2;

const UNPOISONED: &str = "no code panics while it holds this lock";
/// Flows that are kept at a time; the oldest go first.
const MOST: usize = 10_000;
/// The letters of a user code: none that is mistaken for another.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A device that waits for its user.
#[derive(Clone, Debug)]
pub(crate) struct DeviceFlow {
    pub(super) user_code: String,
    pub(super) session: Session,
    /// Whether any tenant will do.
    home: bool,
    expires: u64,
    /// When the device may ask again, in Unix seconds.
    next_poll: u64,
    decision: Option<bool>,
}

/// What a person says to a user code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Approved by the user with this principal name, or by the first enabled one.
    Approve(Option<String>),
    Decline,
}

impl Site {
    /// `/devicecode`.
    pub(super) fn device_code(
        &self,
        tenant: &str,
        request: &AuthorityRequest<'_>,
    ) -> Result<Reply, OAuthError> {
        let form = Form::of_body(request)?;
        let client = form.require("client_id")?;
        let named = self.named(tenant)?;
        let core = match named {
            Named::One(core) => core,
            Named::Home => self.first(),
        };
        let app = core.identity.app(client)?;
        if !app.public_flows {
            return Err(OAuthError::no_credential());
        }
        let guid = core.identity.tenant.to_string();
        let scopes = Scopes::read(self.cloud, &guid, form.require("scope")?)?;
        let now = self.clock.unix_seconds();
        let flow = DeviceFlow {
            user_code: self.user_code(),
            session: Session {
                tenant: guid,
                client: app.id.clone(),
                user: String::new(),
                scopes: scopes.granted(app)?,
                openid: scopes.openid,
                audience: scopes.audience,
                since: now,
            },
            home: matches!(named, Named::Home),
            expires: now + self.device_life,
            next_poll: 0,
            decision: None,
        };
        let (user_code, uri) =
            (flow.user_code.clone(), format!("{}/simulator/device", request.base));
        let device_code = self.keep(flow);
        Ok(json_reply(
            StatusCode::OK,
            &json!({
                "user_code": user_code,
                "device_code": device_code,
                "verification_uri": uri,
                "expires_in": self.device_life,
                "interval": self.device_interval,
                "message": format!("To sign in, use a web browser to open the page {uri} and enter the code {user_code} to authenticate."),
            }),
        ))
    }

    fn user_code(&self) -> String {
        let mut bits = mix2(self.first().tenant.seed(), self.next_number());
        let letters = (0..9).map(|_| {
            let letter = LETTERS[usize::try_from(bits & 31).expect("five bits")];
            bits >>= 5;
            char::from(letter)
        });
        letters.collect()
    }

    fn keep(&self, flow: DeviceFlow) -> String {
        let number = self.next_number();
        let seed = self.first().tenant.seed();
        // The number leads, so that the first key is the oldest flow's.
        let code = format!("{number:016x}{:016x}", mix2(seed, number.wrapping_add(77)));
        let mut devices = self.sign_ins.devices.lock().expect(UNPOISONED);
        if devices.len() >= MOST {
            devices.pop_first();
        }
        devices.insert(code.clone(), flow);
        code
    }

    /// What a device that polls is told.
    pub(super) fn poll_device(&self, code: &str, client: &str) -> Result<Session, OAuthError> {
        let now = self.clock.unix_seconds();
        let mut devices = self.sign_ins.devices.lock().expect(UNPOISONED);
        let known = devices.get_mut(code);
        let Some(flow) = known.filter(|flow| flow.session.client.eq_ignore_ascii_case(client))
        else {
            return Err(OAuthError::device(
                "bad_verification_code",
                70_018,
                "Invalid verification code. The device_code is not known, or it was redeemed.",
            ));
        };
        if now >= flow.expires {
            return Err(OAuthError::device(
                "expired_token",
                70_020,
                "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
            ));
        }
        match flow.decision {
            Some(true) => {
                let session = flow.session.clone();
                devices.remove(code);
                Ok(session)
            }
            Some(false) => Err(OAuthError::device(
                "authorization_declined",
                65_004,
                "User declined to consent to access the app.",
            )),
            None if now < flow.next_poll => {
                flow.next_poll = now + self.device_interval;
                Err(OAuthError::device("slow_down", 70_016, "The device polls too often."))
            }
            // A second of grace: clients round their waits.
            None => {
                flow.next_poll = now + self.device_interval.saturating_sub(1);
                Err(OAuthError::device(
                    "authorization_pending",
                    70_016,
                    "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
                ))
            }
        }
    }

    /// The user codes that wait for a decision.
    pub(crate) fn waiting_devices(&self) -> Vec<String> {
        let now = self.clock.unix_seconds();
        let devices = self.sign_ins.devices.lock().expect(UNPOISONED);
        let waiting = devices.values().filter(|it| it.decision.is_none() && now < it.expires);
        waiting.map(|flow| flow.user_code.clone()).collect()
    }

    /// Decides about a user code.
    pub(crate) fn decide_device(&self, user_code: &str, decision: &Decision) -> Result<(), String> {
        let now = self.clock.unix_seconds();
        let mut devices = self.sign_ins.devices.lock().expect(UNPOISONED);
        let waiting = devices.values_mut().find(|flow| {
            flow.user_code.eq_ignore_ascii_case(user_code.trim())
                && flow.decision.is_none()
                && now < flow.expires
        });
        let Some(flow) = waiting else { return Err("no device waits with this code".into()) };
        if let Decision::Approve(name) = decision {
            let home = name.as_deref().filter(|_| flow.home).and_then(|name| self.home_of(name));
            let core = match home {
                Some(core) => core,
                None => self.core_named(&flow.session.tenant).unwrap_or_else(|| self.first()),
            };
            let user =
                core.user_signing_in(name.as_deref()).map_err(|error| error.description())?;
            flow.session.tenant = core.identity.tenant.to_string();
            flow.session.user = user.id;
            flow.session.since = now;
        }
        flow.decision = Some(*decision != Decision::Decline);
        Ok(())
    }
}
