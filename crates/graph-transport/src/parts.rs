//! The layers of the stack one by one, for an order of one's own or a layer between ours.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use tower::{Service, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

use crate::answer::Answer;
use crate::attempt::AttemptLayer;
use crate::authority::Authority;
use crate::authorize::AuthorizeLayer;
use crate::body::Body;
use crate::client::GraphClient;
use crate::cloud::Cloud;
use crate::collect::{CollectLayer, CountLayer};
use crate::credential::Credential;
use crate::deadline::DeadlineLayer;
use crate::elsewhere::Elsewhere;
use crate::error::{BoxError, Error};
use crate::gzip::GzipLayer;
use crate::lane::LaneLayer;
use crate::observe::OperationLayer;
use crate::product::Product;
use crate::redirect::{FollowLayer, Redirects};
use crate::request::GraphRequest;
use crate::retry::RetryLayer;
use crate::stack::{self, GraphStack, Settings};
use crate::token::Tokens;
use crate::wire::Wire;

/// Every layer of a client, made from its checked settings; [`GraphClientBuilder::parts`] makes it.
///
/// The parts belong together: retry and lane read the same headers, all clients over one `Parts`
/// share token, lane, retry budget and connections. The module [`stack`](crate::stack) has the order
/// in which the default client puts them and the reason for each; `examples/custom_stack.rs` puts a
/// layer of its own between them.
///
/// A stack that misses authorization, or has it twice, does not compile (Z7):
///
/// ```compile_fail,E0277
/// # use graph_transport::stack::Parts;
/// # use tower::ServiceBuilder;
/// # fn twice(parts: Parts) {
/// let stack = ServiceBuilder::new()
///     .layer(parts.authorize())
///     .layer(parts.authorize())
///     .layer(parts.attempt())
///     .layer(parts.collect())
///     .service(parts.wire());
/// let client = parts.client(stack);
/// # }
/// ```
///
/// [`GraphClientBuilder::parts`]: crate::GraphClientBuilder::parts
#[derive(Clone, Debug)]
pub struct Parts {
    pub(crate) cloud: Cloud,
    pub(crate) credential: Arc<dyn Credential>,
    pub(crate) authority: Authority,
    pub(crate) elsewhere: Elsewhere,
    pub(crate) settings: Settings,
    pub(crate) retry: RetryLayer,
    pub(crate) lane: LaneLayer,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) redirects: Redirects,
    pub(crate) wire: Wire,
}

impl Parts {
    /// Ends an operation when its time is over.
    pub fn deadline(&self) -> DeadlineLayer {
        DeadlineLayer::new(self.settings.timeouts.operation)
    }

    /// The span `azure.perform_action` and the measurements of an operation.
    pub fn operation(&self) -> OperationLayer {
        OperationLayer::new(self.settings.observe.clone())
    }

    /// Repeats what may be repeated; clones share one budget.
    pub fn retry(&self) -> RetryLayer {
        self.retry.clone()
    }

    /// Waits for a place, budget and an open gate.
    pub fn lane(&self) -> LaneLayer {
        self.lane.clone()
    }

    /// Turns a [`GraphRequest`] into a request on the wire with a live token; nothing else does.
    pub fn authorize(&self) -> AuthorizeLayer {
        AuthorizeLayer { tokens: Arc::clone(&self.tokens) }
    }

    /// Says who sends.
    pub fn product(&self) -> Product {
        self.settings.product.clone()
    }

    /// Compresses the bodies of requests, where the builder was told to.
    pub fn gzip(&self) -> GzipLayer {
        GzipLayer { on: self.settings.compress_requests }
    }

    /// Follows the redirects that the client allows, without credentials to other origins.
    pub fn follow(&self) -> FollowLayer {
        FollowLayer { redirects: self.redirects.clone(), cloud: self.cloud.clone() }
    }

    /// The span, the measurements and the masked log of one attempt.
    pub fn attempt(&self) -> AttemptLayer {
        AttemptLayer::new(self.settings.observe.clone())
    }

    /// Reads an answer to its end, within its times and bounds.
    pub fn collect(&self) -> CollectLayer {
        CollectLayer { timeouts: self.settings.timeouts, max_body: self.settings.max_body }
    }

    /// The innermost service: sends a request and decompresses the answer as it comes.
    pub fn wire(
        &self,
    ) -> impl Service<
        Request<Body>,
        Response = Response<
            impl http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
        >,
        Error = BoxError,
        Future: Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static {
        ServiceBuilder::new()
            // Inside everything that reads a body: everything above sees plain bytes.
            .layer(DecompressionLayer::new())
            // Next to the wire: what a body was before it expanded.
            .layer(CountLayer)
            .service(self.wire.clone())
    }

    /// A client over a stack of one's own; pages and batches go through it like everything else.
    pub fn client<S>(self, stack: S) -> GraphClient
    where
        S: Service<GraphRequest, Response = Answer, Error = Error> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        GraphClient::over(self, GraphStack::new(stack), true)
    }

    /// A client over the default stack.
    pub(crate) fn into_client(self) -> GraphClient {
        let stack = stack::graph(&self);
        GraphClient::over(self, stack, false)
    }
}
