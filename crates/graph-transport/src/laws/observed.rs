//! Law 10: every layer sees every request of its kind; whatever passed one by would be missing here.

use std::collections::HashSet;

use http::Method;
use proptest::prelude::*;

use super::journeys::{GRAPH, Journey, LOGIN, What, answers, journeys, make, origin};
use super::run;
use crate::fake::{Asked, Fake};
use crate::observe::Instrument;
use crate::observe::capture::{Capture, Meter};
use crate::{ClientSecret, Cloud, CloudName, GraphClient, Observe};

async fn make_all(fake: &Fake, meter: &Meter, journeys: &[Journey]) {
    let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
    let credential = ClientSecret::new("contoso", "app", "secret".to_owned().into());
    let client = GraphClient::builder(cloud, credential).wire(fake.clone());
    let client = client.observe(Observe::new().metrics(meter.clone())).build().unwrap();
    for journey in journeys {
        let _ = make(&client, *journey, "own").await;
    }
}

/// Whether a request is one of Graph's own; a slice of an upload is not, wherever it goes (U7).
fn is_graph(asked: &Asked) -> bool {
    origin(asked) == GRAPH && asked.method != Method::PUT
}

/// Whether it asks the authority for a token or for its issuer; a monitor may have any URL.
fn is_login(asked: &Asked) -> bool {
    let asks = asked.method == Method::POST || asked.target.ends_with("openid-configuration");
    origin(asked) == LOGIN && asks
}

/// What a request shows of the layers above the wire that leave something on it.
fn is_dressed(asked: &Asked) -> bool {
    let has = |name| asked.headers.contains_key(name);
    let (to_graph, to_login) = (is_graph(asked), is_login(asked));
    let ours = to_graph || to_login;
    has("authorization") == to_graph
        && has("user-agent") == ours
        && has("client-request-id") == ours
        && has("sdkversion") == ours
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn nothing_passes_a_layer_by(journeys in journeys(), answers in answers()) {
        // The authority answers, so that each place in a lane comes to a request.
        let given: Vec<_> =
            answers.into_iter().filter(|it| !matches!(it.what, What::Redirect(_))).collect();
        prop_assume!(!given.is_empty());
        let fake = Fake::new(move |asked| given[asked.earlier % given.len()].reply(asked, "token"));
        let (capture, guard) = Capture::begin();
        let meter = Meter::default();
        run(make_all(&fake, &meter, &journeys));
        drop(guard);

        let sent = fake.asked();
        let to_graph = sent.iter().filter(|asked| is_graph(asked)).count();
        prop_assert!(!sent.is_empty());
        for asked in &sent {
            prop_assert!(is_dressed(asked), "{:?}", asked);
        }
        // Attempt: a span and a measurement each. Lane: a wait each, be it none.
        prop_assert_eq!(capture.spans("azure.attempt").len(), sent.len());
        prop_assert_eq!(meter.values(Instrument::AttemptDuration).len(), sent.len());
        prop_assert_eq!(meter.values(Instrument::SemaphoreWait).len(), to_graph);
        // Operation: each attempt belongs to one, which knows how many it made. Retry numbers them.
        let operations = capture.spans("azure.perform_action");
        let made = operations.iter().map(|it| it.fields["azure.attempts"].parse::<usize>().unwrap());
        prop_assert_eq!(made.sum::<usize>(), sent.len());
        let ids: HashSet<u64> = operations.iter().map(|it| it.id).collect();
        prop_assert!(capture.spans("azure.attempt").iter().all(|it| ids.contains(&it.parent)));
        let mut named = HashSet::new();
        let mut ids = sent.iter().filter_map(|asked| asked.headers.get("client-request-id"));
        prop_assert!(ids.all(|id| named.insert(id)), "two attempts under one id");
    }
}
