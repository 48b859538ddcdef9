//! An object's content: merged property by property, canonical, hashed, cut into columns.

mod secrets;
mod time;

use std::borrow::Cow;

use graph_dsl::{Column, ColumnKind};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::item::{Property, is_null, text, top_level};

pub(crate) use time::utc;

/// The content of one object: a JSON object with its properties sorted by name and without nulls,
/// so that equal contents are equal bytes.
///
/// A property that Graph left out because it was never set and one that was set back to `null` are
/// the same content (facts: graph-protocol 5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(String);

/// The first 16 bytes of the SHA-256 of a content.
pub type ContentHash = [u8; 16];

/// The content of an object as a store writes it.
#[derive(Clone, Debug)]
pub struct Stated {
    /// The content.
    pub content: Content,
    /// Its hash.
    pub hash: ContentHash,
    /// The values of its stream's columns, where they were cut out beforehand.
    cells: Vec<Cell>,
    /// Places of those whose value is not of their kind (cases: H2).
    drifted: Vec<usize>,
}

impl Stated {
    /// A content with its hash; columns are cut out when they are asked for.
    pub fn new(content: Content) -> Self {
        let hash = content.hash();
        Self { content, hash, cells: Vec::new(), drifted: Vec::new() }
    }

    /// The same with the values of the stream's columns.
    pub(crate) fn cut(content: Content, columns: &[Column]) -> Self {
        let (cells, drifted) = content.cut(columns);
        Self { cells, drifted, ..Self::new(content) }
    }

    /// The places of the columns that have a value which is not of their kind, where they were cut out
    /// beforehand.
    pub(crate) fn drifted(&self) -> &[usize] {
        &self.drifted
    }

    /// The values of the columns of the content's stream, or of none, in their order.
    pub fn cells(&self, columns: &[Column]) -> Cow<'_, [Cell]> {
        if columns.is_empty() || self.cells.len() == columns.len() {
            Cow::Borrowed(&self.cells[..columns.len()])
        } else {
            Cow::Owned(self.content.cells(columns))
        }
    }
}

/// The value of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value, or one that is not of the column's kind (cases: H2).
    Null,
    /// `Text`, `Guid` in lower case, `DateTime` in UTC with milliseconds, `List` and `Json` as JSON.
    Text(String),
    /// `Integer`.
    Integer(i64),
    /// `Boolean`.
    Boolean(bool),
}

impl Content {
    /// The content that an item states as a whole: what it leaves out is not set.
    pub fn whole(properties: &[Property<'_>]) -> Self {
        Self(canonical(properties.to_vec()))
    }

    /// This content with a partial item laid over it: absent keeps, null clears, present sets.
    #[must_use]
    pub fn merged(&self, changes: &[Property<'_>]) -> Self {
        let mut properties = self.properties();
        properties.extend_from_slice(changes);
        Self(canonical(properties))
    }

    /// A later content of the same object, with these properties as they were where it has no value of
    /// them: nothing, or an empty list or text.
    #[must_use]
    pub fn keeping(&self, properties: &[String], later: &Self) -> Self {
        let kept = |name: &str| properties.iter().any(|kept| kept == name);
        let mut all = self.properties();
        all.retain(|(name, _)| kept(name));
        let says = |value: &RawValue| !["[]", "\"\""].contains(&value.get());
        all.extend(
            later.properties().into_iter().filter(|(name, value)| !kept(name) || says(value)),
        );
        Self(canonical(all))
    }

    /// A content as a store kept it.
    ///
    /// # Errors
    /// Text that is not a JSON object: the store is damaged.
    pub fn stored(json: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<serde::de::IgnoredAny>(&json)?;
        Ok(Self(json))
    }

    /// The JSON object.
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Its hash; equal contents have equal hashes.
    pub fn hash(&self) -> ContentHash {
        let digest = Sha256::digest(self.0.as_bytes());
        let mut hash = ContentHash::default();
        hash.copy_from_slice(&digest[..16]);
        hash
    }

    /// The values of the columns, in their order.
    pub fn cells(&self, columns: &[Column]) -> Vec<Cell> {
        self.cut(columns).0
    }

    /// The same, and the places of the columns whose value is not of their kind.
    fn cut(&self, columns: &[Column]) -> (Vec<Cell>, Vec<usize>) {
        let (properties, mut drifted) = (self.properties(), Vec::new());
        let cell = |(at, column): (usize, &Column)| {
            cell(&properties, &column.property, column.kind).unwrap_or_else(|| {
                drifted.push(at);
                Cell::Null
            })
        };
        (columns.iter().enumerate().map(cell).collect(), drifted)
    }

    /// What differs in a later content: the columns with another value, and the properties that
    /// differ in something that no column shows.
    pub fn difference(&self, after: &Self, columns: &[Column]) -> Vec<String> {
        let (old, new) = (self.properties(), after.properties());
        let differing = |column: &&Column| {
            let of =
                |properties| cell(properties, &column.property, column.kind).unwrap_or(Cell::Null);
            of(&old) != of(&new)
        };
        let columns: Vec<&Column> = columns.iter().filter(differing).collect();
        let value = |properties: &[Property<'_>], name: &str| {
            properties
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.get().to_owned())
        };
        let mut names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        for (name, _) in old.iter().chain(&new) {
            let shown =
                columns.iter().any(|column| column.property == *name || column.selected() == name);
            if !shown
                && value(&old, name) != value(&new, name)
                && !names.iter().any(|it| it == name)
            {
                names.push(name.clone().into_owned());
            }
        }
        names
    }

    fn properties(&self) -> Vec<Property<'_>> {
        top_level(&self.0).unwrap_or_default()
    }
}

