//! Every command of the catalogue, executed against a simulated tenant.
//!
//! `table.txt` says what a command needs beyond its example: arguments, and calls before it. Three
//! things are held: the command succeeds; where its file says `present` or `absent`, a second call
//! is harmless; without any permission it is refused, and the permission is named.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod arguments;
mod bench;
mod objects;
mod table;

use graph_admin::system;
use graph_dsl::{Arguments, CommandPlan, Outcome};
use serde_json::Value;

use crate::arguments::arguments;
use crate::bench::{Bench, words};
use crate::table::table;

/// Outcomes that a repeated call may have, as the command's file declares them.
fn harmless(plan: &CommandPlan) -> Vec<Outcome> {
    let outcomes = plan.expect.iter().filter(|_| plan.safety.mutates()).map(|rule| rule.outcome);
    outcomes.filter(|outcome| matches!(outcome, Outcome::Present | Outcome::Absent)).collect()
}

fn fail(problems: &[String]) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[tokio::test]
async fn every_command_succeeds() {
    let mut problems = Vec::new();
    for plan in system().catalogue.iter() {
        let name = plan.full_name();
        let unanswered = table().get(name.as_str()).is_some_and(|row| row.unanswered);
        let result = Bench::start(true).await.execute(plan, 1).await;
        let failure = match &result {
            Ok(envelopes) => {
                let outcome = envelopes[0].outcome();
                // What is to be added is not there before the first call, what is to be removed is.
                let in_vain = !outcome.is_success() || harmless(plan).contains(&outcome);
                in_vain.then(|| words(&envelopes[0]))
            }
            Err(failure) => Some(failure.clone()),
        };
        match (failure, unanswered) {
            (Some(failure), false) => problems.push(format!("{name}: {failure}")),
            (None, true) => problems.push(format!("{name} is answered now: take its `!` away")),
            _ => {}
        }
    }
    fail(&problems);
}

#[tokio::test]
async fn a_second_call_is_harmless_where_the_catalogue_says_so() {
    let mut problems = Vec::new();
    let mut held = 0;
    for plan in system().catalogue.iter().filter(|plan| !harmless(plan).is_empty()) {
        let name = plan.full_name();
        if table().get(name.as_str()).is_some_and(|row| row.unanswered) {
            continue;
        }
        match Bench::start(true).await.execute(plan, 2).await {
            Ok(envelopes) if harmless(plan).contains(&envelopes[1].outcome()) => held += 1,
            Ok(envelopes) => problems.push(format!("{name}, again: {}", words(&envelopes[1]))),
            Err(failure) => problems.push(format!("{name}: {failure}")),
        }
    }
    fail(&problems);
    assert!(held >= 25, "only {held} commands were repeated");
}

#[tokio::test]
async fn without_permissions_every_command_is_forbidden() {
    let mut problems = Vec::new();
    let bench = Bench::start(false).await;
    for plan in system().catalogue.iter().filter(|plan| !plan.permission.is_unknown()) {
        let name = plan.full_name();
        if table().get(name.as_str()).is_some_and(|row| row.unanswered) {
            continue;
        }
        // Ids of earlier answers are out of reach: any well-formed one is refused as well.
        let arguments = arguments(plan, "", &[]).await.unwrap();
        let envelope = bench.run(&name, arguments).await;
        if envelope.outcome() != Outcome::Forbidden {
            problems.push(format!("{name}: {}", words(&envelope)));
        } else if envelope.meta.needs_permission.is_none() {
            problems.push(format!("{name} does not say which permission is missing"));
        }
    }
    fail(&problems);
}

#[tokio::test]
async fn a_list_that_graph_limits_may_be_longer() {
    let bench = Bench::start(true).await;
    let plan = system().catalogue.get("user.check_member_groups").unwrap();
    let group = bench.run("group.create", example("group.create")).await.data["id"].clone();
    let asked = arguments(plan, "", &[]).await.unwrap();
    let user = bench.run("user.get", Arguments::new().with("id", asked.get("id").unwrap().clone()));
    let user = user.await.data["id"].clone();
    let member = Arguments::new().with("id", group.clone()).with("member_id", user);
    assert!(bench.run("group.add_member", member).await.is_success());
    let mut groups: Vec<Value> =
        (0..44).map(|n| format!("{n:08}-0000-4000-8000-000000000000").into()).collect();
    groups.push(group.clone());
    let envelope = bench.run("user.check_member_groups", asked.with("groupIds", groups)).await;
    assert!(envelope.is_success(), "{}", words(&envelope));
    assert_eq!(envelope.data["value"], Value::Array(vec![group]));
    assert_eq!(envelope.meta.request_ids.len(), 3);
}

fn example(command: &str) -> Arguments {
    system().catalogue.get(command).unwrap().examples[0].params.clone()
}

#[test]
fn the_table_names_only_commands() {
    for name in table().keys() {
        assert!(system().catalogue.get(name).is_some(), "{name}");
    }
}
