//! The first lines of a session: what this is, which model, which folder.

use quire_state::Model;
use ratatui::style::Style;

use super::Look;
use crate::text::{Rows, Spans, blank, line, literal, span, truncate_line};

/// The lines.
pub(crate) fn rows(model: &Model, look: Look<'_>) -> Rows {
    let theme = look.theme;
    let provider = model.config.providers.get(&model.config.provider);
    let mut server = vec![literal("  model   ", theme.dim), span(&model.config.model, Style::new())];
    if let Some(effort) = &model.config.effort {
        server.push(span(&format!(" {effort}"), Style::new()));
    }
    let name = provider.map_or(model.config.provider.as_str(), |provider| provider.name.as_str());
    server.push(span(&format!(" · {name}"), theme.dim));
    let mut folder: Spans = vec![literal("  folder  ", theme.dim), span(&model.host.cwd_short, Style::new())];
    if let Some(branch) = &model.host.branch {
        folder.push(span(&format!(" · {branch}"), theme.dim));
    }
    let version = format!(" {}", model.version);
    let title = vec![literal("›_ ", theme.prompt), literal("Quire", theme.strong), span(&version, theme.dim)];
    let mut rows: Rows = [title, server, folder].into_iter().map(|row| truncate_line(row, look.width)).collect();
    if provider.is_some_and(|provider| provider.is_demo) {
        let words = "  This is the built-in offline model: a scripted demonstration.";
        rows.push(truncate_line(vec![literal(words, theme.dim)], look.width));
    }
    if model.engine.thread().is_none_or(|thread| thread.items.is_empty()) {
        rows.push(blank());
        let words = "  Say what you want done. Commands are asked for before they run.";
        rows.extend(crate::text::wrap(&[literal(words, theme.dim)], look.width).into_iter().map(line));
    }
    rows
}
