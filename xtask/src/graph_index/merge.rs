//! The models of all clouds as one: every record says in which clouds it holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use graph_dsl::graph_index::{
    CloudBits, Limits, MemberRecord, OperationRecord, ParameterRecord, RootRecord, Text, TypeKind,
    TypeRecord, TypeRef,
};

use super::annotations::Annotation;
use super::csdl::{Member, Model, Operation, Reference};

/// Every name once, in the order in which they were met.
#[derive(Clone, Default)]
pub(super) struct Strings {
    names: Vec<String>,
    known: HashMap<String, Text>,
}

/// The merged records.
pub(super) struct Merged {
    pub(super) strings: Strings,
    pub(super) roots: Vec<RootRecord>,
    pub(super) types: Vec<TypeRecord>,
    pub(super) operations: Vec<OperationRecord>,
}

impl Strings {
    pub(super) fn number(&mut self, name: &str) -> Text {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let number = Text::try_from(self.names.len()).expect("far fewer names than 2^32");
        self.names.push(name.to_owned());
        self.known.insert(name.to_owned(), number);
        number
    }

    pub(super) fn all(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }
}

/// Merges the models; the position of a model is the bit of its cloud.
pub(super) fn merge(models: &[Model]) -> Merged {
    let mut merger = Merger { strings: Strings::default(), positions: positions(models) };
    let types = merger.types(models);
    let roots = merger.roots(models);
    let operations = merger.operations(models);
    Merged { strings: merger.strings, roots, types, operations }
}

struct Merger {
    strings: Strings,
    positions: BTreeMap<String, u32>,
}

/// Every type that is declared or named anywhere, sorted.
fn positions(models: &[Model]) -> BTreeMap<String, u32> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for model in models {
        names.extend(model.types.keys().map(String::as_str));
        names.extend(model.roots.values().map(|(name, _)| name.as_str()));
        for found in model.types.values() {
            names.extend(found.base.as_deref());
            names.extend(
                found.members.iter().filter_map(|it| it.of.as_ref()).map(|of| of.0.as_str()),
            );
        }
        for operation in &model.operations {
            names.insert(&operation.binding.0);
            names.extend(operation.parameters.iter().map(|(_, of, _)| of.0.as_str()));
            names.extend(operation.returns.as_ref().map(|of| of.0.as_str()));
        }
    }
    let number = |at: usize| u32::try_from(at).expect("far fewer types than 2^32");
    names.into_iter().enumerate().map(|(at, name)| (name.to_owned(), number(at))).collect()
}

impl Merger {
    fn reference(&self, (name, many): &Reference) -> TypeRef {
        TypeRef::new(self.positions[name], *many)
    }

    fn types(&mut self, models: &[Model]) -> Vec<TypeRecord> {
        let names: Vec<String> = self.positions.keys().cloned().collect();
        names.iter().map(|name| self.type_record(name, models)).collect()
    }

    fn type_record(&mut self, name: &str, models: &[Model]) -> TypeRecord {
        let mut record = TypeRecord {
            name: self.strings.number(name),
            kind: TypeKind::Primitive,
            open: false,
            is_abstract: false,
            has_stream: false,
            clouds: 0,
            bases: Vec::new(),
            members: Vec::new(),
            alternate_keys: Vec::new(),
            limits: None,
            deprecated: None,
        };
        for (bit, model) in bits(models) {
            // Only declared types have a place of their own; `Edm.String` is everywhere.
            let Some(found) = model.types.get(name) else {
                if name.starts_with("Edm.") {
                    record.clouds |= bit;
                }
                continue;
            };
            record.clouds |= bit;
            record.kind = found.kind;
            record.open |= found.open;
            record.is_abstract |= found.is_abstract;
            record.has_stream |= found.has_stream;
            if let Some(base) = &found.base {
                let base = self.positions[base];
                match record.bases.iter_mut().find(|(known, _)| *known == base) {
                    Some((_, clouds)) => *clouds |= bit,
                    None => record.bases.push((base, bit)),
                }
            }
            for key in &found.alternate_keys {
                let key = self.strings.number(key);
                if !record.alternate_keys.contains(&key) {
                    record.alternate_keys.push(key);
                }
            }
            if let Some(annotation) = model.annotations.get(name) {
                self.annotate(&mut record.limits, &mut record.deprecated, annotation, bit);
            }
            for member in &found.members {
                let annotation = model.annotations.get(&format!("{name}/{}", member.name));
                self.member(&mut record.members, member, annotation, bit);
            }
        }
        record
    }

