//! Prints `docs/reference/store.md`: the schema of the store, as a store that was just made has it.

#![expect(clippy::print_stdout, reason = "its output is the page")]

use std::error::Error;
use std::fmt::Write as _;

use graph_dsl::{ColumnKind, StreamPlan};
use graph_import::{SqliteStore, Store as _, StreamSet, sqlite};
use graph_transport::TenantId;
use rusqlite::Connection;

/// What stands before the generated part.
const INTRODUCTION: &str = include_str!("store_page/introduction.md");

/// Streams that show every kind of table and view.
fn streams() -> Result<StreamSet, Box<dyn Error>> {
    let text = ColumnKind::Text;
    let users = StreamPlan::delta("users", "user", "/users/delta")
        .column("display_name", "displayName", text)
        .column("business_phones", "businessPhones", ColumnKind::List)
        .column("account_enabled", "accountEnabled", ColumnKind::Boolean);
    let groups = StreamPlan::delta("groups", "group", "/groups/delta")
        .column("display_name", "displayName", text)
        .relation("members");
    let members = StreamPlan::edges("members", "member", "/groups/{id}/members", "groups");
    let owners = StreamPlan::edges("group_owners", "owner", "/groups/{id}/owners", "groups");
    Ok(StreamSet::new([users, groups, members, owners])?)
}

/// The page.
pub(crate) fn page() -> Result<String, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("graph.db");
    let tenant = TenantId::parse("11111111-1111-4111-8111-111111111111").ok_or("no tenant")?;
    SqliteStore::new(&path).claim(&tenant, &streams()?, "2031-01-01T00:00:00.000Z")?;
    let store = sqlite::read_only(&path)?;
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n## Columns of the views\n\n| view | columns |\n|---|---|\n");
    let columns = "SELECT t.name, group_concat('`' || c.name || '`', ', ') FROM sqlite_schema t
        JOIN pragma_table_info(t.name) c WHERE t.type = 'view' AND t.name NOT LIKE 'import_past_%'
        GROUP BY t.name ORDER BY t.name";
    for (view, columns) in pairs(&store, columns)? {
        writeln!(page, "| `{view}` | {columns} |")?;
    }
    page.push_str("\n## Tables and indexes\n\n```sql\n");
    let sql =
        "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL
        AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name";
    for (_, sql) in pairs(&store, sql)? {
        let words: Vec<&str> = sql.split_whitespace().collect();
        writeln!(page, "{};", words.join(" "))?;
    }
    page.push_str("```\n");
    Ok(page)
}

fn pairs(store: &Connection, sql: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = store.prepare(sql)?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", page()?);
    Ok(())
}
