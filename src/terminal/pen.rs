//! The terminal's pen: which colours and attributes the next character gets, and the shortest SGR to change them.

use quire_ui::Links;
use ratatui::{
    buffer::Cell,
    style::{Color, Modifier, Style},
};

use super::sequence;

/// How a character looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellStyle {
    /// Text colour.
    pub fg: Color,
    /// Background colour.
    pub bg: Color,
    /// Colour of the underline, or the mark of a link: a colour that is none of the palette.
    pub underline: Color,
    /// Bold, italic and the like.
    pub modifier: Modifier,
}

impl CellStyle {
    /// The terminal's own colours, no attributes.
    pub const PLAIN: Self =
        Self { fg: Color::Reset, bg: Color::Reset, underline: Color::Reset, modifier: Modifier::empty() };

    /// The look but for the link that its underline may name.
    fn without_link(self) -> Self {
        let is_link = matches!(self.underline, Color::Rgb(..));
        Self { underline: if is_link { Color::Reset } else { self.underline }, ..self }
    }

    /// The look of a cell.
    pub fn of_cell(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, underline: cell.underline_color, modifier: cell.modifier }
    }

    /// The look that a style gives on top of a plain one.
    pub fn of_style(style: Style) -> Self {
        let mut cell = Cell::EMPTY;
        cell.set_style(style);
        Self::of_cell(&cell)
    }
}

/// What the terminal's pen is set to. Every frame begins and ends with a plain pen.
#[derive(Clone, Copy, Debug)]
pub struct Pen<'a> {
    look: CellStyle,
    links: &'a Links,
}

/// Attributes with the SGR numbers that set and clear them. Bold and dim share one number for "off".
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl<'a> Pen<'a> {
    /// A plain pen that knows these links.
    pub fn new(links: &'a Links) -> Self {
        Self { look: CellStyle::PLAIN, links }
    }

    /// Writes what changes the pen to `look`; nothing when it is that already.
    pub fn change(&mut self, look: CellStyle, out: &mut Vec<u8>) {
        if look == self.look {
            return;
        }
        let address = self.links.address(look.underline);
        if address != self.links.address(self.look.underline) {
            sequence::link(address.map(|address| (address, look.underline)), out);
        }
        self.colours(look.without_link(), out);
        self.look = look;
    }

    /// Changes everything but the link.
    fn colours(&self, look: CellStyle, out: &mut Vec<u8>) {
        let was = self.look.without_link();
        if look == was {
            return;
        }
        let mut codes = Codes::default();
        if look == CellStyle::PLAIN {
            codes.push(0);
        } else {
            self.attributes(look.modifier, &mut codes);
            if look.fg != was.fg {
                colour(look.fg, 30, &mut codes);
            }
            if look.bg != was.bg {
                colour(look.bg, 40, &mut codes);
            }
            if look.underline != was.underline {
                underline(look.underline, &mut codes);
            }
        }
        codes.write(out);
    }

    /// What it is set to.
    pub fn look(&self) -> CellStyle {
        self.look
    }

    /// Sets the pen back to plain.
    pub fn rest(&mut self, out: &mut Vec<u8>) {
        self.change(CellStyle::PLAIN, out);
    }

    fn attributes(&self, wanted: Modifier, codes: &mut Codes) {
        let mut kept = self.look.modifier;
        for (attribute, _, off) in ATTRIBUTES {
            if kept.contains(attribute) && !wanted.contains(attribute) {
                codes.push(off);
                for (shared, _, other) in ATTRIBUTES {
                    if other == off {
                        kept.remove(shared);
                    }
                }
            }
        }
        for (attribute, on, _) in ATTRIBUTES {
            if wanted.contains(attribute) && !kept.contains(attribute) {
                codes.push(on);
            }
        }
    }
}

/// Numbers of one SGR sequence.
#[derive(Default)]
struct Codes(Vec<u8>);

