//! Several tenants in a process, and national clouds.

use graph_simulator::{AppRegistration, Cloud, Simulator, Tenant};
use http::Request;
use http_body_util::{BodyExt, Empty};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::client::Client;
use super::identity::{form, token};

fn tenant(seed: u64) -> Tenant {
    Tenant::builder().seed(seed).users(40).build()
}

#[tokio::test]
async fn an_application_in_two_tenants_reads_the_one_its_token_names() {
    let app = || AppRegistration::new("both").secret("s");
    let simulator = Simulator::builder(tenant(1))
        .domain("contoso.example")
        .application(app())
        .another_tenant(tenant(2), [app().permissions(["User.Read.All"])])
        .another_tenant(tenant(3), [])
        .build();
    let tenants: Vec<Simulator> = simulator.tenants().collect();
    assert_eq!(tenants.len(), 3);
    let mut clients = Vec::new();
    for seen in &tenants[..2] {
        let (status, body) =
            token(&simulator, &seen.tenant_id(), &form("both", "s", super::identity::GRAPH)).await;
        assert_eq!(status, 200, "{body}");
        let client = Client::new(&simulator).with_token(body["access_token"].as_str().unwrap());
        let organization = client.get("/v1.0/users").await.json();
        let first = organization["value"][0]["id"].as_str().unwrap().to_owned();
        assert!(
            seen.truth().ids(graph_simulator::Kind::User).iter().any(|id| id.to_string() == first)
        );
        clients.push((client, first));
    }
    let theirs = format!("/v1.0/users/{}", clients[1].1);
    assert_eq!(clients[0].0.get(&theirs).await.status, 404, "not in this tenant");
    assert_eq!(clients[0].0.get("/v1.0/groups").await.status, 200);
    assert_eq!(clients[1].0.get("/v1.0/groups").await.status, 403, "less was granted here");
    tenants[1].advance(1);
    assert_eq!((simulator.moment(), tenants[1].moment()), (0, 1));
    // The third tenant does not have the application; the first is known by its custom domain too.
    let form = form("both", "s", super::identity::GRAPH);
    let (_, body) = token(&simulator, &tenants[2].tenant_id(), &form).await;
    assert_eq!(body["error_codes"], json!([700_016]));
    let (status, _) = token(&simulator, "CONTOSO.example", &form).await;
    assert_eq!(status, 200);
    assert_eq!(simulator.of_tenant("contoso.example").unwrap().tenant_id(), simulator.tenant_id());
    let alone = Client::new(&Simulator::builder(tenant(3)).build());
    let foreign = tenants[0].access_token();
    assert_eq!(alone.with_token(&foreign).get("/v1.0/users").await.status, 401);
}

#[tokio::test]
async fn the_pages_of_the_simulator_show_every_tenant() {
    let simulator = Simulator::builder(tenant(1)).another_tenant(tenant(2), []).build();
    let client = Client::new(&simulator);
    let second = simulator.tenants().nth(1).unwrap();
    let truth = client.get(&format!("/simulator/truth?tenant={}", second.tenant_id())).await.json();
    let hash = second.truth().memberships_hash();
    assert_eq!(truth["sets"]["memberships"]["hash"], format!("{:016x}", hash.hash));
    assert_eq!(client.get("/simulator/truth?tenant=nowhere").await.status, 404);
    let statistics = client.get("/simulator/statistics").await.json();
    assert_eq!(statistics["tenants"].as_array().unwrap().len(), 2);
}

async fn get(simulator: &Simulator, url: &str) -> (u16, Value) {
    let request = Request::get(url)
        .header("authorization", format!("Bearer {}", simulator.access_token()))
        .body(Empty::new())
        .unwrap();
    let response = simulator.service().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test]
async fn a_cloud_answers_in_the_name_of_its_own_hosts_and_no_others() {
    // facts: graph-protocol 1.1.
    for cloud in Cloud::ALL {
        let simulator = Simulator::builder(tenant(1)).cloud(cloud).build();
        let (graph, login) = (cloud.graph_host(), cloud.login_host());
        let (status, page) = get(&simulator, &format!("https://{graph}/v1.0/users?$top=1")).await;
        assert_eq!(status, 200, "{cloud}");
        let next = page["@odata.nextLink"].as_str().unwrap();
        assert!(next.starts_with(&format!("https://{graph}/v1.0/users?")), "{next}");
        let id = simulator.tenant_id();
        let (status, openid) =
            get(&simulator, &format!("https://{login}/{id}/v2.0/.well-known/openid-configuration"))
                .await;
        assert_eq!(
            (status, &openid["issuer"]),
            (200, &json!(format!("https://{login}/{id}/v2.0")))
        );
        assert_eq!(openid["msgraph_host"], graph);
        // What belongs on one host is not on the other, and the simulator's own pages on neither.
        assert_eq!(get(&simulator, &format!("https://{login}/v1.0/users")).await.0, 400);
        assert_eq!(
            get(&simulator, &format!("https://{graph}/{id}/oauth2/v2.0/token")).await.0,
            400
        );
        assert_eq!(get(&simulator, &format!("https://{graph}/simulator/statistics")).await.0, 400);
        for other in Cloud::ALL.into_iter().filter(|other| other.graph_host() != graph) {
            let (status, body) =
                get(&simulator, &format!("https://{}/v1.0/users", other.graph_host())).await;
            assert_eq!((status, &body["error"]["code"]), (421, &json!("MisdirectedRequest")));
        }
    }
}

