//! The catalogue as Rust functions, and as a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use graph_dsl::{Argument, ArgumentKind, Catalogue, CommandPlan};

/// `crates/graph-admin/src/generated.rs`: one struct per object type, one function per command.
pub(crate) fn rust(catalogue: &Catalogue) -> String {
    let mut text = String::from(
        "//! The typed API of the catalogue. Written by `cargo xtask codegen`; do not edit.\n\n\
         use graph_dsl::{Arguments, Envelope};\n\n\
         use crate::{Admin, AdminError};\n",
    );
    let by_type = by_object_type(catalogue);
    text.push_str("\nimpl Admin {\n");
    for object_type in by_type.keys() {
        let name = pascal(object_type);
        let _ = write!(
            text,
            "    /// Commands of `{object_type}`.\n    pub fn {object_type}(&self) -> {name}<'_> {{\n        {name}(self)\n    }}\n\n"
        );
    }
    close(&mut text);
    for (object_type, plans) in by_type {
        let name = pascal(object_type);
        let _ = write!(
            text,
            "\n/// Commands of `{object_type}`.\n#[derive(Clone, Copy, Debug)]\npub struct {name}<'a>(&'a Admin);\n\nimpl {name}<'_> {{\n"
        );
        for plan in &plans {
            function(&mut text, plan);
        }
        close(&mut text);
        for plan in plans {
            options(&mut text, plan);
        }
    }
    text
}

/// Ends an impl block whose last function left a blank line.
fn close(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.push_str("\n}\n");
}

fn function(text: &mut String, plan: &CommandPlan) {
    let (required, optional): (Vec<_>, Vec<_>) =
        plan.signature.arguments.iter().partition(|argument| argument.required);
    let summary = plan.summary.as_deref().unwrap_or("See the catalogue.");
    let _ = writeln!(text, "    /// {summary}");
    let _ = writeln!(
        text,
        "    ///\n    /// `{} /{}{}`; least application permission: {}.",
        plan.method,
        plan.version,
        plan.endpoint,
        permission(plan)
    );
    for argument in &required {
        let about = argument
            .summary
            .as_deref()
            .map(|summary| format!(": {}", summary.trim_end_matches('.')))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "    ///\n    /// `{}` is of type `{}`{about}.",
            identifier(&argument.name),
            argument.kind.name()
        );
    }
    let _ = writeln!(
        text,
        "    ///\n    /// # Errors\n    /// Arguments that do not fit, before anything is sent."
    );
    let parameter =
        |it: &&Argument| format!("{}: {}", identifier(&it.name), parameter_type(&it.kind));
    let mut parameters: Vec<String> =
        std::iter::once("&self".to_owned()).chain(required.iter().map(parameter)).collect();
    if !optional.is_empty() {
        parameters.push(format!("options: {}", options_name(plan)));
    }
    let mutable = if optional.is_empty() { "" } else { "mut " };
    let _ = writeln!(
        text,
        "    pub async fn {}({}) -> Result<Envelope, AdminError> {{",
        identifier(&plan.name),
        parameters.join(", ")
    );
    let _ = write!(text, "        let {mutable}arguments = Arguments::new()");
    for it in &required {
        let _ = write!(text, ".with(\"{}\", {})", it.name, identifier(&it.name));
    }
    text.push_str(";\n");
    for it in &optional {
        let field = identifier(&it.name);
        let _ = writeln!(
            text,
            "        if let Some({field}) = options.{field} {{\n            arguments.insert(\"{}\", {field});\n        }}",
            it.name
        );
    }
    let _ =
        writeln!(text, "        self.0.run(\"{}\", arguments).await\n    }}\n", plan.full_name());
}

/// The struct with the optional arguments of a command.
fn options(text: &mut String, plan: &CommandPlan) {
    let optional: Vec<&Argument> =
        plan.signature.arguments.iter().filter(|argument| !argument.required).collect();
    if optional.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n/// Optional arguments of `{}`.", plan.full_name());
    let _ =
        writeln!(text, "#[derive(Clone, Debug, Default)]\npub struct {} {{", options_name(plan));
    for it in optional {
        let summary =
            it.summary.clone().unwrap_or_else(|| format!("Of type `{}`.", it.kind.name()));
        let _ = writeln!(
            text,
            "    /// {summary}\n    pub {}: Option<{}>,",
            identifier(&it.name),
            field_type(&it.kind)
        );
    }
    text.push_str("}\n");
}

/// `docs/reference/catalogue.md`: every command with its request and permission.
pub(crate) fn reference(catalogue: &Catalogue) -> String {
    let mut text = String::from(
        "# Catalogue\n\nWritten by `cargo xtask codegen` from `systems/entra.yaml`; do not edit. \
         `graphctl catalogue COMMAND` describes one command.\n",
    );
    for (object_type, plans) in by_object_type(catalogue) {
        let _ = write!(
            text,
            "\n## {object_type}\n\n| command | request | arguments | least application permission | |\n|---|---|---|---|---|\n"
        );
        for plan in plans {
            let argument = |it: &Argument| {
                if it.required { it.name.clone() } else { format!("[{}]", it.name) }
            };
            let arguments: Vec<String> = plan.signature.arguments.iter().map(argument).collect();
            let effect = match (plan.safety.destructive, plan.safety.reads) {
                (true, _) => "destructive",
                (_, true) => "reads",
                _ => "writes",
            };
            let _ = writeln!(
                text,
                "| `{}` | `{} {}` | {} | {} | {effect} |",
                plan.full_name(),
                plan.method,
                plan.endpoint,
                arguments.join(", "),
                permission(plan),
            );
        }
    }
    text
}

fn permission(plan: &CommandPlan) -> String {
    if plan.permission.is_unknown() {
        "none is documented".to_owned()
    } else {
        format!("`{}`", plan.permission)
    }
}

fn by_object_type(catalogue: &Catalogue) -> BTreeMap<&str, Vec<&CommandPlan>> {
    let mut by_type: BTreeMap<&str, Vec<&CommandPlan>> = BTreeMap::new();
    for plan in catalogue.iter() {
        by_type.entry(&plan.object_type).or_default().push(plan);
    }
    by_type
}

fn parameter_type(kind: &ArgumentKind) -> &'static str {
    match kind {
        ArgumentKind::Int => "i64",
        ArgumentKind::Bool => "bool",
        ArgumentKind::List(_) | ArgumentKind::Object | ArgumentKind::Any => "serde_json::Value",
        _ => "&str",
    }
}

fn field_type(kind: &ArgumentKind) -> &'static str {
    match parameter_type(kind) {
        "&str" => "String",
        other => other,
    }
}

fn options_name(plan: &CommandPlan) -> String {
    format!("{}{}Options", pascal(&plan.object_type), pascal(&plan.name))
}

fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase())
            .into_iter()
            .chain(letters)
            .collect::<String>()
    };
    name.split('_').map(word).collect()
}

/// `addLicenses` and `type` as Rust spells them.
fn identifier(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    if matches!(snake.as_str(), "type" | "ref" | "move" | "in" | "self" | "use") {
        format!("{snake}_")
    } else {
        snake
    }
}
