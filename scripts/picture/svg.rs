//! A terminal's screen as SVG, in the colours of a usual dark palette.

use std::fmt::Write as _;

const CELL_WIDTH: f32 = 8.4;
const CELL_HEIGHT: f32 = 18.0;
const MARGIN: f32 = 14.0;

/// The colours of a terminal: its ground, its text, and its own sixteen.
#[derive(Clone, Copy)]
pub(crate) struct Ground {
    background: &'static str,
    foreground: &'static str,
    palette: [&'static str; 16],
}

pub(crate) const DARK: Ground = Ground {
    background: "#15181d",
    foreground: "#d7dae1",
    palette: [
        "#3b4048", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf", "#6b7280", "#ff7a85",
        "#b5e08d", "#ffd68a", "#7cc4ff", "#de8ff0", "#6fd3df", "#ffffff",
    ],
};

pub(crate) const LIGHT: Ground = Ground {
    background: "#fcfcfb",
    foreground: "#23262d",
    palette: [
        "#23262d", "#b3261e", "#19713a", "#855300", "#1558b8", "#7a3ab0", "#0a6660", "#5f6571", "#5f6571", "#b3261e",
        "#19713a", "#855300", "#1558b8", "#7a3ab0", "#0a6660", "#23262d",
    ],
};

/// Draws the screen. `label` says what is seen.
pub(crate) fn draw(screen: &vt100::Screen, (rows, cols): (u16, u16), ground: Ground, label: &str) -> String {
    let (width, height) = (f32::from(cols) * CELL_WIDTH + 2.0 * MARGIN, f32::from(rows) * CELL_HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" role=\"img\" \
         aria-label=\"{label}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n",
        ground.background
    );
    for row in 0..rows {
        row_text(&mut svg, screen, row, cols, ground);
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// How a cell looks.
#[derive(Clone, PartialEq)]
struct TextStyle {
    foreground: String,
    background: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

fn row_text(svg: &mut String, screen: &vt100::Screen, row: u16, cols: u16, ground: Ground) {
    let mut run: Option<(u16, TextStyle, String)> = None;
    for col in 0..=cols {
        let cell = if col < cols { screen.cell(row, col) } else { None };
        // The second half of a wide character is drawn with the first.
        if cell.is_some_and(vt100::Cell::is_wide_continuation) {
            continue;
        }
        let next = cell.map(|cell| {
            (look(cell, ground), if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() })
        });
        match (&mut run, next) {
            (Some((_, look, text)), Some((next, symbol))) if *look == next => text.push_str(&symbol),
            (_, next) => {
                if let Some((from, look, text)) = run.take() {
                    write_run(svg, row, (from, col), &look, &text);
                }
                run = next.map(|(look, symbol)| (col, look, symbol));
            }
        }
    }
}

fn write_run(svg: &mut String, row: u16, (from, to): (u16, u16), look: &TextStyle, text: &str) {
    let (x, y) = (MARGIN + f32::from(from) * CELL_WIDTH, MARGIN + f32::from(row) * CELL_HEIGHT);
    let width = f32::from(to.saturating_sub(from)) * CELL_WIDTH;
    if let Some(background) = &look.background {
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{CELL_HEIGHT}\" fill=\"{background}\"/>"
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let mut style = String::new();
    for (is_set, attribute) in [
        (look.bold, " font-weight=\"bold\""),
        (look.dim, " opacity=\"0.6\""),
        (look.italic, " font-style=\"italic\""),
        (look.underline, " text-decoration=\"underline\""),
    ] {
        if is_set {
            style.push_str(attribute);
        }
    }
    let text = text.trim_end().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\"{style}>{text}</text>", y + 13.5, look.foreground);
}

fn look(cell: &vt100::Cell, ground: Ground) -> TextStyle {
    let (mut foreground, mut background) = (color(cell.fgcolor(), ground), color(cell.bgcolor(), ground));
    if cell.inverse() {
        let (text, under) = (ground.foreground.to_owned(), ground.background.to_owned());
        (foreground, background) = (Some(background.unwrap_or(under)), Some(foreground.unwrap_or(text)));
    }
    TextStyle {
        foreground: foreground.unwrap_or_else(|| ground.foreground.to_owned()),
        background,
        bold: cell.bold(),
        dim: cell.dim(),
        italic: cell.italic(),
        underline: cell.underline(),
    }
}

fn color(color: vt100::Color, ground: Ground) -> Option<String> {
    match color {
        vt100::Color::Idx(index) => ground.palette.get(usize::from(index)).map(|color| (*color).to_owned()),
        vt100::Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        vt100::Color::Default => None,
    }
}
