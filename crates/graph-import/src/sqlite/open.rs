//! Opening a store: every check comes before the first write.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use graph_transport::TenantId;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use super::error::Failed;
use super::ids::{signed, unsigned};
use super::lock::{self, private};
use super::schema;
use crate::store::StoreError;

/// How long a write waits for a program that is writing for a moment, a checkpoint for example.
const BUSY: Duration = Duration::from_secs(10);
/// SQLite's page cache, in KiB (a negative number says so to SQLite). Bounded memory: cases I7.
const CACHE_KIB: i64 = -6_000;
/// Pages of the write-ahead log after which it is taken over into the file, each time with two syncs of
/// the disk: 32 MiB. A page of objects alone changes hundreds of pages of the dictionary's index.
const LOG_PAGES: i64 = 8_192;
/// Bytes of the write-ahead log that stay on the disk once it has been taken over into the file.
const LOG_KEPT: i64 = 64 << 20;
/// Prepared statements that are kept: about fifteen a stream.
const STATEMENTS: usize = 256;

/// Opens a store for reading, for queries of people and programs, also while an import writes to it:
/// each transaction sees one state. Leaves a `-wal` and a `-shm` file beside the store; the next
/// import takes them away.
///
/// # Errors
/// A file that does not exist, is no store, is newer or damaged.
pub fn read_only(path: &Path) -> Result<Connection, StoreError> {
    let missing = |source| StoreError::Io { what: "open the store", path: path.to_owned(), source };
    is_file(path, &std::fs::metadata(path).map_err(missing)?)?;
    let connection = for_reading(path)?;
    match check(&connection, path)? {
        Content::Store => Ok(connection),
        Content::Nothing => {
            Err(StoreError::NotAStore { path: path.to_owned(), reason: "it is empty" })
        }
    }
}

/// SQLite would say of a directory that it cannot be opened, and take a device for an empty store.
fn is_file(path: &Path, metadata: &std::fs::Metadata) -> Result<(), StoreError> {
    if metadata.is_file() {
        return Ok(());
    }
    let reason = if metadata.is_dir() { "it is a directory" } else { "it is no regular file" };
    Err(StoreError::NotAStore { path: path.to_owned(), reason })
}

/// Opens the store if it is there, and checks that this tenant may use it; changes nothing.
pub(super) fn existing(path: &Path, tenant: &TenantId) -> Result<Option<Connection>, StoreError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(StoreError::Io { what: "open the store", path: path.to_owned(), source });
        }
        Ok(metadata) => {
            is_file(path, &metadata)?;
            if metadata.len() == 0 && !wal(path).exists() {
                return Ok(None);
            }
        }
    }
    let connection = for_inspection(path)?;
    match check(&connection, path)? {
        Content::Nothing => Ok(None),
        Content::Store => {
            check_tenant(&connection, path, tenant)?;
            Ok(Some(connection))
        }
    }
}

/// Opens or creates the store and checks it again, now that nobody else can write to it.
pub(super) fn for_writing(
    path: &Path,
    tenant: &TenantId,
    limit: Option<u64>,
) -> Result<Connection, StoreError> {
    let created = private(OpenOptions::new().write(true).create(true).truncate(false)).open(path);
    created.map_err(|source| StoreError::Io {
        what: "create the store",
        path: path.to_owned(),
        source,
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).failed("open the store", path)?;
    connection.busy_timeout(BUSY).failed("open the store", path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if check(&connection, path)? == Content::Store {
        check_tenant(&connection, path, tenant)?;
    }
    settings(&connection).failed("set up the store", path)?;
    if let Some(limit) = limit {
        bound(&connection, limit).failed("set up the store", path)?;
    }
    Ok(connection)
}

/// Keeps the file from growing beyond so many bytes; SQLite then answers as it does for a full disk.
fn bound(connection: &Connection, limit: u64) -> rusqlite::Result<()> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = (limit / unsigned(page).max(1)).max(1);
    connection.pragma_update_and_check(None, "max_page_count", signed(pages), |_| Ok(()))
}

/// Opens a store that is there for small writes beside an import, which waits for none of them long.
pub(super) fn existing_for_writing(path: &Path) -> Result<Connection, StoreError> {
    drop(read_only(path)?);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).failed("open the store", path)?;
    connection.busy_timeout(BUSY).failed("open the store", path)?;
    settings(&connection).failed("set up the store", path)?;
    Ok(connection)
}

