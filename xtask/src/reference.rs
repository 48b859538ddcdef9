//! `docs/reference/catalogue.md`: every command with its request and what it needs.

use std::fmt::Write as _;

use graph_dsl::{Argument, Catalogue, CommandPlan};

use crate::typed_api::{by_object_type, permission};

/// The page.
pub(crate) fn page(catalogue: &Catalogue) -> String {
    let by_type = by_object_type(catalogue);
    let mut text = format!(
        "# Catalogue\n\n{} commands over {} object types. Written by `cargo xtask codegen` from \
         `systems/entra.yaml`; do not edit. `graphctl catalogue COMMAND` describes one command.\n\n\
         Optional arguments stand in brackets. Permissions are the least application permissions; \
         all that are named are needed.\n",
        catalogue.len(),
        by_type.len(),
    );
    for (object_type, plans) in by_type {
        let _ = write!(
            text,
            "\n## {object_type}\n\n| command | what it does | request | arguments | permission | effect | not in |\n|---|---|---|---|---|---|---|\n"
        );
        for plan in plans {
            row(&mut text, plan);
        }
    }
    text
}

fn row(text: &mut String, plan: &CommandPlan) {
    let argument =
        |it: &Argument| if it.required { it.name.clone() } else { format!("[{}]", it.name) };
    let arguments: Vec<String> = plan.signature.arguments.iter().map(argument).collect();
    let effect = match (plan.safety.destructive, plan.safety.restorable, plan.safety.reads) {
        (true, true, _) => "destructive, restorable",
        (true, false, _) => "destructive",
        (false, _, true) => "reads",
        (false, _, false) => "writes",
    };
    let needs: Vec<String> = std::iter::once(permission(plan))
        .filter(|_| !plan.permission.is_unknown() || plan.requires.is_empty())
        .chain(plan.requires.iter().cloned())
        .collect();
    let _ = writeln!(
        text,
        "| `{}` | {} | `{} {}` | {} | {} | {effect} | {} |",
        plan.full_name(),
        plan.summary.as_deref().unwrap_or_default(),
        plan.method,
        plan.endpoint,
        arguments.join(", "),
        needs.join("; "),
        plan.unavailable_in.join(", "),
    );
}
