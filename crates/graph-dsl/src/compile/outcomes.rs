//! Checks on outcomes and safety that need the whole command.

use crate::definition::{CommandSource, Reading, RuleSource};
use crate::diagnostic::{Code, Finding};
use crate::plan::{Method, Outcome};
use crate::source::{Entry, Span};

/// POSTs of Graph that only read.
const READING_ACTIONS: &[&str] = &[
    "checkMemberGroups",
    "checkMemberObjects",
    "evaluate",
    "getAvailableExtensionProperties",
    "getByIds",
    "getMemberGroups",
    "getMemberObjects",
    "validateProperties",
];

pub(super) fn check(command: &CommandSource<'_>, method: Method, reading: &mut Reading<'_>) {
    if method != Method::Get {
        for rule in &command.expect {
            if rule.rule.statuses.contains(&404) && rule.rule.outcome == Outcome::Ok {
                let message = format!("a 404 on {method} is `absent`, not `ok`");
                let finding = Finding::new(Code::SilentNotFound, rule.span, message);
                reading.report.add(finding.help("write `as: absent`"));
            }
        }
    }
    if let Some(entry) = command.body.filter(|_| !method.has_body()) {
        let finding =
            Finding::new(Code::BodyNotSent, entry.key.span, format!("{method} has no body"));
        reading.report.add(finding.help("move it to `query`"));
    }
    let endpoint = command.endpoint.and_then(|entry| entry.value.scalar());
    let last = endpoint.and_then(|scalar| scalar.text.rsplit('/').next()).unwrap_or_default();
    let reads = command.safety.as_ref().is_some_and(|safety| safety.reads);
    if method == Method::Post && READING_ACTIONS.contains(&last) && !reads {
        let finding = Finding::new(Code::UndeclaredRead, command.name.span, "this POST only reads");
        reading
            .report
            .add(finding.help("add `safety: { reads: true }`: read-only mode then allows it"));
    }
    if method == Method::Get && !command.binary {
        reading.report.extend(binary_answer(command, reading));
    }
    reading.report.extend(missing_success(command, method));
    reading.report.extend(anonymous_question(command));
}

/// GD0517, for a command without errors: what is wrong with it may be the creation itself.
pub(super) fn check_repeatable(command: &CommandSource<'_>, reading: &mut Reading<'_>) {
    let is_post = command.method.as_ref().is_some_and(|method| method.value == Method::Post);
    if is_post && !reading.truncated {
        reading.report.extend(not_repeatable(command, reading));
    }
}

/// GD0513.
fn missing_success(command: &CommandSource<'_>, method: Method) -> Option<Finding> {
    let path = command.endpoint.and_then(path_of).unwrap_or_default();
    let links = path.ends_with("/$ref");
    let given: &[u16] = match method {
        Method::Delete => &[204, 202],
        Method::Post | Method::Put if links => &[204],
        Method::Patch => &[204, 200, 201, 202],
        Method::Get => &[200, 202, 302],
        _ => return None,
    };
    let named = || command.expect.iter().flat_map(|rule| &rule.rule.statuses);
    let success = |status: &&u16| (200..=299).contains(*status);
    // A rule without a status fits any answer.
    let open = command.expect.iter().any(|rule| rule.rule.statuses.is_empty());
    if open || named().filter(success).count() == 0 || named().any(|it| given.contains(it)) {
        return None;
    }
    let rule =
        command.expect.iter().find(|rule| rule.rule.statuses.iter().any(|it| success(&it)))?;
    let message = format!("Graph answers {} to this call", given[0]);
    let finding = Finding::new(Code::MissingSuccess, rule.span, message);
    let finding = finding.help(format!("add {}", given[0]));
    let own = rule.rule.statuses.iter().map(u16::to_string);
    let all: Vec<String> = own.chain([given[0].to_string()]).collect();
    Some(match rule.statuses {
        Some(span) => finding.edit(span, format!("[{}]", all.join(", "))),
        None => finding,
    })
}

