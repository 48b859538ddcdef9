//! Runs over a store in a temporary directory, and what is in it.

use std::path::PathBuf;

use graph_dsl::{ApiVersion, ColumnKind, StreamPlan};
use graph_import::{ImportError, Importer, Report, SqliteStore, Stop, Store};

use crate::script::{Script, tenant};

pub(crate) fn plans() -> Vec<StreamPlan> {
    let users = StreamPlan::delta("users", "user", "/users/delta")
        .column("display_name", "displayName", ColumnKind::Text)
        .column("account_enabled", "accountEnabled", ColumnKind::Boolean);
    let mut groups = StreamPlan::delta("groups", "group", "/groups/delta")
        .column("display_name", "displayName", ColumnKind::Text)
        .column("visibility", "visibility", ColumnKind::Text);
    groups = groups.relation("members");
    let mut members = StreamPlan::edges("members", "member", "/groups/{id}/members", "groups");
    members.version = ApiVersion::Beta;
    members.page_size = Some(999);
    let mut plans = vec![users, groups, members];
    for plan in &mut plans {
        plan.permission = Some("Directory.Read.All".to_owned());
    }
    plans
}

/// A store that outlives its runs.
pub(crate) struct Bench {
    pub(crate) script: Script,
    directory: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new(script: Script) -> Self {
        Self { script, directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("graph.db")
    }

    pub(crate) fn importer<S: Store>(&self, store: S) -> Importer<S> {
        Importer::new(self.script.client(), tenant(), plans(), store).unwrap()
    }

    /// One run that must not fail as a whole.
    pub(crate) async fn run(&self) -> Report {
        self.try_run().await.unwrap()
    }

    pub(crate) async fn try_run(&self) -> Result<Report, ImportError> {
        self.importer(SqliteStore::new(self.path())).run(&(), &Stop::new()).await
    }

    pub(crate) async fn run_full(&self) -> Report {
        self.importer(SqliteStore::new(self.path()))
            .full(true)
            .run(&(), &Stop::new())
            .await
            .unwrap()
    }

    /// Rows of a query, columns separated by a bar.
    pub(crate) fn query(&self, sql: &str) -> Vec<String> {
        let connection = graph_import::sqlite::read_only(&self.path()).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cell = |at| row.get::<_, rusqlite::types::Value>(at).map(shown);
            (0..columns).map(cell).collect::<rusqlite::Result<Vec<_>>>()
        });
        rows.unwrap().map(|row| row.unwrap().join("|")).collect()
    }

    /// All that an undisturbed import would have put there too, times left out.
    pub(crate) fn content(&self) -> Vec<String> {
        [
            "SELECT id, display_name, account_enabled, raw FROM users ORDER BY id",
            "SELECT id, display_name, raw FROM groups ORDER BY id",
            "SELECT id, deletion FROM deleted_users ORDER BY id",
            "SELECT id, deletion FROM deleted_groups ORDER BY id",
            "SELECT external_id, member_type FROM group_members ORDER BY external_id",
            "SELECT stream, phase, cursor, watermark, spoiled FROM import_stream ORDER BY stream",
            "SELECT stream, object FROM import_queue",
            "SELECT * FROM import_stage",
        ]
        .iter()
        .flat_map(|sql| self.query(sql))
        .collect()
    }
}

fn shown(value: rusqlite::types::Value) -> String {
    use rusqlite::types::Value;
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => format!("{bytes:?}"),
    }
}
