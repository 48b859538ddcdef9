//! `device.disable_stale`.

use graph_dsl::Arguments;
use serde_json::{Value, json};

use super::lookup::{argument, text};
use super::steps::Halt;
use super::work::Work;

/// Disables devices that nobody has signed in on for some time.
pub(super) async fn disable_stale(work: &mut Work, arguments: &Arguments) -> Result<Value, Halt> {
    let age = argument(arguments, "older_than");
    let cutoff = cutoff(work, age)?;
    let filter = format!("approximateLastSignInDateTime le {cutoff} and accountEnabled eq true");
    let select = ["id", "displayName", "approximateLastSignInDateTime"].map(str::to_owned).to_vec();
    let list = Arguments::new().with("filter", filter).with("select", select);
    let stale = work.list("device.list", list).await?;
    let most = arguments.get("max").and_then(Value::as_u64).unwrap_or(u64::MAX);
    if stale.len() as u64 > most {
        let what = format!("{} devices are older than {age}, more than `max` {most}", stale.len());
        return Err(Halt::Unsafe(what));
    }
    if stale.is_empty() {
        work.already(format!("no enabled device is older than {age}"));
    }
    for device in &stale {
        let seen = text(device, "approximateLastSignInDateTime");
        let step = format!("disable {}, last seen {seen}", text(device, "displayName"));
        work.step(step, "device.disable", Arguments::new().with("id", text(device, "id"))).await?;
    }
    Ok(json!({ "older_than": cutoff, "devices": stale.len() }))
}

fn cutoff(work: &Work, age: &str) -> Result<String, Halt> {
    let unreadable = |error: jiff::Error| Halt::Unsafe(format!("failed to read `{age}`: {error}"));
    let now = jiff::Timestamp::try_from(work.now()).map_err(unreadable)?;
    let age: jiff::Span = age.parse().map_err(unreadable)?;
    let cutoff = now.to_zoned(jiff::tz::TimeZone::UTC).checked_sub(age).map_err(unreadable)?;
    Ok(cutoff.timestamp().round(jiff::Unit::Second).map_err(unreadable)?.to_string())
}
