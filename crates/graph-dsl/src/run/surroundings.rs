//! What a connection needs of the world around it: the environment, and a person.

use std::fmt;
use std::sync::Arc;

use graph_transport::{DevicePrompt, Secret};

type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;
type Show = Arc<dyn Fn(&DevicePrompt) + Send + Sync>;
type Open = Arc<dyn Fn(&str) -> Result<(), BoxError> + Send + Sync>;
type Store = Arc<dyn Fn(&Secret) + Send + Sync>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The environment and the person of a connection. Empty by default: no proxy from the environment, no
/// identity from it, and nobody to ask.
#[derive(Clone, Default)]
pub struct Surroundings {
    environment: Option<Environment>,
    pub(super) device_code: Option<Show>,
    pub(super) browser: Option<Open>,
    pub(super) refresh_token: Option<Store>,
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

    /// Stores each refresh token, in place of the one before.
    #[must_use]
    pub fn on_refresh_token(mut self, store: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.refresh_token = Some(Arc::new(store));
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
