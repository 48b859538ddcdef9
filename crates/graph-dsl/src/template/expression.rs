//! One expression: compiled once, evaluated against the arguments.

use std::cell::OnceCell;
use std::fmt;

use minijinja::ErrorKind;
use minijinja::value::{Serde, Value as Dynamic};
use serde_json::{Map, Value};

use super::check::{Issue, Uses, check, lints};
use super::comparison::{Comparison, comparisons};
use super::engine::{MAX_OUTPUT_BYTES, MAX_STEPS, environment};
use super::lexer::tokens;
use super::render::{TemplateError, json_of, text_or_error};
use crate::diagnostic::Code;

/// Longest expression, in bytes.
const MAX_SOURCE_BYTES: usize = 16 * 1024;

/// What expressions are evaluated against: the arguments of one call.
pub(crate) struct Scope<'a> {
    params: &'a Map<String, Value>,
    system: &'a str,
    dynamic: OnceCell<Dynamic>,
}

/// A compiled `{{ expression }}`.
pub(crate) struct Expression {
    source: String,
    uses: Uses,
    lints: Vec<Issue>,
    program: Program,
}

enum Program {
    /// `params.a.b`: read from the JSON as it is, exact to the last digit.
    Path(Vec<String>),
    General(minijinja::Expression<'static, 'static>),
}

impl<'a> Scope<'a> {
    pub(crate) fn new(params: &'a Map<String, Value>, system: &'a str) -> Self {
        Self { params, system, dynamic: OnceCell::new() }
    }

    fn dynamic(&self) -> &Dynamic {
        self.dynamic.get_or_init(|| {
            let params = Dynamic::from(Serde(self.params));
            let system = Dynamic::from_pairs([("name", Dynamic::from(self.system))]);
            Dynamic::from_pairs([("params", params), ("system", system)])
        })
    }
}

impl Expression {
    /// Compiles the text between the braces; issues carry byte ranges within it.
    pub(crate) fn compile(source: &str) -> Result<Self, Vec<Issue>> {
        if source.len() > MAX_SOURCE_BYTES {
            return Err(vec![too_large(source, "16 KiB")]);
        }
        let uses = check(source)?;
        let program = match path(source) {
            Some(path) => Program::Path(path),
            None => Program::General(general(source).map_err(|issue| vec![issue])?),
        };
        Ok(Self { source: source.to_owned(), uses, lints: lints(source), program })
    }

    /// The expression `params.NAME`, as a path's `{NAME}` means it.
    pub(crate) fn parameter(name: &str) -> Self {
        let source = format!("params.{name}");
        let parameter = super::check::Use {
            name: name.to_owned(),
            range: "params.".len()..source.len(),
            guarded: false,
        };
        let uses = Uses { params: vec![parameter], ..Uses::default() };
        let program = Program::Path(vec![name.to_owned()]);
        Self { source, uses, lints: Vec::new(), program }
    }

    pub(crate) fn uses(&self) -> &Uses {
        &self.uses
    }

    /// What it compares by order.
    pub(crate) fn comparisons(&self) -> Vec<Comparison> {
        comparisons(&self.source)
    }

    pub(crate) fn lints(&self) -> &[Issue] {
        &self.lints
    }

    /// The parameter, when the expression is nothing but `params.NAME`.
    pub(crate) fn bare_parameter(&self) -> Option<&str> {
        match &self.program {
            Program::Path(path) if path.len() == 1 => path.first().map(String::as_str),
            _ => None,
        }
    }

    /// Whether the value went through `| odata` last and is an OData literal already.
    pub(crate) fn is_odata_literal(&self) -> bool {
        self.uses.filters.last().is_some_and(|(filter, _)| filter == "odata")
    }

    /// `x | tojson` becomes `x`: the value itself instead of its JSON text.
    pub(super) fn drop_trailing_tojson(&mut self) {
        let stripped = self.source.trim_end().strip_suffix("tojson").map(str::trim_end);
        let stripped = stripped.and_then(|rest| rest.strip_suffix('|')).map(str::to_owned);
        if let Some(Ok(expression)) = stripped.map(|rest| Self::compile(&rest)) {
            *self = expression;
        }
    }

    /// The value; `None` when it is absent.
    pub(crate) fn value(&self, scope: &Scope<'_>) -> Result<Option<Value>, TemplateError> {
        match &self.program {
            Program::Path(path) => Ok(lookup(scope.params, path).cloned()),
            Program::General(expression) => {
                let value = expression.eval(scope.dynamic()).and_then(|value| json_of(&value));
                value.map_err(|error| failed(&error))
            }
        }
    }

    /// The value as part of text.
    pub(crate) fn text(&self, scope: &Scope<'_>) -> Result<String, TemplateError> {
        let text = text_or_error(&self.value(scope)?.ok_or(TemplateError::Absent)?)?;
        if text.len() > MAX_OUTPUT_BYTES { Err(TemplateError::TooLarge) } else { Ok(text) }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{{{ {} }}}}", self.source.trim())
    }
}

fn too_large(source: &str, limit: &str) -> Issue {
    let message = format!("the template exceeds the limit ({limit})");
    Issue::new(Code::TemplateTooLarge, 0..source.len(), message).help(
        "an expression has at most 16 KiB, takes at most 5 000 steps and does not nest deeply",
    )
}

fn lookup<'a>(params: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(params.get(first)?, |value, key| value.get(key))
}

/// The keys of `params.a.b`, when the expression is nothing else.
pub(super) fn path(source: &str) -> Option<Vec<String>> {
    let mut keys = source.trim().split('.');
    let is_name = |key: &&str| {
        let mut chars = key.chars();
        chars.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
            && chars.all(|each| each == '_' || each.is_ascii_alphanumeric())
    };
    if keys.next()? != "params" {
        return None;
    }
    let keys: Vec<&str> = keys.collect();
    let all = !keys.is_empty() && keys.iter().all(is_name);
    all.then(|| keys.into_iter().map(str::to_owned).collect())
}

fn general(source: &str) -> Result<minijinja::Expression<'static, 'static>, Issue> {
    // Without loops every operand and operator is a step.
    if tokens(source).is_ok_and(|tokens| tokens.len() > MAX_STEPS) {
        return Err(too_large(source, "5 000 steps"));
    }
    environment().compile_expression_owned(source.to_owned()).map_err(|error| {
        let range = error.range().unwrap_or(0..source.len());
        let within = range.start.min(source.len())..range.end.min(source.len());
        if error.detail().is_some_and(|detail| detail.contains("recursion")) {
            return too_large(source, "nesting");
        }
        let message = error.detail().unwrap_or("the expression does not parse").to_owned();
        Issue::new(Code::TemplateSyntax, within, message)
    })
}

/// minijinja's words without its debug information, which would show values.
fn failed(error: &minijinja::Error) -> TemplateError {
    match error.kind() {
        ErrorKind::UndefinedError => TemplateError::Absent,
        ErrorKind::OutOfFuel => {
            TemplateError::Failed("the expression takes more than 5 000 steps".to_owned())
        }
        kind => {
            TemplateError::Failed(error.detail().map_or_else(|| kind.to_string(), str::to_owned))
        }
    }
}
