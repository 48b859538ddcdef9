//! The embedded catalogue, compiled on first use.

use std::sync::OnceLock;

use graph_dsl::{Compiled, SourceFile, System, compile};

/// `systems/entra.yaml`, as copied here by `cargo xtask codegen`.
pub const ENTRA: &str = include_str!("embedded/entra.yaml");

/// The system `entra`: connection and catalogue. Its streams are those of `graph-import`.
pub fn system() -> &'static System {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let source = SourceFile::new("entra.yaml (embedded)", ENTRA.as_bytes().to_vec());
        let Compiled { system, .. } = compile(&source, None);
        system.expect("`cargo xtask codegen` embeds only a file without errors")
    })
}
