//! The machines that a test is run on: as it is, without bubblewrap, without namespaces. The program itself has no switch
//! for it, so the machine around it is changed: in private mounts, that end with it.

use std::{
    fmt,
    process::{Command, Stdio},
};

use super::stand::{BUBBLEWRAP, User, is_root};

/// What keeps the sandbox there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Machine {
    /// The machine as it is.
    Own,
    /// One whose bubblewrap is used.
    Bubblewrap,
    /// One without a bubblewrap: Quire itself makes the namespaces.
    Native,
    /// One that refuses namespaces: Landlock and seccomp alone, and only for what writes nothing.
    Reduced,
}

/// Hides every bubblewrap that the program would trust.
const HIDE: &str = "for p in /usr/bin/bwrap /bin/bwrap /usr/local/bin/bwrap; do \
                    test ! -e $p || mount --bind /dev/null $p || exit 1; done; exec \"$@\"";
const SWITCHES: &str = "mount -o remount,rw /proc/sys 2>/dev/null; exec \"$@\"";
const REFUSE: &str = "echo 0 > /proc/sys/user/max_mnt_namespaces && exec \"$@\"";
pub(super) const BECOME: [&str; 7] =
    ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
/// A user namespace in which a user who is not root may mount, and how the rights are given up again.
const OWN_MOUNTS: [&str; 5] = ["/usr/bin/unshare", "--user", "--map-current-user", "--keep-caps", "--mount"];
const POWERLESS: [&str; 3] = ["/usr/bin/setpriv", "--inh-caps=-all", "--ambient-caps=-all"];

impl Machine {
    /// Those where commands of the model run behind the sandbox.
    pub(crate) const ALL: [Self; 3] = [Self::Bubblewrap, Self::Native, Self::Reduced];

    /// What the session file calls the keeper of the sandbox there.
    pub(crate) fn backend(self) -> Option<&'static str> {
        match self {
            Self::Own => None,
            Self::Bubblewrap => Some("bubblewrap"),
            Self::Native => Some("native"),
            Self::Reduced => Some("landlock"),
        }
    }

    /// The words before a program that is to run there as this user.
    pub(crate) fn line(self, user: User) -> Vec<&'static str> {
        let user: &[&str] = match user {
            User::Own => &[],
            User::Nobody => &BECOME,
        };
        let script = |text| ["/bin/sh", "-c", text, "sh"];
        let is_root = is_root();
        match self {
            Self::Own | Self::Bubblewrap => user.to_vec(),
            Self::Native if is_root => [&["/usr/bin/unshare", "--mount"], &script(HIDE)[..], user].concat(),
            Self::Native => [&OWN_MOUNTS, &script(HIDE)[..], &POWERLESS].concat(),
            Self::Reduced if is_root && user.is_empty() => {
                let world = ["/usr/bin/unshare", "--user", "--map-root-user", "--mount"];
                [&["/usr/bin/unshare", "--mount"], &script(SWITCHES)[..], &world, &script(REFUSE)].concat()
            }
            Self::Reduced => {
                let before: &[&str] = if is_root { &["/usr/bin/unshare", "--mount"] } else { &[] };
                let switches = script(SWITCHES);
                let before = if is_root { [before, &switches[..], user].concat() } else { Vec::new() };
                [&before[..], &OWN_MOUNTS, &script(REFUSE), &POWERLESS].concat()
            }
        }
    }

    /// Whether this machine can be had here, and why not.
    pub(crate) fn lacks(self, user: User) -> Option<String> {
        if self == Self::Bubblewrap && !std::path::Path::new(BUBBLEWRAP).exists() {
            return Some("bubblewrap is not installed".to_owned());
        }
        let line = [self.line(user), vec!["/bin/true"]].concat();
        match Command::new(line[0]).args(&line[1..]).stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Some(format!("{}: {error}", line[0])),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.backend().unwrap_or("whatever is best"))
    }
}
