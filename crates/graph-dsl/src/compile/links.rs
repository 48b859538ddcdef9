//! What commands say about each other: same requests, aliases, the reads of `ensure` and `wait_for`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::command::Compiled;
use crate::Catalogue;
use crate::definition::{ObjectSource, Reading};
use crate::diagnostic::{Code, Finding, suggest};
use crate::plan::CommandPlan;
use crate::source::{Span, Spanned};

/// Checks the plans against each other and adds them to the catalogue.
pub(super) fn add_all(
    plans: Vec<Compiled>,
    objects: &[ObjectSource<'_>],
    catalogue: &mut Catalogue,
    reading: &mut Reading<'_>,
) {
    check_same_requests(&plans, reading);
    check_aliases(objects, reading);
    let places: Vec<(String, Span)> =
        plans.iter().map(|it| (it.plan.full_name(), it.span)).collect();
    for Compiled { plan, .. } in plans {
        catalogue.insert(plan);
    }
    for (name, span) in places {
        if let Some(plan) = catalogue.get(&name) {
            let found = check_reads(plan, span, catalogue, reading.truncated);
            reading.report.extend(found);
        }
    }
}

/// GD0703: two commands of an object type that send the same request.
fn check_same_requests(plans: &[Compiled], reading: &mut Reading<'_>) {
    let mut seen: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for Compiled { plan, span } in plans {
        let template = &plan.template;
        let shape = format!(
            "{} {} {} {} {:?} {:?} {:?}",
            plan.object_type,
            plan.method,
            plan.version,
            template.path.shape(),
            template.query,
            template.headers,
            template.body
        );
        match seen.get(&shape) {
            None => {
                seen.insert(shape, (&plan.name, *span));
            }
            Some((first, at)) => {
                let message = format!(
                    "`{}.{}` does what `{}.{first}` does",
                    plan.object_type, plan.name, plan.object_type
                );
                let finding = Finding::new(Code::DuplicateRequest, *span, message);
                let finding = finding.also(*at, "the same request");
                reading.report.add(finding.help(format!("list it under `aliases` of `{first}`")));
            }
        }
    }
}

/// GD0704: an alias that is a command or another alias.
fn check_aliases(objects: &[ObjectSource<'_>], reading: &mut Reading<'_>) {
    let mut names: BTreeMap<String, Span> = BTreeMap::new();
    for object in objects {
        for command in &object.commands {
            names
                .insert(format!("{}.{}", object.name.value, command.name.value), command.name.span);
        }
    }
    for object in objects {
        for alias in object.commands.iter().flat_map(|command| &command.aliases) {
            let full = full_alias(&object.name.value, alias);
            if let Some(first) = names.get(&full) {
                let finding = Finding::new(
                    Code::InvalidAlias,
                    alias.span,
                    format!("`{full}` exists already"),
                );
                reading.report.add(finding.also(*first, "named here").help("choose another alias"));
            } else {
                names.insert(full, alias.span);
            }
        }
    }
}

fn full_alias(object: &str, alias: &Spanned<String>) -> String {
    if alias.value.contains('.') {
        alias.value.clone()
    } else {
        format!("{object}.{}", alias.value)
    }
}

/// GD0515: `ensure.read` and `wait_for.read` name a command that reads.
fn check_reads(
    plan: &CommandPlan,
    span: Span,
    catalogue: &Catalogue,
    truncated: bool,
) -> Option<Finding> {
    let read = |block: &Option<Value>| block.as_ref()?.get("read")?.as_str().map(str::to_owned);
    let names = [read(&plan.ensure), read(&plan.wait_for)];
    let wrong = names.into_iter().flatten().find_map(|name| {
        let full =
            if name.contains('.') { name.clone() } else { format!("{}.{name}", plan.object_type) };
        match catalogue.get(&full) {
            Some(found) if found.safety.reads => None,
            Some(_) => Some((format!("`{name}` is not a reading command"), None)),
            None if truncated => None,
            None => {
                let known =
                    catalogue.iter().filter(|plan| plan.safety.reads).map(CommandPlan::full_name);
                let known: Vec<String> = known.collect();
                let near = suggest(&full, known.iter().map(String::as_str)).map(str::to_owned);
                Some((format!("unknown command `{name}`"), near))
            }
        }
    })?;
    let help = wrong.1.map(|near| format!("did you mean `{near}`?"));
    Some(Finding::new(Code::UnknownEnsureRead, span, wrong.0).maybe_help(help))
}
