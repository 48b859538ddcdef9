//! Lists of members.

use graph_import::{Completeness, Report, RunStatus, SqliteStore, Stop, StreamOutcome};
use serde_json::json;

use crate::rounds::small;
use crate::script::{GROUPS, error, group, id, member, members_path, page, raw, removed};
use crate::store::Bench;

const MEMBERS: &str = "SELECT member_id FROM group_members WHERE group_name = 'Dock' ORDER BY 1";

fn long_list(middle: crate::script::Reply) -> Bench {
    let script = small();
    let path = |n: u32| format!("/beta/groups/{}/members?$skiptoken={n}", id(9));
    script
        .forget(&members_path(9))
        .on(&members_path(9), page(&[member(1)], Some(&format!("nextLink={}", path(2)))));
    script
        .on(&path(2), middle)
        .on(&path(2), page(&[member(2)], Some(&format!("nextLink={}", path(3)))));
    script.on(&path(3), page(&[member(3)], None));
    Bench::new(script)
}

#[tokio::test(start_paused = true)]
async fn a_list_of_several_pages_is_followed_to_its_end() {
    let bench = long_list(error(503, "serviceNotAvailable"));
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query(MEMBERS), [id(1), id(2), id(3)]);
    assert_eq!(bench.query("SELECT count(*) FROM import_stage"), ["0"]);
}

/// D2
#[tokio::test(start_paused = true)]
async fn an_expired_page_token_begins_the_list_again() {
    let bench = long_list(error(400, "Directory_ExpiredPageToken"));
    let report = bench.run().await;
    assert_eq!(report.completeness, Completeness::Proven);
    assert_eq!(report.stream("members").unwrap().restarts.len(), 1);
    assert_eq!(bench.query(MEMBERS), [id(1), id(2), id(3)]);
}

/// D5: no part of a list, and the loss is said.
#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_finished_is_not_swapped_in() {
    let bench = long_list(raw(200, "<html>"));
    let path = format!("/beta/groups/{}/members?$skiptoken=2", id(9));
    bench.script.forget(&path).on(&path, raw(200, "<html>"));
    let report = bench.run().await;
    assert_eq!(report.status, RunStatus::Partial);
    assert_eq!(bench.query(MEMBERS), [""; 0]);
    assert_eq!(report.stream("members").unwrap().holdings.waiting.queued, 1);
    bench.script.forget(&path).on(&path, page(&[member(2)], None));
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query(MEMBERS), [id(1), id(2)]);
}

/// E3
#[tokio::test(start_paused = true)]
async fn a_throttled_item_of_a_batch_is_sent_again_alone() {
    let script = small();
    let mut throttled = error(429, "TooManyRequests");
    throttled.headers.push(("Retry-After", "3".to_owned()));
    script.forget(&members_path(9)).on(&members_path(9), throttled);
    script.on(&members_path(9), page(&[member(2)], None));
    let bench = Bench::new(script);
    let report = bench.run().await;
    assert_eq!(report.completeness, Completeness::Proven);
    let requests = bench.script.requests();
    let of = |path: String| requests.iter().filter(|request| request.trim() == path).count();
    assert_eq!((of(members_path(8)), of(members_path(9))), (1, 2));
    let sent = requests.iter().filter(|request| !request.starts_with(' ')).count();
    assert_eq!(report.requests, sent as u64, "both batches are counted");
}

/// facts: graph-protocol 12, 26; I3: nothing is known of its edges until its own stream says that it
/// is gone, by a removal or by a full round that has not seen it.
#[tokio::test(start_paused = true)]
async fn a_group_that_vanished_meanwhile_is_not_proven_until_its_removal_comes() {
    for swept in [false, true] {
        let script = small();
        script.forget(&members_path(9));
        let bench = Bench::new(script);
        let report = bench.run().await;
        assert_eq!(report.status, RunStatus::Partial);
        assert_eq!(report.stream("members").unwrap().holdings.waiting.queued, 1);
        let delta = "/v1.0/groups/delta?$deltatoken=g2";
        let link = Some("deltaLink=/v1.0/groups/delta?$deltatoken=g3");
        bench.script.forget(delta);
        if swept {
            bench.script.on(delta, error(410, "syncStateNotFound"));
            bench.script.forget(GROUPS).on(GROUPS, page(&[group(8, "Crew")], link));
        } else {
            bench.script.on(delta, page(&[removed(9, "changed")], link));
        }
        let report = bench.run().await;
        assert_eq!(report.completeness, Completeness::Proven, "swept: {swept}");
        assert_eq!(report.stream("members").unwrap().holdings.waiting.queued, 0);
    }
}

