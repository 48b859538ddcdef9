//! Which streams of a system an import reads, and what is different about them this time.

use graph_dsl::{ColumnKind, StreamKind, StreamPlan};

/// What a command line says over the streams of a system file.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut options = graph_import::StreamOptions::default();
/// options.streams = vec!["members".to_owned()];
/// let streams = options.apply(graph_import::streams()?)?;
/// let names: Vec<&str> = streams.iter().map(|stream| stream.name.as_str()).collect();
/// assert_eq!(names, ["groups", "members"], "edges bring the stream that owns them");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamOptions {
    /// Read these streams only, and the streams that own their edges; every enabled one when empty.
    pub streams: Vec<String>,
    /// Do not read these, nor the edges that they own.
    pub without: Vec<String>,
    /// Objects on a page, at most 999; as each stream says when absent.
    pub page_size: Option<u16>,
    /// The property of users that their view shows as `external_id`.
    pub external_id: Option<String>,
    /// Read these groups only, as an OData `$filter`: `startswith(displayName,'IM-')`. The others are
    /// left as they are in the store, out of scope, and their members are not read.
    pub group_filter: Option<String>,
    /// Further columns: `users.extension_attributes` names a set of the system file,
    /// `users.badge=extension_…_badge` a property (a directory extension, for example) as text.
    pub columns: Vec<String>,
}

/// Options that do not fit the streams.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// No stream of that name.
    #[error("choose the streams: there is no stream `{name}`; {}", meant(near.as_deref(), "there are", known))]
    UnknownStream {
        /// The name.
        name: String,
        /// The name that was probably meant.
        near: Option<String>,
        /// The names that there are.
        known: String,
    },
    /// Something under `columns` that is no column.
    #[error("add the column `{0}`: write STREAM.SET or STREAM.NAME=PROPERTY")]
    Column(String),
    /// A set of columns that the stream does not have.
    #[error("add columns to `{stream}`: it has no set `{set}`; {}", meant(near.as_deref(), "it has", known))]
    UnknownSet {
        /// The stream.
        stream: String,
        /// The set.
        set: String,
        /// The set that was probably meant.
        near: Option<String>,
        /// The sets that it has.
        known: String,
    },
    /// A property that Graph does not have on the stream's items.
    #[error(transparent)]
    Property(#[from] graph_dsl::UnknownProperty),
    /// A filter that OData cannot read.
    #[error("filter the groups: {0}")]
    Filter(#[from] graph_dsl::InvalidFilter),
    /// Everything is left out.
    #[error("choose the streams: nothing is left to read")]
    Nothing,
}

/// The one name that was probably meant, or all of them.
fn meant(near: Option<&str>, has: &str, known: &str) -> String {
    near.map_or_else(|| format!("{has} {known}"), |near| format!("did you mean `{near}`?"))
}

impl StreamOptions {
    /// The streams that are left, with what is different about them.
    ///
    /// # Errors
    /// A name that is not there, or nothing left to read.
    pub fn apply(&self, mut streams: Vec<StreamPlan>) -> Result<Vec<StreamPlan>, OptionsError> {
        for name in self.streams.iter().chain(&self.without) {
            find(&mut streams, name)?;
        }
        for text in &self.columns {
            add_columns(&mut streams, text)?;
        }
        for plan in &mut streams {
            plan.page_size = plan.page_size.and(self.page_size).or(plan.page_size);
            if let Some(property) = self.external_id.as_ref().filter(|_| plan.entity == "user") {
                plan.check_property(property)?;
                plan.set_external_id(property);
            }
            if let Some(filter) = self.group_filter.as_ref().filter(|_| plan.entity == "group") {
                plan.set_filter(filter)?;
            }
        }
        let left = self.select(&streams);
        if left.is_empty() { Err(OptionsError::Nothing) } else { Ok(left) }
    }

    fn select(&self, streams: &[StreamPlan]) -> Vec<StreamPlan> {
        let owner = |name: &str| {
            let plan = streams.iter().find(|plan| plan.name == name)?;
            match &plan.kind {
                StreamKind::Edges { of } => Some(of.clone()),
                _ => None,
            }
        };
        let named = |plan: &StreamPlan| {
            self.streams.contains(&plan.name)
                || self.streams.iter().any(|name| owner(name).as_ref() == Some(&plan.name))
        };
        let wanted =
            |plan: &StreamPlan| if self.streams.is_empty() { plan.enabled } else { named(plan) };
        let left_out = |name: &String| self.without.contains(name);
        let read = |plan: &StreamPlan| {
            wanted(plan)
                && !left_out(&plan.name)
                && !owner(&plan.name).is_some_and(|of| {
                    let owner = streams.iter().find(|plan| plan.name == of);
                    left_out(&of) || !owner.is_some_and(wanted)
                })
        };
        streams.iter().filter(|plan| read(plan)).cloned().collect()
    }
}

fn find<'p>(streams: &'p mut [StreamPlan], name: &str) -> Result<&'p mut StreamPlan, OptionsError> {
    let known: Vec<String> = streams.iter().map(|plan| plan.name.clone()).collect();
    let found = streams.iter_mut().find(|plan| plan.name == name);
    found.ok_or_else(|| {
        let near = graph_dsl::suggest(name, known.iter().map(String::as_str));
        let near = near.map(str::to_owned);
        OptionsError::UnknownStream { name: name.to_owned(), near, known: known.join(", ") }
    })
}

