//! The shipped system files: clean, and bound in several clouds without a foreign host.

use std::path::Path;

use graph_dsl::{
    Argument, ArgumentKind, Arguments, Catalogue, Root, SourceFile, StreamKind, System, compile,
};
use serde_json::{Value, json};

/// The shipped file, where the whole repository is at hand; a packaged crate has none.
fn shipped(name: &str) -> Option<System> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems").join(name);
    let source = SourceFile::new(name, std::fs::read(path).ok()?);
    let compiled = compile(&source, None);
    let found: Vec<String> = compiled.diagnostics.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{found:#?}");
    compiled.system
}

/// A value that the argument accepts.
fn sample(argument: &Argument) -> Value {
    match &argument.kind {
        ArgumentKind::Secret => json!("s3cret"),
        kind => argument
            .sample
            .clone()
            .or_else(|| kind.read_text(&kind.example()))
            .expect("every kind has an example that fits"),
    }
}

fn arguments(catalogue: &Catalogue, command: &str) -> Arguments {
    let plan = catalogue.get(command).expect("a command");
    plan.signature.arguments.iter().map(|each| (each.name.clone(), sample(each))).collect()
}

#[test]
fn every_command_binds_and_names_no_foreign_host() {
    let Some(system) = shipped("entra.yaml") else { return };
    assert!(system.catalogue.len() >= 245);
    for host in ["graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"] {
        let root = Root::new(format!("https://{host}")).unwrap();
        for plan in system.catalogue.iter() {
            let name = plan.full_name();
            let request = plan.bind(&arguments(&system.catalogue, &name), &root).expect(&name);
            let text = format!("{} {:?}", request.path_and_query, request.body);
            assert!(!text.contains("graph.microsoft.com"), "{name}: {text}");
            if plan.endpoint.ends_with("/$ref") && request.body.is_some() {
                assert!(text.contains(&format!("https://{host}/v1.0/")), "{name}: {text}");
            }
        }
    }
}

#[test]
fn names_of_the_earlier_system_lead_to_their_commands() {
    let Some(system) = shipped("entra.yaml") else { return };
    for (alias, name) in [
        ("user.get_user_by_id", "user.get"),
        ("user.revoke_signin_sessions", "user.revoke_sign_in_sessions"),
        ("group.groups_delta", "group.delta"),
        ("application.add_application_password", "application.add_password"),
        ("device.list_user_registered", "user.list_registered_devices"),
        ("invitation.create_invitation", "invitation.create"),
    ] {
        assert_eq!(
            system.catalogue.get(alias).map(graph_dsl::CommandPlan::full_name),
            Some(name.to_owned())
        );
    }
    assert_eq!(system.catalogue.suggest("user.gte"), Some("user.get"));
}

#[test]
fn text_arguments_become_what_the_command_declares() {
    let Some(system) = shipped("entra.yaml") else { return };
    let plan = system.catalogue.get("user.update").unwrap();
    let pairs =
        [("id", "ada@contoso.com"), ("accountEnabled", "false"), ("businessPhones", "1, 2")];
    let arguments = Arguments::from_text_pairs(plan, pairs).unwrap();
    let request =
        plan.bind(&arguments, &Root::new("https://graph.microsoft.com").unwrap()).unwrap();
    assert_eq!(request.body, Some(json!({"businessPhones": ["1", "2"], "accountEnabled": false})));
    let wrong = Arguments::from_text_pairs(plan, [("accountEnabled", "no"), ("jobtitle", "x")]);
    let errors: Vec<String> = wrong.unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "argument `accountEnabled`: expected true or false, such as `true`, found `no`",
            "unknown argument `jobtitle`: did you mean `jobTitle`?",
        ]
    );
}

#[test]
fn the_import_reads_the_whole_directory() {
    let Some(system) = shipped("entra-import.yaml") else { return };
    let names: Vec<&str> = system.streams.iter().map(|stream| stream.name.as_str()).collect();
    let expected = [
        "users",
        "groups",
        "members",
        "managers",
        "group_owners",
        "devices",
        "device_owners",
        "applications",
        "application_owners",
        "service_principals",
        "service_principal_owners",
        "app_role_assignments",
        "delegated_grants",
        "administrative_units",
        "administrative_unit_members",
        "directory_roles",
        "directory_role_members",
        "contacts",
        "organization",
        "domains",
        "licenses",
    ];
    assert_eq!(names, expected);
    let required = system.streams.iter().filter(|stream| stream.required);
    let required: Vec<&str> = required.map(|stream| stream.name.as_str()).collect();
    assert_eq!(required, ["users", "groups", "members"]);
    let users = system.stream("users").unwrap();
    assert_eq!(users.select.len(), 1 + users.columns.len());
    let mut wide = users.clone();
    assert!(wide.include("extension_attributes"));
    assert_eq!(wide.select.len(), users.select.len() + 1, "one property holds all fifteen");
    assert_eq!(system.stream("licenses").unwrap().key, ["skuId"]);
    let units = system.stream("administrative_units").unwrap();
    assert_eq!(units.in_cloud("global").unwrap().kind, StreamKind::Delta);
    assert_eq!(units.in_cloud("china").unwrap().kind, StreamKind::Full);
    assert!(system.streams.iter().all(|stream| stream.permission.is_some()));
}

