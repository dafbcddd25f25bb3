//! What engine functions work with: everything of the model except the screen, so that the engine cannot read it.
//!
//! Work on one thread gets that thread and a [`Ctx`], which holds no threads: it can reach no other. Routing gets a
//! [`Fold`], which holds all of them. No thread leaves the map while it works.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Deref, DerefMut},
    sync::Arc,
};

use crate::{
    cmd::{Cmd, Effect, Notice, ToolEffect},
    engine::{
        Engine, Serials, Thread,
        requests::Requests,
        thread::{forking::Forking, loading::Loading, settings::ThreadSettings},
    },
    id_generator::IdGenerator,
    item::{Item, ItemKind, Level},
    key::{ItemId, Key, ThreadId, Work},
    model::{Lifecycle, Model},
    msg::Clock,
};

/// The model without its screen and its threads, and the command that is being built.
pub struct Ctx<'a> {
    /// The time of the current batch.
    pub clock: Clock,
    /// Version of this program.
    pub version: &'a str,
    /// Source of ids and jitter.
    pub ids: &'a mut IdGenerator,
    /// The settings of the thread that is worked on; of new threads while there is none.
    pub settings: Arc<ThreadSettings>,
    /// The settings of new threads.
    pub defaults: &'a mut Arc<ThreadSettings>,
    /// What the threads share.
    pub engine: Shared<'a>,
    /// Whether the program is on its way out.
    pub life: &'a mut Lifecycle,
    /// What is asked for so far.
    pub cmd: Cmd,
}

/// What the threads of the engine share.
pub struct Shared<'a> {
    /// The first thread that was opened.
    pub active: &'a mut Option<ThreadId>,
    /// Keys of effects that have not reported their end.
    pub in_flight: &'a BTreeSet<Key>,
    /// Counters behind the keys.
    pub serials: &'a mut Serials,
    /// Stored threads that are being read.
    pub loading: &'a mut BTreeMap<String, Loading>,
    /// Copies on their way, by number.
    pub forks: &'a mut BTreeMap<u64, Forking>,
    /// What waits for an answer.
    pub requests: &'a mut Requests,
    /// What the folder brings that waits for the user's answer.
    pub news: &'a mut Option<Box<crate::trust::News>>,
}

/// One step of the engine: all threads, and what work on one of them may use.
pub struct Fold<'a> {
    /// Threads by id.
    pub threads: &'a mut BTreeMap<ThreadId, Thread>,
    /// Threads that were worked on in this step, in order: what follows is decided when the step is over.
    pub touched: Vec<ThreadId>,
    /// Whether the program was on its way out when the step began.
    pub was_ending: bool,
    ctx: Ctx<'a>,
}

impl<'a> Fold<'a> {
    /// Borrows everything but the screen.
    pub fn of(model: &'a mut Model) -> Self {
        let Engine { threads, active, in_flight, serials, loading, forks, requests, news } = &mut model.engine;
        let engine = Shared { active, in_flight, serials, loading, forks, requests, news };
        Self {
            threads,
            touched: Vec::new(),
            was_ending: model.lifecycle != Lifecycle::Running,
            ctx: Ctx {
                clock: model.clock,
                version: &model.version,
                ids: &mut model.ids,
                settings: Arc::clone(&model.settings),
                defaults: &mut model.settings,
                engine,
                life: &mut model.lifecycle,
                cmd: Cmd::none(),
            },
        }
    }

    /// Runs `work` on a thread. `None` if there is no such thread.
    pub fn with_thread<T>(&mut self, id: &ThreadId, work: impl FnOnce(&mut Ctx<'a>, &mut Thread) -> T) -> Option<T> {
        let thread = self.threads.get_mut(id)?;
        if !self.touched.contains(id) {
            self.touched.push(id.clone());
        }
        self.ctx.settings = Arc::clone(thread.running().map_or(&thread.settings, |running| &running.settings));
        let result = work(&mut self.ctx, thread);
        self.ctx.settings = Arc::clone(self.ctx.defaults);
        Some(result)
    }

    /// The first thread that fits.
    pub fn find(&self, fits: impl Fn(&Thread) -> bool) -> Option<ThreadId> {
        self.threads.values().find(|thread| fits(thread)).map(|thread| thread.id.clone())
    }

    /// The ids of all threads.
    pub fn ids(&self) -> Vec<ThreadId> {
        self.threads.keys().cloned().collect()
    }

    /// What was asked for.
    pub fn into_cmd(self) -> Cmd {
        self.ctx.cmd
    }
}

impl<'a> Deref for Fold<'a> {
    type Target = Ctx<'a>;