/// I6: a missing endpoint must not pass for a tenant without members.
#[tokio::test(start_paused = true)]
async fn an_endpoint_that_knows_no_owner_fails_the_stream() {
    let script = small();
    script.forget(&members_path(8)).forget(&members_path(9));
    let bench = Bench::new(script);
    let report = bench.run().await;
    assert_eq!(report.status, RunStatus::Failed);
    let members = report.stream("members").unwrap();
    assert_eq!((&members.outcome, members.holdings.waiting.queued), (&StreamOutcome::Failed, 2));
    assert!(members.error.as_ref().unwrap().graph().is_some());
    bench.script.members(8, &[1]).members(9, &[2]);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
}

/// An emulator: no `$batch` at all, with or without beta.
#[tokio::test(start_paused = true)]
async fn a_graph_without_batch_is_read_one_by_one() {
    for (status, beta) in [(400, true), (405, true), (501, true), (501, false)] {
        let script = small();
        for version in ["beta", "v1.0"] {
            script.on(&format!("/{version}/$batch"), error(status, "NotImplemented"));
        }
        if !beta {
            for owner in [8, 9] {
                let path = members_path(owner);
                script
                    .forget(&path)
                    .on(&path.replace("/beta/", "/v1.0/"), page(&[member(2)], None));
            }
        }
        let bench = Bench::new(script);
        let report = bench.run().await;
        let expected = if beta { "proven" } else { "provisional(sp_members: omitted)" };
        assert_eq!(report.completeness.to_string(), expected, "{status}");
        assert_eq!(report.requests, bench.script.sent().len() as u64);
        let members = bench.query("SELECT count(*) FROM group_members");
        assert_eq!(members, [if beta { "3" } else { "2" }]);
    }
}

