//! Many sequences of lines, all found in one pass over a text.
//!
//! The sequences (needles) make one automaton that the text runs through once, from its end to its beginning; so every
//! line knows the longest needle, or beginning of one, that starts at it. The places of a needle are then the places of a
//! contiguous range of the automaton's states, and a tree over the states answers "the first place from here on".
//! Places before the ones asked for are dropped for good, which is what keeps the whole near-linear in the worst case.

use std::{borrow::Cow, collections::BTreeMap};

use super::{fold::Step, lines::Lines};

const NONE: u32 = u32::MAX;

/// A sequence of lines to find, last line first.
pub(super) type Needle<'a> = Box<dyn Iterator<Item = &'a str> + 'a>;

/// Where needles stand in a text, at one step of likeness.
pub(super) struct Index {
    /// For every needle, the range of ranks that stand for its places. None for one without lines.
    ranges: Vec<Option<(u32, u32)>>,
    /// For every rank, its first place, as an index into `places`.
    heads: Vec<u32>,
    /// Places in lists: the line, and the next place of the same rank.
    places: Vec<(u32, u32)>,
    /// A tree of least lines over the ranks; the leaves begin at `heads.len()`.
    least: Vec<u32>,
    /// Work done so far, for those who measure its growth.
    pub(super) steps: u64,
}

impl Index {
    /// Runs the text from its end down to line `from` past the needles.
    pub(super) fn of<'a>(text: &Lines<'_>, needles: impl Iterator<Item = Needle<'a>>, step: Step, from: usize) -> Self {
        let mut automaton = Automaton::default();
        let nodes: Vec<u32> = needles.map(|needle| automaton.insert(needle, step)).collect();
        let ranks = automaton.close();
        let ranges = nodes.iter().map(|node| (*node != 0).then(|| ranks[*node as usize])).collect();
        let mut heads = vec![NONE; ranks.len()];
        let mut places = Vec::new();
        let mut node = 0;
        for line in (from..text.len()).rev() {
            node = automaton.next(node, &step.key(text.get(line).unwrap_or_default()));
            if node != 0 {
                let head = &mut heads[ranks[node as usize].0 as usize];
                places.push((to_u32(line), *head));
                *head = to_u32(places.len() - 1);
            }
        }
        let count = heads.len();
        let mut least = vec![NONE; 2 * count];
        for rank in 0..count {
            least[count + rank] = first_line(heads[rank], &places);
        }
        for at in (1..count).rev() {
            least[at] = least[2 * at].min(least[2 * at + 1]);
        }
        Self { ranges, heads, steps: automaton.steps + 3 * count as u64, places, least }
    }

    /// The first place of a needle at or below line `from`. What lies above `from` is forgotten: later questions must
    /// not begin higher up.
    pub(super) fn find(&mut self, needle: usize, from: usize) -> Option<usize> {
        let (low, high) = self.ranges[needle]?;
        loop {
            let rank = self.least_in(low as usize, high as usize)?;
            let line = self.least[self.heads.len() + rank] as usize;
            if line >= from {
                return Some(line);
            }
            self.forget(rank, from);
        }
    }

    /// The rank with the least line among some.
    fn least_in(&mut self, low: usize, high: usize) -> Option<usize> {
        let count = self.heads.len();
        let (mut left, mut right, mut best) = (low + count, high + count, 0);
        while left < right {
            self.steps += 1;
            if left % 2 == 1 {
                best = self.lesser(best, left);
                left += 1;
            }
            if right % 2 == 1 {
                right -= 1;
                best = self.lesser(best, right);
            }
            (left, right) = (left / 2, right / 2);
        }
        if best == 0 || self.least[best] == NONE {
            return None;
        }
        while best < count {
            self.steps += 1;
            let wanted = self.least[best];
            best = if self.least[2 * best] == wanted { 2 * best } else { 2 * best + 1 };
        }
        Some(best - count)
    }

    fn lesser(&self, best: usize, other: usize) -> usize {
        if best == 0 || self.least[other] < self.least[best] { other } else { best }
    }

    /// Drops a rank's places above line `from`.
    fn forget(&mut self, rank: usize, from: usize) {
        let mut head = self.heads[rank];
        while head != NONE && (self.places[head as usize].0 as usize) < from {
            self.steps += 1;
            head = self.places[head as usize].1;
        }
        self.heads[rank] = head;
        let mut at = self.heads.len() + rank;
        self.least[at] = first_line(head, &self.places);
        while at > 1 {
            self.steps += 1;
            at /= 2;
            self.least[at] = self.least[2 * at].min(self.least[2 * at + 1]);
        }
    }
}

