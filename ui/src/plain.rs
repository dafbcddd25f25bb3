//! An item as plain text lines, for faces without a screen.

use quire_state::item::Item;

use crate::{
    highlight::Highlighter,
    text::plain_text,
    theme::Theme,
    transcript::{Ink, PaintContext, Place, rows},
};

/// The lines of an item, without styles and without trailing spaces, wrapped at `width` cells.
pub fn plain_item(item: &Item, width: u16) -> Vec<String> {
    let theme = Theme::plain();
    let context = PaintContext {
        keymap: None,
        theme: &theme,
        width: usize::from(width.max(1)),
        details: false,
        raw: false,
        hide_reasoning: false,
        place: Place::Printed,
        hangs_plan: false,
    };
    let mut ink = Ink { context, code: &mut Highlighter::default() };
    rows(item, &mut ink).iter().map(|row| plain_text(row).trim_end().to_owned()).collect()
}
