//! A record as a line of a session file.

use std::borrow::Cow;

use jiff::Timestamp;
use quire_state::{
    item::Usage,
    rollout::{AuditRecord, RolloutItem, RolloutLine, SessionMeta, TurnContext},
};
use quire_wire::rollout::{self as wire, Line, Piece, TurnItem, kind};
use serde::Serialize;
use serde_json::Value;

use super::commands;
use crate::model::items::to_wire;

/// How a file wants its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As every version of the Codex CLI reads and writes them. What we begin is of this kind.
    Plain,
    /// History mode `paginated`: lines are numbered, and messages and reasoning are told as completed items. Only
    /// continued: the Codex CLI refuses such a file when a line lacks its number.
    Numbered {
        /// The next line's number.
        next: u64,
        /// Thread id.
        thread: String,
        /// Id of the turn that runs.
        turn: String,
    },
}

/// Appends the record's line, line end included, to `out`.
pub(crate) fn encode(stamped: &RolloutLine, style: &mut Style, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let mut writer = LineWriter { stamped, style, out };
    match &stamped.item {
        RolloutItem::Meta(meta) => writer.line(kind::SESSION_META, &session_meta(meta)),
        RolloutItem::TurnContext(context) => writer.line(kind::TURN_CONTEXT, &turn_context(context)),
        RolloutItem::History(item) => writer.line(kind::RESPONSE_ITEM, &to_wire(item)),
        RolloutItem::Compacted { message, replacement } => {
            let items = replacement.iter().map(|item| serde_json::to_value(to_wire(item)));
            let replacement_history = items.collect::<serde_json::Result<Vec<Value>>>()?;
            let payload = wire::Compacted { message: message.into(), replacement_history: Some(replacement_history) };
            writer.line(kind::COMPACTED, &payload)
        }
        RolloutItem::Command(command) => writer.command(command),
        RolloutItem::TurnStarted { .. }
        | RolloutItem::UserMessage { .. }
        | RolloutItem::AgentMessage { .. }
        | RolloutItem::AgentReasoning { .. }
        | RolloutItem::TokenCount { .. }
        | RolloutItem::TurnCompleted { .. }
        | RolloutItem::TurnAborted { .. }
        | RolloutItem::RolledBack { .. }
        | RolloutItem::TurnError { .. } => event(&mut writer, &stamped.item),
    }
}

/// Writes the one line of a record.
struct LineWriter<'a> {
    stamped: &'a RolloutLine,
    style: &'a mut Style,
    out: &'a mut Vec<u8>,
}

impl LineWriter<'_> {
    fn line(&mut self, kind: &str, payload: &impl Serialize) -> serde_json::Result<()> {
        let timestamp = Cow::Owned(instant(self.stamped.unix_ms));
        let ordinal = match self.style {
            Style::Plain => None,
            Style::Numbered { next, .. } => {
                *next += 1;
                Some(*next - 1)
            }
        };
        let item_id = self.stamped.shown_as.map(|id| id.0);
        serde_json::to_writer(&mut *self.out, &Line { timestamp, ordinal, kind: kind.into(), item_id, payload })?;
        self.out.push(b'\n');
        Ok(())
    }

    fn command(&mut self, command: &AuditRecord) -> serde_json::Result<()> {
        let Style::Numbered { thread, .. } = &*self.style else {
            return self.line(kind::EVENT_MSG, &commands::event(command));
        };
        let (thread_id, turn_id) = (Cow::Owned(thread.clone()), Cow::Borrowed(command.turn.as_str()));
        self.line(kind::EVENT_MSG, &wire::ItemCompleted { thread_id, turn_id, item: commands::item(command) })
    }

    /// A message or reasoning: as an event of its own, or as a completed item.
    fn told<'a>(
        &mut self,
        event: &impl Serialize,
        item: impl FnOnce(Cow<'a, str>) -> TurnItem<'a>,
    ) -> serde_json::Result<()> {
        let Style::Numbered { next, thread, turn } = &*self.style else { return self.line(kind::EVENT_MSG, event) };
        let item = item(Cow::Owned(format!("{turn}-{next}")));
        let (thread_id, turn_id) = (Cow::Owned(thread.clone()), Cow::Owned(turn.clone()));
        self.line(kind::EVENT_MSG, &wire::ItemCompleted { thread_id, turn_id, item })
    }
}

