//! Reading what a command prints.

use std::{
    os::fd::AsFd,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use super::utf8::Utf8;
use crate::secrets::Secrets;

/// How long what may be the beginning of a secret is held back before a question is shown without it.
const PAUSE: Duration = Duration::from_millis(50);
/// Bytes of one read.
const READ_BYTES: usize = 64 * 1024;
/// How long the output may stay open after the command's end before it counts as held by a background process.
const LINGER: Duration = Duration::from_millis(200);
/// What a command can have left in a pipe or terminal at its end, at most; read even when the fold was slow.
const LEFT_BYTES: usize = 1024 * 1024;

/// How reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// No process can print any more.
    Closed,
    /// The command has ended; a background process of it holds the output open.
    Held,
}

/// Reads and gives the text in pieces and without secrets to `take`, until no process can print any more. `ended` becomes readable (or hangs up)
/// when the command ends; from then on what is there is read, and a background process is not waited for.
pub(super) fn read(output: impl AsFd, ended: impl AsFd, secrets: &Secrets, mut take: impl FnMut(String)) -> Rest {
    let (mut decoder, mut veil, mut clean) = (Utf8::default(), secrets.veil(), Vec::new());
    let rest = read_bytes(&output, &ended, |came| {
        match came {
            Some(bytes) => veil.feed(decoder.decode(bytes).as_bytes(), &mut clean),
            None => veil.pause(&mut clean),
        }
        give(&mut clean, &mut take);
        veil.is_holding()
    });
    veil.feed(decoder.finish().as_bytes(), &mut clean);
    veil.finish(&mut clean);
    give(&mut clean, &mut take);
    rest
}

/// Reads and drops everything, so that a background process never waits for room in a pipe that is not read.
pub(super) fn discard(output: impl AsFd) {
    let mut buffer = vec![0; READ_BYTES];
    while read_some(&output, &mut buffer).is_some() {}
}

fn give(clean: &mut Vec<u8>, take: &mut impl FnMut(String)) {
    if !clean.is_empty() {
        // It was text, and secrets begin and end between characters.
        take(
            String::from_utf8(std::mem::take(clean))
                .unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()),
        );
    }
}

/// Gives what came, and `None` when nothing came for a while after `take` has said that it holds something back.
fn read_bytes(output: &impl AsFd, ended: &impl AsFd, mut take: impl FnMut(Option<&[u8]>) -> bool) -> Rest {
    let mut buffer = vec![0; READ_BYTES];
    let mut is_holding = false;
    let mut linger: Option<Linger> = None;
    loop {
        let is_readable = match &linger {
            Some(linger) => wait(&mut [poll_in(output)], linger.left()),
            None => {
                let mut streams = [poll_in(output), poll_in(ended)];
                if !wait(&mut streams, is_holding.then_some(PAUSE)) && is_holding {
                    take(None);
                    is_holding = false;
                    continue;
                }
                if !streams[1].revents().is_empty() {
                    linger = Some(Linger { until: Instant::now() + LINGER, bytes: 0 });
                }
                !streams[0].revents().is_empty()
            }
        };
        if !is_readable {
            match &linger {
                Some(linger) if linger.left() == Some(Duration::ZERO) => return Rest::Held,
                Some(_) | None => continue,
            }
        }
        let Some(count) = read_some(output, &mut buffer) else { return Rest::Closed };
        is_holding = take(Some(&buffer[..count]));
        if let Some(linger) = &mut linger {
            linger.bytes += count;
            if linger.left() == Some(Duration::ZERO) && linger.bytes > LEFT_BYTES {
                return Rest::Held;
            }
        }
    }
}

/// The time after the command's end.
struct Linger {
    until: Instant,
    bytes: usize,
}

impl Linger {
    fn left(&self) -> Option<Duration> {
        Some(self.until.saturating_duration_since(Instant::now()))
    }
}

fn poll_in<'fd>(stream: &'fd impl AsFd) -> PollFd<'fd> {
    PollFd::new(stream, PollFlags::IN)
}

/// Waits until one of the streams has something (an end counts), for ever without `left`. Whether one has.
fn wait(streams: &mut [PollFd<'_>], left: Option<Duration>) -> bool {
    let timeout = left.and_then(|left| Timespec::try_from(left).ok());
    // A failure here is an interruption; the caller comes again.
    poll(streams, timeout.as_ref()).is_ok_and(|ready| ready > 0)
}

/// Bytes of one read; `None` at the end. A terminal whose other end is closed fails with EIO, which is an end too.
fn read_some(output: &impl AsFd, buffer: &mut [u8]) -> Option<usize> {
    loop {
        match rustix::io::read(output, &mut *buffer) {
            Ok(0) => return None,
            Ok(count) => return Some(count),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn collect(output: impl AsFd, ended: impl AsFd) -> (String, Rest) {
        let mut text = String::new();
        let rest = read(output, ended, &Secrets::default(), |piece| text.push_str(&piece));
        (text, rest)
    }

    #[test]
    fn a_closed_output_ends_the_reading_even_while_the_command_runs() {
        let (output, mut end) = std::io::pipe().unwrap();
        let (ended, _running) = std::io::pipe().unwrap();
        end.write_all("grüße".as_bytes()).unwrap();
        drop(end);
        assert_eq!(collect(output, ended), ("grüße".to_owned(), Rest::Closed));
    }

    #[test]
    fn after_the_end_what_is_there_is_read_and_a_holder_is_not_waited_for() {
        let (output, mut end) = std::io::pipe().unwrap();
        let (ended, running) = std::io::pipe().unwrap();
        end.write_all(b"last words").unwrap();
        drop(running);
        assert_eq!(collect(output, ended), ("last words".to_owned(), Rest::Held));
    }

    #[test]
    fn a_holder_that_prints_for_ever_is_not_read_for_ever() {
        let (output, mut end) = std::io::pipe().unwrap();
        let (ended, running) = std::io::pipe().unwrap();
        drop(running);
        let flood = std::thread::spawn(move || while end.write_all(&[b'y'; 4096]).is_ok() {});
        let mut bytes = 0;
        assert_eq!(read(&output, ended, &Secrets::default(), |piece| bytes += piece.len()), Rest::Held);
        assert!(bytes > LEFT_BYTES);
        drop(output);
        flood.join().unwrap();
    }
}
