//! Logins, analytics and feedback. None of it is read yet.

use super::known::{Known, Section, unread};

const LOGIN: &str = "logins";
const REPORTS: &str = "reports and updates";

pub(super) const SECTION: Section = Section { name: "Account", keys: KEYS, read: None };

const KEYS: &[Known] = &[
    unread("chatgpt_base_url", LOGIN),
    unread("cli_auth_credentials_store", LOGIN),
    unread("forced_chatgpt_workspace_id", LOGIN),
    unread("forced_login_method", LOGIN),
    unread("analytics", REPORTS),
    unread("check_for_update_on_startup", REPORTS),
    unread("feedback", REPORTS),
    unread("otel", REPORTS),
];
