//! The streams of one run, checked as a whole.

use graph_dsl::{StreamKind, StreamPlan};

/// Streams that fit together: unique names that a database can hold, edges with an owner.
#[derive(Clone, Debug)]
pub struct StreamSet {
    plans: Vec<StreamPlan>,
}

/// Streams that cannot be imported together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// No stream at all.
    #[error("plan the import: there is no stream to read")]
    NoStreams,
    /// Two streams of one name.
    #[error("plan the import: there are two streams called `{0}`")]
    Repeated(String),
    /// A name that cannot become a table or a column.
    #[error(
        "plan stream `{stream}`: `{name}` cannot be the name of a {what}; take lower-case letters, digits and `_`, at most 48, and none of the store's own names"
    )]
    Name {
        /// The stream.
        stream: String,
        /// `stream` or `column`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Two columns of one name.
    #[error("plan stream `{stream}`: there are two columns called `{column}`")]
    RepeatedColumn {
        /// The stream.
        stream: String,
        /// The column.
        column: String,
    },
    /// Edges of a stream that is not part of the import.
    #[error("plan stream `{stream}`: it reads edges of `{of}`, which is not imported")]
    NoOwner {
        /// The stream.
        stream: String,
        /// The stream that it needs.
        of: String,
    },
    /// An edge endpoint without its placeholder.
    #[error("plan stream `{0}`: its endpoint has no single `{{id}}` for the owner")]
    NoPlaceholder(String),
    /// A kind of stream that this version does not know.
    #[error("plan stream `{0}`: this version cannot read streams of its kind")]
    UnknownKind(String),
}

impl StreamSet {
    /// Checks the streams; object streams come before the edges that they own.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn new(plans: impl IntoIterator<Item = StreamPlan>) -> Result<Self, PlanError> {
        let mut plans: Vec<StreamPlan> = plans.into_iter().collect();
        if plans.is_empty() {
            return Err(PlanError::NoStreams);
        }
        for (at, plan) in plans.iter().enumerate() {
            if plans[..at].iter().any(|other| other.name == plan.name) {
                return Err(PlanError::Repeated(plan.name.clone()));
            }
            check(plan, &plans)?;
        }
        plans.sort_by_key(|plan| matches!(plan.kind, StreamKind::Edges { .. }));
        Ok(Self { plans })
    }

    /// The streams.
    pub fn iter(&self) -> std::slice::Iter<'_, StreamPlan> {
        self.plans.iter()
    }

    /// The stream of that name.
    pub fn get(&self, name: &str) -> Option<&StreamPlan> {
        self.plans.iter().find(|plan| plan.name == name)
    }
}

impl<'a> IntoIterator for &'a StreamSet {
    type Item = &'a StreamPlan;
    type IntoIter = std::slice::Iter<'a, StreamPlan>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn check(plan: &StreamPlan, all: &[StreamPlan]) -> Result<(), PlanError> {
    let bad = |what, name: &str| PlanError::Name {
        stream: plan.name.clone(),
        what,
        name: name.to_owned(),
    };
    if !is_name(&plan.name)
        || StreamPlan::RESERVED_PREFIXES.iter().any(|prefix| plan.name.starts_with(prefix))
        || StreamPlan::RESERVED_SUFFIXES.iter().any(|suffix| plan.name.ends_with(suffix))
    {
        return Err(bad("stream", &plan.name));
    }
    if !is_name(&plan.entity) {
        return Err(bad("stream's entity", &plan.entity));
    }
    for (at, column) in plan.columns.iter().enumerate() {
        if !is_name(&column.name) || StreamPlan::RESERVED_COLUMNS.contains(&column.name.as_str()) {
            return Err(bad("column", &column.name));
        }
        if plan.columns[..at].iter().any(|other| other.name == column.name) {
            return Err(PlanError::RepeatedColumn {
                stream: plan.name.clone(),
                column: column.name.clone(),
            });
        }
    }
    match &plan.kind {
        StreamKind::Delta | StreamKind::Full => Ok(()),
        StreamKind::Window if plan.window.is_some() => Ok(()),
        StreamKind::Edges { of } => {
            let owner = all
                .iter()
                .find(|other| other.name == *of && !matches!(other.kind, StreamKind::Edges { .. }));
            if owner.is_none() {
                return Err(PlanError::NoOwner { stream: plan.name.clone(), of: of.clone() });
            }
            let placeholders = plan.endpoint.matches("{id}").count();
            let linked = plan.is_delta() && plan.relations.len() == 1;
            if placeholders == usize::from(!linked) {
                Ok(())
            } else {
                Err(PlanError::NoPlaceholder(plan.name.clone()))
            }
        }
        _ => Err(PlanError::UnknownKind(plan.name.clone())),
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= StreamPlan::LONGEST_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The navigation property that an edge stream reads: `members` of `/groups/{id}/members`.
pub(crate) fn relation(plan: &StreamPlan) -> &str {
    let path = plan.endpoint.split('?').next().unwrap_or_default();
    path.split_once("{id}/").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use graph_dsl::ColumnKind;

    use super::*;

    fn users() -> StreamPlan {
        StreamPlan::delta("users", "user", "/users/delta")
    }

    fn members() -> StreamPlan {
        StreamPlan::edges("members", "member", "/groups/{id}/members", "groups")
    }

    #[test]
    fn what_does_not_fit_together_is_refused_by_name() {
        let error = |plans: Vec<StreamPlan>| StreamSet::new(plans).unwrap_err().to_string();
        assert_eq!(error(vec![]), "plan the import: there is no stream to read");
        assert_eq!(
            error(vec![users(), users()]),
            "plan the import: there are two streams called `users`"
        );
        assert_eq!(
            error(vec![members()]),
            "plan stream `members`: it reads edges of `groups`, which is not imported"
        );
        for name in [
            "",
            "Users",
            "us ers",
            "u\";drop table x",
            "import_run",
            "users_history",
            "1",
            &"u".repeat(49),
        ] {
            let plan = StreamPlan::delta(name, "user", "/users/delta");
            assert!(
                matches!(StreamSet::new([plan]), Err(PlanError::Name { what: "stream", .. })),
                "{name}"
            );
        }
        for name in ["id", "raw", "Mail", "a-b"] {
            let plan = users().column(name, "mail", ColumnKind::Text);
            assert!(
                matches!(StreamSet::new([plan]), Err(PlanError::Name { what: "column", .. })),
                "{name}"
            );
        }
        let twice =
            users().column("mail", "mail", ColumnKind::Text).column("mail", "x", ColumnKind::Text);
        assert!(matches!(StreamSet::new([twice]), Err(PlanError::RepeatedColumn { .. })));
    }

    #[test]
    fn owners_come_before_their_edges() {
        let groups = StreamPlan::delta("groups", "group", "/groups/delta");
        let set = StreamSet::new([members(), groups]).unwrap();
        let names: Vec<_> = set.iter().map(|plan| plan.name.as_str()).collect();
        assert_eq!(names, ["groups", "members"]);
        assert_eq!(relation(set.get("members").unwrap()), "members");
    }
}
