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

/// Bytes of one read.
const READ_BYTES: usize = 64 * 1024;
/// How long the output may stay open after the command's end before it counts as held by a background process.
const LINGER: Duration = Duration::from_millis(200);
/// What a command can have left in a pipe or terminal at its end, at most; read even when the fold was slow.
const LEFT_BYTES: usize = 1024 * 1024;

/// How reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nobody can print any more.
    Closed,
    /// The command has ended; a background process of it holds the output open.
    Held,
}

/// Reads and gives the text in pieces to `take`, until nobody can print any more. `ended` becomes readable (or hangs up)
/// when the command ends; from then on what is there is read, and a background process is not waited for.
pub(super) fn read(output: impl AsFd, ended: impl AsFd, mut take: impl FnMut(String)) -> Rest {
    let mut decoder = Utf8::default();
    let rest = read_bytes(&output, &ended, |bytes| give(decoder.decode(bytes), &mut take));
    give(decoder.finish(), &mut take);
    rest
}

/// Reads and drops everything, so that a background process never waits for room in a pipe that nobody reads.
pub(super) fn discard(output: impl AsFd) {
    let mut buffer = vec![0; READ_BYTES];
    while read_some(&output, &mut buffer).is_some() {}
}

fn give(text: String, take: &mut impl FnMut(String)) {
    if !text.is_empty() {
        take(text);
    }
}

fn read_bytes(output: &impl AsFd, ended: &impl AsFd, mut take: impl FnMut(&[u8])) -> Rest {
    let mut buffer = vec![0; READ_BYTES];
    let mut linger: Option<Linger> = None;
    loop {
        let is_readable = match &linger {
            Some(linger) => wait(&mut [poll_in(output)], linger.left()),
            None => {
                let mut streams = [poll_in(output), poll_in(ended)];
                wait(&mut streams, None);
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
        take(&buffer[..count]);
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
        let rest = read(output, ended, |piece| text.push_str(&piece));
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
        assert_eq!(read(&output, ended, |piece| bytes += piece.len()), Rest::Held);
        assert!(bytes > LEFT_BYTES);
        drop(output);
        flood.join().unwrap();
    }
}
