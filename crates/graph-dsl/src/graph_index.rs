//! What Graph v1.0 offers in every cloud: types, paths, operations and permissions, offline.
//!
//! `cargo xtask graph-index` derives the index from Microsoft's metadata (one CSDL document per
//! cloud) and permission map; it is compressed into this crate and read on first use. Beta is not
//! part of it: of beta only single paths are known.

mod cloud;
mod data;
mod load;
mod lookup;
mod permission;
mod resolve;
mod segment;
mod spelling;

use std::collections::HashMap;
use std::sync::OnceLock;

pub(crate) use cloud::CLOUDS;
pub use cloud::metadata_of;
pub use data::{
    CallRecord, ClaimRecord, CloudBits, DocumentedCall, IndexData, Limits, Mark, MemberRecord,
    OperationRecord, Overlay, ParameterRecord, PermissionRecord, PermissionRepair, Role,
    RootRecord, Text, TypeKind, TypeRecord, TypeRef,
};
pub use load::{IndexError, decode, decompress, encode};
pub(crate) use permission::short;
pub use permission::{Needs, PermissionSet};
pub use resolve::{Miss, Place, PlaceKind, Resolution};
pub use segment::{PathSegment, SegmentKind};

/// Version of the layout that this build reads and writes.
pub const FORMAT: u16 = 1;

const EMBEDDED: &[u8] = include_bytes!("graph_index/index.bin");

/// The index with what makes looking things up fast.
#[derive(Debug)]
pub struct GraphIndex<'a> {
    data: IndexData<'a>,
    /// Types by qualified name in lower case.
    types: HashMap<String, usize>,
    /// Operations by last name in lower case.
    operations: HashMap<String, Vec<usize>>,
    /// Derived types of every type, in any cloud.
    derived: Vec<Vec<usize>>,
}

impl GraphIndex<'static> {
    /// The index of this build; the first call reads it.
    pub fn embedded() -> &'static Self {
        static INDEX: OnceLock<GraphIndex<'static>> = OnceLock::new();
        INDEX.get_or_init(|| {
            let bytes = decompress(EMBEDDED).expect("`cargo xtask graph-index` wrote it");
            // Read once and kept for the whole run: the names in it are borrowed from these bytes.
            let data = decode(Vec::leak(bytes)).expect("the format of this build");
            Self::new(data)
        })
    }
}

impl<'a> GraphIndex<'a> {
    /// Prepares an index for lookups.
    pub fn new(mut data: IndexData<'a>) -> Self {
        load::apply_links(&mut data);
        let text = |text: Text| data.strings[text as usize];
        let named = |(at, each): (usize, &TypeRecord)| (text(each.name).to_ascii_lowercase(), at);
        let types = data.types.iter().enumerate().map(named).collect();
        let mut operations: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, operation) in data.operations.iter().enumerate() {
            let last = text(operation.name).rsplit('.').next().unwrap_or_default();
            operations.entry(last.to_ascii_lowercase()).or_default().push(at);
        }
        let mut derived = vec![Vec::new(); data.types.len()];
        for (at, each) in data.types.iter().enumerate() {
            for (base, _) in &each.bases {
                derived[*base as usize].push(at);
            }
        }
        Self { data, types, operations, derived }
    }

    /// The records.
    pub fn data(&self) -> &IndexData<'a> {
        &self.data
    }
}
