//! What a certificate rests on and one run cannot prove.

use graph_dsl::{StreamKind, StreamPlan};

use super::certificate::omits_service_principals;
use crate::store::{Source, relation};

/// Something about Graph that a certificate rests on and that cannot be proved from one run.
/// `docs/reference/assumptions.md` is the same list for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// Its name in certificates.
    pub name: &'static str,
    /// What is assumed.
    pub states: &'static str,
    /// The fact behind it.
    pub source: &'static str,
    /// How to test it on a live tenant.
    pub test: &'static str,
}

/// Every assumption that a certificate may name.
pub const ASSUMPTIONS: [Assumption; 16] = [
    Assumption {
        name: "delta_reports_every_object",
        states: "a delta round from its beginning reports every object of the tenant once at least",
        source: "Use delta query to track changes in Microsoft Graph data; facts: graph-protocol 5.2",
        test: "compare `GET /users/$count` (ConsistencyLevel: eventual) with `select count(*) from users`, and run `graphctl import verify --all`",
    },
    Assumption {
        name: "delta_reports_every_change",
        states: "a round from a delta link reports every change of a selected property since that link was issued, if need be in a later round",
        source: "Use delta query to track changes in Microsoft Graph data; facts: graph-protocol 5.5",
        test: "change a property of a test user, import twice with ten minutes between, and look the user up; once a week run `graphctl import verify --all`",
    },
    Assumption {
        name: "latest_token_keeps_the_selection",
        states: "a delta link that `$deltatoken=latest` gave reports changes of the properties that were selected with it",
        source: "Get incremental changes for users (the token), unverified together with $select; facts: graph-protocol 10.0",
        test: "take the token with `$select=displayName`, change the department of a test user, and follow the link: the user must not come; change the display name: it must",
    },
    Assumption {
        name: "list_shows_every_object",
        states: "a collection whose links were followed to the end holds every object that was there all the time",
        source: "Paging Microsoft Graph data in your app; facts: graph-protocol 4.1",
        test: "read the collection twice in a quiet hour and compare the ids, and their number with `$count`",
    },
    Assumption {
        name: "group_delta_reports_membership",
        states: "groups/delta with members selected reports every group whose members changed, also where the change was taken back before the round, except for members deleted for ever",
        source: "Get incremental changes for groups; facts: graph-protocol 5.6",
        test: "add a member to a test group and remove it again, with an import after each; both must be in `graphctl watch`",
    },
    Assumption {
        name: "relation_delta_reports_edges",
        states: "the delta query of an owner reports that its owners, registered owners or members of another kind than a group's have changed",
        source: "application: delta, servicePrincipal: delta, device: delta (relations are listed, the promise is not); facts: graph-protocol 5.2",
        test: "add an owner to a test application, import, and look for it in `application_owners`; the same for a device and an administrative unit",
    },
    Assumption {
        name: "latest_link_reports_every_change",
        states: "a delta link that `$deltatoken=latest` gave reports every change that was made after it was asked for, also those made while a scan goes on",
        source: "Use delta query to track changes in Microsoft Graph data (`$deltatoken=latest`); facts: graph-protocol 10.0",
        test: "take the link, create, change and delete a test user, follow the link: all three must come",
    },
    Assumption {
        name: "replicas_agree_after_margin",
        states: "a change shows in every replica once the margin is over (10 seconds, `replication_margin`): a scan that begins so long after the delta link of its handover does not miss what happened before that link, a list that is read so long after a report shows what was reported, and a collection shows what was there so long before it is read",
        source: "facts: graph-protocol 5.5 and 8.4 (no figure is documented)",
        test: "change a test user, add one to a test group, and read the collection and the group's members every second until it shows; the longest wait of a hundred must be well below the margin",
    },
    Assumption {
        name: "count_is_current",
        states: "`$count` at the beginning and at the end of a handover counts the objects that the directory has then, give or take what came and went meanwhile",
        source: "Advanced query capabilities on Microsoft Entra ID objects; facts: graph-protocol 6 (the index lags)",
        test: "compare `GET /users/$count` (ConsistencyLevel: eventual) with the number of ids of a whole list in a quiet hour",
    },
    Assumption {
        name: "advanced_index_shows_after_margin",
        states: "an advanced query, which an index of its own answers, is no further behind than the margin: lists of v1.0 that are cast to service principals, and filters that need `ConsistencyLevel: eventual`",
        source: "Advanced query capabilities on Microsoft Entra ID objects; facts: graph-protocol 6 (the index lags, no figure is documented)",
        test: "add a service principal to a test group, and ask for `GET /v1.0/groups/{id}/members/microsoft.graph.servicePrincipal?$count=true` (ConsistencyLevel: eventual) every second until it shows; the longest wait of a hundred must be well below the margin",
    },
    Assumption {
        name: "log_shows_after_its_delay",
        states: "an entry of a log shows within the window's delay and overlap of the moment that it tells of",
        source: "List directoryAudits, List signIns; facts: graph-protocol 10.1 (field figures up to 30 minutes)",
        test: "do something that is logged, and note when it shows; import a day later with `--full` and compare the number of rows",
    },
    Assumption {
        name: "manager_delta_reports_managers",
        states: "users/delta with manager selected reports the manager of every user at first, and every change of it later",
        source: "user: delta; facts: graph-protocol 5.3",
        test: "change the manager of a test user, import, and compare `user_managers` with `GET /users/{id}/manager`",
    },
    Assumption {
        name: "assignment_delta_reports_assignments",
        states: "directoryObjects/delta filtered to appRoleAssignment reports every assignment and its removal",
        source: "directoryObject: delta; facts: graph-protocol 5.1",
        test: "compare `select count(*) from app_role_assignments where resource_id = ?` with `GET /servicePrincipals/{id}/appRoleAssignedTo`, before and after an assignment is added and removed",
    },
    Assumption {
        name: "members_of_other_types_live",
        states: "a member of a type that is not imported lives as long as its edge was not found missing: its deletion is reported by its own stream only",
        source: "Get incremental changes for groups; facts: graph-protocol 5.6",
        test: "import the streams of all types (the default), or delete a test device for ever and read its groups' members again with --full",
    },
    Assumption {
        name: "restorations_are_reported",
        states: "the delta query of users, groups and service principals reports an object that came back from the recycle bin, and its `memberOf`, `ownedObjects` and `ownedDevices` name everything that holds it",
        source: "Use delta query to track changes in Microsoft Graph data (restored objects are reported as they are); facts: graph-protocol 5.3",
        test: "delete a test user who owns a test application, run `graphctl import --full`, restore the user, import, and look for the edge in `application_owners`",
    },
    Assumption {
        name: "sp_members_included",
        states: "the beta endpoint, or a v1.0 list that is cast to them, lists service principals as members and owners, which v1.0 leaves out",
        source: "List group members; facts: graph-protocol 12, 31",
        test: "add a service principal to a test group and compare `GET /v1.0/groups/{id}/members` with `GET /beta/groups/{id}/members`",
    },
];

