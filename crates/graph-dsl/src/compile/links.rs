//! What commands say about each other: same requests, aliases, the reads of `ensure` and `wait_for`.

use std::collections::BTreeMap;

use super::command::{Compiled, full_alias};
use super::follow_up::{self, Params};
use crate::Catalogue;
use crate::definition::{ObjectSource, Reading};
use crate::diagnostic::{Code, Finding};
use crate::source::Span;

/// Checks the plans against each other and adds them to the catalogue.
pub(super) fn add_all(
    plans: Vec<Compiled>,
    objects: &[ObjectSource<'_>],
    catalogue: &mut Catalogue,
    reading: &mut Reading<'_>,
) {
    check_same_requests(&plans, reading);
    check_aliases(objects, reading);
    let mut params = BTreeMap::new();
    for compiled in plans {
        params.insert(compiled.plan.full_name(), compiled.params);
        catalogue.insert(compiled.plan);
    }
    for object in objects {
        link_all(object, &params, catalogue, reading);
    }
}

/// Gives the commands of an object type what their `ensure` and `wait_for` name.
fn link_all(
    object: &ObjectSource<'_>,
    params: &BTreeMap<String, Params>,
    catalogue: &mut Catalogue,
    reading: &mut Reading<'_>,
) {
    let object_type = object.name.value.as_str();
    for command in &object.commands {
        let name = format!("{object_type}.{}", command.name.value);
        let has_block = command.ensure.is_some() || command.wait_for.is_some();
        if let (true, Some(params), Some(plan)) =
            (has_block, params.get(&name), catalogue.get(&name))
        {
            let (ensure, wait_for) =
                follow_up::link(object_type, command, plan, params, catalogue, reading);
            catalogue.change(&name, |plan| (plan.ensure, plan.wait_for) = (ensure, wait_for));
        }
    }
}

/// GD0703: two commands of an object type that send the same request.
fn check_same_requests(plans: &[Compiled], reading: &mut Reading<'_>) {
    let mut seen: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for Compiled { plan, params, span, .. } in plans.iter().filter(|compiled| compiled.clean) {
        let template = &plan.template;
        let shape = format!(
            "{} {} {} {} {:?} {:?} {:?} {:?}",
            plan.object_type,
            plan.method,
            plan.version,
            template.path.shape(),
            template.query,
            template.headers,
            template.body,
            params.blocks
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
