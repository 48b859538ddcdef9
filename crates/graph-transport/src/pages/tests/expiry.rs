//! Tokens that Graph forgets (facts: graph-protocol 4.4, 5.7).

use super::*;

const EXPIRED: &str = r#"{"error":{"code":"Directory_ExpiredPageToken","message":"expired"}}"#;

/// P26: the place is gone: a typed error that says where to begin again, which is where the walk
/// goes on if a restart is left; the proof counts the last round.
#[tokio::test(start_paused = true)]
async fn gone_restarts_at_the_location_and_reports_it() {
    let fresh = format!("{ROOT}/v1.0/users/delta?$deltatoken=");
    let cases = [
        (410, "", Some(fresh.as_str()), "/v1.0/users/delta?$deltatoken="),
        (410, "", Some("https://evil.example/v1.0/users/delta"), "/v1.0/users/delta"),
        (
            410,
            "",
            Some("https://graph.microsoft.us/v1.0/users/delta?$deltatoken=x"),
            "/v1.0/users/delta",
        ),
        (404, "syncStateNotFound", None, "/v1.0/users/delta"),
        (400, "resyncRequired", None, "/v1.0/users/delta"),
        (400, "Request_UnsupportedQuery", None, "/v1.0/users/delta"),
    ];
    for (status, code, location, expected) in cases {
        let location = location.map(str::to_owned);
        let fake = Fake::new(move |asked| match (token(asked), asked.earlier) {
            (1, 1) => {
                let body = json!({ "error": { "code": code } }).to_string();
                let headers: Vec<_> =
                    location.as_deref().map(|it| ("location", it)).into_iter().collect();
                reply(status, &headers, &body)
            }
            (1, _) => page(&[json!({ "id": 7 })], None, Some("/v1.0/users/delta?$deltatoken=d")),
            _ => page(&[json!({ "id": 1 })], Some("/v1.0/users/delta?$skiptoken=1"), None),
        });
        let client = fake.client().build().unwrap();
        let first = GraphRequest::get(client.cloud().link("/v1.0/users/delta").unwrap());
        let mut pages = client.pages(first.clone()).restarts(1);
        pages.next().await.unwrap().unwrap();
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.disposition(), crate::Disposition::Gone, "{error:?}");
        assert_eq!(error.graph().unwrap().status, status);
        let Error::Page(PageError::Expired { pages: 1, restart: Some(restart), .. }) = error else {
            panic!("{status} {code}: {error:?}")
        };
        assert_eq!(restart.path_and_query(), expected, "{status} {code}");
        assert_eq!(ids(&mut pages).await, [1, 7]);
        let proof = pages.proof().unwrap();
        assert_eq!((proof.pages, proof.items, proof.restarts), (2, 2, 1));

        let once = Fake::new(move |asked| match token(asked) {
            1 => reply(410, &[], ""),
            _ => page(&[], Some("/v1.0/users/delta?$skiptoken=1"), None),
        });
        let client = once.client().build().unwrap();
        let mut pages = client.pages(first);
        pages.next().await.unwrap().unwrap();
        assert!(pages.next().await.unwrap().is_err());
        assert!(pages.next().await.is_none() && pages.proof().is_none(), "no restart was allowed");
    }
}

/// A walk that began at a token cannot know the query behind it.
#[tokio::test(start_paused = true)]
async fn a_round_from_an_old_delta_link_names_no_restart() {
    let fake = Fake::new(|_| reply(410, &[], ""));
    let client = fake.client().build().unwrap();
    let link = client.cloud().link("/v1.0/users/delta?$deltatoken=old").unwrap();
    let mut pages = client.pages(GraphRequest::get(link)).restarts(3);
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::Page(PageError::Expired { pages: 0, restart: None, .. })),
        "{error:?}"
    );
    assert!(pages.next().await.is_none());
}

/// A query that Graph does not accept is not a lost token.
#[tokio::test(start_paused = true)]
async fn a_bad_query_is_not_a_lost_token() {
    let fake = Fake::new(|_| reply(400, &[], r#"{"error":{"code":"Request_UnsupportedQuery"}}"#));
    let error = walk(&fake).restarts(3).next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

/// facts: graph-protocol 4.4: a token from a repeated request fails; the last one that came without
/// a repeat leads on, and what was delivered before does not come twice.
#[tokio::test(start_paused = true)]
async fn the_last_clean_link_leads_past_a_token_from_a_repeat() {
    let fake = Fake::new(|asked| match (token(asked), asked.earlier) {
        (1, 1) => reply(503, &[], ""),
        (1, 2) => page(&[json!({ "id": 1 })], Some("/v1.0/users?$skiptoken=66"), None),
        (66, _) => reply(400, &[], EXPIRED),
        (1, _) => {
            page(&[json!({ "id": 1 }), json!({ "id": 2 })], Some("/v1.0/users?$skiptoken=3"), None)
        }
        (3, _) => page(&[json!({ "id": 3 }), json!({ "id": 1 })], None, None),
        _ => page(&[json!({ "id": 0 })], Some("/v1.0/users?$skiptoken=1"), None),
    });
    let mut pages = walk(&fake);
    assert_eq!(ids(&mut pages).await, [0, 1, 2, 3, 1], "only the page that came again is thinned");
    assert_eq!(pages.proof().unwrap().restarts, 0);
    let asked: Vec<u64> = fake.asked().iter().map(token).collect();
    assert_eq!(asked, [0, 1, 1, 66, 1, 3]);
}

/// The way back is taken once; then the walk has expired.
#[tokio::test(start_paused = true)]
async fn the_way_back_is_taken_once() {
    let fake = Fake::new(|asked| match (token(asked), asked.earlier) {
        (1, 1) => reply(503, &[], ""),
        (1, _) => page(&[json!({ "id": 1 })], Some("/v1.0/users?$skiptoken=66"), None),
        (66, _) => reply(400, &[], EXPIRED),
        _ => page(&[json!({ "id": 0 })], Some("/v1.0/users?$skiptoken=1"), None),
    });
    let mut pages = walk(&fake);
    let mut seen = 0;
    let error = loop {
        match pages.next().await.unwrap() {
            Ok(_) => seen += 1,
            Err(error) => break error,
        }
    };
    let expired = matches!(error, Error::Page(PageError::Expired { restart: Some(_), .. }));
    assert!(expired && seen == 3, "{seen} {error:?}");
}
