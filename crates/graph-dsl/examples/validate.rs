//! Checks system files and prints what is wrong with them: `cargo run --example validate -- systems/*.yaml`.

use std::process::ExitCode;

use graph_dsl::{Diagnostic, SourceFile, compile, render_human, summary};

#[expect(clippy::print_stdout, reason = "an example's only way to show something")]
fn main() -> ExitCode {
    let mut all: Vec<Diagnostic> = Vec::new();
    let paths: Vec<String> = std::env::args().skip(1).collect();
    for path in &paths {
        let Ok(bytes) = std::fs::read(path) else {
            println!("cannot read {path}");
            return ExitCode::from(3);
        };
        let source = SourceFile::new(path.as_str(), bytes);
        let found = compile(&source, None).diagnostics;
        for diagnostic in &found {
            println!("{}\n", render_human(diagnostic, &source, false));
        }
        all.extend(found);
    }
    println!("{}", summary(&all, paths.len()));
    ExitCode::from(u8::from(all.iter().any(Diagnostic::is_error)))
}