/// The properties sorted by name, of a name that comes twice the last one, nulls left out.
fn canonical(mut properties: Vec<Property<'_>>) -> String {
    properties.sort_by(|(left, _), (right, _)| left.cmp(right)); // stable: a later one stays later
    let mut json = String::with_capacity(512);
    json.push('{');
    for (at, (name, value)) in properties.iter().enumerate() {
        let overruled = properties.get(at + 1).is_some_and(|(next, _)| next == name);
        if overruled || is_null(value) {
            continue;
        }
        if json.len() > 1 {
            json.push(',');
        }
        push_name(&mut json, name);
        json.push(':');
        match secrets::of(name) {
            Some(secret) => json.push_str(&secrets::without(value, secret)),
            None => json.push_str(value.get()),
        }
    }
    json.push('}');
    json
}

/// Nearly every name is an OData identifier and needs no escape.
fn push_name(json: &mut String, name: &str) {
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        json.push('"');
        json.push_str(name);
        json.push('"');
    } else {
        json.push_str(&serde_json::Value::from(name).to_string());
    }
}

/// The value at a dotted path below these properties, as a cell of the kind; `None` of another one.
fn cell(properties: &[Property<'_>], path: &str, kind: ColumnKind) -> Option<Cell> {
    let find =
        |name: &str| properties.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    if let Some(value) = find(path) {
        return typed(value, kind);
    }
    let Some((first, rest)) = path.split_once('.') else { return Some(Cell::Null) };
    let Some(value) = find(first).filter(|value| !is_null(value)) else { return Some(Cell::Null) };
    cell(&top_level(value.get())?, rest, kind)
}

fn typed(value: &RawValue, kind: ColumnKind) -> Option<Cell> {
    let json = value.get();
    if is_null(value) {
        return Some(Cell::Null);
    }
    match kind {
        ColumnKind::Text => text(value).map(|text| Cell::Text(text.into_owned())),
        ColumnKind::DateTime => text(value).and_then(|text| utc(&text)).map(Cell::Text),
        ColumnKind::Boolean => serde_json::from_str(json).ok().map(Cell::Boolean),
        ColumnKind::Integer => serde_json::from_str(json).ok().map(Cell::Integer),
        ColumnKind::Guid => text(value).map(|text| Cell::Text(text.to_ascii_lowercase())),
        ColumnKind::List => json.starts_with('[').then(|| Cell::Text(json.to_owned())),
        ColumnKind::Json => Some(Cell::Text(json.to_owned())),
        // A kind that graph-dsl knows and this version does not: the raw object still has the value.
        _ => Some(Cell::Null),
    }
}

#[cfg(test)]
mod tests;
