//! Checks against Graph: the wrong shapes that started it, clouds, permissions, and no panic on any path.

use graph_dsl::graph_index::{GraphIndex, PathSegment, PlaceKind, metadata_of};
use graph_dsl::{
    Code, CompileOptions, Diagnostic, SourceFile, System, compile, compile_with, render_human,
};
use proptest::prelude::*;

/// One command, written as flow entries.
fn command(entries: &str) -> SourceFile {
    let text = format!(
        "object_types:\n  demo:\n    commands:\n      run: {{ summary: Run., {entries} }}\n"
    );
    SourceFile::new("demo.yaml", text)
}

fn diagnose(entries: &str) -> Vec<Diagnostic> {
    compile(&command(entries), None).diagnostics
}

/// The only diagnostic, with the characters it points at.
fn only(entries: &str) -> (Diagnostic, String) {
    let source = command(entries);
    let mut found = compile(&source, None).diagnostics;
    assert_eq!(found.len(), 1, "{found:?}");
    let diagnostic = found.remove(0);
    let line = format!("      run: {{ summary: Run., {entries} }}");
    let (start, end) = (diagnostic.primary.span.start, diagnostic.primary.span.end);
    let caret = line.chars().skip(start.column - 1).take(end.column - start.column).collect();
    (diagnostic, caret)
}

fn system(entries: &str) -> System {
    compile(&command(entries), None).system.expect("no errors")
}

#[test]
fn owners_of_a_device_are_registered_owners() {
    let (found, caret) = only("method: GET, endpoint: '/devices/{id}/owners'");
    assert_eq!((found.code, caret.as_str()), (Code::UnknownSegment, "owners"));
    assert_eq!(found.message, "`device` has no `owners` in Graph v1.0");
    assert_eq!(found.help.as_deref(), Some("did you mean `registeredOwners`?"));
}

#[test]
fn a_delete_through_members_would_delete_the_member() {
    let (found, caret) = only("method: DELETE, endpoint: '/groups/{id}/members/{member_id}'");
    assert_eq!((found.code, caret.as_str()), (Code::DeletesTarget, "members/{member_id}"));
    assert_eq!(found.message, "this deletes the member object itself, not the membership");
    assert_eq!(found.help.as_deref(), Some("append `/$ref`"));
    let edit = &found.fix.expect("fixable").edits[0];
    assert_eq!((edit.text.as_str(), edit.span.start), ("/$ref", found.primary.span.end));
}

#[test]
fn the_host_of_a_reference_is_never_written() {
    let url = "https://graph.microsoft.com/v1.0/users/{{ params.m }}";
    let entries = format!(
        "method: POST, endpoint: '/groups/{{id}}/members/$ref', expect: already_exists, body: {{ '@odata.id': '{url}' }}"
    );
    let (found, caret) = only(&entries);
    assert_eq!(
        (found.code, caret.trim_end().to_owned()),
        (Code::LiteralHost, format!("'{url}'")),
        "{}",
        found.message
    );
    assert_eq!(found.help.as_deref(), Some("write `{ ref: directoryObjects, id: … }`"));
}

#[test]
fn an_action_without_a_required_parameter_is_refused() {
    let entries = "method: POST, endpoint: '/users/{id}/assignLicense', body: { addLicenses: [] }";
    let (found, caret) = only(entries);
    assert_eq!((found.code, caret.as_str()), (Code::OperationParameters, "body"));
    assert_eq!(found.message, "`assignLicense` needs `removeLicenses`");
    assert_eq!(found.help.as_deref(), Some("it may be empty: `removeLicenses: []`"));
}

#[test]
fn a_command_takes_its_permission_from_graph() {
    let least = |entries: &str| {
        system(entries).catalogue.get("demo.run").expect("a command").permission.to_string()
    };
    assert_eq!(
        least("method: POST, endpoint: '/users/{id}/revokeSignInSessions'"),
        "User.RevokeSessions.All"
    );
    // The map marks a write permission for reading a group; ours is taken.
    assert_eq!(least("method: GET, endpoint: '/groups/{id}'"), "GroupMember.Read.All");
    let owners = "method: DELETE, endpoint: '/devices/{id}/registeredOwners/{owner}/$ref'";
    assert_eq!(least(owners), "Directory.AccessAsUser.All (signed-in user only)");
    // It depends on the object's type: nothing is the least.
    assert_eq!(least("method: GET, endpoint: '/directory/deletedItems/{id}'"), "-");
}

#[test]
fn the_caller_may_choose_the_clouds() {
    let source = command("method: GET, endpoint: /identityProtection/riskyUsers");
    let missing = |clouds: &[&str]| {
        let clouds = clouds.iter().map(|it| (*it).to_owned()).collect();
        let found =
            compile_with(&source, None, &CompileOptions { clouds, ..CompileOptions::default() })
                .diagnostics;
        found.into_iter().map(|it| it.message).collect::<Vec<_>>()
    };
    assert!(missing(&["global", "us_gov_l5", "bleu"]).is_empty());
    assert_eq!(missing(&["global", "china"]), ["not in the v1.0 metadata of China (Mooncake)"]);
    assert_eq!(missing(&[]), ["not in the v1.0 metadata of China (Mooncake) and GovSG"]);
}

