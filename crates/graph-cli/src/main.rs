//! `graphctl`: Microsoft Entra ID from a shell.

mod args;
mod audit;
mod command;
mod connect;
mod environment;
mod exit;
mod failure;
mod interrupt;
mod jmespath;
mod logging;
mod notice;
mod output;
mod simulation;
mod store;
mod system;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(cli.globals.verbose);
    match command::run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            notice::error(&failure.render());
            failure.exit.into()
        }
    }
}
