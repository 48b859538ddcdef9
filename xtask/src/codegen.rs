//! What crates embed: no build reads files outside its own package, so copies are made here.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{systems, typed_api};

/// Writes every generated file, or says which are stale.
pub(crate) fn run(root: &Path, check: bool) -> Result<String, String> {
    let mut stale = Vec::new();
    let files = generated(root)?;
    for (path, text) in &files {
        let target = root.join(path);
        if fs::read_to_string(&target).is_ok_and(|current| current == *text) {
            continue;
        }
        stale.push(*path);
        if !check {
            let write = || {
                fs::create_dir_all(target.parent().expect("every target lies in a folder"))?;
                fs::write(&target, text)
            };
            write().map_err(|error| format!("could not write `{path}`: {error}"))?;
        }
    }
    match (stale.is_empty(), check) {
        (true, _) => Ok(format!("{} generated files are fresh", files.len())),
        (false, false) => Ok(format!("wrote {}", stale.join(", "))),
        (false, true) => Err(format!("stale: {}; run `cargo xtask codegen`", stale.join(", "))),
    }
}

fn generated(root: &Path) -> Result<Vec<(&'static str, String)>, String> {
    let copy = |name: &str| {
        let path = root.join("systems").join(name);
        fs::read_to_string(path)
            .map_err(|error| format!("could not read `systems/{name}`: {error}"))
    };
    let system = systems::catalogue(root)?;
    Ok(vec![
        ("crates/graph-admin/src/embedded/entra.yaml", copy("entra.yaml")?),
        ("crates/graph-import/src/embedded/entra-import.yaml", copy("entra-import.yaml")?),
        (
            "crates/graph-admin/src/generated.rs",
            formatted(root, &typed_api::rust(&system.catalogue))?,
        ),
        ("docs/reference/catalogue.md", typed_api::reference(&system.catalogue)),
    ])
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
        return Err("rustfmt refused the generated API".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
