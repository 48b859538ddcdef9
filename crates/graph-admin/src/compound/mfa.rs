//! `user.reset_mfa`.

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, flag, text};
use super::steps::Halt;
use super::work::Work;

/// Typed methods and what deletes them, in the order in which Graph allows it: the mobile phone last,
/// because an alternate mobile cannot be without it.
const METHODS: [(&str, &str, &str); 5] = [
    ("#microsoft.graph.fido2AuthenticationMethod", "user.delete_fido2_method", "FIDO2 key"),
    (
        "#microsoft.graph.windowsHelloForBusinessAuthenticationMethod",
        "user.delete_windows_hello_for_business_method",
        "Windows Hello for Business key",
    ),
    (
        "#microsoft.graph.softwareOathAuthenticationMethod",
        "user.delete_software_oath_method",
        "software OATH token",
    ),
    (
        "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod",
        "user.delete_microsoft_authenticator_method",
        "Microsoft Authenticator",
    ),
    ("#microsoft.graph.phoneAuthenticationMethod", "user.delete_phone_method", "phone"),
];

/// The id of everybody's mobile phone method (Graph: phoneAuthenticationMethod).
const MOBILE: &str = "3179e48a-750b-4051-897c-87b9720928f7";

/// Deletes what a second factor can be, and creates a temporary access pass to register a new one with.
pub(super) async fn reset_mfa(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let id = argument(arguments, "id");
    let of_user = || Arguments::new().with("id", id);
    let mut methods = work.list("user.list_authentication_methods", of_user()).await?;
    methods.sort_by_key(|it| text(it, "id") == MOBILE);
    let mut deleted = 0;
    for (kind, command, name) in METHODS {
        for method in methods.iter().filter(|it| text(it, "@odata.type") == kind) {
            let detail =
                ["displayName", "phoneType", "model"].iter().find_map(|key| method[*key].as_str());
            let step = format!("delete the {name} {}", detail.unwrap_or_default());
            let delete = of_user().with("method_id", text(method, "id"));
            work.step(step.trim_end(), command, delete).await?;
            deleted += 1;
        }
    }
    if deleted == 0 {
        work.already("no second factor is registered");
    }
    if !flag(arguments, "temporary_access_pass") {
        return Ok(Value::Null);
    }
    let mut pass = of_user().with("isUsableOnce", true);
    if let Some(minutes) = arguments.get("lifetimeInMinutes") {
        pass.insert("lifetimeInMinutes", minutes.clone());
    }
    let step = "create a temporary access pass";
    let made = work.must(step, "user.create_temporary_access_pass", pass).await?;
    Ok(
        json!({ "temporaryAccessPass": made["temporaryAccessPass"], "lifetimeInMinutes": made["lifetimeInMinutes"] }),
    )
}
