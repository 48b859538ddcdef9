//! `invitation.invite_and_add`.

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, text};
use super::steps::Halt;
use super::work::Work;

/// Invites a guest and adds them to groups; inviting the same address again gives the same user.
pub(super) async fn invite_and_add(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let groups = super::lookup::texts(arguments, "group_ids");
    let invite: Arguments = arguments
        .iter()
        .filter(|(name, value)| *name != "group_ids" && !value.is_null())
        .map(|(name, value)| (name, value.clone()))
        .collect();
    let address = argument(arguments, "invitedUserEmailAddress");
    let made = work.must(format!("invite {address}"), "invitation.create", invite).await?;
    let user = text(&made["invitedUser"], "id").to_owned();
    for group in &groups {
        let add = Arguments::new().with("id", group.as_str()).with("member_id", user.as_str());
        work.step(format!("add to the group {group}"), "group.add_member", add).await?;
    }
    Ok(json!({ "id": user, "inviteRedeemUrl": made["inviteRedeemUrl"] }))
}
