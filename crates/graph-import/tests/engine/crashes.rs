//! A1, A2, A4, A8: a crash at every commit, before and after it.

use graph_import::{Completeness, SqliteStore, Stop};

use crate::rounds::small;
use crate::script::{Script, USERS, error, group, id, member, members_path, page, removed, user};
use crate::store::Bench;
use crate::stores::{Disturbed, Moment};

/// A tenant that has been imported once and whose next round meets everything at once: a change, a
/// tombstone, a lost token, a long list, an ambiguous object.
fn eventful() -> Script {
    let script = small();
    let (delta, next) = ("/v1.0/groups/delta?$deltatoken=g2", "/v1.0/groups/delta?$skiptoken=g3");
    script.forget(delta).on(delta, page(&[group(9, "Dock 2")], Some(&format!("nextLink={next}"))));
    script.on(
        next,
        page(
            &[group(7, "New"), removed(8, "changed")],
            Some("deltaLink=/v1.0/groups/delta?$deltatoken=g4"),
        ),
    );
    script.on(
        "/v1.0/groups/delta?$deltatoken=g4",
        page(&[], Some("deltaLink=/v1.0/groups/delta?$deltatoken=g4")),
    );
    let gone = "/v1.0/users/delta?$deltatoken=u3";
    script.forget(gone).on(gone, error(410, "syncStateNotFound"));
    let third = "/v1.0/users/delta?$skiptoken=u4";
    script.forget(USERS).on(
        USERS,
        page(
            &[user(1, "Ada 2"), user(3, "Cy"), removed(3, "changed")],
            Some(&format!("nextLink={third}")),
        ),
    );
    script.on(third, page(&[user(4, "Di")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u5")));
    script.on(
        "/v1.0/users/delta?$deltatoken=u5",
        page(&[], Some("deltaLink=/v1.0/users/delta?$deltatoken=u5")),
    );
    script.on(
        &format!("/v1.0/users/{}?$select=id,displayName,accountEnabled", id(3)),
        crate::script::ok(&user(3, "Cy")),
    );
    let rest = format!("/beta/groups/{}/members?$skiptoken=2", id(9));
    script
        .forget(&members_path(9))
        .on(&members_path(9), page(&[member(1)], Some(&format!("nextLink={rest}"))));
    script.on(&rest, page(&[member(4)], None));
    script.members(7, &[3, 4]);
    script
}

/// A bench whose store already holds the small tenant.
async fn imported_once() -> Bench {
    let mut bench = Bench::new(small());
    bench.run().await;
    bench.script = eventful();
    bench
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_commit_costs_nothing() {
    let undisturbed = imported_once().await;
    assert_eq!(undisturbed.run().await.completeness, Completeness::Proven);
    let expected = undisturbed.content();
    assert!(
        expected.iter().any(|row| row.contains("Ada 2"))
            && expected.iter().any(|row| row.contains("hard"))
    );
    for moment in [Moment::Before, Moment::After] {
        for n in 1.. {
            let bench = imported_once().await;
            let store = Disturbed::crashing(SqliteStore::new(bench.path()), Some((n, moment)));
            let crashed = bench.importer(store).run(&(), &Stop::new()).await.is_err();
            let report = bench.run().await;
            assert_eq!(report.completeness, Completeness::Proven, "commit {n}, {moment:?}");
            assert_eq!(bench.content(), expected, "commit {n}, {moment:?}");
            if !crashed {
                assert!(n > 7, "only {n} commits"); // lists that come together are one
                break;
            }
        }
    }
}

/// The same for the first import, where there is no store yet.
#[tokio::test(start_paused = true)]
async fn a_crash_of_a_first_import_costs_nothing() {
    let undisturbed = Bench::new(small());
    undisturbed.run().await;
    for moment in [Moment::Before, Moment::After] {
        for n in 1..=6 {
            let bench = Bench::new(small());
            let store = Disturbed::crashing(SqliteStore::new(bench.path()), Some((n, moment)));
            let _ = bench.importer(store).run(&(), &Stop::new()).await;
            assert_eq!(bench.run().await.completeness, Completeness::Proven);
            assert_eq!(bench.content(), undisturbed.content(), "commit {n}, {moment:?}");
        }
    }
}

/// A1, A4: a page that was committed by an attempt whose answer was lost: the stream goes on where that
/// one was led, not where this one was.
#[tokio::test(start_paused = true)]
async fn a_page_that_was_committed_before_goes_on_where_it_did_then() {
    let (link, other) = ("/v1.0/users/delta?$skiptoken=u2", "/v1.0/users/delta?$skiptoken=other");
    let script = small();
    let end = Some("deltaLink=/v1.0/users/delta?$deltatoken=u3");
    script.on(other, page(&[user(3, "Cy")], end));
    let bench = Bench::new(script);
    let mut store = Disturbed::crashing(SqliteStore::new(bench.path()), None);
    store.earlier = Some((link.to_owned(), other.to_owned()));
    let report = bench.importer(store).run(&(), &Stop::new()).await.unwrap();
    assert_eq!(report.completeness, Completeness::Proven);
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Cy"]);
}
