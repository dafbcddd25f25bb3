//! What the user sees.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    super::{
        hint::nearest,
        layer::KeyPath,
        problem::{Problem, Severity},
        resolution::Resolution,
    },
    keymap,
    known::{Kind, Known, Reading, Section, key, unread},
};
use crate::{
    screen::{
        alert::{Alerts, KINDS, Road},
        overlay::{
            items::{Part, UNKNOWN, canonical},
            themes::NAMES,
        },
    },
    theme_file::ThemeFile,
};

const SCREEN: &str = "the screen";

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
    key("tui.raw_output_mode", Kind::Flag, "Shows answers as the model wrote them from the start, as `/raw` does."),
    key("tui.screen_reader", Kind::Flag, "Shows everything as plain text in reading order, as `--screen-reader` does."),
    key(
        "tui.theme",
        Kind::Text,
        "The colours of source code, or of everything: see `/theme`. `NAME` is `themes/NAME.tmTheme` in `$CODEX_HOME`, too. Without it they follow the terminal.",
    ),
    key(
        "tui.status_line",
        Kind::List,
        "What the status line shows, in this order: see `/statusline`; `[]` for nothing.",
    ),
    key("tui.status_line_use_colors", Kind::Flag, "Whether items of the status line have colours."),
    key(
        "tui.terminal_title",
        Kind::List,
        "What the window title shows, in this order: see `/title`; `[]` for nothing.",
    ),
    key(
        "tui.notifications",
        Kind::FlagOrList,
        "Whether the terminal is told that a turn has ended or an answer is needed, or which of both.",
    ),
    key(
        "tui.notification_method",
        Kind::Choice(&["auto", "osc9", "osc777", "osc99", "bel"]),
        "How: `auto` takes what the terminal is known to show, else the bell.",
    ),
    key(
        "tui.notification_condition",
        Kind::Choice(&["unfocused", "always"]),
        "When: while the window has not the focus, or always.",
    ),
    key("tui.syntax_theme", Kind::Text, "An older name of `tui.theme`."),
    unread("disable_paste_burst", SCREEN),
    unread("file_opener", SCREEN),
    unread("notice", SCREEN),
    unread("show_raw_agent_reasoning", SCREEN),
    unread("suppress_unstable_features_warning", SCREEN),
    unread("tui.alternate_screen", SCREEN),
    unread("tui.model_availability_nux", SCREEN),
    unread("tui.pet", SCREEN),
    unread("tui.pet_anchor", SCREEN),
    unread("tui.screen_reader_detection_done", SCREEN),
    unread("tui.session_picker_view", SCREEN),
    unread("tui.show_tooltips", SCREEN),
    unread("tui.terminal_resize_reflow_max_rows", SCREEN),
];

/// What the user prefers on the screen. It belongs to no thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tui {
    /// `tui.theme`; `None` follows the terminal.
    pub theme: Option<String>,
    /// The themes in `$CODEX_HOME/themes`, as far as they are read.
    pub own_themes: Vec<Arc<ThemeFile>>,
    /// `tui.status_line`; `None` is the row that is built in.
    pub status_line: Option<Vec<String>>,
    /// `tui.status_line_use_colors`.
    pub has_colours: bool,
    /// `tui.terminal_title`; `None` is the title that is built in.
    pub title: Option<Vec<String>>,
    /// What is told to a user who looks elsewhere.
    pub alerts: Alerts,
}

impl Default for Tui {
    fn default() -> Self {
        Self {
            theme: None,
            own_themes: Vec::new(),
            status_line: None,
            has_colours: true,
            title: None,
            alerts: Alerts::default(),
        }
    }
}

/// The items of a line. One that is not known is told.
fn items(reading: &Reading<'_>, key: &str, part: Part, resolution: &mut Resolution) -> Option<Vec<String>> {
    let held = reading.settings.get(&KeyPath::new(["tui", key]))?;
    let texts = held.value.as_array()?.iter().filter_map(|value| value.as_str());
    let is_known = |item: &str| part.all().contains(&canonical(item)) || UNKNOWN.contains(&item);
    let (known, unknown): (Vec<&str>, Vec<&str>) = texts.partition(|item| is_known(item));
    for item in unknown {
        let said = format!("`tui.{key}` names an item that there is not: {item:?}.");
        let near = nearest(item, part.all().iter().copied()).map(|near| format!("Did you mean {near:?}?"));
        let hint = near.unwrap_or_else(|| format!("{} shows all items.", part.command()));
        resolution.problems.push(held.at_value(Problem::new(Severity::Warning, said)).with_hint(hint));
    }
    Some(known.into_iter().map(str::to_owned).collect())
}

