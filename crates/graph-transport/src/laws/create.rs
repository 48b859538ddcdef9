//! Law 2: a create is never on the wire twice without a probe or a refusal of the first in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;
use proptest::prelude::*;
use serde_json::json;

use super::run;
use crate::GraphClient;
use crate::fake::{Asked, Fake};
use crate::options::{Probe, ProbeFirst};
use crate::request::GraphRequest;
use crate::script::{Reply, reply};

/// What becomes of one request that creates.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Created,
    /// 408 or 429: certainly not carried out.
    Refused(u16),
    /// No usable answer, whether it landed or not.
    Unclear(Unclear, bool),
}

#[derive(Clone, Copy, Debug)]
enum Unclear {
    Status(u16),
    Lost,
    HalfAnAnswer,
}

fn fate() -> impl Strategy<Value = Fate> {
    let status = prop_oneof![Just(500_u16), Just(502), Just(503), Just(504)];
    let unclear = prop_oneof![
        status.prop_map(Unclear::Status),
        Just(Unclear::Lost),
        Just(Unclear::HalfAnAnswer)
    ];
    prop_oneof![
        1 => Just(Fate::Created),
        3 => prop_oneof![Just(408_u16), Just(429)].prop_map(Fate::Refused),
        4 => (unclear, any::<bool>()).prop_map(|(unclear, landed)| Fate::Unclear(unclear, landed)),
    ]
}

impl Fate {
    fn lands(self) -> bool {
        matches!(self, Self::Created | Self::Unclear(_, true))
    }

    fn reply(self) -> Reply {
        match self {
            Self::Created => reply(201, &[], r#"{"id":"ada"}"#),
            Self::Refused(429) => reply(429, &[("retry-after", "1")], ""),
            Self::Refused(status) | Self::Unclear(Unclear::Status(status), _) => {
                reply(status, &[], "")
            }
            Self::Unclear(Unclear::Lost, _) => Err("connection reset".into()),
            Self::Unclear(Unclear::HalfAnAnswer, _) => {
                reply(201, &[("content-length", "200")], r#"{"id":"a"#)
            }
        }
    }
}

/// A directory that knows how often the object was created. Looks meet passing failures as well.
fn directory(fates: Vec<Fate>, looks: Vec<bool>, landed: Arc<AtomicUsize>) -> Fake {
    let (creates, asked_for) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Fake::new(move |asked: &Asked| {
        if asked.method == Method::GET {
            let look = asked_for.fetch_add(1, Ordering::SeqCst);
            return match landed.load(Ordering::SeqCst) {
                _ if looks[look % looks.len()] => reply(503, &[], ""),
                0 => reply(404, &[], ""),
                _ => reply(200, &[], r#"{"id":"ada"}"#),
            };
        }
        let fate = fates[creates.fetch_add(1, Ordering::SeqCst) % fates.len()];
        landed.fetch_add(usize::from(fate.lands()), Ordering::SeqCst);
        fate.reply()
    })
}

fn probe(client: &GraphClient) -> ProbeFirst {
    let client = client.clone();
    ProbeFirst::new(move || {
        let client = client.clone();
        Box::pin(async move {
            let link = client.cloud().link("/v1.0/users/ada")?;
            let answer = client.send(GraphRequest::get(link)).await?;
            match answer.status().as_u16() {
                404 => Ok(Probe::Absent),
                _ => answer.into_success().map(|answer| Probe::Landed(Box::new(answer))),
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_create_is_sent_twice_blindly(
        fates in proptest::collection::vec(fate(), 1..8),
        looks in proptest::collection::vec(any::<bool>(), 1..8),
        probes in any::<bool>(),
        patch in any::<bool>(),
    ) {
        let landed = Arc::new(AtomicUsize::new(0));
        let fake = directory(fates.clone(), looks, Arc::clone(&landed));
        run(async {
            let client = fake.client().build().unwrap();
            let method = if patch { Method::PATCH } else { Method::POST };
            let link = client.cloud().link("/v1.0/users").unwrap();
            let mut request = GraphRequest::new(method, link).json(&json!({ "id": "ada" })).unwrap();
            if probes {
                request = request.with(probe(&client));
            }
            let _ = client.send(request).await;
        });
        let mut creates = fates.iter().cycle();
        let mut unexplained = false;
        for asked in fake.asked() {
            if asked.method == Method::GET {
                unexplained = false;
                continue;
            }
            prop_assert!(!unexplained, "sent again without a look: {:?}", fates);
            unexplained = matches!(creates.next().unwrap(), Fate::Unclear(..));
        }
        prop_assert!(landed.load(Ordering::SeqCst) <= 1, "created twice");
    }
}
