//! The pager: the whole transcript over the whole screen, nothing folded. It is searched, walked from prompt to prompt, and
//! parts of it are copied.

use crate::{
    cmd::HostEffect,
    engine::Thread,
    item::Item,
    key::ItemId,
    msg::KeyPress,
    screen::{
        Row, Scroll,
        ctx::{ScreenCtx, Wish},
        keymap::{Action, Context, Keymap},
        prompts,
    },
};

use super::Handled;

mod copy;

pub(in crate::screen) use copy::text;

/// Characters of what is searched for at most.
const QUERY_CHARS: usize = 200;
/// Rows around the transcript: the title, the row of the search, and the keys.
pub const AROUND_ROWS: u16 = 3;

/// The pager, open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pager {
    /// Where its window stands.
    pub scroll: Scroll,
    /// What is searched for; empty for nothing.
    pub query: String,
    /// What is being written to be searched for.
    pub typing: Option<String>,
    /// Whether it has been moved. Until then, what leaves the program does so from here, too.
    pub is_moved: bool,
    /// The prompt that was gone to last, as long as nothing else has moved.
    pub prompt: Option<ItemId>,
    /// The block of code that was copied last, and of which answer.
    pub copied: Option<(ItemId, usize)>,
}

impl Pager {
    /// Open at the last prompt, or so many prompts back from the end.
    pub(in crate::screen) fn at_prompt(thread: Option<&Thread>, back: u32) -> Self {
        let mut pager = Self::default();
        for _ in 0..back.max(1) {
            pager.go_to_prompt(thread, false);
            if pager.prompt.is_none() {
                break;
            }
        }
        pager
    }

