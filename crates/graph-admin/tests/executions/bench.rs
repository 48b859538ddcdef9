//! A simulated tenant, and the catalogue over it.

use graph_admin::{Admin, system};
use graph_dsl::{Arguments, CommandPlan, Envelope};
use graph_simulator::{Server, Simulator, Tenant};
use graph_transport::{ClientSecret, Cloud, CustomCloud, GraphClient, Secret};
use serde_json::json;

use crate::arguments::arguments;
use crate::table::table;

/// A tenant of its own, and who may do what there.
pub(crate) struct Bench {
    admin: Admin,
    _server: Server,
}

impl Bench {
    pub(crate) async fn start(permitted: bool) -> Self {
        let tenant = Tenant::builder().seed(11).users(90).build();
        let builder = Simulator::builder(tenant);
        let builder = if permitted { builder } else { builder.permissions::<String>([]) };
        let simulator = builder.build();
        let server = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let cloud = Cloud::custom(CustomCloud {
            graph_root: server.graph_root(),
            authority: server.authority(),
            ca_bundle: None,
            allow_insecure_loopback: true,
        })
        .unwrap();
        let secret = Secret::new(simulator.client_secret());
        let credential = ClientSecret::new(simulator.tenant_id(), simulator.client_id(), secret);
        let client = GraphClient::builder(cloud, credential).build().unwrap();
        Self { admin: Admin::new(client), _server: server }
    }

    pub(crate) async fn run(&self, command: &str, arguments: Arguments) -> Envelope {
        self.admin
            .run(command, arguments)
            .await
            .unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// The calls before a command, then the command as often as asked.
    pub(crate) async fn execute(
        &self,
        plan: &CommandPlan,
        times: usize,
    ) -> Result<Vec<Envelope>, String> {
        let row = table().get(plan.full_name().as_str()).cloned().unwrap_or_default();
        let mut answers = Vec::new();
        for step in &row.before {
            let (command, given) = step.split_once(' ').unwrap_or((step, ""));
            let earlier = system().catalogue.get(command).ok_or(format!("no {command}"))?;
            let envelope = self.run(command, arguments(earlier, given, &answers).await?).await;
            if !envelope.is_success() {
                return Err(format!("before it, {command}: {}", words(&envelope)));
            }
            answers.push(envelope.revealed());
        }
        let arguments = arguments(plan, &row.arguments, &answers).await?;
        let mut envelopes = Vec::new();
        for _ in 0..times {
            envelopes.push(self.run(&plan.full_name(), arguments.clone()).await);
        }
        Ok(envelopes)
    }
}

/// A refusal in Graph's words.
pub(crate) fn words(envelope: &Envelope) -> String {
    let detail = envelope.detail.as_ref();
    let said =
        detail.and_then(|detail| detail.upstream.as_ref()).map(|it| &it.detail["error"]["message"]);
    format!("{} {:?} {}", envelope.outcome(), envelope.status_code, said.unwrap_or(&json!("")))
}
