//! Names of streams and columns that a store can hold.

use crate::StreamPlan;
use crate::definition::fields::name_issue;
use crate::diagnostic::{Code, Finding};
use crate::source::Spanned;

/// GD0208 or GD0801: a stream's name becomes a view, and part of the names of tables.
pub(super) fn stream_issue(name: &Spanned<String>) -> Option<Finding> {
    let prefix =
        StreamPlan::RESERVED_PREFIXES.into_iter().find(|prefix| name.value.starts_with(prefix));
    let suffix =
        StreamPlan::RESERVED_SUFFIXES.into_iter().find(|suffix| name.value.ends_with(suffix));
    issue("stream", name).or_else(|| {
        let message = match (prefix, suffix) {
            (Some(prefix), _) => {
                format!("the store keeps names that begin with `{prefix}` for itself")
            }
            (None, Some(suffix)) => {
                format!("the store keeps names that end in `{suffix}` for itself")
            }
            (None, None) => return None,
        };
        Some(invalid(name, message).help("choose another name"))
    })
}

/// The same for a column.
pub(super) fn column_issue(name: &Spanned<String>) -> Option<Finding> {
    issue("column", name).or_else(|| {
        StreamPlan::RESERVED_COLUMNS.contains(&name.value.as_str()).then(|| {
            let message = format!("the store has a column `{}` of its own", name.value);
            invalid(name, message).help(match name.value.as_str() {
                "id" | "raw" => "leave it out: every object has it",
                _ => "choose another name",
            })
        })
    })
}

/// The form of any name, and its length.
pub(super) fn issue(what: &str, name: &Spanned<String>) -> Option<Finding> {
    name_issue(what, name).or_else(|| {
        let (length, longest) = (name.value.len(), StreamPlan::LONGEST_NAME);
        let message = format!("{what} names have at most {longest} letters, this one has {length}");
        (length > longest).then(|| invalid(name, message))
    })
}

fn invalid(name: &Spanned<String>, message: String) -> Finding {
    Finding::new(Code::InvalidStream, name.span, message)
}
