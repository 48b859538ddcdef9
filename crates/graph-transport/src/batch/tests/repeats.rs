//! What is sent again, when, and what ends a batch.

use super::*;
use crate::Disposition;
use crate::script::reply;

fn throttled(seconds: &str) -> Value {
    json!({ "status": 429, "headers": { "retry-after": seconds }, "body": null })
}

/// N23: only throttled and transient items go again, each at its own time, with body and dependencies.
#[tokio::test(start_paused = true)]
async fn only_throttled_and_transient_items_go_again() {
    let fake = graph(|id, before| match (id, before) {
        ("soon", 0) => throttled("2.5"),
        ("broken", 0) => json!({ "status": 503, "headers": { "Retry-After": 1 } }),
        ("post", _) => json!({ "status": 503 }),
        ("bad", _) => json!({ "status": 400 }),
        _ => ok(),
    });
    let post = BatchItem::new("post", http::Method::POST, "/users");
    let soon = BatchItem::new("soon", http::Method::PATCH, "/users/7c2a");
    let soon = soon.json(&json!({ "city": "Bern" })).unwrap();
    let items = [item("fine", &[]), soon, item("broken", &[]), post, item("bad", &[])];
    let answers = batch(&fake).items(items).send().await.unwrap();
    assert_eq!(
        statuses(&answers),
        [
            ("fine", Some(200)),
            ("soon", Some(200)),
            ("broken", Some(200)),
            ("post", Some(503)),
            ("bad", Some(400))
        ]
    );
    let (log, sent) = (fake.asked(), sent(&fake));
    assert_eq!(sent[0].len(), 5);
    assert_eq!(sent[1..].concat().len(), 2, "{sent:?}");
    let repeated = log[1..].iter().flat_map(requests).find(|it| it["id"] == "soon").unwrap();
    assert_eq!(repeated["body"]["city"], "Bern");
    // Reads go on while writes wait: their gates are apart (facts: graph-protocol 3.4).
    let held = log[1..].iter().find(|it| requests(it).iter().any(|item| item["id"] == "soon"));
    let waited = held.unwrap().at - log[0].at;
    assert!(waited >= Duration::from_millis(2_500), "the gate was open");
    let tried = answers.get("soon").unwrap();
    assert_eq!(tried.attempts, 2);
    let reasons: Vec<&str> = tried
        .result
        .as_ref()
        .unwrap()
        .attempts()
        .iter()
        .map(|attempt| attempt.reason.as_str())
        .collect();
    assert_eq!(reasons, ["429", "200"]);
}

/// N23: a throttled item is given up after the client's attempts, with the answer it got last.
#[tokio::test(start_paused = true)]
async fn an_item_that_stays_throttled_keeps_its_last_answer() {
    let fake = graph(|_, _| throttled("1"));
    let answers = batch(&fake).item(item("a", &[])).max_attempts(3).send().await.unwrap();
    assert_eq!(statuses(&answers), [("a", Some(429))]);
    assert_eq!((fake.asked().len(), answers[0].attempts), (3, 3));
}

/// N25: dependants of a retried parent go again together with it, and only then.
#[tokio::test(start_paused = true)]
async fn failed_dependants_go_again_only_with_their_parent() {
    let fake = graph(|id, before| match (id, before) {
        ("a", 0) => throttled("1"),
        ("x", _) => json!({ "status": 400 }),
        _ => ok(),
    });
    let chained = [item("a", &[]), item("b", &["a"]), item("c", &["b"])];
    let answers = batch(&fake)
        .items(chained)
        .items([item("x", &[]), item("y", &["x"]), item("z", &["y"])])
        .send()
        .await
        .unwrap();
    assert_eq!(
        statuses(&answers),
        [
            ("a", Some(200)),
            ("b", Some(200)),
            ("c", Some(200)),
            ("x", Some(400)),
            ("y", Some(424)),
            ("z", Some(424))
        ]
    );
    assert_eq!(sent(&fake).last().unwrap(), &["a", "b", "c"]);
    assert_eq!(sent(&fake).len(), 3);
    assert_eq!(answers.get("c").unwrap().attempts, 1, "what was not carried out is no attempt");
}

