//! The settings of a client, checked when it is built.

use std::path::PathBuf;
use std::sync::Arc;

use http::{Request, Response, Uri};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use super::{BuildError, GraphClient};
use crate::authority::Authority;
use crate::body::Body;
use crate::clock::{Clock, SystemClock};
use crate::cloud::{Cloud, CloudName};
use crate::credential::Credential;
use crate::elsewhere::Elsewhere;
use crate::error::BoxError;
use crate::lane::{
    Account, Budgets, Concurrency, Identity, LaneLayer, Lanes, TenantSize, Throttle,
};
use crate::observe::Observe;
use crate::parts::Parts;
use crate::product::Product;
use crate::proxy::Proxies;
use crate::redirect::Redirects;
use crate::retry::{RetryConfig, RetryLayer};
use crate::stack::Settings;
use crate::timeouts::Timeouts;
use crate::token::TokenCache;
use crate::wire::{self, Connecting, HttpVersion, OwnStream, Wire};

/// The largest body by default.
const MAX_BODY: usize = 64 << 20;

/// The settings of a [`GraphClient`].
#[derive(Debug)]
#[must_use]
pub struct GraphClientBuilder {
    cloud: Cloud,
    credential: Arc<dyn Credential>,
    timeouts: Timeouts,
    max_body: usize,
    compress_requests: bool,
    retry: RetryConfig,
    concurrency: Concurrency,
    rate_limit_key: Option<String>,
    lanes: Lanes,
    tenant_size: Option<TenantSize>,
    clock: Arc<dyn Clock>,
    product: Product,
    observe: Observe,
    token_cache: TokenCache,
    continuous_access_evaluation: bool,
    redirects: Redirects,
    connecting: Connecting,
    wire: Option<Wire>,
}

impl GraphClientBuilder {
    /// With the default settings.
    pub(super) fn new(cloud: Cloud, credential: Arc<dyn Credential>) -> Self {
        Self {
            cloud,
            credential,
            timeouts: Timeouts::default(),
            max_body: MAX_BODY,
            compress_requests: false,
            retry: RetryConfig::default(),
            concurrency: Concurrency::default(),
            rate_limit_key: None,
            lanes: Lanes::default(),
            tenant_size: None,
            clock: Arc::new(SystemClock),
            product: Product::default(),
            observe: Observe::default(),
            token_cache: TokenCache::default(),
            continuous_access_evaluation: true,
            redirects: Redirects::none(),
            connecting: Connecting::default(),
            wire: None,
        }
    }

    /// Connect, read, write and pool timeouts, and the limit of a whole operation.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The largest body that is read, in bytes after decompression; default 64 MiB. A page of 999
    /// users is about 0.5 MB. A body that expands to more than a hundred times its size on the wire
    /// is refused as well.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Whether bodies of requests to Graph are compressed with gzip; default false, because not every
    /// service behind Graph takes them.
    pub fn compress_requests(mut self, on: bool) -> Self {
        self.compress_requests = on;
        self
    }

    /// When to repeat.
    pub fn retry(mut self, retry: RetryConfig) -> Self {
        self.retry = retry;
        self
    }

    /// How many requests may be under way at once, over all lanes of the key; default 4, as in the
    /// seeds. Of several clients with one key the strictest setting holds.
    pub fn max_concurrent_requests(mut self, concurrency: Concurrency) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Whose limits this client shares; default the Graph root, the tenant and the application.
    pub fn rate_limit_key(mut self, key: impl Into<String>) -> Self {
        self.rate_limit_key = Some(key.into());
        self
    }

    /// The lanes to share with other clients of this process; default lanes of its own.
    pub fn lanes(mut self, lanes: Lanes) -> Self {
        self.lanes = lanes;
        self
    }

    /// The wall clock that HTTP-dates are compared with.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What requests say about their sender: `User-Agent` and `SdkVersion`.
    pub fn product(mut self, product: Product) -> Self {
        self.product = product;
        self
    }

    /// Who is told what happens: receivers of measurements, a tracer, the masked log.
    pub fn observe(mut self, observe: Observe) -> Self {
        self.observe = observe;
        self
    }

    /// The tokens to share with other clients of this process; default a cache of its own.
    pub fn token_cache(mut self, cache: TokenCache) -> Self {
        self.token_cache = cache;
        self
    }

    /// Whether tokens may be revoked at once; default true. Graph then sends claims challenges, which
    /// the client answers, and tokens live longer (facts: graph-protocol 2.6).
    pub fn continuous_access_evaluation(mut self, enabled: bool) -> Self {
        self.continuous_access_evaluation = enabled;
        self
    }

