//! L2, L4–L6: who sends.

use http::header::{HeaderName, USER_AGENT};

use super::{get, ok, reply};
use crate::product::Product;
use crate::script::{Script, Sent};

async fn sent(product: Product) -> Vec<Sent> {
    let script = Script::of([reply(503, &[], ""), ok()]);
    let client = script.client().product(product).build().unwrap();
    client.send(get(&client, "/v1.0/users")).await.unwrap();
    script.sent()
}

/// L4, L5: product, version, platform; once, however often the request repeats.
#[tokio::test(start_paused = true)]
async fn the_version_header_names_product_and_platform_once() {
    for sent in sent(Product::default()).await {
        let value = sent.headers["sdkversion"].to_str().unwrap();
        assert!(value.starts_with(concat!("graph-connector/", env!("CARGO_PKG_VERSION"))));
        assert!(value.contains(std::env::consts::OS) && value.contains(std::env::consts::ARCH));
        assert_eq!(value.matches("graph-connector").count(), 1, "{value}");
    }
    let script = Script::of([reply(503, &[], ""), ok()]);
    let client = script.client().build().unwrap();
    let name = HeaderName::from_static("sdkversion");
    let request = get(&client, "/v1.0/users").header(name, "own/1".parse().unwrap());
    client.send(request).await.unwrap();
    for sent in script.sent() {
        let value = sent.headers["sdkversion"].to_str().unwrap();
        assert!(value.starts_with("own/1, graph-connector/"), "{value}");
        assert_eq!(value.matches("graph-connector").count(), 1, "{value}");
    }
}

/// L6
#[tokio::test(start_paused = true)]
async fn the_user_agent_is_added_once_and_can_be_left_out() {
    let of = |sent: Vec<Sent>| sent[1].headers.get(USER_AGENT).cloned();
    let own = concat!("graph-connector/", env!("CARGO_PKG_VERSION"));
    assert_eq!(of(sent(Product::default()).await).unwrap(), own);
    let named =
        of(sent(Product::default().application("contoso\u{1f}-sync/2\r\né")).await).unwrap();
    assert_eq!(named, format!("contoso-sync/2 {own}"));
    let twice = Product::default().application(&format!("app/1 {own}"));
    assert_eq!(of(sent(twice).await).unwrap(), format!("app/1 {own}"));
    assert_eq!(of(sent(Product::default().without_user_agent()).await), None);
}

/// L2
#[tokio::test(start_paused = true)]
async fn our_id_can_travel_under_another_name() {
    let name = HeaderName::from_static("x-correlation-id");
    let sent = sent(Product::default().request_id_header(name)).await;
    assert!(sent.iter().all(|it| it.headers.get("client-request-id").is_none()));
    assert_ne!(sent[0].headers["x-correlation-id"], sent[1].headers["x-correlation-id"]);
}