/// An item whose parent failed in an earlier request is never sent.
#[tokio::test(start_paused = true)]
async fn what_depends_on_a_failure_is_not_sent() {
    let fake = graph(|id, _| json!({ "status": if id == "i19" { 400 } else { 200 } }));
    let chain = (0..22).map(|n: usize| {
        let item = item(&format!("i{n}"), &[]);
        if n == 0 { item } else { item.depends_on(format!("i{}", n - 1)) }
    });
    let answers = batch(&fake).items(chain).send().await.unwrap();
    assert_eq!(sent(&fake).len(), 1);
    let error = |id: &str| answers.get(id).unwrap().result.as_ref().unwrap_err().to_string();
    assert_eq!(error("i20"), "run a batch");
    assert!(matches!(
        answers.get("i21").unwrap().result.as_ref().unwrap_err(),
        Error::Batch(BatchError::DependencyFailed { parent, .. }) if parent == "i20"
    ));
}

/// N20: an item that is in no answer goes again where that does no harm, and is an error at last.
#[tokio::test(start_paused = true)]
async fn an_unanswered_item_goes_again_or_fails() {
    let fake = graph(|id, before| match (id, before) {
        ("late", 1) => ok(),
        _ => Value::Null,
    });
    let post = BatchItem::new("post", http::Method::POST, "/users");
    let answers = batch(&fake)
        .items([item("late", &[]), item("never", &[]), post])
        .max_attempts(3)
        .send()
        .await
        .unwrap();
    assert_eq!(answers[0].status().unwrap(), 200);
    for (answer, attempts) in [(&answers[1], 3), (&answers[2], 1)] {
        let error = answer.result.as_ref().unwrap_err();
        assert!(matches!(error, Error::Batch(BatchError::Unanswered(_))), "{error:?}");
        assert_eq!(answer.attempts, attempts);
    }
}

/// N29: a refusal of the whole is every item's, in Graph's words or a gateway's; nothing follows it.
#[tokio::test(start_paused = true)]
async fn a_refused_batch_is_a_typed_error_for_all_items() {
    for body in [r#"{"error":{"code":"Authorization_RequestDenied"}}"#, "<html>no</html>"] {
        let fake = Fake::new(move |_| reply(403, &[], body));
        let items = || (0..45).map(|n| item(&format!("i{n}"), &[]));
        let error = batch(&fake).items(items()).concurrency(1).send().await.unwrap_err();
        assert_eq!(error.disposition(), Disposition::Forbidden, "{error:?}");
        assert!(error.graph().unwrap().status == 403);
        assert_eq!(fake.asked().len(), 1, "the other batches would meet the same");
        let mut stream = batch(&fake).items(items()).stream().unwrap();
        while let Some(answer) = stream.next().await {
            assert_eq!(answer.disposition(), Disposition::Forbidden);
        }
    }
}

/// N29: what one request met does not take the answers of the others away.
#[tokio::test(start_paused = true)]
async fn a_broken_request_fails_its_own_items_only() {
    let fake = Fake::new(|asked| {
        if requests(asked)[0]["id"] == "p0" {
            return reply(500, &[], "oops");
        }
        all_answered(asked, 201)
    });
    let posts = (0..40).map(|n| BatchItem::new(format!("p{n}"), http::Method::POST, "/users"));
    let answers = batch(&fake).items(posts).send().await.unwrap();
    assert_eq!(fake.asked().len(), 2, "a POST that may have landed does not go again");
    assert!(answers[..20].iter().all(|it| it.disposition() == Disposition::Transient));
    assert!(answers[..20].iter().all(|it| it.result.as_ref().unwrap_err().may_have_happened()));
    assert!(answers[20..].iter().all(|it| it.status().unwrap() == 201));
}

/// Where one item may not be sent twice, the others still may after a loss.
#[tokio::test(start_paused = true)]
async fn after_a_loss_what_does_no_harm_goes_again() {
    let fake = Fake::new(|asked| {
        if asked.earlier == 0 {
            return Err("connection reset".into());
        }
        all_answered(asked, 200)
    });
    let post = BatchItem::new("post", http::Method::POST, "/users");
    let answers = batch(&fake).items([item("get", &[]), post]).send().await.unwrap();
    assert_eq!(statuses(&answers), [("get", Some(200)), ("post", None)]);
    assert_eq!(sent(&fake)[1], ["get"]);
}