    fn member(
        &mut self,
        members: &mut Vec<MemberRecord>,
        member: &Member,
        annotation: Option<&Annotation>,
        bit: CloudBits,
    ) {
        let name = self.strings.number(&member.name);
        let of = member.of.as_ref().map_or(TypeRef::default(), |of| self.reference(of));
        let computed = annotation.is_some_and(|it| it.computed);
        let immutable = annotation.is_some_and(|it| it.immutable);
        let same = |it: &MemberRecord| {
            (it.name, it.of, it.role, it.nullable) == (name, of, member.role, member.nullable)
                && (it.computed, it.immutable) == (computed, immutable)
        };
        let at = members.iter().position(same).unwrap_or(members.len());
        if at == members.len() {
            members.push(MemberRecord {
                name,
                of,
                role: member.role,
                nullable: member.nullable,
                computed,
                immutable,
                clouds: 0,
                limits: None,
                deprecated: None,
            });
        }
        let at = &mut members[at];
        at.clouds |= bit;
        if let Some(annotation) = annotation {
            let MemberRecord { limits, deprecated, .. } = at;
            self.annotate(limits, deprecated, annotation, bit);
        }
    }

    fn annotate(
        &mut self,
        limits: &mut Option<Limits>,
        deprecated: &mut Option<Text>,
        found: &Annotation,
        bit: CloudBits,
    ) {
        let mut all = limits.unwrap_or_default();
        let each = [
            (&mut all.insert, found.no_insert),
            (&mut all.update, found.no_update),
            (&mut all.delete, found.no_delete),
            (&mut all.read, found.no_read),
            (&mut all.count, found.no_count),
            (&mut all.put, found.put),
        ];
        for (bits, set) in each {
            if set {
                *bits |= bit;
            }
        }
        *limits = Some(all).filter(|all| *all != Limits::default());
        if let Some(date) = &found.deprecated {
            *deprecated = deprecated.or(Some(self.strings.number(date)));
        }
    }

    fn roots(&mut self, models: &[Model]) -> Vec<RootRecord> {
        let names: BTreeSet<&String> = models.iter().flat_map(|model| model.roots.keys()).collect();
        let mut roots: Vec<RootRecord> = Vec::new();
        for name in names {
            let number = self.strings.number(name);
            for (bit, model) in bits(models) {
                let Some(of) = model.roots.get(name).map(|of| self.reference(of)) else { continue };
                let same = |it: &RootRecord| it.name == number && it.of == of;
                let at = roots.iter().position(same).unwrap_or(roots.len());
                if at == roots.len() {
                    roots.push(RootRecord { name: number, of, clouds: 0, limits: None });
                }
                let at = &mut roots[at];
                at.clouds |= bit;
                if let Some(annotation) = model.annotations.get(&format!("/{name}")) {
                    self.annotate(&mut at.limits, &mut None, annotation, bit);
                }
            }
        }
        roots
    }

    fn operations(&mut self, models: &[Model]) -> Vec<OperationRecord> {
        let mut found: Vec<OperationRecord> = Vec::new();
        let mut known: HashMap<OperationKey, usize> = HashMap::new();
        for (bit, model) in bits(models) {
            for operation in &model.operations {
                let record = self.operation(operation);
                let key = (record.name, record.binding, record.parameters.clone(), record.returns);
                let at = *known.entry(key).or_insert(found.len());
                if at == found.len() {
                    found.push(record);
                }
                found[at].clouds |= bit;
                let (binding, many) = &operation.binding;
                let target = if *many { format!("Collection({binding})") } else { binding.clone() };
                let target = format!("{}({target})", operation.name);
                if let Some(annotation) = model.annotations.get(&target) {
                    self.annotate(&mut None, &mut found[at].deprecated, annotation, bit);
                }
            }
        }
        found
    }

    fn operation(&mut self, operation: &Operation) -> OperationRecord {
        let parameter = |(name, of, required): &(String, Reference, bool)| ParameterRecord {
            name: self.strings.number(name),
            of: TypeRef::new(self.positions[&of.0], of.1),
            required: *required,
        };
        OperationRecord {
            parameters: operation.parameters.iter().map(parameter).collect(),
            name: self.strings.number(&operation.name),
            is_action: operation.is_action,
            binding: self.reference(&operation.binding),
            returns: operation.returns.as_ref().map(|of| self.reference(of)),
            clouds: 0,
            deprecated: None,
        }
    }
}

type OperationKey = (Text, TypeRef, Vec<ParameterRecord>, Option<TypeRef>);

fn bits(models: &[Model]) -> impl Iterator<Item = (CloudBits, &Model)> {
    models.iter().enumerate().map(|(at, model)| (1 << at, model))
}
