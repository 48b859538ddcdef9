//! The reference page of the language.

use std::fmt::Write as _;

use crate::definition::{Content, blocks};
use crate::mapping::FUNCTIONS;
use crate::plan::{ArgumentKind, Outcome};

/// A larger bound is that of a number type, and tells nobody anything.
const MOST_SHOWN: u64 = 1_000_000;

/// The reference of the language in Markdown: every block and key, argument types, outcomes and
/// the functions of pipelines.
pub fn language_page() -> String {
    let mut text = "# Language\n\nEvery key of a system file. Written by `cargo xtask codegen` from the tables that the reader uses; do not edit. Editors take the same from `system.schema.json`.\n".to_owned();
    for block in blocks() {
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
    let (kinds, outcomes) = (listed(&ArgumentKind::NAMES), listed(&Outcome::NAMES));
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
        Content::Texts => "text, or a list of texts".to_owned(),
        Content::Flag => "true or false".to_owned(),
        Content::Number => "a number".to_owned(),
        Content::Integer(least, most) if least == most => format!("`{least}`"),
        Content::Integer(least, most) if most > MOST_SHOWN => {
            format!("a whole number from {least}")
        }
        Content::Integer(least, most) => format!("a whole number from {least} to {most}"),
        Content::Seconds(most) => format!("seconds, at most {most}"),
        Content::Mapping => "a mapping".to_owned(),
        Content::Words(words) => listed(words),
        Content::Setting(words) => format!("{}, or a reference", listed(words)),
        Content::Reference => "a reference, never the secret itself".to_owned(),
        Content::Statuses => "an HTTP status, or a list of them".to_owned(),
        Content::Concurrency => "a whole number from 1 to 1000, or `auto`".to_owned(),
        Content::Clouds => "a mapping of clouds to `false`, or a list of clouds".to_owned(),
        Content::Permission => {
            "text, a list of texts, or `application` and `delegated` with these".to_owned()
        }
        Content::Credentials => "a mapping, by the way to sign in".to_owned(),
        Content::Rules(name) => {
            format!("a list of {}, or `already_exists`", link(name))
        }
        Content::Block(name) => link(name),
        Content::Each(name) | Content::EachOrText(name) | Content::EachOfEach(name) => {
            format!("by name: {}", link(name))
        }
        Content::OneOrList(name) => format!("{}, or a list of them", link(name)),
    }
}

fn link(name: &str) -> String {
    format!("[{0}](#{1})", name.replace('_', " "), name.replace('_', "-"))
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
