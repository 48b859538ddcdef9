//! Plans that are built in code, and the columns that may be added to any.

use super::{Column, ColumnKind, Scan, StreamKind, StreamPlan, Window};
use crate::ApiVersion;

impl StreamPlan {
    /// A delta stream without columns; the start of a plan that is built in code.
    pub fn delta(name: &str, entity: &str, endpoint: &str) -> Self {
        Self {
            name: name.to_owned(),
            summary: String::new(),
            entity: entity.to_owned(),
            endpoint: endpoint.to_owned(),
            version: ApiVersion::V1_0,
            kind: StreamKind::Delta,
            of_type: None,
            key: vec!["id".to_owned()],
            external_id: "id".to_owned(),
            select: vec!["id".to_owned()],
            relations: Vec::new(),
            scan: None,
            filter: None,
            window: None,
            columns: Vec::new(),
            column_sets: Vec::new(),
            page_size: None,
            permission: None,
            required: true,
            enabled: true,
            unavailable_in: Vec::new(),
            per_cloud: Vec::new(),
        }
    }

    /// A stream of a plain collection; the start of a plan that is built in code.
    pub fn full(name: &str, entity: &str, endpoint: &str) -> Self {
        Self { kind: StreamKind::Full, ..Self::delta(name, entity, endpoint) }
    }

    /// A stream of a log; the start of a plan that is built in code.
    pub fn window(name: &str, entity: &str, endpoint: &str, window: Window) -> Self {
        let window = Some(window);
        Self { kind: StreamKind::Window, window, ..Self::delta(name, entity, endpoint) }
    }

    /// An edge stream over the objects of the stream `of`; the start of a plan that is built in code.
    pub fn edges(name: &str, entity: &str, endpoint: &str, of: &str) -> Self {
        let kind = StreamKind::Edges { of: of.to_owned() };
        Self { kind, ..Self::delta(name, entity, endpoint) }
    }

    /// Adds a column and selects what it reads.
    #[must_use]
    pub fn column(mut self, name: &str, property: &str, kind: ColumnKind) -> Self {
        let column = Column::new(name, property, kind);
        self.select_property(column.selected());
        self.columns.push(column);
        self
    }

    /// Adds a column, or replaces the one of that name, and selects what it reads.
    pub fn put_column(&mut self, column: Column) {
        self.select_property(column.selected());
        match self.columns.iter_mut().find(|known| known.name == column.name) {
            Some(known) => *known = column,
            None => self.columns.push(column),
        }
    }

    /// Adds the columns of a set; whether there is one of that name.
    pub fn include(&mut self, set: &str) -> bool {
        let found = self.column_sets.iter().find(|(name, _)| name == set);
        let Some((_, columns)) = found.cloned() else { return false };
        for column in columns {
            self.put_column(column);
        }
        true
    }

    /// Shows this property as `external_id`, and selects it.
    pub fn set_external_id(&mut self, property: &str) {
        self.select_property(property);
        property.clone_into(&mut self.external_id);
    }

    /// Identifies items by the values of these properties, and selects them.
    #[must_use]
    pub fn keyed_by(mut self, properties: &[&str]) -> Self {
        self.key = properties.iter().map(|property| (*property).to_owned()).collect();
        for property in properties {
            self.select_property(property);
        }
        self
    }

    /// Tracks a relation in the delta query.
    #[must_use]
    pub fn relation(mut self, name: &str) -> Self {
        if !self.relations.iter().any(|known| known == name) {
            self.relations.push(name.to_owned());
        }
        self
    }

    /// Lets a first load read the collection at `endpoint`, in parts of `partition`.
    #[must_use]
    pub fn scan(mut self, endpoint: &str, partition: Option<&str>) -> Self {
        if let Some(property) = partition {
            self.select_property(property);
        }
        let partition = partition.map(str::to_owned);
        self.scan = Some(Scan { endpoint: endpoint.to_owned(), partition });
        self
    }

    /// Adds a property to `$select` unless it is there already.
    pub fn select_property(&mut self, property: &str) {
        if !self.select.iter().any(|selected| selected == property) {
            self.select.push(property.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users() -> StreamPlan {
        StreamPlan::delta("users", "user", "/users/delta")
    }

    #[test]
    fn a_dotted_column_selects_its_top_level_property_once() {
        let plan = users().column("division", "employeeOrgData.division", ColumnKind::Text).column(
            "cost_center",
            "employeeOrgData.costCenter",
            ColumnKind::Text,
        );
        assert_eq!(plan.select, ["id", "employeeOrgData"]);
    }

    #[test]
    fn a_set_of_columns_is_left_out_until_it_is_included() {
        let column = Column::new("badge", "extension_1_badge", ColumnKind::Text);
        let mut plan = users();
        plan.column_sets.push(("badges".to_owned(), vec![column]));
        assert_eq!((plan.columns.len(), plan.select.len()), (0, 1));
        assert!(!plan.include("others"));
        assert!(plan.include("badges") && plan.include("badges"));
        assert_eq!((plan.columns.len(), plan.select.len()), (1, 2));
    }
}
