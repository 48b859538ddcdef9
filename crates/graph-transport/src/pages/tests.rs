//! Walks over a wire that answers in memory, in virtual time (cases P).

mod expiry;

use std::ops::ControlFlow;
use std::time::Duration;

use http::{HeaderName, StatusCode};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::*;
use crate::fake::{Asked, Fake};
use crate::lane::Concurrency;
use crate::script::{Reply, reply};

const ROOT: &str = "https://graph.microsoft.us";

/// The body of a page, and its links as paths.
fn page(items: &[Value], next: Option<&str>, delta: Option<&str>) -> Reply {
    let mut page = json!({ "value": items });
    if let Some(next) = next {
        page["@odata.nextLink"] = json!(format!("{ROOT}{next}"));
    }
    if let Some(delta) = delta {
        page["@odata.deltaLink"] = json!(format!("{ROOT}{delta}"));
    }
    reply(200, &[], &page.to_string())
}

/// The `$skiptoken` of a request; 0 for the first.
fn token(asked: &Asked) -> u64 {
    asked.target.split_once("$skiptoken=").map_or(0, |(_, token)| token.parse().unwrap())
}

/// A collection of so many pages of one item each.
fn numbered(asked: &Asked, pages: u64) -> Reply {
    let here = token(asked);
    let next = format!("/v1.0/users?$skiptoken={}", here + 1);
    page(&[json!({ "id": here })], Some(next.as_str()).filter(|_| here + 1 < pages), None)
}

fn walk(fake: &Fake) -> Pages {
    let client = fake.client().build().unwrap();
    let link = client.cloud().link("/v1.0/users").unwrap();
    client.pages(GraphRequest::get(link))
}

async fn ids(pages: &mut Pages) -> Vec<u64> {
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        ids.extend(page.unwrap().items().map(id));
    }
    ids
}

fn id(item: &str) -> u64 {
    serde_json::from_str::<Value>(item).unwrap()["id"].as_u64().unwrap()
}

/// P1, P18, P30: every item once and in order, and the end is proven.
#[tokio::test(start_paused = true)]
async fn five_thousand_and_five_thousand_items_pass_through_two_pages() {
    let fake = Fake::new(|asked| {
        let here = token(asked);
        let items: Vec<Value> =
            (here * 5_000..(here + 1) * 5_000).map(|n| json!({ "id": n })).collect();
        page(&items, Some("/v1.0/users?$skiptoken=1").filter(|_| here == 0), None)
    });
    let mut pages = walk(&fake);
    assert_eq!(ids(&mut pages).await, (0..10_000).collect::<Vec<_>>());
    let proof = pages.proof().unwrap();
    assert_eq!((proof.pages, proof.items, proof.restarts), (2, 10_000, 0));
    assert!(pages.position().is_none());
}

/// O9: one page is fetched while another is worked on, and no further one; a slow reader is not
/// taken for a slow server.
#[tokio::test(start_paused = true)]
async fn one_page_is_prefetched_and_a_slow_reader_holds_the_walk_back() {
    let fake = Fake::slow(|asked| (Duration::from_secs(3), numbered(asked, 5)));
    let mut pages = walk(&fake);
    assert!(fake.asked().is_empty(), "nothing is sent before somebody reads");
    pages.next().await.unwrap().unwrap();
    sleep(Duration::from_secs(100)).await;
    assert_eq!(fake.asked().len(), 2);
    timeout(Duration::from_millis(1), pages.next()).await.unwrap().unwrap().unwrap();

    let mut pages = walk(&fake).prefetch(false);
    pages.next().await.unwrap().unwrap();
    sleep(Duration::from_secs(100)).await;
    assert_eq!(fake.asked().len(), 4, "the second page came with the prefetch of the third");
}

/// P28, Q4: dropping the walk cancels the prefetch and frees its place.
#[tokio::test(start_paused = true)]
async fn dropping_the_walk_cancels_the_prefetch_and_frees_the_permit() {
    let fake = Fake::slow(|asked| {
        let slow = Duration::from_secs(if token(asked) == 1 { 1_000 } else { 0 });
        (slow, numbered(asked, 5))
    });
    let client = fake.client().max_concurrent_requests(Concurrency::Limit(1)).build().unwrap();
    let first = GraphRequest::get(client.cloud().link("/v1.0/users").unwrap());
    let mut pages = client.pages(first.clone());
    pages.next().await.unwrap().unwrap();
    assert!(timeout(Duration::from_secs(5), pages.next()).await.is_err(), "P2: no place is lost");
    assert_eq!(fake.open(), 1);
    drop(pages);
    let answer = timeout(Duration::from_secs(1), client.send(first)).await.unwrap();
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    assert_eq!(fake.open(), 0);
}

