//! The examples of a command: bound as calls are, and compared with the request that they expect.

use serde_json::{Map, Value};

use super::arguments::Uses;
use crate::definition::{ExampleSource, Reading};
use crate::diagnostic::{Code, Finding};
use crate::plan::{ArgumentKind, Arguments, CommandPlan, Request, Root};
use crate::source::{Entry, Node, NodeKind, Span};
use crate::template::Operand;

/// Where example calls are bound: no host of a cloud, since nothing is sent.
const EXAMPLE_ROOT: &str = "https://graph.invalid";

/// GD0706: an example that the command would refuse; GD0606: one that holds a secret; GD0318, GD0707.
pub(super) fn check(
    plan: &CommandPlan,
    examples: &[ExampleSource<'_>],
    uses: &Uses<'_>,
    reading: &mut Reading<'_>,
) {
    let root = Root::new(EXAMPLE_ROOT).expect("a constant that is a root");
    check_comparisons(plan, examples, uses, reading);
    for (index, example) in examples.iter().enumerate() {
        let mut arguments = Arguments::from(example.params.clone());
        for secret in plan.signature.arguments.iter().filter(|it| it.kind == ArgumentKind::Secret) {
            if let Some(entry) = example.written.and_then(|params| params.get(&secret.name)) {
                let message = "a literal secret in an example";
                let finding = Finding::new(Code::PasswordLiteral, entry.value.span, message);
                let finding = finding.label("the value is not shown");
                reading.report.add(finding.help(format!("leave `{}` out", secret.name)));
            }
            arguments.insert(secret.name.clone(), "a secret that no example shows");
        }
        match plan.bind(&arguments, &root) {
            Ok(request) => check_request(plan, example, &request, reading),
            Err(errors) => {
                for error in errors {
                    let message = format!("example {}: {error}", index + 1);
                    reading.report.add(Finding::new(Code::InvalidExample, example.span, message));
                }
            }
        }
    }
}

/// GD0318: known from the declarations, or shown by an example.
fn check_comparisons(
    plan: &CommandPlan,
    examples: &[ExampleSource<'_>],
    uses: &Uses<'_>,
    reading: &mut Reading<'_>,
) {
    for (comparison, span) in uses.comparisons() {
        let sides = [&comparison.left, &comparison.right];
        let declared = clash(sides.map(|side| declared_kind(side, plan)));
        let shown = || {
            examples.iter().enumerate().find_map(|(index, example)| {
                let kinds = sides.map(|side| side.value(&example.params).map(kind_of));
                Some(format!("{} (example {})", clash(kinds)?, index + 1))
            })
        };
        if let Some(message) = declared.or_else(shown) {
            let finding = Finding::new(Code::IncompatibleComparison, *span, message);
            reading.report.add(finding.help("compare values of one type"));
        }
    }
}

fn clash([left, right]: [Option<&'static str>; 2]) -> Option<String> {
    let (left, right) = (left?, right?);
    (left != right).then(|| format!("cannot compare {left} with {right}"))
}

fn declared_kind(operand: &Operand, plan: &CommandPlan) -> Option<&'static str> {
    let path = match operand {
        Operand::Literal(value) => return Some(kind_of(value)),
        Operand::Parameter(path) => path,
    };
    let [name] = path.as_slice() else { return None };
    Some(match plan.signature.get(name)?.kind {
        ArgumentKind::Any => return None,
        ArgumentKind::Int => "a number",
        ArgumentKind::Bool => "true or false",
        ArgumentKind::List(_) => "a list",
        ArgumentKind::Object => "an object",
        _ => "text",
    })
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// GD0707: the first place where the expected request is another one.
fn check_request(
    plan: &CommandPlan,
    example: &ExampleSource<'_>,
    request: &Request,
    reading: &mut Reading<'_>,
) {
    let Some(expected) = &example.request else { return };
    let version = format!("/{}", plan.version);
    let path = request.path_and_query.strip_prefix(&version).unwrap_or(&request.path_and_query);
    let path = Value::from(path);
    let body = request.body.as_ref();
    let differs = |entry: Option<&Entry>, compiled: Option<&Value>| {
        entry.and_then(|entry| difference(&entry.value, compiled, &version))
    };
    let found = differs(expected.path, Some(&path)).or_else(|| differs(expected.body, body));
    if let Some((span, message)) = found {
        reading.report.add(Finding::new(Code::ExampleRequest, span, message));
    }
}

fn difference(node: &Node, compiled: Option<&Value>, version: &str) -> Option<(Span, String)> {
    match (&node.kind, compiled) {
        (NodeKind::Invalid, _) => None,
        (NodeKind::Mapping(mapping), _) if mapping.get("ref").is_some() => {
            let text = |key: &str| Some(mapping.get(key)?.value.scalar()?.text.as_str());
            let url = format!("{EXAMPLE_ROOT}{version}/{}/{}", text("ref")?, text("id")?);
            differing(node, &url.into(), compiled)
        }
        (NodeKind::Mapping(mapping), Some(Value::Object(object))) => {
            let entries = mapping.entries.iter();
            let mut inner = entries
                .map(|entry| difference(&entry.value, object.get(&entry.key.value), version));
            inner.find_map(|found| found).or_else(|| more(node, mapping.entries.as_slice(), object))
        }
        (NodeKind::List(items), Some(Value::Array(values))) if items.len() == values.len() => {
            let pairs = items.iter().zip(values);
            pairs.into_iter().find_map(|(item, value)| difference(item, Some(value), version))
        }
        _ => differing(node, &crate::definition::json_of(node), compiled),
    }
}

fn differing(node: &Node, expected: &Value, compiled: Option<&Value>) -> Option<(Span, String)> {
    if compiled == Some(expected) {
        return None;
    }
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let compiled = compiled.map_or_else(|| "nothing".to_owned(), |it| format!("`{}`", shown(it)));
    Some((node.span, format!("expected `{}`, compiled {compiled}", shown(expected))))
}

/// A key that the command sends and the example does not have.
fn more(node: &Node, entries: &[Entry], object: &Map<String, Value>) -> Option<(Span, String)> {
    let expected = |key: &str| entries.iter().any(|entry| entry.key.value == key);
    let (key, value) = object.iter().find(|(key, _)| !expected(key))?;
    Some((node.span, format!("expected no `{key}`, compiled `{value}`")))
}
