//! Takes out of a text what differs from run to run: places, times and ids. What is painted keeps its width.

use crate::bed::Bed;

/// A text of this machine as every machine would have it.
pub(crate) fn tidy(bed: &Bed, text: &str) -> String {
    let root = bed.root().to_str().unwrap().to_owned();
    let stand_in = format!("/tmp/quire-{}", "x".repeat(root.len() - "/tmp/quire-".len()));
    let mut text = text.replace(&root, &stand_in);
    if let Some(address) = bed.address() {
        text = text.replace(&address, "127.0.0.1:PORT");
    }
    let mut text: String = text.lines().map(|line| times(&ids(line)) + "\n").collect();
    text.truncate(text.trim_end_matches('\n').len());
    text
}

/// Ids (`01890a5d-ac96-774b-bcce-b302099a8057`) become `ID`.
fn ids(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if rest.get(..36).is_some_and(is_id) {
            out.push_str("ID");
            rest = &rest[36..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn is_id(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    text.chars().enumerate().all(|(at, letter)| match dashes.contains(&at) {
        true => letter == '-',
        false => letter.is_ascii_hexdigit(),
    })
}

/// How long something took.
fn times(line: &str) -> String {
    if line.trim_start().starts_with("Worked for ") {
        let is_clock = |part: &str| part.len() == 5 && part.as_bytes()[2] == b':';
        let parts = line.split(" · ").enumerate().map(|(at, part)| match at {
            0 => "  Worked for TIME",
            _ if is_clock(part) => "CLOCK",
            _ => part,
        });
        return parts.collect::<Vec<_>>().join(" · ");
    }
    let mut line = line.to_owned();
    for (before, after) in [("succeeded in ", "ms:"), (" in ", "ms:"), ("Wall time: ", " seconds"), ("paused at ", "s")]
    {
        if let Some(start) = line.find(before).map(|at| at + before.len())
            && let Some(end) = line[start..].find(after)
            && line[start..start + end].chars().all(|letter| letter.is_ascii_digit() || letter == '.')
        {
            line.replace_range(start..start + end, "N");
        }
    }
    line
}

/// Compares a text with its snapshot in `snapshots/{folder}`.
#[track_caller]
pub(crate) fn snapshot(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("{}/snapshots/{folder}", env!("CARGO_MANIFEST_DIR")));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn what_differs_is_taken_out() {
    let bed = Bed::new();
    let work = bed.path("home/work");
    let text = format!(
        "in {}\nsession 01a2030c-6224-758a-a768-ce8381e1f7dc.\n  Worked for 1m 02s · 10:02 · 1.6k tokens\nsucceeded in 13ms:\nexited 2 in 5ms:\n",
        work.display()
    );
    let tidied = "in /tmp/quire-xxxxxxxx/home/work\nsession ID.\n  Worked for TIME · CLOCK · 1.6k tokens\nsucceeded in Nms:\nexited 2 in Nms:";
    assert_eq!(tidy(&bed, &text), tidied);
}