#[test]
fn a_file_lays_its_streams_over_those_of_its_base() {
    let base = "name: base\nstreams:\n  users:\n    { entity: user, kind: delta, endpoint: /users/delta, scan: { endpoint: /users },\n      columns: { mail: mail, name: displayName }, column_sets: { more: { phone: mobilePhone } } }";
    let base = compile(&SourceFile::new("base.yaml", base), None).system.expect("no errors");
    let own = |text: &str| {
        let text = format!("streams:\n  users: {text}\n");
        compile(&SourceFile::new("graphctl.yaml", text), Some(&base))
    };
    let text = "{ page_size: 500, enabled: false, include: more, external_id: userPrincipalName, columns: { name: surname, badge: extension_0a1b_badge } }";
    let compiled = own(text);
    assert!(compiled.diagnostics.is_empty(), "{:#?}", compiled.diagnostics);
    let system = compiled.system.expect("no errors");
    let users = system.stream("users").unwrap();
    let columns: Vec<(&str, &str)> =
        users.columns.iter().map(|it| (it.name.as_str(), it.property.as_str())).collect();
    let expected = [
        ("mail", "mail"),
        ("name", "surname"),
        ("badge", "extension_0a1b_badge"),
        ("phone", "mobilePhone"),
    ];
    assert_eq!(columns, expected);
    assert_eq!((users.page_size, users.enabled), (Some(500), false));
    assert_eq!(users.external_id, "userPrincipalName");
    assert_eq!((users.endpoint.as_str(), users.entity.as_str()), ("/users/delta", "user"));
    let found: Vec<String> = own("{ columns: { x: displaName }, select: surnam }")
        .diagnostics
        .iter()
        .map(|each| each.code.to_string())
        .collect();
    assert_eq!(found, ["GD0420", "GD0420"], "checked against the base's endpoint");
}

#[test]
fn a_file_without_object_types_extends_the_base() {
    let base = compile(
        &SourceFile::new(
            "base.yaml",
            "name: base\nobject_types: { user: { commands: { get: { summary: Get., method: GET, endpoint: '/users/{id}' } } } }",
        ),
        None,
    );
    let base = base.system.expect("no errors");
    let connection = "connection: { auth_type: bearer, token: '${{ENV:T}}' }";
    let compiled = compile(&SourceFile::new("graphctl.yaml", connection), Some(&base));
    let system = compiled.system.expect("no errors");
    assert_eq!((system.name.as_str(), system.catalogue.len()), ("base", 1));
    let lookup = graph_dsl::Variables::from_iter([("T", "t")]);
    let settings = system.connection.unwrap().resolve(&lookup).unwrap();
    assert_eq!(settings.max_concurrent_requests, graph_dsl::Concurrency::Auto);
}

#[test]
fn edges_may_belong_to_a_stream_of_the_base() {
    let base = "name: base\nstreams:\n  groups: { entity: group, kind: delta, endpoint: /groups/delta }\n  \
                members: { kind: edges, of: groups, endpoint: '/groups/{id}/members' }";
    let base = compile(&SourceFile::new("base.yaml", base), None).system.expect("no errors");
    let file = |of: &str| {
        let text = format!(
            "streams: {{ owners: {{ kind: edges, of: {of}, endpoint: '/groups/{{id}}/owners' }} }}"
        );
        compile(&SourceFile::new("graphctl.yaml", text), Some(&base))
    };
    let system = file("groups").system.expect("no errors");
    let names: Vec<&str> = system.streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(names, ["groups", "members", "owners"]);
    for of in ["group", "members"] {
        let found: Vec<graph_dsl::Code> =
            file(of).diagnostics.iter().map(|each| each.code).collect();
        assert_eq!(found, [graph_dsl::Code::UnknownStream], "{of}");
    }
}

#[test]
fn a_file_without_a_path_is_named_as_it_is() {
    let text =
        "object_types:\n  user:\n    commands:\n      get: { method: GET, endpoint: /users }\n";
    let source = SourceFile::new("entra.yaml (embedded)", text);
    let compiled = compile(&source, None);
    let lint = compiled.diagnostics.first().expect("no summary");
    assert!(lint.to_string().starts_with("entra.yaml (embedded):4:7: lint[GD0218]: "), "{lint}");
    let human = graph_dsl::render_human(lint, &source, false);
    assert!(human.contains("--> entra.yaml (embedded):4:7"), "{human}");
    let system = compiled.system.expect("no errors");
    assert_eq!(system.name, "entra");
    let plan = system.catalogue.get("user.get").unwrap();
    assert_eq!(plan.defined_at.to_string(), "entra.yaml (embedded):4:7");
}

#[test]
fn a_binary_body_is_sent_as_its_bytes() {
    let Some(system) = shipped("entra.yaml") else { return };
    let plan = system.catalogue.get("user.set_photo").unwrap();
    assert!(plan.sends_bytes());
    let photo = [0xff, 0xd8, 0xff, 0xe0];
    let root = Root::new("https://graph.microsoft.com").unwrap();
    let arguments = Arguments::new().with("id", "ada@contoso.com").with_bytes("photo", &photo);
    let request = plan.bind(&arguments, &root).unwrap();
    assert_eq!((request.body.as_ref(), request.content.as_deref()), (None, Some(&photo[..])));
    assert_eq!(request.header("content-type"), Some("image/jpeg"));
    let text = Arguments::new().with("id", "ada@contoso.com").with("photo", "not base64");
    assert_eq!(plan.bind(&text, &root).unwrap_err().len(), 1);
}
