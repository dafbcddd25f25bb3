//! One pass over the events of a Markdown text. Never recurses, so no nesting can overflow the stack; containers
//! below a depth keep their text and lose their indent.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use ratatui::style::Style;

use super::{
    blocks::line_start,
    code,
    flanks::{prepared, stripped},
    inline::Inline,
    table::Table,
};
use crate::{
    highlight::Highlighter,
    text::{Rows, Spans, blank, fill, line, links::goes_on, literal, spaces, span, trim_end, wrap_hanging},
    theme::Theme,
};

/// Containers whose marks are painted.
const DEPTH: usize = 12;
/// Cells that marks leave to the text, as far as the width allows.
const TEXT_COLS: usize = 12;
/// Longest horizontal rule.
const RULE_COLS: usize = 24;

/// Where a text begins that continues another one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// Cells by which its rows will be indented.
    pub(crate) indent: usize,
    /// Whether a blank line belongs before the first block.
    pub(crate) gap: bool,
    /// The number of the first item, if the text begins within an ordered list.
    pub(crate) number: Option<u64>,
    /// Column widths, if the text begins within a table whose head is painted already.
    pub(crate) columns: Option<Vec<usize>>,
}

/// What came of a text.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// The painted lines.
    pub(crate) rows: Rows,
    /// Whether a blank line belongs before what follows.
    pub(crate) gap: bool,
    /// Column widths of the last table.
    pub(crate) columns: Option<Vec<usize>>,
}

/// The Markdown that we know.
pub(crate) fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS)
}

/// Paints a text.
pub(crate) fn render(text: &str, width: usize, theme: &Theme, code: &mut Highlighter, start: Start) -> Rendered {
    let mut writer = Writer {
        theme,
        width: width.max(1),
        code,
        rows: Rows::new(),
        containers: Vec::new(),
        hidden: 0,
        inline: Inline::default(),
        indent: start.indent,
        gap: start.gap,
        fence: None,
        table: None,
        number: start.number,
        fixed_columns: start.columns,
        columns: None,
    };
    let text = &*prepared(text);
    for (event, range) in parser(text).into_offset_iter() {
        let event = stripped(event);
        if writer.gap && writer.is_in_item() && !matches!(event, Event::End(_)) {
            // As in the text: whether a list is a loose one is known only at its end. So it is between items.
            writer.gap = is_after_blank_line(text, range.start);
        }
        if matches!(event, Event::Start(Tag::Item)) && writer.follows_item() {
            writer.gap = is_after_blank_line(text, range.start);
        }
        writer.event(event);
    }
    writer.flush();
    Rendered { rows: writer.rows, gap: writer.gap, columns: writer.columns }
}

enum Container {
    Quote,
    List { next: Option<u64>, has_item: bool },
    Item { marker: Option<String>, indent: usize },
}

struct Writer<'a> {
    theme: &'a Theme,
    width: usize,
    code: &'a mut Highlighter,
    rows: Rows,
    containers: Vec<Container>,
    /// Open containers below [`DEPTH`].
    hidden: usize,
    inline: Inline,
    indent: usize,
    gap: bool,
    /// Language and text of the open code block.
    fence: Option<(String, String)>,
    table: Option<Table>,
    number: Option<u64>,
    fixed_columns: Option<Vec<usize>>,
    columns: Option<Vec<usize>>,
}

