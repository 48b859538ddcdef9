//! Bodies: the properties of an object, the parameters of an action, the reference of a link.

use super::property::Site;
use super::{Checker, Target};
use crate::definition::{ArgumentSource, CommandSource, Reading};
use crate::diagnostic::{Code, Finding, suggest};
use crate::graph_index::{PlaceKind, Role, TypeKind};
use crate::plan::{Argument, ArgumentKind, Method};
use crate::source::{Entry, Mapping, Node, Span};

/// What is checked, and what its templates may stand for.
pub(super) struct Body<'b> {
    pub(super) target: &'b Target,
    pub(super) method: Method,
    pub(super) arguments: Option<&'b [ArgumentSource]>,
    /// Something is written that could not be read; that was reported.
    pub(super) is_unreadable: bool,
}

impl Body<'_> {
    /// The declared kind of the parameter that a scalar is, when it is exactly one.
    pub(super) fn declared_kind(&self, text: &str) -> Option<&ArgumentKind> {
        self.declared(text).map(|argument| &argument.kind)
    }

    fn declared(&self, text: &str) -> Option<&Argument> {
        let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
        let name = inner.trim().strip_prefix("params.")?;
        let declared = self.arguments?.iter().find(|it| it.argument.name == name)?;
        Some(&declared.argument)
    }

    /// Where a key stands whose value may be left out.
    fn site(&self, value: &Node) -> Site {
        let argument = value.scalar().and_then(|scalar| self.declared(&scalar.text));
        match argument {
            Some(argument) if !argument.required && argument.default.is_none() => {
                Site::OptionalBody
            }
            _ => Site::Body,
        }
    }
}

impl Checker<'_> {
    /// Checks what a command sends.
    pub(super) fn body(
        &self,
        command: &CommandSource<'_>,
        target: &Target,
        reading: &mut Reading<'_>,
    ) {
        let Some(method) = command.method.as_ref().map(|method| method.value) else { return };
        let body = Body {
            target,
            method,
            arguments: command.arguments.as_deref(),
            is_unreadable: command.body.is_none() && command.has_body_key,
        };
        let node = command.body.map(|entry| &entry.value);
        let place = &target.place;
        if let (PlaceKind::Action, Some(operation)) = (place.kind, place.operation) {
            let span = command.body.map_or(command.name.span, |entry| entry.key.span);
            return self.action(operation, node, span, &body, reading);
        }
        let Some(node) = node.filter(|_| method.has_body()) else { return };
        match (place.kind, place.of) {
            (PlaceKind::Ref, _) => self.link(node, target, reading),
            (PlaceKind::Value | PlaceKind::Function | PlaceKind::Count, _) | (_, None) => {}
            (_, Some(of)) if of.is_many() && method == Method::Post => {
                self.value(node, of.one(), &body, reading);
            }
            (_, Some(of)) if !of.is_many() => self.value(node, of, &body, reading),
            _ => {}
        }
    }

    /// The properties of an object, of the derived type that it names.
    pub(super) fn object(
        &self,
        node: &Node,
        mapping: &Mapping,
        position: usize,
        body: &Body<'_>,
        reading: &mut Reading<'_>,
    ) {
        let named = mapping
            .get("@odata.type")
            .and_then(|entry| self.named_type(entry, position, body, reading));
        let union = self.index.data().overlay.unions.contains(&self.name_of(position));
        let abstract_type = (self.index.record(position).is_abstract || union) && mapping.complete;
        if named.is_none() && mapping.get("@odata.type").is_none() && abstract_type {
            reading.report.add(self.abstract_object(node, position));
            return;
        }
        let position = named.unwrap_or(position);
        for entry in &mapping.entries {
            self.entry(entry, position, body, reading);
        }
    }

    fn entry(&self, entry: &Entry, position: usize, body: &Body<'_>, reading: &mut Reading<'_>) {
        let key = &entry.key;
        let (name, annotation) = key.value.split_once('@').unwrap_or((&key.value, ""));
        // A template in a key was refused already.
        if name.is_empty()
            || name.contains("{{")
            || (!annotation.is_empty() && annotation != "odata.bind")
        {
            return;
        }
        let quote = usize::from(reading.text.slice(key.span).starts_with(['"', '\'']));
        let start = key.span.start + quote;
        let span =
            if annotation.is_empty() { key.span } else { Span::new(start, start + name.len()) };
        let found =
            self.property(position, name, span, body.site(&entry.value), body.target, reading);
        let Some(member) = found else { return };
        if annotation == "odata.bind" {
            self.bind(entry, member, body, reading);
            return;
        }
        let once = member.immutable && body.method == Method::Patch;
        if member.computed || once {
            let owner = self.name_of(position);
            let message = if member.computed {
                format!("`{name}` of `{owner}` is set by Graph")
            } else {
                format!("`{name}` of `{owner}` is set once, on creation")
            };
            let finding = Finding::new(Code::ReadOnlyProperty, key.span, message);
            reading.report.add(finding.help("leave it out"));
            return;
        }
        let links = member.role == Role::Reference && !is_object(&entry.value);
        if !links {
            self.value(&entry.value, member.of, body, reading);
        }
    }

    /// The type that `@odata.type` names.
    fn named_type(
        &self,
        entry: &Entry,
        position: usize,
        body: &Body<'_>,
        reading: &mut Reading<'_>,
    ) -> Option<usize> {
        let text = &entry.value.scalar()?.text;
        if text.contains("{{") {
            return None;
        }
        let name = text.trim_start_matches('#');
        let found = self.index.type_named(name);
        if let Some(found) = found.filter(|it| self.index.is_a(*it, position, body.target.cloud)) {
            return Some(found);
        }
        let owner = self.name_of(position);
        let derived = self.index.descendants(position);
        let names: Vec<String> = derived
            .into_iter()
            .map(|it| format!("#{}", self.index.text(self.index.record(it).name)))
            .collect();
        let message = match found {
            Some(found) => format!("`{}` is not derived from `{owner}`", self.name_of(found)),
            None => format!("`{name}` is no type of Graph v1.0"),
        };
        let finding = Finding::new(Code::AbstractType, entry.value.span, message);
        let near = suggest(text, names.iter().map(String::as_str));
        reading.report.add(finding.did_you_mean(entry.value.span, near));
        None
    }

    /// GD0417.
    fn abstract_object(&self, node: &Node, position: usize) -> Finding {
        let owner = self.name_of(position);
        let message = format!("`{owner}` is abstract: give `@odata.type`");
        let derived = self.index.descendants(position).into_iter();
        let concrete = derived.filter(|it| {
            let record = self.index.record(*it);
            !record.is_abstract && record.kind != TypeKind::Enum
        });
        let names: Vec<String> = concrete
            .take(6)
            .map(|it| format!("`#{}`", self.index.text(self.index.record(it).name)))
            .collect();
        Finding::new(Code::AbstractType, node.span, message)
            .help(format!("one of {}", names.join(", ")))
    }
}

fn is_object(node: &Node) -> bool {
    node.mapping().is_some_and(|mapping| mapping.get("ref").is_none())
}
