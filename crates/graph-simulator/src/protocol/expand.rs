//! `$expand` of one relationship, cut at twenty objects without a word (facts: graph-protocol 4.3).

use super::errors::Refusal;
use super::json::Json;
use super::links;
use super::resource::Link;
use super::select::Selection;
use crate::directory::{Directory, Object};
use crate::tenant::Kind;

const MOST: usize = 20;

/// A relationship to write inside each object.
#[derive(Debug)]
pub(crate) struct Expansion {
    link: Link,
    selection: Selection,
}

impl Expansion {
    /// Reads `manager` or `members($select=id)`.
    pub(crate) fn parse(text: &str, kinds: &[Kind]) -> Result<Self, Refusal> {
        let (name, inside) = match text.split_once('(') {
            Some((name, inside)) => {
                (name, inside.strip_suffix(')').ok_or_else(|| not_supported(text))?)
            }
            None => (text, ""),
        };
        let link = kinds
            .iter()
            .find_map(|kind| Link::named(*kind, name.trim()))
            .ok_or_else(|| not_supported(text))?;
        let names: Option<Vec<String>> = match inside.split_once('=') {
            None if inside.is_empty() => None,
            Some(("$select", names)) => {
                Some(names.split(',').map(|name| name.trim().to_owned()).collect())
            }
            _ => return Err(not_supported(text)),
        };
        Ok(Self { link, selection: Selection::any(names.as_deref())? })
    }

    /// Writes the relationship as a member of an object already begun.
    pub(crate) fn write(&self, directory: Directory<'_>, object: &Object<'_>, json: &mut Json) {
        if Link::named(object.kind(), self.link.name()).is_none() {
            return;
        }
        let source = links::source(directory, object.handle(), self.link);
        let mut targets =
            source(0).map(|(_, handle)| directory.object(handle)).filter(Object::is_live);
        json.key(self.link.name());
        if self.link == Link::Manager {
            match targets.next() {
                Some(manager) => self.write_one(&manager, json),
                None => json.null(),
            }
            return;
        }
        json.begin_array();
        for target in targets.take(MOST) {
            self.write_one(&target, json);
        }
        json.end_array();
    }

    fn write_one(&self, object: &Object<'_>, json: &mut Json) {
        json.begin_object();
        json.key("@odata.type");
        json.string(object.kind().odata_type());
        self.selection.write(object, json);
        json.end_object();
    }
}

fn not_supported(text: &str) -> Refusal {
    Refusal::new(
        http::StatusCode::BAD_REQUEST,
        "ExpandNotSupported",
        format!("Expand is not supported for '{text}'."),
    )
}