/// A run tells which owner's list it left out.
#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_is_named_by_its_owner() {
    #[derive(Default)]
    struct Spoiled(std::sync::Mutex<Vec<String>>);
    impl graph_import::Observer for Spoiled {
        fn observe(&self, event: &graph_import::Event<'_>) {
            if let graph_import::Event::Spoiled { reason, .. } = event {
                self.0.lock().unwrap().push((*reason).to_owned());
            }
        }
    }
    let script = small();
    script.forget(&members_path(9)).on(&members_path(9), raw(200, r#"{"value":[7]}"#));
    let bench = Bench::new(script);
    let spoiled = Spoiled::default();
    let importer = bench.importer(SqliteStore::new(bench.path()));
    importer.run(&spoiled, &Stop::new()).await.unwrap();
    let expected = format!("a list of edges cannot be read: members {}", id(9));
    assert_eq!(spoiled.0.into_inner().unwrap(), [expected]);
}

/// facts: graph-protocol 7: one answer that is not JSON spoils the whole envelope.
#[tokio::test(start_paused = true)]
async fn a_broken_envelope_is_read_item_by_item() {
    let script = small();
    script
        .on("/beta/$batch", raw(200, r#"{"responses":[{"id":"m0","status":200,"body":<html>}]}"#));
    let bench = Bench::new(script);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["3"]);
}

/// D8: where there is no beta endpoint, v1.0 is read, and the certificate says what that leaves out.
#[tokio::test(start_paused = true)]
async fn a_graph_without_beta_is_read_from_v1_0_and_is_provisional() {
    let script = small();
    script.on("/beta/$batch", error(501, "NotImplemented"));
    for (owner, members) in [(8, vec![member(1), member(2)]), (9, vec![member(2)])] {
        let path = members_path(owner).replace("/beta/", "/v1.0/");
        script.on(&path, page(&members, None));
    }
    let bench = Bench::new(script);
    let report = bench.run().await;
    assert_eq!(report.completeness.to_string(), "provisional(sp_members: omitted)");
    assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["3"]);
    let batches = bench.script.sent().into_iter().filter(|path| path.ends_with("$batch"));
    let asked = ["/beta/$batch", "/v1.0/$batch", "/v1.0/$batch"];
    assert_eq!(batches.collect::<Vec<_>>(), asked, "the lists, and a cast that is refused");
    let idle = bench.run().await;
    assert_eq!(idle.completeness.to_string(), "provisional(sp_members: omitted)", "it stays so");
    let mut bench = bench;
    bench.script = small();
    assert_eq!(bench.run_full().await.completeness, Completeness::Proven, "read from beta");
}

/// D8: a list that is cast to service principals completes those of v1.0.
#[tokio::test(start_paused = true)]
async fn a_cast_adds_the_service_principals_that_v1_0_leaves_out() {
    let script = small();
    script.on("/beta/$batch", error(501, "NotImplemented"));
    for (owner, members) in [(8, vec![member(1), member(2)]), (9, vec![member(2)])] {
        let path = members_path(owner).replace("/beta/", "/v1.0/");
        script.on(&path, page(&members, None));
        let cast = "members/microsoft.graph.servicePrincipal?$count=true&$select=id&$top=999";
        let service =
            json!({"@odata.type": "#microsoft.graph.servicePrincipal", "id": id(70 + owner)});
        script.on(&format!("/v1.0/groups/{}/{cast}", id(owner)), page(&[service], None));
    }
    let mut bench = Bench::new(script);
    // The cast rests on an index of its own, also in a run that reads no list, until beta is read.
    let index = "advanced_index_shows_after_margin";
    let rests = |report: &Report| report.stream("members").unwrap().assumptions.contains(&index);
    for _ in ["first", "idle"] {
        let report = bench.run().await;
        assert_eq!((&report.completeness, rests(&report)), (&Completeness::Proven, true));
    }
    assert_eq!(bench.query(MEMBERS), [id(2), id(79)]);
    assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["5"]);
    bench.script = small();
    assert!(!rests(&bench.run_full().await));
}

/// D8, I3: a list that is known to leave a type out proves nothing about it.
#[tokio::test(start_paused = true)]
async fn what_lists_leave_out_is_not_said_to_be_gone() {
    let script = small();
    let service = json!({"@odata.type": "#microsoft.graph.servicePrincipal", "id": id(70)});
    let path = members_path(8);
    script.forget(&path).on(&path, page(&[member(1), member(2), service], None));
    let mut bench = Bench::new(script);
    bench.run().await;
    assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["4"]);
    bench.script = small();
    bench.script.on("/beta/$batch", error(501, "NotImplemented"));
    for (owner, members) in [(8, vec![member(1)]), (9, vec![member(2)])] {
        let path = members_path(owner).replace("/beta/", "/v1.0/");
        bench.script.on(&path, page(&members, None));
    }
    bench.run_full().await;
    let left = "SELECT member_type, count(*) FROM group_members GROUP BY 1 ORDER BY 1";
    assert_eq!(bench.query(left), ["servicePrincipal|1", "user|2"]);
}

/// D9
#[tokio::test(start_paused = true)]
async fn an_empty_list_of_a_hidden_membership_does_not_mean_no_members() {
    let script = small();
    script.forget(GROUPS);
    let hidden = json!({"id": id(9), "displayName": "Dock", "visibility": "HiddenMembership", "members@delta": []});
    script.on(
        GROUPS,
        page(
            &[group(8, "Crew"), hidden.clone()],
            Some("deltaLink=/v1.0/groups/delta?$deltatoken=g2"),
        ),
    );
    let bench = Bench::new(script);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query(MEMBERS), [id(2)]);
    let delta = "/v1.0/groups/delta?$deltatoken=g2";
    bench
        .script
        .forget(delta)
        .on(delta, page(&[hidden], Some("deltaLink=/v1.0/groups/delta?$deltatoken=g3")));
    bench.script.members(9, &[]);
    let report = bench.run().await;
    assert_eq!(report.status, RunStatus::Completed);
    let members = report.stream("members").unwrap();
    assert_eq!(
        members.completeness.to_string(),
        "provisional(1 groups hide their members: Member.Read.Hidden)"
    );
    assert_eq!(bench.query(MEMBERS), [id(2)], "kept");
}

