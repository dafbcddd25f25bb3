//! What the agent hands to the inner stage, through a file in memory: nothing of it stands on a command line or in an
//! environment, where a linker or another process could take it up.

use std::{
    ffi::OsString,
    io,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::PathBuf,
};

use crate::layout::{Cover, Known};

/// What the outer stage has set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outer {
    /// Bubblewrap made namespaces and the view.
    Bubblewrap,
    /// Our own outer stage makes them, from `covers`.
    Native,
    /// Nothing; Landlock and seccomp are alone.
    None,
}

/// Everything that the inner stage needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handoff {
    pub(crate) outer: Outer,
    pub(crate) is_network_off: bool,
    pub(crate) may_use_local_sockets: bool,
    /// Whether only what has a cover can be read.
    pub(crate) is_narrow: bool,
    /// Set everything up, then end with success instead of executing something.
    pub(crate) is_probe: bool,
    /// Where failures are told; the end of it tells that the program runs.
    pub(crate) status: i32,
    /// The command's standard error, when the outer stage has another.
    pub(crate) stderr: i32,
    /// Where it waits, after it has asked for links to be kept; 0 where no process can do it.
    pub(crate) wait: i32,
    pub(crate) cwd: PathBuf,
    pub(crate) roots: Vec<Known>,
    pub(crate) covers: Vec<(PathBuf, Cover)>,
    pub(crate) argv: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
}

const COVERS: [Cover; 6] =
    [Cover::Pin, Cover::Root, Cover::Protected, Cover::Link, Cover::HiddenFile, Cover::HiddenFolder];
const OUTERS: [Outer; 3] = [Outer::Bubblewrap, Outer::Native, Outer::None];

impl Handoff {
    /// As bytes.
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut out = Packer(Vec::new());
        out.number(OUTERS.iter().position(|outer| *outer == self.outer).unwrap_or_default() as u64);
        for flag in [self.is_network_off, self.may_use_local_sockets, self.is_narrow, self.is_probe] {
            out.number(flag.into());
        }
        for descriptor in [self.status, self.stderr, self.wait] {
            out.number(descriptor.unsigned_abs().into());
        }
        out.bytes(self.cwd.as_os_str().as_bytes());
        out.number(self.roots.len() as u64);
        for root in &self.roots {
            out.bytes(root.path.as_os_str().as_bytes());
            out.number(root.device);
            out.number(root.inode);
        }
        out.number(self.covers.len() as u64);
        for (path, cover) in &self.covers {
            out.bytes(path.as_os_str().as_bytes());
            out.number(COVERS.iter().position(|each| each == cover).unwrap_or_default() as u64);
        }
        out.number(self.argv.len() as u64);
        for word in &self.argv {
            out.bytes(word.as_bytes());
        }
        out.number(self.env.len() as u64);
        for (name, value) in &self.env {
            out.bytes(name.as_bytes());
            out.bytes(value.as_bytes());
        }
        out.0
    }

    /// From bytes.
    pub(crate) fn unpack(bytes: &[u8]) -> io::Result<Self> {
        let mut rest = Unpacker(bytes);
        let outer = *pick(&OUTERS, rest.number()?)?;
        let [is_network_off, may_use_local_sockets] = [rest.flag()?, rest.flag()?];
        let [is_narrow, is_probe] = [rest.flag()?, rest.flag()?];
        let [status, stderr, wait] = [rest.descriptor()?, rest.descriptor()?, rest.descriptor()?];
        let cwd = rest.path()?;
        let roots =
            rest.list(|rest| Ok(Known { path: rest.path()?, device: rest.number()?, inode: rest.number()? }))?;
        let covers = rest.list(|rest| Ok((rest.path()?, *pick(&COVERS, rest.number()?)?)))?;
        let argv = rest.list(Unpacker::word)?;
        let env = rest.list(|rest| Ok((rest.word()?, rest.word()?)))?;
        Ok(Self {
            outer,
            is_network_off,
            may_use_local_sockets,
            is_narrow,
            is_probe,
            status,
            stderr,
            wait,
            cwd,
            roots,
            covers,
            argv,
            env,
        })
    }
}

fn pick<T>(all: &[T], number: u64) -> io::Result<&T> {
    usize::try_from(number).ok().and_then(|number| all.get(number)).ok_or_else(torn)
}

fn torn() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "these instructions do not come from the agent")
}

struct Packer(Vec<u8>);

impl Packer {
    fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }
}

struct Unpacker<'a>(&'a [u8]);

impl Unpacker<'_> {
    fn number(&mut self) -> io::Result<u64> {
        let (number, rest) = self.0.split_first_chunk::<8>().ok_or_else(torn)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*number))
    }

    fn flag(&mut self) -> io::Result<bool> {
        Ok(self.number()? != 0)
    }

    fn descriptor(&mut self) -> io::Result<i32> {
        i32::try_from(self.number()?).map_err(|_| torn())
    }

    fn word(&mut self) -> io::Result<OsString> {
        let length = usize::try_from(self.number()?).map_err(|_| torn())?;
        let (word, rest) = self.0.split_at_checked(length).ok_or_else(torn)?;
        self.0 = rest;
        Ok(OsString::from_vec(word.to_vec()))
    }

    fn path(&mut self) -> io::Result<PathBuf> {
        self.word().map(PathBuf::from)
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> io::Result<T>) -> io::Result<Vec<T>> {
        // Counted by reading: a wrong count runs out of bytes before it can ask for memory.
        (0..self.number()?).map(|_| one(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handoff() -> Handoff {
        Handoff {
            outer: Outer::Native,
            is_network_off: true,
            may_use_local_sockets: false,
            is_narrow: true,
            is_probe: true,
            status: 7,
            wait: 9,
            stderr: 9,
            cwd: "/w".into(),
            roots: vec![Known { path: "/w".into(), device: 3, inode: u64::MAX }],
            covers: vec![("/w".into(), Cover::Root), ("/w/.git".into(), Cover::Protected)],
            argv: vec![OsString::from_vec(b"a\xff\nb".to_vec()), "".into()],
            env: vec![("A".into(), "=1".into())],
        }
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        assert_eq!(Handoff::unpack(&handoff().pack()).unwrap(), handoff());
    }

    #[test]
    fn a_torn_parcel_is_refused_wherever_it_is_torn() {
        let whole = handoff().pack();
        for end in 0..whole.len() {
            assert!(Handoff::unpack(&whole[..end]).is_err(), "cut at {end}");
        }
    }
}
