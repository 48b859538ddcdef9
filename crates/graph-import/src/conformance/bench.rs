//! A claimed store and the commits that checks make.

use graph_dsl::{ColumnKind, StreamPlan};
use graph_transport::TenantId;

use crate::store::{
    Advance, Applied, Changes, Claim, Commit, Committed, Edge, EdgeList, EdgeType, Fence, Holdings,
    OwnerEdges, Queued, Store, StoreError, StreamSet, StreamState,
};
use crate::{Item, ObjectId};

pub(super) const AT: &str = "2031-01-01T00:00:00.000Z";

/// Everything that a check needs: a way to a store, and one handle on it.
pub(super) struct Bench<'a, S> {
    open: &'a dyn Fn(&str) -> S,
    name: &'a str,
    pub(super) store: S,
    pub(super) run: u64,
    /// What the last commit has changed of other streams.
    pub(super) elsewhere: Vec<(String, Applied)>,
}

pub(super) fn tenant() -> TenantId {
    TenantId::parse("11111111-1111-4111-8111-111111111111").expect("a GUID")
}

/// Users, groups and the members of groups.
pub(super) fn streams() -> StreamSet {
    let users = StreamPlan::delta("users", "user", "/users/delta")
        .column("display_name", "displayName", ColumnKind::Text)
        .column("account_enabled", "accountEnabled", ColumnKind::Boolean);
    let groups = StreamPlan::delta("groups", "group", "/groups/delta")
        .column("display_name", "displayName", ColumnKind::Text)
        .relation("members");
    let members = StreamPlan::edges("members", "member", "/groups/{id}/members", "groups");
    StreamSet::new([users, groups, members]).expect("they fit together")
}

pub(super) fn id(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

pub(super) fn object(n: u32, name: &str) -> String {
    format!(r#"{{"id":"{}","displayName":"{name}","accountEnabled":true}}"#, id(n))
}

pub(super) fn removed(n: u32, reason: &str) -> String {
    format!(r#"{{"id":"{}","@removed":{{"reason":"{reason}"}}}}"#, id(n))
}

/// Compares what was found with what the contract wants.
#[expect(clippy::needless_pass_by_value, reason = "most are numbers and made for the comparison")]
pub(super) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: T,
    expected: T,
) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what} is {found:?} instead of {expected:?}"))
}

impl<'a, S: Store> Bench<'a, S> {
    pub(super) fn new(open: &'a dyn Fn(&str) -> S, name: &'a str) -> Self {
        Self { open, name, store: open(name), run: 0, elsewhere: Vec::new() }
    }

    /// Another handle on the same store.
    pub(super) fn another(&self) -> S {
        (self.open)(self.name)
    }

    /// Begins a run, as another process would after the one before has ended.
    pub(super) fn claim(&mut self) -> Result<Claim, String> {
        self.store.release();
        let claim = self.store.claim(&tenant(), &streams(), AT).map_err(shown)?;
        self.run = claim.run;
        Ok(claim)
    }

    pub(super) fn state(&mut self, stream: &str) -> Result<StreamState, String> {
        self.store.stream(stream).map_err(shown)
    }

    pub(super) fn holdings(&mut self, stream: &str) -> Result<Holdings, String> {
        self.store.holdings(stream).map_err(shown)
    }

    pub(super) fn queued(&mut self) -> Result<Vec<Queued>, String> {
        self.store.queued("members", None, 100).map_err(shown)
    }

    /// A commit under the stream's present fence, which must apply.
    pub(super) fn commit(
        &mut self,
        stream: &str,
        changes: Changes<'_>,
        advance: Advance<'_>,
    ) -> Result<Applied, String> {
        let fence = self.state(stream)?.fence(self.run);
        match self.try_commit(stream, fence, changes, advance).map_err(shown)? {
            Committed::Applied(after, applied, elsewhere) => {
                let stored = self.state(stream)?;
                self.elsewhere = elsewhere;
                same("the state after a commit", stored, after).map(|()| applied)
            }
            other => Err(format!("a commit under the present fence was answered by {other:?}")),
        }
    }

    pub(super) fn try_commit(
        &mut self,
        stream: &str,
        fence: Fence,
        changes: Changes<'_>,
        advance: Advance<'_>,
    ) -> Result<Committed, StoreError> {
        let commit = Commit::new(stream, fence, changes, advance, AT);
        self.store.commit(&commit)
    }

    /// A page that the round goes on after.
    pub(super) fn page(&mut self, stream: &str, items: &[String]) -> Result<Applied, String> {
        let items = read(items);
        self.commit(stream, Changes::Objects(&items), Advance::Page("/v1.0/next"))
    }

    /// The last page of a round.
    pub(super) fn last(&mut self, stream: &str, items: &[String]) -> Result<Applied, String> {
        let items = read(items);
        self.commit(stream, Changes::Objects(&items), Advance::Complete(Some("/v1.0/delta")))
    }

    pub(super) fn list(&mut self, owner: u32, list: EdgeList) -> Result<Applied, String> {
        let lists = [OwnerEdges { owner: ObjectId::new(&id(owner)), list, without: None }];
        self.commit("members", Changes::Edges(&lists), Advance::Stay)
    }
}

pub(super) fn read(items: &[String]) -> Vec<Item<'_>> {
    items.iter().map(|json| Item::read(json).expect("the checks' items can be read")).collect()
}

pub(super) fn members(ids: &[u32]) -> Vec<Edge> {
    let edge =
        |n: &u32| Edge { target: ObjectId::new(&id(*n)), target_type: EdgeType::new("user") };
    ids.iter().map(edge).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "so that it fits `map_err`")]
pub(super) fn shown(error: StoreError) -> String {
    format!("failed to {error}")
}
