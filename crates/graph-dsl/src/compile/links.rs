//! What commands say about each other: same requests, aliases, the reads of `ensure` and `wait_for`.

use std::collections::BTreeMap;

use super::command::{Compiled, full_alias};
use crate::Catalogue;
use crate::definition::{ObjectSource, Reading};
use crate::diagnostic::{Code, Finding, suggest};
use crate::plan::CommandPlan;
use crate::source::{Entry, Span};

/// Checks the plans against each other and adds them to the catalogue.
pub(super) fn add_all(
    plans: Vec<Compiled>,
    objects: &[ObjectSource<'_>],
    catalogue: &mut Catalogue,
    reading: &mut Reading<'_>,
) {
    check_same_requests(&plans, reading);
    check_aliases(objects, reading);
    for Compiled { plan, .. } in plans {
        catalogue.insert(plan);
    }
    for object in objects {
        for block in object.commands.iter().flat_map(|command| [command.ensure, command.wait_for]) {
            let found = block.and_then(|entry| check_read(&object.name.value, entry, catalogue));
            reading.report.extend(found.filter(|_| !reading.truncated));
        }
    }
}

/// GD0703: two commands of an object type that send the same request.
fn check_same_requests(plans: &[Compiled], reading: &mut Reading<'_>) {
    let mut seen: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for Compiled { plan, span, .. } in plans.iter().filter(|compiled| compiled.clean) {
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
            let full = full_alias(&object.name.value, &alias.value);
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

/// GD0515: `ensure.read` and `wait_for.read` name a command that reads.
fn check_read(object: &str, block: &Entry, catalogue: &Catalogue) -> Option<Finding> {
    let node = &block.value.mapping()?.get("read")?.value;
    let name = &node.scalar()?.text;
    let full = full_alias(object, name);
    let finding = |message| Finding::new(Code::UnknownEnsureRead, node.span, message);
    match catalogue.get(&full) {
        Some(plan) if plan.safety.reads => None,
        Some(_) => Some(finding(format!("`{name}` is not a reading command"))),
        None => {
            let reading = catalogue.iter().filter(|plan| plan.safety.reads);
            let known: Vec<String> = reading.map(CommandPlan::full_name).collect();
            let near = suggest(&full, known.iter().map(String::as_str));
            Some(finding(format!("unknown command `{name}`")).did_you_mean(node.span, near))
        }
    }
}
