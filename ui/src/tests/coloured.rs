//! Output in its own colours, and rows that it writes anew.

use quire_state::item::CommandStatus;

use super::{screens::screens, support::*};
use crate::{Memo, Theme, view};

const BUILD: &str = "\u{1b}[1m\u{1b}[32m   Compiling\u{1b}[0m harbor v0.3.1\r\n\
\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m\u{1b}[1m: unused import: `sqlx::Executor`\u{1b}[0m\r\n\
\u{1b}[1m\u{1b}[38;5;12m --> \u{1b}[0msrc/store.rs:3:5\u{1b}[2J\u{1b}]0;owned\u{7}\r\n";

#[test]
fn output_keeps_its_colours_and_nothing_else() {
    let build = |model: &mut quire_state::Model| {
        push(model, false, command("cargo build", CommandStatus::Exited { code: 101 }, BUILD, Some(4_800)));
        let bars = "api   [=>   ] 10%\nstore [>    ]  0%\n\u{1b}[2A\u{1b}[Kapi   [=====] 100%\n\u{1b}[K\u{1b}[33mstore [==>  ] 60%\u{1b}[0m\n";
        push(model, true, command("docker pull harbor", CommandStatus::Running, bars, None));
    };
    screens("coloured", build);
    let mut model = model(100, 30);
    build(&mut model);
    for (name, theme) in [("dark", Theme::dark()), ("light", Theme::light()), ("16", Theme::default())] {
        check(&format!("coloured_{name}"), &styles(&view(&model, &mut Memo::default(), &theme).buffer));
    }
    screen(&mut model).details = true;
    let shown = rows(&view(&model, &mut Memo::default(), &Theme::default()).buffer).join("\n");
    assert!(shown.contains("api   [=====] 100%") && !shown.contains("10%\n") && !shown.contains("owned"), "{shown}");
}
