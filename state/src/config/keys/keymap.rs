//! `[tui.keymap]`: keys in the place of those of the table.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    super::{
        hint::nearest,
        layer::KeyPath,
        problem::{Problem, Severity},
        resolution::Resolution,
        settings::Winner,
    },
    known::Reading,
};
use crate::{
    msg::KeyPress,
    screen::keymap::{Context, IDLE, Keymap, NAMED, Named, spec},
};

/// Keys of an action, in the place of those of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyBinding {
    /// Its name: `composer.submit`.
    pub action: String,
    /// The keys; none to leave it without.
    pub keys: Vec<KeyPress>,
}

/// A key that was written, and what for.
struct Written<'a> {
    named: &'static Named,
    press: KeyPress,
    text: &'a str,
    winner: Winner<'a>,
}

/// Reads the keys, and says what is wrong with them.
pub(super) fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    let mut own: Vec<KeyBinding> = Vec::new();
    let mut all: Vec<Written<'_>> = Vec::new();
    for group in reading.settings.names(&["tui", "keymap"]) {
        for name in reading.settings.names(&["tui", "keymap", &group]) {
            let path = KeyPath::new(["tui", "keymap", &group, &name]);
            let Some(winner) = reading.settings.get(&path) else { continue };
            let Some(named) = NAMED.iter().find(|named| named.group == group && named.name == name) else {
                resolution.problems.push(winner.at_key(unknown(&group, &name, &path)));
                continue;
            };
            match bind(named, winner, &path) {
                Ok(written) => {
                    let keys = written.iter().map(|written| written.press).collect();
                    own.push(KeyBinding { action: self::name(named), keys });
                    all.extend(written);
                }
                Err(problem) => resolution.problems.push(winner.at_value(problem)),
            }
        }
    }
    conflicts(&all, &Keymap::of(&own), &mut resolution.problems);
    resolution.config.keymap = own;
}

