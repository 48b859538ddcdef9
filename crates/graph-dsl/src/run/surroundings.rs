//! What a connection needs of the world around it: the environment, and a person.

use std::fmt;
use std::sync::Arc;

use graph_transport::{DevicePrompt, Observe, RefreshTokenStore, Secret};

type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;
type Show = Arc<dyn Fn(&DevicePrompt) + Send + Sync>;
type Open = Arc<dyn Fn(&str) -> Result<(), BoxError> + Send + Sync>;
type Store = Arc<dyn Fn(&PersonSignIn<'_>) -> Arc<dyn RefreshTokenStore> + Send + Sync>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Whose refresh token it is: one for each person who signs in to an application of a tenant.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PersonSignIn<'a> {
    /// Root of the login authority, which tells the clouds apart.
    pub authority: &'a str,
    /// Tenant as the connection names it: GUID, a domain or `organizations`.
    pub tenant_id: &'a str,
    /// Application (client) id.
    pub client_id: &'a str,
    /// The refresh token that the connection brings itself (`auth_type: refresh_token`).
    pub given: Option<&'a Secret>,
}

/// The environment and the person of a connection. Empty by default: no proxy from the environment, no
/// identity from it, and nobody to ask.
#[derive(Clone, Default)]
pub struct Surroundings {
    environment: Option<Environment>,
    pub(super) device_code: Option<Show>,
    pub(super) browser: Option<Open>,
    pub(super) refresh_tokens: Option<Store>,
    pub(super) observe: Observe,
}

impl Surroundings {
    /// Nothing and nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Environment variables: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` for connections without
    /// `proxy`, `AZURE_…` for workload identities, `IDENTITY_…` for managed ones.
    #[must_use]
    pub fn environment(
        mut self,
        variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.environment = Some(Arc::new(variable));
        self
    }

    /// Shows a device code to the person; must return at once.
    #[must_use]
    pub fn on_device_code(mut self, show: impl Fn(&DevicePrompt) + Send + Sync + 'static) -> Self {
        self.device_code = Some(Arc::new(show));
        self
    }

    /// Opens a URL in the person's browser; must return at once.
    #[must_use]
    pub fn on_browser(
        mut self,
        open: impl Fn(&str) -> Result<(), BoxError> + Send + Sync + 'static,
    ) -> Self {
        self.browser = Some(Arc::new(open));
        self
    }

    /// Where the refresh token of a sign-in is kept, so that the person is asked once and not by every
    /// process. Without it a sign-in lasts as long as its client.
    #[must_use]
    pub fn refresh_tokens(
        mut self,
        store: impl Fn(&PersonSignIn<'_>) -> Arc<dyn RefreshTokenStore> + Send + Sync + 'static,
    ) -> Self {
        self.refresh_tokens = Some(Arc::new(store));
        self
    }

    /// Who is told of measurements and traces; the connection's `logging` is added to it.
    #[must_use]
    pub fn observe(mut self, observe: Observe) -> Self {
        self.observe = observe;
        self
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.environment.as_ref()?(name)
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings")
            .field("environment", &self.environment.is_some())
            .field("person", &(self.device_code.is_some() || self.browser.is_some()))
            .finish_non_exhaustive()
    }
}
