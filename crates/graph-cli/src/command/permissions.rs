//! `graphctl permissions`: what commands need, and what the token was granted.

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use graph_dsl::{CommandPlan, Permission};
use serde_json::Value;

use crate::args::{Globals, PermissionsArgs};
use crate::command::catalogue;
use crate::command::query::closed;
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::output::{Rows, print_rows};
use crate::system::{self, Loaded};

/// How many alternatives a row shows.
const ALTERNATIVES: usize = 4;

pub(crate) async fn run(
    args: PermissionsArgs,
    globals: &Globals,
    notice: Notice,
) -> Result<Exit, Failure> {
    let loaded = system::load(globals)?;
    let plans = matching(&loaded, &args.commands)?;
    if args.grant_script {
        return script(&plans);
    }
    let granted = if args.check { Some(granted(&loaded).await?) } else { None };
    let missing = granted.as_ref().map(|granted| missing(&plans, granted));
    let mut columns = ["command", "least", "others", "delegated_only"].map(str::to_owned).to_vec();
    columns.extend(granted.is_some().then(|| "granted".to_owned()));
    let rows = plans.iter().map(|plan| row(plan, granted.as_ref())).collect();
    print_rows(Rows { columns, rows }, args.output).map_err(closed)?;
    match missing {
        Some(missing) if !missing.is_empty() => {
            let names: Vec<&str> = missing.iter().map(String::as_str).collect();
            notice.say(&format!("not granted: {}", names.join(", ")));
            Ok(Exit::Refused)
        }
        _ => Ok(Exit::Done),
    }
}

/// Commands by name, alias or pattern: `user.*`, `*.list`.
fn matching<'a>(loaded: &'a Loaded, patterns: &[String]) -> Result<Vec<&'a CommandPlan>, Failure> {
    let known = &loaded.system.catalogue;
    let mut plans: Vec<&CommandPlan> = Vec::new();
    for pattern in patterns {
        let found: Vec<&CommandPlan> = match known.get(pattern) {
            Some(plan) => vec![plan],
            None => known.iter().filter(|plan| fits(pattern, &plan.full_name())).collect(),
        };
        if found.is_empty() {
            return Err(catalogue::unknown(known, pattern));
        }
        plans.extend(found);
    }
    if patterns.is_empty() {
        plans = known.iter().collect();
    }
    plans.dedup_by_key(|plan| plan.full_name());
    Ok(plans)
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
        None => name.split('.').next() == Some(pattern),
    }
}

/// The application permissions of the token; an unreadable token is a failure of its own.
async fn granted(loaded: &Loaded) -> Result<BTreeSet<String>, Failure> {
    let runner = connect::runner(loaded)?;
    runner.client().sign_in().await?;
    let granted = runner.granted_permissions();
    if granted.is_empty() {
        return Err(Failure::new(Exit::Refused, "the token names no permissions")
            .hint("an app without any application permission gets such a token"));
    }
    Ok(granted.into_iter().collect())
}

/// Whether one of the sets that allow the command is granted as a whole.
fn is_granted(plan: &CommandPlan, granted: &BTreeSet<String>) -> bool {
    let has_all = |set: &[String]| set.iter().all(|name| granted.contains(name));
    has_all(&plan.permission.application) && !plan.permission.is_delegated_only()
        || plan.needs.application.iter().any(|set| has_all(set))
}

fn missing(plans: &[&CommandPlan], granted: &BTreeSet<String>) -> BTreeSet<String> {
    let lacking = plans.iter().filter(|plan| !is_granted(plan, granted));
    lacking.flat_map(|plan| plan.permission.application.iter().cloned()).collect()
}

fn row(plan: &CommandPlan, granted: Option<&BTreeSet<String>>) -> Vec<Value> {
    let Permission { application, .. } = &plan.permission;
    let others = plan.needs.application.iter().filter(|set| *set != application);
    let mut others: Vec<String> = others.map(|set| set.join(" + ")).collect();
    let more = others.len().saturating_sub(ALTERNATIVES);
    others.truncate(ALTERNATIVES);
    if more > 0 {
        others.push(format!("{more} more"));
    }
    let mut row = vec![
        plan.full_name().into(),
        plan.permission.to_string().into(),
        others.join(", ").into(),
        plan.permission.is_delegated_only().into(),
    ];
    row.extend(granted.map(|granted| Value::from(is_granted(plan, granted))));
    row
}

/// The least that the commands need, as calls that grant it: names are resolved to role ids then.
fn script(plans: &[&CommandPlan]) -> Result<Exit, Failure> {
    let needed: BTreeSet<&String> =
        plans.iter().flat_map(|plan| &plan.permission.application).collect();
    let mut out = io::stdout().lock();
    let mut write = |line: &str| writeln!(out, "{line}").map_err(closed);
    write("#!/bin/sh")?;
    write("# Grants application permissions of Microsoft Graph; repeating it changes nothing.")?;
    write("# APP is the app that gets them: its service principal, app id or display name.")?;
    write("set -eu")?;
    for name in needed {
        write(&format!(
            "graphctl run service_principal.grant_application_permission id=\"$APP\" resource=00000003-0000-0000-c000-000000000000 role={name}"
        ))?;
    }
    Ok(Exit::Done)
}