fn settings(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_KEPT, |_| Ok(()))?;
    // In memory, the index that follows a first load would be sorted in as much of it as there are
    // edges; in a file, in as much as the cache has (cases: I7).
    connection.pragma_update(None, "temp_store", "file")
}

const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Opens the store as a reader of its write-ahead log: what a writer commits meanwhile neither
/// disturbs it nor is hidden from it. That takes a `-shm` file, so where none can be made, a store
/// that nobody writes to is opened as immutable.
fn for_reading(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, FLAGS).failed("open the store", path)?;
    connection.busy_timeout(BUSY).failed("open the store", path)?;
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Err(error) if needs_log(&error) && !is_written_to(path) => immutable(path),
        // Any other error comes again with the first check, which gives it its words.
        _ => Ok(connection),
    }
}

/// Opens the store for a moment, to look at its state before a run. One that nobody writes to is
/// opened as immutable, so that looking at it does not even leave a `-shm` file behind.
fn for_inspection(path: &Path) -> Result<Connection, StoreError> {
    if is_written_to(path) { for_reading(path) } else { immutable(path) }
}

/// Whether the file alone may not be the whole store, or may not stay as it is.
fn is_written_to(path: &Path) -> bool {
    wal(path).exists() || lock::is_being_written(path)
}

/// SQLite could not make the `-shm` file in a directory that it must not write to.
fn needs_log(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn immutable(path: &Path) -> Result<Connection, StoreError> {
    let flags = FLAGS | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(immutable_uri(path), flags).failed("open the store", path)
}

/// How long the write-ahead log is, in bytes.
pub(super) fn log_size(path: &Path) -> u64 {
    std::fs::metadata(wal(path)).map_or(0, |file| file.len())
}

fn wal(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn immutable_uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            other => uri.extend(['%', hex(other >> 4), hex(other & 15)]),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// One digit of a percent-encoded byte.
fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).expect("a nibble is below sixteen")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// No table yet: the process that created the file was killed before its first transaction.
    Nothing,
    /// A store of a version that this program knows.
    Store,
}

fn check(connection: &Connection, path: &Path) -> Result<Content, StoreError> {
    let number =
        |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let application = number("application_id").failed("read the store", path)?;
    let version = number("user_version").failed("read the store", path)?;
    let tables =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    let tables = tables.failed("read the store", path)?;
    if application == 0 && version == 0 && tables == 0 {
        return Ok(Content::Nothing);
    }
    if application != schema::APPLICATION_ID {
        return Err(StoreError::NotAStore {
            path: path.to_owned(),
            reason: "it is another program's database",
        });
    }
    if version > schema::VERSION {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found: version,
            known: schema::VERSION,
        });
    }
    Ok(Content::Store)
}

fn check_tenant(connection: &Connection, path: &Path, tenant: &TenantId) -> Result<(), StoreError> {
    let sql = "SELECT value FROM import_meta WHERE key = 'tenant_id'";
    let stored: Option<String> = connection
        .query_row(sql, [], |row| row.get(0))
        .optional()
        .failed("read the store's tenant", path)?;
    let damaged =
        || StoreError::Damaged { path: path.to_owned(), source: "it names no tenant".into() };
    let stored = stored.as_deref().and_then(TenantId::parse).ok_or_else(damaged)?;
    if stored == *tenant {
        return Ok(());
    }
    Err(StoreError::StoreOfAnotherTenant { stored, current: tenant.clone() })
}
