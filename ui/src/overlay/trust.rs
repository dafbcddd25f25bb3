//! The question about a trusted folder: what is new there, whole, before any of it is used.

use quire_state::{
    engine::ApprovalContext,
    rules::{PrefixRule, Ruling},
    screen::Trust,
    trust::{NewFile, News},
};
use ratatui::style::Style;

use super::{
    Painted, Room,
    matter::Matter,
    page::{Head, Page, twin_row},
};
use crate::{
    text::{Frame, Rows, Spans, line, literal, visible, wrap_hard},
    theme::Theme,
};

/// Paints the question; `None` when it is answered.
pub(super) fn paint(trust: &Trust, room: Room<'_>) -> Option<Painted> {
    let Room { theme, width, height: most, .. } = room;
    let news = room.model.engine.news.as_deref()?;
    let mut place = place(news, theme, width);
    let text: String = news.files.iter().map(|file| file.text.as_str()).collect();
    place.extend(twin_row(&text, theme, width));
    let reason = Frame::new(literal("", Style::new())).wrap(&[literal(reason(news), theme.dim)], width);
    let context = ApprovalContext::default();
    let Trust { question, choices } = trust;
    let page = Page { question, choices, action: None, context: &context, keymap: room.keymap, theme, width, most };
    Some(page.paint(Head { words: title(news), asking: 1 }, reason, Matter::Rows(content(news, theme, width)), place))
}

fn title(news: &News) -> &'static str {
    match (news.is_another, news.files.is_empty()) {
        (true, _) => "Trust this folder, where another repository is now?",
        (false, true) => "Drop what this project has forbidden so far?",
        (false, false) => "Use the rules of this project?",
    }
}

fn reason(news: &News) -> &'static str {
    match (news.is_another, news.files.is_empty(), news.lost.is_empty()) {
        (true, true, _) => {
            "It is not the repository that you trusted. Until you say yes, commands do not write here without asking."
        }
        (true, false, _) => {
            "It is not the repository that you trusted. With a yes, commands may write here, and what its rules allow runs \
             outside the sandbox without asking."
        }
        (false, true, _) => "You accepted these rules, and the project does not hold them any more.",
        (false, false, true) => {
            "You trust the project, and you have not seen these yet. What they allow runs outside the sandbox without \
             asking."
        }
        (false, false, false) => {
            "You trust the project, and you have not seen this yet. What it allows runs outside the sandbox without asking; \
             what it does not forbid any more is allowed again."
        }
    }
}

fn place(news: &News, theme: &Theme, width: usize) -> Rows {
    let mut spans: Spans = vec![literal("in ", theme.dim)];
    spans.extend(visible(&news.folder, Style::new(), theme.escape));
    Frame::new(literal("", Style::new())).wrap(&spans, width)
}

/// The files with their whole text, and what is not there any more.
fn content(news: &News, theme: &Theme, width: usize) -> Rows {
    let files = news.files.iter().flat_map(|file| file_rows(file, theme, width));
    let lost = news.lost.iter().flat_map(|rule| lost_rows(rule, theme, width));
    files.chain(lost).collect()
}

fn file_rows(file: &NewFile, theme: &Theme, width: usize) -> Rows {
    let word = if file.is_changed { "changed  " } else { "new  " };
    let mut head: Spans = vec![literal(word, theme.warning)];
    head.extend(visible(&file.name, theme.strong, theme.escape));
    let mut rows = Frame::new(literal("", Style::new())).wrap(&head, width);
    let sign = || literal("│ ", theme.dim);
    let room = Frame::new(sign()).room(width);
    let text = file.text.strip_suffix('\n').unwrap_or(&file.text);
    for each in text.split('\n') {
        for part in wrap_hard(&visible(each, Style::new(), theme.escape), room) {
            let mut row: Spans = vec![sign()];
            row.extend(part);
            rows.push(line(row));
        }
    }
    rows
}

fn lost_rows(rule: &PrefixRule, theme: &Theme, width: usize) -> Rows {
    let word = match rule.ruling {
        Ruling::Allow => "no longer allows  ",
        Ruling::Prompt => "no longer asks about  ",
        Ruling::Forbidden => "no longer forbids  ",
    };
    let words: Vec<String> = rule.pattern.iter().map(|words| words.join("|")).collect();
    let mut spans: Spans = vec![literal(word, theme.warning)];
    spans.extend(visible(&words.join(" "), Style::new(), theme.escape));
    Frame::new(literal("", Style::new())).wrap(&spans, width)
}
