//! The records of the index as they are stored: every name is a number into one table of strings.

use serde::{Deserialize, Serialize};

/// Number of a string in [`IndexData::strings`].
pub type Text = u32;

/// A set of clouds: bit `n` is [`IndexData::clouds`]`[n]`.
pub type CloudBits = u8;

/// Everything that is known about Graph v1.0 in every cloud of the index.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct IndexData<'a> {
    /// Version of this layout, [`FORMAT`](super::FORMAT).
    pub format: u16,
    /// Where the facts come from, for people.
    pub source: &'a str,
    /// Names of the clouds in the order of the bits: `prod`, `fairfax`, …
    #[serde(borrow)]
    pub clouds: Vec<&'a str>,
    /// Every name once, sorted.
    #[serde(borrow)]
    pub strings: Vec<&'a str>,
    /// Entity sets and singletons, sorted by name.
    pub roots: Vec<RootRecord>,
    /// Entity, complex, enum and primitive types, sorted by name.
    pub types: Vec<TypeRecord>,
    /// Bound actions and functions.
    pub operations: Vec<OperationRecord>,
    /// Permissions of Graph, sorted by name.
    pub permissions: Vec<PermissionRecord>,
    /// What a call may be allowed by; calls share them.
    pub claims: Vec<Vec<ClaimRecord>>,
    /// Calls that the permission map lists, sorted by path and method.
    pub calls: Vec<CallRecord>,
    /// Our own repairs.
    #[serde(borrow)]
    pub overlay: Overlay<'a>,
}

/// A type and whether it is a collection of it: `type << 1 | many`.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct TypeRef(pub u32);

/// An entity set or a singleton.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RootRecord {
    /// Its name, `users`.
    pub name: Text,
    /// Its type; many for an entity set.
    pub of: TypeRef,
    /// Where it exists.
    pub clouds: CloudBits,
    /// What it refuses.
    pub limits: Option<Limits>,
}

/// What kind of type a record is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum TypeKind {
    /// It has a key.
    Entity,
    /// A structured value.
    Complex,
    /// Named values.
    Enum,
    /// `Edm.String` and the like.
    Primitive,
}

/// A type.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TypeRecord {
    /// Qualified name, `microsoft.graph.user`.
    pub name: Text,
    /// What it is.
    pub kind: TypeKind,
    /// Whether it takes properties that the metadata does not name; of an enum: whether several of
    /// its values may be given at once.
    pub open: bool,
    /// Whether only derived types have instances.
    pub is_abstract: bool,
    /// Whether it is media: `$value` addresses its bytes.
    pub has_stream: bool,
    /// Where it exists.
    pub clouds: CloudBits,
    /// Base types (their positions in [`IndexData::types`]) with the clouds where they are the base.
    pub bases: Vec<(u32, CloudBits)>,
    /// Its own properties, navigation properties or enum members; one record per variant.
    pub members: Vec<MemberRecord>,
    /// Names of alternate keys.
    pub alternate_keys: Vec<Text>,
    /// What it refuses, wherever it is addressed.
    pub limits: Option<Limits>,
    /// When it is deprecated: the date of its removal, or empty.
    pub deprecated: Option<Text>,
}

/// What kind of member a record is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Role {
    /// A structural property.
    Property,
    /// A navigation property that contains what it leads to.
    Containment,
    /// A navigation property that links to what exists elsewhere.
    Reference,
    /// A named value of an enum.
    EnumMember,
}

/// A property, a navigation property or an enum member.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct MemberRecord {
    /// Its name.
    pub name: Text,
    /// Its type; meaningless for an enum member.
    pub of: TypeRef,
    /// What it is.
    pub role: Role,
    /// Whether null is a value.
    pub nullable: bool,
    /// Whether Graph sets it itself (`Computed`, or `Permissions` of read only).
    pub computed: bool,
    /// Whether it is set once, on creation.
    pub immutable: bool,
    /// Where it exists.
    pub clouds: CloudBits,
    /// What it refuses.
    pub limits: Option<Limits>,
    /// When it is deprecated: the date of its removal, or empty.
    pub deprecated: Option<Text>,
}

/// Clouds whose capability annotations refuse a kind of call.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Limits {
    /// No POST.
    pub insert: CloudBits,
    /// No PATCH.
    pub update: CloudBits,
    /// No DELETE.
    pub delete: CloudBits,
    /// No GET.
    pub read: CloudBits,
    /// No `$count`.
    pub count: CloudBits,
    /// Updated by PUT, too.
    pub put: CloudBits,
}

