//! Chores of the workspace: `cargo xtask validate-systems`, `cargo xtask codegen [--check]`.

mod codegen;
mod reference;
mod systems;
mod typed_api;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the graph-connector workspace")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check every file under systems/, warnings included
    ValidateSystems,
    /// Write what crates embed: system files, the typed API, the reference of commands
    Codegen {
        /// Fail where a file is stale instead of writing it
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let result = match Cli::parse().chore {
        Chore::ValidateSystems => systems::validate(&root),
        Chore::Codegen { check } => codegen::run(&root, check),
    };
    match result {
        Ok(report) => {
            say(&report);
            ExitCode::SUCCESS
        }
        Err(report) => {
            say(&report);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a chore reports to whoever started it")]
fn say(report: &str) {
    eprintln!("{}", report.trim_end());
}
