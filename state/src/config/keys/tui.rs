//! What the user sees.

use serde::{Deserialize, Serialize};

use super::{
    super::resolution::Resolution,
    keymap,
    known::{Kind, Known, Reading, Section, key, unread},
};

const SCREEN: &str = "the screen";
const NOTIFICATIONS: &str = "notifications";

pub(super) const SECTION: Section = Section { name: "Screen", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key("hide_agent_reasoning", Kind::Flag, "Hides the model's reasoning."),
    key("tui.animations", Kind::Flag, "Whether the screen may show animations."),
    key(
        "tui.keymap.*.*",
        Kind::Keys,
        "Keys of an action, as `ctrl-a`, `alt-enter` or `f5`, in the place of those that it has; `[]` for none. `/keymap` lists the actions.",
    ),
    key(
        "tui.vim_mode_default",
        Kind::Flag,
        "Whether the draft has vim keys from the start, as `/vim` switches them on.",
    ),
    key("tui.screen_reader", Kind::Flag, "Shows everything as plain text in reading order, as `--screen-reader` does."),
    key(
        "tui.theme",
        Kind::Text,
        "The colours of source code, or of everything: see `/theme`. Without it they follow the terminal.",
    ),
    key("tui.syntax_theme", Kind::Text, "An older name of `tui.theme`."),
    unread("disable_paste_burst", SCREEN),
    unread("file_opener", SCREEN),
    unread("notice", SCREEN),
    unread("show_raw_agent_reasoning", SCREEN),
    unread("suppress_unstable_features_warning", SCREEN),
    unread("tui.alternate_screen", SCREEN),
    unread("tui.model_availability_nux", SCREEN),
    unread("tui.notification_condition", NOTIFICATIONS),
    unread("tui.notification_method", NOTIFICATIONS),
    unread("tui.notifications", NOTIFICATIONS),
    unread("tui.pet", SCREEN),
    unread("tui.pet_anchor", SCREEN),
    unread("tui.raw_output_mode", SCREEN),
    unread("tui.screen_reader_detection_done", SCREEN),
    unread("tui.session_picker_view", SCREEN),
    unread("tui.show_tooltips", SCREEN),
    unread("tui.status_line", SCREEN),
    unread("tui.status_line_use_colors", SCREEN),
    unread("tui.terminal_resize_reflow_max_rows", SCREEN),
    unread("tui.terminal_title", SCREEN),
];

/// What the user prefers on the screen. It belongs to no thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tui {
    /// `tui.theme`; `None` follows the terminal.
    pub theme: Option<String>,
}

fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    keymap::read(reading, resolution);
    let config = &mut resolution.config;
    config.hide_reasoning = reading.settings.flag(&["hide_agent_reasoning"]).unwrap_or(false);
    config.vim = reading.settings.flag(&["tui", "vim_mode_default"]).unwrap_or(false);
    config.screen_reader = reading.settings.flag(&["tui", "screen_reader"]).unwrap_or(false);
    config.animations = reading.settings.flag(&["tui", "animations"]).unwrap_or(true);
    let text = |key: &str| reading.settings.text(&["tui", key]).map(str::to_owned);
    config.tui.theme = text("theme").or_else(|| text("syntax_theme"));
}
