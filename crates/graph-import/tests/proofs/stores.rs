//! A store that dies at a commit, or lets a test look at what every commit has done.

use graph_import::{
    Advance, Claim, Commit, Committed, Holdings, ObjectId, Partition, Queued, Returned, RunRecord,
    SqliteStore, Store, StoreError, StreamSet, StreamState, Unresolved, Waiting,
};
use graph_transport::TenantId;

/// Where a store dies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    Before,
    After,
}

/// Called with the stream's state before and after each commit that has happened.
type AfterCommit = Box<dyn FnMut(&StreamState, &StreamState) + Send>;

/// A SQLite store whose commits are disturbed or watched.
pub(crate) struct Disturbed {
    inner: SqliteStore,
    /// Commits that are left, and where the last of them dies. Every call after it fails.
    crash: Option<(u32, Moment)>,
    after_commit: AfterCommit,
    /// Whether a commit is applied to whatever state the stream is in.
    unfenced: bool,
    /// A page link, and where Graph had led an earlier attempt: it has committed the page before that
    /// link, and its answer was lost.
    pub(crate) earlier: Option<(String, String)>,
}

impl Disturbed {
    /// A store that dies at its nth commit, or never.
    pub(crate) fn crashing(inner: SqliteStore, crash: Option<(u32, Moment)>) -> Self {
        Self { inner, crash, after_commit: Box::new(|_, _| {}), unfenced: false, earlier: None }
    }

    /// A store that is looked at after every commit.
    pub(crate) fn watched(
        inner: SqliteStore,
        after_commit: impl FnMut(&StreamState, &StreamState) + Send + 'static,
    ) -> Self {
        let after_commit = Box::new(after_commit);
        Self { after_commit, ..Self::crashing(inner, None) }
    }

    /// The same without a fence: the commits of a writer that was overtaken are applied as well.
    #[must_use]
    pub(crate) fn unfenced(self, unfenced: bool) -> Self {
        Self { unfenced, ..self }
    }

    fn alive(&self) -> Result<(), StoreError> {
        let source = "it died on purpose".into();
        match self.crash {
            Some((0, _)) => Err(StoreError::Database { what: "go on", source }),
            _ => Ok(()),
        }
    }
}

impl Store for Disturbed {
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
        self.alive()?;
        self.inner.stream(stream)
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, StoreError> {
        self.alive()?;
        if let Some((left, moment)) = &mut self.crash {
            *left -= 1;
            if *left == 0 && matches!(moment, Moment::Before) {
                self.alive()?;
            }
        }
        if let (Advance::Page(next), Some((link, other))) = (commit.advance, &self.earlier)
            && next == link
        {
            self.inner.commit(&Commit { advance: Advance::Page(other), ..*commit })?;
        }
        let before = self.inner.stream(commit.stream)?;
        let present = before.fence(before.epoch.max(commit.fence.epoch));
        let fence = if self.unfenced { present } else { commit.fence };
        let committed = self.inner.commit(&Commit { fence, ..*commit })?;
        if let Committed::Applied(after, ..) = &committed {
            (self.after_commit)(&before, after);
        }
        self.alive()?;
        Ok(committed)
    }

    fn queued(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        self.alive()?;
        self.inner.queued(stream, after, limit)
    }

    fn partitions(&mut self, stream: &str) -> Result<Vec<Partition>, StoreError> {
        self.alive()?;
        self.inner.partitions(stream)
    }

    fn sighted(&mut self, stream: &str) -> Result<u64, StoreError> {
        self.alive()?;
        self.inner.sighted(stream)
    }

    fn gone(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        self.alive()?;
        self.inner.gone(stream, after, limit)
    }

    fn unresolved(&mut self, stream: &str) -> Result<Vec<Unresolved>, StoreError> {
        self.alive()?;
        self.inner.unresolved(stream)
    }

    fn returned(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Returned>, StoreError> {
        self.alive()?;
        self.inner.returned(stream, after, limit)
    }

    fn waiting(&mut self, stream: &str) -> Result<Waiting, StoreError> {
        self.alive()?;
        self.inner.waiting(stream)
    }

    fn emptied(&mut self, stream: &str) -> Result<Vec<String>, StoreError> {
        self.alive()?;
        self.inner.emptied(stream)
    }

    fn withheld(&mut self, stream: &str, most: usize) -> Result<Vec<ObjectId>, StoreError> {
        self.alive()?;
        self.inner.withheld(stream, most)
    }

    fn holdings(&mut self, stream: &str) -> Result<Holdings, StoreError> {
        self.alive()?;
        self.inner.holdings(stream)
    }

    fn finish(&mut self, run: &RunRecord<'_>) -> Result<(), StoreError> {
        self.alive()?;
        self.inner.finish(run)
    }

    fn release(&mut self) {
        self.inner.release();
    }
}
