//! Commands run against a simulated tenant over HTTP, from a system file to an envelope.

mod failures;
mod follow_ups;
mod monitors;

use graph_dsl::{Arguments, Outcome, RunOptions, Runner, SourceFile, System, Variables, compile};
use graph_simulator::{Fault, FaultPlan, FaultRule, Kind, Server, Simulator, Tenant};
use serde_json::{Value, json};

const SYSTEM: &str = r#"
name: test
connection:
  cloud: custom
  graph_root: ${{ENV:ROOT}}
  authority: ${{ENV:AUTHORITY}}
  allow_insecure_loopback: true
  credentials:
    tenant_id: ${{ENV:TENANT}}
    client_id: ${{ENV:CLIENT}}
    client_secret: ${{ENV:SECRET}}
  retry: { max_attempts: 2, backoff_base: 0, jitter: 0 }
schema_mappings:
  person: { name: { path: $.displayName, required: true }, phones: { path: $.businessPhones, join: "," } }
object_types:
  user:
    commands:
      list: { summary: All., method: GET, endpoint: /users, query: { $select: [id, displayName], $top: 10 } }
      page: { summary: One page., method: GET, endpoint: /users, query: { $top: 10 }, auto_paginate: false }
      get: { summary: One., method: GET, endpoint: "/users/{id}" }
      person: { summary: Mapped., method: GET, endpoint: "/users/{id}", schema_mapping: person, query: { $select: [displayName, businessPhones] } }
      delta: { summary: Changes., method: GET, endpoint: /users/delta }
      update:
        summary: Change the department.
        method: PATCH
        endpoint: /users/{id}
        body: { department: "{{ params.department }}" }
      delete:
        summary: Delete.
        method: DELETE
        endpoint: /users/{id}
        expect: [ { status: 404, as: absent } ]
  group:
    commands:
      add_member:
        summary: Add a member.
        method: POST
        endpoint: /groups/{id}/members/$ref
        body: { "@odata.id": { ref: directoryObjects, id: "{{ params.member_id }}" } }
        expect:
          - { status: 204, as: created }
          - { status: 400, message: already exist, as: present }
  application:
    commands:
      create: { summary: Register., method: POST, endpoint: /applications, body: { displayName: "{{ params.name }}" } }
      add_password:
        summary: Add a secret.
        method: POST
        endpoint: "/applications/{id}/addPassword"
        secrets: [secretText]
        body: { passwordCredential: { displayName: run } }
  graph:
    commands:
      batch: { summary: Batch., method: POST, endpoint: /$batch, body: { requests: "{{ params.requests }}" } }
"#;

struct Bench {
    system: System,
    runner: Runner,
    simulator: Simulator,
    server: Server,
}

async fn bench(faults: FaultPlan) -> Bench {
    let tenant = Tenant::builder().seed(7).users(45).build();
    bench_of(Simulator::builder(tenant).faults(faults).build()).await
}

async fn bench_of(simulator: Simulator) -> Bench {
    let server = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let system = compile(&SourceFile::new("test.yaml", SYSTEM), None).system.expect("no errors");
    let variables = Variables::from_iter([
        ("ROOT", server.graph_root()),
        ("AUTHORITY", server.authority()),
        ("TENANT", simulator.tenant_id()),
        ("CLIENT", simulator.client_id().to_owned()),
        ("SECRET", simulator.client_secret().to_owned()),
    ]);
    let settings = system.connection.as_ref().unwrap().resolve(&variables).unwrap();
    let runner = Runner::connect(&settings).unwrap();
    Bench { system, runner, simulator, server }
}

impl Bench {
    async fn run(&self, command: &str, arguments: Arguments) -> graph_dsl::Envelope {
        let plan = self.system.catalogue.get(command).expect("a command");
        self.runner.run(plan, &arguments).await
    }

    fn ids(&self, kind: Kind) -> Vec<String> {
        self.simulator.truth().objects(kind).map(|object| object.id.to_string()).collect()
    }
}

#[tokio::test]
async fn pages_are_followed_and_consolidated() {
    let bench = bench(FaultPlan::new(1)).await;
    let envelope = bench.run("user.list", Arguments::new()).await;
    assert!(envelope.is_success(), "{envelope:?}");
    let value = serde_json::to_value(&envelope).unwrap();
    assert_eq!(value["response"]["success"], true);
    assert_eq!(value["response"]["data"]["value"].as_array().map(Vec::len), Some(45));
    assert_eq!(value["response"]["data"].get("@odata.nextLink"), None);
    assert_eq!(value["response"]["meta"]["pages"], 5);
    assert_eq!(value["response"]["meta"]["complete"], true);
    assert_eq!(value["response"]["meta"]["outcome"], "ok");
}

