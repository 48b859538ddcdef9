//! The catalogue as Rust functions: one file per object type.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use graph_dsl::{Argument, ArgumentKind, Catalogue, CommandPlan};

/// Rust words that an argument or file may not be called.
const KEYWORDS: &[&str] = &["in", "move", "ref", "self", "type", "use"];

/// The files below `crates/graph-admin/src/`, by their path there.
pub(crate) fn files(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let by_type = by_object_type(catalogue);
    let mut files = BTreeMap::from([("generated.rs".to_owned(), root(by_type.keys().copied()))]);
    for (object_type, plans) in by_type {
        files.insert(format!("generated/{object_type}.rs"), object(object_type, &plans));
    }
    files
}

pub(crate) fn by_object_type(catalogue: &Catalogue) -> BTreeMap<&str, Vec<&CommandPlan>> {
    let mut by_type: BTreeMap<&str, Vec<&CommandPlan>> = BTreeMap::new();
    for plan in catalogue.iter() {
        by_type.entry(&plan.object_type).or_default().push(plan);
    }
    by_type
}

/// The permission in words for a page or a doc comment.
pub(crate) fn permission(plan: &CommandPlan) -> String {
    if plan.permission.is_unknown() {
        "none is documented".to_owned()
    } else {
        format!("`{}`", plan.permission)
    }
}

fn root<'a>(object_types: impl Iterator<Item = &'a str> + Clone) -> String {
    let mut text = String::from(
        "//! The typed API of the catalogue. Written by `cargo xtask codegen`; do not edit.\n\n",
    );
    for object_type in object_types.clone() {
        let _ = writeln!(text, "mod {object_type};");
    }
    text.push('\n');
    for object_type in object_types.clone() {
        let _ = writeln!(text, "pub use {object_type}::*;");
    }
    text.push_str("\nuse crate::Admin;\n\nimpl Admin {\n");
    for object_type in object_types {
        let name = pascal(object_type);
        let _ = write!(
            text,
            "    /// Commands of `{object_type}`.\n    pub fn {object_type}(&self) -> {name}<'_> {{\n        {name}(self)\n    }}\n\n"
        );
    }
    close(&mut text);
    text
}

fn object(object_type: &str, plans: &[&CommandPlan]) -> String {
    let name = pascal(object_type);
    let with_options = plans.iter().any(|plan| optional(plan).next().is_some());
    let import = if with_options { "use crate::options::options;\n" } else { "" };
    let mut text = format!(
        "//! Commands of `{object_type}`. Written by `cargo xtask codegen`; do not edit.\n\n\
         use graph_dsl::{{Arguments, Envelope}};\n\n{import}use crate::{{Admin, AdminError}};\n\n\
         /// Commands of `{object_type}`.\n#[derive(Clone, Copy, Debug)]\n\
         pub struct {name}<'a>(pub(crate) &'a Admin);\n\nimpl {name}<'_> {{\n"
    );
    for plan in plans {
        function(&mut text, plan);
    }
    close(&mut text);
    for plan in plans {
        options(&mut text, plan);
    }
    text
}

/// Ends an impl block whose last function left a blank line.
fn close(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.push_str("\n}\n");
}

fn required(plan: &CommandPlan) -> impl Iterator<Item = &Argument> {
    plan.signature.arguments.iter().filter(|argument| argument.required)
}

fn optional(plan: &CommandPlan) -> impl Iterator<Item = &Argument> {
    plan.signature.arguments.iter().filter(|argument| !argument.required)
}