/// A bound action or function.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OperationRecord {
    /// Qualified name, `microsoft.graph.assignLicense`.
    pub name: Text,
    /// An action (POST) or a function (GET).
    pub is_action: bool,
    /// What it is bound to.
    pub binding: TypeRef,
    /// Its parameters, the bound one excluded.
    pub parameters: Vec<ParameterRecord>,
    /// What it answers.
    pub returns: Option<TypeRef>,
    /// Where it exists.
    pub clouds: CloudBits,
    /// When it is deprecated: the date of its removal, or empty.
    pub deprecated: Option<Text>,
}

/// A parameter of an action or function.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct ParameterRecord {
    /// Its name.
    pub name: Text,
    /// Its type.
    pub of: TypeRef,
    /// Whether it must be given.
    pub required: bool,
}

/// A permission of Graph.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct PermissionRecord {
    /// `User.Read.All`.
    pub name: Text,
    /// How much it gives as an application permission, 1 to 5, 9 when not said; 0 when it is none.
    pub application: u8,
    /// The same as a delegated permission.
    pub delegated: u8,
    /// How many documented calls it opens.
    pub breadth: u16,
}

/// A permission that allows a call.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ClaimRecord {
    /// Position in [`IndexData::permissions`].
    pub permission: u16,
    /// Permissions of which one is needed besides.
    pub besides: Vec<u16>,
    /// Allowed as an application permission.
    pub application: Option<Mark>,
    /// Allowed as a delegated permission.
    pub delegated: Option<Mark>,
}

/// Whether the permission map calls a permission the least one.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Mark {
    /// Marked as least.
    Least,
    /// Listed.
    Listed,
}

/// A call that the permission map lists.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct CallRecord {
    /// Canonical path, `/users/{id}/manager/$ref`; the map's own spelling where no cloud has it.
    pub path: Text,
    /// `GET`, `POST`, …
    pub method: Text,
    /// Position in [`IndexData::claims`].
    pub claims: u32,
}

/// Facts that neither the metadata nor the permission map holds, each with its source.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Overlay<'a> {
    /// Permissions of calls that the map gets wrong or does not list.
    #[serde(borrow)]
    pub permissions: Vec<PermissionRepair<'a>>,
    /// Calls that are documented although no convention gives them.
    #[serde(borrow)]
    pub calls: Vec<DocumentedCall<'a>>,
    /// Navigation properties whose `$ref` can be written, `group/members`; some of them are marked
    /// as contained in the metadata.
    #[serde(borrow)]
    pub links: Vec<&'a str>,
    /// Linking navigation properties that also take writes without `$ref`.
    #[serde(borrow)]
    pub direct_writes: Vec<&'a str>,
    /// Structural properties with a path of their own and its methods: `user/mailboxSettings`.
    #[serde(borrow)]
    pub addressable: Vec<(&'a str, Vec<&'a str>)>,
    /// Paths that only beta has.
    #[serde(borrow)]
    pub beta: Vec<&'a str>,
    /// Most items on a page, by first segment of the path.
    #[serde(borrow)]
    pub page_sizes: Vec<(&'a str, u16)>,
    /// Types whose objects name a derived type, although the metadata does not call them abstract.
    #[serde(borrow)]
    pub unions: Vec<&'a str>,
    /// Properties that Graph takes although the metadata does not name them: `device/extensionAttributes`.
    #[serde(borrow)]
    pub properties: Vec<&'a str>,
}

/// What a call really needs.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct PermissionRepair<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// Canonical path.
    pub path: &'a str,
    /// Sets of application permissions, least first; all of a set are needed. Absent: as the map
    /// says. Empty: only a signed-in user can call it.
    #[serde(borrow)]
    pub application: Option<Vec<Vec<&'a str>>>,
    /// The same for a signed-in user.
    #[serde(borrow)]
    pub delegated: Option<Vec<Vec<&'a str>>>,
    /// The sets belong to different types of objects: none of them is the least.
    pub depends_on_type: bool,
    /// What the map lists besides does not open the call.
    pub replaces: bool,
    /// Why the map is not followed, with the source.
    pub reason: &'a str,
}

/// A call that no convention gives.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct DocumentedCall<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// Canonical path.
    pub path: &'a str,
    /// Why it is known to exist, with the source.
    pub reason: &'a str,
}

impl TypeRef {
    /// A reference to one object or a collection of the type at this position.
    pub const fn new(position: u32, many: bool) -> Self {
        Self(position << 1 | many as u32)
    }

    /// Position in [`IndexData::types`].
    pub const fn position(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether it is a collection.
    pub const fn is_many(self) -> bool {
        self.0 & 1 == 1
    }

    /// One item of the same type.
    #[must_use]
    pub const fn one(self) -> Self {
        Self(self.0 & !1)
    }

    /// Another type with the same multiplicity.
    #[must_use]
    pub fn cast(self, position: usize) -> Self {
        let position = u32::try_from(position).expect("positions are kept in 32 bits");
        Self::new(position, self.is_many())
    }
}