/// A theme that is not known is told: the colours follow the terminal.
fn check_theme(reading: &Reading<'_>, resolution: &mut Resolution) {
    let own = reading.context.themes.iter().map(String::as_str);
    let all: Vec<&str> = NAMES.into_iter().chain(own).collect();
    for key in ["theme", "syntax_theme"] {
        let Some(held) = reading.settings.get(&KeyPath::new(["tui", key])) else { continue };
        let Some(name) = held.value.as_str().filter(|name| !all.contains(name)) else { continue };
        let said = format!("`tui.{key}` names a theme that there is not: {name:?}. The colours follow the terminal.");
        let near = nearest(name, all.iter().copied()).map(|near| format!("Did you mean {near:?}?"));
        let hint = near.unwrap_or_else(|| "/theme list shows all themes.".to_owned());
        resolution.problems.push(held.at_value(Problem::new(Severity::Warning, said)).with_hint(hint));
    }
}

fn alerts(reading: &Reading<'_>) -> Alerts {
    let named =
        |kind: &str| match reading.settings.get(&KeyPath::new(["tui", "notifications"])).map(|held| held.value.clone())
        {
            Some(value) => value.as_bool().unwrap_or_else(|| {
                value.as_array().is_some_and(|named| named.iter().any(|item| item.as_str() == Some(kind)))
            }),
            None => true,
        };
    let road = match reading.settings.text(&["tui", "notification_method"]) {
        Some("osc9") => Road::Osc9,
        Some("osc777") => Road::Osc777,
        Some("osc99") => Road::Osc99,
        Some("bel") => Road::Bell,
        Some(_) | None => Road::Auto,
    };
    let [turns, questions] = KINDS.map(named);
    let is_always = reading.settings.text(&["tui", "notification_condition"]) == Some("always");
    Alerts { turns, questions, is_always, road }
}

fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    keymap::read(reading, resolution);
    check_theme(reading, resolution);
    let config = &mut resolution.config;
    config.hide_reasoning = reading.settings.flag(&["hide_agent_reasoning"]).unwrap_or(false);
    config.vim = reading.settings.flag(&["tui", "vim_mode_default"]).unwrap_or(false);
    config.raw = reading.settings.flag(&["tui", "raw_output_mode"]).unwrap_or(false);
    config.screen_reader = reading.settings.flag(&["tui", "screen_reader"]).unwrap_or(false);
    config.animations = reading.settings.flag(&["tui", "animations"]).unwrap_or(true);
    let text = |key: &str| reading.settings.text(&["tui", key]).map(str::to_owned);
    config.tui.theme = text("theme").or_else(|| text("syntax_theme"));
    config.tui.has_colours = reading.settings.flag(&["tui", "status_line_use_colors"]).unwrap_or(true);
    config.tui.alerts = alerts(reading);
    let status_line = items(reading, "status_line", Part::Status, resolution);
    let title = items(reading, "terminal_title", Part::Title, resolution);
    (resolution.config.tui.status_line, resolution.config.tui.title) = (status_line, title);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::config::{KeyPath, Layer, Place, ResolutionContext, Source, Spot, resolve};

    /// What is said of a file with this one key.
    fn problems(key: &str, value: Value) -> Vec<String> {
        let mut layer = Layer::new(Source::User { path: "/h/config.toml".to_owned() });
        let place = Place { line: 3, column: 1 };
        layer.set(KeyPath::parse(key).unwrap(), value, Some(Spot { key: place, value: place }));
        resolve(&[layer], &ResolutionContext::default()).problems.iter().map(super::Problem::line).collect()
    }

    #[test]
    fn what_is_named_and_not_there_is_told_with_its_line() {
        for (key, value, words) in [
            ("tui.theme", json!("norde"), "Did you mean \"nord\"?"),
            ("tui.syntax_theme", json!("my-own-colours"), "/theme list"),
            ("tui.status_line", json!(["model", "modell"]), "Did you mean \"model\"?"),
        ] {
            let said = problems(key, value).join("\n");
            assert!(said.contains("/h/config.toml:3") && said.contains(words), "{key}: {said}");
        }
        let mut layer = Layer::new(Source::Session);
        layer.set(KeyPath::parse("tui.theme").unwrap(), json!("mine"), None);
        let context = ResolutionContext { themes: vec!["mine".to_owned()], ..ResolutionContext::default() };
        assert_eq!(resolve(&[layer], &context).problems, [], "one of the user's own");
        for (key, value) in [("tui.theme", json!("nord")), ("tui.status_line", json!(["model"]))] {
            assert_eq!(problems(key, value), Vec::<String>::new(), "{key}");
        }
    }
}
