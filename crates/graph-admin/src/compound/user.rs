//! `user.ensure`, `user.grant_license`.

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, optional, text, texts};
use super::steps::Halt;
use super::work::Work;

/// What a user is created with and never compared.
const ONLY_AT_FIRST: [&str; 2] = ["password", "forceChangePasswordNextSignIn"];

/// Creates the user or changes what differs.
pub(super) async fn ensure(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let name = argument(arguments, "userPrincipalName");
    let wanted: Vec<(&str, &Value)> =
        arguments.iter().filter(|(key, _)| !ONLY_AT_FIRST.contains(key)).collect();
    let mut select: Vec<String> = wanted.iter().map(|(key, _)| (*key).to_owned()).collect();
    select.push("id".to_owned());
    let found = work.find("user.get", Arguments::new().with("id", name).with("select", select));
    let Some(found) = found.await? else {
        return create(work, name, arguments).await;
    };
    let id = text(&found, "id");
    let differs: Arguments = wanted
        .into_iter()
        .filter(|(key, value)| *key != "userPrincipalName" && found.get(*key) != Some(value))
        .map(|(key, value)| (key, value.clone()))
        .collect();
    if differs.is_empty() {
        work.already(format!("{name} is as wanted"));
    } else {
        let names: Vec<&str> = differs.iter().map(|(key, _)| key).collect();
        let step = format!("change {} of {name}", names.join(", "));
        work.must(step, "user.update", differs.clone().with("id", id)).await?;
    }
    Ok(json!({ "id": id }))
}

async fn create(work: &mut Work, name: &str, arguments: &Arguments) -> Result<Value, Halt> {
    if arguments.get("password").is_none() {
        return Err(Halt::Unsafe(format!("{name} does not exist and needs a first `password`")));
    }
    let mut arguments = arguments.clone();
    let local = name.split('@').next().unwrap_or(name);
    if arguments.get("mailNickname").is_none() {
        arguments.insert("mailNickname", local);
    }
    if arguments.get("displayName").is_none() {
        arguments.insert("displayName", local);
    }
    let made = work.must(format!("create {name}"), "user.create", arguments).await?;
    Ok(json!({ "id": made["id"] }))
}

/// Assigns a licence, after the usage location that it needs (seed 001, "Common operational gotchas").
pub(super) async fn grant_license(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let (id, sku) = (argument(arguments, "id"), argument(arguments, "skuId"));
    let select: Vec<String> =
        ["id", "usageLocation", "assignedLicenses"].map(str::to_owned).to_vec();
    let user =
        work.read("user.get", Arguments::new().with("id", id).with("select", select)).await?;
    let disabled = texts(arguments, "disabledPlans");
    match (user["usageLocation"].as_str(), optional(arguments, "usageLocation")) {
        (None, None) => {
            let what = format!("{id} has no usage location: name one with `usageLocation`");
            return Err(Halt::Unsafe(what));
        }
        (None, Some(location)) => {
            let set = Arguments::new().with("id", id).with("usageLocation", location);
            work.must(format!("set the usage location {location}"), "user.update", set).await?;
        }
        (Some(_), _) => {}
    }
    if has(&user, sku, &disabled) {
        work.already(format!("{id} has the licence {sku}"));
        return Ok(Value::Null);
    }
    let add = json!([{ "skuId": sku, "disabledPlans": disabled }]);
    let assign =
        Arguments::new().with("id", id).with("addLicenses", add).with("removeLicenses", json!([]));
    work.must(format!("assign the licence {sku}"), "user.assign_license", assign).await?;
    Ok(Value::Null)
}

fn has(user: &Value, sku: &str, disabled: &[String]) -> bool {
    let licences = user["assignedLicenses"].as_array().into_iter().flatten();
    licences.filter(|it| text(it, "skuId").eq_ignore_ascii_case(sku)).any(|it| {
        let plans = it["disabledPlans"].as_array().into_iter().flatten();
        let mut plans: Vec<&str> = plans.filter_map(Value::as_str).collect();
        let mut wanted: Vec<&str> = disabled.iter().map(String::as_str).collect();
        plans.sort_unstable();
        wanted.sort_unstable();
        plans == wanted
    })
}
