//! The golden table of template values: cases/dsl C.

use graph_dsl::{ArgumentError, Arguments, Catalogue, Request, Root, SourceFile, compile};
use serde_json::{Value, json};

const SYSTEM: &str = r#"
object_types:
  demo:
    commands:
      whole:
        summary: One expression keeps its type.
        method: POST
        endpoint: /groups
        version: beta
        body: { v: "{{ params.p }}", fixed: 1 }
      text:
        summary: Inside text the formatter applies.
        method: POST
        endpoint: /groups
        version: beta
        body: { v: "x{{ params.p }}" }
      optional:
        summary: An absent optional argument drops its key.
        method: POST
        endpoint: /groups
        version: beta
        query: { $select: "{{ params.p }}" }
        headers: { Prefer: "{{ params.p }}" }
        arguments: { p: { type: string, required: false } }
        body: { v: "{{ params.p }}", d: "{{ params.p | default('d') }}", l: [a, "{{ params.p }}"] }
      parsed:
        summary: Text that holds JSON, read as such.
        method: POST
        endpoint: /groups
        version: beta
        body: { v: "{{ params.p | fromjson }}" }
      legacy:
        summary: The earlier marker.
        method: POST
        endpoint: /groups
        version: beta
        body: { v: "{{ params.p | tojson }} asjsonobject" }
      joined:
        summary: A list inside text.
        method: POST
        endpoint: /groups
        version: beta
        body: { v: "ids {{ params.p | join(',') }}" }
      moment:
        summary: A date becomes a timestamp.
        method: POST
        endpoint: /groups
        version: beta
        arguments: { p: datetime }
        body: { v: "{{ params.p }}", t: "at {{ params.p }}" }
      get:
        summary: A value in a path.
        method: GET
        endpoint: /users/{p}
      by_unique_name:
        summary: A quoted key in a path.
        method: GET
        endpoint: /groups(uniqueName='{p}')
      filter_literal:
        summary: An OData literal.
        method: GET
        endpoint: /users
        query: { $filter: "displayName eq {{ params.p | odata }}" }
      filter_quoted:
        summary: Quotes written by hand.
        method: GET
        endpoint: /users
        query: { $filter: "displayName eq '{{ params.p }}'" }
      filter_bare:
        summary: A value outside of quotes.
        method: GET
        endpoint: /users
        query: { $filter: "assignedLicenses/any(s:s/skuId eq {{ params.p }})" }
      search:
        summary: Quotes of a search are kept.
        method: GET
        endpoint: /users
        query: { $search: "\"displayName:{{ params.p }}\"" }
"#;

fn catalogue() -> Catalogue {
    let compiled = compile(&SourceFile::new("table.yaml", SYSTEM), None);
    let errors: Vec<String> = compiled
        .diagnostics
        .iter()
        .filter(|each| each.is_error())
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    compiled.system.expect("no errors").catalogue
}

fn bind(command: &str, p: Option<Value>) -> Result<Request, Vec<ArgumentError>> {
    let arguments = p.map_or_else(Arguments::new, |p| Arguments::new().with("p", p));
    let root = Root::new("https://graph.microsoft.com").unwrap();
    catalogue().get(&format!("demo.{command}")).expect("a command").bind(&arguments, &root)
}

fn body(command: &str, p: Value) -> Value {
    bind(command, Some(p)).unwrap().body.unwrap()["v"].clone()
}

#[test]
fn a_whole_expression_keeps_its_json_type() {
    let exact: Value = serde_json::from_str("9007199254740993").unwrap();
    for value in [
        json!(false),
        json!(1.0),
        exact,
        json!("478"),
        json!("0123"),
        json!("None"),
        json!("{\"a\":1}"),
        json!([1, 2]),
        json!({"z": 1, "a": {"y": null}}),
        json!(null),
    ] {
        let found = body("whole", value.clone());
        assert_eq!(found.to_string(), value.to_string());
    }
}

