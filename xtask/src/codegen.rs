//! What crates embed: no build reads files outside its own package, so copies are made here.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{availability, graph_index, lanes, reference, systems, typed_api};

/// Where the typed API lies, and nothing that is not generated.
const TYPED_API: &str = "crates/graph-admin/src";

/// Writes every generated file, or says which are stale.
pub(crate) fn run(root: &Path, check: bool) -> Result<String, String> {
    let mut stale = Vec::new();
    let files = generated(root)?;
    for (path, bytes) in &files {
        let target = root.join(path);
        if fs::read(&target).is_ok_and(|current| current == *bytes) {
            continue;
        }
        stale.push(path.clone());
        if !check {
            let write = || {
                fs::create_dir_all(target.parent().expect("every target lies in a folder"))?;
                fs::write(&target, bytes)
            };
            write().map_err(|error| format!("could not write `{path}`: {error}"))?;
        }
    }
    for path in leftovers(root, &files)? {
        if !check {
            fs::remove_file(root.join(&path))
                .map_err(|error| format!("could not remove `{path}`: {error}"))?;
        }
        stale.push(path);
    }
    match (stale.is_empty(), check) {
        (true, _) => Ok(format!("{} generated files are fresh", files.len())),
        (false, false) => Ok(format!("wrote {}", stale.join(", "))),
        (false, true) => Err(format!("stale: {}; run `cargo xtask codegen`", stale.join(", "))),
    }
}

fn generated(root: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    let copy = |name: &str| {
        let path = root.join("systems").join(name);
        fs::read_to_string(path)
            .map_err(|error| format!("could not read `systems/{name}`: {error}"))
    };
    let system = systems::catalogue(root)?;
    let mut files = vec![
        (format!("{TYPED_API}/embedded/entra.yaml"), copy("entra.yaml")?),
        (
            "crates/graph-import/src/embedded/entra-import.yaml".to_owned(),
            copy("entra-import.yaml")?,
        ),
        (
            "crates/graph-transport/src/lane/generated.rs".to_owned(),
            formatted(root, &lanes::rust(root)?)?,
        ),
        ("docs/reference/catalogue.md".to_owned(), reference::page(&system.catalogue)),
        ("docs/reference/language.md".to_owned(), graph_dsl::language_page()),
        ("docs/reference/system.schema.json".to_owned(), schema()),
        (
            "docs/reference/permissions.md".to_owned(),
            availability::page(&system, &systems::streams(root, &system)?),
        ),
    ];
    for (path, rust) in typed_api::files(&system.catalogue) {
        files.push((format!("{TYPED_API}/{path}"), formatted(root, &rust)?));
    }
    let files = files.into_iter().map(|(path, text)| (path, text.into_bytes()));
    let index = (graph_index::TARGET.to_owned(), graph_index::repaired(root)?);
    Ok(files.chain([index]).collect())
}

/// The JSON Schema of system files, for editors.
fn schema() -> String {
    format!("{:#}\n", graph_dsl::system_schema())
}

/// Files of object types that the catalogue no longer has.
fn leftovers(root: &Path, files: &[(String, Vec<u8>)]) -> Result<Vec<String>, String> {
    let folder = format!("{TYPED_API}/generated");
    let entries = fs::read_dir(root.join(&folder)).into_iter().flatten();
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| format!("could not read `{folder}`: {error}"))?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if !files.iter().any(|(known, _)| *known == path) {
            found.push(path);
        }
    }
    Ok(found)
}

/// As `cargo fmt` would write it, so that both agree on what is fresh.
fn formatted(root: &Path, rust: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("could not run rustfmt: {error}");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut input = rustfmt.stdin.take().expect("stdin is piped");
    std::io::Write::write_all(&mut input, rust.as_bytes()).map_err(failed)?;
    drop(input);
    let output = rustfmt.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err("rustfmt refused the generated code".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
