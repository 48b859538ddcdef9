//! `graphctl man`: manual pages, made from the same definitions as the help.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::args::{Cli, ManArgs};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    match &args.directory {
        None => io::stdout().write_all(&page(command)).map_err(closed)?,
        Some(directory) => {
            fs::create_dir_all(directory)
                .map_err(|error| Failure::file("make", directory, &error))?;
            write(&command, "graphctl", directory)?;
        }
    }
    Ok(Exit::Done)
}

/// The page of a command and those of its own commands: `graphctl-import-status.1`.
fn write(command: &clap::Command, name: &str, directory: &Path) -> Result<(), Failure> {
    let path = directory.join(format!("{name}.1"));
    fs::write(&path, page(command.clone()))
        .map_err(|error| Failure::file("write", &path, &error))?;
    command
        .get_subcommands()
        .filter(|it| it.get_name() != "help")
        .try_for_each(|it| write(it, &format!("{name}-{}", it.get_name()), directory))
}

fn page(command: clap::Command) -> Vec<u8> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).expect("memory takes everything");
    page
}
