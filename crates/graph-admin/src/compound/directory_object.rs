//! `directory_object.resolve`.

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{is_guid, quoted, text, texts};
use super::steps::Halt;
use super::work::Work;

/// How many ids one call takes (Graph: directoryObject getByIds).
const PER_CALL: usize = 1000;

/// Where a display name is looked for.
const NAMED: [(&str, &str); 4] = [
    ("user.list", "user"),
    ("group.list", "group"),
    ("service_principal.list", "servicePrincipal"),
    ("device.list", "device"),
];

/// What ids, user principal names and display names stand for.
pub(super) async fn resolve(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let names = texts(arguments, "ids");
    let (ids, others): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| is_guid(name));
    let mut found = Vec::new();
    for chunk in ids.chunks(PER_CALL) {
        let chunk: Vec<String> = chunk.iter().map(|id| (*id).clone()).collect();
        found.extend(
            work.list("directory_object.get_by_ids", Arguments::new().with("ids", chunk)).await?,
        );
    }
    let mut resolved = Vec::new();
    for id in ids {
        let object = found.iter().find(|it| text(it, "id").eq_ignore_ascii_case(id));
        resolved.push(line(id, object, None));
    }
    for name in others {
        resolved.push(named(work, name).await?);
    }
    Ok(Value::Array(resolved))
}

async fn named(work: &Work, name: &str) -> Result<Value, Halt> {
    if name.contains('@') {
        let user = work.find("user.get", Arguments::new().with("id", name)).await?;
        return Ok(line(name, user.as_ref(), Some("user")));
    }
    let mut found: Vec<(Value, &str)> = Vec::new();
    for (command, kind) in NAMED {
        let filter = Arguments::new().with("filter", format!("displayName eq {}", quoted(name)));
        found.extend(work.list(command, filter).await?.into_iter().map(|it| (it, kind)));
    }
    match found.as_slice() {
        [] => Ok(line(name, None, None)),
        [(only, kind)] => Ok(line(name, Some(only), Some(kind))),
        several => {
            let shown = |(it, kind): &(Value, &str)| format!("{} {kind}", text(it, "id"));
            Err(Halt::Ambiguous {
                name: name.to_owned(),
                found: several.iter().map(shown).collect(),
            })
        }
    }
}

fn line(name: &str, object: Option<&Value>, kind: Option<&str>) -> Value {
    let Some(object) = object else {
        return json!({ "name": name, "id": null, "type": null, "displayName": null });
    };
    let own =
        object["@odata.type"].as_str().map(|kind| kind.trim_start_matches("#microsoft.graph."));
    json!({
        "name": name,
        "id": object["id"],
        "type": own.or(kind),
        "displayName": object["displayName"],
    })
}
