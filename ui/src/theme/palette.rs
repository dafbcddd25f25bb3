//! The colours of the two grounds, and the nearest ones of the table of 256.

use ratatui::style::Color;

/// The colours for one ground.
pub(super) struct Palette {
    pub(super) marked: Color,
    pub(super) dim: Color,
    pub(super) faint: Color,
    pub(super) accent: Color,
    pub(super) good: Color,
    pub(super) warning: Color,
    pub(super) bar: Color,
    pub(super) error: Color,
    pub(super) code: Color,
    pub(super) keyword: Color,
    pub(super) string: Color,
    pub(super) number: Color,
    pub(super) function: Color,
    pub(super) surface: Color,
    pub(super) raised: Color,
    pub(super) mark: Color,
    pub(super) found: Color,
    pub(super) added: Color,
    pub(super) added_word: Color,
    pub(super) removed: Color,
    pub(super) removed_word: Color,
}

pub(super) const DARK: Palette = Palette {
    marked: rgb(0xffffff),
    dim: rgb(0x989eac),
    faint: rgb(0x3f4550),
    accent: rgb(0x82b4ff),
    good: rgb(0x86c98b),
    warning: rgb(0xe6b35a),
    bar: rgb(0xe6b35a),
    error: rgb(0xf28b82),
    code: rgb(0x7fd0c4),
    keyword: rgb(0xc7a5ec),
    string: rgb(0xa9cf8e),
    number: rgb(0xe3a97c),
    function: rgb(0x8fbcf5),
    surface: rgb(0x1f232b),
    raised: rgb(0x292f39),
    mark: rgb(0x274a7c),
    found: rgb(0x5c4713),
    added: rgb(0x12261a),
    added_word: rgb(0x1d4b2e),
    removed: rgb(0x2b1517),
    removed_word: rgb(0x63262b),
};

pub(super) const LIGHT: Palette = Palette {
    marked: rgb(0x0b2447),
    dim: rgb(0x5f6571),
    faint: rgb(0xcfd3da),
    accent: rgb(0x1558b8),
    good: rgb(0x19713a),
    warning: rgb(0x855300),
    bar: rgb(0xdd9a17),
    error: rgb(0xb3261e),
    code: rgb(0x0a6660),
    keyword: rgb(0x7a3ab0),
    string: rgb(0x37692a),
    number: rgb(0x954a0f),
    function: rgb(0x1a54a2),
    surface: rgb(0xf0f2f5),
    raised: rgb(0xe2e6ec),
    mark: rgb(0xcfe1fc),
    found: rgb(0xfbe3a1),
    added: rgb(0xe6f7ea),
    added_word: rgb(0xb4e8c3),
    removed: rgb(0xfdeaea),
    removed_word: rgb(0xfbd2d2),
};

const fn rgb(hex: u32) -> Color {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color::Rgb(red, green, blue)
}

/// The steps of the cube in the table of 256.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest colour of the table's cube and grey ramp; the first sixteen are the terminal's own, and unknown.
pub(super) fn nearest(colour: Color) -> Color {
    let Color::Rgb(red, green, blue) = colour else { return colour };
    let mut best = (u32::MAX, 16);
    for index in 16..=255 {
        let (at_red, at_green, at_blue) = entry(index);
        let part = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
        let far = part(red, at_red) + part(green, at_green) + part(blue, at_blue);
        if far < best.0 {
            best = (far, index);
        }
    }
    Color::Indexed(best.1)
}

/// What an index from 16 on looks like.
pub(super) fn entry(index: u8) -> (u8, u8, u8) {
    match index.checked_sub(232) {
        Some(grey) => (8 + 10 * grey, 8 + 10 * grey, 8 + 10 * grey),
        None => {
            let at = usize::from(index.saturating_sub(16));
            (STEPS[at / 36 % 6], STEPS[at / 6 % 6], STEPS[at % 6])
        }
    }
}
