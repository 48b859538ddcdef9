//! The part of a collection that a stream reads.

use super::{StreamKind, StreamPlan};
use crate::check::filter_problem;
use crate::plan::is_advanced;

/// A `$filter` that OData cannot read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {position} of `{filter}`")]
pub struct InvalidFilter {
    /// The filter.
    pub filter: String,
    /// Where, counted from 1.
    pub position: usize,
    /// What is wrong.
    pub message: String,
}

impl StreamPlan {
    /// Reads those objects only to which the filter applies.
    ///
    /// ```
    /// let mut plan = graph_dsl::StreamPlan::delta("groups", "group", "/groups/delta");
    /// plan.set_filter("startswith(displayName,'IM-')").unwrap();
    /// assert!(plan.set_filter("displayName eq").is_err());
    /// ```
    ///
    /// # Errors
    /// What is no filter.
    pub fn set_filter(&mut self, filter: &str) -> Result<(), InvalidFilter> {
        if let Some((at, message)) = filter_problem(filter) {
            let position = filter.get(..at).map_or(0, |before| before.chars().count()) + 1;
            return Err(InvalidFilter { filter: filter.to_owned(), position, message });
        }
        self.filter = Some(filter.to_owned());
        Ok(())
    }

    /// Whether the collection answers the filter as an advanced query only, with
    /// `ConsistencyLevel: eventual` and `$count=true` (facts: graph-protocol 6).
    pub fn is_advanced(&self) -> bool {
        let filter = self.filter.as_deref();
        filter.is_some_and(|filter| is_advanced(&self.endpoint, "$filter", filter))
    }

    /// A delta query knows no filter but ids (facts: graph-protocol 5.2), so that what is filtered is
    /// read as a list, whole in every round.
    pub(super) fn read_filtered(&mut self) {
        if self.filter.is_none() || self.kind != StreamKind::Delta {
            return;
        }
        let collection = self.endpoint.strip_suffix("/delta").unwrap_or(&self.endpoint).to_owned();
        self.endpoint = self.scan.take().map_or(collection, |scan| scan.endpoint);
        self.kind = StreamKind::Full;
        self.relations.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filtered_delta_stream_is_read_as_a_list() {
        let mut groups = StreamPlan::delta("groups", "group", "/groups/delta")
            .relation("members")
            .scan("/groups", Some("displayName"));
        groups.set_filter("startswith(displayName,'IM-')").unwrap();
        let plan = groups.in_cloud("global").unwrap();
        assert_eq!((plan.kind.clone(), plan.endpoint.as_str()), (StreamKind::Full, "/groups"));
        assert!(plan.scan.is_none() && plan.relations.is_empty() && !plan.is_advanced());
        groups.set_filter("displayName ne 'x'").unwrap();
        assert!(groups.in_cloud("global").unwrap().is_advanced());
    }

    #[test]
    fn what_is_no_filter_is_refused_with_its_place() {
        let mut plan = StreamPlan::delta("groups", "group", "/groups/delta");
        let error = plan.set_filter("displayName eq 'a' or (").unwrap_err();
        assert!(error.position > 19, "{error}");
        assert_eq!(plan.filter, None);
    }
}
