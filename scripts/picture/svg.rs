//! A terminal's screen as SVG, in the colours of a usual dark palette.

use std::fmt::Write as _;

const CELL_WIDTH: f32 = 8.4;
const CELL_HEIGHT: f32 = 18.0;
const MARGIN: f32 = 14.0;
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d7dae0";
const PALETTE: [&str; 16] = [
    "#3b4048", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf", "#6b7280", "#ff7a85",
    "#b5e08d", "#ffd68a", "#7cc4ff", "#de8ff0", "#6fd3df", "#ffffff",
];

/// Draws the screen.
pub(crate) fn draw(screen: &vt100::Screen, rows: u16, cols: u16) -> String {
    let (width, height) = (f32::from(cols) * CELL_WIDTH + 2.0 * MARGIN, f32::from(rows) * CELL_HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" role=\"img\" \
         aria-label=\"Quire asks before it runs a command\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n"
    );
    for row in 0..rows {
        row_text(&mut svg, screen, row, cols);
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// How a cell looks.
#[derive(Clone, PartialEq)]
struct TextStyle {
    foreground: &'static str,
    background: Option<&'static str>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

fn row_text(svg: &mut String, screen: &vt100::Screen, row: u16, cols: u16) {
    let mut run: Option<(u16, TextStyle, String)> = None;
    for col in 0..=cols {
        let cell = if col < cols { screen.cell(row, col) } else { None };
        let next = cell
            .map(|cell| (look(cell), if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() }));
        match (&mut run, next) {
            (Some((_, look, text)), Some((next, symbol))) if *look == next => text.push_str(&symbol),
            (_, next) => {
                if let Some((from, look, text)) = run.take() {
                    write_run(svg, row, from, &look, &text);
                }
                run = next.map(|(look, symbol)| (col, look, symbol));
            }
        }
    }
}

fn write_run(svg: &mut String, row: u16, from: u16, look: &TextStyle, text: &str) {
    let (x, y) = (MARGIN + f32::from(from) * CELL_WIDTH, MARGIN + f32::from(row) * CELL_HEIGHT);
    let width = text.chars().count() as f32 * CELL_WIDTH;
    if let Some(background) = look.background {
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

fn look(cell: &vt100::Cell) -> TextStyle {
    let (mut foreground, mut background) = (color(cell.fgcolor()), color(cell.bgcolor()));
    if cell.inverse() {
        (foreground, background) = (Some(background.unwrap_or(BACKGROUND)), Some(foreground.unwrap_or(FOREGROUND)));
    }
    TextStyle {
        foreground: foreground.unwrap_or(FOREGROUND),
        background,
        bold: cell.bold(),
        dim: cell.dim(),
        italic: cell.italic(),
        underline: cell.underline(),
    }
}

fn color(color: vt100::Color) -> Option<&'static str> {
    match color {
        vt100::Color::Idx(index) => PALETTE.get(usize::from(index)).copied(),
        vt100::Color::Default | vt100::Color::Rgb(..) => None,
    }
}
