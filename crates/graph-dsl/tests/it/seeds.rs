//! Everything that the connector's earlier documentation writes loads, and means what it says.

use std::time::Duration;

use graph_dsl::{
    Arguments, Authentication, Concurrency, Endpoint, LogFormat, Root, SourceFile, System,
    Variables, compile,
};
use serde_json::json;

fn load(text: &str) -> System {
    let compiled = compile(&SourceFile::new("seed.yaml", text), None);
    let errors: Vec<String> = compiled
        .diagnostics
        .iter()
        .filter(|each| each.is_error())
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    compiled.system.expect("no errors")
}

/// The overview's two YAML blocks as they stand there, `${{ENV:...}}` included.
const CONNECTION: &str = include_str!("../seeds/overview_connection.yaml");
const BATCH: &str = include_str!("../seeds/overview_batch.yaml");

#[test]
fn the_overviews_connection_resolves_to_its_settings() {
    // All three names are `...` on the page.
    assert_eq!(load(CONNECTION).connection.unwrap().variables(), [("...", false)]);
    let named = ["CLIENT_ID", "CLIENT_SECRET", "TENANT_ID"];
    let file = named.iter().fold(CONNECTION.to_owned(), |file, name| {
        file.replacen("${{ENV:...}}", &format!("${{{{ENV:{name}}}}}"), 1)
    });
    let system = load(&file);
    let variables: Variables = named.into_iter().zip(["app", "s3cret", "t"]).collect();
    let settings = system.connection.unwrap().resolve(&variables).unwrap();
    let url = "https://graph.microsoft.com/v1.0".to_owned();
    assert_eq!(settings.endpoint, Endpoint::BaseUrl { url, cloud: None });
    assert_eq!(settings.max_concurrent_requests, Concurrency::AtMost(6));
    assert_eq!(settings.retry.max_attempts, 4);
    assert_eq!(settings.retry.backoff_base, Duration::from_millis(200));
    assert_eq!(settings.timeouts.read, Some(Duration::from_secs(20)));
    assert_eq!(settings.logging.format, LogFormat::Detailed);
    assert!(settings.logging.request && !settings.logging.response);
    assert!(settings.auto_paginate);
    assert!(!format!("{settings:?}").contains("s3cret"));
    let Authentication::ClientSecret { tenant_id, client_id, client_secret, resource } =
        settings.authentication
    else {
        panic!("client credentials expected");
    };
    assert_eq!((tenant_id.as_str(), client_id.as_str()), ("t", "app"));
    assert_eq!(client_secret.expose(), "s3cret");
    assert_eq!(resource.as_deref(), Some("https://graph.microsoft.com/"));
}

#[test]
fn the_guides_defaults_hold() {
    let system = load("connection: { auth_type: bearer, token: '${{ENV:TOKEN}}' }");
    let settings =
        system.connection.unwrap().resolve(&Variables::from_iter([("TOKEN", "t")])).unwrap();
    assert_eq!(settings.endpoint, Endpoint::Named("global".to_owned()));
    assert_eq!(settings.default_content_type, "application/json");
    assert_eq!(settings.max_concurrent_requests, Concurrency::AtMost(4));
    assert_eq!(settings.retry.max_attempts, 4);
    assert_eq!(settings.retry.backoff_base, Duration::from_millis(500));
    assert_eq!(settings.retry.jitter, Duration::from_millis(100));
    assert_eq!(settings.retry.retry_on_status, [408, 429, 500, 502, 503, 504]);
    let names = ["retry-after", "x-ms-retry-after-ms", "retry-after-ms"];
    assert_eq!(settings.retry.retry_after_header_names, names);
    assert_eq!(settings.timeouts.connect, None);
    assert!(settings.auto_paginate && !settings.logging.enabled);
}

