//! `group.set_members`: members added, removed, or made exactly these.

use std::collections::BTreeSet;

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, flag, text, texts};
use super::steps::Halt;
use super::work::{Stepped, Work};

/// How many members one PATCH adds (Graph: Add members).
const PER_PATCH: usize = 20;

pub(super) async fn set_members(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let id = argument(arguments, "id");
    let of_group = || Arguments::new().with("id", id);
    let lowercase = |id: &str| id.to_ascii_lowercase();
    let wanted: BTreeSet<String> =
        texts(arguments, "member_ids").iter().map(|id| lowercase(id)).collect();
    let list = of_group().with("select", vec!["id".to_owned()]).with("top", 999);
    let members = work.list("group.list_members", list).await?;
    let members: BTreeSet<String> = members.iter().map(|it| lowercase(text(it, "id"))).collect();
    let mode = argument(arguments, "mode");
    let to_add: Vec<&String> =
        if mode == "remove" { Vec::new() } else { wanted.difference(&members).collect() };
    let to_remove: Vec<&String> = match mode {
        "add" => Vec::new(),
        "remove" => wanted.intersection(&members).collect(),
        _ => members.difference(&wanted).collect(),
    };
    let empties = !members.is_empty() && to_add.is_empty() && to_remove.len() == members.len();
    if empties && !flag(arguments, "allow_empty") {
        let what = format!("this takes away all {} members: say `allow_empty`", members.len());
        return Err(Halt::Unsafe(what));
    }
    if to_add.is_empty() && to_remove.is_empty() {
        work.already("the members are as wanted");
    }
    for chunk in to_add.chunks(PER_PATCH) {
        add(work, id, chunk).await?;
    }
    for member in &to_remove {
        let remove = of_group().with("member_id", member.as_str());
        work.step(format!("remove {member}"), "group.remove_member", remove).await?;
    }
    Ok(json!({ "members": members.len() + to_add.len() - to_remove.len() }))
}

/// One PATCH is all or nothing, so what it refuses is added one by one to tell which it was.
async fn add(work: &mut Work, id: &str, chunk: &[&String]) -> Result<(), Halt> {
    let of_group = || Arguments::new().with("id", id);
    if let [_, _, ..] = chunk {
        let ids: Vec<String> = chunk.iter().map(|id| (*id).clone()).collect();
        let all = of_group().with("member_ids", ids);
        let stepped =
            work.try_step(format!("add {} members", chunk.len()), "group.add_members", all);
        if !matches!(stepped.await?, Stepped::Failed(_)) {
            return Ok(());
        }
    }
    for member in chunk {
        let add = of_group().with("member_id", member.as_str());
        work.step(format!("add {member}"), "group.add_member", add).await?;
    }
    Ok(())
}
