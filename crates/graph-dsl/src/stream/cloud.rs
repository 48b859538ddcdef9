//! A stream as one cloud offers it.

use super::{StreamKind, StreamPlan};

/// How a stream is read in one cloud, where that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variant {
    /// The path there.
    pub endpoint: String,
    /// How it advances there.
    pub kind: StreamKind,
}

impl Variant {
    /// A path, and how it advances.
    pub fn new(endpoint: &str, kind: StreamKind) -> Self {
        Self { endpoint: endpoint.to_owned(), kind }
    }
}

impl StreamPlan {
    /// The plan for the cloud with this name in a system file; `None` if the cloud does not offer
    /// the stream. What the cloud lacks is not asked for; its columns stay, and are empty. A delta
    /// stream with a filter becomes the list that knows it: a delta query filters by ids alone.
    pub fn in_cloud(&self, cloud: &str) -> Option<Self> {
        if self.unavailable_in.iter().any(|name| name == cloud) {
            return None;
        }
        let mut plan = self.clone();
        if let Some((_, variant)) = self.per_cloud.iter().find(|(name, _)| name == cloud) {
            plan.endpoint.clone_from(&variant.endpoint);
            plan.kind = variant.kind.clone();
            if plan.kind == StreamKind::Full {
                plan.scan = None;
                plan.relations.clear();
            }
        }
        plan.per_cloud.clear();
        plan.read_filtered();
        let lacks = |column: &super::Column| column.unavailable_in.iter().any(|it| it == cloud);
        plan.select.retain(|property| {
            let mut columns = self.columns.iter().filter(|it| it.selected() == property).peekable();
            columns.peek().is_none() || !columns.all(lacks)
        });
        Some(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, ColumnKind};

    #[test]
    fn a_cloud_has_its_own_path_and_is_not_asked_for_what_it_lacks() {
        let mut plan = StreamPlan::delta("units", "unit", "/directory/administrativeUnits/delta")
            .column("name", "displayName", ColumnKind::Text)
            .relation("members")
            .scan("/directory/administrativeUnits", None);
        let mut rule = Column::new("rule", "membershipRule", ColumnKind::Text);
        rule.unavailable_in.push("govsg".to_owned());
        plan.put_column(rule);
        let variant = Variant::new("/directory/administrativeUnits", StreamKind::Full);
        plan.per_cloud.push(("china".to_owned(), variant));
        plan.unavailable_in.push("bleu".to_owned());

        assert_eq!(plan.in_cloud("bleu"), None);
        let china = plan.in_cloud("china").unwrap();
        assert_eq!(china.endpoint, "/directory/administrativeUnits");
        assert!(china.scan.is_none() && china.relations.is_empty());
        assert_eq!(china.select, ["id", "displayName", "membershipRule"]);
        let govsg = plan.in_cloud("govsg").unwrap();
        assert_eq!(govsg.select, ["id", "displayName"]);
        assert_eq!((govsg.columns.len(), govsg.kind), (2, StreamKind::Delta));
    }
}
