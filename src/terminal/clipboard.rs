//! Copying through the terminal (OSC 52): works over ssh, and inside tmux by what it takes itself and by its passthrough.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Tty;

/// Most terminals drop a longer request without a word; it is better to say so.
const LIMIT_BYTES: usize = 74_994;

/// The bytes that ask the terminal to put `text` on the clipboard.
pub fn request(text: &str, in_tmux: bool) -> Vec<u8> {
    let request = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    if !in_tmux {
        return request.into_bytes();
    }
    // tmux takes the request itself with `set-clipboard on`, and hands on what is wrapped with `allow-passthrough on`,
    // escapes inside doubled. Which of the two is set cannot be known; a terminal that gets both gets the same text twice.
    format!("{request}\x1bPtmux;{}\x1b\\", request.replace('\x1b', "\x1b\x1b")).into_bytes()
}

/// Sends `text` to the terminal's clipboard. The answer says what was done, or why not; that the terminal obeyed cannot
/// be known.
pub fn copy(tty: &Tty, text: &str, in_tmux: bool) -> Result<String, String> {
    if request(text, false).len() > LIMIT_BYTES {
        return Err(format!("The text is too long for the terminal's clipboard ({} bytes).", text.len()));
    }
    tty.write(&request(text, in_tmux)).map_err(|error| format!("The terminal cannot be written to: {error}."))?;
    let done = if in_tmux {
        "Copy sent by OSC 52; tmux takes it with set-clipboard or allow-passthrough on"
    } else {
        "Copy sent to the terminal by OSC 52"
    };
    Ok(done.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_gets_the_request_for_itself_and_wrapped() {
        assert_eq!(request("hi", false), b"\x1b]52;c;aGk=\x07");
        assert_eq!(request("hi", true), b"\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
    }
}
