//! Every command of the catalogue, bound for each cloud: what would be sent, and where.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use graph_dsl::{
    Arguments, Catalogue, CommandPlan, Method, OutcomeRule, Request, Root, SourceFile, Variables,
    compile,
};
use graph_transport::{Cloud, CloudName};
use serde_json::json;

fn catalogue() -> &'static Catalogue {
    &graph_admin::system().catalogue
}

fn by_object_type() -> BTreeMap<&'static str, Vec<&'static CommandPlan>> {
    let mut types: BTreeMap<&str, Vec<&CommandPlan>> = BTreeMap::new();
    for plan in catalogue().iter() {
        types.entry(&plan.object_type).or_default().push(plan);
    }
    types
}

/// The same, as far as the cloud offers it.
fn offered_in(cloud: CloudName) -> BTreeMap<&'static str, Vec<&'static CommandPlan>> {
    let mut types = by_object_type();
    for plans in types.values_mut() {
        plans.retain(|plan| plan.is_offered_in(cloud.as_str()));
    }
    types.retain(|_, plans| !plans.is_empty());
    types
}

fn root(cloud: CloudName) -> Root {
    Root::new(Cloud::named(cloud).unwrap().graph_root()).unwrap()
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

fn bound(plan: &CommandPlan, root: &Root) -> Vec<Request> {
    let bind = |arguments: &Arguments| {
        let request = plan.bind(arguments, root);
        request.unwrap_or_else(|errors| panic!("{}: {errors:?}", plan.full_name()))
    };
    examples(plan).iter().map(bind).collect()
}

/// Everything that a request says, on a few lines.
fn shown(request: &Request, root: &Root) -> String {
    let mut text = format!("  {} {root}{}\n", request.method, request.path_and_query);
    for (name, value) in &request.headers {
        let _ = writeln!(text, "    {name}: {value}");
    }
    if let Some(body) = &request.body {
        let _ = writeln!(text, "    {body}");
    }
    if let Some(content) = &request.content {
        let _ = writeln!(text, "    {} bytes", content.len());
    }
    text
}

/// The plan of a command, without what differs between clouds.
fn described(plan: &CommandPlan) -> serde_json::Value {
    let condition = |rule: &OutcomeRule| {
        let statuses: Vec<String> = rule.statuses.iter().map(ToString::to_string).collect();
        let code = rule.code.iter().map(|code| format!("code {code}"));
        let message = rule.message.iter().map(|message| format!("message {message:?}"));
        let all: Vec<String> = statuses.into_iter().chain(code).chain(message).collect();
        format!("{}: {}", all.join(" "), rule.outcome)
    };
    let arguments = plan.signature.arguments.iter().map(|argument| {
        let need = if argument.required { "" } else { "?" };
        format!("{}{need}: {}", argument.name, argument.kind)
    });
    json!({
        "summary": plan.summary,
        "request": format!("{} /{}{}", plan.method, plan.version, plan.endpoint),
        "arguments": arguments.collect::<Vec<_>>(),
        "permission": plan.permission.to_string(),
        "requires": plan.requires,
        "safety": plan.safety.as_str(),
        "idempotent": plan.safety.idempotent,
        "restorable": plan.safety.restorable,
        "outcomes": plan.expect.iter().map(condition).collect::<Vec<_>>(),
        "secrets": plan.secrets,
        "aliases": plan.aliases,
        "not_in": plan.unavailable_in,
    })
}

fn in_folder(folder: &str, check: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../catalogue/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(check);
}

#[test]
fn every_plan_is_as_recorded() {
    in_folder("plans", || {
        for (object_type, plans) in by_object_type() {
            let plans: BTreeMap<String, serde_json::Value> =
                plans.iter().map(|plan| (plan.full_name(), described(plan))).collect();
            insta::assert_snapshot!(object_type, serde_json::to_string_pretty(&plans).unwrap());
        }
    });
}

#[test]
fn every_command_is_bound_as_recorded_for_every_cloud() {
    for cloud in CloudName::FIXED {
        let root = root(cloud);
        in_folder(cloud.as_str(), || {
            for (object_type, plans) in offered_in(cloud) {
                let mut text = String::new();
                for plan in plans {
                    let _ = writeln!(text, "{}", plan.full_name());
                    text.extend(bound(plan, &root).iter().map(|request| shown(request, &root)));
                }
                insta::assert_snapshot!(object_type, text);
            }
        });
    }
}

#[test]
fn every_command_has_a_summary_and_shows_how_it_is_called() {
    for plan in catalogue().iter() {
        assert!(plan.summary.is_some(), "{} has no summary", plan.full_name());
        // A secret stands in no file, so a command that takes one has no example.
        let secret = plan.signature.arguments.iter().any(|it| it.kind.name() == "secret");
        assert!(secret || !plan.examples.is_empty(), "{} has no example", plan.full_name());
        assert!(
            !plan.permission.is_unknown() || !plan.requires.is_empty() || plan.is_batch(),
            "{} does not say what it needs",
            plan.full_name()
        );
    }
}

/// E14: `$ref` bodies name the cloud's own host, and nothing that is bound for one cloud names another.
#[test]
fn no_request_names_the_host_of_another_cloud() {
    for cloud in CloudName::FIXED {
        let root = root(cloud);
        let text: String = catalogue()
            .iter()
            .flat_map(|plan| bound(plan, &root))
            .map(|request| shown(&request, &root))
            .collect();
        names_no_other_cloud(cloud, &text);
    }
}

/// The same of what is recorded, so that no stale snapshot hides a host.
#[test]
fn no_snapshot_names_the_host_of_another_cloud() {
    for cloud in CloudName::FIXED {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue").join(cloud.as_str());
        let mut recorded = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            names_no_other_cloud(cloud, &text);
            recorded += 1;
        }
        assert_eq!(
            recorded,
            offered_in(cloud).len(),
            "{cloud} has snapshots of other object types"
        );
    }
}

