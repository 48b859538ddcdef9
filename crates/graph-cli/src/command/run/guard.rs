//! What may be sent: the mode, and the question before a write.

use std::io::{self, BufRead, IsTerminal as _, Write};

use graph_dsl::{CommandPlan, Request, Safety};
use graph_transport::{GraphClient, GraphRequest};
use serde_json::Value;

use super::Callee;
use crate::args::Mode;
use crate::failure::Failure;
use crate::terminal::escape;

/// Refuses what the mode forbids, before anything else is looked at.
pub(super) fn allow(mode: Mode, name: &str, safety: &Safety) -> Result<(), Failure> {
    if mode == Mode::ReadOnly && safety.mutates() {
        let what = format!("`{name}` changes the tenant, and the mode is read-only");
        return Err(
            Failure::usage(what).hint("--mode delete-safe allows it; --plan shows it in any mode")
        );
    }
    Ok(())
}

/// Whether the mode wants somebody to agree first.
pub(super) const fn asks(mode: Mode, safety: &Safety) -> bool {
    match mode {
        Mode::ReadOnly | Mode::Safe => safety.mutates(),
        Mode::DeleteSafe => safety.destructive,
        Mode::Full => false,
    }
}

/// Asks, with the name of the object where it has one (E6).
pub(super) fn confirm(
    command: &CommandPlan,
    request: &Request,
    name: Option<&str>,
    mut input: impl BufRead,
    mut out: impl Write,
) -> Result<(), Failure> {
    let summary = command.summary.as_deref().unwrap_or("This changes the tenant.");
    let object = name.map(|name| format!(" ({})", escape(name))).unwrap_or_default();
    let _ = write!(
        out,
        "{summary}\n{} {}{object}\n{}",
        request.method,
        escape(&request.path_and_query),
        if command.safety.restorable { "It can be restored for 30 days.\n" } else { "" },
    );
    agreed(&command.full_name(), &command.safety, &mut input, &mut out)
}

/// Whether the answer is yes.
pub(super) fn agreed(
    name: &str,
    safety: &Safety,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let _ = write!(out, "Go ahead? [y/N] ");
    let _ = out.flush();
    if matches!(line(input).as_str(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(refused(name, safety))
    }
}

/// For many rows the command's own name must be typed.
pub(super) fn confirm_rows(
    callee: &Callee,
    rows: usize,
    mut input: impl BufRead,
    mut out: impl Write,
) -> Result<(), Failure> {
    let Callee { name, summary, safety, .. } = callee;
    on_a_terminal(name, safety)?;
    let _ = write!(out, "{summary}\n{rows} rows. Type {name} to go ahead: ");
    let _ = out.flush();
    if line(&mut input) == *name { Ok(()) } else { Err(refused(name, safety)) }
}

/// Without a terminal there is nobody to ask.
pub(super) fn on_a_terminal(name: &str, safety: &Safety) -> Result<(), Failure> {
    let seen = io::stdin().is_terminal() && io::stderr().is_terminal();
    if seen { Ok(()) } else { Err(refused(name, safety)) }
}

fn line(input: &mut impl BufRead) -> String {
    let mut answer = String::new();
    let _ = input.read_line(&mut answer);
    answer.trim().to_owned()
}

fn refused(name: &str, safety: &Safety) -> Failure {
    let effect = if safety.destructive { "is destructive" } else { "changes the tenant" };
    Failure::usage(format!("`{name}` {effect} and was not confirmed"))
        .hint("--plan shows what would be sent; add --yes to send it")
}

/// The display name of the object that a request is about, by one read; nothing when it has none.
pub(super) async fn display_name(
    client: &GraphClient,
    command: &CommandPlan,
    request: &Request,
) -> Option<String> {
    let depth = command.endpoint.split('/').position(|segment| segment.contains('{'))?;
    // One more than in the endpoint: the path begins with the version.
    let segments: Vec<&str> = request.path().split('/').take(depth + 2).collect();
    let link = client.cloud().link(&segments.join("/")).ok()?;
    let answer = client.send(GraphRequest::get(link)).await.ok()?;
    let object: Value = answer.json().ok()?;
    object["displayName"].as_str().map(str::to_owned)
}
