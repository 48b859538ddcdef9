//! Why a query was not understood: the place under the query, and what was probably meant.

use std::iter::repeat_n;

use rusqlite::{Connection, Error, ErrorCode};

use crate::failure::Failure;

/// Characters of a line that are shown on each side of the place.
const AROUND: usize = 60;

/// What SQLite says about a statement of somebody's own.
pub(super) fn misread(connection: &Connection, sql: &str, error: &Error) -> Failure {
    let (message, offset) = match error {
        Error::SqliteFailure(code, _) if code.code == ErrorCode::ApiMisuse => return empty(),
        Error::SqlInputError { msg, offset, .. } => (msg, usize::try_from(*offset).ok()),
        // SQLite does not say where.
        Error::SqliteFailure(_, Some(message)) => (message, None),
        _ => return other(error),
    };
    if message.starts_with("cannot modify") {
        return writes();
    }
    if message == "not authorized" {
        return Failure::usage("a query calls nothing from outside the store");
    }
    let failure = Failure::usage("the query was not understood").because_text(message.clone());
    let unknown = message.split_once(": ").filter(|(what, _)| what.starts_with("no such "));
    let offset = offset.or_else(|| sql.find(unknown?.1));
    let place = offset.and_then(|offset| place(sql, offset));
    let failure = place.into_iter().flatten().fold(failure, Failure::showing);
    match unknown.and_then(|(what, name)| meant(connection, (what, name), sql)) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`graphctl query --tables` lists tables and columns"),
    }
}

/// Everything that is not about the text of the statement.
fn other(error: &Error) -> Failure {
    match error {
        Error::MultipleStatement => Failure::usage("a query is one statement, and this is more")
            .hint("ask for one after the other, or join them with `union all`"),
        _ => super::refused(error),
    }
}

/// Nothing but spaces and comments, which SQLite calls a misuse.
fn empty() -> Failure {
    Failure::usage("there is no statement in the query")
        .hint("`graphctl query --tables` lists what can be asked")
}

/// A statement that would change something.
pub(super) fn writes() -> Failure {
    Failure::usage("a query only reads").hint("the store is written by `graphctl import` alone")
}

/// Whether a statement is one that no query is, by its first word. Some of them fail for another
/// reason before SQLite would tell.
pub(super) fn begins_to_write(sql: &str) -> bool {
    const WORDS: &[&str] = &[
        "insert",
        "update",
        "delete",
        "replace",
        "create",
        "drop",
        "alter",
        "attach",
        "detach",
        "reindex",
        "vacuum",
        "analyze",
        "begin",
        "commit",
        "rollback",
        "savepoint",
        "release",
    ];
    let first = sql.split_whitespace().next().unwrap_or_default();
    WORDS.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// The line of the query in which SQLite stopped, and a caret under the place.
fn place(sql: &str, offset: usize) -> Option<[String; 2]> {
    let before = sql.get(..offset)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = sql[offset..].find('\n').map_or(sql.len(), |at| offset + at);
    let column = sql[start..offset].chars().count();
    // A long line is shown around the place alone.
    let skipped = column.saturating_sub(AROUND);
    let shown = sql[start..end].chars().skip(skipped).take(2 * AROUND);
    let line: String = shown.map(|c| if c == '\t' { ' ' } else { c }).collect();
    let caret: String = repeat_n(' ', column - skipped).chain(['^']).collect();
    Some([line, caret])
}

/// The table or column that was probably meant, for `no such table` and `user`.
fn meant(connection: &Connection, (what, name): (&str, &str), sql: &str) -> Option<String> {
    // `u.mial` of `users as u`
    let name = name.rsplit('.').next()?;
    let tables = "select name from sqlite_schema where type in ('table', 'view') \
         union select name from sqlite_temp_schema where type = 'view'";
    let columns = "select distinct c.name from sqlite_schema t join pragma_table_info(t.name) c \
         where t.type in ('table', 'view') and instr(lower(?1), lower(t.name)) > 0";
    let known: rusqlite::Result<Vec<String>> = match what {
        "no such table" => connection
            .prepare(tables)
            .and_then(|mut it| it.query_map([], |row| row.get(0))?.collect()),
        "no such column" => connection
            .prepare(columns)
            .and_then(|mut it| it.query_map([sql], |row| row.get(0))?.collect()),
        _ => return None,
    };
    let known = known.ok()?;
    // `displayName`, as Graph spells it
    let snake = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let alike = known.iter().find(|it| snake(it) == snake(name)).cloned();
    alike.or_else(|| graph_dsl::suggest(name, known.iter().map(String::as_str)).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str) -> String {
        let store = Connection::open_in_memory().unwrap();
        store.execute_batch("create table users (id, display_name, mail)").unwrap();
        let run = |mut statement: rusqlite::Statement<'_>| statement.query([])?.next().map(drop);
        let error = store.prepare(sql).and_then(run).unwrap_err();
        misread(&store, sql, &error).render()
    }

    #[test]
    fn a_mistake_is_pointed_at_and_what_was_meant_is_named() {
        insta::assert_snapshot!(shown("select id\nfrom users\nwhere mial is null"), @r"
        error: the query was not understood
          caused by: no such column: mial
            where mial is null
                  ^
          hint: did you mean `mail`?
        ");
        insta::assert_snapshot!(shown("select * from user"), @r"
        error: the query was not understood
          caused by: no such table: user
            select * from user
                          ^
          hint: did you mean `users`?
        ");
        assert!(shown("select u.displayName from users u").contains("`display_name`"));
        insta::assert_snapshot!(shown("selct 1"), @r#"
        error: the query was not understood
          caused by: near "selct": syntax error
            selct 1
            ^
          hint: `graphctl query --tables` lists tables and columns
        "#);
    }

    #[test]
    fn what_is_no_query_is_told_as_what_it_is() {
        assert!(shown(" -- nothing\n").contains("no statement in the query"));
        assert!(shown("select 1; select 2").contains("one statement"));
        assert!(begins_to_write("  DELETE from users") && !begins_to_write("deleted"));
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let sql = format!("select '{}' || x from users", "é".repeat(300));
        let [line, caret] = place(&sql, sql.find('x').unwrap()).unwrap();
        assert_eq!(line.chars().nth(caret.chars().count() - 1), Some('x'), "{line}\n{caret}");
        assert!(line.chars().count() <= 2 * AROUND);
    }
}