/// facts: graph-protocol 7: HTML inside an item makes the envelope invalid; the items go alone then.
#[tokio::test(start_paused = true)]
async fn a_spoilt_envelope_is_sent_item_by_item() {
    let fake = Fake::new(|asked| {
        if asked.target.ends_with("$batch") {
            return reply(200, &[], r#"{"responses":[{"id":"a","status":200,"body":<html>}]}"#);
        }
        reply(200, &[], "{}")
    });
    let post = BatchItem::new("post", http::Method::POST, "/users");
    let child = item("child", &["a"]);
    let answers = batch(&fake).items([item("a", &[]), child]).send().await.unwrap();
    assert_eq!(statuses(&answers), [("a", Some(200)), ("child", Some(200))]);
    assert_eq!(fake.asked().len(), 3);
    let error = batch(&fake).item(post).send().await.unwrap_err();
    assert!(matches!(error, Error::Batch(BatchError::Envelope(_))), "{error:?}");
}

/// N33, T4: an outer 429, and a throttled item, delay everything in the lane.
#[tokio::test(start_paused = true)]
async fn an_outer_429_delays_the_whole_batch_and_closes_the_gate() {
    let fake = Fake::new(|asked| match asked.earlier {
        0 => reply(429, &[("retry-after", "7")], ""),
        _ => reply(200, &[], r#"{"responses":[{"id":"a","status":200}]}"#),
    });
    let client = fake.client().build().unwrap();
    let began = tokio::time::Instant::now();
    let batch = Batch::new(&client, ApiVersion::V1_0).item(item("a", &[])).send();
    let single = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.send(crate::GraphRequest::get(client.cloud().link("/v1.0/users").unwrap())).await
    };
    let (answers, single) = tokio::join!(batch, single);
    assert_eq!(answers.unwrap()[0].status().unwrap(), 200);
    single.unwrap();
    assert!(fake.asked()[1..].iter().all(|it| it.at - began >= Duration::from_secs(7)));
}

/// R28, O2: no wait goes past the deadline of the batch; what was answered is kept.
#[tokio::test(start_paused = true)]
async fn a_wait_past_the_deadline_is_not_begun() {
    let fake = graph(|id, _| if id == "slow" { throttled("90") } else { ok() });
    let began = tokio::time::Instant::now();
    let limit = Duration::from_secs(60);
    let items = [item("slow", &[]), item("fine", &[])];
    let answers = batch(&fake).items(items).deadline(limit).send().await.unwrap();
    assert!(matches!(answers[0].result, Err(Error::Throttled { .. })), "{answers:?}");
    assert_eq!(answers[1].status().unwrap(), 200);
    assert!(began.elapsed() < limit);
}

/// Without `continue_on_error` nothing new is sent after a failure.
#[tokio::test(start_paused = true)]
async fn without_continue_on_error_the_rest_is_not_sent() {
    let fake = graph(|id, _| json!({ "status": if id == "i3" { 400 } else { 200 } }));
    let items = (0..60).map(|n| item(&format!("i{n}"), &[]));
    let prefer = HeaderValue::from_static("return=minimal");
    let answers = batch(&fake)
        .items(items)
        .continue_on_error(false)
        .concurrency(1)
        .prefer(prefer)
        .correlation_id("call-1")
        .send()
        .await
        .unwrap();
    assert_eq!(answers.iter().filter(|it| it.result.is_ok()).count(), 20);
    let unsent = answers[20].result.as_ref().unwrap_err();
    assert!(matches!(unsent, Error::Batch(BatchError::NotSent(_))), "{unsent:?}");
    let log = fake.asked();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].headers["prefer"], "return=minimal");
    assert_eq!(log[0].headers["client-request-id"], "call-1");
}

/// Results come as they arrive, and a dropped stream leaves nothing under way.
#[tokio::test(start_paused = true)]
async fn answers_stream_and_dropping_the_stream_ends_the_work() {
    let fake = Fake::slow(|asked| {
        (Duration::from_secs(asked.earlier as u64 * 10), all_answered(asked, 200))
    });
    let items = (0..40).map(|n| item(&format!("i{n}"), &[]));
    let mut stream = batch(&fake).items(items).stream().unwrap();
    for n in 0..20 {
        assert_eq!(stream.next().await.unwrap().id, format!("i{n}"));
    }
    let waiting = tokio::time::timeout(Duration::from_secs(1), stream.next()).await;
    assert!(waiting.is_err() && fake.open() == 1);
    drop(stream);
    assert_eq!(fake.open(), 0);
}

/// B8: items spend the client's retry budget like requests, so that a service that is down for
/// everybody is not stormed by batches either.
#[tokio::test(start_paused = true)]
async fn items_spend_the_retry_budget() {
    let fake = graph(|_, _| json!({ "status": 503 }));
    let ids: Vec<String> = (0..200).map(|number| format!("i{number}")).collect();
    let items = ids.iter().map(|id| item(id, &[]));
    let answers = batch(&fake).items(items).send().await.unwrap();
    assert_eq!(answers.failed().count(), 200);
    let sends: usize = sent(&fake).iter().map(Vec::len).sum();
    // A full budget pays for a hundred repeats; the batches themselves, which succeed, for a few more.
    assert!((300..310).contains(&sends), "{sends}");
}