#[test]
fn a_connection_says_which_cloud_is_meant() {
    let text = |cloud: &str| {
        format!(
            "connection: {{ cloud: {cloud}, auth_type: azure, credentials: {{ tenant_id: '${{{{ENV:T}}}}', \
             client_id: '${{{{ENV:C}}}}', client_secret: '${{{{ENV:S}}}}' }} }}\n\
             object_types: {{ demo: {{ commands: {{ run: {{ summary: Run., method: GET, endpoint: /identityProtection/riskyUsers }} }} }} }}\n"
        )
    };
    let found =
        |cloud: &str| compile(&SourceFile::new("x.yaml", text(cloud)), None).diagnostics.len();
    assert_eq!((found("global"), found("china"), found("us_gov_l4")), (0, 1, 0));
}

#[test]
fn beta_commands_are_checked_by_what_v1_knows() {
    let beta = "version: beta, method: GET, endpoint: '/users/{id}/authentication/requirements'";
    assert!(diagnose(beta).iter().all(|it| it.code == Code::BetaVersion));
    let deletes = "version: beta, method: DELETE, endpoint: '/groups/{id}/members/{member_id}'";
    assert!(diagnose(deletes).iter().any(|it| it.code == Code::DeletesTarget));
}

#[test]
fn documented_calls_resolve_in_the_worldwide_cloud() {
    let index = GraphIndex::embedded();
    let cloud =
        metadata_of("global").and_then(|name| index.cloud(name)).expect("the worldwide cloud");
    let kind = |path: &str| {
        let found = index.resolve(&PathSegment::split(path), cloud);
        found.whole().map(|place| (place.kind, place.path.clone()))
    };
    let same = |path: &str, expected: PlaceKind| {
        assert_eq!(kind(path), Some((expected, path.to_owned())), "{path}");
    };
    same("/users", PlaceKind::EntitySet);
    same("/users/{id}/manager/$ref", PlaceKind::Ref);
    same("/groups/{id}/members/{id}/$ref", PlaceKind::Ref);
    same("/users/$count", PlaceKind::Count);
    same("/users/{id}/photo/$value", PlaceKind::Value);
    same("/users/{id}/memberOf/microsoft.graph.group", PlaceKind::Cast);
    same("/applications(appId={value})", PlaceKind::Key);
    same("/directory/administrativeUnits/delta", PlaceKind::Function);
    same("/users/{id}/assignLicense", PlaceKind::Action);
    same("/me/mailFolders/{id}/messages", PlaceKind::Navigation);
    same(
        "/identityGovernance/lifecycleWorkflows/workflows/{id}/microsoft.graph.identityGovernance.activate",
        PlaceKind::Action,
    );
    assert_eq!(
        kind("/USERS/ada@contoso.com/Manager").map(|it| it.1),
        Some("/users/{id}/manager".to_owned())
    );
    assert_eq!(
        kind("/users('ada')/manager").map(|it| it.1),
        Some("/users/{id}/manager".to_owned())
    );
    assert_eq!(kind("/groups/{id}/members/{id}/$ref/x"), None);
}

#[test]
fn a_diagnostic_of_a_national_cloud_reads_well() {
    let source = command("method: GET, endpoint: /directory/administrativeUnits/delta");
    let found = compile(&source, None).diagnostics;
    insta::assert_snapshot!(render_human(&found[0], &source, false));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_path_makes_the_checks_panic(
        path in "(/(users|groups|directory|\\{id\\}|members|\\$ref|\\$count|microsoft\\.graph\\.user|delta|[a-zA-Z(){}'=,$.é]{0,12})){1,6}",
        method in "(GET|POST|PATCH|PUT|DELETE)",
    ) {
        let text = format!(
            "object_types:\n  demo:\n    commands:\n      run:\n        method: {method}\n        endpoint: \"{path}\"\n        body: {{ displayName: x }}\n"
        );
        let source = SourceFile::new("any.yaml", text);
        for diagnostic in compile(&source, None).diagnostics {
            let _ = render_human(&diagnostic, &source, false);
        }
    }

    #[test]
    fn no_query_makes_the_checks_panic(text in "([a-z]{1,6}|[ ()':,/;={}$é]|and|or|not|eq|any\\(x:x|\\{\\{ params.a \\}\\}){0,16}") {
        let quoted = serde_json::to_string(&text).expect("text");
        let text = format!(
            "object_types:\n  demo:\n    commands:\n      run:\n        method: GET\n        endpoint: /users\n        query: {{ $filter: {quoted}, $select: {quoted}, $expand: {quoted}, $orderby: {quoted} }}\n"
        );
        let source = SourceFile::new("any.yaml", text);
        for diagnostic in compile(&source, None).diagnostics {
            let _ = render_human(&diagnostic, &source, false);
        }
    }
}
