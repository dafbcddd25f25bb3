//! The values of the secrets that [`quire_state::secrets`] names: what must not reach a command, a message, a file or the
//! screen, and how it is taken out of environments and texts.
//!
//! A text loses every secret as it is, percent-encoded, in base64, in hexadecimal digits and as JSON spells it. Streams lose
//! them wherever they are cut ([`Veil`]). Nothing here shows a secret.

mod matcher;
mod spell;
#[cfg(test)]
mod tests;
mod veil;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    fmt,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::Path,
    sync::{Arc, OnceLock},
};

use quire_files::Links;
use quire_state::config::Sealed;
use quire_state::secrets::{Named, OPEN_IN_HOME, fits_any, is_key, is_needed, is_ours, is_proxy};
use serde_json::Value;

use crate::{auth::Environment, vault::Secret};
use matcher::Matcher;
pub(crate) use spell::spellings;
pub use veil::Veil;

/// What stands in a secret's place.
pub const MARK: &str = "[secret]";
/// Most secrets that are looked for.
const MOST_SECRETS: usize = 1000;
/// Longest secret that is looked for, in bytes. No header takes a longer one.
const LONGEST_BYTES: usize = 16 * 1024;

/// Most names of the agent's home that are looked at, and that are told.
const MOST_SEEN: usize = 10_000;
const MOST_NAMES: usize = 200;

/// The names at the top of the agent's home that may be open to commands.
pub fn home_names(home: &Path) -> Vec<String> {
    let listing = quire_files::list(home, Links::Follow, MOST_SEEN).unwrap_or_default();
    let names = listing.entries.into_iter().filter_map(|entry| entry.name.into_string().ok());
    names.filter(|name| fits_any(&OPEN_IN_HOME, name)).take(MOST_NAMES).collect()
}

/// All secrets of a run.
#[derive(Clone, Default)]
pub struct Secrets {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    names: BTreeSet<String>,
    values: Vec<Secret>,
    /// What the configuration sets for commands.
    given: BTreeMap<String, Secret>,
    /// Made when something is looked for the first time.
    matcher: OnceLock<Matcher>,
    /// These and one that was learnt since.
    later: OnceLock<Arc<Inner>>,
}

impl Inner {
    fn new(names: BTreeSet<String>, values: Vec<Secret>, given: BTreeMap<String, Secret>) -> Arc<Self> {
        Arc::new(Self { names, values, given, matcher: OnceLock::new(), later: OnceLock::new() })
    }

    fn matcher(&self) -> &Matcher {
        self.matcher
            .get_or_init(|| Matcher::of(self.values.iter().flat_map(|secret| spellings(secret.reveal())).collect()))
    }
}

impl Secrets {
    /// The secrets that the configuration names, with their values in this environment; its proxies' passwords; and what logins
    /// have left.
    pub fn gather(named: &Named, environment: &Environment, logins: &[Secret]) -> Self {
        let mut names = named.variables.clone();
        // What looks like a pasted secret is the name of a variable all the same where there is one.
        names.extend(
            named.values.iter().map(Sealed::open).filter(|name| environment.get(name).is_some()).map(str::to_owned),
        );
        let mut values: Vec<String> = named.values.iter().flat_map(|value| parts(value.open())).collect();
        for (name, value) in environment.all() {
            let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
            if is_proxy(name) {
                values.extend(proxy_secrets(value));
            }
            if !is_needed(name) && (names.contains(name) || is_ours(name)) {
                values.extend(parts(value));
            }
        }
        values.extend(logins.iter().map(|secret| secret.reveal().to_owned()));
        values.retain(|value| is_key(value) && value.len() <= LONGEST_BYTES);
        values.sort();
        values.dedup();
        values.truncate(MOST_SECRETS);
        let values = values.into_iter().map(Secret::new).collect();
        Self { inner: Inner::new(names, values, BTreeMap::new()) }
    }