/// What the proof of a handover rests on.
const HANDOVER: [&str; 4] = [
    "list_shows_every_object",
    "latest_token_keeps_the_selection",
    "latest_link_reports_every_change",
    "replicas_agree_after_margin",
];

/// The names of those that a certificate of this stream rests on.
///
/// `source` is how its generation was read, `counted` whether Graph has counted it, `cast` whether some
/// of its edges came by lists that are cast: a certificate names nothing that it does not rest on.
pub(crate) fn of(
    plan: &StreamPlan,
    source: Option<Source>,
    counted: bool,
    cast: bool,
) -> Vec<&'static str> {
    let mut names = match &plan.kind {
        StreamKind::Edges { .. } if plan.is_delta() => {
            vec!["manager_delta_reports_managers", "delta_reports_every_change"]
        }
        StreamKind::Edges { .. } => edges(plan),
        StreamKind::Delta if source == Some(Source::Handover) => {
            vec!["delta_reports_every_change"]
        }
        StreamKind::Delta => vec!["delta_reports_every_object", "delta_reports_every_change"],
        StreamKind::Window => vec!["list_shows_every_object", "log_shows_after_its_delay"],
        _ => vec!["list_shows_every_object", "replicas_agree_after_margin"],
    };
    if cast || plan.is_advanced() {
        names.push("advanced_index_shows_after_margin");
    }
    if source == Some(Source::Handover) {
        names.extend(HANDOVER);
    }
    if source == Some(Source::Handover) && counted {
        names.push("count_is_current");
    }
    if plan.of_type.is_some() {
        names.push("assignment_delta_reports_assignments");
    }
    names
}

fn edges(plan: &StreamPlan) -> Vec<&'static str> {
    let of_groups = plan.endpoint.starts_with("/groups/") && relation(plan) == "members";
    let reports =
        if of_groups { "group_delta_reports_membership" } else { "relation_delta_reports_edges" };
    let mut names = vec![
        "list_shows_every_object",
        reports,
        "replicas_agree_after_margin",
        "members_of_other_types_live",
        "restorations_are_reported",
    ];
    if plan.version == graph_dsl::ApiVersion::Beta && !omits_service_principals(plan) {
        names.push("sp_members_included");
    }
    names
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_stream_rests_on_assumptions_that_are_listed() {
        for plan in crate::streams().unwrap() {
            let names = of(&plan, Some(Source::Handover), true, true);
            assert!(!names.is_empty(), "{}", plan.name);
            for name in names {
                assert!(ASSUMPTIONS.iter().any(|it| it.name == name), "{name}");
            }
        }
    }

    #[test]
    fn what_was_read_without_a_handover_does_not_rest_on_one() {
        let users = StreamPlan::delta("users", "user", "/users/delta").scan("/users", None);
        let names = |source, counted| of(&users, Some(source), counted, false);
        for name in HANDOVER {
            assert!(names(Source::Handover, false).contains(&name), "{name}");
            assert!(!names(Source::Delta, true).contains(&name), "{name}");
        }
        assert!(names(Source::Handover, true).contains(&"count_is_current"));
        assert!(!names(Source::Handover, false).contains(&"count_is_current"));
    }

    #[test]
    fn the_page_for_people_says_the_same() {
        let page =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/assumptions.md");
        // A packaged crate has no documentation beside it.
        let Ok(page) = std::fs::read_to_string(page) else { return };
        for Assumption { name, states, source, test } in ASSUMPTIONS {
            let row = format!("| `{name}` | {states} | {source} | {test} |");
            assert!(page.contains(&row), "docs/reference/assumptions.md lacks:\n{row}");
        }
    }
}
