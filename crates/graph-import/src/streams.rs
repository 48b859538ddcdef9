//! The streams that an import reads unless it is told otherwise.

use graph_dsl::{SourceFile, StreamPlan};

use crate::ImportError;

/// A copy of `systems/entra-import.yaml` that `cargo xtask codegen` keeps fresh: no build reads files
/// outside its own package.
const EMBEDDED: &[u8] = include_bytes!("embedded/entra-import.yaml");

/// The default streams: users, groups and memberships.
///
/// # Errors
/// A build whose embedded file does not compile.
pub fn streams() -> Result<Vec<StreamPlan>, ImportError> {
    let source = SourceFile::new("entra-import.yaml", EMBEDDED);
    let compiled = graph_dsl::compile(&source, None);
    compiled.system.map(|system| system.streams).ok_or_else(|| {
        let first = compiled.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        ImportError::Embedded(first.map(ToString::to_string).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamSet;

    #[test]
    fn the_embedded_streams_compile_and_fit_together() {
        let streams = streams().unwrap();
        let names: Vec<_> = streams.iter().map(|plan| plan.name.as_str()).collect();
        assert_eq!(names, ["users", "groups", "members"]);
        StreamSet::new(streams).unwrap();
    }
}
