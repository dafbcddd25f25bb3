//! What the model is told about the machine, before the user's words: permissions, instruction files, environment.

use crate::{
    config::ApprovalPolicy,
    engine::{Ctx, Thread, prompt, user_shell},
    history::{HistoryItem, Part, Role},
    policy::{self, Network},
};

/// Adds the context messages to the conversation when they differ from the last ones that it holds.
pub fn refresh(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let unix_ms = ctx.clock.unix_ms;
    let mut developer = vec![Part::Text(permissions(ctx))];
    developer.extend(prompt::personality(&ctx.settings.config).map(Part::Text));
    developer.extend(ctx.settings.config.developer_instructions.clone().map(Part::Text));
    let mut user: Vec<Part> = documents(ctx).into_iter().map(Part::Text).collect();
    user.push(Part::Text(environment(ctx)));
    for (role, content) in [(Role::Developer, developer), (Role::User, user)] {
        if last_context(thread, role) != Some(&content) {
            let message = HistoryItem::Message { id: None, role, content, phase: None };
            thread.push_history(unix_ms, message);
        }
    }
}

/// The newest context message of this role in the conversation.
fn last_context(thread: &Thread, wanted: Role) -> Option<&Vec<Part>> {
    thread.history.iter().rev().find_map(|item| match item.as_ref() {
        HistoryItem::Message { role, content, .. } if *role == wanted => match content.first() {
            Some(Part::Text(text))
                if is_context(text) && !text.starts_with(ABORTED_TAG) && !text.starts_with(user_shell::TAG) =>
            {
                Some(content)
            }
            Some(Part::Text(_) | Part::Image { .. }) | None => None,
        },
        HistoryItem::Message { .. }
        | HistoryItem::Reasoning { .. }
        | HistoryItem::Call { .. }
        | HistoryItem::Output { .. }
        | HistoryItem::Opaque(_) => None,
    })
}

/// How a message about a stopped turn begins.
const ABORTED_TAG: &str = "<turn_aborted>";

/// Whether a user message is context of ours (or of the Codex CLI) and not a user's words.
pub fn is_context(text: &str) -> bool {
    [
        "<environment_context>",
        "# AGENTS.md instructions",
        "<user_instructions>",
        ABORTED_TAG,
        user_shell::TAG,
        crate::engine::undo::words::MARK,
        "<permissions instructions>",
    ]
    .iter()
    .any(|mark| text.trim_start().starts_with(mark))
}

fn permissions(ctx: &Ctx<'_>) -> String {
    let sandbox = sandbox(ctx);
    let asking = match (ctx.settings.can_ask(), ctx.settings.config.approval) {
        (false, _) | (true, ApprovalPolicy::Never) => {
            "No approvals can be given: a command that would need one is refused, and you are told so."
        }
        (true, ApprovalPolicy::Untrusted) => {
            "The user is asked about every command that is not known to only read. They may decline it and say why."
        }
        (true, ApprovalPolicy::OnFailure | ApprovalPolicy::OnRequest) => {
            "Commands run in the sandbox without asking. One that needs more sets sandbox_permissions to \
             require_escalated and says why in justification; the user may accept it or decline it, and may say why. \
             Ask for that only when the sandbox really is in the way."
        }
    };
    format!(
        "<permissions instructions>\nsandbox_mode: {}\napproval_policy: {}\n{sandbox} {asking}\n</permissions instructions>",
        ctx.settings.config.sandbox.as_str(),
        ctx.settings.config.approval.as_str(),
    )
}

/// How far commands reach.
fn sandbox(ctx: &Ctx<'_>) -> String {
    let Some(plan) = policy::plan(&ctx.settings.config, &ctx.settings.host, &ctx.settings.host.cwd) else {
        return "Commands run with the user's own rights, without a sandbox.".to_owned();
    };
    let network = match plan.network {
        Network::Off => "The network is off; a command reaches only what it starts itself.",
        Network::On => "The network is on.",
    };
    let paths: Vec<&str> = plan.roots.iter().map(|root| root.path.as_str()).collect();
    let write = if paths.is_empty() {
        "Commands run in a sandbox: they read files and write none.".to_owned()
    } else {
        format!(
            "Commands run in a sandbox: they read files and write only below {}. In each of these, .git, .codex and \
             .agents stay as they are. Patches may change files there too.",
            paths.join(", ")
        )
    };
    format!("{write} {network}")
}

fn documents(ctx: &Ctx<'_>) -> Option<String> {
    if ctx.settings.host.documents.is_empty() {
        return None;
    }
    let mut text = String::new();
    for (at, document) in ctx.settings.host.documents.iter().enumerate() {
        if at > 0 {
            text.push_str("\n\n");
        }
        if at > 0 && ctx.settings.host.documents[at - 1].is_global {
            text.push_str("--- project-doc ---\n\n");
        }
        text.push_str(document.text.trim_end());
    }
    Some(format!("# AGENTS.md instructions for {}\n\n<INSTRUCTIONS>\n{text}\n</INSTRUCTIONS>", ctx.settings.host.cwd))
}

fn environment(ctx: &Ctx<'_>) -> String {
    let shell = ctx.settings.host.shell.rsplit('/').next().unwrap_or(&ctx.settings.host.shell);
    format!(
        "<environment_context>\n  <cwd>{}</cwd>\n  <shell>{shell}</shell>\n  <current_date>{}</current_date>\n  <timezone>{}</timezone>\n</environment_context>",
        ctx.settings.host.cwd,
        date(ctx),
        ctx.settings.host.timezone,
    )
}

/// Today's date at the user's place, yyyy-mm-dd.
pub fn date(ctx: &Ctx<'_>) -> String {
    let seconds = ctx.clock.unix_ms.div_euclid(1000) + i64::from(ctx.settings.host.utc_offset_s);
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a day number since 1970-01-01 (proleptic Gregorian; Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(20_779), (2026, 11, 22));
        assert_eq!(civil(47_540), (2100, 2, 28));
    }
}
