//! `wait_for`: bounded reads after a command, until they show what it did.

use graph_transport::Disposition;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use super::envelope::{Detail, Envelope, Waited};
use super::failure;
use super::look::{Look, completed};
use super::runner::{RunOptions, Runner};
use crate::plan::{CommandPlan, FollowUps, Method, Outcome, Request, WaitFor};

/// How a wait ended.
enum End {
    Shown(Value),
    Failed,
    Over,
    /// The read is refused: repeating it shows nothing new.
    Refused(String),
}

/// Waits after a success; anything else stays as it is.
pub(super) async fn wait(
    runner: &Runner,
    plan: &CommandPlan,
    wait: &WaitFor,
    follow_ups: &FollowUps,
    envelope: Envelope,
    options: &RunOptions,
) -> Envelope {
    let settled = matches!(envelope.outcome(), Outcome::Present | Outcome::Absent);
    // Without a read it was the monitor's turn, when the answer came.
    let Some(read) = wait.read.as_ref().filter(|_| envelope.is_success() && !settled) else {
        return envelope;
    };
    let arguments = completed(&follow_ups.wait_for, &read.signature, &envelope.data);
    let mut waited = Waited { done: false, reads: 0, status: None, last_seen: Value::Null };
    let end = match read.bind(&arguments, &runner.root()) {
        Ok(request) => poll(runner, wait, (read, &request), options, &mut waited).await,
        Err(errors) => {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            End::Refused(errors.join("; "))
        }
    };
    ended(plan, (wait, &read.full_name()), envelope, waited, end)
}

async fn poll(
    runner: &Runner,
    wait: &WaitFor,
    (read, request): (&CommandPlan, &Request),
    options: &RunOptions,
    waited: &mut Waited,
) -> End {
    let deadline = Instant::now() + wait.max;
    loop {
        let look = runner.look(read, request, options);
        let Ok(look) = timeout_at(deadline, look).await else { return End::Over };
        waited.reads += 1;
        if let Some(end) = judge(wait, look, waited) {
            return end;
        }
        let all = wait.attempts.is_some_and(|attempts| waited.reads >= attempts);
        if all || Instant::now() + wait.every >= deadline {
            return End::Over;
        }
        sleep(wait.every).await;
    }
}

/// Whether one read ends the wait.
fn judge(wait: &WaitFor, look: Look, waited: &mut Waited) -> Option<End> {
    let Look { status, envelope } = look;
    let seen = |body: &Value| {
        let conditions = [Some(&wait.until), wait.failed_when.as_ref()];
        conditions.into_iter().flatten().find_map(|it| it.seen(body)).unwrap_or(Value::Null)
    };
    waited.status = status;
    waited.last_seen = seen(&envelope.data);
    let status = status?;
    if wait.until.holds(status, &envelope.data) {
        waited.done = true;
        return Some(End::Shown(envelope.data));
    }
    if wait.failed_when.as_ref().is_some_and(|failed| failed.holds(status, &envelope.data)) {
        return Some(End::Failed);
    }
    let fatal = matches!(
        envelope.outcome(),
        Outcome::Forbidden | Outcome::Unauthenticated | Outcome::NotLicensed | Outcome::NotInCloud
    );
    let refusal = envelope.detail.filter(|_| fatal)?;
    Some(End::Refused(refusal.error))
}

fn ended(
    plan: &CommandPlan,
    (wait, read): (&WaitFor, &str),
    mut envelope: Envelope,
    waited: Waited,
    end: End,
) -> Envelope {
    let seen = match (&waited.last_seen, waited.status) {
        (Value::Null, Some(status)) => format!("status {status}"),
        (Value::Null, None) => "no answer".to_owned(),
        (value, _) => value.to_string(),
    };
    let reads = waited.reads;
    envelope.meta.waited = Some(waited);
    let over = format!(
        "waited with `{read}` in vain: {reads} reads in at most {} s, last seen: {seen}",
        wait.max.as_secs()
    );
    match end {
        End::Shown(data) => {
            if envelope.outcome() == Outcome::Accepted {
                envelope.meta.outcome = finished(plan.method);
            }
            if plan.safety.reads && read == plan.full_name() {
                envelope.data = data;
            }
            envelope
        }
        End::Failed => failed(plan, envelope, format!("`{read}` shows a failure: {seen}")),
        // What was sent was accepted; it only does not show yet.
        End::Over | End::Refused(_) if plan.safety.mutates() => {
            envelope.meta.outcome = Outcome::Accepted;
            envelope
        }
        End::Over => failed(plan, envelope, over),
        End::Refused(reason) => {
            failed(plan, envelope, format!("failed to wait with `{read}`: {reason}"))
        }
    }
}

/// What an accepted command has done by the end of the wait.
pub(super) const fn finished(method: Method) -> Outcome {
    match method {
        Method::Delete => Outcome::Deleted,
        Method::Patch | Method::Put => Outcome::Updated,
        _ => Outcome::Ok,
    }
}

fn failed(plan: &CommandPlan, envelope: Envelope, error: String) -> Envelope {
    let mut meta = envelope.meta;
    meta.outcome = Outcome::Failed;
    let detail = Detail { error, upstream: None, arguments: Vec::new() };
    failure::failed(plan, meta, None, detail, Some(Disposition::Fatal))
}