#[tokio::test]
async fn auto_paginate_false_gives_one_page_and_its_next_link() {
    let bench = bench(FaultPlan::new(1)).await;
    let envelope = bench.run("user.page", Arguments::new()).await;
    assert_eq!(envelope.data["value"].as_array().map(Vec::len), Some(10));
    assert!(envelope.data["@odata.nextLink"].is_string());
    assert!(!envelope.meta.complete);
    let plan = bench.system.catalogue.get("user.page").unwrap();
    let mut options = RunOptions::default();
    options.auto_paginate = Some(true);
    let all = bench.runner.run_with(plan, &Arguments::new(), &options).await;
    assert_eq!(all.data["value"].as_array().map(Vec::len), Some(45));
}

#[tokio::test]
async fn a_delta_walk_keeps_its_delta_link() {
    let bench = bench(FaultPlan::new(1)).await;
    let envelope = bench.run("user.delta", Arguments::new()).await;
    assert_eq!(envelope.data["value"].as_array().map(Vec::len), Some(45));
    let link = envelope.data["@odata.deltaLink"].as_str().unwrap_or_default();
    assert!(link.contains("deltatoken"), "{envelope:?}");
}

#[tokio::test]
async fn a_mapping_renames_what_graph_answers() {
    let bench = bench(FaultPlan::new(1)).await;
    let id = bench.ids(Kind::User).remove(0);
    let envelope = bench.run("user.person", Arguments::new().with("id", id)).await;
    let keys: Vec<&String> = envelope.data.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["name", "phones"]);
    assert!(
        envelope.data["name"].is_string() && envelope.data["phones"].is_string(),
        "{envelope:?}"
    );
}

#[tokio::test]
async fn a_failure_has_the_earlier_systems_shape() {
    let bench = bench(FaultPlan::new(1)).await;
    let absent = "00000000-0000-4000-8000-00000000dead";
    let envelope = bench.run("user.get", Arguments::new().with("id", absent)).await;
    assert_eq!(envelope.outcome(), Outcome::NotFound);
    let value = serde_json::to_value(&envelope).unwrap();
    let response = &value["response"];
    assert_eq!((&response["success"], &response["data"]), (&json!(false), &Value::Null));
    assert_eq!(response["status_code"], 404);
    assert_eq!(response["detail"]["error"], "HTTP Error 404");
    let url = response["detail"]["upstream"]["url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/v1.0/users/{absent}")), "{url}");
    assert_eq!(
        response["detail"]["upstream"]["detail"]["error"]["code"],
        "Request_ResourceNotFound"
    );
    assert_eq!(response["meta"]["outcome"], "not_found");
    assert!(response["meta"]["defined_at"].as_str().unwrap().starts_with("test.yaml:"));
}

#[tokio::test]
async fn rules_turn_refusals_into_outcomes() {
    let bench = bench(FaultPlan::new(1)).await;
    let group = bench.ids(Kind::Group).remove(0);
    let members = bench.simulator.truth().memberships();
    let inside: Vec<String> = members
        .iter()
        .filter(|edge| edge.group.to_string() == group)
        .map(|edge| edge.member.to_string())
        .collect();
    let outside = bench.ids(Kind::User).into_iter().find(|id| !inside.contains(id)).unwrap();
    let arguments = Arguments::new().with("id", group).with("member_id", outside);
    let first = bench.run("group.add_member", arguments.clone()).await;
    assert_eq!(first.outcome(), Outcome::Created, "{first:?}");
    let second = bench.run("group.add_member", arguments).await;
    assert_eq!(second.outcome(), Outcome::Present, "{second:?}");
    assert!(second.is_success() && second.data.is_null());
}