fn bind<'a>(named: &'static Named, winner: Winner<'a>, path: &KeyPath) -> Result<Vec<Written<'a>>, Problem> {
    let error = |message: String| Problem::new(Severity::Error, message);
    let texts: Vec<&str> = match winner.value {
        Value::String(text) => vec![text],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    if texts.is_empty() && named.is_needed {
        return Err(error(format!("`{path}` needs a key: without one there is no way on.")));
    }
    let mut written = Vec::new();
    for text in texts {
        let press = spec::read(text).map_err(error)?;
        let takes_text = named.bound.iter().any(|(context, _)| context.takes_text());
        if takes_text && press.typed().is_some() {
            let hint = format!("Write `alt-{text}` or `ctrl-{text}`, or take a key that writes nothing.");
            return Err(error(format!("`{path}`: `{text}` alone is what is typed.")).with_hint(hint));
        }
        if press == KeyPress::ctrl('c') {
            return Err(error(format!("`{path}`: `ctrl-c` always steps back, interrupts or exits.")));
        }
        written.push(Written { named, press, text, winner });
    }
    Ok(written)
}

/// A key that means two things where both hold: an error where the user has written both, else a warning that tells what the
/// key does not do any more.
fn conflicts(all: &[Written<'_>], keymap: &Keymap, problems: &mut Vec<Problem>) {
    for (at, one) in all.iter().enumerate() {
        let clash = |other: &&Written<'_>| {
            !std::ptr::eq(other.named, one.named) && one.press == other.press && hold_together(one.named, other.named)
        };
        if let Some(other) = all[..at].iter().find(clash) {
            let message = format!("`{}` is bound to both `{}` and `{}`.", one.text, name(other.named), name(one.named));
            let problem = Problem::new(Severity::Error, message).with_hint("Give one of them another key.");
            problems.push(one.winner.at_value(problem));
            continue;
        }
        let loses = NAMED.iter().find(|named| {
            let is_own = named.bound.iter().any(|(context, action)| keymap.is_own(*context, *action));
            let fits = |(context, action): &(Context, _)| {
                keymap.chords(*context, *action).iter().any(|chord| chord.fits(one.press))
            };
            !is_own && hold_together(named, one.named) && named.bound.iter().any(fits)
        });
        if let Some(named) = loses {
            let message = format!("`{}` does `{}` now, and not `{}` any more.", one.text, name(one.named), name(named));
            let problem = Problem::new(Severity::Warning, message)
                .with_hint(format!("Bind `{}` to another key as well, or to `[]` if it needs none.", name(named)));
            problems.push(one.winner.at_value(problem));
        }
    }
}

fn hold_together(one: &Named, other: &Named) -> bool {
    one.bound.iter().any(|(own, _)| other.bound.iter().any(|(context, _)| own.holds_with(*context)))
}

fn name(named: &Named) -> String {
    format!("{}.{}", named.group, named.name)
}

fn unknown(group: &str, name: &str, path: &KeyPath) -> Problem {
    let is_idle = IDLE.iter().any(|(own, names)| *own == group && (names.is_empty() || names.contains(&name)));
    if is_idle {
        return Problem::new(Severity::Warning, format!("`{path}` has no effect yet."));
    }
    let groups = NAMED.iter().map(|named| named.group);
    let names = NAMED.iter().filter(|named| named.group == group).map(|named| named.name);
    let near = if names.clone().next().is_some() {
        nearest(name, names).map(|near| format!("tui.keymap.{group}.{near}"))
    } else {
        nearest(group, groups).map(|near| format!("tui.keymap.{near}.{name}"))
    };
    let problem = Problem::new(Severity::Warning, format!("Unknown action `{path}`; it is ignored."));
    match near {
        Some(near) => problem.with_hint(format!("Did you mean `{near}`?")),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Problem;
    use crate::{
        config::{KeyPath, Layer, Place, ResolutionContext, Source, Spot, resolve},
        msg::{KeyCode, KeyPress},
        screen::keymap::{Action, Context, Edit, Keymap},
    };

    /// A file with one key a line.
    fn resolved(entries: &[(&str, Value)]) -> (Keymap, Vec<String>) {
        let mut layer = Layer::new(Source::User { path: "/h/config.toml".to_owned() });
        for (line, (key, value)) in (1..).zip(entries) {
            let place = Place { line, column: 1 };
            let path = KeyPath::parse(&format!("tui.keymap.{key}")).unwrap();
            layer.set(path, value.clone(), Some(Spot { key: place, value: place }));
        }
        let resolution = resolve(&[layer], &ResolutionContext::default());
        let problems = resolution.problems.iter().map(Problem::line).collect();
        (Keymap::of(&resolution.config.keymap), problems)
    }

    #[test]
    fn keys_take_the_place_of_those_of_the_table() {
        let (keymap, problems) = resolved(&[
            ("composer.submit", json!("ctrl-enter")),
            ("editor.insert_newline", json!(["enter", "f2"])),
            ("global.toggle_vim_mode", json!("f3")),
            ("global.copy", json!([])),
            ("list.move_down", json!(["ctrl-n", "down"])),
        ]);
        assert_eq!(problems, Vec::<String>::new());
        let enter = KeyPress::plain(KeyCode::Enter);
        assert_eq!(keymap.action(Context::Screen, enter), None);
        assert_eq!(keymap.action(Context::Composer, enter), Some(Action::Edit(Edit::NewLine)));
        assert_eq!(keymap.action(Context::Composer, KeyPress::plain(KeyCode::F(2))), Some(Action::Edit(Edit::NewLine)));
        assert_eq!(keymap.action(Context::Composer, KeyPress::ctrl('j')), None);
        assert_eq!(keymap.action(Context::Screen, KeyPress::plain(KeyCode::F(3))), Some(Action::ToggleVim));
        assert_eq!(keymap.action(Context::Screen, KeyPress::ctrl('o')), None);
        assert_eq!(keymap.action(Context::Picker, KeyPress::ctrl('n')), Some(Action::Next));
        assert_eq!(keymap.name(Context::Screen, Action::Send), "ctrl-enter");
        assert_eq!(keymap.action(Context::Screen, KeyPress::ctrl('l')), Some(Action::Repaint), "the rest stays");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let (_, problems) = resolved(&[
            ("composer.submit", json!("ctrl-q")),
            ("composer.queue", json!("ctrl-q")),
            ("global.copy", json!("ctrl-a")),
            ("list.accept", json!([])),
            ("chat.edit_queued_message", json!("hyper-x")),
            ("global.clear_terminal", json!("x")),
            ("composer.sumbit", json!("f4")),
            ("approval.deny", json!("f4")),
            ("global.open_transcript", json!("ctrl-c")),
        ]);
        let has = |line: u32, words: &str| {
            let found =
                problems.iter().any(|told| told.contains(&format!("config.toml:{line}")) && told.contains(words));
            assert!(found, "{line} {words}: {problems:#?}");
        };
        has(1, "is bound to both");
        has(3, "`ctrl-a` does `global.copy` now, and not `editor.move_line_start` any more");
        has(4, "needs a key");
        has(5, "`hyper-x` is no key");
        has(6, "`x` alone is what is typed");
        has(7, "Did you mean `tui.keymap.composer.submit`?");
        has(8, "has no effect yet");
        has(9, "`ctrl-c` always");
        assert_eq!(problems.len(), 8, "{problems:#?}");
    }
}
