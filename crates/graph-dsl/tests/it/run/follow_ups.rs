//! `ensure` and `wait_for` against a simulated tenant in this process, in virtual time.

use std::time::Duration;

use graph_dsl::{Arguments, Envelope, Outcome, Runner, SourceFile, System, compile};
use graph_simulator::{Fault, FaultPlan, FaultRule, Kind, Simulator, Tenant};
use graph_transport::{Cloud, CustomCloud, GraphClient, Secret, StaticBearer};
use serde_json::json;

const SYSTEM: &str = r#"
name: test
schema_mappings:
  named: { name: $.displayName }
object_types:
  user:
    commands:
      get: { summary: One., method: GET, endpoint: "/users/{id}" }
      update:
        summary: Change.
        method: PATCH
        endpoint: /users/{id}
        body: { displayName: "{{ params.displayName }}", department: "{{ params.department | default(none) }}" }
        ensure: { read: get }
      update_and_see:
        summary: Change, and wait until reads show it.
        method: PATCH
        endpoint: /users/{id}
        body: { department: "{{ params.department }}" }
        wait_for:
          read: seen
          until: { path: $.department, equals: Land }
          every: 5
          max: 60
      seen: { summary: The department., method: GET, endpoint: "/users/{id}", query: { $select: department } }
      delete: { summary: Delete., method: DELETE, endpoint: "/users/{id}", ensure: { read: get }, wait_for: { read: get, max: 60 } }
      restless:
        summary: A read that waits.
        method: GET
        endpoint: /users/{id}
        query: { $select: [id, department] }
        wait_for: { read: restless, until: { path: $.department, equals: never }, every: 1, max: 600, attempts: 3 }
  application:
    commands:
      find:
        summary: By name.
        method: GET
        endpoint: /applications
        query: { $filter: "displayName eq '{{ params.displayName }}'" }
      create:
        summary: Register once.
        method: POST
        endpoint: /applications
        arguments: { displayName: { type: string }, signInAudience: { type: string, default: AzureADMyOrg } }
        body: { displayName: "{{ params.displayName }}", signInAudience: "{{ params.signInAudience }}" }
        ensure: { read: find, update: update }
        schema_mapping: named
      register:
        summary: Register once, change nothing.
        method: POST
        endpoint: /applications
        arguments: { displayName: { type: string }, signInAudience: { type: string } }
        body: { displayName: "{{ params.displayName }}", signInAudience: "{{ params.signInAudience }}" }
        ensure: { read: find }
        wait_for: { read: get, every: 2, max: 120 }
      update:
        summary: Change.
        method: PATCH
        endpoint: /applications/{id}
        body: { signInAudience: "{{ params.signInAudience }}" }
      get: { summary: One., method: GET, endpoint: "/applications/{id}" }
"#;

struct Bench {
    system: System,
    runner: Runner,
    simulator: Simulator,
}

fn bench(lag: u64, faults: FaultPlan) -> Bench {
    let tenant = Tenant::builder().seed(7).users(20).build();
    let builder = Simulator::builder(tenant).faults(faults);
    let simulator = builder.replication_lag(Duration::from_secs(lag)).build();
    let token = StaticBearer::new(Secret::new(simulator.access_token()));
    let root = "http://127.0.0.1:1".to_owned();
    let custom = CustomCloud {
        graph_root: root.clone(),
        authority: root,
        ca_bundle: None,
        allow_insecure_loopback: true,
    };
    let client =
        GraphClient::builder(Cloud::custom(custom).unwrap(), token).wire(simulator.service());
    let compiled = compile(&SourceFile::new("test.yaml", SYSTEM), None);
    let problems: Vec<String> = compiled.diagnostics.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    let system = compiled.system.unwrap();
    Bench { system, runner: Runner::new(client.build().unwrap()), simulator }
}

impl Bench {
    async fn run<const N: usize>(&self, command: &str, pairs: [(&str, &str); N]) -> Envelope {
        let plan = self.system.catalogue.get(command).expect("a command");
        let arguments: Arguments = pairs.into_iter().collect();
        let envelope = self.runner.run(plan, &arguments).await;
        assert_eq!(envelope.meta.command, command);
        envelope
    }

    /// Requests that were sent with this method.
    fn sent(&self, method: &str) -> usize {
        self.simulator.requests().iter().filter(|it| it.method == method).count()
    }

