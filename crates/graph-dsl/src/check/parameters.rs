//! Parameters of actions: none missing, none unknown, each of its type.

use super::Checker;
use super::body::Body;
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding, suggest};
use crate::graph_index::OperationRecord;
use crate::source::{Mapping, Node, Span};

impl Checker<'_> {
    /// GD0416 and the types of what is given.
    pub(super) fn action(
        &self,
        operation: &OperationRecord,
        node: Option<&Node>,
        span: Span,
        body: &Body<'_>,
        reading: &mut Reading<'_>,
    ) {
        let empty = Mapping { entries: Vec::new(), complete: true };
        let mapping = match node {
            None => &empty,
            Some(node) => match node.mapping() {
                Some(mapping) => mapping,
                // One expression: what it holds is not known before it is bound.
                None => return,
            },
        };
        if node.is_none() && body.is_unreadable {
            return;
        }
        let operation = self.best_overload(operation, mapping, body);
        let name = self.index.operation_name(operation);
        for entry in &mapping.entries {
            let key = &entry.key;
            if key.value.contains('@') {
                continue;
            }
            let named = |it: &&crate::graph_index::ParameterRecord| {
                self.index.text(it.name).eq_ignore_ascii_case(&key.value)
            };
            if let Some(parameter) = operation.parameters.iter().find(named) {
                let known = self.index.text(parameter.name);
                if known != key.value {
                    let message = format!("Graph spells this `{known}`");
                    let finding = Finding::new(Code::LetterCase, key.span, message);
                    reading
                        .report
                        .add(finding.help(format!("write `{known}`")).edit(key.span, known));
                }
                self.value(&entry.value, parameter.of, body, reading);
                continue;
            }
            let known: Vec<&str> =
                operation.parameters.iter().map(|it| self.index.text(it.name)).collect();
            let message = format!("`{name}` has no parameter `{}`", key.value);
            let finding = Finding::new(Code::OperationParameters, key.span, message);
            reading.report.add(match suggest(&key.value, known.iter().copied()) {
                near @ Some(_) => finding.did_you_mean(key.span, near),
                None if known.is_empty() => finding.help("it takes none"),
                None => finding.help(format!("it takes {}", known.join(", "))),
            });
        }
        if !mapping.complete {
            return;
        }
        for parameter in operation.parameters.iter().filter(|it| it.required) {
            let known = self.index.text(parameter.name);
            let given = |key: &str| key.eq_ignore_ascii_case(known);
            if mapping.entries.iter().any(|entry| given(&entry.key.value)) {
                continue;
            }
            let finding =
                Finding::new(Code::OperationParameters, span, format!("`{name}` needs `{known}`"));
            reading.report.add(if parameter.of.is_many() {
                finding.help(format!("it may be empty: `{known}: []`"))
            } else {
                finding.help(format!("it is {}", self.index.describe(parameter.of)))
            });
        }
    }

    /// Of the overloads bound to the same type, the one that fits what is given best.
    fn best_overload<'o>(
        &'o self,
        operation: &'o OperationRecord,
        mapping: &Mapping,
        body: &Body<'_>,
    ) -> &'o OperationRecord {
        let name = self.index.operation_name(operation);
        let all = self.index.operations_on(operation.binding, Some(name), body.target.cloud);
        let given = |text: &str| {
            mapping.entries.iter().any(|entry| entry.key.value.eq_ignore_ascii_case(text))
        };
        let misfit = |it: &&OperationRecord| {
            let named = it.parameters.iter().filter(|it| given(self.index.text(it.name))).count();
            let lacking =
                it.parameters.iter().filter(|it| it.required && !given(self.index.text(it.name)));
            (mapping.entries.len().saturating_sub(named)) * 2 + lacking.count()
        };
        all.into_iter().min_by_key(misfit).unwrap_or(operation)
    }
}
