//! A line of a session file as records. Lines of other programs and versions are read for what they tell.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use quire_state::{
    item::Usage,
    key::{ItemId, ThreadId},
    rollout::{RolloutItem, RolloutLine, SessionMeta, TurnContext},
};
use quire_wire::rollout::{self as wire, Head, Line, Piece, TurnItem, kind};
use serde::Deserialize;
use serde_json::Value;

use crate::{json, model::items::item_from_value};

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineOutcome {
    /// Its records were added.
    Read,
    /// A line that holds nothing which a session needs.
    Ignored,
    /// A line that is torn, damaged or of a type that we do not know.
    Skipped,
}

/// What a line was, beside its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// What became of it.
    pub(crate) outcome: LineOutcome,
    /// Its number, in numbered files.
    pub(crate) ordinal: Option<u64>,
}

/// Reads one line, without its line end, and adds its records to `out`.
pub(crate) fn decode(line: &[u8], out: &mut Vec<RolloutLine>) -> Seen {
    // Of a line that is too much as a whole, its beginning is no line of ours either.
    let head = (!json::is_heavy(line)).then(|| serde_json::from_slice::<Head<'_>>(line).ok()).flatten();
    let Some(head) = head else {
        return Seen { outcome: LineOutcome::Skipped, ordinal: None };
    };
    let shown_as = head.item_id.0.map(ItemId);
    let mut reader = LineReader { line, unix_ms: instant(&head.timestamp), shown_as, out };
    let outcome = match &*head.kind {
        kind::SESSION_META => {
            reader.one(|meta: wire::SessionMeta<'_>| Some(RolloutItem::Meta(Box::new(session_meta(meta)))))
        }
        kind::TURN_CONTEXT => {
            reader.one(|context: wire::TurnContext<'_>| Some(RolloutItem::TurnContext(Box::new(turn_context(context)))))
        }
        kind::RESPONSE_ITEM => reader.one(|item: Value| Some(RolloutItem::History(Arc::new(item_from_value(item))))),
        kind::COMPACTED => reader.one(|compacted: wire::Compacted<'_>| {
            let items = compacted.replacement_history.unwrap_or_default().into_iter();
            let replacement = items.map(|item| Arc::new(item_from_value(item))).collect();
            Some(RolloutItem::Compacted { message: compacted.message.into_owned(), replacement })
        }),
        kind::EVENT_MSG => event(&head.payload.kind, &mut reader),
        // What the Codex CLI keeps for itself.
        "world_state" | "token_usage_record" | "session_state" | "ghost_snapshot" => Some(LineOutcome::Ignored),
        _ => None,
    };
    Seen { outcome: outcome.unwrap_or(LineOutcome::Skipped), ordinal: head.ordinal }
}

struct LineReader<'a> {
    line: &'a [u8],
    unix_ms: i64,
    shown_as: Option<ItemId>,
    out: &'a mut Vec<RolloutLine>,
}

impl<'a> LineReader<'a> {
    fn payload<P: Deserialize<'a>>(&self) -> Option<P> {
        serde_json::from_slice::<Line<'a, P>>(self.line).ok().map(|line| line.payload)
    }

    fn push(&mut self, record: RolloutItem) {
        self.out.push(RolloutLine { unix_ms: self.unix_ms, item: record, shown_as: self.shown_as });
    }

    /// Reads the payload as `P` and adds its record, if it has one. `None` for a payload that is no `P`.
    fn one<P: Deserialize<'a>>(&mut self, record: impl FnOnce(P) -> Option<RolloutItem>) -> Option<LineOutcome> {
        let Some(record) = record(self.payload()?) else { return Some(LineOutcome::Ignored) };
        self.push(record);
        Some(LineOutcome::Read)
    }
}

fn event(kind: &str, reader: &mut LineReader<'_>) -> Option<LineOutcome> {
    match kind {
        "task_started" | "turn_started" => reader.one(|event: wire::TaskStarted<'_>| {
            Some(RolloutItem::TurnStarted {
                turn: event.turn_id.into_owned(),
                context_window: event.model_context_window,
            })
        }),
        "user_message" => reader.one(|event: wire::UserMessage<'_>| {
            let images = event.images.unwrap_or_default();
            Some(RolloutItem::UserMessage { text: event.message.into_owned(), images })
        }),
        "agent_message" => reader.one(|event: wire::AgentMessage<'_>| {
            Some(RolloutItem::AgentMessage { text: event.message.into(), phase: event.phase.map(Cow::into_owned) })
        }),
        "agent_reasoning" => reader
            .one(|event: wire::AgentReasoning<'_>| Some(RolloutItem::AgentReasoning { text: event.text.into_owned() })),
        "token_count" => reader.one(|event: wire::TokenCount| {
            let info = event.info?;
            Some(RolloutItem::TokenCount {
                total: usage(info.total_token_usage),
                last: usage(info.last_token_usage),
                context_window: info.model_context_window,
            })
        }),
        "task_complete" | "turn_complete" => turn_completed(reader),
        "turn_aborted" => reader.one(|event: wire::TurnAborted<'_>| {
            let turn = event.turn_id.unwrap_or_default().into_owned();
            Some(RolloutItem::TurnAborted { turn, reason: event.reason.into_owned() })
        }),
        "thread_rolled_back" => {
            reader.one(|event: wire::ThreadRolledBack| Some(RolloutItem::RolledBack { messages: event.num_turns }))
        }
        "error" => reader
            .one(|event: wire::ErrorEvent<'_>| Some(RolloutItem::TurnError { message: event.message.into_owned() })),
        "item_completed" => item_completed(reader),
        // Told by other lines as well, or of no use to a resumed session.
        "patch_apply_end"
        | "thread_settings_applied"
        | "exec_command_end"
        | "mcp_tool_call_end"
        | "web_search_end"
        | "agent_reasoning_raw_content"
        | "context_compacted"
        | "thread_name_updated"
        | "entered_review_mode"
        | "exited_review_mode"
        | "turn_diff"
        | "plan_update" => Some(LineOutcome::Ignored),
        _ => None,
    }
}

