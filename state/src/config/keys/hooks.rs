//! Programs of the user's that are to be told of something. None of it is read yet.

use super::known::{Known, Section, unread};

const HOOKS: &str = "hooks";
const NOTIFICATIONS: &str = "notifications";

pub(super) const SECTION: Section = Section { name: "Hooks", keys: KEYS, read: None };

const KEYS: &[Known] = &[unread("hooks", HOOKS), unread("notify", NOTIFICATIONS)];
