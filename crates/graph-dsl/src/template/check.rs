//! What an expression may name: roots, parameters, filters and tests, each with its exact place.

use std::ops::Range;

use super::engine::{FILTERS, TESTS};
use super::lexer::{Kind, Token, tokens};
use crate::diagnostic::{Code, Finding, suggest};
use crate::source::{Scalar, SourceText, Span};

/// Names that a template may start from.
pub(super) const ROOTS: &[&str] = &["params", "system"];
const WORDS: &[&str] = &[
    "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None",
];

/// A problem within a template's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) code: Code,
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    replacement: Option<String>,
}

/// What an expression uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Parameters, each with the place of its name.
    pub(crate) params: Vec<Use>,
    /// Filters in the order of their use, each from its `|` to the end of its name.
    pub(crate) filters: Vec<(String, Range<usize>)>,
    /// A parameter is picked by a computed name: which ones are used cannot be told.
    pub(crate) dynamic: bool,
    /// Some string in the expression holds a `/`.
    pub(crate) slash: bool,
}

/// One use of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) name: String,
    pub(crate) range: Range<usize>,
    /// The use copes with an absent value: `| default(…)`, `is defined`.
    pub(crate) guarded: bool,
}

impl Issue {
    pub(crate) fn new(code: Code, range: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, range, message: message.into(), help: None, replacement: None }
    }

    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The text that repairs it.
    pub(crate) fn replace_with(mut self, text: String) -> Self {
        self.replacement = Some(text);
        self
    }

    fn did_you_mean(mut self, found: Option<&str>, otherwise: impl FnOnce() -> String) -> Self {
        self.replacement = found.map(str::to_owned);
        let help = found.map_or_else(otherwise, |name| format!("did you mean `{name}`?"));
        self.help(help)
    }

    pub(crate) fn shift(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }

    /// The issue as a finding, placed in the file.
    pub(crate) fn finding(self, scalar: &Scalar, whole: Span, source: &SourceText) -> Finding {
        let span = scalar.locate(whole, source, self.range.start, self.range.end);
        let finding = Finding::new(self.code, span, self.message).maybe_help(self.help);
        match self.replacement {
            Some(text) => finding.edit(span, text),
            None => finding,
        }
    }
}

/// Names and filters of an expression, or everything that it may not say.
pub(crate) fn check(source: &str) -> Result<Uses, Vec<Issue>> {
    let tokens = tokens(source).map_err(|range| {
        vec![Issue::new(Code::TemplateSyntax, range, "this quote is never closed")]
    })?;
    let mut walk = Walk { source, tokens: &tokens, uses: Uses::default(), issues: Vec::new() };
    for index in 0..tokens.len() {
        walk.token(index);
    }
    if walk.issues.is_empty() { Ok(walk.uses) } else { Err(walk.issues) }
}

struct Walk<'a> {
    source: &'a str,
    tokens: &'a [Token],
    uses: Uses,
    issues: Vec<Issue>,
}

