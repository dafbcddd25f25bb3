//! The text of a command's result, as the model reads it (behaviour.md section 4).

use std::fmt::Write as _;

use crate::text::head_tail::HeadTail;

/// Default output budget in tokens.
pub const OUTPUT_TOKENS: u64 = 10_000;
/// The exit code that tells of a run that took too long, as `timeout` gives it.
const TIMED_OUT: i32 = 124;
/// Bytes that count as one token.
pub const BYTES_PER_TOKEN: u64 = 4;

/// How a command stands when its result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has exited with this code.
    Exited(i32),
    /// It still runs in this session.
    Running(u32),
}

/// The whole result text.
pub fn result(chunk: u64, wall_ms: u64, state: State, output: &HeadTail, max_tokens: u64) -> String {
    let total = output.total_bytes();
    let state = match state {
        State::Exited(code) => format!("Process exited with code {code}"),
        State::Running(session) => format!("Process running with session ID {session}"),
    };
    let mut text = format!(
        "Chunk ID: {:06x}\nWall time: {}.{:04} seconds\n{state}\nOriginal token count: {}\nOutput:\n",
        chunk & 0xff_ffff,
        wall_ms / 1000,
        wall_ms % 1000 * 10,
        total.div_ceil(BYTES_PER_TOKEN),
    );
    push_within(&mut text, output, max_tokens.saturating_mul(BYTES_PER_TOKEN));
    text
}

/// The whole result text of a command that was waited for to its end, and the exit code that it tells.
pub fn ended(code: i32, timed_out: bool, wall_ms: u64, output: &HeadTail) -> (String, i32) {
    let code = if timed_out { TIMED_OUT } else { code };
    let note = if timed_out { "\nThe command took too long and was ended.\n" } else { "" };
    let seconds = format!("{}.{}", wall_ms / 1000, wall_ms % 1000 / 100);
    let mut text = format!("Exit code: {code}\nWall time: {seconds} seconds\nOutput:\n");
    push_within(&mut text, output, OUTPUT_TOKENS * BYTES_PER_TOKEN);
    text.push_str(note);
    (text, code)
}

/// Appends the output, cut in the middle to the budget, with what was cut counted.
pub fn push_within(text: &mut String, output: &HeadTail, budget: u64) {
    let total = output.total_bytes();
    if output.omitted_bytes == 0 && total <= budget {
        text.push_str(&output.head);
        text.push_str(&output.tail);
        return;
    }
    let whole;
    let (head, tail) = if output.omitted_bytes == 0 {
        whole = format!("{}{}", output.head, output.tail);
        (whole.as_str(), whole.as_str())
    } else {
        (output.head.as_str(), output.tail.as_str())
    };
    let half = usize::try_from(budget / 2).unwrap_or(usize::MAX);
    let head = head.get(..floor(head, half)).unwrap_or_default();
    let tail = tail.get(ceil(tail, tail.len().saturating_sub(half))..).unwrap_or_default();
    let cut = total - (head.len() + tail.len()) as u64;
    let _ = write!(
        text,
        "Total output lines: {}\n\n{head}…{} tokens truncated…{tail}",
        lines(output),
        cut.div_ceil(BYTES_PER_TOKEN)
    );
}

/// Lines of the whole output, a last one without a line end included.
fn lines(output: &HeadTail) -> u64 {
    let ends = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count() as u64;
    let last = if output.tail.is_empty() { &output.head } else { &output.tail };
    ends(&output.head)
        + output.omitted_lines
        + ends(&output.tail)
        + u64::from(!last.is_empty() && !last.ends_with('\n'))
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::{State, result};
    use crate::text::head_tail::HeadTail;

    #[test]
    fn a_short_output_is_whole() {
        let text = result(0xabc, 1234, State::Exited(2), &HeadTail::of("one\ntwo\n"), 10_000);
        assert_eq!(
            text,
            "Chunk ID: 000abc\nWall time: 1.2340 seconds\nProcess exited with code 2\nOriginal token count: 2\nOutput:\none\ntwo\n"
        );
    }

    #[test]
    fn a_long_output_keeps_head_and_tail_and_counts_the_rest() {
        let long: String = (0..1000).map(|number| format!("line {number}\n")).collect();
        let text = result(0, 0, State::Running(7), &HeadTail::of(&long), 10);
        let (_, output) = text.split_once("Output:\n").unwrap();
        let cut = (long.len() - 40).div_ceil(4);
        let expected = format!(
            "Total output lines: 1000\n\nline 0\nline 1\nline 2…{cut} tokens truncated…7\nline 998\nline 999\n"
        );
        assert_eq!(output, expected);
    }
}
