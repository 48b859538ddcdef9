//! The commands, one file each.

mod apply;
mod call;
mod catalogue;
mod completions;
mod doctor;
mod explain;
mod export;
mod import;
mod login;
mod man;
mod permissions;
mod query;
mod run;
mod simulate;
mod validate;
mod watch;

pub(crate) use catalogue::help;
pub(crate) use run::{Ended, shown_arguments};

use std::time::Duration;

use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::halt;
use crate::interrupt::Interrupts;
use crate::notice::Notice;

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    let Cli { globals, command } = cli;
    let notice = Notice::new(globals.quiet);
    match command {
        Command::Import(args) => {
            in_runtime(2, async |interrupts| import::run(args, &globals, notice, &interrupts).await)
        }
        Command::Query(args) => in_runtime(2, async |interrupts| {
            halt::blocking(&interrupts, move |halt| query::run(&args, &globals, notice, halt)).await
        }),
        Command::Export(args) => in_runtime(2, async |interrupts| {
            halt::blocking(&interrupts, move |halt| export::run(&args, &globals, notice, halt))
                .await
        }),
        Command::Watch(args) => {
            in_runtime(2, async |interrupts| watch::run(args, &globals, notice, &interrupts).await)
        }
        Command::Run(args) => {
            // A run over rows finishes what is under way before it ends.
            let patience = if args.from.is_some() { 2 } else { 1 };
            in_runtime(patience, async |interrupts| {
                run::run(args, &globals, notice, &interrupts).await
            })
        }
        Command::Apply(args) => in_runtime(1, async |_| apply::run(args, &globals, notice).await),
        Command::Call(args) => in_runtime(1, async |_| call::run(*args, &globals, notice).await),
        Command::Permissions(args) => {
            in_runtime(1, async |_| permissions::run(args, &globals, notice).await)
        }
        Command::Catalogue(args) => catalogue::run(&args, &globals),
        Command::Login => in_runtime(1, async |_| login::login(&globals, notice).await),
        Command::Logout(args) => login::logout(&args, &globals, notice),
        Command::Validate(args) => validate::run(&args, &globals),
        Command::Explain(args) => explain::run(&args),
        Command::Simulate(args) => {
            in_runtime(2, async |interrupts| simulate::run(args, notice, &interrupts).await)
        }
        Command::Doctor(args) => in_runtime(1, async |_| doctor::run(args, &globals, notice).await),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// Commands that send something run on a runtime; the others start without one. `patience` is how
/// many requests to stop end the process wherever it is.
fn in_runtime(
    patience: u32,
    work: impl AsyncFnOnce(Interrupts) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    // An import reads a page on one while another is written. An allocator keeps memory for every thread
    // that has ever worked: with more of them, an import takes half as much again.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.max_blocking_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(Exit::LocalIo, "could not start the runtime").because(&error)
    })?;
    let ended = runtime.block_on(Interrupts::within(patience, work));
    // What a second request to stop left behind must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}
