//! How well paths fit.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use quire_state::screen::completion::FoundFile;

use super::Portion;

/// Files that are told at most.
const MOST_ROWS: usize = 40;
/// Paths between two looks at whether the search still goes on.
const BETWEEN_LOOKS: usize = 1_000;

/// The paths that fit a word, with what is known from the word before.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    wanted: String,
    /// Portions that have been looked at.
    seen: usize,
    /// Those that fit: how well, and where they stand.
    fitting: Vec<Fit>,
    matcher: Option<Matcher>,
}

/// The score, the portion, and the place in it.
type Fit = (u32, usize, usize);

impl Ranking {
    /// Ranks the paths for a word. A longer word is looked for only among what fits the shorter one, and more paths only among
    /// the new ones. `false` when that has become useless meanwhile.
    pub(super) fn rank(&mut self, wanted: &str, listed: &[Portion], is_current: impl Fn() -> bool) -> bool {
        let pattern = pattern(wanted);
        let matcher = self.matcher.get_or_insert_with(|| Matcher::new(Config::DEFAULT.match_paths()));
        let mut letters = Vec::new();
        let mut count: usize = 0;
        let mut score = |path: &str| {
            count += 1;
            let is_useful = !count.is_multiple_of(BETWEEN_LOOKS) || is_current();
            is_useful.then(|| pattern.score(Utf32Str::new(path, &mut letters), matcher))
        };
        let mut fitting = Vec::new();
        if self.wanted != wanted {
            // Whatever fits the longer word fits the shorter one.
            if wanted.starts_with(&self.wanted) {
                for (_, portion, at) in &self.fitting {
                    let Some(found) = score(&listed[*portion][*at]) else { return false };
                    fitting.extend(found.map(|score| (score, *portion, *at)));
                }
            } else {
                self.seen = 0;
            }
        } else {
            fitting = std::mem::take(&mut self.fitting);
        }
        for (portion, paths) in listed.iter().enumerate().skip(self.seen) {
            for (at, path) in paths.iter().enumerate() {
                let Some(found) = score(path) else {
                    // Nothing is known any more.
                    *self = Self::default();
                    return false;
                };
                fitting.extend(found.map(|score| (score, portion, at)));
            }
        }
        (self.fitting, self.seen) = (fitting, listed.len());
        wanted.clone_into(&mut self.wanted);
        true
    }

    /// The best paths, the best first: of two that fit as well, the shorter one. And how many fit.
    pub(super) fn best(&mut self, wanted: &str, listed: &[Portion]) -> (Vec<FoundFile>, usize) {
        let path = |fit: &Fit| &*listed[fit.1][fit.2];
        let order = |one: &Fit, other: &Fit| {
            let long = |fit: &Fit| (path(fit).len(), path(fit));
            other.0.cmp(&one.0).then_with(|| long(one).cmp(&long(other)))
        };
        let mut best = self.fitting.clone();
        if best.len() > MOST_ROWS {
            best.select_nth_unstable_by(MOST_ROWS, order);
            best.truncate(MOST_ROWS);
        }
        best.sort_unstable_by(order);
        let pattern = pattern(wanted);
        let matcher = self.matcher.get_or_insert_with(|| Matcher::new(Config::DEFAULT.match_paths()));
        let mut letters = Vec::new();
        let rows = best.iter().map(|fit| {
            let mut hits = Vec::new();
            pattern.indices(Utf32Str::new(path(fit), &mut letters), matcher, &mut hits);
            hits.sort_unstable();
            hits.dedup();
            FoundFile { path: path(fit).to_owned(), hits }
        });
        (rows.collect(), self.fitting.len())
    }
}

/// Each word must fit; upper case matters where the user writes it.
fn pattern(wanted: &str) -> Pattern {
    Pattern::new(wanted, CaseMatching::Smart, Normalization::Smart, nucleo_matcher::pattern::AtomKind::Fuzzy)
}
