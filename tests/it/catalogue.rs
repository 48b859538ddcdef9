//! Every command of the catalogue, bound for each cloud: what would be sent, and where.

use graph_dsl::{Arguments, CommandPlan, OutcomeRule, Request, Root};
use graph_transport::{Cloud, CloudName};
use serde_json::{Map, Value, json};

/// The clouds of the snapshots, and what no snapshot of another may name.
const CLOUDS: [CloudName; 3] = [CloudName::Global, CloudName::UsGovL4, CloudName::China];

fn root(cloud: CloudName) -> Root {
    Root::new(Cloud::named(cloud).unwrap().graph_root()).unwrap()
}

fn shown(request: &Request, root: &Root) -> Value {
    let headers: Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    json!({
        "request": format!("{} {root}{}", request.method, request.path_and_query),
        "headers": headers,
        "body": request.body,
        "idempotent": request.idempotent,
        "reads": request.reads,
    })
}

/// The command's own examples; where it can have none, because a secret must not stand in a file,
/// the sample of each required argument.
fn examples(plan: &CommandPlan) -> Vec<Arguments> {
    if !plan.examples.is_empty() {
        return plan.examples.iter().map(|example| example.params.clone()).collect();
    }
    let required = plan.signature.arguments.iter().filter(|argument| argument.required);
    let samples: Vec<(&str, String)> =
        required.map(|argument| (argument.name.as_str(), argument.example())).collect();
    let pairs = samples.iter().map(|(name, text)| (*name, text.as_str()));
    vec![Arguments::from_text_pairs(plan, pairs).unwrap()]
}

fn bound(plan: &CommandPlan, root: &Root) -> Vec<Value> {
    let bind = |arguments: &Arguments| {
        let request = plan.bind(arguments, root);
        shown(&request.unwrap_or_else(|errors| panic!("{}: {errors:?}", plan.full_name())), root)
    };
    examples(plan).iter().map(bind).collect()
}

fn snapshot(plan: &CommandPlan, root: &Root) -> String {
    let condition = |rule: &OutcomeRule| {
        let statuses: Vec<String> = rule.statuses.iter().map(ToString::to_string).collect();
        let code = rule.code.iter().map(|code| format!("code {code}"));
        let message = rule.message.iter().map(|message| format!("message {message:?}"));
        let all: Vec<String> = statuses.into_iter().chain(code).chain(message).collect();
        format!("{}: {}", all.join(" "), rule.outcome)
    };
    let document = json!({
        "command": plan.full_name(),
        "summary": plan.summary,
        "permission": plan.permission.to_string(),
        "safety": plan.safety.as_str(),
        "outcomes": plan.expect.iter().map(condition).collect::<Vec<_>>(),
        "bound": bound(plan, root),
    });
    serde_json::to_string_pretty(&document).unwrap()
}

#[test]
fn every_command_is_bound_as_recorded_for_every_cloud() {
    for cloud in CLOUDS {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("../catalogue/{cloud}"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for plan in graph_admin::system().catalogue.iter() {
                if plan.is_offered_in(cloud.as_str()) {
                    insta::assert_snapshot!(plan.full_name(), snapshot(plan, &root(cloud)));
                }
            }
        });
    }
}

#[test]
fn every_command_has_a_summary() {
    for plan in graph_admin::system().catalogue.iter() {
        assert!(plan.summary.is_some(), "{} has no summary", plan.full_name());
    }
}

/// `$ref` bodies name the cloud's own host, and nothing that is bound for one cloud names another.
#[test]
fn no_request_names_the_host_of_another_cloud() {
    for plan in graph_admin::system().catalogue.iter() {
        for cloud in CLOUDS {
            let root = root(cloud);
            for request in bound(plan, &root) {
                let text = request.to_string();
                for other in CloudName::FIXED.into_iter().filter(|other| *other != cloud) {
                    let foreign = Cloud::named(other).unwrap();
                    let host = foreign.graph_root().trim_start_matches("https://");
                    let named = text.matches(host).count();
                    // One cloud's host may end like another's: dod-graph.microsoft.us, graph.microsoft.us.
                    let own =
                        root.as_str().matches(host).count() * text.matches(root.as_str()).count();
                    assert_eq!(named, own, "{} in {cloud} names {host}: {text}", plan.full_name());
                }
            }
        }
    }
}

#[test]
fn references_follow_the_cloud() {
    for (command, body) in
        [("group.add_member", "member_id"), ("application.add_owner", "owner_id")]
    {
        let plan = graph_admin::system().catalogue.get(command).unwrap();
        let example = &plan.examples[0];
        let member = example.params.get(body).unwrap().as_str().unwrap();
        for cloud in CLOUDS {
            let root = root(cloud);
            let request = plan.bind(&example.params, &root).unwrap();
            let expected = format!("{root}/v1.0/directoryObjects/{member}");
            assert_eq!(request.body.unwrap()["@odata.id"], expected, "{command} in {cloud}");
        }
    }
}

/// Issue text of the first milestone: at least 15 commands over these.
#[test]
fn the_catalogue_covers_the_first_object_types() {
    let catalogue = &graph_admin::system().catalogue;
    assert!(catalogue.len() >= 15);
    for object_type in ["user", "group", "application", "device", "invitation"] {
        assert!(catalogue.iter().any(|plan| plan.object_type == object_type), "{object_type}");
    }
    assert!(catalogue.get("graph.batch").unwrap().is_batch());
}
