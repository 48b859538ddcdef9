//! Who may write, and when (facts: evidence-and-security, "The commit rule").

use graph_transport::TenantId;

use super::bench::{AT, Bench, object, read, same, shown, streams, tenant};
use crate::store::{Advance, Changes, Committed, Fence, Store, StoreError, StreamState};

pub(super) fn inspection_changes_nothing<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    let new: Vec<_> = streams().iter().map(|plan| StreamState::new(&plan.name)).collect();
    for _ in 0..2 {
        let seen = bench.store.inspect(&tenant(), &streams()).map_err(shown)?;
        same("the state of new streams", seen, new.clone())?;
    }
    same("the number of the first run", bench.claim()?.run, 1)
}

pub(super) fn commits_outlive_the_handle<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    bench.page("users", &[object(1, "Ada")])?;
    let before = bench.state("users")?;
    bench.store = bench.another();
    let seen = bench.store.inspect(&tenant(), &streams()).map_err(shown)?;
    same("the state for another handle", &seen[0], &before)?;
    let run = bench.run;
    same("whether a later run has a higher number", bench.claim()?.run > run, true)?;
    same("the next page", bench.state("users")?.cursor, Some("/v1.0/next".to_owned()))
}

pub(super) fn another_tenant_is_refused<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    bench.store.release();
    let other = TenantId::parse("22222222-2222-4222-8222-222222222222").expect("a GUID");
    let refused = [
        bench.store.inspect(&other, &streams()).map(drop),
        bench.store.claim(&other, &streams(), AT).map(drop),
    ];
    for result in refused {
        let right = matches!(result, Err(StoreError::StoreOfAnotherTenant { .. }));
        same("whether another tenant is refused", right, true)?;
    }
    bench.claim().map(drop)
}

pub(super) fn a_second_writer_is_refused<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    let second = bench.another().claim(&tenant(), &streams(), AT);
    let refused = matches!(second, Err(StoreError::Locked { .. }));
    same("whether a second writer is refused", refused, true)?;
    bench.last("users", &[object(1, "Ada")])?;
    bench.store.release();
    bench.another().claim(&tenant(), &streams(), AT).map(drop).map_err(shown)
}

pub(super) fn a_repeated_commit_is_adopted<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    let fence = bench.state("users")?.fence(bench.run);
    bench.page("users", &[object(1, "Ada")])?;
    let (before, held) = (bench.state("users")?, bench.holdings("users")?);
    let again = late(bench, fence)?;
    same("the answer", again, Committed::AlreadyDone(before))?;
    same("what is held", bench.holdings("users")?, held)
}

pub(super) fn an_earlier_run_is_fenced<S: Store>(bench: &mut Bench<'_, S>) -> Result<(), String> {
    bench.claim()?;
    let old = bench.state("users")?.fence(bench.run);
    bench.claim()?;
    same("the answer", late(bench, old)?, Committed::Fenced)?;
    bench.page("users", &[object(1, "Ada")])?;
    same("the answer", late(bench, Fence { seq: old.seq + 1, ..old })?, Committed::Fenced)?;
    same("what is held", bench.holdings("users")?.live, 1)
}

pub(super) fn an_older_generation_is_superseded<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    let old = bench.state("users")?.fence(bench.run);
    bench.commit("users", Changes::Nothing, Advance::Resync)?;
    same("the answer", late(bench, old)?, Committed::Superseded)
}

pub(super) fn a_commit_from_nowhere_is_an_error<S: Store>(
    bench: &mut Bench<'_, S>,
) -> Result<(), String> {
    bench.claim()?;
    let fence = Fence { seq: 7, ..bench.state("users")?.fence(bench.run) };
    let items = [object(2, "Bo")];
    let items = read(&items);
    let answer =
        bench.try_commit("users", fence, Changes::Objects(&items), Advance::Page("/v1.0/other"));
    let right = matches!(answer, Err(StoreError::Protocol { found: 0, expected: 7, .. }));
    same("whether it is an error", right, true)?;
    same("what is held", bench.holdings("users")?.live, 0)
}

/// A commit of another object under this fence.
fn late<S: Store>(bench: &mut Bench<'_, S>, fence: Fence) -> Result<Committed, String> {
    let items = [object(2, "Bo")];
    let items = read(&items);
    let advance = Advance::Page("/v1.0/other");
    bench.try_commit("users", fence, Changes::Objects(&items), advance).map_err(shown)
}