#[test]
fn inside_text_scalars_are_written_as_json_writes_them() {
    for (value, text) in [
        (json!(false), "xfalse"),
        (json!(1.0), "x1.0"),
        (json!(9_007_199_254_740_993_i64), "x9007199254740993"),
        (json!("478"), "x478"),
        (json!("None"), "xNone"),
    ] {
        assert_eq!(body("text", value), json!(text));
    }
    for value in [json!([1, 2]), json!({"a": 1}), json!(null)] {
        assert!(bind("text", Some(value)).is_err());
    }
    assert_eq!(body("joined", json!(["a", "b", 1, true])), json!("ids a,b,1,true"));
}

#[test]
fn an_absent_optional_argument_drops_its_key() {
    let request = bind("optional", None).unwrap();
    assert_eq!(request.body, Some(json!({"d": "d", "l": ["a"]})));
    assert_eq!(request.path_and_query, "/beta/groups");
    assert_eq!(request.header("Prefer"), None);
}

#[test]
fn null_given_explicitly_is_kept_in_the_body_and_dropped_elsewhere() {
    let request = bind("optional", Some(json!(null))).unwrap();
    assert_eq!(request.body, Some(json!({"v": null, "d": null, "l": ["a", null]})));
    assert_eq!(request.path_and_query, "/beta/groups");
    assert_eq!(request.header("Prefer"), None);
}

#[test]
fn json_text_becomes_a_value_only_where_asked() {
    assert_eq!(body("parsed", json!("{\"a\":1}")), json!({"a": 1}));
    assert_eq!(body("legacy", json!([{"id": "1"}])), json!([{"id": "1"}]));
}

#[test]
fn a_date_becomes_a_timestamp_everywhere() {
    let body = bind("moment", Some(json!("2024-01-02"))).unwrap().body.unwrap();
    assert_eq!(body, json!({"v": "2024-01-02T00:00:00Z", "t": "at 2024-01-02T00:00:00Z"}));
}

#[test]
fn a_path_value_is_one_encoded_segment() {
    let path = |p: &str| bind("get", Some(json!(p))).map(|request| request.path_and_query);
    assert_eq!(path("a_b#EXT#@c.com").unwrap(), "/v1.0/users/a_b%23EXT%23@c.com");
    assert_eq!(path("o'neil@c.com").unwrap(), "/v1.0/users/o%27neil@c.com");
    assert_eq!(path("é+ %@c").unwrap(), "/v1.0/users/%C3%A9%2B%20%25@c");
    assert_eq!(path("$admin@c.com").unwrap(), "/v1.0/users('$admin@c.com')");
    assert_eq!(path("...").unwrap(), "/v1.0/users/...");
    for refused in ["x/y", "..", ".", "", "a\\b", "a\nb", "a\u{0}"] {
        assert!(path(refused).is_err(), "{refused:?}");
    }
}

#[test]
fn quotes_are_doubled_inside_a_quoted_key() {
    let request = bind("by_unique_name", Some(json!("o'brien & co"))).unwrap();
    assert_eq!(request.path_and_query, "/v1.0/groups(uniqueName='o''brien%20%26%20co')");
}

#[test]
fn query_values_are_encoded_and_their_quotes_doubled() {
    let query = |command: &str, p: &str| {
        let request = bind(command, Some(json!(p)))?;
        Ok::<_, Vec<ArgumentError>>(request.path_and_query.replace("/v1.0/users", ""))
    };
    let expected = "?$filter=displayName%20eq%20'O''Neil%20%26%20Co'";
    assert_eq!(query("filter_literal", "O'Neil & Co").unwrap(), expected);
    assert_eq!(query("filter_quoted", "O'Neil & Co").unwrap(), expected);
    assert_eq!(
        query("search", "Ad\"min").unwrap(),
        "?$search=%22displayName:Ad%5C%22min%22&$count=true"
    );
    let guid = "11111111-2222-3333-4444-555555555555";
    assert!(query("filter_bare", guid).unwrap().contains(guid));
    assert!(query("filter_bare", "1) or (1 eq 1").is_err());
}

#[test]
fn argument_values_are_data_and_never_templates() {
    for text in ["{{ 1 + 1 }}", "{{ connection.credentials.client_secret }}", "${{ENV:HOME}}"] {
        assert_eq!(body("whole", json!(text)), json!(text));
        assert_eq!(body("text", json!(text)), json!(format!("x{text}")));
    }
}
