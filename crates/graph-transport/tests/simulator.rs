//! The whole client against a simulated tenant: sign-in, pages, batches, throttling.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeSet;

use graph_simulator::{RetryAfter, Server, Simulator, Tenant, Throttle};
use graph_transport::{
    ApiVersion, BatchItem, ClientSecret, Cloud, Concurrency, CustomCloud, Disposition, Error,
    GraphClient, GraphRequest, Secret,
};

async fn tenant(throttle: Option<Throttle>) -> (Simulator, Server) {
    let builder = Simulator::builder(Tenant::builder().seed(11).users(300).build());
    let simulator = match throttle {
        Some(throttle) => builder.throttle(throttle).build(),
        None => builder.build(),
    };
    let server = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    (simulator, server)
}

fn client(simulator: &Simulator, server: &Server, secret: &str) -> GraphClient {
    let cloud = Cloud::custom(CustomCloud {
        graph_root: server.graph_root(),
        authority: server.authority(),
        ca_bundle: None,
        allow_insecure_loopback: true,
    });
    let credential =
        ClientSecret::new(simulator.tenant_id(), simulator.client_id(), Secret::new(secret));
    let builder = GraphClient::builder(cloud.unwrap(), credential);
    builder.max_concurrent_requests(Concurrency::Auto).build().unwrap()
}

fn users(client: &GraphClient) -> GraphRequest {
    GraphRequest::get(client.cloud().link("/v1.0/users?$select=id&$top=50").unwrap())
}

/// P1, P18, U14, U16: every user once, one token for all pages.
#[tokio::test]
async fn a_walk_delivers_every_user_with_one_token() {
    let (simulator, server) = tenant(None).await;
    let client = client(&simulator, &server, simulator.client_secret());
    let (first, second) = tokio::join!(walk(&client), walk(&client));
    assert_eq!(first, second);
    let truth: BTreeSet<String> = simulator
        .truth()
        .objects(graph_simulator::Kind::User)
        .map(|user| user.id.to_string())
        .collect();
    assert_eq!(first, truth);
    let tokens =
        simulator.requests().iter().filter(|it| it.path_and_query.contains("oauth2")).count();
    assert_eq!(tokens, 1, "two walks at once share one token request");
}

async fn walk(client: &GraphClient) -> BTreeSet<String> {
    let mut pages = client.pages(users(client));
    let mut ids = BTreeSet::new();
    while let Some(page) = pages.next().await {
        for item in page.unwrap().items() {
            let item: serde_json::Value = serde_json::from_str(item).unwrap();
            assert!(ids.insert(item["id"].as_str().unwrap().to_owned()), "an item came twice");
        }
    }
    assert_eq!(pages.proof().unwrap().items, ids.len() as u64);
    ids
}

/// U19, U27: a wrong secret ends before any Graph request, with a hint and without the secret.
#[tokio::test]
async fn a_wrong_secret_says_what_to_do() {
    let (simulator, server) = tenant(None).await;
    let client = client(&simulator, &server, "canary-5e1f");
    let error = client.send(users(&client)).await.unwrap_err();
    let Error::Credential(credential) = &error else { panic!("{error:?}") };
    assert!(credential.hint().unwrap().contains("secret"), "{credential}");
    assert_eq!(error.disposition(), Disposition::Unauthenticated);
    assert!(!format!("{error:?} {error} {credential}").contains("canary"));
    assert!(simulator.requests().iter().all(|it| !it.path_and_query.contains("/users")));
}

#[tokio::test]
async fn the_tenant_is_the_one_that_the_authority_names() {
    let (simulator, server) = tenant(None).await;
    let client = client(&simulator, &server, simulator.client_secret());
    assert_eq!(client.tenant_id().await.unwrap().as_str(), simulator.tenant_id());
}

/// N5, N19, N21, N28: 45 items in three batches, each with its own status.
#[tokio::test]
async fn a_batch_of_any_size_answers_each_item() {
    let (simulator, server) = tenant(None).await;
    let client = client(&simulator, &server, simulator.client_secret());
    let ids: Vec<String> = walk(&client).await.into_iter().take(44).collect();
    let mut items: Vec<BatchItem> = ids
        .iter()
        .map(|id| BatchItem::get(id.clone(), format!("/users/{id}?$select=id")))
        .collect();
    items.push(BatchItem::get("nobody", "/users/00000000-0000-4000-8000-000000000000"));
    let answers = client.batch(ApiVersion::V1_0, items).await.unwrap();
    assert_eq!(answers.len(), 45);
    for (answer, id) in answers.iter().zip(&ids) {
        let user: serde_json::Value = answer.result.as_ref().unwrap().json().unwrap();
        assert_eq!(user["id"], *id);
    }
    assert_eq!(answers[44].result.as_ref().unwrap().disposition(), Disposition::NotFound);
    let batches =
        simulator.requests().iter().filter(|it| it.path_and_query.ends_with("$batch")).count();
    assert_eq!(batches, 3);
}

/// T1, T4: many tasks in one lane under a small budget all finish, items of batches included.
#[tokio::test]
async fn many_tasks_finish_under_a_small_budget() {
    let budget = Throttle {
        resource_units: 8,
        window_ms: 500,
        retry_after: RetryAfter::Fractional,
        ..Throttle::default()
    };
    let (simulator, server) = tenant(Some(budget)).await;
    let client = client(&simulator, &server, simulator.client_secret());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        tasks.spawn(async move {
            let request = users(&client).max_attempts(50).deadline(None);
            client.send(request).await.unwrap().status().is_success()
        });
    }
    assert!(tasks.join_all().await.into_iter().all(|success| success));
    assert!(simulator.requests().iter().any(|it| it.status == 429), "the budget was never reached");
}
