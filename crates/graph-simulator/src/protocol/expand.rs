//! `$expand` of one relationship, cut at twenty objects without a word (facts: graph-protocol 4.3).

use serde_json::Value;

use super::errors::Refusal;
use super::json::Json;
use super::links;
use super::resource::{Key, Link};
use super::select::Selection;
use super::sets::{self, Scope, Set};
use crate::directory::{Directory, Object};
use crate::tenant::Kind;

const MOST: usize = 20;

/// A relationship to write inside each object.
#[derive(Debug)]
pub(crate) enum Expansion {
    Link(Link, Selection),
    /// Open extensions (facts: graph-protocol 10.11).
    Extensions,
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
        let name = name.trim();
        if name == "extensions" && kinds.iter().any(|kind| extensions(*kind).is_some()) {
            return Ok(Self::Extensions);
        }
        let link = kinds
            .iter()
            .find_map(|kind| Link::named(*kind, name))
            .ok_or_else(|| not_supported(text))?;
        let names: Option<Vec<String>> = match inside.split_once('=') {
            None if inside.is_empty() => None,
            Some(("$select", names)) => {
                Some(names.split(',').map(|name| name.trim().to_owned()).collect())
            }
            _ => return Err(not_supported(text)),
        };
        Ok(Self::Link(link, Selection::any(names.as_deref())?))
    }

    /// Writes the relationship as a member of an object already begun.
    pub(crate) fn write(&self, directory: Directory<'_>, object: &Object<'_>, json: &mut Json) {
        let (link, selection) = match self {
            Self::Link(link, selection) => (*link, selection),
            Self::Extensions => return write_extensions(directory, object, json),
        };
        if Link::named(object.kind(), link.name()).is_none() {
            return;
        }
        let source = links::source(directory, object.handle(), link);
        let mut targets =
            source(0).map(|(_, handle)| directory.object(handle)).filter(Object::is_live);
        json.key(link.name());
        if link == Link::Manager {
            match targets.next() {
                Some(manager) => write_one(selection, &manager, json),
                None => json.null(),
            }
            return;
        }
        json.begin_array();
        for target in targets.take(MOST) {
            write_one(selection, &target, json);
        }
        json.end_array();
    }
}

fn write_one(selection: &Selection, object: &Object<'_>, json: &mut Json) {
    json.begin_object();
    json.key("@odata.type");
    json.string(object.kind().odata_type());
    selection.write(object, json);
    json.end_object();
}

/// The set of open extensions of a kind.
fn extensions(kind: Kind) -> Option<&'static Set> {
    sets::named(&format!("{}/{{id}}/extensions", kind.path()))
}

fn write_extensions(directory: Directory<'_>, object: &Object<'_>, json: &mut Json) {
    let Some(set) = extensions(object.kind()) else { return };
    let key = [Key::Primary(object.key())];
    json.key("extensions");
    json.begin_array();
    if let Ok(scope) = Scope::open(directory, set, &key, directory.now) {
        for (_, extension) in scope.entities(0, None) {
            json.value(&Value::Object(extension));
        }
    }
    json.end_array();
}

fn not_supported(text: &str) -> Refusal {
    Refusal::new(
        http::StatusCode::BAD_REQUEST,
        "ExpandNotSupported",
        format!("Expand is not supported for '{text}'."),
    )
}
