//! Names in the index: types with their bases, members, operations, clouds.

use super::{
    CloudBits, GraphIndex, MemberRecord, OperationRecord, Role, Text, TypeKind, TypeRecord, TypeRef,
};

/// Properties and members are found through this many bases at most; Graph's deepest chain has 6.
const MAX_BASES: usize = 32;
/// Operations that a type does not inherit: `delta` on `directoryObject` does not make every
/// directory collection trackable (facts: metadata, Derivation).
const NOT_INHERITED: &[&str] = &["delta"];

impl GraphIndex<'_> {
    /// The name behind a number.
    pub fn text(&self, text: Text) -> &str {
        self.data.strings[text as usize]
    }

    /// The bit of a cloud of the index, `prod`.
    pub fn cloud(&self, name: &str) -> Option<CloudBits> {
        self.data.clouds.iter().position(|cloud| *cloud == name).map(|at| 1 << at)
    }

    /// Every cloud of the index.
    pub fn all_clouds(&self) -> CloudBits {
        self.data.clouds.iter().enumerate().fold(0, |bits, (at, _)| bits | 1 << at)
    }

    /// The type with this qualified name, in any letter case.
    pub fn type_named(&self, name: &str) -> Option<usize> {
        self.types.get(&name.to_ascii_lowercase()).copied()
    }

    /// The record of a type.
    pub fn record(&self, position: usize) -> &TypeRecord {
        &self.data.types[position]
    }

    /// The name of a type without `microsoft.graph.`.
    pub fn type_name(&self, position: usize) -> &str {
        super::short(self.text(self.record(position).name))
    }

    /// `Edm.String`, `Collection(microsoft.graph.assignedLicense)`.
    pub fn describe(&self, of: TypeRef) -> String {
        let name = self.type_name(of.position());
        if of.is_many() { format!("Collection({name})") } else { name.to_owned() }
    }

    /// The type and its bases in these clouds, most derived first.
    pub fn lineage(&self, position: usize, clouds: CloudBits) -> Vec<usize> {
        let mut found = vec![position];
        while let Some((base, _)) = self
            .record(found[found.len() - 1])
            .bases
            .iter()
            .find(|(_, there)| there & clouds != 0)
            .filter(|_| found.len() < MAX_BASES)
        {
            found.push(*base as usize);
        }
        found
    }

    /// Whether a type is another one or derives from it.
    pub fn is_a(&self, position: usize, base: usize, clouds: CloudBits) -> bool {
        self.lineage(position, clouds).contains(&base)
    }

    /// Every type derived from one, directly or not.
    pub fn descendants(&self, position: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = self.derived[position].clone();
        while let Some(next) = open.pop() {
            if !found.contains(&next) {
                found.push(next);
                open.extend(&self.derived[next]);
            }
        }
        found.sort_unstable();
        found
    }

    /// Members of a type and its bases in these clouds, with the type that declares them.
    pub fn members(
        &self,
        position: usize,
        clouds: CloudBits,
    ) -> impl Iterator<Item = (usize, &MemberRecord)> {
        self.lineage(position, clouds).into_iter().flat_map(move |owner| {
            let members = self.record(owner).members.iter();
            members.filter(move |member| member.clouds & clouds != 0).map(move |it| (owner, it))
        })
    }

    /// A member by name: as written, else in another letter case.
    pub fn member(
        &self,
        position: usize,
        name: &str,
        clouds: CloudBits,
    ) -> Option<(usize, &MemberRecord)> {
        let mut alike = None;
        for (owner, member) in self.members(position, clouds) {
            let known = self.text(member.name);
            if known == name {
                return Some((owner, member));
            }
            if alike.is_none() && known.eq_ignore_ascii_case(name) {
                alike = Some((owner, member));
            }
        }
        alike
    }

    /// A property of the type, or of a type derived from it: what a collection's items may have.
    pub fn property(
        &self,
        position: usize,
        name: &str,
        clouds: CloudBits,
    ) -> Option<(usize, &MemberRecord)> {
        self.member(position, name, clouds).or_else(|| {
            let mut derived = self.descendants(position).into_iter();
            derived.find_map(|child| self.member(child, name, clouds))
        })
    }

    /// Whether the type or a base takes properties that the metadata does not name.
    pub fn is_open(&self, position: usize, clouds: CloudBits) -> bool {
        self.lineage(position, clouds).into_iter().any(|each| self.record(each).open)
    }

    /// Operations callable on a type or collection (all, or the overloads of one name), those bound
    /// nearest first.
    pub fn operations_on(
        &self,
        of: TypeRef,
        name: Option<&str>,
        clouds: CloudBits,
    ) -> Vec<&OperationRecord> {
        let bases = self.lineage(of.position(), clouds);
        let rank = |operation: &OperationRecord| {
            let last = self.operation_name(operation).to_ascii_lowercase();
            let allowed = if NOT_INHERITED.contains(&last.as_str()) { &bases[..1] } else { &bases };
            let there = operation.clouds & clouds != 0;
            let same = operation.binding.is_many() == of.is_many() && there;
            allowed.iter().position(|base| *base == operation.binding.position()).filter(|_| same)
        };
        let keep = |operation| rank(operation).map(|rank| (rank, operation));
        let mut found: Vec<(usize, &OperationRecord)> = match name {
            Some(name) => {
                let named = self.operations.get(&name.to_ascii_lowercase());
                let named = named.into_iter().flatten();
                named.filter_map(|at| keep(&self.data.operations[*at])).collect()
            }
            None => self.data.operations.iter().filter_map(keep).collect(),
        };
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, operation)| operation).collect()
    }

    /// The last part of an operation's name, `assignLicense`.
    pub fn operation_name(&self, operation: &OperationRecord) -> &str {
        let name = self.text(operation.name);
        name.rsplit('.').next().unwrap_or(name)
    }

    /// The values of an enum in these clouds.
    pub fn enum_values(&self, position: usize, clouds: CloudBits) -> Vec<&str> {
        let members = self.record(position).members.iter();
        let there = members.filter(|it| it.role == Role::EnumMember && it.clouds & clouds != 0);
        there.map(|member| self.text(member.name)).collect()
    }

    /// Whether the type is structured: it has members that are properties.
    pub fn is_structured(&self, position: usize) -> bool {
        matches!(self.record(position).kind, TypeKind::Entity | TypeKind::Complex)
    }
}
