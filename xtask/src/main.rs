//! Chores of the workspace: `cargo xtask validate-systems`, `cargo xtask codegen [--check]`,
//! `cargo xtask price [--build [PACKAGE]]`, `cargo xtask simulator-clouds --facts FOLDER`.

mod availability;
mod codegen;
mod graph_index;
mod lanes;
mod price;
mod reference;
mod simulator_clouds;
mod systems;
mod typed_api;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use graph_dsl::{CLOUD_NAMES, CompileOptions};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the graph-connector workspace")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check every file under systems/, warnings included
    ValidateSystems {
        /// Check for this cloud instead of those that the files claim; may be repeated
        #[arg(long = "cloud", value_name = "CLOUD", value_parser = CLOUD_NAMES)]
        clouds: Vec<String>,
    },
    /// Write what crates embed: system files, the typed API, the reference of commands
    Codegen {
        /// Fail where a file is stale instead of writing it
        #[arg(long)]
        check: bool,
    },
    /// Build the Graph index that graph-dsl embeds from Microsoft's metadata and permission map
    GraphIndex {
        /// Folder with `csdl/v1.0-<Cloud>.csdl[.xz]` and `permissions.json[.gz]`
        #[arg(long)]
        facts: PathBuf,
        /// Clouds to include, as the CSDL files name them
        #[arg(long, default_value = graph_index::DEFAULT_CLOUDS)]
        clouds: String,
        /// Fail where the committed index is stale instead of writing it
        #[arg(long)]
        check: bool,
    },
    /// Hold what a library user and everybody pays to its budgets: packages and foreign types
    Price {
        /// Build this package from nothing as well, or all that have a budget: CPU seconds, and the size
        /// of the binary; takes minutes
        #[arg(long, value_name = "PACKAGE", num_args = 0..=1, default_missing_value = price::ALL)]
        build: Option<String>,
    },
    /// Write what each national cloud lacks, for the simulator
    SimulatorClouds {
        /// The folder with `entra-paths.tsv` and `entra-types.tsv`
        #[arg(long)]
        facts: PathBuf,
    },
}

fn main() -> ExitCode {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let result = match Cli::parse().chore {
        Chore::ValidateSystems { clouds } => {
            systems::validate(&root, &CompileOptions { clouds, ..CompileOptions::default() })
        }
        Chore::Codegen { check } => codegen::run(&root, check),
        Chore::GraphIndex { facts, clouds, check } => {
            graph_index::run(&root, &facts, &clouds, check)
        }
        Chore::Price { build } => price::run(&root, build.as_deref()),
        Chore::SimulatorClouds { facts } => simulator_clouds::run(&root, &facts),
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