/// P2, P3, P20, P22: pushed and pulled items are the same; the walk stops and goes on anywhere.
#[tokio::test(start_paused = true)]
async fn items_can_be_pushed_stopped_and_resumed() {
    let fake = Fake::new(|asked| {
        let here = token(asked);
        let items: Vec<Value> = (0..3).map(|n| json!({ "id": here * 3 + n })).collect();
        let next = format!("/v1.0/users?$skiptoken={}", here + 1);
        page(&items, Some(next.as_str()).filter(|_| here < 3), None)
    });
    let pulled = ids(&mut walk(&fake)).await;
    let mut items = walk(&fake).into_items();
    let until = |stop: u64| {
        let pushed = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let sink = std::rc::Rc::clone(&pushed);
        let visit = move |item: &str| {
            sink.borrow_mut().push(id(item));
            if id(item) == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        (pushed, visit)
    };
    let (first, visit) = until(4);
    assert_eq!(items.for_each(visit).await.unwrap(), None);
    let position = items.position().unwrap();
    assert_eq!((position.link.path_and_query(), position.taken), ("/v1.0/users?$skiptoken=1", 2));
    let (rest, visit) = until(99);
    assert_eq!(items.for_each(visit).await.unwrap().unwrap().items, 12);
    assert_eq!([first.take(), rest.take()].concat(), pulled);

    // In another process, from what was stored.
    let client = fake.client().build().unwrap();
    let link = client.cloud().link(position.link.path_and_query()).unwrap();
    let (rest, visit) = until(99);
    let mut items = client.pages(GraphRequest::get(link)).into_items().skip(position.taken);
    items.for_each(visit).await.unwrap().unwrap();
    assert_eq!(rest.take(), pulled[5..]);
    assert!(items.position().is_none());
}

/// P17: a page at hand begins the walk and stays as it was.
#[tokio::test(start_paused = true)]
async fn a_first_page_at_hand_is_not_asked_for_again() {
    let fake = Fake::new(|asked| numbered(asked, 3));
    let client = fake.client().build().unwrap();
    let request = GraphRequest::get(client.cloud().link("/v1.0/users").unwrap());
    let answer = client.send(request.clone()).await.unwrap();
    let first = Page::read(answer.body().clone(), client.cloud()).unwrap();
    let mut pages = client.pages_after(&first, request);
    assert_eq!(pages.position().unwrap().path_and_query(), "/v1.0/users");
    assert_eq!(ids(&mut pages).await, [0, 1, 2]);
    assert_eq!(pages.proof().unwrap().pages, 3);
    assert_eq!((fake.asked().len(), first.items().len()), (3, 1));
}

/// P8, P13, P14, P15, P32: a delta round ends with its link, begins again there, and an idle round
/// whose link stays the same is no loop. A removal keeps id and reason.
#[tokio::test(start_paused = true)]
async fn delta_rounds_follow_each_other() {
    let removed = json!({ "id": "u1", "@removed": { "reason": "deleted" } });
    let item = removed.clone();
    let fake = Fake::new(move |asked| {
        let path = asked.target.strip_prefix(ROOT).unwrap();
        match path {
            "/v1.0/users/delta" => page(&[], Some("/v1.0/users/delta?$skiptoken=a"), None),
            "/v1.0/users/delta?$skiptoken=a" => {
                page(std::slice::from_ref(&item), None, Some("/v1.0/users/delta?$deltatoken=b"))
            }
            _ => page(&[], None, Some("/v1.0/users/delta?$deltatoken=b")),
        }
    });
    let client = fake.client().build().unwrap();
    let mut link = client.cloud().link("/v1.0/users/delta").unwrap();
    let mut items = Vec::new();
    for round in 0..3 {
        let mut pages = client.pages(GraphRequest::get(link));
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            assert_ne!(page.next_link().is_some(), page.delta_link().is_some());
            items.extend(page.items().map(str::to_owned));
        }
        let proof = pages.proof().unwrap();
        assert_eq!(proof.pages, if round == 0 { 2 } else { 1 });
        link = proof.delta_link.unwrap();
        assert_eq!(link.path_and_query(), "/v1.0/users/delta?$deltatoken=b");
    }
    assert_eq!(items, [removed.to_string()]);
}

/// A page of a delta walk without any link is not its end.
#[tokio::test(start_paused = true)]
async fn a_delta_page_without_links_proves_nothing() {
    let fake = Fake::new(|_| page(&[], None, None));
    for path in ["/v1.0/users/delta", "/v1.0/users/microsoft.graph.delta()?$select=id"] {
        let client = fake.client().build().unwrap();
        let mut pages = client.pages(GraphRequest::get(client.cloud().link(path).unwrap()));
        let error = pages.next().await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Page(PageError::NoLink)), "{error:?}");
        assert!(pages.proof().is_none());
    }
}

