//! The index: summaries of session files in SQLite, each with the size and time of the file that it was made from.
//!
//! Nothing is ever only here. An index that is missing, damaged or of another version is set aside and built anew
//! from the files; every failure here means only that files are read instead.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use quire_files::{Folder, Kind, Links, limits};
use quire_state::key::ThreadId;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, params};

use super::{list::ThreadSummary, place, scan::Stat};

/// Version of the tables.
const VERSION: i64 = 1;
/// How long to wait for another process, in milliseconds. Going without costs less than waiting long.
const BUSY_MS: u64 = 200;
/// How many set-aside files are kept.
const SET_ASIDE: u32 = 100;

/// Endings of what SQLite keeps beside its file.
pub(super) const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

const TABLES: &str = "
    CREATE TABLE threads (
        path TEXT PRIMARY KEY,
        changed_ns INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        id TEXT NOT NULL,
        cwd TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        title TEXT,
        model TEXT,
        provider TEXT NOT NULL,
        source TEXT NOT NULL,
        tokens INTEGER NOT NULL
    ) WITHOUT ROWID;
";
const SELECT: &str =
    "SELECT path, changed_ns, bytes, id, cwd, created_ms, title, model, provider, source, tokens FROM threads";
const INSERT: &str = "INSERT OR REPLACE INTO threads VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// The open index.
#[derive(Debug)]
pub(crate) struct Index {
    connection: Connection,
}

/// Summaries by path, with the size and time of the file that they hold for.
pub(crate) type Summaries = HashMap<String, (Stat, ThreadSummary)>;

/// Why an index cannot be used.
enum Trouble {
    /// It is damaged or of another version: a new one can take its place.
    Unfit,
    /// It is in use, or cannot be written here.
    Unreachable,
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::DiskFull
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory,
            ) => Self::Unreachable,
            _ => Self::Unfit,
        }
    }
}

impl Index {
    /// Opens the index of a home, making it when needed. `None` where there cannot be one now.
    pub(crate) fn open(home: &Path) -> Option<Self> {
        Self::open_and(home, |_| Ok(())).map(|(index, ())| index)
    }

    /// Opens the index and reads it whole.
    pub(crate) fn load(home: &Path) -> Option<(Self, Summaries)> {
        Self::open_and(home, Self::all)
    }

    fn open_and<T>(home: &Path, read: impl Fn(&Self) -> Result<T, Trouble>) -> Option<(Self, T)> {
        let path = place::index(home);
        let open = || {
            let index = Self::try_open(&path)?;
            let value = read(&index)?;
            Ok((index, value))
        };
        match open() {
            Ok(opened) => Some(opened),
            Err(Trouble::Unreachable) => None,
            Err(Trouble::Unfit) => {
                set_aside(&path)?;
                open().ok()
            }
        }
    }

    fn try_open(path: &Path) -> Result<Self, Trouble> {
        // SQLite would make the file by the umask; its other files take after this one.
        let file = place::open_for_append(path).map_err(|_| Trouble::Unreachable)?;
        let size = file.metadata().map_err(|_| Trouble::Unreachable)?.len();
        let (folder, name) = Folder::above(path, Links::Follow).map_err(|_| Trouble::Unreachable)?;
        for ending in BESIDE {
            let mut beside = name.clone();
            beside.push(ending);
            if folder.look(&beside).map_err(|_| Trouble::Unreachable)?.is_some_and(|facts| facts.kind != Kind::File) {
                return Err(Trouble::Unreachable);
            }
        }
        if size > limits::INDEX {
            return Err(Trouble::Unfit);
        }
        // It takes no link anywhere on the way; a link to the home's folder is the user's own.
        let real = folder.path().canonicalize().map_err(|_| Trouble::Unreachable)?.join(name);
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        #[expect(clippy::disallowed_methods, reason = "what is there was looked at, and no link is followed")]
        let mut connection = Connection::open_with_flags(real, flags)?;
        connection.busy_timeout(Duration::from_millis(BUSY_MS))?;
        connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")?;
        let transaction = connection.transaction()?;
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        match (version, tables) {
            (0, 0) => {
                transaction.execute_batch(TABLES)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            // Preparing proves the columns; a damaged page shows when it is read.
            (VERSION, _) => drop(transaction.prepare(SELECT)?),
            _ => return Err(Trouble::Unfit),
        }
        transaction.commit()?;
        Ok(Self { connection })
    }

    fn all(&self) -> Result<Summaries, Trouble> {
        let mut statement = self.connection.prepare(SELECT)?;
        let rows = statement.query_map([], summary)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Keeps these summaries.
    pub(crate) fn put(&mut self, summaries: &[(Stat, ThreadSummary)]) {
        if summaries.is_empty() {
            return;
        }
        let _read_again_next_time = self.try_put(summaries);
    }

    fn try_put(&mut self, summaries: &[(Stat, ThreadSummary)]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        let mut insert = transaction.prepare(INSERT)?;
        for (stat, thread) in summaries {
            insert.execute(params![
                thread.path,
                stat.changed_ns,
                stat.bytes,
                thread.id.0,
                thread.cwd,
                thread.created_unix_ms,
                thread.title,
                thread.model,
                thread.provider,
                thread.source,
                i64::try_from(thread.tokens).unwrap_or(i64::MAX),
            ])?;
        }
        drop(insert);
        transaction.commit()
    }

    /// Drops the summaries of these files.
    pub(crate) fn forget(&mut self, paths: &[String]) {
        for path in paths {
            let _gone_next_time = self.connection.execute("DELETE FROM threads WHERE path = ?1", params![path]);
        }
    }
}

fn summary(row: &Row<'_>) -> rusqlite::Result<(String, (Stat, ThreadSummary))> {
    let stat = Stat { changed_ns: row.get(1)?, bytes: row.get(2)? };
    let thread = ThreadSummary {
        id: ThreadId(row.get(3)?),
        path: row.get(0)?,
        cwd: row.get(4)?,
        created_unix_ms: row.get(5)?,
        updated_unix_ms: stat.changed_ns / 1_000_000,
        title: row.get(6)?,
        name: None,
        model: row.get(7)?,
        provider: row.get(8)?,
        source: row.get(9)?,
        tokens: u64::try_from(row.get::<_, i64>(10)?).unwrap_or(0),
        bytes: u64::try_from(stat.bytes).unwrap_or(0),
    };
    Ok((thread.path.clone(), (stat, thread)))
}

/// Renames the index to a name that is free; it is never overwritten.
fn set_aside(path: &Path) -> Option<()> {
    let name = |number: u32| PathBuf::from(format!("{}.bak-{number}", path.display()));
    let free = (1..=SET_ASIDE).map(name).find(|name| name.symlink_metadata().is_err())?;
    let (folder, name) = Folder::above(path, Links::Follow).ok()?;
    folder.rename(&name, free.file_name()?).ok()?;
    // A left-over journal must not be applied to the new file.
    let mut journal = name;
    journal.push("-journal");
    let _none_there = folder.remove(journal);
    Some(())
}
