//! The store on its own: the commit rule, what may open it, what people see.

mod commit_rule;
mod edge_lists;
mod every_write;
mod feed;
mod fence;
mod membership;
mod moments;
mod objects;
mod privileged;
mod refusals;
mod retention;
mod schema;
mod space;

use std::path::PathBuf;

use graph_dsl::{ColumnKind, StreamPlan};
use rusqlite::types::Value;

use super::*;
use crate::store::{Advance, Applied, Changes, Edge, EdgeList, EdgeType, OwnerEdges};
use crate::{Item, ObjectId};

const AT: &str = "2031-01-01T00:00:00Z";
const TENANT: &str = "11111111-1111-4111-8111-111111111111";

fn tenant() -> TenantId {
    TenantId::parse(TENANT).unwrap()
}

fn plans() -> Vec<StreamPlan> {
    let mut groups = StreamPlan::delta("groups", "group", "/groups/delta")
        .column("display_name", "displayName", ColumnKind::Text)
        .column("group_types", "groupTypes", ColumnKind::List)
        .column("visibility", "visibility", ColumnKind::Text);
    groups = groups.relation("members");
    let users = StreamPlan::delta("users", "user", "/users/delta")
        .column("display_name", "displayName", ColumnKind::Text)
        .column("enabled", "accountEnabled", ColumnKind::Boolean);
    vec![users, groups, StreamPlan::edges("members", "member", "/groups/{id}/members", "groups")]
}

fn set() -> StreamSet {
    StreamSet::new(plans()).unwrap()
}

/// A claimed store in a directory that lives as long as the test.
struct Bench {
    store: SqliteStore,
    run: u64,
    _directory: tempfile::TempDir,
}

/// The id of object `n`.
fn id(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::new(directory.path().join("graph.db"));
        let run = store.claim(&tenant(), &set(), AT).unwrap().run;
        Self { store, run, _directory: directory }
    }

    fn path(&self) -> PathBuf {
        self.store.path().to_owned()
    }

    /// Another run on the same store.
    fn reclaim(&mut self) {
        self.run = self.store.claim(&tenant(), &set(), AT).unwrap().run;
    }

    fn commit(&mut self, stream: &str, changes: Changes<'_>, advance: Advance<'_>) -> Applied {
        let fence = self.store.stream(stream).unwrap().fence(self.run);
        let commit = Commit::new(stream, fence, changes, advance, AT);
        match self.store.commit(&commit).unwrap() {
            Committed::Applied(_, applied, elsewhere) => {
                elsewhere.into_iter().fold(applied, |mut all, (_, more)| {
                    all += more;
                    all
                })
            }
            other => panic!("{other:?}"),
        }
    }

    /// A page that the round goes on after.
    fn page(&mut self, stream: &str, items: &[String]) -> Applied {
        self.items(stream, items, Advance::Page("/v1.0/next"))
    }

    /// The last page of a round.
    fn last(&mut self, stream: &str, items: &[String]) -> Applied {
        self.items(stream, items, Advance::Complete(Some("/v1.0/delta")))
    }

    fn items(&mut self, stream: &str, items: &[String], advance: Advance<'_>) -> Applied {
        let items: Vec<_> = items.iter().map(|json| Item::read(json).unwrap()).collect();
        self.commit(stream, Changes::Objects(&items), advance)
    }

    fn edges(&mut self, owner: u32, list: EdgeList) -> Applied {
        let lists = [OwnerEdges { owner: ObjectId::new(&id(owner)), list, without: None }];
        self.commit("members", Changes::Edges(&lists), Advance::Stay)
    }

    /// Ends a pass over all owners.
    fn publish_members(&mut self) {
        self.commit("members", Changes::Nothing, Advance::Complete(None));
    }

    fn complete(&mut self, owner: u32, members: &[u32]) -> Applied {
        self.edges(owner, EdgeList::Complete(list(members)))
    }

    /// Rows of a query, as text; views show them as if every stream were published.
    fn query(&self, sql: &str) -> Vec<String> {
        let connection = Connection::open(self.path()).unwrap();
        let publish =
            "BEGIN IMMEDIATE; UPDATE import_stream SET published = coalesce(published, 0)";
        connection.execute_batch(publish).unwrap(); // undone with the connection
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let shown = |value: Value| match value {
            Value::Null => "null".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Text(text) => text,
            Value::Blob(bytes) => format!("{bytes:?}"),
        };
        let rows = statement.query_map([], |row| {
            (0..columns).map(|at| row.get(at).map(shown)).collect::<rusqlite::Result<Vec<_>>>()
        });
        rows.unwrap().map(|row| row.unwrap().join(" | ")).collect()
    }
}

fn list(members: &[u32]) -> Vec<Edge> {
    let edge =
        |n: &u32| Edge { target: ObjectId::new(&id(*n)), target_type: EdgeType::new("user") };
    members.iter().map(edge).collect()
}

fn user(n: u32, name: &str) -> String {
    format!(r#"{{"id":"{}","displayName":"{name}","accountEnabled":true}}"#, id(n))
}

fn group(n: u32, name: &str) -> String {
    format!(
        r#"{{"id":"{}","displayName":"{name}","groupTypes":["Unified","DynamicMembership"]}}"#,
        id(n)
    )
}

fn removed(n: u32, reason: &str) -> String {
    format!(r#"{{"id":"{}","@removed":{{"reason":"{reason}"}}}}"#, id(n))
}
