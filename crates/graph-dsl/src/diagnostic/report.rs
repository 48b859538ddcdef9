//! Collecting findings and turning them into diagnostics with lines, columns and paths.

use super::mask::secrets;
use super::{Code, Diagnostic, Edit, Fix, Label, Severity};
use crate::source::Span;
use crate::source::{Node, SourceText};

/// A problem as the stages report it: byte offsets, not yet lines and columns.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    code: Code,
    severity: Severity,
    span: Span,
    message: String,
    label: String,
    secondary: Vec<(Span, String)>,
    help: Option<String>,
    notes: Vec<String>,
    edits: Vec<(Span, String)>,
}

impl Finding {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            span,
            message: message.into(),
            label: String::new(),
            secondary: Vec::new(),
            help: None,
            notes: Vec::new(),
            edits: Vec::new(),
        }
    }

    pub(crate) fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Only a warning here, although the code is an error: the facts are not certain.
    pub(crate) fn warning(mut self) -> Self {
        self.severity = self.severity.max(Severity::Warning);
        self
    }

    pub(crate) fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    pub(crate) fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help = text.or(self.help);
        self
    }

    pub(crate) fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push((span, text.into()));
        self
    }

    pub(crate) fn edit(mut self, span: Span, text: impl Into<String>) -> Self {
        self.edits.push((span, text.into()));
        self
    }

    /// Help and fix for a misspelt name.
    pub(crate) fn did_you_mean(self, span: Span, found: Option<&str>) -> Self {
        match found {
            Some(name) => self.help(format!("did you mean `{name}`?")).edit(span, name),
            None => self,
        }
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }
}

/// The findings of one file.
#[derive(Debug, Default)]
pub(crate) struct Report {
    findings: Vec<Finding>,
}

impl Report {
    pub(crate) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Whether one of these codes was reported at this place.
    pub(crate) fn has(&self, codes: &[Code], span: Span) -> bool {
        self.findings.iter().any(|it| codes.contains(&it.code) && it.span == span)
    }

    /// How many errors there are; taken before and after a step, it tells whether the step failed.
    pub(crate) fn errors(&self) -> usize {
        self.findings.iter().filter(|each| each.severity == Severity::Error).count()
    }

    /// Diagnostics in the order of the file: line, column, code; each once.
    pub(crate) fn finish(
        self,
        file: &str,
        text: &SourceText,
        tree: Option<&Node>,
    ) -> Vec<Diagnostic> {
        let mut findings = self.findings;
        let literal = |finding: &&Finding| {
            matches!(finding.code, Code::SecretLiteral | Code::PasswordLiteral)
        };
        let mut masked = secrets(text.as_str());
        masked.extend(findings.iter().filter(literal).map(|finding| finding.span));
        let place = Place { file, text, tree, masked };
        findings.retain(|finding| !place.allowed(finding));
        findings.sort_by_key(|finding| (finding.span.start, finding.code, finding.span.end));
        findings.dedup_by(|a, b| (a.code, a.span, &a.message) == (b.code, b.span, &b.message));
        findings.into_iter().map(|finding| place.diagnostic(finding)).collect()
    }
}

struct Place<'a> {
    file: &'a str,
    text: &'a SourceText,
    tree: Option<&'a Node>,
    masked: Vec<Span>,
}

impl Place<'_> {
    fn diagnostic(&self, finding: Finding) -> Diagnostic {
        let path = self.tree.map(|tree| tree.path_to(finding.span.start)).unwrap_or_default();
        let label = |(span, text): (Span, String)| Label { span: self.text.range(span), text };
        let mut edits: Vec<Edit> = finding
            .edits
            .into_iter()
            .map(|(span, text)| Edit { span: self.text.range(span), text })
            .collect();
        edits.sort_by_key(|edit| edit.span.start.offset);
        Diagnostic {
            code: finding.code,
            severity: finding.severity,
            file: self.file.to_owned(),
            message: finding.message,
            primary: label((finding.span, finding.label)),
            secondary: finding.secondary.into_iter().map(label).collect(),
            help: finding.help,
            notes: finding.notes,
            context: self.context(&path),
            path: path.join("."),
            fix: (!edits.is_empty()).then_some(Fix { edits }),
            masked: self.masked.clone(),
        }
    }

    fn context(&self, path: &[String]) -> Option<String> {
        let [top, object, commands, command, ..] = path else { return None };
        if top != "object_types" || commands != "commands" {
            return None;
        }
        let get = |node: Option<&_>, key: &str| -> Option<Node> {
            let node: &Node = node?;
            node.mapping()?.get(key).map(|entry| entry.value.clone())
        };
        let mut node = self.tree.cloned();
        for key in [top, object, commands, command] {
            node = get(node.as_ref(), key);
        }
        node.as_ref()?.mapping()?;
        let method = get(node.as_ref(), "method");
        let method = method.as_ref().and_then(Node::scalar).map(|scalar| scalar.text.as_str());
        let method = method.map(|method| format!(" ({method})")).unwrap_or_default();
        Some(format!("{object}.{command}{method}"))
    }

    /// A lint is silenced by `# graphctl: allow(GD0218) reason` on its line or the line above.
    fn allowed(&self, finding: &Finding) -> bool {
        if finding.severity != Severity::Lint {
            return false;
        }
        let line = self.text.position(finding.span.start).line;
        let marker = format!("# graphctl: allow({})", finding.code);
        [line, line.saturating_sub(1)].into_iter().any(|line| {
            let after = self.text.line(line).split_once(&marker).map(|(_, reason)| reason);
            after.is_some_and(|reason| !reason.trim().is_empty())
        })
    }
}
