//! Checks of a plan: what cannot be meant is refused, with its place and what to write instead.

use std::fmt;

use http::{HeaderName, HeaderValue, StatusCode};

use super::plan::{Fault, FaultPlan, FaultRule};

/// A plan that is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultPlanError {
    /// The text is not a plan; the source names line, column and key.
    #[error("read the fault plan")]
    Syntax(#[source] serde_yaml::Error),
    /// Values that cannot be meant.
    #[error("use the fault plan: {}", list(.0))]
    Values(Vec<PlanProblem>),
}

/// One value that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanProblem {
    /// Where, such as `rules[2].probability`; rules count from 0.
    pub place: String,
    /// What is wrong, and what to write.
    pub help: String,
}

impl fmt::Display for PlanProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.help)
    }
}

fn list(problems: &[PlanProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl FaultPlan {
    /// Reads a plan from YAML, of which JSON is a part, and checks it.
    ///
    /// # Errors
    ///
    /// The text is not a plan, or a value in it cannot be meant.
    pub fn from_yaml(text: &str) -> Result<Self, FaultPlanError> {
        let plan: Self = serde_yaml::from_str(text).map_err(FaultPlanError::Syntax)?;
        plan.check()?;
        Ok(plan)
    }

    /// Checks the values of a plan, all of them.
    ///
    /// # Errors
    ///
    /// Lists every value that cannot be meant.
    pub fn check(&self) -> Result<(), FaultPlanError> {
        let mut problems = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let mut note = |field: &str, help: String| {
                problems.push(PlanProblem { place: format!("rules[{index}].{field}"), help });
            };
            check_rule(rule, &mut note);
            check_fault(&rule.fault, &mut note);
        }
        if self.reset_connections.contains(&0) {
            let help = "connections count from 1".to_owned();
            problems.push(PlanProblem { place: "reset_connections".into(), help });
        }
        if problems.is_empty() { Ok(()) } else { Err(FaultPlanError::Values(problems)) }
    }
}

fn check_rule(rule: &FaultRule, note: &mut dyn FnMut(&str, String)) {
    if let Some(method) = &rule.method
        && !method.bytes().all(|byte| byte.is_ascii_alphabetic())
    {
        note("method", format!("`{method}` is no method: write GET, POST, PATCH, PUT or DELETE"));
    }
    if let Some(Err(help)) = rule.path.as_deref().map(check_path) {
        note("path", help);
    }
    for (name, value) in [("nth", rule.nth), ("times", rule.times)] {
        if value == Some(0) {
            note(name, "requests count from 1: write 1 or more, or leave it out".into());
        }
    }
    if let Some(chance) = rule.probability
        && !(0.0..=1.0).contains(&chance)
    {
        note("probability", format!("{chance} is no chance: write a number from 0 to 1"));
    }
}

/// A pattern of paths: below the version, `**` only at its end.
pub(crate) fn check_path(pattern: &str) -> Result<(), String> {
    let first = pattern.trim_start_matches('/').split('/').next().unwrap_or_default();
    if matches!(first, "v1.0" | "beta") {
        return Err(format!(
            "`{pattern}` names a version: write the path below it, such as /users"
        ));
    }
    if pattern.contains('?') {
        return Err(format!("`{pattern}` has a query: write it as `query`"));
    }
    let segments: Vec<&str> = pattern.trim_matches('/').split('/').collect();
    let misplaced = segments.iter().rev().skip(1).any(|segment| *segment == "**");
    if misplaced {
        return Err(format!("`{pattern}` has `**` before its end: write `*` for one segment"));
    }
    Ok(())
}

fn check_fault(fault: &Fault, note: &mut dyn FnMut(&str, String)) {
    let status = match fault {
        Fault::Status { status, headers, .. } => {
            for (name, values) in headers {
                let good = HeaderName::try_from(name.as_str()).is_ok()
                    && values.iter().all(|value| HeaderValue::try_from(value).is_ok());
                if !good {
                    note("fault.headers", format!("`{name}` or its value cannot be sent"));
                }
            }
            *status
        }
        Fault::Html { status } | Fault::Relabel { status } => *status,
        Fault::SlowBody { chunk: 0, .. } => {
            return note("fault.chunk", "no bytes never end: write 1 or more".into());
        }
        Fault::WrongContentLength { difference: 0 } => {
            return note("fault.difference", "0 is the true length: write another number".into());
        }
        _ => return,
    };
    // A status below 200 would not end the request.
    if status < 200 || StatusCode::from_u16(status).is_err() {
        note("fault.status", format!("{status} is no final status: write 200 to 999"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let mut error: &dyn std::error::Error = &FaultPlan::from_yaml(text).unwrap_err();
        let mut words = error.to_string();
        while let Some(source) = error.source() {
            words = format!("{words}: {source}");
            error = source;
        }
        words
    }

    #[test]
    fn a_plan_is_read_from_yaml() {
        let text = "
seed: 7
reset_connections: [2]
rules:
  - path: /users/delta
    nth: 2
    fault: { kind: reset_mid_body, after: 512 }
  - fault: { kind: status, status: 401, headers: { WWW-Authenticate: [a, b], Retry-After: '1' } }
  - { method: POST, path: '/*/oauth2/v2.0/token', times: 1, fault: { kind: late_visibility, reads: 3 } }
";
        let plan = FaultPlan::from_yaml(text).unwrap();
        assert_eq!((plan.rules.len(), plan.reset_connections.as_slice()), (3, &[2][..]));
        let again = FaultPlan::from_yaml(&serde_yaml::to_string(&plan).unwrap()).unwrap();
        assert_eq!(again, plan);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        for (text, words) in [
            ("rules: 1", "rules: invalid type: integer `1`, expected a sequence"),
            ("rules: [{ fault: { kind: explode } }]", "unknown variant `explode`"),
            ("rulez: []", "rulez"),
            (
                "rules: [{ path: /v1.0/users, fault: { kind: gone } }]",
                "rules[0].path: `/v1.0/users` names a version",
            ),
            (
                "rules: [{ fault: { kind: gone } }, { nth: 0, fault: { kind: gone } }]",
                "rules[1].nth",
            ),
            ("rules: [{ probability: 30, fault: { kind: gone } }]", "write a number from 0 to 1"),
            (
                "rules: [{ fault: { kind: html, status: 99 } }]",
                "fault.status: 99 is no final status",
            ),
            ("rules: [{ path: '/**/x', fault: { kind: gone } }]", "`**` before its end"),
            ("rules: [{ path: '/x?y', fault: { kind: gone } }]", "write it as `query`"),
            ("rules: [{ method: 'G T', fault: { kind: gone } }]", "is no method"),
            ("rules: [{ fault: { kind: slow_body, chunk: 0, millis: 1 } }]", "fault.chunk"),
            ("rules: [{ fault: { kind: status, status: 200, headers: { 'a b': c } } }]", "`a b`"),
            ("reset_connections: [0]", "connections count from 1"),
        ] {
            let refused = refused(text);
            assert!(refused.contains(words), "{text}: {refused}");
        }
    }
}