/// P16, P23: headers and settings go with every page; the correlation id with the first alone.
#[tokio::test(start_paused = true)]
async fn every_page_carries_headers_and_settings() {
    let fake = Fake::new(|asked| match asked.earlier {
        2 | 3 => reply(503, &[], ""),
        _ => numbered(asked, 3),
    });
    let client = fake.client().build().unwrap();
    let first = GraphRequest::get(client.cloud().link("/v1.0/users").unwrap())
        .header(HeaderName::from_static("consistencylevel"), "eventual".parse().unwrap())
        .max_attempts(2)
        .correlation_id("call-1");
    let mut pages = client.pages(first);
    pages.next().await.unwrap().unwrap();
    pages.next().await.unwrap().unwrap();
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!(error.attempts().len(), 2, "max_attempts rides along");
    assert!(fake.asked().iter().all(|asked| asked.headers["consistencylevel"] == "eventual"));
    let named = |asked: &&Asked| asked.headers["client-request-id"] == "call-1";
    assert_eq!(fake.asked().iter().filter(named).count(), 1);
}

/// P21: pages of another shape, read without serde.
#[tokio::test(start_paused = true)]
async fn pages_of_another_shape_are_read_by_the_caller() {
    let fake = Fake::new(|asked| match token(asked) {
        0 => reply(200, &[], "a,b|/v1.0/users?$skiptoken=1"),
        1 => reply(200, &[], "c|"),
        _ => unreachable!("the second page is the last"),
    });
    let mut pages = walk(&fake).read_with(|answer, cloud| {
        let body = answer.body().clone();
        let text = std::str::from_utf8(&body).unwrap();
        let (items, next) = text.split_once('|').unwrap();
        let ranges = items.split(',').map(|item| {
            let at = item.as_ptr().addr() - text.as_ptr().addr();
            at..at + item.len()
        });
        let next = Some(next).filter(|next| !next.is_empty()).map(|next| cloud.link(next));
        Page::from_parts(body.clone(), ranges.collect(), next.transpose()?)
    });
    let mut items = Vec::new();
    while let Some(page) = pages.next().await {
        items.extend(page.unwrap().items().map(str::to_owned));
    }
    assert_eq!(items, ["a", "b", "c"]);
    assert_eq!(pages.proof().unwrap().items, 3);
    for (body, wrong) in [("é", 0..1), ("e", 0..2)] {
        assert!(Page::from_parts(body.into(), Vec::from([wrong]), None).is_err());
    }
}

/// P24, R1: a token that dies mid-walk is replaced without losing the place.
#[tokio::test(start_paused = true)]
async fn a_token_that_expires_mid_walk_is_replaced() {
    let fake = Fake::new(|asked| {
        let expired = token(asked) == 1 && asked.headers["authorization"] == "Bearer token-1";
        if expired {
            return reply(401, &[], r#"{"error":{"code":"InvalidAuthenticationToken"}}"#);
        }
        numbered(asked, 3)
    });
    let mut pages = walk(&fake);
    assert_eq!(ids(&mut pages).await, [0, 1, 2]);
    assert_eq!(pages.proof().unwrap().pages, 3);
    assert_eq!(fake.asked().len(), 4);
}

/// Duplicates are Graph's and are passed on; a walk that comes back to a link is a loop.
#[tokio::test(start_paused = true)]
async fn duplicates_pass_and_loops_end_the_walk() {
    let fake = Fake::new(|asked| match token(asked) {
        0 => {
            page(&[json!({ "id": 1 }), json!({ "id": 1 })], Some("/v1.0/users?$skiptoken=1"), None)
        }
        _ => page(&[], Some("/v1.0/users"), None),
    });
    let mut pages = walk(&fake);
    assert_eq!(pages.next().await.unwrap().unwrap().items().len(), 2);
    assert!(pages.next().await.unwrap().is_ok());
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Page(PageError::Loop { pages: 2 })), "{error:?}");
    assert!(pages.next().await.is_none() && pages.proof().is_none());
    assert_eq!(fake.asked().len(), 2);
}

/// `@odata.count` is on the first page only (facts: graph-protocol 4.1) and stays with the proof.
#[tokio::test(start_paused = true)]
async fn the_promised_count_stays_with_the_proof() {
    let fake = Fake::new(|asked| match token(asked) {
        0 => reply(
            200,
            &[],
            &format!(
                r#"{{"@odata.count":2,"value":[{{}}],"@odata.nextLink":"{ROOT}/v1.0/users?$skiptoken=1"}}"#
            ),
        ),
        _ => page(&[json!({})], None, None),
    });
    let mut pages = walk(&fake);
    while let Some(page) = pages.next().await {
        page.unwrap();
    }
    assert_eq!(pages.proof().unwrap().count, Some(2));
}
