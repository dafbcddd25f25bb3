//! Copying through the terminal (OSC 52): works over ssh, and inside tmux by its passthrough.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Tty;

/// Most terminals drop a longer request without a word; it is better to say so.
const LIMIT_BYTES: usize = 74_994;

/// The bytes that ask the terminal to put `text` on the clipboard.
pub fn request(text: &str, in_tmux: bool) -> Vec<u8> {
    let request = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    if in_tmux {
        // tmux hands on what is wrapped so, when it is set to; escapes inside are doubled.
        format!("\x1bPtmux;{}\x1b\\", request.replace('\x1b', "\x1b\x1b")).into_bytes()
    } else {
        request.into_bytes()
    }
}

/// Sends `text` to the terminal's clipboard. The answer says by which road, or why not; that the terminal obeyed
/// cannot be known.
pub fn copy(tty: &Tty, text: &str, in_tmux: bool) -> Result<String, String> {
    let bytes = request(text, in_tmux);
    if bytes.len() > LIMIT_BYTES {
        return Err(format!("The text is too long for the terminal's clipboard ({} bytes).", text.len()));
    }
    tty.write(&bytes).map_err(|error| format!("The terminal cannot be written to: {error}."))?;
    let road = if in_tmux { "by OSC 52 through tmux (needs `set -g allow-passthrough on`)" } else { "by OSC 52" };
    Ok(road.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_wrapped_for_tmux() {
        assert_eq!(request("hi", false), b"\x1b]52;c;aGk=\x07");
        assert_eq!(request("hi", true), b"\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
    }
}
