//! What holds for every input: no panic, no lost segment, the same answer twice.

use graph_dsl::{
    Arguments, Catalogue, Root, SourceFile, Variables, compile, render_human, render_json,
};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;

const SYSTEM: &str = "
object_types:
  user:
    commands:
      get: { summary: Get., method: GET, endpoint: '/users/{id}/manager' }
      key: { summary: Key., method: GET, endpoint: \"/groups(uniqueName='{id}')/owners\" }
      filter: { summary: Filter., method: GET, endpoint: /users, query: { $filter: \"displayName eq '{{ params.id }}'\" } }
";

fn catalogue() -> Catalogue {
    compile(&SourceFile::new("p.yaml", SYSTEM), None).system.expect("no errors").catalogue
}

/// Everything that is done with a file, for inputs that may be anything.
fn exercise(bytes: &[u8]) {
    let source = SourceFile::new("any.yaml", bytes);
    let compiled = compile(&source, None);
    for diagnostic in &compiled.diagnostics {
        let _ = render_human(diagnostic, &source, false);
        let _ = render_json(diagnostic);
    }
    let again = compile(&source, None);
    assert_eq!(compiled.diagnostics, again.diagnostics);
    assert_eq!(
        compiled.system.is_none(),
        compiled.diagnostics.iter().any(graph_dsl::Diagnostic::is_error)
            || compiled.diagnostics.is_empty() && again.system.is_none()
    );
    if let Some(connection) = compiled.system.and_then(|system| system.connection) {
        let _ = connection.resolve(&Variables::default());
    }
}

/// A file of real shape with one stretch replaced by anything.
fn damaged() -> impl Strategy<Value = String> {
    let base = include_str!("damaged.yaml");
    let noise = prop_oneof![
        Just(String::new()),
        "[\\[\\]{}:,\"'|>&*!%@`#?\\-\\t\\n ]{1,6}",
        "\\PC{1,8}",
        "\\{\\{[a-z. |'\"(){}]{0,16}\\}?\\}?",
        "\\$\\{\\{?[A-Za-z:]{0,12}\\}?\\}?",
    ];
    (0..base.len(), 0..12usize, noise).prop_map(move |(at, length, noise)| {
        let mut bytes = base.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, noise.into_bytes());
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A window of a shipped file, cut anywhere, with one stretch replaced or repeated.
fn mutated(file: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let noise = prop::collection::vec(any::<u8>(), 0..8);
    let text = "(\\{\\{ params\\.[a-z]{1,4} \\| [a-z]{1,8}|\\$\\.\\.\\[\\?@|&a|\\*a|- - - |\\{\\[|\\| lower\\()";
    let noise = prop_oneof![noise, text.prop_map(String::into_bytes)];
    (0..file.len(), 1..2_000_usize, 0..64_usize, noise, 1..20_usize).prop_map(
        move |(start, length, at, noise, times)| {
            let end = (start + length).min(file.len());
            let mut bytes = file.as_bytes()[start..end].to_vec();
            let at = at.min(bytes.len());
            bytes.splice(at..at, noise.repeat(times));
            bytes
        },
    )
}

/// The shipped catalogue; nothing where only the crate is at hand.
fn shipped() -> Option<&'static str> {
    static FILE: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../systems/entra.yaml");
    FILE.get_or_init(|| std::fs::read_to_string(path).ok()).as_deref()
}

#[test]
fn no_mutation_of_the_shipped_file_makes_the_compiler_panic() {
    let Some(file) = shipped() else { return };
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let result = runner.run(&mutated(file), |bytes| {
        exercise(&bytes);
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// JSONPath and pipelines: anything is refused or maps anything, and what comes out is bounded.
    #[test]
    fn no_path_makes_a_mapping_panic(
        path in prop_oneof![
            "\\$[a-z.\\[\\]*?@'0-9:=|() ,]{0,40}",
            "\\$\\.[abc](\\[\\*\\]|\\[0\\]|\\.a|\\[\\?@\\.a\\]){0,3}( \\| (first|lower|sort|length|date|split\\(','\\)|join\\('x'\\))){0,3}",
        ],
        text in "\\PC{0,16}",
    ) {
        let file = format!("schema_mappings:\n  m:\n    a: {{ path: {} }}\n", serde_json::Value::from(path));
        let compiled = compile(&SourceFile::new("m.yaml", file), None);
        if let Some(system) = compiled.system {
            let object = serde_json::json!({ "a": text, "b": [text, null, 1], "c": { "a": [] } });
            let mapped = system.mappings["m"].apply(&object);
            let length = mapped.map_or(0, |value| value.to_string().len());
            prop_assert!(length <= 64 * (object.to_string().len() + 64));
        }
    }

    /// Binding takes any JSON for any argument, or says what does not fit.
    #[test]
    fn no_argument_makes_bind_panic(name in "id|\\PC{1,8}", text in "\\PC{0,64}", depth in 0..40_usize) {
        let mut value = serde_json::Value::from(text);
        for _ in 0..depth {
            value = serde_json::Value::Array(vec![value]);
        }
        let root = Root::new("https://graph.microsoft.com").expect("a root");
        for plan in catalogue().iter() {
            let _ = plan.bind(&Arguments::new().with(name.clone(), value.clone()), &root);
        }
    }

    /// Expressions: names, comparisons, filters, quotes in any order, alone and within text.
    #[test]
    fn no_expression_makes_the_compiler_panic(
        expression in "(params\\.[a-c](\\.[x-z])?|[<>]=?|==|'[a-z\u{e9}]{0,3}'|[0-9]{1,3}|\\| [a-z]{1,9}|if|else|not|and|or|[()\\[\\].~-]| ){0,12}",
        text in "\\PC{0,4}",
    ) {
        let body = serde_json::json!({ "a": format!("{{{{ {expression} }}}}"), "b": format!("{text}{{{{ {expression} }}}}") });
        let example = serde_json::json!({ "params": { "a": 1, "b": "x", "c": [true] } });
        let command = format!("{{ summary: S., method: POST, endpoint: /$batch, body: {body}, examples: {example} }}");
        exercise(format!("object_types: {{ graph: {{ commands: {{ batch: {command} }} }} }}").as_bytes());
    }

    /// Patterns of messages: refused, or matched in bounded time.
    #[test]
    fn no_message_pattern_panics(pattern in "[a-z()|*+?{}0-9\\[\\].^$\\\\ ]{0,24}", message in "\\PC{0,64}") {
        if let Ok(pattern) = pattern.parse::<graph_dsl::MessagePattern>() {
            let _ = pattern.is_in(&message);
        }
    }

    #[test]
    fn no_bytes_make_the_compiler_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        exercise(&bytes);
    }

    #[test]
    fn no_text_makes_the_compiler_panic(text in "[a-z:\\-{}\\[\\]\"'|>&*!%@# \n\t.]{0,120}") {
        exercise(text.as_bytes());
    }

    #[test]
    fn no_damage_to_a_file_makes_the_compiler_panic(text in damaged()) {
        exercise(text.as_bytes());
    }

    #[test]
    fn a_path_value_comes_back_as_one_segment(value in "\\PC{1,24}") {
        let plan = catalogue();
        let plan = plan.get("user.get").expect("a command");
        let root = Root::new("https://graph.microsoft.com").expect("a root");
        match plan.bind(&Arguments::new().with("id", value.as_str()), &root) {
            Err(_) => prop_assert!(value.contains(['/', '\\']) || matches!(value.as_str(), "." | "..")),
            Ok(request) => {
                // Split first and decode then, as a server does.
                let segments: Vec<String> = request.path().split('/').skip(1)
                    .map(|segment| percent_decode_str(segment).decode_utf8().expect("UTF-8").into_owned())
                    .collect();
                let addressed = match value.strip_prefix('$') {
                    None => vec!["v1.0".to_owned(), "users".to_owned(), value.clone(), "manager".to_owned()],
                    Some(_) => vec![
                        "v1.0".to_owned(),
                        format!("users('{}')", value.replace('\'', "''")),
                        "manager".to_owned(),
                    ],
                };
                prop_assert_eq!(segments, addressed);
            }
        }
    }

    #[test]
    fn a_quoted_key_never_ends_early(value in "\\PC{1,24}") {
        let plan = catalogue();
        let plan = plan.get("user.key").expect("a command");
        let root = Root::new("https://graph.microsoft.com").expect("a root");
        if let Ok(request) = plan.bind(&Arguments::new().with("id", value.as_str()), &root) {
            let inner = request.path_and_query.strip_prefix("/v1.0/groups(uniqueName='");
            let inner = inner.and_then(|rest| rest.strip_suffix("')/owners")).expect("the frame");
            let decoded = percent_decode_str(inner).decode_utf8().expect("UTF-8").into_owned();
            prop_assert_eq!(decoded.replace("''", "'"), value.clone());
            prop_assert_eq!(decoded.matches('\'').count(), 2 * value.matches('\'').count());
        }
    }

    #[test]
    fn a_filter_value_stays_inside_its_quotes(value in "[a-z' &=#%+;]{0,24}") {
        let plan = catalogue();
        let plan = plan.get("user.filter").expect("a command");
        let root = Root::new("https://graph.microsoft.com").expect("a root");
        let request = plan.bind(&Arguments::new().with("id", value.as_str()), &root).expect("text");
        let query = request.path_and_query.split_once("?$filter=").expect("a query").1;
        prop_assert!(!query.contains(['&', '#', '+', ';', ' ']));
        let decoded = percent_decode_str(query).decode_utf8().expect("UTF-8").into_owned();
        prop_assert_eq!(decoded, format!("displayName eq '{}'", value.replace('\'', "''")));
    }
}