fn add_columns(streams: &mut [StreamPlan], text: &str) -> Result<(), OptionsError> {
    let (stream, column) =
        text.split_once('.').ok_or_else(|| OptionsError::Column(text.to_owned()))?;
    let plan = find(streams, stream)?;
    if let Some((name, property)) = column.split_once('=') {
        if name.is_empty() || property.is_empty() {
            return Err(OptionsError::Column(text.to_owned()));
        }
        plan.check_property(property)?;
        let column = graph_dsl::Column::new(name, property, ColumnKind::Text);
        plan.put_column(column);
        return Ok(());
    }
    if plan.include(column) {
        return Ok(());
    }
    let sets: Vec<&str> = plan.column_sets.iter().map(|(name, _)| name.as_str()).collect();
    let known = if sets.is_empty() { "none".to_owned() } else { sets.join(", ") };
    let near = graph_dsl::suggest(column, sets).map(str::to_owned);
    Err(OptionsError::UnknownSet { stream: stream.to_owned(), set: column.to_owned(), near, known })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams(options: &StreamOptions) -> Result<Vec<StreamPlan>, String> {
        options.apply(crate::streams().unwrap()).map_err(|error| error.to_string())
    }

    fn names(options: &StreamOptions) -> Vec<String> {
        streams(options).unwrap().into_iter().map(|plan| plan.name).collect()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn nothing_said_is_every_stream() {
        assert_eq!(names(&StreamOptions::default()).len(), crate::streams().unwrap().len());
    }

    #[test]
    fn streams_bring_their_owners_and_take_their_edges_along() {
        let only = |streams: &[&str], without: &[&str]| {
            let (streams, without) = (words(streams), words(without));
            names(&StreamOptions { streams, without, ..StreamOptions::default() })
        };
        assert_eq!(only(&["users", "groups"], &[]), ["users", "groups"]);
        assert_eq!(only(&["members"], &[]), ["groups", "members"]);
        assert_eq!(only(&["users", "groups", "members"], &["members"]), ["users", "groups"]);
        let without_groups = only(&[], &["groups"]);
        assert!(!without_groups.iter().any(|name| name == "members" || name == "group_owners"));
        assert!(without_groups.iter().any(|name| name == "users"));
    }

    #[test]
    fn what_is_asked_for_is_in_the_plans() {
        let options = StreamOptions {
            page_size: Some(250),
            external_id: Some("userPrincipalName".to_owned()),
            columns: words(&["users.extension_attributes", "users.badge=extension_1_badge"]),
            ..StreamOptions::default()
        };
        let streams = streams(&options).unwrap();
        let plan = |name: &str| streams.iter().find(|plan| plan.name == name).unwrap();
        assert_eq!(plan("users").page_size, Some(250));
        assert_eq!(plan("domains").page_size, None, "one that does not page is not made to");
        assert_eq!(plan("users").external_id, "userPrincipalName");
        assert_eq!(plan("groups").external_id, "id");
        let columns = &plan("users").columns;
        assert!(columns.iter().any(|column| column.name == "extension_attribute_15"));
        assert_eq!(columns.last().unwrap().property, "extension_1_badge");
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let error = |options: StreamOptions| streams(&options).unwrap_err();
        let with = |columns: &str| {
            error(StreamOptions { columns: words(&[columns]), ..StreamOptions::default() })
        };
        assert_eq!(
            with("badge"),
            "add the column `badge`: write STREAM.SET or STREAM.NAME=PROPERTY"
        );
        assert_eq!(
            with("users.x="),
            "add the column `users.x=`: write STREAM.SET or STREAM.NAME=PROPERTY"
        );
        assert_eq!(
            with("contacts.badges"),
            "add columns to `contacts`: it has no set `badges`; it has none"
        );
        let unknown =
            |name| error(StreamOptions { streams: words(&[name]), ..StreamOptions::default() });
        let near = "choose the streams: there is no stream `user`; did you mean `users`?";
        assert_eq!(unknown("user"), near);
        let far = "choose the streams: there is no stream `mailboxes`; there are users,";
        assert!(unknown("mailboxes").starts_with(far), "{}", unknown("mailboxes"));
        assert_eq!(
            with("users.extension_atributes"),
            "add columns to `users`: it has no set `extension_atributes`; did you mean `extension_attributes`?"
        );
        let misspelt = "read `departmnt`: `user` has no such property; did you mean `department`?";
        assert_eq!(with("users.where=departmnt"), misspelt);
        let external_id = Some("departmnt".to_owned());
        assert_eq!(error(StreamOptions { external_id, ..StreamOptions::default() }), misspelt);
        let nothing = StreamOptions {
            streams: words(&["users"]),
            without: words(&["users"]),
            ..StreamOptions::default()
        };
        assert_eq!(error(nothing), "choose the streams: nothing is left to read");
    }
}
