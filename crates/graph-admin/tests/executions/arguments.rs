//! The arguments of an execution: the example's, with objects that the tenant has.

use graph_dsl::{ArgumentKind, Arguments, CommandPlan};
use serde_json::Value;

use crate::objects::names;

/// Which object an argument of an example stands for, by object type (any when empty) and name.
const USUAL: &[(&str, &[&str], &str)] = &[
    ("user", &["id", "principalId"], "$user"),
    ("directory_object", &["id"], "$user"),
    ("identity_protection", &["id"], "$user"),
    ("group", &["id"], "$group"),
    ("application", &["id"], "$application"),
    ("service_principal", &["id"], "$service_principal"),
    ("administrative_unit", &["id"], "$unit"),
    ("administrative_unit", &["roleId"], "$directory_role"),
    ("role_management", &["id"], "$directory_role"),
    ("device", &["id"], "$device"),
    ("org_contact", &["id"], "$contact"),
    ("organization", &["id"], "$tenant"),
    ("", &["manager_id", "member_id", "owner_id", "sponsor_id", "user_id"], "$other"),
    ("", &["principalId", "principal_id", "member_ids", "owner_ids"], "$other"),
    ("", &["groupIds"], "$group"),
    ("", &["ids", "userIds"], "$user"),
    ("", &["clientId", "resourceId"], "$service_principal"),
];

fn usual(plan: &CommandPlan, argument: &str) -> Option<&'static str> {
    let fits = |object_type: &str| object_type.is_empty() || object_type == plan.object_type;
    let found = USUAL.iter().find(|(of, names, _)| fits(of) && names.contains(&argument));
    found.map(|(_, _, object)| *object)
}

/// The example's arguments with ids of the tenant, then what the table gives.
pub(crate) async fn arguments(
    plan: &CommandPlan,
    given: &str,
    answers: &[Value],
) -> Result<Arguments, String> {
    let mut values = plan.examples.first().map(|it| it.params.clone()).unwrap_or_default();
    for argument in plan.signature.arguments.iter().filter(|it| it.required) {
        if argument.kind == ArgumentKind::Secret {
            values.insert(argument.name.clone(), "Harbour-Crane-17!");
        } else if values.get(&argument.name).is_none() {
            let value = argument.kind.read_text(&argument.example()).ok_or("no sample")?;
            values.insert(argument.name.clone(), value);
        }
    }
    let names: Vec<String> = values.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        if let Some(id) = usual(plan, &name) {
            insert(&mut values, plan, &name, id, answers).await?;
        }
    }
    for pair in given.split_whitespace() {
        if let Some(left_out) = pair.strip_prefix('-') {
            let others = values.iter().filter(|(name, _)| *name != left_out);
            values = others.map(|(name, value)| (name.to_owned(), value.clone())).collect();
            continue;
        }
        let (name, text) = pair.split_once('=').ok_or(format!("`{pair}` is no argument"))?;
        insert(&mut values, plan, name, text, answers).await?;
    }
    Ok(values)
}

async fn insert(
    values: &mut Arguments,
    plan: &CommandPlan,
    name: &str,
    text: &str,
    answers: &[Value],
) -> Result<(), String> {
    let text = resolved(text, answers).await?;
    let argument = plan.signature.get(name).ok_or(format!("no argument `{name}`"))?;
    let value =
        argument.kind.read_text(&text).ok_or(format!("`{text}` is no {}", argument.kind))?;
    values.insert(name, value);
    Ok(())
}

/// Text with its `${user.id}` replaced; all of it may be one `$user` or `$1.id`.
async fn resolved(text: &str, answers: &[Value]) -> Result<String, String> {
    if let Some(name) = text.strip_prefix('$').filter(|name| !name.starts_with('{')) {
        return named(name, answers).await;
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or("`${` is never closed")?;
        out += before;
        out += &named(name, answers).await?;
        rest = after;
    }
    Ok(out + rest)
}

async fn named(name: &str, answers: &[Value]) -> Result<String, String> {
    let (first, rest) = name.split_once('.').unwrap_or((name, "id"));
    if let Ok(position) = first.parse::<usize>() {
        let pointer = format!("/{}", rest.replace('.', "/"));
        let answer = answers.get(position - 1).and_then(|answer| answer.pointer(&pointer));
        return answer.and_then(Value::as_str).map(str::to_owned).ok_or(format!("no ${name}"));
    }
    names().await.get(&format!("{first}.{rest}")).cloned().ok_or(format!("no ${name}"))
}
