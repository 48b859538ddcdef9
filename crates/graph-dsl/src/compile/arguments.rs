//! What a command's templates use, against what its `arguments` block declares.

use std::ops::Range;

use crate::definition::ArgumentSource;
use crate::diagnostic::{Code, Finding, suggest};
use crate::plan::{Argument, ArgumentKind, Signature};
use crate::source::Span;
use crate::template::{Comparison, Expression};

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// `{name}` in the endpoint.
    Placeholder,
    /// `{{ … }}` in the endpoint.
    Path,
    Query,
    Header,
    Body,
}

/// Collects the parameters that a command uses.
pub(super) struct Uses<'a> {
    command: String,
    declared: Option<&'a [ArgumentSource]>,
    /// Names in the order of their first use, with whether every use copes with absence.
    seen: Vec<(String, bool)>,
    dynamic: bool,
    /// Comparisons by order, with their places.
    comparisons: Vec<(Comparison, Span)>,
}

impl<'a> Uses<'a> {
    pub(super) fn new(command: String, declared: Option<&'a [ArgumentSource]>) -> Self {
        Self { command, declared, seen: Vec::new(), dynamic: false, comparisons: Vec::new() }
    }

    /// Notes what an expression uses and says what is wrong with it. `locate` places a byte range
    /// of the expression, `whole` is all of it.
    pub(super) fn check(
        &mut self,
        expression: &Expression,
        locate: &dyn Fn(Range<usize>) -> Span,
        whole: Span,
        site: Site,
        in_text: bool,
    ) -> Vec<Finding> {
        let uses = expression.uses();
        self.dynamic |= uses.dynamic;
        let comparisons = expression.comparisons().into_iter();
        self.comparisons.extend(comparisons.map(|it| (it.clone(), locate(it.range))));
        let mut findings = Vec::new();
        for used in &uses.params {
            let span = if site == Site::Placeholder { whole } else { locate(used.range.clone()) };
            match self.seen.iter_mut().find(|(name, _)| *name == used.name) {
                Some((_, guarded)) => *guarded &= used.guarded,
                None => self.seen.push((used.name.clone(), used.guarded)),
            }
            findings.extend(self.check_use(&used.name, span, site));
        }
        if let Some(name) = expression.bare_parameter().filter(|_| findings.is_empty()) {
            findings.extend(self.check_bare(name, whole, site, in_text));
        }
        findings
    }

    fn check_use(&self, name: &str, span: Span, site: Site) -> Option<Finding> {
        let declared = self.declared?;
        let Some(source) = declared.iter().find(|source| source.name.value == name) else {
            let names = declared.iter().map(|source| source.name.value.as_str());
            return Some(self.undeclared(name, span, site, suggest(name, names)));
        };
        let in_url = matches!(site, Site::Placeholder | Site::Path | Site::Query);
        if in_url && source.argument.kind == ArgumentKind::Secret {
            let message = format!("secret `{name}` would appear in a URL");
            let finding = Finding::new(Code::SecretInUrl, span, message);
            return Some(
                finding
                    .also(source.name.span, "declared as a secret here")
                    .help("move it to the body"),
            );
        }
        None
    }

    fn undeclared(&self, name: &str, span: Span, site: Site, found: Option<&str>) -> Finding {
        let finding = if site == Site::Placeholder {
            let message = format!("path parameter `{name}` is not declared");
            Finding::new(Code::UndeclaredPlaceholder, span, message)
        } else {
            let message = format!("parameter `{name}` is not declared by `{}`", self.command);
            Finding::new(Code::UndeclaredParameter, span, message)
        };
        match found {
            Some(found) if site == Site::Placeholder => {
                finding.help(format!("did you mean `{found}`?")).edit(span, format!("{{{found}}}"))
            }
            Some(found) => finding.did_you_mean(span, Some(found)),
            None => finding.help(format!("add `{name}` to `arguments`")),
        }
    }

    /// `params.NAME` alone: what its declaration says about text and absence.
    fn check_bare(&self, name: &str, span: Span, site: Site, in_text: bool) -> Option<Finding> {
        let source = self.declared?.iter().find(|source| source.name.value == name)?;
        let argument = &source.argument;
        let in_path = matches!(site, Site::Placeholder | Site::Path);
        let optional = !argument.required && argument.default.is_none();
        if in_path && optional {
            let finding = Finding::new(
                Code::OptionalPlaceholder,
                span,
                "path parameters are always required",
            );
            return Some(finding.also(source.name.span, "declared optional here"));
        }
        if !in_text && !in_path {
            return None;
        }
        let kind = match argument.kind {
            ArgumentKind::List(_) => "a list",
            ArgumentKind::Object => "an object",
            _ if optional => {
                let message = format!("optional parameter `{name}` may be absent here");
                let finding = Finding::new(Code::AbsentInText, span, message);
                return Some(finding.help("`| default('')`, or make it required"));
            }
            _ => return None,
        };
        let message = format!("`params.{name}` is {kind}; it cannot be part of text");
        let finding = Finding::new(Code::ListInText, span, message);
        Some(if kind == "a list" {
            finding.help("use it alone, or `| join(',')`")
        } else {
            finding.help("use it alone")
        })
    }

    /// Whether the `arguments` block declares a parameter with this type.
    pub(super) fn is_declared_as(&self, name: &str, kind: &ArgumentKind) -> bool {
        let declared = self.declared.unwrap_or_default();
        declared.iter().any(|it| it.name.value == name && it.argument.kind == *kind)
    }

    /// What its expressions compare by order.
    pub(super) fn comparisons(&self) -> &[(Comparison, Span)] {
        &self.comparisons
    }

    /// GD0304: declared and never used.
    pub(super) fn unused(&self) -> Vec<Finding> {
        // An undeclared name is probably a misspelt one of these: that was said already.
        let declared = self.declared.unwrap_or_default();
        let is_declared = |name: &str| declared.iter().any(|source| source.name.value == name);
        if self.dynamic || self.seen.iter().any(|(name, _)| !is_declared(name)) {
            return Vec::new();
        }
        let unused = declared
            .iter()
            .filter(|source| !self.seen.iter().any(|(name, _)| *name == source.name.value));
        let finding = |source: &ArgumentSource| {
            let message = format!("parameter `{}` is never used", source.name.value);
            Finding::new(Code::UnusedParameter, source.name.span, message).help("remove it")
        };
        unused.map(finding).collect()
    }

    /// The command's signature: declared, or inferred from the uses.
    pub(super) fn signature(&self) -> Signature {
        match self.declared {
            Some(declared) => Signature {
                arguments: declared.iter().map(|source| source.argument.clone()).collect(),
                inferred: false,
            },
            None => {
                Signature { arguments: self.seen.iter().map(inferred).collect(), inferred: true }
            }
        }
    }
}

/// An argument that no block declares: of any type, and required unless every use copes with its absence.
fn inferred((name, guarded): &(String, bool)) -> Argument {
    let mut argument = Argument::required(name.clone(), ArgumentKind::Any);
    argument.required = !guarded;
    argument
}