    /// Moves, searches, copies or closes. Other keys do nothing: who reads may rest a hand on the keys.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        if self.typing.is_some() {
            return self.typed(&ctx.screen.keymap, press);
        }
        let Some(action) = ctx.screen.keymap.action(Context::Pager, press) else { return Handled::Taken };
        let leaves = ctx.screen.keymap.action(Context::NoDraft, press) == Some(Action::Quit);
        if leaves && !self.is_moved && ctx.screen.composer.is_empty() {
            return Handled::Pass;
        }
        let page = i64::from(ctx.screen.size.rows.saturating_sub(AROUND_ROWS + 2).max(1));
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Search {
            self.typing = Some(String::new());
        } else if action == Action::FindNext {
            self.find(1);
        } else if action == Action::FindPrevious {
            self.find(-1);
        } else if action == Action::PromptBefore {
            self.go_to_prompt(ctx.thread, false);
        } else if action == Action::PromptAfter {
            self.go_to_prompt(ctx.thread, true);
        } else if action == Action::Copy {
            self.copy_part(ctx);
        } else if action == Action::CopyCode {
            self.copy_code(ctx);
        } else if action == Action::EditFrom {
            return self.edit_from(ctx);
        } else if action == Action::First {
            self.go(Scroll::START);
        } else if action == Action::Last {
            self.go(Scroll::Follow);
        } else if action == Action::Previous {
            self.by(1);
        } else if action == Action::Next {
            self.by(-1);
        } else if action == Action::HalfUp {
            self.by((page / 2).max(1));
        } else if action == Action::HalfDown {
            self.by(-(page / 2).max(1));
        } else if action == Action::PageUp {
            self.by(page);
        } else if action == Action::PageDown {
            self.by(-page);
        }
        Handled::Taken
    }

    /// Scrolls by rows, positive is towards the beginning.
    pub(in crate::screen) fn by(&mut self, rows: i64) {
        self.go(self.scroll.by(rows));
    }

    fn go(&mut self, to: Scroll) {
        (self.scroll, self.prompt, self.is_moved) = (to, None, true);
    }

    /// Adds text to what is being written, if something is.
    pub(super) fn write(&mut self, text: &str) {
        if let Some(typing) = &mut self.typing {
            let room = QUERY_CHARS.saturating_sub(typing.chars().count());
            typing.extend(text.chars().filter(|letter| !letter.is_control()).take(room));
        }
    }

    fn typed(&mut self, keymap: &Keymap, press: KeyPress) -> Handled {
        let action = keymap.action(Context::PagerSearch, press);
        let is_erased =
            action == Some(Action::Erase) && self.typing.as_mut().is_some_and(|typing| typing.pop().is_none());
        if action == Some(Action::Cancel) || is_erased {
            self.typing = None;
        } else if action == Some(Action::Take) {
            self.query = self.typing.take().unwrap_or_default();
            self.find(0);
        } else if let Some(letter) = press.typed().filter(|_| action.is_none()) {
            self.write(letter.encode_utf8(&mut [0; 4]));
        }
        Handled::Taken
    }

    /// Goes to a hit: the first from the window on, or so many further.
    fn find(&mut self, further: i64) {
        if self.query.is_empty() {
            return;
        }
        // The first of a window is what further searching begins with.
        let first = |row| Scroll::Find { row, nth: 0, steps: further.min(0) };
        let to = match self.scroll {
            Scroll::Find { row, nth, steps } if further != 0 => {
                Scroll::Find { row, nth, steps: steps.saturating_add(further) }
            }
            Scroll::Find { row, .. } | Scroll::At { row, .. } => first(row),
            // From the end, the newest is what is looked for.
            Scroll::Follow | Scroll::Up(_) => Scroll::Find { row: Row::END, nth: 0, steps: -1 },
        };
        self.go(to);
    }

    /// Goes to the prompt before or after the one that is at the top.
    fn go_to_prompt(&mut self, thread: Option<&Thread>, after: bool) {
        let Some(thread) = thread else { return };
        let (scroll, prompt) = prompts::go(&thread.items, (self.scroll, self.prompt), after);
        self.go(scroll);
        self.prompt = prompt;
    }

    /// The item that is copied: that of the hit, or the one at the top of the window.
    fn part<'a>(&self, thread: &'a Thread) -> Option<&'a Item> {
        let id = match self.scroll {
            Scroll::Follow | Scroll::Up(_) => None,
            Scroll::At { row, .. } | Scroll::Find { row, .. } => row.item,
        };
        let found = match id {
            Some(id) => thread.items.iter().rfind(|item| item.id == id),
            None => thread.items.iter().rfind(|item| copy::text(item).is_some()),
        };
        found.map(AsRef::as_ref)
    }

    fn copy_part(&mut self, ctx: &mut ScreenCtx<'_>) {
        let text = ctx.thread.and_then(|thread| self.part(thread)).and_then(copy::text);
        match text {
            Some(text) => ctx.wishes.push(Wish::Host(HostEffect::Copy { text })),
            None => ctx.toast("There is nothing to copy here.".to_owned()),
        }
    }

    /// Goes on to the choice of an earlier message, with the prompt of what is seen marked there.
    fn edit_from(&self, ctx: &mut ScreenCtx<'_>) -> Handled {
        if ctx.is_working() {
            ctx.toast("A turn runs. Stop it with Esc, then edit an earlier message.".to_owned());
            return Handled::Taken;
        }
        let is_at_start = matches!(self.scroll, Scroll::At { row: Row { item: None, .. }, .. });
        let seen =
            |thread: &Thread| if is_at_start { Some(thread.items.first()?.id) } else { Some(self.part(thread)?.id) };
        let part = self.prompt.or_else(|| ctx.thread.and_then(seen));
        super::rewind::open(ctx, part);
        // Where nothing was said there is nothing to choose, and that is told.
        if matches!(ctx.screen.popup(), Some(super::Overlay::Rewind(_))) { Handled::Close } else { Handled::Taken }
    }

    /// Copies a block of code of the answer; pressed again, the next one.
    fn copy_code(&mut self, ctx: &mut ScreenCtx<'_>) {
        let Some(thread) = ctx.thread else { return };
        // The answer from the window on that has one, else the last before it.
        let from = self.part(thread).and_then(|part| thread.items.iter().rposition(|item| item.id == part.id));
        let (before, behind) = thread.items.split_at(from.unwrap_or(0));
        let mut with_code = behind.iter().chain(before.iter().rev()).filter_map(|item| {
            let blocks = copy::code(item);
            (!blocks.is_empty()).then_some((item.id, blocks))
        });
        let Some((id, blocks)) = with_code.next() else {
            return ctx.toast("There is no block of code to copy.".to_owned());
        };
        let at = match self.copied {
            Some((last, at)) if last == id => (at + 1) % blocks.len(),
            Some(_) | None => 0,
        };
        self.copied = Some((id, at));
        let text = blocks.into_iter().nth(at).unwrap_or_default();
        ctx.wishes.push(Wish::Host(HostEffect::Copy { text }));
    }
}
