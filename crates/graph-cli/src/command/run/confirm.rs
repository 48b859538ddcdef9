//! The question before a destructive command.

use std::io::{self, BufRead, IsTerminal as _, Write};

use graph_dsl::{CommandPlan, Request};

use crate::failure::Failure;
use crate::terminal::escape;

/// Asks on a terminal; anywhere else the answer is no.
pub(super) fn ask(
    command: &CommandPlan,
    request: &Request,
    mut input: impl BufRead,
    mut out: impl Write,
) -> Result<(), Failure> {
    let refused = || {
        Failure::usage(format!("`{}` is destructive and was not confirmed", command.full_name()))
            .hint("add --yes to go ahead")
    };
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(refused());
    }
    let summary = command.summary.as_deref().unwrap_or("This is destructive.");
    let _ = write!(
        out,
        "{summary}\n{} {}\nGo ahead? [y/N] ",
        request.method,
        escape(&request.path_and_query)
    );
    let _ = out.flush();
    let mut answer = String::new();
    let _ = input.read_line(&mut answer);
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(refused()) }
}