impl Codes {
    fn push(&mut self, code: u8) {
        if !self.0.is_empty() {
            self.0.push(b';');
        }
        self.0.extend_from_slice(code.to_string().as_bytes());
    }

    fn extend(&mut self, codes: &[u8]) {
        codes.iter().for_each(|code| self.push(*code));
    }

    fn write(&self, out: &mut Vec<u8>) {
        if !self.0.is_empty() {
            out.extend_from_slice(b"\x1b[");
            out.extend_from_slice(&self.0);
            out.push(b'm');
        }
    }
}

/// `base` is 30 for text and 40 for the background.
fn colour(colour: Color, base: u8, codes: &mut Codes) {
    let bright = base + 60;
    match colour {
        Color::Reset => codes.push(base + 9),
        Color::Black => codes.push(base),
        Color::Red => codes.push(base + 1),
        Color::Green => codes.push(base + 2),
        Color::Yellow => codes.push(base + 3),
        Color::Blue => codes.push(base + 4),
        Color::Magenta => codes.push(base + 5),
        Color::Cyan => codes.push(base + 6),
        Color::Gray => codes.push(base + 7),
        Color::DarkGray => codes.push(bright),
        Color::LightRed => codes.push(bright + 1),
        Color::LightGreen => codes.push(bright + 2),
        Color::LightYellow => codes.push(bright + 3),
        Color::LightBlue => codes.push(bright + 4),
        Color::LightMagenta => codes.push(bright + 5),
        Color::LightCyan => codes.push(bright + 6),
        Color::White => codes.push(bright + 7),
        Color::Indexed(_) | Color::Rgb(..) => palette(colour, base + 8, codes),
    }
}

/// The underline has no short codes for the sixteen named colours; those keep the text's colour.
fn underline(colour: Color, codes: &mut Codes) {
    match colour {
        Color::Indexed(_) | Color::Rgb(..) => palette(colour, 58, codes),
        Color::Reset
        | Color::Black
        | Color::Red
        | Color::Green
        | Color::Yellow
        | Color::Blue
        | Color::Magenta
        | Color::Cyan
        | Color::Gray
        | Color::DarkGray
        | Color::LightRed
        | Color::LightGreen
        | Color::LightYellow
        | Color::LightBlue
        | Color::LightMagenta
        | Color::LightCyan
        | Color::White => codes.push(59),
    }
}

fn palette(colour: Color, code: u8, codes: &mut Codes) {
    if let Color::Indexed(index) = colour {
        codes.extend(&[code, 5, index]);
    }
    if let Color::Rgb(red, green, blue) = colour {
        codes.extend(&[code, 2, red, green, blue]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(from: Style, to: Style) -> String {
        let links = Links::default();
        let mut pen = Pen::new(&links);
        let mut out = Vec::new();
        pen.change(CellStyle::of_style(from), &mut out);
        out.clear();
        pen.change(CellStyle::of_style(to), &mut out);
        String::from_utf8_lossy(&out).replace('\u{1b}', "^")
    }

    #[test]
    fn only_what_differs_is_written() {
        let plain = Style::new();
        assert_eq!(changed(plain, plain), "");
        assert_eq!(changed(plain, Style::new().red().bold()), "^[1;31m");
        assert_eq!(changed(Style::new().red().bold(), plain), "^[0m");
        assert_eq!(changed(Style::new().red().bold(), Style::new().red()), "^[22m");
        assert_eq!(changed(Style::new().bold().dim(), Style::new().bold()), "^[22;1m");
        assert_eq!(changed(Style::new().light_blue(), Style::new().on_gray()), "^[39;47m");
        assert_eq!(
            changed(plain, Style::new().fg(Color::Indexed(208)).bg(Color::Rgb(1, 2, 3))),
            "^[38;5;208;48;2;1;2;3m"
        );
        assert_eq!(changed(Style::new().italic().underlined(), Style::new().reversed()), "^[23;24;7m");
    }
}
