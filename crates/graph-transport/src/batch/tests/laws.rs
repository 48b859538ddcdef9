//! What must hold for a batch under any answers.

use proptest::prelude::*;

use super::*;

/// What a fake Graph does with a request, or with an item.
const ANSWERS: [u16; 8] = [200, 200, 200, 404, 429, 500, 503, 0];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Law 2, 9, N23: each item has one result; none goes out more often than it may; what is not
    /// idempotent goes out again only after a 429; requests stay within their bounds.
    #[test]
    fn no_answer_sends_an_item_too_often(
        posts in proptest::collection::vec(any::<bool>(), 1..50),
        item_answers in proptest::collection::vec(0..ANSWERS.len(), 64),
        outer in proptest::collection::vec(0..6_usize, 64),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all().start_paused(true).build().unwrap();
        let items: Vec<BatchItem> = posts.iter().enumerate().map(|(n, post)| {
            let method = if *post { http::Method::POST } else { http::Method::GET };
            BatchItem::new(format!("i{n}"), method, "/users")
        }).collect();
        let fake = Fake::new(move |asked| answer(asked, &item_answers, &outer));
        let answers = runtime.block_on(batch(&fake).items(items.clone()).max_attempts(4).send());
        let mut seen: HashMap<String, Vec<bool>> = HashMap::new();
        for asked in fake.asked() {
            prop_assert!(asked.target.ends_with("/$batch"));
            for id in sent_ids(&asked) {
                let refused = was_refused(&asked, &id);
                seen.entry(id).or_default().push(refused);
            }
        }
        for (item, post) in items.iter().zip(&posts) {
            let refusals = seen.get(&item.id).cloned().unwrap_or_default();
            prop_assert!(!refusals.is_empty(), "{} was never sent", item.id);
            if *post {
                let again = &refusals[..refusals.len() - 1];
                prop_assert!(again.iter().all(|refused| *refused), "{}: {refusals:?}", item.id);
            }
        }
        if let Ok(answers) = answers {
            prop_assert_eq!(answers.len(), items.len());
            prop_assert!(answers.iter().all(|answer| answer.attempts <= 4));
        }
    }
}

fn sent_ids(asked: &Asked) -> Vec<String> {
    requests(asked).iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

/// What was said to a request, recomputed from its own number: answers depend on nothing else.
fn was_refused(asked: &Asked, id: &str) -> bool {
    LOG.with_borrow(|log| log.get(&(asked.earlier, id.to_owned())).copied().unwrap_or(false))
}

thread_local! {
    /// Which items of which request were answered 429, by themselves or with the whole.
    static LOG: std::cell::RefCell<HashMap<(usize, String), bool>> =
        std::cell::RefCell::new(HashMap::new());
}

fn answer(asked: &Asked, items: &[usize], outer: &[usize]) -> Reply {
    let ids = sent_ids(asked);
    let note = |id: &str, refused: bool| {
        LOG.with_borrow_mut(|log| log.insert((asked.earlier, id.to_owned()), refused));
    };
    let whole = match outer[asked.earlier % outer.len()] {
        0 => Some(Err("connection reset".into())),
        1 => Some(reply(429, &[("retry-after", "1")], "")),
        2 => Some(reply(503, &[], "")),
        _ => None,
    };
    if let Some(whole) = whole {
        let refused = whole.as_ref().is_ok_and(|it| it.status() == 429);
        for id in &ids {
            note(id, refused);
        }
        return whole;
    }
    let mut responses = Vec::new();
    for (n, id) in ids.iter().enumerate() {
        let status = ANSWERS[items[(asked.earlier * 7 + n) % items.len()]];
        note(id, status == 429);
        if status != 0 {
            responses.push(json!({ "id": id, "status": status }));
        }
    }
    reply(200, &[], &json!({ "responses": responses }).to_string())
}