    /// Which redirects are followed; default none.
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = redirects;
        self
    }

    /// The proxies to go through; default none, because the library reads no environment:
    /// [`Proxies::from_environment`] does when it is given one.
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.connecting.proxies = proxies;
        self
    }

    /// A PEM file with certificate authorities to trust beside the bundled public ones, as a proxy that
    /// inspects TLS needs; may be called again for another file.
    pub fn ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.connecting.ca_bundles.push(path.into());
        self
    }

    /// Which HTTP is spoken; default HTTP/2 where the server agrees.
    pub fn http_version(mut self, version: HttpVersion) -> Self {
        self.connecting.version = version;
        self
    }

    /// Another way to a byte stream than TCP: a Unix socket, a tunnel, a pipe in a test. TLS, with the
    /// same checks, and HTTP run on top of it; proxies are the connector's own affair then.
    pub fn connector<C, T>(mut self, connector: C) -> Self
    where
        C: Service<Uri, Response = T> + Clone + Send + Sync + 'static,
        C::Error: Into<BoxError>,
        C::Future: Send + 'static,
        T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let boxed = connector
            .map_response(|stream| Box::new(stream) as Box<dyn OwnStream>)
            .map_err(Into::into);
        self.connecting.connector = Some(BoxCloneSyncService::new(boxed));
        self
    }

    /// Another innermost service than the pooled hyper client: a simulator in this process, or a
    /// client of the caller's own. It gets every request, to Graph and to the authority.
    pub fn wire<S, B>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.wire = Some(wire::boxed(service));
        self
    }

    /// How many users the tenant has, which decides its budgets (facts: graph-protocol 3.2). Default:
    /// unknown, so that a tenant of Microsoft's clouds begins as a small one, and the budgets of a
    /// custom cloud are learned from its answers alone. With it the table holds for a custom cloud too.
    pub fn tenant_size(mut self, size: TenantSize) -> Self {
        self.tenant_size = Some(size);
        self
    }

    /// The lanes that this client spends from.
    fn account(&self) -> Arc<Account> {
        let root = self.cloud.graph_root();
        let (tenant, app) = (self.credential.tenant(), self.credential.client_id());
        let key = self.rate_limit_key.clone().unwrap_or_else(|| {
            [Some(root), tenant, app].into_iter().flatten().collect::<Vec<_>>().join(" ")
        });
        let named = |name: Option<&str>| name.map(|name| format!("{root} {name}"));
        let identity = Identity { key, tenant: named(tenant), app: named(app) };
        let budgets = match self.tenant_size {
            None if self.cloud.name() == CloudName::Custom => Budgets::Learned,
            size => Budgets::Documented(size),
        };
        self.lanes.account(identity, budgets, self.concurrency)
    }

    /// Checks the settings and assembles the stack; sends nothing.
    ///
    /// # Errors
    /// A setting out of its range, named, or a CA bundle that cannot be read.
    pub fn build(self) -> Result<GraphClient, BuildError> {
        Ok(self.parts()?.into_client())
    }

    /// Checks the settings and makes every layer, for a stack of one's own; sends nothing.
    ///
    /// # Errors
    /// As [`GraphClientBuilder::build`].
    pub fn parts(self) -> Result<Parts, BuildError> {
        let invalid = self.timeouts.zero_field().or_else(|| self.retry.invalid_field());
        let no_place =
            matches!(self.concurrency, Concurrency::Limit(0)).then_some("max_concurrent_requests");
        let no_body = (self.max_body == 0).then_some("max_body");
        let no_key = self.rate_limit_key.as_deref() == Some("");
        let no_key = no_key.then_some("rate_limit_key");
        let no_lanes = || self.lanes.invalid_field();
        if let Some(field) = invalid.or(no_place).or(no_body).or(no_key).or_else(no_lanes) {
            return Err(BuildError::OutOfRange { field });
        }
        let (lanes, account) = (self.lanes.clone(), self.account());
        let settings = Settings {
            timeouts: self.timeouts,
            max_body: self.max_body,
            compress_requests: self.compress_requests,
            retry: self.retry,
            clock: self.clock,
            product: self.product,
            observe: self.observe,
        };
        let connecting = self.connecting;
        let wire = match self.wire {
            Some(wire) => wire,
            None => wire::hyper(&self.cloud, &settings.timeouts, connecting)?,
        };
        let authority = Authority::new(&settings, wire.clone());
        let elsewhere = Elsewhere::new(&settings, wire.clone());
        let throttle = Throttle {
            headers: settings.retry.retry_after_headers.clone(),
            clock: Arc::clone(&settings.clock),
        };
        let (credential, revocable) = (self.credential, self.continuous_access_evaluation);
        let tokens = self.token_cache.tokens(&credential, &self.cloud, &authority, revocable);
        let (pool, observe) = (settings.timeouts.pool, settings.observe.clone());
        let lane = LaneLayer { lanes, account, throttle, pool, observe };
        let retry = RetryLayer::new(settings.retry.clone(), Arc::clone(&settings.clock));
        let (cloud, redirects) = (self.cloud, self.redirects);
        Ok(Parts {
            cloud,
            credential,
            authority,
            elsewhere,
            settings,
            retry,
            lane,
            tokens,
            redirects,
            wire,
        })
    }
}
