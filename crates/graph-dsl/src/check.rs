//! Checks against Graph itself: paths, verbs, bodies, queries and permissions, cloud by cloud, offline.

mod batch;
mod body;
mod call;
mod clouds;
mod endpoint;
mod filter;
mod mapping;
mod method;
mod parameters;
mod permission;
mod property;
mod query;
mod reference;
mod stream;
mod value;

use crate::ApiVersion;
use crate::definition::{CommandSource, Reading};
use crate::graph_index::{CloudBits, GraphIndex, Needs, PathSegment, Place, short};
use crate::plan::Method;
use crate::source::{Node, Scalar, Span};

pub(crate) use clouds::Claims;
pub(crate) use stream::check_streams;

/// What is wrong with a `$filter`, and at which byte; whether its properties exist is another matter.
pub(crate) fn filter_problem(text: &str) -> Option<(usize, String)> {
    filter::names(text).err().map(|problem| (problem.start, problem.message))
}

/// What the commands of a file are checked with.
pub(crate) struct Checker<'a> {
    pub(crate) index: &'static GraphIndex<'static>,
    pub(crate) claims: Claims,
    /// The connection signs in as an application, not as a person.
    pub(crate) app_only: bool,
    /// The `schema_mappings` block of the file.
    pub(crate) mappings: Option<&'a Node>,
}

/// What a command's endpoint addresses in Graph.
pub(crate) struct Target {
    pub(crate) place: Place<'static>,
    /// The cloud whose metadata is the reference.
    pub(crate) cloud: CloudBits,
    /// Every claimed cloud that has the path.
    pub(crate) clouds: CloudBits,
    /// Beta may have more than the index knows.
    pub(crate) beta: bool,
}

/// A path as written, with where its characters are.
pub(crate) struct Written<'a> {
    pub(crate) node: &'a Node,
    pub(crate) scalar: &'a Scalar,
    pub(crate) segments: Vec<PathSegment>,
}

impl<'a> Written<'a> {
    pub(crate) fn new(node: &'a Node, path: &str) -> Option<Self> {
        Some(Self { node, scalar: node.scalar()?, segments: PathSegment::split(path) })
    }

    pub(crate) fn span(&self, at: usize, reading: &Reading<'_>) -> Span {
        let range = self.segments[at].range.clone();
        self.scalar.locate(self.node.span, reading.text, range.start, range.end)
    }

    /// From one segment to the end of the path.
    pub(crate) fn tail(&self, at: usize, reading: &Reading<'_>) -> Span {
        let start = self.segments[at].range.start;
        let end = self.segments.last().map_or(start, |last| last.range.end);
        self.scalar.locate(self.node.span, reading.text, start, end)
    }
}

impl Checker<'_> {
    /// Checks a command whose endpoint compiled; says what the call needs, as far as Graph is known.
    pub(crate) fn command(
        &self,
        command: &CommandSource<'_>,
        path: &str,
        version: ApiVersion,
        mapping: Option<&str>,
        reading: &mut Reading<'_>,
    ) -> Needs {
        let Some(method) = command.method.as_ref().map(|method| method.value) else {
            return Needs::default();
        };
        if path == "/$batch" {
            batch::check(command, reading);
            return Needs::default();
        }
        let written = command.endpoint.and_then(|entry| Written::new(&entry.value, path));
        let Some(written) = written else { return Needs::default() };
        let claims = self.claims.without(&command.unavailable_in);
        let target = self.endpoint(&written, &claims, version, reading);
        let Some(target) = target else { return Needs::default() };
        let clean = self.method(command, &written, &target, reading);
        if clean && !target.beta {
            self.body(command, &target, reading);
            self.query(command, &written, &target, path.len(), reading);
            self.mapping(mapping, command, &target, reading);
        }
        let needs = self.index.needs(method.as_str(), &target.place.path);
        if clean {
            self.permission(command, &needs, &target, reading);
        }
        needs
    }

    /// A type's name as people know it.
    pub(crate) fn name_of(&self, position: usize) -> &'static str {
        self.index.type_name(position)
    }
}

impl Target {
    /// `POST /users/{id}/assignLicense`.
    pub(crate) fn call(&self, method: Method) -> String {
        format!("{method} {}", short(&self.place.path))
    }
}
