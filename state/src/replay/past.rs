//! The last messages of a run and models between them, so that any moment among them can be looked at again. Bounded: what is
//! older is forgotten.

use std::collections::VecDeque;

use crate::{
    coalesce::weight,
    model::Model,
    msg::Msg,
    replay::Recording,
    screen::{Overlay, Screen, overlay::Time},
    update::step,
};

/// Messages from one kept model to the next.
const STRIDE: usize = 256;
/// Kept models at most, of a run that goes on.
const MODELS: usize = 8;
/// Kept models at most, of a recording.
const RECORDED_MODELS: usize = 32;
/// Bytes of messages at most, roughly, of a run that goes on.
const BYTES: usize = 4 * 1024 * 1024;

/// A stretch of messages, and the model before them.
#[derive(Clone, Debug)]
struct Stretch {
    before: Model,
    messages: Vec<Msg>,
    bytes: usize,
}

/// The last messages.
#[derive(Clone, Debug, Default)]
pub struct Past {
    stretches: VecDeque<Stretch>,
    /// Messages before the first stretch.
    first: u64,
    bytes: usize,
    /// So much came in at once that nothing is kept until no turn runs: outputs that grow would be held once for each model.
    is_resting: bool,
}

impl Past {
    /// All of a recording.
    pub fn of(recording: &Recording) -> Self {
        let (mut model, _) = crate::boot(recording.boot.clone());
        let stride = STRIDE.max(recording.messages.len() / RECORDED_MODELS + 1);
        let mut past = Self::default();
        for msg in &recording.messages {
            past.add(msg, &model, stride);
            step(&mut model, msg.clone());
        }
        if past.stretches.is_empty() {
            past.stretches.push_back(Stretch { before: model, messages: Vec::new(), bytes: 0 });
        }
        past
    }

    /// Notes a message that is about to be folded into this model.
    pub fn note(&mut self, msg: &Msg, before: &Model) {
        if self.is_resting {
            self.is_resting = before.engine.threads.values().any(|thread| thread.running().is_some());
        }
        let is_flood = |last: &Stretch| last.bytes > BYTES / MODELS && last.messages.len() < STRIDE;
        if self.is_resting || self.stretches.back().is_some_and(is_flood) {
            self.first = self.span().1 + 1;
            (self.stretches, self.bytes, self.is_resting) = (VecDeque::new(), 0, true);
            return;
        }
        self.add(msg, before, STRIDE);
        while self.stretches.len() > MODELS || self.bytes > BYTES {
            let Some(gone) = self.stretches.pop_front() else { break };
            self.first += gone.messages.len() as u64;
            self.bytes -= gone.bytes;
        }
    }

    fn add(&mut self, msg: &Msg, before: &Model, stride: usize) {
        if self.stretches.back().is_none_or(|last| last.messages.len() >= stride || last.bytes > BYTES / MODELS) {
            self.stretches.push_back(Stretch { before: before.clone(), messages: Vec::new(), bytes: 0 });
        }
        if let Some(last) = self.stretches.back_mut() {
            let bytes = weight(msg);
            last.messages.push(msg.clone());
            (last.bytes, self.bytes) = (last.bytes + bytes, self.bytes + bytes);
        }
    }

    /// The number of messages before the oldest moment that is known, and before the newest.
    pub fn span(&self) -> (u64, u64) {
        let known: usize = self.stretches.iter().map(|stretch| stretch.messages.len()).sum();
        (self.first, self.first + known as u64)
    }

    /// The model after so many messages; the nearest that is known.
    pub fn at(&self, count: u64) -> Option<Model> {
        let mut left = usize::try_from(count.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let newest = self.stretches.len().checked_sub(1)?;
        for (at, stretch) in self.stretches.iter().enumerate() {
            if left <= stretch.messages.len() || at == newest {
                let mut model = stretch.before.clone();
                stretch.messages.iter().take(left).for_each(|msg| drop(step(&mut model, msg.clone())));
                return Some(model);
            }
            left -= stretch.messages.len();
        }
        None
    }

    /// The message that led to this moment.
    pub fn message(&self, count: u64) -> Option<&Msg> {
        let at = usize::try_from(count.checked_sub(self.first)?.checked_sub(1)?).ok()?;
        self.stretches.iter().flat_map(|stretch| &stretch.messages).nth(at)
    }

    /// The moment that is looked at, as it is painted on this screen, with what led to it.
    pub fn shown(&self, time: &Time, now: &Screen) -> Option<Model> {
        let mut model = self.at(time.at)?;
        let mut time = time.clone();
        if let Some(msg) = self.message(time.at) {
            time.message = super::difference::told(msg);
            let before = self.at(time.at.saturating_sub(1))?;
            time.changed = super::difference::difference(&before, &model);
        }
        let mut screen = model.screen.take().unwrap_or_else(|| Screen::new(now.size, Vec::new()));
        // A recording of `exec` is shown as the full screen would show it.
        screen.thread = screen.thread.or_else(|| model.engine.threads.keys().next_back().cloned());
        (screen.size, screen.is_light) = (now.size, now.is_light);
        screen.overlays.retain(|overlay| overlay.question().is_some());
        screen.overlays.push(Overlay::Time(time));
        model.screen = Some(screen);
        Some(model)
    }
}
