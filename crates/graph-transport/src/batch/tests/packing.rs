//! Splitting: every request of a shape that Graph accepts, no dependant before its parent.

use proptest::prelude::*;

use super::*;

fn chain(count: usize) -> Vec<BatchItem> {
    let linked = |n: usize| {
        let item = item(&format!("i{n}"), &[]);
        if n == 0 { item } else { item.depends_on(format!("i{}", n - 1)) }
    };
    (0..count).map(linked).collect()
}

/// N5, N6
#[tokio::test(start_paused = true)]
async fn any_number_of_items_travels_twenty_at_a_time_or_fewer() {
    for (limit, expected) in [(20, vec![20, 20, 5]), (15, vec![15, 15, 15])] {
        let fake = graph(|_, _| ok());
        let items = (0..45).map(|n| item(&format!("i{n}"), &[]));
        let answers = batch(&fake).items(items).items_per_request(limit).send().await.unwrap();
        assert!(answers.iter().enumerate().all(|(n, it)| it.id == format!("i{n}")));
        assert_eq!(sent(&fake).iter().map(Vec::len).collect::<Vec<_>>(), expected);
    }
}

/// N14, N16: a chain and a star each travel in one request, and go on in the next where it is full.
#[tokio::test(start_paused = true)]
async fn chains_and_stars_travel_whole() {
    let fake = graph(|_, _| ok());
    batch(&fake).items(chain(45)).send().await.unwrap();
    assert_eq!(sent(&fake).iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
    assert!(requests(&fake.asked()[1])[0].get("dependsOn").is_none(), "its parent is done");

    let fake = graph(|_, _| ok());
    let star = (0..25).map(|n| item(&format!("child{n}"), &["root"]));
    batch(&fake).items(star).item(item("root", &[])).send().await.unwrap();
    assert_eq!(sent(&fake).iter().map(Vec::len).collect::<Vec<_>>(), [20, 6]);
}

/// Many short chains go level by level, because that takes fewer requests.
#[tokio::test(start_paused = true)]
async fn many_pairs_share_requests() {
    let fake = graph(|_, _| ok());
    let pairs = (0..100).flat_map(|n| {
        let child = item(&format!("b{n}"), &[&format!("a{n}")]);
        [child, item(&format!("a{n}"), &[])]
    });
    batch(&fake).items(pairs).send().await.unwrap();
    assert_eq!(sent(&fake).len(), 10);
}

/// Requests of one wave are under way together, but never more than asked for.
#[tokio::test(start_paused = true)]
async fn requests_of_a_wave_overlap_within_the_limit() {
    let fake = Fake::slow(|asked| (Duration::from_secs(1), all_answered(asked, 200)));
    let items = (0..200).map(|n| item(&format!("i{n}"), &[]));
    let began = tokio::time::Instant::now();
    batch(&fake).items(items).concurrency(2).send().await.unwrap();
    assert_eq!((fake.most(), began.elapsed()), (2, Duration::from_secs(5)));
}

/// Large bodies close a request before the twentieth item does (facts: graph-protocol 7).
#[tokio::test(start_paused = true)]
async fn a_request_stays_below_the_largest_size() {
    let fake = graph(|_, _| ok());
    let photo = vec![0; 1_000_000];
    let items = (0..5).map(|n| {
        BatchItem::new(format!("i{n}"), http::Method::PUT, "/me/photo/$value")
            .binary(&photo, HeaderValue::from_static("image/jpeg"))
    });
    batch(&fake).items(items).send().await.unwrap();
    assert!(fake.asked().iter().all(|asked| asked.body.len() <= pack::MOST_BYTES));
    assert_eq!(sent(&fake).iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
}

proptest! {
    /// N14, N16: for any graph of dependencies and any failures, each item is carried out at most
    /// once, after everything that it depends on, in requests that Graph accepts.
    #[test]
    fn any_graph_is_carried_out_in_order(
        parents in proptest::collection::vec(proptest::collection::vec(0_usize..60, 0..3), 1..60),
        limit in 1_usize..=20,
        failing in proptest::collection::hash_set(0_usize..60, 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all().start_paused(true).build().unwrap();
        let items: Vec<BatchItem> = parents.iter().enumerate().map(|(n, above)| {
            let mine = above.iter().filter(|_| n > 0).map(|parent| format!("i{}", parent % n.max(1)));
            mine.fold(item(&format!("i{n}"), &[]), BatchItem::depends_on)
        }).collect();
        let fails = move |id: &str| failing.contains(&id[1..].parse().unwrap());
        let judge = fails.clone();
        let fake = graph(move |id, before| {
            assert_eq!(before, 0, "{id} was carried out twice");
            json!({ "status": if judge(id) { 400 } else { 200 } })
        });
        let answers = runtime.block_on(
            batch(&fake).items(items.clone()).items_per_request(limit).send()
        ).unwrap();
        for (item, answer) in items.iter().zip(answers.iter()) {
            let parent_failed = item.depends_on.iter()
                .any(|parent| answers.get(parent).unwrap().disposition() != crate::Disposition::Ok);
            let succeeded = answer.disposition() == crate::Disposition::Ok;
            prop_assert_eq!(succeeded, !parent_failed && !fails(&item.id));
        }
        for ids in sent(&fake) {
            prop_assert!(ids.len() <= limit);
        }
    }
}
