//! `quire debug`: a moment of a recording, and the scripted server.

mod travel;

use std::{
    io::{self, IsTerminal, Write},
    sync::Arc,
};

use quire_effects::scripted::{
    Script,
    server::{ServeOptions, bind},
};
use quire_files::{Links, limits};
use quire_state::{Input, Msg, msg::Size, replay::Recording, update::step};
use quire_ui::{Memo, Theme, view};

use crate::{
    cli::{MockResponses, Replay},
    exit::{self, Failure, Outcome},
    terminal::glyph,
};

/// The size of a recording without a screen.
const PLAIN: Size = Size { cols: 80, rows: 24 };

/// Paints a moment of a recording as text on standard output.
///
/// # Errors
/// When the recording cannot be read.
pub fn replay(options: &Replay) -> Result<u8, Failure> {
    let name = options.file.display();
    let text = quire_files::read_text(&options.file, Links::Follow, limits::RECORDING)
        .map_err(|error| Failure::new(format!("The recording {name} cannot be read: {error}.")))?;
    let recording = Recording::read(&text)
        .map_err(|error| Failure::new(format!("{name}, {error}. Make a recording with --record FILE.")))?;
    let is_watched = io::stdin().is_terminal() && io::stdout().is_terminal();
    if is_watched && options.until.is_none() && options.size.is_none() {
        return travel::travel(&recording);
    }
    let painted = paint(&recording, options.until, options.size);
    Ok(exit::print(&painted).code())
}

/// The screen after so many messages, as lines of text. A recording of `exec` is painted as the full screen would show it.
pub fn paint(recording: &Recording, until: Option<usize>, size: Option<Size>) -> String {
    let mut model = recording.fold(until);
    if model.screen.is_none() {
        model.screen = Some(quire_state::screen::Screen::new(PLAIN, Vec::new()));
    }
    if let Some(size) = size {
        step(&mut model, Msg::Input(Input::Resize(size)));
    }
    let scene = view(&model, &mut Memo::default(), &Theme::plain());
    let area = scene.buffer.area;
    let mut text = String::new();
    for row in 0..area.height {
        let mut line = String::new();
        let mut column = 0;
        while column < area.width {
            let glyph = glyph::Glyph::of(&scene.buffer[(column, row)], area.width - column);
            line.push_str(glyph.text);
            column += glyph.width;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Serves scripted answers until the process ends.
///
/// # Errors
/// When the script cannot be read or the port is taken.
pub fn mock_responses(options: &MockResponses) -> Result<u8, Failure> {
    let script = Script::load(&options.script).map_err(|error| Failure::new(error.to_string()))?;
    let serve = ServeOptions { port: options.port, log: options.log.clone() };
    let bound = bind(&serve).map_err(|error| {
        Failure::new(format!("Port {} on 127.0.0.1 cannot be used: {error}. Choose another one, or 0.", options.port))
    })?;
    // A closed standard output is no reason not to serve.
    let _ = writeln!(io::stdout(), "listening on {}", bound.url());
    bound.serve(Arc::new(script)).map_err(|error| Failure::new(format!("The server has ended: {error}.")))?;
    Ok(Outcome::Done.code())
}