#[tokio::test]
async fn a_delete_that_finds_nothing_is_absent() {
    let bench = bench(FaultPlan::new(1)).await;
    let arguments = Arguments::new().with("id", bench.ids(Kind::User).remove(0));
    assert_eq!(bench.run("user.delete", arguments.clone()).await.outcome(), Outcome::Deleted);
    assert_eq!(bench.run("user.delete", arguments).await.outcome(), Outcome::Absent);
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_unknown() {
    let lost = FaultRule::new(Fault::LostAnswer).path("/groups/*/members/$ref");
    let bench = bench(FaultPlan::new(1).rule(lost)).await;
    let arguments = Arguments::new()
        .with("id", bench.ids(Kind::Group).remove(0))
        .with("member_id", bench.ids(Kind::User).remove(0));
    let envelope = bench.run("group.add_member", arguments).await;
    assert_eq!(envelope.outcome(), Outcome::Unknown, "{envelope:?}");
    assert!(!envelope.is_success());
    let sent = bench.simulator.requests();
    let sent = sent.iter().filter(|request| request.path().ends_with("/members/$ref")).count();
    assert_eq!(sent, 1, "a write that may have landed is not repeated");
}

#[tokio::test]
async fn wrong_arguments_send_nothing() {
    let bench = bench(FaultPlan::new(1)).await;
    let envelope = bench.run("user.get", Arguments::new().with("ID", "x")).await;
    assert!(!envelope.is_success());
    let detail = envelope.detail.unwrap();
    assert_eq!(detail.arguments.len(), 2, "{detail:?}");
    assert_eq!(bench.simulator.requests().len(), 0);
}

#[tokio::test]
async fn a_batch_over_twenty_is_split_and_answers_in_order() {
    let bench = bench(FaultPlan::new(1)).await;
    let ids = bench.ids(Kind::User);
    let requests: Vec<Value> = ids
        .iter()
        .take(25)
        .map(|id| json!({"id": id, "method": "GET", "url": format!("/users/{id}?$select=id")}))
        .collect();
    let envelope = bench.run("graph.batch", Arguments::new().with("requests", requests)).await;
    assert!(envelope.is_success(), "{envelope:?}");
    let responses = envelope.data["responses"].as_array().unwrap();
    let answered: Vec<&str> =
        responses.iter().filter_map(|each| each["body"]["id"].as_str()).collect();
    assert_eq!(answered, ids.iter().take(25).map(String::as_str).collect::<Vec<_>>());
    let outer = bench.simulator.requests();
    assert_eq!(outer.iter().filter(|request| request.path().ends_with("/$batch")).count(), 2);
}

#[tokio::test]
async fn a_failed_item_makes_the_batch_fail_and_keeps_the_others() {
    let bench = bench(FaultPlan::new(1)).await;
    let id = bench.ids(Kind::User).remove(0);
    let requests = json!([
        {"id": "1", "method": "GET", "url": format!("/users/{id}")},
        {"id": "2", "method": "GET", "url": "/users/00000000-0000-4000-8000-00000000dead"},
    ]);
    let envelope = bench.run("graph.batch", Arguments::new().with("requests", requests)).await;
    assert!(!envelope.is_success());
    assert_eq!(envelope.data["responses"][0]["status"], 200);
    assert_eq!(envelope.data["responses"][1]["status"], 404);
    assert_eq!(envelope.detail.unwrap().error, "1 of 2 requests failed");
}

#[tokio::test]
async fn a_request_that_is_bound_already_is_sent_as_it_is() {
    let bench = bench(FaultPlan::new(1)).await;
    let plan = bench.system.catalogue.get("user.list").unwrap();
    let root = graph_dsl::Root::new(bench.runner.client().cloud().graph_root()).unwrap();
    let request = plan.bind(&Arguments::new(), &root).unwrap();
    let sent = bench.runner.send(plan, &request).await;
    assert_eq!(sent.data, bench.run("user.list", Arguments::new()).await.data);
    assert_eq!(sent.data["value"].as_array().map(Vec::len), Some(45));
}

#[tokio::test]
async fn an_unreachable_host_is_named() {
    let Bench { system, runner, server, .. } = bench(FaultPlan::new(1)).await;
    server.shutdown().await;
    let envelope = runner.run(system.catalogue.get("user.list").unwrap(), &Arguments::new()).await;
    assert!(!envelope.is_success());
    let error = envelope.detail.as_ref().unwrap().error.clone();
    assert!(error.contains("127.0.0.1"), "{error}");
    assert_eq!(error.matches("onnection refused").count(), 1, "{error}");
    assert_eq!(envelope.disposition(), Some(graph_transport::Disposition::Transient));
    assert_eq!(envelope.status_code, None);
}

/// E15: a new secret is nowhere but where it is asked for.
#[tokio::test]
async fn a_secret_of_the_answer_is_withheld_from_its_data() {
    let bench = bench(FaultPlan::default()).await;
    let created = bench.run("application.create", Arguments::new().with("name", "Portal")).await;
    let id = created.data["id"].clone();
    let envelope = bench.run("application.add_password", Arguments::new().with("id", id)).await;
    assert!(envelope.is_success(), "{:?}", envelope.detail);
    let secret = envelope.secret("secretText").expect("the answer holds it").expose().to_owned();
    assert!(!secret.is_empty());
    let shown = format!("{envelope:?} {}", serde_json::to_string(&envelope).unwrap());
    assert!(!shown.contains(&secret), "{shown}");
    assert_eq!(envelope.data["secretText"], "***");
    assert_eq!(envelope.revealed()["secretText"], secret);
}
