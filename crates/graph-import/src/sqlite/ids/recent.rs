//! The numbers of the ids that came last, so that an edge does not ask the dictionary for its target.

use std::cell::RefCell;

use rusqlite::Connection;

use crate::ObjectId;

/// Sets of [`WAYS`] ids: room for 131,072, in 3 MiB whatever the tenant has (cases: I7).
const SETS: usize = 1 << 14;
const WAYS: usize = 8;

/// The two halves of a GUID and its number; zero where there is none.
type Entry = [u64; 3];

/// The dictionary, through a cache of a fixed size. What a transaction that was rolled back has added
/// must be forgotten: [`Numbers::forget`].
#[derive(Debug, Default)]
pub(in super::super) struct Numbers(RefCell<Vec<[Entry; WAYS]>>);

impl Numbers {
    /// The number of an object, if it has one.
    pub(in super::super) fn find(
        &self,
        connection: &Connection,
        id: &ObjectId,
    ) -> rusqlite::Result<Option<i64>> {
        if let Some(number) = self.recent(id) {
            return Ok(Some(number));
        }
        let found = super::find(connection, id)?;
        if let Some(number) = found {
            self.keep(id, number);
        }
        Ok(found)
    }

    /// The numbers of many objects, in their order; new ones for those that have none. What did not come
    /// lately is looked up in the order of the dictionary, so that each of its pages is read once.
    pub(in super::super) fn number_all<'a>(
        &self,
        connection: &Connection,
        ids: impl Iterator<Item = &'a ObjectId>,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut unknown = Vec::new();
        let mut numbers = Vec::with_capacity(ids.size_hint().0);
        for id in ids {
            let known = self.recent(id);
            if known.is_none() {
                unknown.push((id, numbers.len()));
            }
            numbers.push(known.unwrap_or_default());
        }
        unknown.sort_unstable();
        for (id, at) in unknown {
            numbers[at] = self.number(connection, id)?;
        }
        Ok(numbers)
    }

    /// The number of an object; a new one where it has none.
    pub(in super::super) fn number(
        &self,
        connection: &Connection,
        id: &ObjectId,
    ) -> rusqlite::Result<i64> {
        match self.find(connection, id)? {
            Some(number) => Ok(number),
            None => self.add(connection, id).map(|(number, _)| number),
        }
    }

    /// The number of an object that has probably none, and whether it had none.
    pub(in super::super) fn add(
        &self,
        connection: &Connection,
        id: &ObjectId,
    ) -> rusqlite::Result<(i64, bool)> {
        if let Some(number) = self.recent(id) {
            return Ok((number, false));
        }
        let (number, is_new) = match super::add(connection, id)? {
            Some(number) => (number, true),
            None => match super::find(connection, id)? {
                Some(number) => (number, false),
                None => return Err(rusqlite::Error::QueryReturnedNoRows),
            },
        };
        self.keep(id, number);
        Ok((number, is_new))
    }

    /// Forgets everything.
    pub(in super::super) fn forget(&self) {
        self.0.borrow_mut().clear();
    }

    fn recent(&self, id: &ObjectId) -> Option<i64> {
        let [high, low] = halves(id)?;
        let sets = self.0.borrow();
        let set = sets.get(place(high, low))?;
        let known =
            set.iter().find(|entry| entry[0] == high && entry[1] == low && entry[2] != 0)?;
        i64::try_from(known[2]).ok()
    }

    /// Keeps an id in place of the oldest of its set.
    fn keep(&self, id: &ObjectId, number: i64) {
        let Some([high, low]) = halves(id) else { return };
        let mut sets = self.0.borrow_mut();
        if sets.is_empty() {
            *sets = vec![[[0; 3]; WAYS]; SETS];
        }
        let set = &mut sets[place(high, low)];
        set.rotate_right(1);
        set[0] = [high, low, super::unsigned(number)];
    }
}

/// Ids that are no GUIDs are few.
fn halves(id: &ObjectId) -> Option<[u64; 2]> {
    let (high, low) = id.as_guid()?.split_at(8);
    let half = |bytes: &[u8]| bytes.try_into().map(u64::from_be_bytes).ok();
    Some([half(high)?, half(low)?])
}

/// The set of an id. GUIDs are random for the most part, and all are stirred (the multiplier is that
/// of Fibonacci hashing).
fn place(high: u64, low: u64) -> usize {
    let stirred = (high ^ low.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(stirred >> (64 - SETS.trailing_zeros()))
        .expect("it is below the number of sets")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        let table =
            "CREATE TABLE import_object_id (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE)";
        connection.execute_batch(table).unwrap();
        connection
    }

    fn id(n: u128) -> ObjectId {
        ObjectId::from_guid(n.to_be_bytes())
    }

    #[test]
    fn an_id_keeps_its_number_when_it_has_left_the_cache() {
        let (connection, numbers) = (dictionary(), Numbers::default());
        // Ids of one set.
        let ids: Vec<_> = (0..20).map(|n: u128| id(n << 64 | n << 32)).collect();
        let first: Vec<_> = ids.iter().map(|id| numbers.number(&connection, id).unwrap()).collect();
        let again: Vec<_> = ids.iter().map(|id| numbers.number(&connection, id).unwrap()).collect();
        assert_eq!(first, (1..=20).collect::<Vec<_>>());
        assert_eq!(again, first);
        assert_eq!(ids.iter().filter(|id| numbers.recent(id).is_some()).count(), WAYS);
    }

    #[test]
    fn an_id_that_came_lately_does_not_ask_the_dictionary() {
        let (connection, numbers) = (dictionary(), Numbers::default());
        let number = numbers.number(&connection, &id(7)).unwrap();
        connection.execute_batch("DROP TABLE import_object_id").unwrap();
        assert_eq!(numbers.number(&connection, &id(7)).unwrap(), number);
        numbers.forget();
        assert!(numbers.number(&connection, &id(7)).is_err());
    }

    #[test]
    fn many_ids_have_the_numbers_that_each_of_them_has() {
        let (connection, numbers) = (dictionary(), Numbers::default());
        let text = ObjectId::new("no guid");
        let ids = [id(9), text.clone(), id(3), id(9), text.clone(), id(5)];
        numbers.number(&connection, &id(3)).unwrap();
        let all = numbers.number_all(&connection, ids.iter()).unwrap();
        let each: Vec<_> = ids.iter().map(|id| numbers.number(&connection, id).unwrap()).collect();
        assert_eq!(all, each);
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 4);
    }

    #[test]
    fn an_id_that_is_no_guid_is_asked_for_each_time() {
        let (connection, numbers) = (dictionary(), Numbers::default());
        let text = ObjectId::new("00000000000000000000000000000000");
        let number = numbers.number(&connection, &text).unwrap();
        assert_eq!(numbers.number(&connection, &text).unwrap(), number);
        assert_eq!(numbers.recent(&text), None);
    }
}
