//! The machine and the terminal: clipboard, suspending, leaving.
//!
//! The terminal itself belongs to the app, which lends it by [`HostPort`]; nothing here writes to it.

mod clipboard;
mod demo;
mod export;
mod finder;
mod servers;

#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use quire_state::{
    cmd::effect::HostEffect,
    config::Problem,
    fault::{Fault, FaultKind},
    key::Key,
    msg::{HostReport, Msg, Report, Size, ToolReport},
};

use crate::{
    host::{
        clipboard::{Clipboard, Seat},
        demo::Demo,
        finder::Finder,
    },
    inbox::Inbox,
    runner::{
        guard::guard,
        lanes::{Lane, Lanes},
    },
    themes::{self, Found},
};

/// How long leaving waits for what is to be stored first.
const EXIT_FLUSH: Duration = Duration::from_secs(5);

/// What only the app can do, because it owns the terminal and the program.
pub trait HostPort: Send + Sync + 'static {
    /// Puts text on the clipboard of the user's terminal. Gives what was done in words, for instance `Copy sent to the terminal by OSC 52`. Called on any
    /// thread: take care not to tear a frame.
    ///
    /// # Errors
    /// When there is no terminal, or the text is too long for it.
    fn copy(&self, text: &str) -> Result<String, Fault>;

    /// Stops the program as Ctrl-Z does and comes back with the terminal's size when it goes on. Called on the driver's
    /// thread.
    ///
    /// # Errors
    /// When there is no terminal to hand back.
    fn suspend(&self) -> Result<Size, Fault>;

    /// Leaves the program with this code. Everything asked for before is done. Called on any thread.
    fn exit(&self, code: u8);
}

/// Runs the host's effects.
pub(crate) struct Host {
    inbox: Inbox,
    port: Arc<dyn HostPort>,
    lanes: Lanes,
    clipboard: Arc<Clipboard>,
    finder: Finder,
    demo: Arc<Demo>,
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Host").finish_non_exhaustive()
    }
}

impl Host {
    /// The host of this process, by its environment.
    pub(crate) fn new(inbox: Inbox, port: Arc<dyn HostPort>, lanes: Lanes) -> Self {
        Self::at(Seat::of(|name| std::env::var_os(name)), inbox, port, lanes)
    }

    fn at(seat: Seat, inbox: Inbox, port: Arc<dyn HostPort>, lanes: Lanes) -> Self {
        let finder = Finder::new(inbox.clone());
        Self { inbox, port, lanes, clipboard: Arc::new(Clipboard::new(seat)), finder, demo: Arc::default() }
    }

    /// Ends the search for files under this key, if it is the last one.
    pub(crate) fn cancel(&self, key: &Key) {
        self.finder.cancel(key);
    }

    /// Runs one effect. Blocks only while the program is suspended.
    ///
    /// # Errors
    /// When nothing could be done; then nothing is reported.
    pub(crate) fn run(&self, key: &Key, effect: HostEffect) -> Result<(), Fault> {
        match effect {
            HostEffect::Copy { text } => self.copy(key, text),
            HostEffect::Export { path, text } => self.export(key, path, text),
            HostEffect::Find { folder, wanted } => self.finder.find(key, &folder, wanted).map_err(no_thread),
            HostEffect::PasteImage => self.paste_image(key),
            HostEffect::Themes { folder } => self.themes(key, folder),
            HostEffect::FindServers { servers } => {
                self.look(key, move || Report::Host(HostReport::Servers(servers::find(servers))))
            }
            HostEffect::MakeDemo => self.make_demo(key),
            HostEffect::KeepKey { .. } => Err(Fault::new(FaultKind::Missing, "There is nowhere to keep a key.")),
            HostEffect::Edit { .. } => Err(Fault::new(FaultKind::Missing, "There is no terminal to edit in.")),
            // Only a face can do it; without one it is done.
            HostEffect::Repaint => {
                self.inbox.push(Msg::Report(key.clone(), Report::Host(HostReport::Done)));
                Ok(())
            }
            HostEffect::Past => Err(Fault::new(FaultKind::Missing, "The past is kept only in full screen.")),
            HostEffect::Suspend => {
                let size = self.port.suspend()?;
                self.inbox.push(Msg::Report(key.clone(), Report::Host(HostReport::Resumed { size })));
                Ok(())
            }
            HostEffect::Exit { code } => self.exit(code),
        }
    }

