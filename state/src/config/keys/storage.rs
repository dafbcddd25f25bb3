//! Where threads, histories and logs are kept. None of it is read yet.

use super::known::{Known, Section, unread};

const FILES: &str = "places of files";
const GIT: &str = "git";
const THREADS: &str = "threads kept elsewhere";

pub(super) const SECTION: Section = Section { name: "Storage", keys: KEYS, read: None };

const KEYS: &[Known] = &[
    unread("commit_attribution", GIT),
    unread("debug", FILES),
    unread("history", FILES),
    unread("log_dir", FILES),
    unread("sqlite_home", FILES),
    unread("experimental_thread_config_endpoint", THREADS),
    unread("experimental_thread_store", THREADS),
    unread("experimental_thread_store_endpoint", THREADS),
];