fn event(writer: &mut LineWriter<'_>, record: &RolloutItem) -> serde_json::Result<()> {
    let unix_s = writer.stamped.unix_ms.div_euclid(1000);
    match record {
        RolloutItem::TurnStarted { turn, context_window } => {
            if let Style::Numbered { turn: current, .. } = &mut *writer.style {
                turn.clone_into(current);
            }
            let payload = wire::TaskStarted {
                turn_id: turn.into(),
                started_at: Some(unix_s),
                model_context_window: *context_window,
                collaboration_mode_kind: "default".into(),
            };
            writer.line(kind::EVENT_MSG, &payload)
        }
        RolloutItem::UserMessage { text, images } => {
            let event = wire::UserMessage {
                message: text.into(),
                images: Some(images.clone()),
                ..wire::UserMessage::default()
            };
            let text = Piece::UserText { text: text.into(), text_elements: [] };
            let images = images.iter().map(|url| Piece::Image { image_url: url.clone() });
            let content = std::iter::once(text).chain(images).collect();
            writer.told(&event, |id| TurnItem::UserMessage { id, content })
        }
        RolloutItem::AgentMessage { text, phase } => {
            let phase: Option<Cow<'_, str>> = phase.as_ref().map(Into::into);
            let event = wire::AgentMessage { message: Cow::Borrowed(text), phase: phase.clone() };
            let content = vec![Piece::Text { text: Cow::Borrowed(text) }];
            writer.told(&event, |id| TurnItem::AgentMessage { id, content, phase })
        }
        RolloutItem::AgentReasoning { text } => {
            let event = wire::AgentReasoning { text: text.into() };
            let summary_text = vec![text.into()];
            writer.told(&event, |id| TurnItem::Reasoning { id, summary_text, raw_content: Vec::new() })
        }
        RolloutItem::TokenCount { total, last, context_window } => {
            let info = wire::TokenInfo {
                total_token_usage: usage(*total),
                last_token_usage: usage(*last),
                model_context_window: *context_window,
            };
            writer.line(kind::EVENT_MSG, &wire::TokenCount { info: Some(info), rate_limits: () })
        }
        RolloutItem::TurnCompleted { turn, last_message, duration_ms } => {
            let payload = wire::TaskComplete {
                turn_id: turn.into(),
                last_agent_message: last_message.as_deref().map(Into::into),
                error: None,
                completed_at: Some(unix_s),
                duration_ms: Some(*duration_ms),
            };
            writer.line(kind::EVENT_MSG, &payload)
        }
        RolloutItem::TurnAborted { turn, reason } => {
            let payload = wire::TurnAborted { turn_id: Some(turn.into()), reason: reason.into() };
            writer.line(kind::EVENT_MSG, &payload)
        }
        RolloutItem::RolledBack { messages } => {
            writer.line(kind::EVENT_MSG, &wire::ThreadRolledBack { num_turns: *messages })
        }
        RolloutItem::TurnError { message } => {
            writer.line(kind::EVENT_MSG, &wire::ErrorEvent { message: message.into() })
        }
        RolloutItem::Meta(_)
        | RolloutItem::TurnContext(_)
        | RolloutItem::History(_)
        | RolloutItem::Command(_)
        | RolloutItem::Compacted { .. } => Ok(()),
    }
}

fn session_meta(meta: &SessionMeta) -> wire::SessionMeta<'_> {
    wire::SessionMeta {
        id: (&meta.id.0).into(),
        forked_from_id: meta.forked_from.as_ref().map(|thread| (&thread.0).into()),
        forked_from_ordinal_exclusive: None,
        timestamp: instant(meta.started_unix_ms).into(),
        cwd: (&meta.cwd).into(),
        originator: (&meta.originator).into(),
        cli_version: (&meta.cli_version).into(),
        source: Value::String(meta.source.clone()),
        model_provider: Some((&meta.model_provider).into()),
        base_instructions: meta.instructions.as_ref().map(|text| wire::BaseInstructions { text: text.into() }),
        history_mode: None,
    }
}

fn turn_context(context: &TurnContext) -> wire::TurnContext<'_> {
    let is_workspace = context.sandbox_mode == "workspace-write";
    wire::TurnContext {
        turn_id: Some((&context.turn).into()),
        cwd: (&context.cwd).into(),
        current_date: Some((&context.date).into()),
        timezone: Some((&context.timezone).into()),
        approval_policy: Value::String(context.approval_policy.clone()),
        sandbox_policy: Some(wire::SandboxPolicy {
            mode: context.sandbox_mode.clone(),
            writable_roots: is_workspace.then(Vec::new),
            network_access: is_workspace.then_some(Value::Bool(false)),
            exclude_tmpdir_env_var: is_workspace.then_some(false),
            exclude_slash_tmp: is_workspace.then_some(false),
        }),
        model: (&context.model).into(),
        effort: context.effort.as_ref().map(Into::into),
        summary: Some(context.summary.as_ref().map_or("none".into(), Into::into)),
        provider_origin: context.origin.as_ref().map(Into::into),
    }
}

fn usage(usage: Usage) -> wire::TokenUsage {
    wire::TokenUsage {
        input_tokens: usage.input_tokens,
        cached_input_tokens: usage.cached_input_tokens,
        output_tokens: usage.output_tokens,
        reasoning_output_tokens: usage.reasoning_output_tokens,
        total_tokens: usage.total_tokens,
    }
}

/// A time as RFC 3339 in UTC with milliseconds.
pub(super) fn instant(unix_ms: i64) -> String {
    format!("{:.3}", Timestamp::from_millisecond(unix_ms).unwrap_or_default())
}