#[tokio::test]
async fn scopes_and_tokens_of_another_cloud_are_refused() {
    let china = Simulator::builder(tenant(1)).cloud(Cloud::China).credentials("a", "s").build();
    let world = Simulator::builder(tenant(1)).credentials("a", "s").build();
    let ask = |scope: &'static str| token_of(&china, scope);
    let (status, body) = ask("https://microsoftgraph.chinacloudapi.cn/.default").await;
    assert_eq!(status, 200);
    let (_, refused) = ask("https://graph.microsoft.com/.default").await;
    assert_eq!(
        (&refused["error"], &refused["error_codes"]),
        (&json!("invalid_resource"), &json!([500_011]))
    );
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(Client::new(&china).with_token(token).get("/v1.0/users").await.status, 200);
    let refused = Client::new(&world).with_token(token).get("/v1.0/users").await;
    assert_eq!(refused.status, 401);
    assert!(refused.message().contains("Invalid audience"), "{}", refused.message());
}

async fn token_of(simulator: &Simulator, scope: &'static str) -> (u16, Value) {
    token(simulator, &simulator.tenant_id(), &form("a", "s", scope)).await
}

#[tokio::test]
async fn a_cloud_lacks_what_its_metadata_lacks() {
    // facts: graph-protocol 1.2, 5.1.
    let usnat = Client::new(&Simulator::builder(tenant(1)).cloud(Cloud::Usnat).build());
    let answer = usnat.get("/v1.0/devices/delta").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "BadRequest"));
    assert_eq!(answer.message(), "Resource not found for the segment 'delta'.");
    assert_eq!(usnat.get("/v1.0/devices").await.status, 200);
    let answer = usnat.get("/v1.0/users?$select=id,employeeType").await;
    assert_eq!(
        answer.message(),
        "Could not find a property named 'employeeType' on type 'microsoft.graph.user'."
    );
    let govsg = Client::new(&Simulator::builder(tenant(1)).cloud(Cloud::Govsg).build());
    assert_eq!(govsg.post("/v1.0/invitations", json!({})).await.status, 400);
    assert_eq!(govsg.get("/v1.0/users/delta").await.status, 200);
}

#[tokio::test]
async fn users_of_two_tenants_sign_in_at_their_own() {
    let simulator = Simulator::builder(tenant(1)).another_tenant(tenant(2), []).build();
    let second = simulator.tenants().nth(1).unwrap();
    let user = second.truth().objects(graph_simulator::Kind::User).find(|user| {
        user.properties["accountEnabled"] == true
            && user.properties["userPrincipalName"]
                .as_str()
                .is_some_and(|name| name.ends_with(second.tenant().domain()))
    });
    let name = user.unwrap().properties["userPrincipalName"].as_str().unwrap().to_owned();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", second.client_id()),
            ("response_type", "code"),
            ("redirect_uri", "http://localhost:9"),
            ("scope", "User.Read"),
            ("login_hint", &name),
        ])
        .finish();
    let client = Client::new(&simulator).with_token("");
    let answer = client.get(&format!("/organizations/oauth2/v2.0/authorize?{query}")).await;
    let location = url::Url::parse(answer.headers["location"].to_str().unwrap()).unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", second.client_id()),
        ("code", &code),
        ("redirect_uri", "http://localhost:9"),
    ];
    let (status, body) = token(&simulator, "common", &form).await;
    assert_eq!(status, 200, "{body}");
    let client = client.with_token(body["access_token"].as_str().unwrap());
    assert_eq!(client.get("/v1.0/me").await.json()["userPrincipalName"], name);
    let (_, refused) = token(&simulator, &simulator.tenant_id(), &form).await;
    assert_eq!(
        refused["error"], "unauthorized_client",
        "the application is not in the first tenant"
    );
}
