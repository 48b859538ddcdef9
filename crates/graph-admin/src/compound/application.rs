//! `application.rotate_secret`, `application.ensure_federated_credential`.

use std::time::Duration;

use graph_dsl::Arguments;
use graph_transport::{ClientSecret, GraphClient, Secret};
use serde_json::{Value, json};

use super::lookup::{argument, flag, optional, text, texts};
use super::steps::Halt;
use super::work::Work;

/// A new secret is not known everywhere at once.
const TRIES: u32 = 6;
const BETWEEN: Duration = Duration::from_secs(5);

/// Adds a secret, proves that it signs in, and removes those of the same name that are past their grace.
pub(super) async fn rotate_secret(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let (id, name) = (argument(arguments, "id"), argument(arguments, "displayName"));
    let of_app = || Arguments::new().with("id", id);
    let select: Vec<String> = ["id", "appId", "passwordCredentials"].map(str::to_owned).to_vec();
    let app = work.read("application.get", of_app().with("select", select)).await?;
    let old = past_grace(work, &app, name, argument(arguments, "grace"))?;
    let mut add = of_app().with("displayName", name);
    if let Some(end) = optional(arguments, "endDateTime") {
        add.insert("endDateTime", end);
    }
    let made = work.must(format!("add the secret {name}"), "application.add_password", add).await?;
    if flag(arguments, "verify") && !work.is_plan() {
        verify(work, text(&app, "appId")).await?;
    }
    for key in &old {
        let remove = of_app().with("keyId", key.as_str());
        work.step(format!("remove the old secret {key}"), "application.remove_password", remove)
            .await?;
    }
    Ok(json!({ "appId": app["appId"], "keyId": made["keyId"], "endDateTime": made["endDateTime"] }))
}

/// Secrets of the same name that began longer ago than the grace.
fn past_grace(work: &Work, app: &Value, name: &str, grace: &str) -> Result<Vec<String>, Halt> {
    let unreadable =
        |error: jiff::Error| Halt::Unsafe(format!("failed to read `{grace}`: {error}"));
    let now = jiff::Timestamp::try_from(work.now()).map_err(unreadable)?;
    let grace: jiff::Span = grace.parse().map_err(unreadable)?;
    let limit = now.to_zoned(jiff::tz::TimeZone::UTC).checked_sub(grace).map_err(unreadable)?;
    let credentials = app["passwordCredentials"].as_array().into_iter().flatten();
    let old = credentials.filter(|it| text(it, "displayName") == name).filter(|it| {
        let began: Option<jiff::Timestamp> = text(it, "startDateTime").parse().ok();
        began.is_some_and(|began| began <= limit.timestamp())
    });
    Ok(old.map(|it| text(it, "keyId").to_owned()).collect())
}

/// Signs in with the new secret: only then may an old one go.
async fn verify(work: &Work, app_id: &str) -> Result<(), Halt> {
    let (Some(tenant), Some(secret)) = (work.client().configured_tenant(), work.secret()) else {
        return Err(Halt::Unsafe(
            "the new secret cannot be verified: `verify` needs a connection that names its tenant"
                .to_owned(),
        ));
    };
    let mut last = None;
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(BETWEEN).await;
        }
        let credential = ClientSecret::new(tenant, app_id, Secret::new(secret.value.expose()));
        let client = GraphClient::builder(work.client().cloud().clone(), credential).build();
        let signed_in = match client {
            Ok(client) => client.sign_in().await,
            Err(error) => Err(error.into()),
        };
        match signed_in {
            Ok(()) => return Ok(()),
            Err(error) => last = Some(error),
        }
    }
    let error = last.map(|error| error.to_string()).unwrap_or_default();
    Err(Halt::Refused {
        what: "verify the new secret; the old ones are kept".to_owned(),
        error,
        disposition: None,
    })
}

/// Creates the federated credential or changes what differs.
pub(super) async fn ensure_federated_credential(
    work: &mut Work,
    arguments: &Arguments,
) -> Result<Value, Halt> {
    let (id, name) = (argument(arguments, "id"), argument(arguments, "name"));
    let of_app = Arguments::new().with("id", id);
    let known = work.list("application.list_federated_credentials", of_app).await?;
    let Some(found) = known.iter().find(|it| text(it, "name") == name) else {
        let create = arguments.clone();
        let step = format!("create the federated credential {name}");
        let made = work.must(step, "application.create_federated_credential", create).await?;
        return Ok(json!({ "id": made["id"] }));
    };
    let audiences = found["audiences"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let same = ["issuer", "subject"].iter().all(|key| text(found, key) == argument(arguments, key))
        && audiences.eq(texts(arguments, "audiences").iter().map(String::as_str));
    if same {
        work.already(format!("the federated credential {name} is as wanted"));
    } else {
        let step = format!("change the federated credential {name}");
        work.must(step, "application.upsert_federated_credential", arguments.clone()).await?;
    }
    Ok(json!({ "id": found["id"] }))
}
