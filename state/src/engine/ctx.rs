//! What engine functions work with: everything of the model except the screen, so that the engine cannot read it.

use crate::{
    boot::{FaceKind, Host},
    cmd::{Cmd, Effect, Notice},
    config::Config,
    engine::Engine,
    id_generator::IdGenerator,
    item::{Item, ItemKind, Level},
    key::{ItemId, Key, ThreadId},
    model::{Lifecycle, Model},
    msg::Clock,
    rules::Rules,
};

use crate::engine::thread::Thread;

/// The model without its screen, and the command that is being built.
pub struct Ctx<'a> {
    /// The time of the current batch.
    pub clock: Clock,
    /// Version of this program.
    pub version: &'a str,
    /// Source of ids and jitter.
    pub ids: &'a mut IdGenerator,
    /// How the program is used.
    pub face: FaceKind,
    /// The resolved configuration.
    pub config: &'a Config,
    /// The machine.
    pub host: &'a Host,
    /// What the user allowed, wants to be asked about, or forbade.
    pub rules: &'a mut Rules,
    /// Conversations and the work in flight.
    pub engine: &'a mut Engine,
    /// Whether the program is on its way out.
    pub life: &'a mut Lifecycle,
    /// What is asked for so far.
    pub cmd: Cmd,
}

impl<'a> Ctx<'a> {
    /// Borrows everything but the screen.
    pub fn of(model: &'a mut Model) -> Self {
        Self {
            clock: model.clock,
            version: &model.version,
            ids: &mut model.ids,
            face: model.face,
            config: &model.config,
            host: &model.host,
            rules: &mut model.rules,
            engine: &mut model.engine,
            life: &mut model.lifecycle,
            cmd: Cmd::none(),
        }
    }

    /// Runs `work` on a thread, and writes down afterwards what the thread has to record. `None` if there is no such thread.
    pub fn with_thread<T>(&mut self, id: &ThreadId, work: impl FnOnce(&mut Self, &mut Thread) -> T) -> Option<T> {
        let mut thread = self.engine.threads.remove(id)?;
        let result = work(self, &mut thread);
        crate::engine::thread::persist::flush(self, &mut thread);
        self.engine.threads.insert(id.clone(), thread);
        Some(result)
    }

    /// Asks for an effect.
    pub fn run(&mut self, key: Key, effect: Effect) {
        self.cmd.run(key, effect);
    }

    /// Tells observers.
    pub fn tell(&mut self, notice: Notice) {
        self.cmd.tell(notice);
    }

    /// Starts a timer and gives its number.
    pub fn timer(&mut self, delay_ms: u64) -> u64 {
        #[cfg(feature = "planted-bugs")]
        if crate::planted::is("timer-key-reuse") {
            self.engine.serials.timer = 0;
        }
        self.engine.serials.timer += 1;
        let timer = self.engine.serials.timer;
        self.run(Key::Timer(timer), Effect::Wait { delay_ms });
        timer
    }

    /// Cancels a timer.
    pub fn cancel_timer(&mut self, timer: u64) {
        self.cancel(Key::Timer(timer));
    }

    /// Cancels the work under a key.
    pub fn cancel(&mut self, key: Key) {
        self.run(key.clone(), Effect::Cancel(key));
    }

    /// The key of the next host request.
    pub fn host_key(&mut self) -> Key {
        self.engine.serials.host += 1;
        Key::Host(self.engine.serials.host)
    }

    /// Adds a transcript item and gives its number. A finished one is announced as such at once.
    pub fn add_item(&mut self, thread: &mut Thread, open: bool, kind: ItemKind) -> ItemId {
        let id = ItemId(thread.items.len() as u64);
        let item = Item { id, revision: 0, open, kind };
        self.tell(Notice::ItemStarted { thread: thread.id.clone(), item: item.clone() });
        if !open {
            self.tell(Notice::ItemCompleted { thread: thread.id.clone(), item: item.clone() });
        }
        thread.items.push(item);
        id
    }

    /// Changes an open item and announces it whole. Finished items stay as they are.
    pub fn change_item(&mut self, thread: &mut Thread, id: ItemId, change: impl FnOnce(&mut ItemKind)) {
        let thread_id = thread.id.clone();
        if let Some(item) = thread.open_item(id) {
            change(&mut item.kind);
            item.revision += 1;
            let item = item.clone();
            self.tell(Notice::ItemUpdated { thread: thread_id, item });
        }
    }

    /// Changes an open item and finishes it.
    pub fn close_item(&mut self, thread: &mut Thread, id: ItemId, change: impl FnOnce(&mut ItemKind)) {
        let thread_id = thread.id.clone();
        if let Some(item) = thread.open_item(id) {
            change(&mut item.kind);
            item.revision += 1;
            item.open = false;
            #[cfg(feature = "planted-bugs")]
            if crate::planted::is("silent-close") {
                return;
            }
            let item = item.clone();
            self.tell(Notice::ItemCompleted { thread: thread_id, item });
        }
    }

    /// Adds a finished note.
    pub fn note(&mut self, thread: &mut Thread, level: Level, text: impl Into<String>) {
        self.add_item(thread, false, ItemKind::Note { level, text: text.into() });
    }
}