#[test]
fn the_batch_fragment_loads_at_the_top_and_under_object_types() {
    let mapping = "schema_mappings: { graph_misc: { id: $.id } }\n";
    let indented = BATCH.replace('\n', "\n  ");
    for text in [format!("{mapping}{BATCH}"), format!("{mapping}object_types:\n  {indented}")] {
        let system = load(&text);
        let plan = system.catalogue.get("graph.batch").expect("the command");
        assert!(plan.is_batch());
        assert!(plan.mapping.is_some());
        let requests = json!([{"id": "1", "method": "GET", "url": "/users?$top=1"}]);
        let arguments = Arguments::new().with("requests", requests.clone());
        let request =
            plan.bind(&arguments, &Root::new("https://graph.microsoft.com").unwrap()).unwrap();
        assert_eq!(request.path_and_query, "/v1.0/$batch");
        assert_eq!(request.body, Some(json!({ "requests": requests })));
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
}

/// The guide's examples of `command_config`, written as commands.
const COMMANDS: &str = r#"
object_types:
  user:
    commands:
      get_one: { method: GET, endpoint: "/users?$top=5" }
      search:
        method: GET
        endpoint: /users
        params: { "$search": "\"displayName:Admin\"", "$count": "true" }
        headers: { ConsistencyLevel: eventual }
      search_detected:
        method: GET
        endpoint: /users
        params: { "$search": "\"displayName:Admin\"" }
      list: { method: GET, endpoint: /users, params: { "$top": 5 }, auto_paginate: false }
      get: { method: GET, endpoint: "/users/{id}" }
"#;

#[test]
fn the_guides_commands_send_what_they_say() {
    let system = load(COMMANDS);
    let root = Root::new("https://graph.microsoft.com").unwrap();
    let bind = |name: &str| {
        let plan = system.catalogue.get(&format!("user.{name}")).expect("a command");
        plan.bind(&Arguments::new(), &root).unwrap()
    };
    assert_eq!(bind("get_one").path_and_query, "/v1.0/users?$top=5");
    for name in ["search", "search_detected"] {
        let request = bind(name);
        assert_eq!(
            request.path_and_query,
            "/v1.0/users?$search=%22displayName:Admin%22&$count=true"
        );
        assert_eq!(request.header("ConsistencyLevel"), Some("eventual"));
        assert_eq!(request.headers.len(), 1, "an explicit header is not doubled");
    }
    assert_eq!(bind("list").path_and_query, "/v1.0/users?$top=5");
    assert_eq!(system.catalogue.get("user.list").unwrap().auto_paginate, Some(false));
    let get = system.catalogue.get("user.get").unwrap();
    assert!(get.signature.inferred && get.signature.get("id").is_some_and(|id| id.required));
}

/// The guide's creation of a user; its password, which no file may hold, is an argument.
const CREATE: &str = "
object_types:
  user:
    commands:
      create:
        method: POST
        endpoint: /users
        body:
          accountEnabled: true
          displayName: SDK Test
          mailNickname: sdktest
          userPrincipalName: sdktest@contoso.com
          passwordProfile: { forceChangePasswordNextSignIn: true, password: P@ssw0rd123! }
";

#[test]
fn the_guides_user_is_created_with_a_password_that_no_file_holds() {
    let refused = compile(&SourceFile::new("seed.yaml", CREATE), None);
    let codes: Vec<&str> =
        refused.diagnostics.iter().filter(|it| it.is_error()).map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["GD0606"]);
    let system = load(&CREATE.replace("P@ssw0rd123!", r#""{{ params.password }}""#));
    let plan = system.catalogue.get("user.create").unwrap();
    let root = Root::new("https://graph.microsoft.com").unwrap();
    let arguments = Arguments::new().with("password", "P@ssw0rd123!");
    let body = plan.bind(&arguments, &root).unwrap().body;
    assert_eq!(
        body,
        Some(json!({
            "accountEnabled": true,
            "displayName": "SDK Test",
            "mailNickname": "sdktest",
            "userPrincipalName": "sdktest@contoso.com",
            "passwordProfile": {
                "forceChangePasswordNextSignIn": true,
                "password": "P@ssw0rd123!",
            },
        }))
    );
}

#[test]
fn a_cloud_from_the_environment_is_checked_like_one_in_the_file() {
    let text = "connection: { auth_type: bearer, token: '${{ENV:T}}', cloud: '${{ENV:CLOUD}}' }";
    let connection = load(text).connection.unwrap();
    let resolve = |cloud: &str| {
        let variables = Variables::from_iter([("T", "t"), ("CLOUD", cloud)]);
        connection
            .resolve(&variables)
            .map(|settings| settings.endpoint)
            .map_err(|found| found.into_iter().map(|each| each.message).collect::<Vec<_>>())
    };
    assert_eq!(resolve("china"), Ok(Endpoint::Named("china".to_owned())));
    assert_eq!(resolve("chna"), Err(vec!["unknown cloud `chna`".to_owned()]));
    let missing = ["`cloud: custom` has no `graph_root`", "`cloud: custom` has no `authority`"];
    assert_eq!(resolve("custom"), Err(missing.map(str::to_owned).to_vec()));
}

#[test]
fn a_base_url_is_the_root_and_version_of_a_custom_cloud() {
    let resolve = |url: &str| {
        let file = format!(
            "connection: {{ cloud: custom, base_url: '{url}', authority: 'https://login.example', \
             auth_type: bearer, token: '${{{{ENV:T}}}}' }}"
        );
        let compiled = compile(&SourceFile::new("custom.yaml", file), None);
        let connection = compiled.system.expect("no errors").connection.unwrap();
        let lookup = Variables::from_iter([("T", "t"), ("B", "https://graph.example/beta")]);
        let settings = connection.resolve(&lookup).map_err(|found| found[0].message.clone());
        (connection.default_version(), settings.map(|settings| settings.endpoint))
    };
    let custom = Endpoint::Custom {
        graph_root: "https://graph.example".to_owned(),
        authority: "https://login.example".to_owned(),
        ca_bundle: None,
        allow_insecure_loopback: false,
    };
    let beta = resolve("https://graph.example/beta/");
    assert_eq!(beta, (graph_dsl::ApiVersion::Beta, Ok(custom.clone())));
    assert_eq!(resolve("https://graph.example/v1.0"), (graph_dsl::ApiVersion::V1_0, Ok(custom)));
    // Commands are compiled before references are known.
    let late = resolve("${{ENV:B}}").1;
    assert_eq!(late, Err("a `base_url` from a reference must end in `/v1.0`".to_owned()));
}
