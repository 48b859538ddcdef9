//! Checks of the connection against itself and against the commands.

use crate::connection::{CLOUD_NAMES, GRAPH_HOSTS};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::plan::CommandPlan;
use crate::source::{Node, Plain};
use crate::{Catalogue, Connection};

/// GD0608, GD0609, GD0610.
pub(super) fn check(
    root: &Node,
    connection: &Connection,
    catalogue: &Catalogue,
    reading: &mut Reading<'_>,
) {
    let Some(node) = at(root, &["connection"]) else { return };
    logged_secrets(node, catalogue, reading);
    let cloud = connection.cloud_name();
    let custom = cloud.as_deref() == Some("custom");
    // A reference decides the cloud later: the client checks the hosts then.
    let undecided = at(node, &["cloud"]).is_some() && cloud.is_none();
    if !custom && !undecided {
        hosts(node, cloud.as_deref(), reading);
    }
}

/// The node below some keys.
fn at<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n Node> {
    keys.iter().try_fold(node, |node, key| Some(&node.mapping()?.get(key)?.value))
}

/// GD0608.
fn logged_secrets(connection: &Node, catalogue: &Catalogue, reading: &mut Reading<'_>) {
    let on = |key: &str| {
        let node = at(connection, &["logging", key])?;
        matches!(Plain::of(node.scalar()?), Plain::Bool(true)).then_some(node)
    };
    let Some(plan) = catalogue.iter().find(|plan| !plan.secrets.is_empty()) else { return };
    for (key, what) in [("response", "response bodies"), ("auth", "sign-ins and response bodies")] {
        let Some(node) = on(key) else { continue };
        let message = format!("{what} of `{}` hold a secret", plan.full_name());
        let finding = Finding::new(Code::LoggedSecret, node.span, message);
        reading.report.add(noted(finding, plan).help("it stays masked; consider `false`"));
    }
}

fn noted(finding: Finding, plan: &CommandPlan) -> Finding {
    finding.note(format!("`{}` is defined at {}", plan.full_name(), plan.defined_at))
}

fn hosts(connection: &Node, cloud: Option<&str>, reading: &mut Reading<'_>) {
    let base = at(connection, &["base_url"]).and_then(|node| Some((node, host(node)?)));
    if let Some((node, found)) = &base {
        let owner = GRAPH_HOSTS.iter().find(|(_, host)| host == found).map(|(name, _)| *name);
        let message = match (owner, cloud) {
            (None, _) => Some(format!("`{found}` is no host of Graph")),
            (Some(owner), Some(cloud)) if owner != cloud && CLOUD_NAMES.contains(&cloud) => {
                Some(format!("`{found}` is Graph in `{owner}`, not in `{cloud}`"))
            }
            _ => None,
        };
        if let Some(message) = message {
            let finding = Finding::new(Code::InsecureBaseUrl, node.span, message);
            reading.report.add(
                finding.help(
                    "write `cloud:` and leave `base_url` out; `cloud: custom` takes any host",
                ),
            );
            return;
        }
    }
    let named = at(connection, &["cloud"]).and_then(|node| {
        let cloud = cloud?;
        let (_, host) = GRAPH_HOSTS.iter().find(|(name, _)| *name == cloud)?;
        Some((node, (*host).to_owned()))
    });
    let resource = at(connection, &["credentials", "resource"]);
    let resource = resource.and_then(|node| Some((node, host(node)?)));
    if let (Some((first, calls)), Some((second, token))) = (base.or(named), resource)
        && calls != token
    {
        let message = format!("token for {token}, calls to {calls}");
        let (first, second) =
            if first.span < second.span { (first, second) } else { (second, first) };
        let finding = Finding::new(Code::CloudMismatch, second.span, message);
        let finding = finding.also(first.span, "another cloud");
        reading.report.add(finding.help("leave `resource` out: it follows the cloud"));
    }
}

/// The host of a literal https URL, in lower case.
fn host(node: &Node) -> Option<String> {
    let rest = node.scalar()?.text.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (!host.is_empty() && !host.contains('{')).then(|| host.to_ascii_lowercase())
}