impl Walk<'_> {
    fn text(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| &self.source[token.range.clone()])
    }

    fn sign(&self, index: usize, sign: u8) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == Kind::Sign(sign))
    }

    fn before(&self, index: usize, back: usize) -> &str {
        index.checked_sub(back).map_or("", |index| self.text(index))
    }

    fn token(&mut self, index: usize) {
        let token = &self.tokens[index];
        match token.kind {
            Kind::Name => self.name(index),
            Kind::Text => self.uses.slash |= self.text(index).contains('/'),
            Kind::Sign(b'~') => {
                let issue =
                    Issue::new(Code::TemplateSyntax, token.range.clone(), "`~` is not available");
                self.issues.push(issue.help("write the parts side by side: `{{ a }}{{ b }}`"));
            }
            Kind::Number | Kind::Sign(_) => {}
        }
    }

    fn name(&mut self, index: usize) {
        let range = self.tokens[index].range.clone();
        let word = self.text(index).to_owned();
        let before = self.before(index, 1);
        if before == "|" {
            let bar = self.tokens[index - 1].range.start;
            self.uses.filters.push((word.clone(), bar..range.end));
            return self.known(&word, range, "filter", FILTERS);
        }
        let tested = before == "is" || (before == "not" && self.before(index, 2) == "is");
        if tested && word != "not" {
            return self.known(&word, range, "test", TESTS);
        }
        let called = self.sign(index + 1, b'(');
        if WORDS.contains(&word.as_str()) {
            return;
        }
        if called {
            let issue =
                Issue::new(Code::UnknownFilter, range, format!("unknown function `{word}`"));
            return self.issues.push(issue.help(format!("filters: {}", FILTERS.join(", "))));
        }
        let attribute = before == ".";
        let keyword = self.sign(index + 1, b'=') && !self.sign(index + 2, b'=');
        if !attribute && !keyword {
            self.root(index, &word, range);
        }
    }

    fn known(&mut self, word: &str, range: Range<usize>, what: &str, known: &[&str]) {
        if !known.contains(&word) {
            let issue = Issue::new(Code::UnknownFilter, range, format!("unknown {what} `{word}`"));
            let found = suggest(word, known.iter().copied());
            let issue = issue.did_you_mean(found, || format!("{what}s: {}", known.join(", ")));
            self.issues.push(issue);
        }
    }

    fn root(&mut self, index: usize, word: &str, range: Range<usize>) {
        match word {
            "params" => self.parameter(index),
            "system" => {}
            "connection" => {
                let message = "a template cannot read the connection";
                let issue = Issue::new(Code::SecretInUrl, range, message);
                self.issues.push(issue.help("pass what the command needs as an argument"));
            }
            _ => {
                let issue = Issue::new(Code::UnknownName, range, format!("unknown name `{word}`"));
                let found = suggest(word, ROOTS.iter().copied());
                let known = format!("known: {}", ROOTS.join(", "));
                let help = match found {
                    Some(name) => format!("did you mean `{name}`? {known}"),
                    None => known,
                };
                let mut issue = issue.help(help);
                issue.replacement = found.map(str::to_owned);
                self.issues.push(issue);
            }
        }
    }

    /// `params.x` or `params['x']`.
    fn parameter(&mut self, index: usize) {
        let (at, next) = match self.tokens.get(index + 2).map(|token| token.kind) {
            Some(Kind::Name) if self.sign(index + 1, b'.') => (index + 2, index + 3),
            Some(Kind::Text) if self.sign(index + 1, b'[') && self.sign(index + 3, b']') => {
                (index + 2, index + 4)
            }
            _ => {
                self.uses.dynamic = true;
                return;
            }
        };
        let token = &self.tokens[at];
        let quoted = usize::from(token.kind == Kind::Text);
        let range = token.range.start + quoted..token.range.end - quoted;
        let guarded = (self.text(next) == "|" && matches!(self.text(next + 1), "default" | "d"))
            || self.text(next) == "is";
        let name = self.source[range.clone()].to_owned();
        self.uses.params.push(Use { name, range, guarded });
    }
}

/// GD0311, GD0312: `x or true`, `x or false`.
pub(super) fn lints(source: &str) -> Vec<Issue> {
    let Ok(tokens) = tokens(source) else { return Vec::new() };
    let [.., or, last] = tokens.as_slice() else { return Vec::new() };
    if &source[or.range.clone()] != "or" {
        return Vec::new();
    }
    let range = or.range.start..last.range.end;
    let mut issue = match &source[last.range.clone()] {
        "true" | "True" => Issue::new(Code::AlwaysTrue, range, "this is always true")
            .help("`| default(true)` fills in only what is absent"),
        "1" => Issue::new(Code::AlwaysTrue, range, "this is always true")
            .help("`| default(1)` fills in only what is absent"),
        "false" | "False" => {
            Issue::new(Code::NoEffect, range, "`or false` has no effect on a bool")
                .help("remove it")
        }
        _ => return Vec::new(),
    };
    issue.replacement = Some(match &source[last.range.clone()] {
        "true" | "True" => "| default(true)".to_owned(),
        "1" => "| default(1)".to_owned(),
        _ => String::new(),
    });
    vec![issue]
}
