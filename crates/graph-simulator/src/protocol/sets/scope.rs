//! One set within one tenant at one moment: its parents, and the entities in it.

use serde_json::{Map, Value};

use super::{Paging, Set, named};
use crate::directory::Directory;
use crate::entities::Source;
use crate::protocol::errors::Refusal;
use crate::protocol::read;
use crate::protocol::resource::Key;
use crate::tenant::{Handle, Kind, ObjectId};

/// Entities that requests created come after those of the source.
const CREATED: u64 = 1 << 60;

/// A set whose parents were found.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) directory: Directory<'a>,
    pub(crate) set: &'static Set,
    /// The directory object that the set belongs to.
    pub(crate) owner: Option<Handle>,
    /// The key of the entity that the set belongs to.
    pub(crate) parent: Option<String>,
    /// Where writes to this set are kept.
    pub(crate) store: String,
    /// The present, in Unix seconds.
    pub(crate) now: u64,
}

impl<'a> Scope<'a> {
    /// Finds the parents of a set, or says which of them does not exist.
    pub(crate) fn open(
        directory: Directory<'a>,
        set: &'static Set,
        parents: &[Key],
        now: u64,
    ) -> Result<Self, Refusal> {
        let mut scope =
            Self { directory, set, owner: None, parent: None, store: set.store.to_owned(), now };
        let Some(key) = parents.first() else { return Ok(scope) };
        let (base, _) = set.path.split_once("/{id}").unwrap_or((set.path, ""));
        let kind = Kind::ALL.into_iter().find(|kind| kind.path() == base);
        let name = if let Some(kind) = kind {
            let object = read::find(directory, kind, key)?;
            scope.owner = Some(object.handle());
            object.key()
        } else {
            let of = named(base).ok_or_else(|| Refusal::no_segment(base))?;
            let found = Scope::open(directory, of, &[], now)?.find(key)?;
            let id = Self::key_of(&found).to_owned();
            scope.parent = Some(id.clone());
            id
        };
        scope.store = scope.store.replacen("{id}", &name, 1);
        Ok(scope)
    }

    /// A scope of another set of the same tenant that has no parents.
    pub(crate) fn other(&self, path: &str) -> Self {
        let set = named(path).expect("the path of a set");
        let store = set.store.to_owned();
        Self { directory: self.directory, set, owner: None, parent: None, store, now: self.now }
    }

