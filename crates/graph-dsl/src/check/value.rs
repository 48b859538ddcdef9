//! Values in bodies: what the property or parameter takes, against what is written.

use super::Checker;
use super::body::Body;
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding, suggest};
use crate::graph_index::{TypeKind, TypeRef};
use crate::plan::ArgumentKind;
use crate::source::{Node, NodeKind, Plain, Scalar};

impl Checker<'_> {
    /// GD0415: a value of the wrong type; objects are checked key by key.
    pub(super) fn value(
        &self,
        node: &Node,
        of: TypeRef,
        body: &Body<'_>,
        reading: &mut Reading<'_>,
    ) {
        match &node.kind {
            NodeKind::Scalar(scalar) => self.scalar(node, scalar, of, body, reading),
            NodeKind::List(items) if of.is_many() => {
                for item in items {
                    self.value(item, of.one(), body, reading);
                }
            }
            NodeKind::List(_) if !self.is_untyped(of) => {
                reading.report.add(self.mismatch(node, of, "a list"));
            }
            // A reference becomes the URL of an object, or the list of URLs.
            NodeKind::Mapping(mapping) if mapping.get("ref").is_some() => {}
            NodeKind::Mapping(_) if of.is_many() => {
                reading.report.add(self.mismatch(node, of, "a mapping"));
            }
            NodeKind::Mapping(mapping) if self.index.is_structured(of.position()) => {
                self.object(node, mapping, of.position(), body, reading);
            }
            NodeKind::Mapping(_) if !self.is_untyped(of) => {
                reading.report.add(self.mismatch(node, of, "a mapping"));
            }
            _ => {}
        }
    }

    fn scalar(
        &self,
        node: &Node,
        scalar: &Scalar,
        of: TypeRef,
        body: &Body<'_>,
        reading: &mut Reading<'_>,
    ) {
        let plain = Plain::of(scalar);
        if matches!(plain, Plain::Null) || self.is_untyped(of) {
            return;
        }
        if scalar.text.contains("{{") {
            let kind = body.declared_kind(&scalar.text);
            if let Some(found) = kind.and_then(|kind| self.misfit(kind, of)) {
                reading.report.add(self.mismatch(node, of, found));
            }
            return;
        }
        if of.is_many() || self.index.is_structured(of.position()) {
            reading.report.add(self.mismatch(node, of, plain.describe()));
            return;
        }
        if self.index.record(of.position()).kind == TypeKind::Enum {
            self.enum_value(node, scalar, of, body, reading);
            return;
        }
        if let Some(finding) = self.primitive(node, scalar, &plain, of) {
            reading.report.add(finding);
        }
    }

    fn primitive(
        &self,
        node: &Node,
        scalar: &Scalar,
        plain: &Plain,
        of: TypeRef,
    ) -> Option<Finding> {
        let text = scalar.text.as_str();
        let found = plain.describe();
        let wrong = |found: &str| Some(self.mismatch(node, of, found));
        match (self.name_of(of.position()), plain) {
            ("Edm.Boolean", Plain::Bool(_))
            | ("Edm.Double" | "Edm.Single" | "Edm.Decimal", Plain::Number(_)) => None,
            ("Edm.Boolean", _) => {
                let finding = self.mismatch(node, of, found);
                Some(match text.to_ascii_lowercase().as_str() {
                    word @ ("true" | "false") => {
                        finding.help(format!("write `{word}`")).edit(node.span, word)
                    }
                    _ => finding,
                })
            }
            (
                "Edm.Byte" | "Edm.SByte" | "Edm.Int16" | "Edm.Int32" | "Edm.Int64",
                Plain::Number(number),
            ) => {
                if number.is_i64() || number.is_u64() {
                    None
                } else {
                    wrong("a fraction")
                }
            }
            (
                "Edm.Byte" | "Edm.SByte" | "Edm.Int16" | "Edm.Int32" | "Edm.Int64" | "Edm.Double"
                | "Edm.Single" | "Edm.Decimal",
                _,
            ) => {
                let finding = self.mismatch(node, of, found);
                let is_number = serde_json::from_str::<serde_json::Number>(text).is_ok();
                Some(if is_number {
                    finding.help(format!("write `{text}`")).edit(node.span, text)
                } else {
                    finding
                })
            }
            ("Edm.Guid", Plain::Text) if !is_guid(text) => wrong("text that is no GUID"),
            ("Edm.DateTimeOffset", Plain::Text) if !is_date_time(text) => {
                let finding = self.mismatch(node, of, "text that is no timestamp");
                Some(finding.help("write it like `2026-01-31T00:00:00Z`"))
            }
            (_, Plain::Text) => None,
            _ => {
                let quoted = format!("\"{text}\"");
                let finding = self.mismatch(node, of, found);
                Some(finding.help(format!("write `{quoted}`")).edit(node.span, quoted))
            }
        }
    }

    fn enum_value(
        &self,
        node: &Node,
        scalar: &Scalar,
        of: TypeRef,
        body: &Body<'_>,
        reading: &mut Reading<'_>,
    ) {
        let known = self.index.enum_values(of.position(), body.target.cloud);
        // A set of flags is written as one text, separated by commas.
        let flags = self.index.record(of.position()).open;
        let values = scalar.text.split(',').map(str::trim).filter(|_| flags);
        let single = std::iter::once(scalar.text.as_str()).filter(|_| !flags);
        for value in values.chain(single).filter(|value| !known.contains(value)) {
            let name = self.name_of(of.position());
            let finding = Finding::new(
                Code::BodyType,
                node.span,
                format!("`{value}` is no value of `{name}`"),
            );
            let all: Vec<&str> =
                known.iter().copied().filter(|it| *it != "unknownFutureValue").collect();
            let alike = all.iter().copied().find(|it| it.eq_ignore_ascii_case(value));
            let near = alike.or_else(|| suggest(value, all.iter().copied())).filter(|_| !flags);
            reading.report.add(match near {
                Some(near) => finding.did_you_mean(node.span, Some(near)),
                None => finding.help(format!("one of {}", all.join(", "))),
            });
        }
    }

    /// What an argument of this kind is, when the type does not take it.
    fn misfit(&self, kind: &ArgumentKind, of: TypeRef) -> Option<&'static str> {
        let name = self.name_of(of.position());
        let record = self.index.record(of.position());
        let object = record.kind == TypeKind::Complex || record.kind == TypeKind::Entity;
        let number = name.starts_with("Edm.Int")
            || matches!(name, "Edm.Double" | "Edm.Single" | "Edm.Decimal" | "Edm.Byte");
        match kind {
            ArgumentKind::Any => None,
            ArgumentKind::List(_) => (!of.is_many()).then_some("a list parameter"),
            ArgumentKind::Object => (of.is_many() || !object).then_some("an object parameter"),
            ArgumentKind::Bool => {
                (of.is_many() || name != "Edm.Boolean").then_some("a bool parameter")
            }
            ArgumentKind::Int => (of.is_many() || !number).then_some("an int parameter"),
            _ => {
                let takes_text = !of.is_many() && !object && !number && name != "Edm.Boolean";
                (!takes_text).then_some("a text parameter")
            }
        }
    }

    fn mismatch(&self, node: &Node, of: TypeRef, found: &str) -> Finding {
        let message = format!("expected {}, found {found}", self.index.describe(of));
        Finding::new(Code::BodyType, node.span, message)
    }

    /// Anything is a value of it: `Edm.Untyped`, or an open type without properties of its own.
    fn is_untyped(&self, of: TypeRef) -> bool {
        let record = self.index.record(of.position());
        matches!(self.name_of(of.position()), "Edm.Untyped" | "Json" | "Edm.ComplexType")
            || (record.open && record.kind == TypeKind::Complex && record.members.is_empty())
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, each)| match at {
            8 | 13 | 18 | 23 => each == '-',
            _ => each.is_ascii_hexdigit(),
        })
}

fn is_date_time(text: &str) -> bool {
    let shape = b"0000-00-00T";
    text.len() > shape.len()
        && text.bytes().zip(shape).all(|(each, shape)| match shape {
            b'0' => each.is_ascii_digit(),
            other => each == *other,
        })
}