fn names_no_other_cloud(cloud: CloudName, text: &str) {
    let own = host(cloud);
    for other in CloudName::FIXED.into_iter().filter(|other| *other != cloud) {
        let host = host(other);
        let foreign = text.lines().find(|line| {
            // One cloud's host may end like another's: dod-graph.microsoft.us, graph.microsoft.us.
            line.matches(&host).count() > own.matches(&host).count() * line.matches(&own).count()
        });
        assert_eq!(foreign, None, "{cloud} names {host}");
    }
}

fn host(cloud: CloudName) -> String {
    let cloud = Cloud::named(cloud).unwrap();
    cloud.graph_root().trim_start_matches("https://").to_owned()
}

#[test]
fn references_follow_the_cloud() {
    for (command, body) in
        [("group.add_member", "member_id"), ("application.add_owner", "owner_id")]
    {
        let plan = catalogue().get(command).unwrap();
        let example = &plan.examples[0];
        let member = example.params.get(body).unwrap().as_str().unwrap();
        for cloud in CloudName::FIXED {
            let root = root(cloud);
            let request = plan.bind(&example.params, &root).unwrap();
            let expected = format!("{root}/v1.0/directoryObjects/{member}");
            assert_eq!(request.body.unwrap()["@odata.id"], expected, "{command} in {cloud}");
        }
    }
}

/// `systems/entra-gov.yaml` has a connection and nothing else; every command follows it.
#[test]
fn the_government_system_binds_every_command_to_its_own_host() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems/entra-gov.yaml");
    let source = SourceFile::new("systems/entra-gov.yaml", std::fs::read(path).unwrap());
    let compiled = compile(&source, Some(graph_admin::system()));
    assert!(compiled.diagnostics.is_empty(), "{:#?}", compiled.diagnostics);
    let system = compiled.system.unwrap();
    assert_eq!(system.catalogue.len(), catalogue().len());

    let variables = ["ENTRA_TENANT_ID", "ENTRA_CLIENT_ID", "ENTRA_CLIENT_SECRET"]
        .map(|name| (name, "11111111-2222-3333-4444-555555555555"));
    let connection = system.connection.as_ref().unwrap();
    let settings = connection.resolve(&Variables::from_iter(variables)).unwrap();
    let client = graph_dsl::connect(&settings).unwrap();
    let root = Root::new(client.cloud().graph_root()).unwrap();
    assert_eq!(root.as_str(), "https://graph.microsoft.us");
    let offered = system.catalogue.iter().filter(|plan| plan.is_offered_in("us_gov_l4"));
    let mut references = 0;
    for request in offered.flat_map(|plan| bound(plan, &root)) {
        let text = shown(&request, &root);
        names_no_other_cloud(CloudName::UsGovL4, &text);
        references += text.matches("https://graph.microsoft.us/v1.0/directoryObjects/").count();
    }
    assert!(references >= 15, "only {references} references were bound");
}

/// The first wave of the catalogue: every object type, and the batch that is sent as one.
#[test]
fn the_catalogue_covers_the_first_wave() {
    assert!(catalogue().len() >= 245, "{} commands", catalogue().len());
    assert!(catalogue().get("graph.batch").unwrap().is_batch());
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let count =
        format!("{} commands over {} object types", catalogue().len(), by_object_type().len());
    assert!(std::fs::read_to_string(readme).unwrap().contains(&count), "README.md: {count}");
}

/// What an answer shows once is declared, so that nothing prints or stores it.
#[test]
fn answers_that_hold_a_secret_say_so() {
    let secret = |plan: &&CommandPlan| {
        let last = plan.endpoint.rsplit('/').next().unwrap_or_default();
        let creates = ["addPassword", "temporaryAccessPassMethods"].contains(&last);
        let reads = ["/recoveryKeys/{", "/deviceLocalCredentials/{"];
        match plan.method {
            Method::Post => creates,
            Method::Get => reads.iter().any(|part| plan.endpoint.contains(part)),
            _ => false,
        }
    };
    let found: Vec<&CommandPlan> = catalogue().iter().filter(secret).collect();
    assert_eq!(found.len(), 5);
    for plan in found {
        assert!(!plan.secrets.is_empty(), "{} does not name its secret", plan.full_name());
    }
}
