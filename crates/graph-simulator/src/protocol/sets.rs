//! Entity sets described as data: `data/sets.tsv` says where they are, what they hold and take.
//!
//! Users, groups and the other directory objects have modules of their own; everything around them
//! (policies, role assignments, authentication methods, logs, …) is a row of the table and a
//! [`Source`] of what is there before anything is written.

pub(crate) mod address;
mod answer;
pub(crate) mod list;
pub(crate) mod routes;
mod rules;
pub(crate) mod schema;
pub(crate) mod scope;
mod write;

pub(crate) use address::Target;
pub(crate) use answer::{not_premium, read, write, writes};
pub(crate) use scope::Scope;

use std::sync::LazyLock;

use http::{Method, StatusCode};

use crate::entities::{self, Source};

/// A segment of a set's path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Name(&'static str),
    Key,
}

/// How a set is read in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    /// It is one entity.
    One,
    /// Everything stands on one page.
    All,
    /// Entities on a page by default and at most.
    Pages(u64, u64),
}

/// What a tenant must have bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    Nothing,
    /// P1; without it 403.
    Premium,
    /// P2 for privileged identity management; without it 400.
    Privileged,
    /// P2 for identity governance; without it 403.
    Governance,
}

/// A set of entities, or one entity that has no siblings.
#[derive(Debug)]
pub(crate) struct Set {
    /// Its path below the version, with `{id}` for keys.
    pub(crate) path: &'static str,
    pub(crate) parts: Vec<Part>,
    /// The type of its entities, without the namespace of most types.
    pub(crate) entity: &'static str,
    /// What it answers to, and with which status.
    verbs: Vec<(Method, StatusCode)>,
    pub(crate) paging: Paging,
    pub(crate) requirement: Requirement,
    /// Properties without which nothing is created.
    required: Vec<&'static str>,
    /// The property that no two entities share.
    unique: Option<&'static str>,
    /// The query options it takes.
    options: Vec<&'static str>,
    /// The path under which its entities are kept: its own, or that of a set with two paths.
    pub(crate) store: &'static str,
    pub(crate) source: Source,
}

impl Set {
    /// The status of a successful request, if the set takes its method.
    fn answers(&self, method: &Method) -> Option<StatusCode> {
        self.verbs.iter().find(|(known, _)| known == method).map(|(_, status)| *status)
    }
}

/// Every set, in the order of the table.
pub(crate) fn all() -> &'static [Set] {
    static SETS: LazyLock<Vec<Set>> = LazyLock::new(|| {
        let rows = table(include_str!("../../data/sets.tsv"));
        rows.map(|row| read_row(&row)).collect()
    });
    &SETS
}

/// The set with a path.
pub(crate) fn named(path: &str) -> Option<&'static Set> {
    all().iter().find(|set| set.path == path)
}

/// The rows of an embedded table after its header.
fn table(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.skip(1).map(|line| line.split('\t').collect())
}

fn read_row(row: &[&'static str]) -> Set {
    let [path, entity, verbs, paging, plan, required, unique, options, source] = row else {
        unreachable!("a row of sets.tsv has nine columns: {row:?}");
    };
    let shared = source.contains('/');
    Set {
        path,
        parts: path
            .split('/')
            .map(|part| if part == "{id}" { Part::Key } else { Part::Name(part) })
            .collect(),
        entity,
        verbs: verbs.split(' ').map(verb).collect(),
        paging: match *paging {
            "one" => Paging::One,
            "all" => Paging::All,
            sizes => {
                let (default, most) = sizes.split_once('/').expect("two page sizes");
                let size = |text: &str| text.parse().expect("a page size");
                Paging::Pages(size(default), size(most))
            }
        },
        requirement: match *plan {
            "premium" => Requirement::Premium,
            "pim" => Requirement::Privileged,
            "governance" => Requirement::Governance,
            _ => Requirement::Nothing,
        },
        required: names(required),
        unique: names(unique).first().copied(),
        options: names(options),
        store: if shared { source } else { path },
        source: entities::source(if shared { "fixed" } else { source }),
    }
}

fn names(cell: &'static str) -> Vec<&'static str> {
    if cell == "-" { Vec::new() } else { cell.split(',').collect() }
}

fn verb(text: &'static str) -> (Method, StatusCode) {
    let (name, status) = text.split_once('=').unwrap_or((text, "200"));
    let method = name.parse().expect("a method");
    (method, status.parse().expect("a status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_has_a_known_type_and_every_path_is_there_once() {
        let mut paths = std::collections::BTreeSet::new();
        for set in all() {
            assert!(paths.insert(set.path), "{}", set.path);
            assert!(!schema::fields(set.entity).is_empty(), "{} {}", set.path, set.entity);
            assert!(named(set.store).is_some(), "{} {}", set.path, set.store);
            for name in set.required.iter().filter(|name| !name.starts_with('@')) {
                assert!(schema::field(set.entity, name).is_some(), "{} {name}", set.path);
            }
        }
    }
}