    fn copy(&self, key: &Key, text: String) -> Result<(), Fault> {
        let (inbox, key) = (self.inbox.clone(), key.clone());
        let (port, clipboard) = (Arc::clone(&self.port), Arc::clone(&self.clipboard));
        let job = move || {
            guard(&inbox, &key, FaultKind::Missing, || {
                let report = match clipboard.copy(&text, port.as_ref()) {
                    Ok(road) => Report::Host(HostReport::Copied { road }),
                    Err(fault) => Report::Failed(fault),
                };
                inbox.push(Msg::Report(key.clone(), report));
            });
        };
        self.lanes.push(Lane::Clipboard, job).map_err(no_thread)
    }

    fn export(&self, key: &Key, path: String, text: String) -> Result<(), Fault> {
        let (inbox, key) = (self.inbox.clone(), key.clone());
        let job = move || {
            guard(&inbox, &key, FaultKind::Storage, || {
                let report = match export::write(Path::new(&path), &text) {
                    Ok(()) => Report::Host(HostReport::Exported { path }),
                    Err(fault) => Report::Failed(fault),
                };
                inbox.push(Msg::Report(key.clone(), report));
            });
        };
        self.lanes.push(Lane::History, job).map_err(no_thread)
    }

    fn make_demo(&self, key: &Key) -> Result<(), Fault> {
        let demo = Arc::clone(&self.demo);
        self.look(key, move || match demo.folder() {
            Ok(path) => Report::Host(HostReport::DemoMade { path }),
            Err(fault) => Report::Failed(fault),
        })
    }

    fn look(&self, key: &Key, look: impl FnOnce() -> Report + Send + 'static) -> Result<(), Fault> {
        let (inbox, key) = (self.inbox.clone(), key.clone());
        let job = move || {
            guard(&inbox, &key, FaultKind::Missing, || inbox.push(Msg::Report(key.clone(), look())));
        };
        self.lanes.push(Lane::Looks(None), job).map_err(no_thread)
    }

    fn paste_image(&self, key: &Key) -> Result<(), Fault> {
        let (inbox, key, clipboard) = (self.inbox.clone(), key.clone(), Arc::clone(&self.clipboard));
        let job = move || {
            guard(&inbox, &key, FaultKind::Missing, || {
                let report = match clipboard.image() {
                    Ok(image) => Report::Tool(ToolReport::Image(image)),
                    Err(fault) => Report::Failed(fault),
                };
                inbox.push(Msg::Report(key.clone(), report));
            });
        };
        self.lanes.push(Lane::Clipboard, job).map_err(no_thread)
    }

    fn themes(&self, key: &Key, folder: String) -> Result<(), Fault> {
        let (inbox, key) = (self.inbox.clone(), key.clone());
        let job = move || {
            guard(&inbox, &key, FaultKind::Storage, || {
                let Found { files, problems } = themes::read(Path::new(&folder));
                let faults = problems.iter().map(Problem::line).collect();
                inbox.push(Msg::Report(key.clone(), Report::Host(HostReport::Themes { files, faults })));
            });
        };
        self.lanes.push(Lane::Reading, job).map_err(no_thread)
    }

    fn exit(&self, code: u8) -> Result<(), Fault> {
        if self.lanes.is_idle() {
            self.port.exit(code);
            return Ok(());
        }
        let (port, lanes) = (Arc::clone(&self.port), self.lanes.clone());
        let leave = move || {
            // What is not stored by then is told by the shutdown, which waits once more.
            lanes.flush(Instant::now() + EXIT_FLUSH);
            port.exit(code);
        };
        thread::Builder::new().name("quire-exit".to_owned()).spawn(leave).map(drop).map_err(no_thread)
    }
}

fn no_thread(error: std::io::Error) -> Fault {
    Fault::new(FaultKind::Spawn, format!("No thread could be started: {error}."))
}