    fn user(&self) -> String {
        self.simulator.truth().objects(Kind::User).next().unwrap().id.to_string()
    }
}

#[tokio::test(start_paused = true)]
async fn ensure_creates_once_then_updates_what_differs() {
    let bench = bench(0, FaultPlan::new(1));
    let first = bench.run("application.create", [("displayName", "Portal")]).await;
    assert_eq!((first.outcome(), &first.data), (Outcome::Created, &json!({"name": "Portal"})));
    let again = bench.run("application.create", [("displayName", "Portal")]).await;
    assert_eq!((again.outcome(), &again.data), (Outcome::Present, &json!({"name": "Portal"})));
    assert_eq!((bench.sent("POST"), bench.sent("PATCH")), (1, 0));

    let audience = [("displayName", "Portal"), ("signInAudience", "AzureADMultipleOrgs")];
    let changed = bench.run("application.create", audience).await;
    assert_eq!(changed.outcome(), Outcome::Updated, "{changed:?}");
    assert_eq!(changed.meta.changes, ["signInAudience"]);
    let again = bench.run("application.create", audience).await;
    assert_eq!((again.outcome(), again.meta.changes.len()), (Outcome::Present, 0));
    assert_eq!((bench.sent("POST"), bench.sent("PATCH")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_patch_sends_only_what_differs() {
    let bench = bench(0, FaultPlan::new(1));
    let id = bench.user();
    let name = bench.run("user.get", [("id", &id)]).await.data["displayName"].clone();
    let arguments =
        [("id", id.as_str()), ("displayName", name.as_str().unwrap()), ("department", "Sea")];
    let changed = bench.run("user.update", arguments).await;
    assert_eq!(
        (changed.outcome(), changed.meta.changes),
        (Outcome::Updated, vec!["department".to_owned()])
    );
    assert_eq!(bench.run("user.update", arguments).await.outcome(), Outcome::Present);
    assert_eq!(bench.sent("PATCH"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_create_is_looked_for_instead_of_repeated() {
    let lost = FaultRule::new(Fault::LostAnswer).method("POST").path("/applications").nth(1);
    let bench = bench(3, FaultPlan::new(1).rule(lost));
    let envelope = bench.run("application.create", [("displayName", "Portal")]).await;
    assert_eq!(envelope.outcome(), Outcome::Created, "{envelope:?}");
    assert_eq!(envelope.data, json!({"name": "Portal"}));
    assert_eq!(bench.sent("POST"), 1);
    assert_eq!(
        bench.run("application.create", [("displayName", "Portal")]).await.outcome(),
        Outcome::Present
    );
    assert_eq!(bench.sent("POST"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_never_shows_stays_unknown() {
    let lost = FaultRule::new(Fault::LostAnswer).method("POST").path("/applications");
    let bench = bench(3_600, FaultPlan::new(1).rule(lost));
    let envelope = bench.run("application.create", [("displayName", "Portal")]).await;
    assert_eq!(envelope.outcome(), Outcome::Unknown, "{envelope:?}");
    let error = envelope.detail.unwrap().error;
    assert!(error.ends_with("looked for it 4 times and did not see it"), "{error}");
    assert_eq!(bench.sent("POST"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_nothing_can_change_is_a_conflict() {
    let bench = bench(0, FaultPlan::new(1));
    let portal = |audience| [("displayName", "Portal"), ("signInAudience", audience)];
    let first = bench.run("application.register", portal("AzureADMyOrg")).await;
    assert_eq!(first.outcome(), Outcome::Created, "{first:?}");
    let other = bench.run("application.register", portal("AzureADMultipleOrgs")).await;
    assert_eq!((other.outcome(), other.status_code), (Outcome::Conflict, None));
    assert_eq!(
        other.detail.unwrap().error,
        "it is there, and nothing can change its signInAudience"
    );
    assert_eq!(bench.sent("POST"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_means_several_objects_writes_nothing() {
    let bench = bench(0, FaultPlan::new(1));
    for _ in 0..2 {
        let body = json!({"displayName": "Twin"});
        let link = bench.runner.client().cloud().link("/v1.0/applications").unwrap();
        let request = graph_transport::GraphRequest::new(http::Method::POST, link);
        let request = request
            .body(body.to_string().into(), http::HeaderValue::from_static("application/json"));
        assert!(bench.runner.client().send(request).await.unwrap().status().is_success());
    }
    let envelope = bench.run("application.create", [("displayName", "Twin")]).await;
    assert_eq!(envelope.outcome(), Outcome::Conflict, "{envelope:?}");
    assert_eq!(bench.sent("POST"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_writes_nothing() {
    let denied = FaultRule::new(Fault::error(403, "Authorization_RequestDenied")).method("GET");
    let bench = bench(0, FaultPlan::new(1).rule(denied));
    let envelope = bench.run("application.create", [("displayName", "Portal")]).await;
    assert_eq!(envelope.outcome(), Outcome::Forbidden, "{envelope:?}");
    let error = envelope.detail.unwrap().error;
    assert_eq!(error, "failed to look with `application.find` before writing: HTTP Error 403");
    assert_eq!(bench.sent("POST"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_delete_waits_until_the_object_is_gone() {
    let bench = bench(7, FaultPlan::new(1));
    let id = bench.user();
    let deleted = bench.run("user.delete", [("id", &id)]).await;
    assert_eq!(deleted.outcome(), Outcome::Deleted, "{deleted:?}");
    let waited = deleted.meta.waited.unwrap();
    assert_eq!((waited.done, waited.reads, waited.status), (true, 5, Some(404)));
    let again = bench.run("user.delete", [("id", &id)]).await;
    assert_eq!((again.outcome(), again.meta.waited), (Outcome::Absent, None));
    assert_eq!(bench.sent("DELETE"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_takes_the_id_from_the_answer() {
    let bench = bench(9, FaultPlan::new(1));
    let arguments = [("displayName", "Portal"), ("signInAudience", "AzureADMyOrg")];
    let envelope = bench.run("application.register", arguments).await;
    let waited = envelope.meta.waited.unwrap();
    assert_eq!((envelope.meta.outcome, waited.done), (Outcome::Created, true));
    assert_eq!((waited.reads, waited.status), (6, Some(200)));
}

#[tokio::test(start_paused = true)]
async fn over_the_bound_a_write_is_accepted_and_a_read_failed() {
    let bench = bench(3_600, FaultPlan::new(1));
    let id = bench.user();
    let began = tokio::time::Instant::now();
    let envelope = bench.run("user.update_and_see", [("id", &id), ("department", "Sea")]).await;
    assert!(began.elapsed() <= Duration::from_secs(60));
    let waited = envelope.meta.waited.clone().unwrap();
    assert_eq!((envelope.outcome(), waited.done, waited.reads), (Outcome::Accepted, false, 12));
    // The replica that is asked shows the user as it was.
    assert!(envelope.is_success() && waited.last_seen.is_string(), "{envelope:?}");
    assert_ne!(waited.last_seen, json!("Sea"));

    let envelope = bench.run("user.restless", [("id", &id)]).await;
    assert_eq!(envelope.outcome(), Outcome::Failed);
    let error = envelope.detail.unwrap().error;
    assert!(error.contains("3 reads in at most 600 s, last seen: "), "{error}");
}

#[tokio::test(start_paused = true)]
async fn wrong_arguments_of_the_read_send_nothing() {
    let bench = bench(0, FaultPlan::new(1));
    let plan = bench.system.catalogue.get("user.delete").unwrap();
    let envelope = bench.runner.run(plan, &Arguments::new().with("id", "a/b")).await;
    assert!(!envelope.is_success() && envelope.disposition().is_none(), "{envelope:?}");
    assert_eq!(bench.simulator.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn many_calls_look_one_by_one() {
    use futures_util::StreamExt;
    let bench = bench(0, FaultPlan::new(1));
    let plan = bench.system.catalogue.get("application.create").unwrap();
    let root = graph_dsl::Root::new(bench.runner.client().cloud().graph_root()).unwrap();
    let bind = |name: &str| plan.bind(&Arguments::new().with("displayName", name), &root).unwrap();
    let requests = ["A", "B", "C", "A"].map(bind);
    let answers: Vec<_> = bench.runner.send_each(plan, requests, 1).collect().await;
    let outcomes: Vec<Outcome> = answers.iter().map(|(_, envelope)| envelope.outcome()).collect();
    assert_eq!(outcomes, [Outcome::Created, Outcome::Created, Outcome::Created, Outcome::Present]);
}
