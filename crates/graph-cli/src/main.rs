//! `graphctl`: Microsoft Entra ID from a shell.

mod args;
mod audit;
mod command;
mod completion;
mod connect;
mod environment;
mod exit;
mod failure;
mod halt;
mod interrupt;
mod jmespath;
mod logging;
mod notice;
mod output;
mod person;
mod quantity;
mod sign_in;
mod simulation;
mod store;
mod system;
#[cfg(feature = "otlp")]
mod telemetry;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    completion::answer();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return command::help(&error).unwrap_or_else(|| error.exit()),
    };
    // What it exports is sent when it is dropped, after the command.
    let _logging = logging::start(cli.globals.verbose);
    // `doctor` tells it as one finding among others.
    let misspelt = environment::misspelt().filter(|_| !matches!(cli.command, Command::Doctor(_)));
    match misspelt.map_or_else(|| command::run(cli), Err) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            notice::error(&failure.render());
            failure.exit.into()
        }
    }
}