    /// The same, and variables that the configuration sets for commands. They are handed on like any, so no command gets what
    /// is listed here by them.
    pub fn giving(self, given: &BTreeMap<String, Sealed>) -> Self {
        let (names, values) = (self.inner.names.clone(), self.inner.values.clone());
        let given = given.iter().map(|(name, value)| (name.clone(), Secret::new(value.open()))).collect();
        Self { inner: Inner::new(names, values, given) }
    }

    /// Keeps one more secret from now on, in all clones. A stream that has begun goes on with those that it began with.
    pub fn learn(&self, secret: &Secret) {
        let known = self.newest();
        if !is_key(secret.reveal()) || known.values.contains(secret) {
            return;
        }
        let values = known.values.iter().chain([secret]).cloned().collect();
        // Whoever was faster has learnt the same: one key is given at a time.
        let _ = known.later.set(Inner::new(known.names.clone(), values, known.given.clone()));
    }

    fn newest(&self) -> &Arc<Inner> {
        let mut newest = &self.inner;
        while let Some(later) = newest.later.get() {
            newest = later;
        }
        newest
    }

    /// The value that the configuration sets for this variable; `None` also where it is none that a command may have.
    pub fn given(&self, name: &str) -> Option<OsString> {
        let value = OsString::from(self.newest().given.get(name)?.reveal());
        self.kept(OsStr::new(name), &value)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.newest().values.is_empty()
    }

    /// Names of the variables that commands never get.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inner.names.iter().map(String::as_str)
    }

    /// What a user is told of a command's proxies that lose their user and password; `None` when none does.
    pub fn proxy_warning(&self, environment: &Environment) -> Option<String> {
        let loses = |(name, value): (&OsStr, &OsStr)| {
            let name = name.to_str().filter(|name| is_proxy(name) && !self.inner.names.contains(*name))?;
            (without_user(value.as_bytes()) != value.as_bytes()).then(|| format!("`{name}`"))
        };
        let names: Vec<String> = environment.all().filter_map(loses).collect();
        (!names.is_empty()).then(|| {
            format!(
                "Commands get {} without user name and password. A proxy that requires them refuses commands: run a \
                 local proxy that logs in for them.",
                names.join(", ")
            )
        })
    }

    fn matcher(&self) -> &Matcher {
        self.newest().matcher()
    }

    /// Whether there is one in these bytes.
    pub fn are_in(&self, bytes: &[u8]) -> bool {
        !self.newest().values.is_empty() && self.matcher().is_in(bytes)
    }

    /// Whether there is one in what the texts of a JSON document mean, which may spell any letter by its number.
    pub(crate) fn are_meant_in(&self, json: &str) -> bool {
        !self.newest().values.is_empty() && json.contains('\\') && self.matcher().is_among(spell::meant(json))
    }

    /// The text without them. Looks at each byte once.
    pub fn clean<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !self.are_in(text.as_bytes()) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(String::from_utf8_lossy(&self.cleaned(text.as_bytes())).into_owned())
    }

    /// The bytes without them.
    pub fn cleaned(&self, bytes: &[u8]) -> Vec<u8> {
        self.replaced(bytes, MARK)
    }

    /// The bytes with this word in the place of each.
    pub(crate) fn replaced(&self, bytes: &[u8], mark: &'static str) -> Vec<u8> {
        let (mut veil, mut clean) = (Veil::new(self.clone(), mark), Vec::with_capacity(bytes.len()));
        veil.feed(bytes, &mut clean);
        veil.finish(&mut clean);
        clean
    }

    /// Takes them out of a stream.
    pub fn veil(&self) -> Veil {
        Veil::new(self.clone(), MARK)
    }

    /// Takes them out of every text of a JSON value, names of fields left as they are. Whether there was one.
    pub fn clean_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.clean(text) {
                Cow::Owned(clean) => {
                    *text = clean;
                    true
                }
                Cow::Borrowed(_) => false,
            },
            Value::Array(items) => items.iter_mut().fold(false, |found, item| self.clean_value(item) | found),
            Value::Object(fields) => fields.values_mut().fold(false, |found, item| self.clean_value(item) | found),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// A line of JSON without them. Nothing is read or written anew where there is none.
    pub fn clean_line<'a>(&self, line: &'a [u8]) -> Cow<'a, [u8]> {
        if !self.are_in(line) {
            return Cow::Borrowed(line);
        }
        if let [b'\n', rest @ ..] = line {
            return Cow::Owned([b"\n", &*self.clean_line(rest)].concat());
        }
        let clean = serde_json::from_slice::<Value>(line).ok().and_then(|mut value| {
            self.clean_value(&mut value);
            serde_json::to_vec(&value).ok()
        });
        let mut clean = clean.unwrap_or_else(|| self.cleaned(line));
        if line.ends_with(b"\n") && !clean.ends_with(b"\n") {
            clean.push(b'\n');
        }
        Cow::Owned(clean)
    }

    /// The value with which a command gets this variable; `None` when it gets none: it is named as a secret, or one is in its
    /// value. A proxy loses its user and password.
    pub fn kept(&self, name: &OsStr, value: &OsStr) -> Option<OsString> {
        let known = name.to_str().unwrap_or_default();
        if is_needed(known) {
            return Some(value.to_owned());
        }
        if is_ours(known) || self.inner.names.contains(known) {
            return None;
        }
        let value = if is_proxy(known) { OsString::from_vec(without_user(value.as_bytes())) } else { value.to_owned() };
        (!self.are_in(value.as_bytes())).then_some(value)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets: {}", self.newest().values.len())
    }
}

