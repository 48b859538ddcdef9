//! `graphctl completions`: what a shell must be told so that it asks us for candidates.

use std::io;

use clap_complete::env::Shells;

use crate::args::CompletionsArgs;
use crate::command::query::closed;
use crate::completion::VARIABLE;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let shell = args.shell.to_string();
    let completer = Shells::builtins();
    let completer = completer.completer(&shell).expect("both lists are clap_complete's");
    completer
        .write_registration(VARIABLE, "graphctl", "graphctl", "graphctl", &mut io::stdout())
        .map_err(closed)?;
    Ok(Exit::Done)
}
