//! Lines that a hunk takes away and puts back: they stay.

use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Mark;

/// The lines of a hunk in their order, of which those that go and come back the same stay. What is counted and shown is
/// what becomes of the file, as a diff of it tells it.
pub(super) fn settled<L: Clone + Eq + Ord + Hash>(lines: Vec<(Mark, L)>) -> Vec<(Mark, L)> {
    let mut out = Vec::with_capacity(lines.len());
    for block in lines.chunk_by(|(one, _), (next, _)| (*one == Mark::Kept) == (*next == Mark::Kept)) {
        let part = |wanted: Mark| -> Vec<L> {
            block.iter().filter(|(mark, _)| *mark == wanted).map(|(_, line)| line.clone()).collect()
        };
        let (old, new) = (part(Mark::Removed), part(Mark::Added));
        if old.is_empty() || new.is_empty() {
            out.extend_from_slice(block);
            continue;
        }
        let steps = capture_diff_slices(Algorithm::Myers, &old, &new);
        if !steps.iter().any(|step| matches!(step, DiffOp::Equal { .. })) {
            out.extend_from_slice(block);
            continue;
        }
        let mut push = |mark: Mark, lines: &[L]| out.extend(lines.iter().map(|line| (mark, line.clone())));
        for step in steps {
            if let DiffOp::Equal { old_index, len, .. } = step {
                push(Mark::Kept, &old[old_index..old_index + len]);
            } else {
                push(Mark::Removed, &old[step.old_range()]);
                push(Mark::Added, &new[step.new_range()]);
            }
        }
    }
    out
}

/// Lines of a mark.
pub(super) fn count<L>(lines: &[(Mark, L)], wanted: Mark) -> usize {
    lines.iter().filter(|(mark, _)| *mark == wanted).count()
}