fn turn_completed(reader: &mut LineReader<'_>) -> Option<LineOutcome> {
    let event: wire::TaskComplete<'_> = reader.payload()?;
    if let Some(error) = event.error {
        reader.push(RolloutItem::TurnError { message: error.message.into_owned() });
    }
    reader.push(RolloutItem::TurnCompleted {
        turn: event.turn_id.into_owned(),
        last_message: event.last_agent_message.map(Into::into),
        duration_ms: event.duration_ms.unwrap_or(0),
    });
    Some(LineOutcome::Read)
}

/// A completed item stands for the event that older versions write. Commands, patches and the rest are told by the
/// conversation's own items.
fn item_completed(reader: &mut LineReader<'_>) -> Option<LineOutcome> {
    let head: wire::ItemCompleted<'_, wire::ItemHead> = reader.payload()?;
    if !head.item.is_known() {
        return Some(LineOutcome::Ignored);
    }
    let event: wire::ItemCompleted<'_, TurnItem<'_>> = reader.payload()?;
    match event.item {
        TurnItem::UserMessage { content, .. } => {
            let (text, images) = pieces(content);
            reader.push(RolloutItem::UserMessage { text, images });
        }
        TurnItem::AgentMessage { content, phase, .. } => {
            let (text, _) = pieces(content);
            reader.push(RolloutItem::AgentMessage { text: text.into(), phase: phase.map(Cow::into_owned) });
        }
        TurnItem::Reasoning { summary_text, .. } => {
            for text in summary_text {
                reader.push(RolloutItem::AgentReasoning { text: text.into_owned() });
            }
        }
    }
    Some(LineOutcome::Read)
}

fn pieces(content: Vec<Piece<'_>>) -> (String, Vec<Arc<str>>) {
    let (mut texts, mut images) = (Vec::new(), Vec::new());
    for piece in content {
        match piece {
            Piece::Text { text } | Piece::UserText { text, .. } => texts.push(text.into_owned()),
            Piece::Image { image_url } => images.push(image_url),
            Piece::Other => {}
        }
    }
    let text = if texts.len() == 1 { texts.swap_remove(0) } else { texts.join("\n") };
    (text, images)
}

/// The meta line in our shape.
pub(crate) fn session_meta(meta: wire::SessionMeta<'_>) -> SessionMeta {
    SessionMeta {
        id: ThreadId(meta.id.into_owned()),
        started_unix_ms: instant(&meta.timestamp),
        cwd: meta.cwd.into_owned(),
        originator: meta.originator.into_owned(),
        cli_version: meta.cli_version.into_owned(),
        source: name(meta.source),
        model_provider: meta.model_provider.unwrap_or_default().into_owned(),
        instructions: meta.base_instructions.map(|instructions| instructions.text.into_owned()),
        forked_from: meta.forked_from_id.map(|id| ThreadId(id.into_owned())),
    }
}

fn turn_context(context: wire::TurnContext<'_>) -> TurnContext {
    TurnContext {
        turn: context.turn_id.unwrap_or_default().into_owned(),
        cwd: context.cwd.into_owned(),
        date: context.current_date.unwrap_or_default().into_owned(),
        timezone: context.timezone.unwrap_or_default().into_owned(),
        approval_policy: name(context.approval_policy),
        sandbox_mode: context.sandbox_policy.map(|policy| policy.mode).unwrap_or_default(),
        model: context.model.into_owned(),
        effort: context.effort.map(Cow::into_owned),
        summary: context.summary.filter(|summary| summary != "none").map(Cow::into_owned),
        origin: context.provider_origin.map(Cow::into_owned),
    }
}

/// The name in a field that holds either a name or an object under its name.
fn name(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Object(map) => map.into_iter().next().map(|(key, _)| key).unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => String::new(),
    }
}

fn usage(usage: wire::TokenUsage) -> Usage {
    Usage {
        input_tokens: usage.input_tokens,
        cached_input_tokens: usage.cached_input_tokens,
        output_tokens: usage.output_tokens,
        reasoning_output_tokens: usage.reasoning_output_tokens,
        total_tokens: usage.total_tokens,
    }
}

fn instant(text: &str) -> i64 {
    text.parse::<Timestamp>().map_or(0, Timestamp::as_millisecond)
}
