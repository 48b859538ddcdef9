//! Commands to plans.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::arguments::Uses;
use super::follow_up::Params;
use super::{body, endpoint, examples, headers, outcomes, query};
use crate::check::Checker;
use crate::definition::{CommandSource, ExampleSource, ObjectSource, Reading, SystemSource};
use crate::diagnostic::{Code, Finding, suggest};
use crate::graph_index::Needs;
use crate::mapping::SchemaMapping;
use crate::plan::{Arguments, CommandPlan, Example, RequestTemplate, Safety, SourcePosition};
use crate::source::{Span, Spanned};
use crate::{ApiVersion, System};

/// What every command of a file shares.
pub(super) struct Compiler<'a> {
    pub(super) system: Arc<str>,
    pub(super) version: ApiVersion,
    pub(super) checker: Checker<'a>,
}

/// A plan and where its command is named.
pub(super) struct Compiled {
    pub(super) plan: CommandPlan,
    /// Of `ensure` and `wait_for`, which are linked when all plans are known.
    pub(super) params: Params,
    pub(super) span: Span,
    /// Nothing was wrong with it: comparing it with others means something.
    pub(super) clean: bool,
}

/// The schema mapping of a command, its own or its object type's.
struct Mapped<'m> {
    name: Option<&'m str>,
    mapping: Option<Arc<SchemaMapping>>,
}

impl Compiler<'_> {
    pub(super) fn compile_all(
        &self,
        objects: &[ObjectSource<'_>],
        mappings: &mut SchemaMappings,
        reading: &mut Reading<'_>,
    ) -> Vec<Compiled> {
        let mut plans = Vec::new();
        for object in objects {
            let inherited =
                object.schema_mapping.as_ref().and_then(|name| mappings.find(name, reading));
            for command in &object.commands {
                let own =
                    command.schema_mapping.as_ref().and_then(|name| mappings.find(name, reading));
                let mapping = own.or_else(|| inherited.clone());
                let name = command.schema_mapping.as_ref().or(object.schema_mapping.as_ref());
                let mapped = Mapped { name: name.map(|name| name.value.as_str()), mapping };
                plans.extend(self.compile(&object.name.value, command, mapped, reading));
            }
        }
        plans
    }

    fn compile(
        &self,
        object: &str,
        command: &CommandSource<'_>,
        mapped: Mapped<'_>,
        reading: &mut Reading<'_>,
    ) -> Option<Compiled> {
        let errors = reading.report.errors();
        let full_name = format!("{object}.{}", command.name.value);
        if command.summary.is_none() && !reading.truncated {
            let finding =
                Finding::new(Code::NoSummary, command.name.span, "command has no summary");
            reading.report.add(finding.help("a summary is shown in help and completion"));
        }
        let mut uses = Uses::new(full_name, command.arguments.as_deref());
        // A command whose endpoint is wrong gives no follow-up errors about its parameters.
        let endpoint = endpoint::compile(command.endpoint?, &mut uses, reading)?;
        let method = command.method.as_ref()?.value;
        outcomes::check(command, method, reading);
        let version = command.version.unwrap_or(self.version);
        let needs = self.checker.command(command, &endpoint.written, version, mapped.name, reading);
        let mut options = endpoint.query;
        if let Some(entry) = command.query {
            options.extend(query::compile(entry, &mut uses, reading));
        }
        let headers = command.headers.map(|entry| headers::compile(entry, &mut uses, reading));
        let body = command.body.filter(|_| method.has_body());
        let body = body.and_then(|entry| body::compile(&entry.value, &mut uses, reading));
        let params = Params::compile(command, &mut uses, reading);
        reading.report.extend(uses.unused());
        let template = RequestTemplate {
            system: Arc::clone(&self.system),
            path: endpoint.path,
            query: options,
            headers: headers.unwrap_or_default(),
            body,
            advanced: command.advanced,
        };
        let mut plan = self.plan(object, command, &uses, template, reading)?;
        plan.endpoint = endpoint.written;
        plan.mapping = mapped.mapping;
        if plan.permission.is_unknown() {
            plan.permission = needs.permission();
        }
        plan.needs = needs;
        examples::check(&plan, &command.examples, &uses, reading);
        let clean = reading.report.errors() == errors;
        if clean {
            outcomes::check_repeatable(command, reading);
        }
        Some(Compiled { plan, params, span: command.name.span, clean })
    }

    fn plan(
        &self,
        object: &str,
        command: &CommandSource<'_>,
        uses: &Uses<'_>,
        template: RequestTemplate,
        reading: &Reading<'_>,
    ) -> Option<CommandPlan> {
        let method = command.method.as_ref()?.value;
        let alias = |alias: &Spanned<String>| full_alias(object, &alias.value);
        Some(CommandPlan {
            object_type: object.to_owned(),
            name: command.name.value.clone(),
            summary: command.summary.as_ref().map(|summary| summary.value.clone()),
            deprecated: command.deprecated.clone(),
            method,
            endpoint: String::new(),
            version: command.version.unwrap_or(self.version),
            signature: uses.signature(),
            expect: command.expect.iter().map(|rule| rule.rule.clone()).collect(),
            safety: command.safety.clone().unwrap_or_else(|| Safety::of(method)),
            permission: command.permission.clone(),
            needs: Needs::default(),
            requires: command.requires.clone(),
            aliases: command.aliases.iter().map(alias).collect(),
            examples: command.examples.iter().map(example).collect(),
            auto_paginate: command.auto_paginate,
            binary: command.binary,
            split: command.split,
            secrets: command.secrets.clone(),
            unavailable_in: command.unavailable_in.clone(),
            mapping: None,
            ensure: None,
            wait_for: None,
            defined_at: SourcePosition {
                file: reading.file.to_owned(),
                position: reading.text.position(command.name.span.start),
            },
            template: Arc::new(template),
        })
    }
}

