//! Users who sign in: found by principal name, live and enabled.

use super::access_token::SignedIn;
use super::error::OAuthError;
use crate::core::Core;
use crate::directory::{Directory, Object};
use crate::tenant::view::timestamp;
use crate::tenant::{Kind, ObjectId};

impl Core {
    /// The user with a principal name or, without one, the first enabled member of the tenant.
    pub(super) fn user_signing_in(&self, name: Option<&str>) -> Result<SignedIn, OAuthError> {
        self.read(|directory| {
            let found = match name {
                Some(name) => directory.by_key(Kind::User, name),
                None => first_enabled(directory),
            };
            let unknown = || {
                let name = name.unwrap_or("(any)");
                OAuthError::grant(
                    50_034,
                    format!(
                        "The user account {name} does not exist in the {} directory. To sign into this application, the account must be added to the directory.",
                        self.identity.tenant
                    ),
                )
            };
            enabled(&found.ok_or_else(unknown)?)
        })
    }

    /// A user who signed in at some Unix second, if the sign-in is still good.
    pub(super) fn user_still_signed_in(
        &self,
        id: &str,
        since: u64,
    ) -> Result<SignedIn, OAuthError> {
        self.read(|directory| {
            let found = id.parse::<ObjectId>().ok().and_then(|id| directory.live(id));
            let gone = || OAuthError::grant(50_034, "The user account does not exist any more.");
            let user = found.ok_or_else(gone)?;
            let signed_in = enabled(&user)?;
            let valid_from = user.value_of("signInSessionsValidFromDateTime");
            // Both are written alike, so that their order as texts is their order in time.
            let revoked = valid_from
                .as_str()
                .is_some_and(|from| timestamp(since).as_str() < from);
            let all = self.identity.revoked.load(std::sync::atomic::Ordering::Acquire);
            if revoked || since <= all {
                return Err(OAuthError::grant(
                    50_173,
                    "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
                ));
            }
            Ok(signed_in)
        })
    }
}

fn enabled(user: &Object<'_>) -> Result<SignedIn, OAuthError> {
    if user.value_of("accountEnabled") == false {
        return Err(OAuthError::grant(50_057, "The user account is disabled."));
    }
    let name = user.value_of("userPrincipalName");
    Ok(SignedIn { id: user.id().to_string(), name: name.as_str().unwrap_or_default().to_owned() })
}

fn first_enabled(directory: Directory<'_>) -> Option<Object<'_>> {
    directory.handles(Kind::User, 0).map(|handle| directory.object(handle)).find(|user| {
        user.is_live()
            && user.value_of("accountEnabled") == true
            && user.value_of("userType") == "Member"
    })
}
