//! The reference page of the language.

use std::fmt::Write as _;

use crate::definition::{BLOCKS, Content};
use crate::mapping::FUNCTIONS;
use crate::plan::{ArgumentKind, Outcome};

/// The reference of the language in Markdown: every block and key, argument types, outcomes and
/// the functions of pipelines.
pub fn language_page() -> String {
    let mut text = "# Language\n\nEvery key of a system file. Written by `cargo xtask codegen` from the tables that the reader uses; do not edit. Editors take the same from `system.schema.json`.\n".to_owned();
    for block in BLOCKS {
        let title = block.name.replace('_', " ");
        let _ = write!(
            text,
            "\n## {title}\n\n{}\n\n| key | value | meaning |\n|---|---|---|\n",
            block.summary
        );
        for key in block.keys {
            let (content, summary) = block.key(key);
            let _ = writeln!(text, "| `{key}` | {} | {summary} |", words(content));
        }
    }
    let kinds = ArgumentKind::NAMES.map(|name| format!("`{name}`")).join(", ");
    let outcomes = Outcome::ALL.map(|outcome| format!("`{outcome}`")).join(", ");
    let _ = write!(
        text,
        "\n## Argument types\n\n{kinds}\n\n## Outcomes\n\n{outcomes}\n\n## Pipelines\n\nFunctions after a path, in order: `$.mail | trim | lower`. Null passes through all but `default`.\n\n| function | takes | what it gives |\n|---|---|---|\n"
    );
    for function in FUNCTIONS {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            function.usage,
            function.takes.words(),
            function.summary
        );
    }
    text
}

fn words(content: Content) -> String {
    match content {
        Content::Any => "any".to_owned(),
        Content::Text => "text".to_owned(),
        Content::Flag => "true or false".to_owned(),
        Content::Number => "a number".to_owned(),
        Content::Mapping => "a mapping".to_owned(),
        Content::Words(words) => {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        Content::Block(name) => {
            format!("[{0}](#{1})", name.replace('_', " "), name.replace('_', "-"))
        }
        Content::Each(name) | Content::EachOrText(name) | Content::EachOfEach(name) => {
            format!("by name: [{0}](#{1})", name.replace('_', " "), name.replace('_', "-"))
        }
        Content::List(name) => {
            format!("a list of [{0}](#{1})", name.replace('_', " "), name.replace('_', "-"))
        }
    }
}