fn function(text: &mut String, plan: &CommandPlan) {
    documentation(text, plan);
    let parameter = |it: &Argument| format!("{}: {}", identifier(&it.name), borrowed(&it.kind));
    let mut parameters = vec!["&self".to_owned()];
    parameters.extend(required(plan).map(parameter));
    let mut arguments = String::from("Arguments::new()");
    for it in required(plan) {
        let with = if it.kind == ArgumentKind::Binary { "with_bytes" } else { "with" };
        let _ = write!(arguments, ".{with}(\"{}\", {})", it.name, identifier(&it.name));
    }
    if optional(plan).next().is_some() {
        parameters.push(format!("options: {}", options_name(plan)));
        arguments = format!("options.beside({arguments})");
    }
    let _ = write!(
        text,
        "    pub async fn {}({}) -> Result<Envelope, AdminError> {{\n\
         let arguments = {arguments};\n\
         self.0.run(\"{}\", arguments).await\n    }}\n\n",
        identifier(&plan.name),
        parameters.join(", "),
        plan.full_name(),
    );
}

fn documentation(text: &mut String, plan: &CommandPlan) {
    let summary = plan.summary.as_deref().unwrap_or("See the catalogue.");
    let _ = writeln!(
        text,
        "    /// {summary}\n    ///\n    /// `{} /{}{}`; least application permission: {}.",
        plan.method,
        plan.version,
        plan.endpoint,
        permission(plan)
    );
    if !plan.requires.is_empty() {
        let _ = writeln!(text, "    ///\n    /// Needs {}.", plan.requires.join("; "));
    }
    if !plan.secrets.is_empty() {
        let names = plan.secrets.join("`, `");
        let _ = writeln!(
            text,
            "    ///\n    /// The envelope masks `{names}`; `Envelope::secret` has the value."
        );
    }
    if !plan.unavailable_in.is_empty() {
        let clouds = plan.unavailable_in.join("`, `");
        let _ = writeln!(text, "    ///\n    /// Not offered in `{clouds}`.");
    }
    for argument in required(plan) {
        let about = argument.summary.as_deref();
        let about = about.map(|about| format!(": {}", about.trim_end_matches('.')));
        let _ = writeln!(
            text,
            "    ///\n    /// `{}` is of type `{}`{}.",
            identifier(&argument.name),
            argument.kind.name(),
            about.unwrap_or_default()
        );
    }
    text.push_str(
        "    ///\n    /// # Errors\n    /// Arguments that do not fit, before anything is sent.\n",
    );
}

/// The struct with the optional arguments of a command.
fn options(text: &mut String, plan: &CommandPlan) {
    let mut fields = optional(plan).peekable();
    if fields.peek().is_none() {
        return;
    }
    let _ = write!(
        text,
        "\noptions! {{\n    /// Optional arguments of `{}`.\n    {} {{\n",
        plan.full_name(),
        options_name(plan)
    );
    for it in fields {
        let field = identifier(&it.name);
        let about =
            it.summary.clone().unwrap_or_else(|| format!("`{}`, of type `{}`.", it.name, it.kind));
        let _ = writeln!(
            text,
            "        /// {about}\n        {field}: {} = \"{}\",",
            owned(&it.kind),
            it.name
        );
    }
    text.push_str("    }\n}\n");
}

fn borrowed(kind: &ArgumentKind) -> &'static str {
    match kind {
        ArgumentKind::Int => "i64",
        ArgumentKind::Bool => "bool",
        ArgumentKind::Binary => "&[u8]",
        ArgumentKind::List(_) | ArgumentKind::Object | ArgumentKind::Any => "serde_json::Value",
        _ => "&str",
    }
}

fn owned(kind: &ArgumentKind) -> &'static str {
    match borrowed(kind) {
        // An optional one is given as it travels, in base64.
        "&str" | "&[u8]" => "String",
        other => other,
    }
}

fn options_name(plan: &CommandPlan) -> String {
    format!("{}{}Options", pascal(&plan.object_type), pascal(&plan.name))
}

fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('_').map(word).collect()
}

/// `addLicenses` and `type` as Rust spells them.
fn identifier(name: &str) -> String {
    let mut snake = String::new();
    let mut after_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && after_lower {
            snake.push('_');
        }
        after_lower = !letter.is_ascii_uppercase();
        snake.push(letter.to_ascii_lowercase());
    }
    if KEYWORDS.contains(&snake.as_str()) { format!("{snake}_") } else { snake }
}
