//! Runs over a store in a temporary directory, and what is in it.

use std::path::PathBuf;

use graph_dsl::{ApiVersion, ColumnKind, StreamPlan};
use graph_import::{
    Claim, Commit, Committed, Holdings, ImportError, Importer, Partition, Queued, Report,
    RunRecord, SqliteStore, Stop, Store, StoreError, StreamSet, StreamState, Unresolved,
};
use graph_transport::TenantId;

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

/// Where a [`Crashing`] store stops working.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    Before,
    After,
}

/// A store whose `n`th commit fails, before or after it has happened, and every call after it.
pub(crate) struct Crashing {
    inner: SqliteStore,
    left: u32,
    moment: Moment,
}

impl Crashing {
    pub(crate) fn new(inner: SqliteStore, n: u32, moment: Moment) -> Self {
        Self { inner, left: n, moment }
    }

    fn dead(&self) -> Result<(), StoreError> {
        let source = "crashed on purpose".into();
        if self.left == 0 { Err(StoreError::Database { what: "go on", source }) } else { Ok(()) }
    }
}

impl Store for Crashing {
    fn inspect(
        &mut self,
        tenant: &TenantId,
        streams: &StreamSet,
    ) -> Result<Vec<StreamState>, StoreError> {
        self.inner.inspect(tenant, streams)
    }

    fn claim(
        &mut self,
        tenant: &TenantId,
        streams: &StreamSet,
        at: &str,
    ) -> Result<Claim, StoreError> {
        self.inner.claim(tenant, streams, at)
    }

    fn stream(&mut self, stream: &str) -> Result<StreamState, StoreError> {
        self.dead()?;
        self.inner.stream(stream)
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, StoreError> {
        self.dead()?;
        self.left -= 1;
        if self.left == 0 && matches!(self.moment, Moment::Before) {
            self.dead()?;
        }
        let committed = self.inner.commit(commit);
        self.dead()?;
        committed
    }

    fn queued(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        self.dead()?;
        self.inner.queued(stream, after, limit)
    }

    fn partitions(&mut self, stream: &str) -> Result<Vec<Partition>, StoreError> {
        self.dead()?;
        self.inner.partitions(stream)
    }

    fn sighted(&mut self, stream: &str) -> Result<u64, StoreError> {
        self.dead()?;
        self.inner.sighted(stream)
    }

    fn gone(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        self.dead()?;
        self.inner.gone(stream, after, limit)
    }

    fn unresolved(&mut self, stream: &str) -> Result<Vec<Unresolved>, StoreError> {
        self.dead()?;
        self.inner.unresolved(stream)
    }

    fn holdings(&mut self, stream: &str) -> Result<Holdings, StoreError> {
        self.dead()?;
        self.inner.holdings(stream)
    }

    fn finish(&mut self, run: &RunRecord<'_>) -> Result<(), StoreError> {
        self.dead()?;
        self.inner.finish(run)
    }

    fn release(&mut self) {
        self.inner.release();
    }
}