/// D9: Graph may refuse the list instead of emptying it. The others are read, and no permission is
/// missing that the stream could be opened with.
#[tokio::test(start_paused = true)]
async fn a_refused_list_of_a_hidden_membership_is_hidden_and_not_forbidden() {
    let script = small();
    script.forget(GROUPS);
    let hidden = json!({"id": id(9), "displayName": "Dock", "visibility": "HiddenMembership", "members@delta": []});
    let link = Some("deltaLink=/v1.0/groups/delta?$deltatoken=g2");
    script.on(GROUPS, page(&[group(8, "Crew"), hidden.clone()], link));
    script.forget(&members_path(9));
    script.on(&members_path(9), error(403, "Authorization_RequestDenied"));
    let bench = Bench::new(script);
    let said = "provisional(1 groups hide their members: Member.Read.Hidden)";
    let report = bench.run().await;
    let members = report.stream("members").unwrap();
    assert_eq!(
        (report.status, members.completeness.to_string()),
        (RunStatus::Completed, said.into())
    );
    assert_eq!(bench.query("SELECT member_id FROM group_members").len(), 2, "those of Crew");
    // It is reported again, alone: all lists of the round are refused, and still none is forbidden.
    let delta = "/v1.0/groups/delta?$deltatoken=g2";
    let link = Some("deltaLink=/v1.0/groups/delta?$deltatoken=g3");
    bench.script.forget(delta).on(delta, page(&[hidden], link));
    let report = bench.run().await;
    let members = report.stream("members").unwrap();
    assert_eq!(
        (report.status, members.completeness.to_string()),
        (RunStatus::Completed, said.into())
    );
}

#[tokio::test(start_paused = true)]
async fn members_without_permission_stay_queued() {
    let script = small();
    for group in [8, 9] {
        script
            .forget(&members_path(group))
            .on(&members_path(group), error(403, "Authorization_RequestDenied"));
    }
    let bench = Bench::new(script);
    let report = bench.run().await;
    let members = report.stream("members").unwrap();
    assert_eq!(members.outcome, StreamOutcome::MissingPermission("Directory.Read.All".into()));
    assert_eq!(members.holdings.waiting.queued, 2);
    bench.script.members(8, &[1]).members(9, &[2]);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["2"]);
}

#[tokio::test(start_paused = true)]
async fn one_forbidden_group_among_others_stays_queued() {
    let script = small();
    script.forget(&members_path(9)).on(&members_path(9), error(403, "Authorization_RequestDenied"));
    let bench = Bench::new(script);
    let report = bench.run().await;
    assert_eq!(report.status, RunStatus::Partial);
    assert_eq!(report.stream("members").unwrap().holdings.waiting.queued, 1);
}

/// B6: a list that was read while a member lay in the recycle bin left it out, and Graph need not
/// report that it is back.
#[tokio::test(start_paused = true)]
async fn groups_of_a_restored_member_are_read_again() {
    let bench = Bench::new(small());
    bench.run().await;
    let round = |stream: &str, token: &str, items: &[serde_json::Value], next: &str| {
        let path = format!("/v1.0/{stream}/delta?$deltatoken={token}");
        let link = format!("deltaLink=/v1.0/{stream}/delta?$deltatoken={next}");
        bench.script.forget(&path).on(&path, page(items, Some(&link)));
    };
    round("users", "u3", &[removed(2, "changed")], "u4");
    round("groups", "g2", &[group(9, "Dock")], "g3");
    bench.script.members(9, &[]);
    round("users", "u4", &[], "u4");
    round("groups", "g3", &[], "g3");
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query(MEMBERS), [""; 0]);
    round("users", "u4", &[crate::script::user(2, "Bo")], "u5");
    bench.script.members(9, &[2]);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query(MEMBERS), [id(2)]);
}