/// GD0702: the question names none of the command's arguments.
fn anonymous_question(command: &CommandSource<'_>) -> Option<Finding> {
    let question = command.confirm.as_ref()?;
    let declared = command.arguments.iter().flatten().map(|it| it.name.value.clone());
    let path = command.endpoint.and_then(path_of).unwrap_or_default();
    let in_path: Vec<String> = placeholders(path).map(str::to_owned).collect();
    let first = in_path.first()?.clone();
    let known: Vec<String> = in_path.into_iter().chain(declared).collect();
    if placeholders(&question.value).any(|name| known.iter().any(|it| it == name)) {
        return None;
    }
    let message = "the question does not name the object";
    let finding = Finding::new(Code::AnonymousQuestion, question.span, message);
    Some(finding.help(format!("add `{{{first}}}`")))
}

/// The names in single braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// What Graph refuses to create twice: the ends of paths, keys as `{}` (facts: graph-protocol 8).
const UNIQUE: &[&str] = &[
    "/$ref",
    "/appRoleAssignedTo",
    "/appRoleAssignments",
    "/domains",
    "/federatedIdentityCredentials",
    "/oauth2PermissionGrants",
    "/roleManagement/directory/roleAssignments",
    "/servicePrincipals",
    "/users",
];

/// GD0517.
fn not_repeatable(command: &CommandSource<'_>, reading: &Reading<'_>) -> Option<Finding> {
    let entry = command.endpoint?;
    let path = path_of(entry)?;
    let unique = UNIQUE.iter().any(|end| match path.strip_suffix(end) {
        // `/users` is a set of its own; `/groups/{id}/members/$ref` ends so, too.
        Some(rest) => rest.is_empty() || rest.contains('{'),
        None => false,
    });
    let copes = |rule: &RuleSource| {
        let rule = &rule.rule;
        rule.statuses.is_empty() || rule.statuses.iter().any(|it| matches!(it, 400 | 409))
    };
    if !unique || command.ensure.is_some() || command.expect.iter().any(copes) {
        return None;
    }
    let message = "repeated runs will fail with 400 or 409";
    let finding = Finding::new(Code::NotRepeatable, command.name.span, message);
    if command.expect.is_empty() {
        let finding = finding.help("add `expect: already_exists`, or `ensure`");
        return Some(with_key(finding, entry, "expect: already_exists", reading));
    }
    Some(finding.help("add the rule `already_exists` to `expect`, or `ensure`"))
}

/// The path of an endpoint, without the query.
fn path_of(entry: &Entry) -> Option<&str> {
    entry.value.scalar()?.text.split('?').next()
}

/// GD0432.
fn binary_answer(command: &CommandSource<'_>, reading: &Reading<'_>) -> Option<Finding> {
    let entry = command.endpoint?;
    let scalar = entry.value.scalar()?;
    let before = scalar.text.strip_suffix("/$value")?;
    let of = before.rsplit('/').next().filter(|name| !name.contains('{'));
    let message = match of {
        Some(name) => format!("`{name}/$value` returns bytes"),
        None => "`$value` returns bytes".to_owned(),
    };
    let end = scalar.text.len();
    let span = scalar.locate(entry.value.span, reading.text, before.len() + 1, end);
    let finding = Finding::new(Code::BinaryAnswer, span, message).help("add `response: binary`");
    Some(with_key(finding, entry, "response: binary", reading))
}

/// The fix that writes a key on a line of its own below an entry of a block mapping.
fn with_key(finding: Finding, entry: &Entry, key: &str, reading: &Reading<'_>) -> Finding {
    let at = reading.text.position(entry.key.span.start);
    let line = reading.text.line(at.line);
    let indentation = line.len() - line.trim_start().len();
    // In a flow mapping, or behind a `- `, a new line is no new key.
    if indentation + 1 != at.column
        || entry.value.span.end > reading.text.line_offset(at.line) + line.len()
    {
        return finding;
    }
    let end = Span::at(reading.text.line_offset(at.line) + line.len());
    finding.edit(end, format!("\n{}{key}", " ".repeat(indentation)))
}
