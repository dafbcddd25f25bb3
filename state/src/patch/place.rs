//! Where the hunks of one file belong.
//!
//! Hunks stand in the order of the file: each is searched for below the one before it, and below the lines that its
//! `@@` names. It goes to the first place where its lines match exactly; if there is none anywhere below, to the first
//! where they match but for blanks at line ends, then for blanks at both sides, then for the look of punctuation.

use super::{
    Hunk,
    fold::Step,
    index::{Index, Needle},
    lines::Lines,
};

/// Where one hunk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The line of the file at which its first old line stands, or before which its new lines go.
    pub(super) at: usize,
    /// Blank lines at its end that are only spacers in the patch.
    pub(super) spacers: usize,
}

/// A hunk that has no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misplaced {
    /// Its number, counted from zero.
    pub(super) hunk: usize,
    /// The number of the `@@` line that is not there; none if its own lines are not.
    pub(super) context: Option<usize>,
    /// The line from which it was searched for, counted from zero.
    pub(super) from: usize,
    /// The line above that at which it would have fitted.
    pub(super) above: Option<usize>,
}

/// All places, and the work that finding them took.
pub(super) fn place(text: &Lines<'_>, hunks: &[Hunk]) -> (Result<Vec<Place>, Misplaced>, u64) {
    let mut finder = Finder::of(text, hunks);
    let mut from = 0;
    let mut places = Vec::with_capacity(hunks.len());
    for number in 0..hunks.len() {
        match finder.place(number, from) {
            Ok((place, next)) => {
                from = next;
                places.push(place);
            }
            Err(misplaced) => return (Err(misplaced), finder.steps()),
        }
    }
    (Ok(places), finder.steps())
}

struct Finder<'a, 'b> {
    text: &'b Lines<'a>,
    hunks: &'b [Hunk],
    /// The number of each hunk's first needle: its contexts, then its old lines, then these without spacers.
    needles: Vec<usize>,
    /// Made when a step is first needed.
    indexes: [Option<Index>; 4],
    compared: u64,
}

impl<'a, 'b> Finder<'a, 'b> {
    fn of(text: &'b Lines<'a>, hunks: &'b [Hunk]) -> Self {
        let mut next = 0;
        let needles = hunks
            .iter()
            .map(|hunk| {
                let first = next;
                next += hunk.contexts.len() + 2;
                first
            })
            .collect();
        Self { text, hunks, needles, indexes: [const { None }; 4], compared: 0 }
    }

    fn steps(&self) -> u64 {
        self.compared + self.indexes.iter().flatten().map(|index| index.steps).sum::<u64>()
    }

    /// The place of a hunk at or below `from`, and the line below it.
    fn place(&mut self, number: usize, from: usize) -> Result<(Place, usize), Misplaced> {
        let hunk = &self.hunks[number];
        let mut from = from;
        for context in 0..hunk.contexts.len() {
            match self.find(self.needles[number] + context, from) {
                Some(line) => from = line + 1,
                None => {
                    let above = first_place(self.text, hunk, Some(context));
                    return Err(Misplaced { hunk: number, context: Some(context), from, above });
                }
            }
        }
        let height = hunk.old_lines().count();
        if height == 0 {
            // Nothing to find: below the line that `@@` names, or at the end.
            let at = if hunk.contexts.is_empty() || hunk.at_end { self.text.len() } else { from };
            return Ok((Place { at, spacers: 0 }, at));
        }
        let blank_tail = hunk.blank_tail();
        let tails = [Some(0), (blank_tail > 0 && blank_tail < height).then_some(blank_tail)];
        for (variant, spacers) in tails.into_iter().enumerate() {
            let Some(spacers) = spacers else { continue };
            let found = match hunk.at_end {
                true => self.fits_end(hunk, spacers, from),
                false => self.find(self.needles[number] + hunk.contexts.len() + variant, from),
            };
            if let Some(at) = found {
                return Ok((Place { at, spacers }, at + height - spacers));
            }
        }
        Err(Misplaced { hunk: number, context: None, from, above: first_place(self.text, hunk, None) })
    }

    /// The first line at or below `from` where a needle stands, at the strictest step at which it stands anywhere.
    fn find(&mut self, needle: usize, from: usize) -> Option<usize> {
        for (index, step) in self.indexes.iter_mut().zip(Step::ALL) {
            let index = index.get_or_insert_with(|| {
                let needles = self.hunks.iter().flat_map(needles);
                Index::of(self.text, needles, step, from)
            });
            if let Some(line) = index.find(needle, from) {
                return Some(line);
            }
        }
        None
    }

    /// The line at which a hunk's old lines stand if they are the last ones of the file.
    fn fits_end(&mut self, hunk: &Hunk, spacers: usize, from: usize) -> Option<usize> {
        let height = hunk.old_lines().count() - spacers;
        let at = self.text.len().checked_sub(height).filter(|at| *at >= from)?;
        self.compared += 4 * height as u64;
        let fits = |step: Step| {
            hunk.old_lines()
                .take(height)
                .zip(at..)
                .all(|(line, at)| self.text.get(at).is_some_and(|there| step.key(there) == step.key(line.as_bytes())))
        };
        Step::ALL.into_iter().any(fits).then_some(at)
    }
}

/// What is searched for a hunk, in the order of [`Finder::needles`], each last line first.
fn needles(hunk: &Hunk) -> impl Iterator<Item = Needle<'_>> {
    let contexts = hunk.contexts.iter().map(|context| -> Needle<'_> { Box::new(std::iter::once(context.as_str())) });
    let tail = hunk.blank_tail();
    // A hunk that is tied to the end is not searched for.
    let whole: Needle<'_> = if hunk.at_end { Box::new(std::iter::empty()) } else { Box::new(hunk.old_lines().rev()) };
    let short: Needle<'_> = if hunk.at_end || tail == 0 {
        Box::new(std::iter::empty())
    } else {
        Box::new(hunk.old_lines().rev().skip(tail))
    };
    contexts.chain([whole, short])
}

/// Where a hunk, or a line that its `@@` names, first stands in the whole file, wherever it may go.
fn first_place(text: &Lines<'_>, hunk: &Hunk, context: Option<usize>) -> Option<usize> {
    Step::ALL.into_iter().find_map(|step| {
        let needle: Needle<'_> = match context {
            Some(context) => Box::new(std::iter::once(hunk.contexts[context].as_str())),
            None => Box::new(hunk.old_lines().rev()),
        };
        Index::of(text, std::iter::once(needle), step, 0).find(0, 0)
    })
}
