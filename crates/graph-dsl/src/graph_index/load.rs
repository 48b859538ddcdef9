//! Reading and writing the index: postcard records, compressed with DEFLATE.

use std::collections::HashSet;

use super::{FORMAT, IndexData, Role};

/// Most bytes that the decompressed index may have.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// An index that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The compressed bytes are damaged.
    #[error("decompress the index: {0}")]
    Compression(String),
    /// The records are damaged, or of another layout.
    #[error("decode the index: {0}")]
    Records(String),
    /// Another version of the layout.
    #[error("read an index of format {found}: this build reads {FORMAT}")]
    Format {
        /// The format that the index names.
        found: u16,
    },
}

/// The index as bytes to commit. The same records give the same bytes.
///
/// # Errors
///
/// The records do not serialize.
pub fn encode(data: &IndexData<'_>) -> Result<Vec<u8>, IndexError> {
    let records = postcard::to_allocvec(data).map_err(|error| records(&error))?;
    Ok(miniz_oxide::deflate::compress_to_vec(&records, 9))
}

/// The decompressed bytes of an index.
///
/// # Errors
///
/// The bytes are no DEFLATE stream, or hold more than an index may.
pub fn decompress(bytes: &[u8]) -> Result<Vec<u8>, IndexError> {
    miniz_oxide::inflate::decompress_to_vec_with_limit(bytes, MAX_BYTES)
        .map_err(|error| IndexError::Compression(error.to_string()))
}

/// The records in decompressed bytes; their names are borrowed.
///
/// # Errors
///
/// The bytes are no records, or have another layout.
pub fn decode(bytes: &[u8]) -> Result<IndexData<'_>, IndexError> {
    let data: IndexData<'_> = postcard::from_bytes(bytes).map_err(|error| records(&error))?;
    if data.format == FORMAT { Ok(data) } else { Err(IndexError::Format { found: data.format }) }
}

fn records(error: &postcard::Error) -> IndexError {
    IndexError::Records(error.to_string())
}

/// Navigation properties that the overlay knows as links are links, whatever the metadata says.
pub(super) fn apply_links(data: &mut IndexData<'_>) {
    let IndexData { strings, types, overlay, .. } = data;
    let links: HashSet<&str> = overlay.links.iter().copied().collect();
    for each in types {
        let owner = super::short(strings[each.name as usize]);
        for member in each.members.iter_mut().filter(|it| it.role == Role::Containment) {
            if links.contains(format!("{owner}/{}", strings[member.name as usize]).as_str()) {
                member.role = Role::Reference;
            }
        }
    }
}
