//! The 1st, 2nd, 3rd … write of a commit fails: the store is as it was before, and the same commit goes
//! through later (cases: A1, A2, A8, A11).

use super::*;
use crate::store::{Deletion, Gone, Phase};

/// One commit.
struct Act {
    stream: &'static str,
    what: What,
    advance: Advance<'static>,
}

enum What {
    Page(Vec<String>),
    Lists(Vec<(u32, EdgeList)>),
    Gone(Vec<(u32, Gone)>),
    Nothing,
}

const DELTA: Advance<'_> = Advance::Complete(Some("/v1.0/delta"));
const NEXT: Advance<'_> = Advance::Page("/v1.0/next");

fn act(stream: &'static str, what: What, advance: Advance<'static>) -> Act {
    Act { stream, what, advance }
}

/// A first load, a round of changes, and a second generation over the first: each kind of write.
fn history() -> Vec<Act> {
    let page = |items: &[String]| What::Page(items.to_vec());
    let nested = |n: u32| {
        let (target, target_type) = (ObjectId::new(&id(n)), EdgeType::new("group"));
        Edge { target, target_type }
    };
    let first = EdgeList::Part { first: true, edges: list(&[1, 2]) };
    let users = [user(1, "Ada"), user(2, "Bo"), user(3, "Cy")];
    let deleted = vec![(5, Gone::Hard), (2, Gone::Soft { deleted_at: Some(AT.to_owned()) })];
    vec![
        act("users", page(&users[..1]), NEXT),
        act("users", page(&users[1..]), DELTA),
        act("groups", page(&[group(8, "Crew"), group(9, "Dock")]), DELTA),
        act("members", What::Lists(vec![(8, first)]), Advance::Stay),
        act("members", What::Lists(vec![(8, EdgeList::Rest(list(&[3])))]), Advance::Stay),
        act("members", What::Lists(vec![(9, EdgeList::Complete(vec![nested(8)]))]), Advance::Stay),
        act("members", What::Nothing, Advance::Complete(None)),
        act("users", page(&[user(1, "Ada II"), removed(2, "changed"), user(4, "Di")]), NEXT),
        act("users", page(&[removed(3, "deleted"), user(5, "Ed"), user(2, "Bo")]), DELTA),
        act("groups", page(&[group(8, "Crew II"), removed(9, "changed")]), DELTA),
        act("members", What::Lists(vec![(8, EdgeList::Complete(list(&[1, 4])))]), Advance::Stay),
        act("members", What::Lists(vec![(9, EdgeList::Hidden)]), Advance::Stay),
        act("users", What::Nothing, Advance::Resync),
        act("users", page(&[user(1, "Ada III"), removed(2, "changed")]), NEXT),
        act("users", page(&[user(4, "Di"), user(6, "Fay")]), DELTA),
        act("users", What::Gone(deleted), Advance::Stay),
        act("members", What::Nothing, Advance::Resync),
        act("members", What::Lists(vec![(8, EdgeList::Complete(list(&[6])))]), Advance::Stay),
    ]
}

impl Act {
    fn carry_out(&self, bench: &mut Bench) -> Result<Committed, StoreError> {
        let texts = if let What::Page(texts) = &self.what { &texts[..] } else { &[] };
        let items: Vec<_> = texts.iter().map(|json| Item::read(json).unwrap()).collect();
        let owner = |(owner, list): &(u32, EdgeList)| OwnerEdges {
            owner: ObjectId::new(&id(*owner)),
            list: list.clone(),
            without: None,
        };
        let lists: Vec<_> = match &self.what {
            What::Lists(lists) => lists.iter().map(owner).collect(),
            _ => Vec::new(),
        };
        let deletion =
            |(n, how): &(u32, Gone)| Deletion { object: ObjectId::new(&id(*n)), how: how.clone() };
        let gone: Vec<_> = match &self.what {
            What::Gone(gone) => gone.iter().map(deletion).collect(),
            _ => Vec::new(),
        };
        let changes = match &self.what {
            What::Page(_) => Changes::Objects(&items),
            What::Lists(_) => Changes::Edges(&lists),
            What::Gone(_) => Changes::Gone(&gone),
            What::Nothing => Changes::Nothing,
        };
        let again = items.first().map(|item| item.id.clone());
        let fence = bench.store.stream(self.stream)?.fence(bench.run);
        let done = bench.store.queued(self.stream, None, 1)?;
        bench.store.commit(&Commit {
            again: again.as_slice(),
            done: &done,
            ..Commit::new(self.stream, fence, changes, self.advance, AT)
        })
    }
}