/// An alias with its object type: `user.list_users`.
pub(super) fn full_alias(object: &str, alias: &str) -> String {
    if alias.contains('.') { alias.to_owned() } else { format!("{object}.{alias}") }
}

fn example(source: &ExampleSource<'_>) -> Example {
    Example { summary: source.summary.clone(), params: Arguments::from(source.params.clone()) }
}

/// The mappings that commands may name: the file's own, then the base's.
pub(super) struct SchemaMappings {
    named: BTreeMap<String, Arc<SchemaMapping>>,
    own: Vec<(Spanned<String>, bool)>,
    /// Some name was not found: an unused mapping may be the one that was meant.
    missing: bool,
}

impl SchemaMappings {
    pub(super) fn new(source: &SystemSource<'_>, base: Option<&System>) -> Self {
        let mut named = base.map(|base| base.mappings.clone()).unwrap_or_default();
        let mut own = Vec::new();
        for (name, mapping) in &source.mappings {
            named.insert(name.value.clone(), Arc::new(mapping.clone()));
            own.push(((*name).clone(), false));
        }
        Self { named, own, missing: false }
    }

    /// GD0501 when there is none.
    fn find(
        &mut self,
        name: &Spanned<String>,
        reading: &mut Reading<'_>,
    ) -> Option<Arc<SchemaMapping>> {
        if let Some((_, used)) = self.own.iter_mut().find(|(own, _)| own.value == name.value) {
            *used = true;
        }
        let found = self.named.get(&name.value).cloned();
        self.missing |= found.is_none();
        if found.is_none() && !reading.truncated {
            let message = format!("schema mapping `{}` is not defined", name.value);
            let finding = Finding::new(Code::UnknownMapping, name.span, message);
            let near = suggest(&name.value, self.named.keys().map(String::as_str));
            reading.report.add(finding.did_you_mean(name.span, near));
        }
        found
    }

    /// GD0502.
    pub(super) fn report_unused(&self, reading: &mut Reading<'_>) {
        let silent = self.missing || reading.truncated;
        for (name, _) in self.own.iter().filter(|(_, used)| !used && !silent) {
            let message = format!("mapping `{}` is never used", name.value);
            let finding = Finding::new(Code::UnusedMapping, name.span, message);
            reading.report.add(finding.help("remove it, or name it with `schema_mapping`"));
        }
    }

    pub(super) fn into_named(self) -> BTreeMap<String, Arc<SchemaMapping>> {
        self.named
    }
}
