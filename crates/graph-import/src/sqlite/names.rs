//! Identifiers in SQL text.

/// A quoted identifier. Names were checked by [`crate::StreamSet`]; quoting keeps keywords such as
/// `group` usable.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table of a stream: `object_users`.
pub(super) fn table(prefix: &str, stream: &str) -> String {
    quoted(&format!("{prefix}_{stream}"))
}

/// The text of an object id that the dictionary keeps as 16 bytes.
pub(super) fn id_text(column: &str) -> String {
    let part = |from: u8, length: u8| format!("substr(lower(hex({column})),{from},{length})");
    let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join("||'-'||");
    format!("CASE typeof({column}) WHEN 'blob' THEN {parts} ELSE {column} END")
}
