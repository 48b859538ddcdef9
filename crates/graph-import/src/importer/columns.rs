//! Columns that the application may not read: left out, named, and looked for again (cases: F7).

use graph_dsl::StreamPlan;
use graph_transport::Disposition;

use super::batch::disposition;
use super::fault::{End, Fault};
use super::links;
use super::reader::Reader;
use super::step::{Next, Step, Work};
use crate::StreamOutcome;
use crate::report::UnreadableColumn;
use crate::store::Store;

/// The plan without properties that are not asked for.
pub(super) fn without(plan: &StreamPlan, unreadable: &[String]) -> StreamPlan {
    let mut plan = plan.clone();
    plan.select.retain(|property| !unreadable.contains(property));
    plan
}

/// The columns of these properties, for people.
pub(super) fn named(plan: &StreamPlan, unreadable: &[String]) -> Vec<UnreadableColumn> {
    let of = |property: &String| {
        let columns = plan.columns.iter().filter(move |it| it.selected() == property);
        let shown: Vec<UnreadableColumn> = columns
            .map(|column| UnreadableColumn {
                column: column.name.clone(),
                property: property.clone(),
                permission: column.permission.clone(),
            })
            .collect();
        let (column, permission) = (property.clone(), None);
        let alone = || vec![UnreadableColumn { column, property: property.clone(), permission }];
        if shown.is_empty() { alone() } else { shown }
    };
    unreadable.iter().flat_map(of).collect()
}

/// Looks again for what could not be read before. What opens again is in no row of this generation
/// and not in its delta link either, so a new one begins (cases: F6). Whether it does.
pub(super) async fn reopen<S: Store>(reader: &Reader<'_, S>) -> Result<bool, End> {
    let unreadable = reader.state().await.unreadable;
    if unreadable.is_empty() {
        return Ok(false);
    }
    let answers = ask(reader, &unreadable).await?;
    let opens = |answer: &Disposition| *answer == Disposition::Ok;
    if !answers.iter().any(opens) {
        return Ok(false);
    }
    let still = unreadable.into_iter().zip(&answers).filter(|(_, answer)| !opens(answer));
    let still = still.map(|(property, _)| property).collect();
    reader.restarted("columns can be read again");
    reader.step(Step::new(Work::Nothing, Next::Without(still))).await?;
    Ok(true)
}

/// Goes on without the properties for whose sake Graph has refused the stream. Whether there are any:
/// where Graph refuses the ids alone, or each property by itself is readable, it is the stream that is
/// refused.
pub(super) async fn leave_out<S: Store>(
    reader: &Reader<'_, S>,
    end: &Result<(), End>,
) -> Result<bool, End> {
    let refused = matches!(
        end,
        Err(End::Stream(StreamOutcome::MissingPermission(_) | StreamOutcome::NotLicensed, _))
    );
    let plan = reader.plan;
    let mut doubtful: Vec<String> =
        plan.select.iter().filter(|property| !plan.key.contains(property)).cloned().collect();
    if !refused || doubtful.is_empty() || plan.of_type.is_some() {
        return Ok(false);
    }
    // The key alone comes last.
    let mut asked = doubtful.clone();
    asked.extend(plan.key.first().cloned());
    let answers = ask(reader, &asked).await?;
    if answers.last() != Some(&Disposition::Ok) {
        return Ok(false);
    }
    let mut answers = answers.into_iter();
    doubtful.retain(|_| {
        matches!(answers.next(), Some(Disposition::Forbidden | Disposition::NotLicensed))
    });
    if doubtful.is_empty() {
        return Ok(false);
    }
    reader.restarted(&format!("Graph refuses {}", doubtful.join(", ")));
    let mut unreadable = reader.state().await.unreadable;
    unreadable.extend(doubtful);
    reader.step(Step::new(Work::Nothing, Next::Without(unreadable))).await?;
    Ok(true)
}

/// What Graph answers to each property by itself.
async fn ask<S: Store>(
    reader: &Reader<'_, S>,
    properties: &[String],
) -> Result<Vec<Disposition>, Fault> {
    let urls: Vec<String> =
        properties.iter().map(|property| links::property(reader.plan, property)).collect();
    let answers = reader.unless_stopped(reader.ask_urls(&urls)).await??;
    Ok(answers.iter().map(disposition).collect())
}