fn first_line(head: u32, places: &[(u32, u32)]) -> u32 {
    if head == NONE { NONE } else { places[head as usize].0 }
}

/// The automaton of Aho and Corasick over whole lines.
struct Automaton<'a> {
    /// Every line of the needles has a number.
    numbers: BTreeMap<Cow<'a, [u8]>, u32>,
    /// From a node by a line's number to the next node.
    edges: BTreeMap<(u32, u32), u32>,
    /// For every node, the node of its longest proper suffix that is a node, too.
    shorter: Vec<u32>,
    steps: u64,
}

impl Default for Automaton<'_> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), edges: BTreeMap::new(), shorter: vec![0], steps: 0 }
    }
}

impl<'a> Automaton<'a> {
    /// The node at the end of a needle's way.
    fn insert(&mut self, needle: Needle<'a>, step: Step) -> u32 {
        let mut node = 0;
        for line in needle {
            self.steps += 1;
            let fresh = to_u32(self.numbers.len());
            let number = *self.numbers.entry(step.key(line.as_bytes())).or_insert(fresh);
            node = *self.edges.entry((node, number)).or_insert_with(|| {
                self.shorter.push(0);
                to_u32(self.shorter.len() - 1)
            });
        }
        node
    }

    /// Links every node to its suffix, and ranks the nodes so that those which end in one node are a range.
    fn close(&mut self) -> Vec<(u32, u32)> {
        let count = self.shorter.len();
        let mut order = Vec::with_capacity(count);
        order.push(0);
        let mut at = 0;
        while let Some(&node) = order.get(at) {
            at += 1;
            for (&(_, number), &child) in self.edges.range((node, 0)..=(node, NONE)) {
                let mut steps = 1;
                let mut suffix = self.shorter[node as usize];
                self.shorter[child as usize] = loop {
                    steps += 1;
                    match self.edges.get(&(suffix, number)) {
                        Some(&found) if found != child => break found,
                        Some(_) | None if suffix == 0 => break 0,
                        Some(_) | None => suffix = self.shorter[suffix as usize],
                    }
                };
                self.steps += steps;
                order.push(child);
            }
        }
        let mut sizes = vec![1_u32; count];
        for &node in order.iter().skip(1).rev() {
            sizes[self.shorter[node as usize] as usize] += sizes[node as usize];
        }
        // A node's range begins with itself; those that end in it follow, range by range.
        let mut ranks = vec![(0, sizes[0]); count];
        let mut free = vec![1_u32; count];
        for &node in order.iter().skip(1) {
            let parent = self.shorter[node as usize] as usize;
            let low = free[parent];
            free[parent] += sizes[node as usize];
            ranks[node as usize] = (low, low + sizes[node as usize]);
            free[node as usize] = low + 1;
        }
        ranks
    }

    /// The node after one more line.
    fn next(&mut self, mut node: u32, key: &[u8]) -> u32 {
        self.steps += 1;
        let Some(&number) = self.numbers.get(key) else { return 0 };
        loop {
            self.steps += 1;
            match self.edges.get(&(node, number)) {
                Some(&found) => return found,
                None if node == 0 => return 0,
                None => node = self.shorter[node as usize],
            }
        }
    }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}