    fn deref(&self) -> &Self::Target {
        &self.ctx
    }
}

impl DerefMut for Fold<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.ctx
    }
}

impl Ctx<'_> {
    /// Changes the settings of the thread that is worked on, from this moment on.
    pub fn change_settings(&mut self, thread: &mut Thread, change: impl Fn(&mut ThreadSettings)) {
        change(Arc::make_mut(&mut thread.settings));
        if let Some(running) = thread.running_mut() {
            change(Arc::make_mut(&mut running.settings));
        }
        self.settings = Arc::clone(thread.running().map_or(&thread.settings, |running| &running.settings));
    }

    /// Asks for an effect.
    pub fn run(&mut self, key: Key, effect: Effect) {
        self.cmd.run(key, effect);
    }

    /// Tells observers.
    pub fn tell(&mut self, notice: Notice) {
        self.cmd.tell(notice);
    }

    /// Asks for what a tool needs, and gives the number of it.
    pub fn tool(&mut self, thread: &Thread, effect: ToolEffect) -> u64 {
        self.engine.serials.tool += 1;
        let serial = self.engine.serials.tool;
        self.run(thread.key(Work::Tool(serial)), Effect::Tool(effect));
        serial
    }

    /// Starts a timer and gives its number.
    pub fn timer(&mut self, thread: &ThreadId, delay_ms: u64) -> u64 {
        #[cfg(feature = "planted-bugs")]
        if crate::planted::is("timer-key-reuse") {
            self.engine.serials.timer = 0;
        }
        self.engine.serials.timer += 1;
        let timer = self.engine.serials.timer;
        self.run(Key::Thread(thread.clone(), Work::Timer(timer)), Effect::Wait { delay_ms });
        timer
    }

    /// Cancels a timer.
    pub fn cancel_timer(&mut self, thread: &ThreadId, timer: u64) {
        self.cancel(Key::Thread(thread.clone(), Work::Timer(timer)));
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

    /// Adds a transcript item and gives its id. A finished one is announced as such at once.
    pub fn add_item(&mut self, thread: &mut Thread, open: bool, kind: ItemKind) -> ItemId {
        let id = thread.next_item();
        self.add_item_as(thread, id, open, kind);
        id
    }

    /// The same under an id that was given out before.
    pub fn add_item_as(&mut self, thread: &mut Thread, id: ItemId, open: bool, kind: ItemKind) {
        let item = Arc::new(Item { id, revision: 0, open, kind });
        self.tell(Notice::ItemStarted { thread: thread.id.clone(), item: Arc::clone(&item) });
        if !open {
            self.tell(Notice::ItemCompleted { thread: thread.id.clone(), item: Arc::clone(&item) });
        }
        thread.items.push(item);
    }

    /// Changes an open item and announces it whole. Finished items stay as they are.
    pub fn change_item(&mut self, thread: &mut Thread, id: ItemId, change: impl FnOnce(&mut ItemKind)) {
        let thread_id = thread.id.clone();
        if let Some(shared) = thread.open_shared(id) {
            let item = Arc::make_mut(shared);
            change(&mut item.kind);
            item.revision += 1;
            let item = Arc::clone(shared);
            self.tell(Notice::ItemUpdated { thread: thread_id, item });
        }
    }

    /// Changes an open item and finishes it.
    pub fn close_item(&mut self, thread: &mut Thread, id: ItemId, change: impl FnOnce(&mut ItemKind)) {
        let thread_id = thread.id.clone();
        if let Some(shared) = thread.open_shared(id) {
            let item = Arc::make_mut(shared);
            change(&mut item.kind);
            item.revision += 1;
            item.open = false;
            #[cfg(feature = "planted-bugs")]
            if crate::planted::is("silent-close") {
                return;
            }
            let item = Arc::clone(shared);
            self.tell(Notice::ItemCompleted { thread: thread_id, item });
        }
    }

    /// Adds a finished note.
    pub fn note(&mut self, thread: &mut Thread, level: Level, text: impl Into<String>) {
        self.add_item(thread, false, ItemKind::Note { level, text: text.into() });
    }

    /// Adds a finished note that shows the record which was remembered last.
    pub fn note_of_record(&mut self, thread: &mut Thread, level: Level, text: impl Into<String>) {
        let id = self.add_item(thread, false, ItemKind::Note { level, text: text.into() });
        thread.shown_as(id);
    }
}
