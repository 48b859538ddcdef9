//! Objects by what people call them; a name that several have is never resolved by taking the first.

use graph_dsl::Arguments;
use serde_json::Value;

use super::steps::Halt;
use super::work::Work;

/// Whether the text is an object id or app id.
pub(super) fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_hexdigit()))
}

/// A text inside an OData filter.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// An argument's text; the signature has checked that it is one.
pub(super) fn argument<'a>(arguments: &'a Arguments, name: &str) -> &'a str {
    optional(arguments, name).unwrap_or_default()
}

pub(super) fn optional<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a str> {
    arguments.get(name).and_then(Value::as_str)
}

pub(super) fn flag(arguments: &Arguments, name: &str) -> bool {
    arguments.get(name).and_then(Value::as_bool).unwrap_or_default()
}

/// The texts of a list argument.
pub(super) fn texts(arguments: &Arguments, name: &str) -> Vec<String> {
    let items = arguments.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The only object of a list.
pub(super) fn only(name: &str, mut found: Vec<Value>) -> Result<Value, Halt> {
    if found.len() == 1 {
        return Ok(found.remove(0));
    }
    let shown = |it: &Value| format!("{} {}", text(it, "id"), text(it, "displayName"));
    Err(Halt::Ambiguous { name: name.to_owned(), found: found.iter().map(shown).collect() })
}

/// A service principal by object id, app id or display name.
pub(super) async fn service_principal(work: &Work, named: &str) -> Result<Value, Halt> {
    const SELECT: [&str; 4] = ["id", "appId", "displayName", "appRoles"];
    let select = || SELECT.map(str::to_owned).to_vec();
    if is_guid(named) {
        let by_app = Arguments::new().with("app_id", named).with("select", select());
        if let Some(found) = work.find("service_principal.get_by_app_id", by_app).await? {
            return Ok(found);
        }
        let by_id = Arguments::new().with("id", named).with("select", select());
        return work.read("service_principal.get", by_id).await;
    }
    let filter = format!("displayName eq {}", quoted(named));
    let filter = Arguments::new().with("filter", filter).with("select", select());
    only(named, work.list("service_principal.list", filter).await?)
}

/// The id of a role definition, by itself or by the role's name.
pub(super) async fn role(work: &Work, named: &str) -> Result<String, Halt> {
    if is_guid(named) {
        return Ok(named.to_owned());
    }
    let filter = Arguments::new().with("filter", format!("displayName eq {}", quoted(named)));
    let role = only(named, work.list("role_management.list_definitions", filter).await?)?;
    Ok(text(&role, "id").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_told_from_a_name() {
        assert!(is_guid("00000003-0000-0000-c000-000000000000"));
        assert!(!is_guid("Microsoft Graph") && !is_guid("00000003-0000-0000-c000-00000000000g"));
        assert_eq!(quoted("O'Brien"), "'O''Brien'");
    }
}
