//! Standard input that says so when it keeps the user waiting, and that is not waited for without end beside a prompt.

use std::{
    fs::File,
    io::{self, Read, Stderr, Write},
    os::fd::AsFd,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// Before a word is said about it.
    silent: Timespec,
    /// For the first byte, and for each after it; `None` waits for the end.
    limits: Option<(Timespec, Timespec)>,
}

impl Waits {
    /// For the end, however long that takes: what is read is the prompt.
    pub(super) const TO_THE_END: Self = Self { silent: Timespec { tv_sec: 0, tv_nsec: 300_000_000 }, limits: None };
    /// What is read goes with a prompt that is there already. A pipe that is never written to is common where a program runs
    /// this one; one that has begun may be a build that takes its time.
    pub(super) const BESIDE_A_PROMPT: Self = Self {
        limits: Some((Timespec { tv_sec: 10, tv_nsec: 0 }, Timespec { tv_sec: 30, tv_nsec: 0 })),
        ..Self::TO_THE_END
    };
}

/// A pipe that is never closed would look like a hang; after a moment this names what is being waited for, and for how long.
pub(super) struct Patient<E> {
    input: File,
    err: E,
    waits: Waits,
    has_told: bool,
    read: usize,
    is_given_up: bool,
}

impl Patient<Stderr> {
    /// Standard input of this process. Read without a buffer of its own: what lies in one could not be waited for.
    pub(super) fn of_process(waits: Waits) -> io::Result<Self> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self::new(input.into(), io::stderr(), waits))
    }
}

impl<E: Write> Patient<E> {
    fn new(input: File, err: E, waits: Waits) -> Self {
        Self { input, err, waits, has_told: false, read: 0, is_given_up: false }
    }

    /// Whether there is something to read, or an end, within this time. A failure counts: the read tells it.
    fn is_ready(&self, within: Timespec) -> bool {
        poll(&mut [PollFd::new(&self.input, PollFlags::IN)], Some(&within)) != Ok(0)
    }

    fn say(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    /// Says what is waited for, once.
    fn tell(&mut self, limit: Option<Timespec>) {
        if std::mem::replace(&mut self.has_told, true) {
            return;
        }
        let hint = "add </dev/null to the command when nothing comes from there.";
        match limit {
            None => self.say(&format!("Waiting for the end of standard input; {hint}")),
            Some(limit) => {
                self.say(&format!("Waiting for standard input, {} s at most; {hint}", limit.tv_sec));
            }
        }
    }

    fn give_up(&mut self, limit: Timespec) {
        let seconds = limit.tv_sec;
        let line = match self.read {
            0 => format!(
                "Nothing came from standard input in {seconds} s; going on without it. With `-` as the prompt, Quire \
                 waits for all of it."
            ),
            bytes => format!(
                "Standard input is still open, and nothing new came in {seconds} s; going on with the {bytes} bytes \
                 that came."
            ),
        };
        self.say(&line);
        self.is_given_up = true;
    }
}

impl<E: Write> Read for Patient<E> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let limit = self.waits.limits.map(|(first, next)| if self.read == 0 { first } else { next });
        if !self.is_given_up && !self.is_ready(self.waits.silent) {
            self.tell(limit);
            if let Some(limit) = limit
                && !self.is_ready(limit)
            {
                self.give_up(limit);
            }
        }
        if self.is_given_up {
            return Ok(0);
        }
        let read = self.input.read(buffer)?;
        self.read += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write, pipe};

    use rustix::event::Timespec;

    use super::{Patient, Waits};

    const SOON: Timespec = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    const NEVER: Timespec = Timespec { tv_sec: 3600, tv_nsec: 0 };

    /// What is read of a pipe that brought this, and what is said.
    fn read(brought: &str, stays_open: bool, limits: Option<(Timespec, Timespec)>) -> (String, String) {
        let (input, mut writer) = pipe().unwrap();
        writer.write_all(brought.as_bytes()).unwrap();
        let kept = stays_open.then_some(writer);
        let (mut said, mut text) = (Vec::new(), String::new());
        let input = std::os::fd::OwnedFd::from(input).into();
        Patient::new(input, &mut said, Waits { silent: SOON, limits }).read_to_string(&mut text).unwrap();
        drop(kept);
        (text, String::from_utf8(said).unwrap())
    }

    #[test]
    fn a_pipe_that_stays_open_is_not_waited_for_beside_a_prompt() {
        let (text, said) = read("", true, Some((SOON, NEVER)));
        assert!(text.is_empty() && said.contains("Waiting for standard input, 0 s at most"), "{said}");
        assert!(said.contains("Nothing came from standard input in 0 s; going on without it"), "{said}");
        let (text, said) = read("begun", true, Some((NEVER, SOON)));
        assert!(text == "begun" && said.contains("going on with the 5 bytes that came"), "{text} {said}");
    }

    #[test]
    fn a_pipe_that_ends_is_read_whole_and_nothing_is_said() {
        for limits in [None, Some((NEVER, NEVER))] {
            let long = "line\n".repeat(12_000);
            for brought in ["", "words", &long] {
                // More than a pipe holds would wait for its reader.
                assert_eq!(read(brought, false, limits), (brought.to_owned(), String::new()));
            }
        }
    }
}
