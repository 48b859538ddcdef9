//! Law 5: when a call returns, every body of its answers was read to its end or given up, which closes
//! the connection; whatever lived on would hold one.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tower::ServiceExt as _;

use super::journeys::{Given, answers, journeys, make};
use super::run;
use crate::body::Body;
use crate::error::BoxError;
use crate::fake::Fake;
use crate::{ClientSecret, Cloud, CloudName, GraphClient, Redirects, Timeouts};

/// How a body comes.
#[derive(Clone, Copy, Debug)]
enum Flow {
    Whole,
    /// In pieces, so many milliseconds apart.
    Slow(u64),
    /// Breaks off after a piece.
    Breaks,
    /// Never goes on after a piece.
    Stalls,
    /// Never ends.
    Endless,
}

/// Bodies that began, ended and live.
#[derive(Debug, Default)]
struct Ledger {
    begun: AtomicUsize,
    ended: AtomicUsize,
    alive: AtomicUsize,
}

struct Watched {
    ledger: Arc<Ledger>,
    left: Bytes,
    flow: Flow,
    pause: Option<Pin<Box<Sleep>>>,
    pieces: usize,
}

impl Watched {
    fn new(left: Bytes, flow: Flow, ledger: Arc<Ledger>) -> Self {
        ledger.begun.fetch_add(1, Ordering::SeqCst);
        ledger.alive.fetch_add(1, Ordering::SeqCst);
        Self { ledger, left, flow, pause: None, pieces: 0 }
    }

    fn end(&self) {
        self.ledger.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.ledger.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        self.pieces += 1;
        let most = match (self.flow, self.pieces) {
            (Flow::Whole, _) => usize::MAX,
            (Flow::Breaks, 2..) => {
                self.end();
                return Poll::Ready(Some(Err("the connection broke".into())));
            }
            (Flow::Stalls, 2..) => return Poll::Pending,
            (Flow::Endless, _) => {
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b' '; 8_192])))));
            }
            (Flow::Slow(pause), _) => {
                self.pause = Some(Box::pin(sleep(Duration::from_millis(pause))));
                7
            }
            _ => 7,
        };
        if self.left.is_empty() {
            self.end();
            return Poll::Ready(None);
        }
        let length = self.left.len().min(most);
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(length)))))
    }
}

fn flows() -> impl Strategy<Value = Vec<Flow>> {
    let flow = prop_oneof![
        4 => Just(Flow::Whole),
        2 => select(vec![0_u64, 5, 900]).prop_map(Flow::Slow),
        1 => Just(Flow::Breaks),
        1 => Just(Flow::Stalls),
        1 => Just(Flow::Endless),
    ];
    proptest::collection::vec(flow, 1..12)
}

/// A client over answers whose bodies are watched.
fn client(given: Vec<Given>, flows: Vec<Flow>, ledger: &Arc<Ledger>) -> GraphClient {
    let fake = Fake::new(move |asked| given[asked.earlier % given.len()].reply(asked, "token"));
    let (ledger, turn) = (Arc::clone(ledger), Arc::new(Mutex::new(0)));
    let wire = tower::service_fn(move |request: Request<Body>| {
        let (fake, ledger, turn, flows) =
            (fake.clone(), Arc::clone(&ledger), Arc::clone(&turn), flows.clone());
        async move {
            let (head, body) = fake.oneshot(request).await?.into_parts();
            let whole = http_body_util::BodyExt::collect(body).await;
            let whole = whole.map_err(|never: Infallible| match never {})?.to_bytes();
            let mut turn = turn.lock().unwrap();
            *turn += 1;
            let flow = flows[*turn % flows.len()];
            Ok::<_, BoxError>(Response::from_parts(head, Watched::new(whole, flow, ledger)))
        }
    });
    let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
    let credential = ClientSecret::new("contoso", "app", "secret".to_owned().into());
    let builder = GraphClient::builder(cloud, credential).wire(wire).max_body(1 << 20);
    builder.redirects(Redirects::up_to(3)).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_body_outlives_its_call(
        journeys in journeys(),
        answers in answers(),
        flows in flows(),
        patience in proptest::collection::vec(proptest::option::weighted(0.3, 1_u64..20_000), 6),
    ) {
        let ledger = Arc::new(Ledger::default());
        let left = run(async {
            let client = client(answers, flows.clone(), &ledger);
            for (journey, patience) in journeys.iter().copied().zip(patience) {
                let patience = patience.map_or(Duration::MAX, Duration::from_millis);
                let began = Instant::now();
                let ended = timeout(patience, make(&client, journey, "own")).await;
                // A walk that was dropped ends its task in the runtime's next turn.
                tokio::task::yield_now().await;
                let deadline = Timeouts::default().operation.unwrap();
                if ended.is_err() || began.elapsed() >= deadline {
                    // A token that others may wait for as well is fetched to the end, within its own
                    // time, which began after that of the call.
                    sleep(deadline).await;
                }
                let left = ledger.alive.load(Ordering::SeqCst);
                if left > 0 {
                    return Some((journey, left, ended.is_ok(), began.elapsed()));
                }
            }
            None
        });
        prop_assert!(left.is_none(), "bodies live on: {:?}", left);
    }
}
