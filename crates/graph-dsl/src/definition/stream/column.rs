//! Columns, sets of columns, the key and what else is selected.

use super::{COLUMN_KEYS, names};
use crate::definition::Reading;
use crate::definition::command::read_clouds;
use crate::definition::fields::{Fields, mapping, text};
use crate::definition::tuning::choice;
use crate::diagnostic::{Code, Finding, suggest};
use crate::source::Entry;
use crate::stream::{Column, ColumnKind, StreamPlan};

/// Reads what a stream selects, in the order in which it is asked for. `first` says that there is
/// no base whose key is kept.
pub(super) fn read(
    plan: &mut StreamPlan,
    fields: &Fields<'_>,
    first: bool,
    reading: &mut Reading<'_>,
) {
    let key: Vec<String> =
        fields.texts("key", reading).into_iter().map(|property| property.value).collect();
    if !key.is_empty() {
        if first {
            plan.select.clear();
        }
        for property in &key {
            plan.select_property(property);
        }
        plan.key = key;
    }
    for column in columns(fields.entries("columns", reading), reading) {
        plan.put_column(column);
    }
    for set in fields.entries("column_sets", reading) {
        reading.report.extend(names::issue("column set", &set.key));
        let entries = mapping(&set.value, reading).map_or(&[][..], |mapping| &mapping.entries);
        let columns = columns(entries, reading);
        plan.column_sets.retain(|(name, _)| *name != set.key.value);
        plan.column_sets.push((set.key.value.clone(), columns));
    }
    include(plan, fields, reading);
    for property in fields.texts("select", reading) {
        plan.select_property(&property.value);
    }
    if let Some(property) = fields.text("external_id", reading) {
        plan.set_external_id(&property.value);
    }
}

/// GD0805: `include` names sets of columns of this stream.
fn include(plan: &mut StreamPlan, fields: &Fields<'_>, reading: &mut Reading<'_>) {
    for set in fields.texts("include", reading) {
        if plan.include(&set.value) {
            continue;
        }
        let known: Vec<&str> = plan.column_sets.iter().map(|(name, _)| name.as_str()).collect();
        let message = format!("stream `{}` has no set of columns `{}`", plan.name, set.value);
        let finding = Finding::new(Code::UnknownColumnSet, set.span, message);
        reading.report.add(match (suggest(&set.value, known.iter().copied()), known.as_slice()) {
            (found @ Some(_), _) => finding.did_you_mean(set.span, found),
            (None, []) => finding.help("it has none; name them under `column_sets`"),
            (None, known) => finding.help(format!("it has {}", known.join(", "))),
        });
    }
}

fn columns(entries: &[Entry], reading: &mut Reading<'_>) -> Vec<Column> {
    entries.iter().filter_map(|entry| column(entry, reading)).collect()
}

fn column(entry: &Entry, reading: &mut Reading<'_>) -> Option<Column> {
    reading.report.extend(names::column_issue(&entry.key));
    let name = &entry.key.value;
    if entry.value.scalar().is_some() {
        let property = text(&entry.value, reading)?;
        return Some(Column::new(name, &property.value, ColumnKind::Text));
    }
    let what = format!("column `{name}`");
    let fields = Fields::read(what, entry.key.span, &entry.value, COLUMN_KEYS, reading);
    fields.require("property", reading);
    let property = fields.text("property", reading)?.value;
    let kinds = ColumnKind::ALL.map(ColumnKind::as_str);
    let kind = match choice(&fields, "type", &kinds, reading) {
        Some(name) => ColumnKind::ALL.into_iter().find(|kind| kind.as_str() == name)?,
        None => ColumnKind::Text,
    };
    let mut column = Column::new(name, &property, kind);
    column.ignores_case = fields.boolean("ignore_case", reading).is_some_and(|it| it.value);
    column.unavailable_in = read_clouds(&fields, reading);
    column.permission = fields.text("permission", reading).map(|name| name.value);
    Some(column)
}
