//! The blocks `ensure` and `wait_for`: their parameters compiled, their commands linked.

use std::sync::Arc;

use super::arguments::Uses;
use super::body;
use super::command::full_alias;
use crate::Catalogue;
use crate::definition::{CommandSource, EnsureSource, Reading, WaitSource};
use crate::diagnostic::{Code, Finding, suggest};
use crate::plan::{BodyTemplate, CommandPlan, Condition, Ensure, Method, WaitFor};
use crate::source::{Entry, Span, Spanned};

/// The parameters of a command's blocks.
#[derive(Default)]
pub(super) struct Params {
    /// Whether there is an `ensure` and a `wait_for`: a request with other reads around it is
    /// another command.
    pub(super) blocks: (bool, bool),
    ensure: Option<Arc<BodyTemplate>>,
    wait_for: Option<Arc<BodyTemplate>>,
}

impl Params {
    pub(super) fn compile(
        command: &CommandSource<'_>,
        uses: &mut Uses<'_>,
        reading: &mut Reading<'_>,
    ) -> Self {
        let mut params =
            |entry: Option<&Entry>| body::compile(&entry?.value, uses, reading).map(Arc::new);
        Self {
            blocks: (command.ensure.is_some(), command.wait_for.is_some()),
            ensure: params(command.ensure.as_ref().and_then(|ensure| ensure.params)),
            wait_for: params(command.wait_for.as_ref().and_then(|wait| wait.params)),
        }
    }
}

/// The blocks of a command with their commands, from a catalogue that has all of them.
pub(super) fn link(
    object: &str,
    command: &CommandSource<'_>,
    plan: &CommandPlan,
    params: &Params,
    catalogue: &Catalogue,
    reading: &mut Reading<'_>,
) -> (Option<Ensure>, Option<WaitFor>) {
    let mut findings = Vec::new();
    let links = Links { object, catalogue };
    let ensure = command.ensure.as_ref().and_then(|source| {
        check_compare(source, plan, &mut findings);
        ensure(&links, source, plan, params.ensure.clone(), &mut findings)
    });
    let wait = command.wait_for.as_ref();
    let wait =
        wait.and_then(|it| wait_for(&links, it, plan, params.wait_for.clone(), &mut findings));
    reading.report.extend(findings.into_iter().filter(|_| !reading.truncated));
    (ensure, wait)
}

/// Where commands are looked up.
struct Links<'c> {
    object: &'c str,
    catalogue: &'c Catalogue,
}

fn ensure(
    links: &Links<'_>,
    source: &EnsureSource<'_>,
    plan: &CommandPlan,
    params: Option<Arc<BodyTemplate>>,
    findings: &mut Vec<Finding>,
) -> Option<Ensure> {
    let read = keep(links.reading(&source.read), findings)?;
    for argument in read.signature.arguments.iter().filter(|argument| argument.required) {
        let given = params.as_ref().is_some_and(|params| params.has_key(&argument.name));
        if !given && plan.signature.get(&argument.name).is_none() {
            let message =
                format!("nothing gives `{}` its argument `{}`", source.read.value, argument.name);
            let finding = Finding::new(Code::UnknownEnsureRead, source.read.span, message);
            findings.push(finding.help(format!("add `{}` to `params`", argument.name)));
        }
    }
    let update = match &source.update {
        None => None,
        Some(name) => Some(keep(links.writing(name, plan), findings)?),
    };
    let compare = source.compare.as_ref();
    let compare = compare.map(|names| names.iter().map(|name| name.value.clone()).collect());
    Some(Ensure { read, update, compare, params })
}

fn wait_for(
    links: &Links<'_>,
    source: &WaitSource<'_>,
    plan: &CommandPlan,
    params: Option<Arc<BodyTemplate>>,
    findings: &mut Vec<Finding>,
) -> Option<WaitFor> {
    let read = match &source.read {
        Some(name) => Some(keep(links.reading(name), findings)?),
        None => None,
    };
    let gone = Condition { statuses: vec![404], ..Condition::default() };
    let usual = if plan.method == Method::Delete { gone } else { Condition::default() };
    Some(WaitFor {
        read,
        until: source.until.clone().unwrap_or(usual),
        failed_when: source.failed_when.clone(),
        every: source.every,
        max: source.max,
        attempts: source.attempts,
        params,
    })
}

impl Links<'_> {
    /// GD0515: a command that reads JSON.
    fn reading(&self, name: &Spanned<String>) -> Result<Arc<CommandPlan>, Box<Finding>> {
        let found = self.find(name, |plan| plan.safety.reads)?;
        if !found.safety.reads {
            return Err(
                wrong(name.span, format!("`{}` is not a reading command", name.value)).into()
            );
        }
        if found.binary || found.is_batch() {
            return Err(
                wrong(name.span, format!("`{}` does not read an object", name.value)).into()
            );
        }
        Ok(found)
    }

    /// GD0515: a command that changes what is there.
    fn writing(
        &self,
        name: &Spanned<String>,
        of: &CommandPlan,
    ) -> Result<Arc<CommandPlan>, Box<Finding>> {
        let changes = |plan: &CommandPlan| matches!(plan.method, Method::Patch | Method::Put);
        let found = self.find(name, changes)?;
        if of.method != Method::Post {
            let message = format!("{} changes what is there itself", of.method);
            return Err(wrong(name.span, message).help("remove `update`").into());
        }
        if !changes(&found) {
            return Err(wrong(name.span, format!("`{}` is no PATCH or PUT", name.value)).into());
        }
        Ok(found)
    }

    fn find(
        &self,
        name: &Spanned<String>,
        fits: impl Fn(&CommandPlan) -> bool,
    ) -> Result<Arc<CommandPlan>, Box<Finding>> {
        let full = full_alias(self.object, &name.value);
        self.catalogue.shared(&full).ok_or_else(|| {
            let fitting = self.catalogue.iter().filter(|plan| fits(plan));
            let known: Vec<String> = fitting.map(CommandPlan::full_name).collect();
            let near = suggest(&full, known.iter().map(String::as_str));
            wrong(name.span, format!("unknown command `{}`", name.value))
                .did_you_mean(name.span, near)
                .into()
        })
    }
}

fn wrong(span: Span, message: String) -> Finding {
    Finding::new(Code::UnknownEnsureRead, span, message)
}

fn keep<T>(result: Result<T, Box<Finding>>, findings: &mut Vec<Finding>) -> Option<T> {
    result.map_err(|finding| findings.push(*finding)).ok()
}

/// GD0414: `compare` names what the body does not have. GD0515: a read has nothing to ensure.
fn check_compare(source: &EnsureSource<'_>, plan: &CommandPlan, findings: &mut Vec<Finding>) {
    if plan.safety.reads {
        let message = "`ensure` on a command that only reads";
        let finding = Finding::new(Code::UnknownEnsureRead, source.span, message);
        findings.push(finding.help("remove it"));
        return;
    }
    let Some(body) = &plan.template.body else { return };
    let known = body.keys();
    for name in source.compare.iter().flatten() {
        if !known.contains(&name.value.as_str()) {
            let message = format!("the body has no `{}`", name.value);
            let finding = Finding::new(Code::UnknownBodyKey, name.span, message);
            let near = suggest(&name.value, known.iter().copied());
            findings.push(match near {
                Some(_) => finding.did_you_mean(name.span, near),
                None => finding.help("`compare` lists keys of `body`"),
            });
        }
    }
}
