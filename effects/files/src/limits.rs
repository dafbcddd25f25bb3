//! The most that is read of each kind of file, in bytes, and of each kind of folder, in entries.

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// A configuration file.
pub const CONFIG: u64 = 4 * MIB;
/// A file of rules for commands.
pub const RULES: u64 = MIB;
/// An instruction file; what is used of it is less.
pub const INSTRUCTIONS: u64 = 16 * MIB;
/// `auth.json`.
pub const AUTH: u64 = MIB;
/// Certificates.
pub const CERTIFICATES: u64 = 4 * MIB;
/// A one-line file of git: `.git`, `HEAD`, `commondir`, `gitdir`.
pub const POINTER: u64 = 64 * KIB;
/// `.gitignore`, `.git/info/exclude` and the user's own. A larger one is not applied.
pub const IGNORE: u64 = 128 * KIB;
/// A theme for source code.
pub const THEME: u64 = MIB;
/// A draft that comes back from an editor.
pub const DRAFT: u64 = 16 * MIB;
/// An image.
pub const IMAGE: u64 = 32 * MIB;
/// A script that a command names and that is watched.
pub const WATCHED: u64 = 256 * MIB;
/// What is read of the end of `history.jsonl`.
pub const HISTORY: u64 = 16 * MIB;
/// A session file, which is read bit by bit.
pub const SESSION: u64 = 1024 * MIB;
/// `session_index.jsonl`, which is read bit by bit.
pub const NAMES: u64 = 64 * MIB;
/// The index of sessions.
pub const INDEX: u64 = 1024 * MIB;
/// The journal of a thread's changes.
pub const JOURNAL: u64 = 64 * MIB;
/// A script of the scripted model, and a file that it includes.
pub const SCRIPT: u64 = 64 * MIB;
/// A recording that is replayed.
pub const RECORDING: u64 = 1024 * MIB;
/// A record of reserved names.
pub const RESERVED: u64 = MIB;
/// The schema of an answer.
pub const SCHEMA: u64 = MIB;
/// A file of the system: time zones, `/proc`.
pub const SYSTEM: u64 = 16 * MIB;

/// Entries of a folder of rules.
pub const RULES_FILES: usize = 10_000;
/// Entries of a folder of session files.
pub const SESSIONS: usize = 1_000_000;
/// Entries of any other folder of the home or the system.
pub const ENTRIES: usize = 100_000;
