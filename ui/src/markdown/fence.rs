//! The fences of code blocks.

/// The opening line of a code block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    sign: char,
    length: usize,
    indent: usize,
}

impl Fence {
    /// The fence that the first line of a text opens, and that line's length.
    pub(super) fn of(text: &str) -> Option<(Self, usize)> {
        let first = text.split_inclusive('\n').next()?;
        let trimmed = first.trim_start_matches(' ');
        let indent = first.len() - trimmed.len();
        let sign = trimmed.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
        let length = trimmed.chars().take_while(|character| *character == sign).count();
        (length >= 3 && indent <= 3).then_some((Self { sign, length, indent }, first.len()))
    }

    /// Whether this line ends the block.
    pub(super) fn is_closed_by(self, text: &str) -> bool {
        let trimmed = text.trim_start_matches(' ');
        let rest = trimmed.trim_start_matches(self.sign);
        text.len() - trimmed.len() <= 3 && trimmed.len() - rest.len() >= self.length && rest.trim().is_empty()
    }

    /// Whether this beginning of a line may become one that ends the block.
    pub(super) fn may_be_closed_by(self, text: &str) -> bool {
        text.trim().chars().all(|character| character == self.sign)
    }

    /// A line of the block without the indent of its fence.
    pub(super) fn strip(self, text: &str) -> &str {
        let spaces = text.bytes().take(self.indent).take_while(|byte| *byte == b' ').count();
        &text[spaces..]
    }
}