impl Writer<'_> {
    fn event(&mut self, event: Event<'_>) {
        if let (Some((_, code)), Event::Text(text)) = (&mut self.fence, &event) {
            code.push_str(text);
            return;
        }
        if let Event::TaskListMarker(is_done) = event
            && self.mark_task(is_done)
        {
            return;
        }
        if self.inline.event(&event, self.theme) {
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Rule => {
                self.begin_block();
                let cols = RULE_COLS.min(self.room());
                self.row(vec![fill('─', cols, self.theme.dim)]);
                self.gap = true;
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.begin_block();
                self.inline.set_base(self.theme.heading(depth(level)));
            }
            Tag::BlockQuote(_) => {
                self.begin_block();
                self.open(Container::Quote);
            }
            Tag::CodeBlock(kind) => {
                self.begin_block();
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.fence = Some((language, String::new()));
            }
            Tag::List(first) => {
                self.flush();
                let next = first.map(|first| self.number.take().unwrap_or(first));
                self.open(Container::List { next, has_item: false });
            }
            Tag::Item => {
                self.flush();
                self.start_item();
            }
            Tag::Table(alignments) => {
                self.begin_block();
                self.table = Some(Table::new(alignments, self.fixed_columns.take()));
            }
            Tag::Paragraph | Tag::HtmlBlock => self.begin_block(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => {
                self.flush();
                self.gap = true;
            }
            TagEnd::Heading(_) => {
                self.flush();
                self.inline.set_base(Style::new());
                self.gap = true;
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) => {
                self.flush();
                self.close();
                self.gap = true;
            }
            TagEnd::Item => self.end_item(),
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::TableCell => {
                let cell = self.inline.take();
                if let Some(table) = &mut self.table {
                    table.cell(cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn start_item(&mut self) {
        if let Some(Container::List { has_item, .. }) = self.containers.last_mut() {
            *has_item = true;
        }
        let marker = match self.containers.last_mut() {
            Some(Container::List { next: Some(number), .. }) if self.hidden == 0 => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            Some(Container::List { .. } | Container::Quote | Container::Item { .. }) | None => "- ".to_owned(),
        };
        if std::mem::take(&mut self.gap) {
            self.blank_row();
        }
        let indent = marker.chars().count();
        self.open(Container::Item { marker: Some(marker), indent });
    }

    /// Puts a box in place of the item's bullet; `false` if the item has none.
    fn mark_task(&mut self, is_done: bool) -> bool {
        match self.containers.last_mut() {
            Some(Container::Item { marker: Some(marker), indent }) if self.hidden == 0 => {
                *marker = if is_done { "☑ ".to_owned() } else { "☐ ".to_owned() };
                *indent = 2;
                true
            }
            Some(Container::Item { .. } | Container::List { .. } | Container::Quote) | None => false,
        }
    }

    fn end_item(&mut self) {
        self.flush();
        let is_empty =
            self.hidden == 0 && matches!(self.containers.last(), Some(Container::Item { marker: Some(_), .. }));
        if is_empty {
            self.row(Spans::new());
        }
        self.close();
        self.gap = false;
    }

    fn end_code(&mut self) {
        let Some((language, text)) = self.fence.take() else { return };
        let lines = self.code.block(&language, &text);
        let room = self.room();
        for row in code::rows(&lines, self.theme, room) {
            self.row(row.spans);
        }
        self.gap = true;
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        let room = self.room();
        let (rows, columns) = table.rows(self.theme, room);
        for row in rows {
            self.row(row);
        }
        self.columns = Some(columns);
        self.gap = true;
    }

    /// Ends what runs and sets the next block apart.
    fn begin_block(&mut self) {
        self.flush();
        if std::mem::take(&mut self.gap) {
            self.blank_row();
        }
    }

    fn blank_row(&mut self) {
        let has_quote = self.containers.iter().any(|container| matches!(container, Container::Quote));
        if has_quote {
            self.row(Spans::new());
        } else {
            self.rows.push(blank());
        }
    }

    /// Paints the running text.
    fn flush(&mut self) {
        if self.inline.is_empty() {
            return;
        }
        if std::mem::take(&mut self.gap) {
            self.blank_row();
        }
        let room = self.room();
        let mut lines = self.inline.take();
        while lines.len() > 1 && lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        for spans in lines {
            let spans = if spans.is_empty() { Inline::blank_line() } else { spans };
            for row in wrap_hanging(&spans, room, self.width - room + self.indent) {
                self.row(row);
            }
        }
    }

    fn open(&mut self, container: Container) {
        if self.containers.len() < DEPTH * 2 {
            self.containers.push(container);
        } else {
            self.hidden += 1;
        }
    }

    fn close(&mut self) {
        if self.hidden > 0 {
            self.hidden -= 1;
        } else {
            self.containers.pop();
        }
    }

    /// Whether the next item is not the first one of its list.
    fn follows_item(&self) -> bool {
        self.hidden == 0 && matches!(self.containers.last(), Some(Container::List { has_item: true, .. }))
    }

    fn is_in_item(&self) -> bool {
        self.containers.iter().any(|container| matches!(container, Container::Item { .. }))
    }

    /// Cells that the marks of the open containers leave.
    fn room(&self) -> usize {
        let least = TEXT_COLS.min(self.width / 2);
        let mut used = 0;
        for container in &self.containers {
            let cols = container.cols();
            if used + cols + least > self.width {
                break;
            }
            used += cols;
        }
        self.width - used
    }

    /// Paints one row behind the marks of the open containers.
    fn row(&mut self, spans: Spans) {
        if goes_on(&spans) {
            self.rows.push(line(spans));
            return;
        }
        let marks = self.width - self.room();
        let mut row = Spans::new();
        let mut used = 0;
        for container in &mut self.containers {
            used += container.cols();
            let is_shown = used <= marks;
            match container {
                Container::Quote if is_shown => row.push(literal("│ ", self.theme.dim)),
                Container::Item { marker, indent } => match marker.take() {
                    Some(marker) if is_shown => row.push(span(&marker, self.theme.dim)),
                    None if is_shown => row.push(spaces(*indent)),
                    Some(_) | None => {}
                },
                Container::Quote | Container::List { .. } => {}
            }
        }
        row.extend(spans);
        trim_end(&mut row);
        self.rows.push(line(row));
    }
}

impl Container {
    fn cols(&self) -> usize {
        match self {
            Self::Quote => 2,
            Self::List { .. } => 0,
            Self::Item { indent, .. } => *indent,
        }
    }
}

/// Whether the line before the one around `at` is blank but for quote marks.
fn is_after_blank_line(text: &str, at: usize) -> bool {
    ends_blank(&text[..line_start(text, at)])
}

/// Whether the last line of a text is blank but for quote marks.
pub(super) fn ends_blank(text: &str) -> bool {
    text.lines().next_back().is_some_and(|line| line.trim_matches([' ', '\t', '>', '\r']).is_empty())
}

fn depth(level: HeadingLevel) -> usize {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 | HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => 3,
    }
}