/// A value as a whole, and what of it is a secret by itself: the token behind `Bearer`, what `Basic` encodes, each value of a
/// cookie.
fn parts(value: &str) -> Vec<String> {
    /// A shorter part of a longer value is hardly the secret in it.
    const PART_BYTES: usize = 12;
    let value = value.trim();
    let mut parts = vec![value.to_owned()];
    if let Some((scheme, token)) = value.split_once(' ')
        && scheme.chars().all(|letter| letter.is_ascii_alphabetic())
    {
        parts.push(token.trim().to_owned());
        if scheme.eq_ignore_ascii_case("basic")
            && let Some(pair) = spell::decoded(token.trim())
        {
            parts.extend(pair.split_once(':').map(|(_, password)| password.to_owned()));
            parts.push(pair);
        }
    }
    if let Some(user) = user_of(value) {
        parts.extend(user_secrets(user));
    }
    let pieces =
        value.split([';', ' ', '&', '?']).filter_map(|piece| piece.trim().split_once('=')).map(|(_, piece)| piece);
    parts.extend(pieces.filter(|piece| piece.len() >= PART_BYTES).map(str::to_owned));
    parts
}

/// What stands before the host in an address, with or without a scheme.
fn user_of(address: &str) -> Option<&str> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    // A password may hold what an address must not.
    let (user, host) = rest.rsplit_once('@')?;
    let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:/[]%?=&".contains(c));
    (is_host && !user.is_empty() && !user.contains(char::is_whitespace)).then_some(user)
}

fn proxy_secrets(address: &str) -> Vec<String> {
    user_of(address.trim()).map(user_secrets).unwrap_or_default()
}

/// The password, and user and password together, as written and as meant.
fn user_secrets(user: &str) -> Vec<String> {
    let meant = spell::unescaped(user);
    [user, meant.as_str()]
        .into_iter()
        .flat_map(|pair| {
            let password = pair.split_once(':').map(|(_, password)| password.to_owned());
            // A lone user is a token where there is no password.
            [Some(pair.to_owned()), password]
        })
        .flatten()
        .collect()
}

/// An address without what stands before its host.
fn without_user(address: &[u8]) -> Vec<u8> {
    let Some(at) = address.iter().rposition(|byte| *byte == b'@') else { return address.to_vec() };
    let scheme =
        address.windows(3).position(|window| window == b"://").filter(|from| *from < at).map_or(0, |from| from + 3);
    [&address[..scheme], &address[at + 1..]].concat()
}