/// Lets the nth write from now on to any table of the store fail, for this writer alone.
fn arm(bench: &Bench) {
    let connection = &bench.store.claimed.as_ref().unwrap().connection;
    connection.execute_batch("CREATE TEMP TABLE writes_left (n INTEGER)").unwrap();
    let mut tables = connection
        .prepare(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let tables: Vec<_> = tables.map(Result::unwrap).collect();
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables {
        for write in ["INSERT", "UPDATE", "DELETE"] {
            let trigger = format!(
                "CREATE TEMP TRIGGER \"{write} {table}\" AFTER {write} ON main.\"{table}\" BEGIN
                     UPDATE writes_left SET n = n - 1;
                     SELECT RAISE(ABORT, 'it failed on purpose') FROM writes_left WHERE n = 0;
                 END"
            );
            connection.execute_batch(&trigger).unwrap();
        }
    }
}

fn fail_at(bench: &Bench, n: u32) {
    let connection = &bench.store.claimed.as_ref().unwrap().connection;
    connection.execute("DELETE FROM writes_left", []).unwrap();
    connection.execute("INSERT INTO writes_left VALUES (?1)", [n]).unwrap();
}

/// Everything that is in the file, as another process sees it.
fn everything(path: &Path) -> Vec<String> {
    let reader = Connection::open(path).unwrap();
    let names = "SELECT type || ' ' || name FROM sqlite_schema ORDER BY 1";
    let text = |row: &rusqlite::Row<'_>, column: usize| {
        row.get::<_, Value>(column).map(|value| format!("{value:?}"))
    };
    let mut names = reader.prepare(names).unwrap();
    let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let names: Vec<String> = names.map(Result::unwrap).collect();
    let mut all = names.clone();
    for table in names.iter().filter_map(|name| name.strip_prefix("table ")) {
        let mut rows = reader.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = rows.column_count();
        let rows = rows.query_map([], |row| {
            (0..columns).map(|column| text(row, column)).collect::<rusqlite::Result<Vec<_>>>()
        });
        let mut rows: Vec<String> = rows.unwrap().map(|row| row.unwrap().join("|")).collect();
        rows.sort(); // in whatever order it lies there
        all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    all
}

#[test]
fn a_write_that_fails_takes_the_whole_commit_with_it() {
    let (mut undisturbed, mut bench) = (Bench::new(), Bench::new());
    arm(&bench);
    let mut writes = Vec::new();
    for (at, act) in history().iter().enumerate() {
        act.carry_out(&mut undisturbed).unwrap();
        let before = everything(&bench.path());
        let state = bench.store.stream(act.stream).unwrap();
        let mut failed = 0;
        for n in 1.. {
            fail_at(&bench, n);
            match act.carry_out(&mut bench) {
                Ok(Committed::Applied(..)) => break,
                Ok(other) => panic!("commit {at}, write {n}: {other:?}"),
                Err(error) => assert!(matches!(error, StoreError::Database { .. }), "{error:?}"),
            }
            failed += 1;
            assert_eq!(bench.store.stream(act.stream).unwrap(), state, "commit {at}, write {n}");
            assert_eq!(everything(&bench.path()), before, "commit {at}, write {n}");
        }
        assert!(failed > 0, "commit {at} writes nothing");
        writes.push(failed);
    }
    assert_eq!(everything(&bench.path()), everything(&undisturbed.path()));
    assert_eq!(bench.store.stream("users").unwrap().phase, Phase::Idle);
    assert!(writes.iter().sum::<u32>() > 100, "{writes:?}");
}
