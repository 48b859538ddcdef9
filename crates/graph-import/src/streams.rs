//! The streams that an import reads unless it is told otherwise.

mod options;

pub use options::{OptionsError, StreamOptions};

use graph_dsl::{SourceFile, StreamKind, StreamPlan};

use crate::ImportError;

/// A copy of `systems/entra-import.yaml` that `cargo xtask codegen` keeps fresh: no build reads files
/// outside its own package.
const EMBEDDED: &[u8] = include_bytes!("embedded/entra-import.yaml");

/// The default streams: the directory's objects and the links between them.
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

/// The streams as a cloud offers them, and those that it does not: edges are missing where the
/// stream that owns them is.
pub(crate) fn offered(
    streams: impl IntoIterator<Item = StreamPlan>,
    cloud: &str,
) -> (Vec<StreamPlan>, Vec<StreamPlan>) {
    let streams: Vec<StreamPlan> = streams.into_iter().collect();
    let is_there = |plan: &StreamPlan| plan.in_cloud(cloud).is_some();
    let (mut here, mut absent) = (Vec::new(), Vec::new());
    for plan in &streams {
        let owner = match &plan.kind {
            StreamKind::Edges { of } => streams.iter().find(|owner| owner.name == *of),
            _ => None,
        };
        match plan.in_cloud(cloud).filter(|_| owner.is_none_or(is_there)) {
            Some(plan) => here.push(plan),
            None => absent.push(plan.clone()),
        }
    }
    (here, absent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamSet;

    #[test]
    fn the_embedded_streams_compile_and_fit_together() {
        let streams = streams().unwrap();
        let names: Vec<_> = streams.iter().map(|plan| plan.name.as_str()).collect();
        assert_eq!(names[..3], ["users", "groups", "members"]);
        StreamSet::new(streams).unwrap();
    }

    #[test]
    fn a_cloud_that_lacks_the_owner_lacks_its_edges() {
        let mut devices = StreamPlan::delta("devices", "device", "/devices/delta");
        devices.unavailable_in.push("govsg".to_owned());
        let owners =
            StreamPlan::edges("owners", "owner", "/devices/{id}/registeredOwners", "devices");
        let (here, absent) = offered([devices.clone(), owners.clone()], "govsg");
        assert_eq!((here.len(), absent.len()), (0, 2));
        assert_eq!(offered([devices, owners], "global").0.len(), 2);
    }
}