    /// The entities from a position on, each with the position after it.
    pub(crate) fn entities(
        &self,
        from: u64,
        within: Option<(u64, u64)>,
    ) -> Box<dyn Iterator<Item = (u64, Map<String, Value>)> + '_> {
        let sourced: Box<dyn Iterator<Item = (u64, Map<String, Value>)> + '_> =
            match self.set.source {
                Source::None => Box::new(std::iter::empty()),
                Source::List(list) => {
                    let skip = usize::try_from(from).unwrap_or(usize::MAX);
                    Box::new((1..).zip(list(self)).skip(skip))
                }
                Source::Places { range, at, .. } => {
                    let range = range(self, within);
                    let places = range.start.max(from)..range.end;
                    Box::new(places.filter_map(move |place| Some((place + 1, at(self, place)?))))
                }
            };
        let sourced = sourced.filter_map(|(next, entity)| Some((next, self.written_over(entity)?)));
        let documents = self.directory.overlay.documents();
        let skip = usize::try_from(from.saturating_sub(CREATED)).unwrap_or(usize::MAX);
        let created = documents.created(&self.store, skip).filter_map(move |(next, key)| {
            let next = u64::try_from(next).expect("a number of entities");
            Some((CREATED + next, self.created(key)?))
        });
        Box::new(sourced.chain(created))
    }

    /// Every entity; for sets that are small.
    pub(crate) fn all(&self) -> Vec<Map<String, Value>> {
        self.entities(0, None).map(|(_, entity)| entity).collect()
    }

    /// The entity with a key, or the 404 that names it.
    pub(crate) fn find(&self, key: &Key) -> Result<Map<String, Value>, Refusal> {
        let (name, text) = match key {
            Key::Primary(text) => ("id", text),
            Key::Alternate(name, text) => (name.as_str(), text),
        };
        let absent = || Refusal::not_found(text);
        if name == "id" {
            if let Some(entity) = self.created(text) {
                return Ok(entity);
            }
            if let Source::Places { place_of, at, .. } = self.set.source {
                let entity = place_of(self, text).and_then(|place| at(self, place));
                return entity.and_then(|entity| self.written_over(entity)).ok_or_else(absent);
            }
        }
        let same = |value: &Value| value.as_str().is_some_and(|id| id.eq_ignore_ascii_case(text));
        let mut entities = self.entities(0, None).map(|(_, entity)| entity);
        let found = entities.find(|entity| match name {
            "id" => Self::key_of(entity).eq_ignore_ascii_case(text),
            name => entity.get(name).is_some_and(same),
        });
        found.ok_or_else(absent)
    }

    /// The one entity of a set that is one.
    pub(crate) fn single(&self) -> Result<Map<String, Value>, Refusal> {
        debug_assert_eq!(self.set.paging, Paging::One);
        self.all().into_iter().next().ok_or_else(|| Refusal::not_found(self.set.path))
    }

    /// The key under which writes to an entity are kept.
    pub(crate) fn key_of(entity: &Map<String, Value>) -> &str {
        // Partners of cross-tenant access are the only entities without an id.
        let key = entity.get("id").or_else(|| entity.get("tenantId"));
        key.and_then(Value::as_str).unwrap_or_default()
    }

    fn created(&self, key: &str) -> Option<Map<String, Value>> {
        let document = self.directory.overlay.documents().get(&self.store, key)?;
        let present = document.is_present();
        (document.whole && present).then(|| document.properties.clone())
    }

    fn written_over(&self, mut entity: Map<String, Value>) -> Option<Map<String, Value>> {
        let key = Self::key_of(&entity);
        let Some(document) = self.directory.overlay.documents().get(&self.store, key) else {
            return Some(entity);
        };
        let present = document.is_present();
        if document.whole || !present {
            return None;
        }
        entity.extend(document.properties.clone());
        Some(entity)
    }

    /// The identifier of the live object in a slot, as text.
    pub(crate) fn id(&self, kind: Kind, slot: u64) -> String {
        self.directory.tenant.id(Handle::new(kind, slot)).to_string()
    }

    /// The live directory object that a property of an entity names.
    pub(crate) fn referenced(&self, entity: &Map<String, Value>, name: &str) -> Option<Handle> {
        let id: ObjectId = entity.get(name)?.as_str()?.parse().ok()?;
        self.directory.live(id).map(|object| object.handle())
    }
}

/// The Unix seconds of a timestamp such as `2031-01-02T03:04:05.678Z` or `…+01:00`; fractions are dropped.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let (date, rest) = text.split_once(['T', 't'])?;
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<u64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at(zone);
    let mut parts = time.splitn(3, ':');
    let hour: u64 = parts.next()?.parse().ok()?;
    let minute: u64 = parts.next()?.parse().ok()?;
    let second: u64 = parts.next().unwrap_or("0").split('.').next()?.parse().ok()?;
    let valid = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    if !valid {
        return None;
    }
    let utc = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let Some((hours, minutes)) = zone.get(1..).and_then(|zone| zone.split_once(':')) else {
        return Some(utc);
    };
    let offset = hours.parse::<u64>().ok()? * 3_600 + minutes.parse::<u64>().ok()? * 60;
    if zone.starts_with('-') { Some(utc + offset) } else { utc.checked_sub(offset) }
}

/// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`, years from 1970 on).
const fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let year_of_era = year % 400;
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tenant::view::timestamp;

    proptest! {
        #[test]
        fn a_timestamp_is_read_back(at in 0..4_000_000_000u64) {
            prop_assert_eq!(seconds(&timestamp(at)), Some(at));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[0-9TZ:.+-]{0,30}") {
            let _ = seconds(&text);
        }
    }

    #[test]
    fn zones_and_fractions_are_read() {
        let noon = seconds("2031-06-01T12:00:00Z");
        assert_eq!(seconds("2031-06-01T14:00:00.1234567+02:00"), noon);
        assert_eq!(seconds("2031-06-01T07:00:00-05:00"), noon);
        for broken in
            ["", "2031", "2031-13-01T00:00:00Z", "2031-01-01", "x", "2031-01-01T25:00:00Z"]
        {
            assert_eq!(seconds(broken), None, "{broken}");
        }
    }
}
