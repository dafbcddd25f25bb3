//! Running text: emphasis, code, links and line breaks become styled spans.

use pulldown_cmark::{Event, Tag, TagEnd};
use ratatui::style::{Modifier, Style};

use crate::{
    text::{Spans, literal, span},
    theme::Theme,
};

/// Collects the spans of one block, line by line.
#[derive(Debug, Default)]
pub(crate) struct Inline {
    lines: Vec<Spans>,
    /// Text of one style that is still growing.
    run: String,
    run_style: Style,
    base: Style,
    bold: usize,
    italic: usize,
    struck: usize,
    /// Open links: address, and what their text is so far.
    links: Vec<(String, String)>,
}

impl Inline {
    /// Whether there is nothing to paint.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.run.is_empty()
    }

    /// Sets the style that everything starts from.
    pub(crate) fn set_base(&mut self, base: Style) {
        self.base = base;
    }

    /// The lines so far; the next block starts empty.
    pub(crate) fn take(&mut self) -> Vec<Spans> {
        self.close_run();
        std::mem::take(&mut self.lines)
    }

    /// Takes an event of running text. Gives back whether it was one.
    pub(crate) fn event(&mut self, event: &Event<'_>, theme: &Theme) -> bool {
        match event {
            Event::Text(text) => self.text(text, self.style()),
            Event::Code(text) => self.text(text, self.style().patch(theme.code)),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(text, self.style().patch(theme.code)),
            Event::InlineHtml(html) if is_break(html) => self.line_end(),
            Event::InlineHtml(html) | Event::Html(html) => self.html(html, theme),
            Event::FootnoteReference(name) => self.text(&format!("[{name}]"), theme.dim),
            Event::SoftBreak | Event::HardBreak => self.line_end(),
            Event::TaskListMarker(done) => self.text(if *done { "☑ " } else { "☐ " }, self.style()),
            Event::Start(tag) => return self.start(tag, theme),
            Event::End(tag) => return self.end(*tag, theme),
            Event::Rule => return false,
        }
        true
    }

    fn start(&mut self, tag: &Tag<'_>, theme: &Theme) -> bool {
        match tag {
            Tag::Emphasis => self.italic += 1,
            Tag::Strong => self.bold += 1,
            Tag::Strikethrough => self.struck += 1,
            Tag::Link { dest_url, .. } => self.links.push((dest_url.to_string(), String::new())),
            Tag::Image { dest_url, .. } => {
                self.text("image: ", theme.dim);
                self.links.push((dest_url.to_string(), String::new()));
            }
            _ => return false,
        }
        true
    }

    fn end(&mut self, tag: TagEnd, theme: &Theme) -> bool {
        match tag {
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Strikethrough => self.struck = self.struck.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => {
                let Some((url, text)) = self.links.pop() else { return true };
                if !url.is_empty() && url != text && url.strip_prefix("mailto:") != Some(text.as_str()) {
                    self.push(&format!(" ({url})"), theme.dim);
                }
            }
            _ => return false,
        }
        true
    }

    fn style(&self) -> Style {
        let mut style = self.base;
        let marks = [
            (self.bold > 0, Modifier::BOLD),
            (self.italic > 0, Modifier::ITALIC),
            (self.struck > 0, Modifier::CROSSED_OUT),
            (!self.links.is_empty(), Modifier::UNDERLINED),
        ];
        for (is_on, mark) in marks {
            if is_on {
                style = style.add_modifier(mark);
            }
        }
        style
    }

    fn text(&mut self, text: &str, style: Style) {
        if let Some((_, link)) = self.links.last_mut() {
            link.push_str(text);
        }
        self.push(text, style);
    }

    fn push(&mut self, text: &str, style: Style) {
        if style != self.run_style {
            self.close_run();
            self.run_style = style;
        }
        self.run.push_str(text);
    }

    fn html(&mut self, html: &str, theme: &Theme) {
        let mut lines = html.split('\n');
        if let Some(first) = lines.next() {
            self.text(first, theme.dim);
        }
        for line in lines {
            self.line_end();
            self.text(line, theme.dim);
        }
    }

    fn line_end(&mut self) {
        self.close_run();
        if self.lines.is_empty() {
            self.lines.push(Spans::new());
        }
        self.lines.push(Spans::new());
    }

    fn close_run(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = span(&self.run, self.run_style);
        self.run.clear();
        match self.lines.last_mut() {
            Some(last) => last.push(run),
            None => self.lines.push(vec![run]),
        }
    }

    /// A blank line of running text that has nothing else.
    pub(crate) fn blank_line() -> Spans {
        vec![literal("", Style::new())]
    }
}

fn is_break(html: &str) -> bool {
    matches!(html.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim(), "br" | "BR")
}
