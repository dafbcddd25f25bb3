//! `PATH` as it was at the start, under a login shell that sets it anew.

/// The folders that every system has. What stands before them was put there on purpose.
const SYSTEM: [&[u8]; 9] = [
    b"/bin",
    b"/sbin",
    b"/snap/bin",
    b"/usr/bin",
    b"/usr/games",
    b"/usr/local/bin",
    b"/usr/local/games",
    b"/usr/local/sbin",
    b"/usr/sbin",
];

fn folders(path: &[u8]) -> Vec<&[u8]> {
    let mut folders = Vec::new();
    if path.is_empty() {
        return folders;
    }
    for folder in path.split(|byte| *byte == b':') {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Whether a lost folder is put back: one that is relative means another one in every folder.
fn is_whole(folder: &[u8]) -> bool {
    folder.starts_with(b"/")
}

/// What stands before the folders of the system.
pub(super) fn front(path: &[u8]) -> Vec<Vec<u8>> {
    let front = folders(path).into_iter().take_while(|folder| !SYSTEM.contains(folder));
    front.filter(|folder| is_whole(folder)).map(<[u8]>::to_vec).collect()
}

/// The path that a login shell made of `given`, with nothing of that lost: what was in front is in front, and every other folder
/// comes before those that it came before.
pub(super) fn merged(given: &[u8], made: &[u8]) -> Vec<u8> {
    let given = folders(given);
    let mut merged: Vec<&[u8]> = folders(made);
    for (at, folder) in given.iter().enumerate().rev().filter(|(_, folder)| is_whole(folder)) {
        let place = |wanted: &[u8], merged: &[&[u8]]| merged.iter().position(|each| *each == wanted);
        let next = given[at + 1..].iter().filter_map(|later| place(later, &merged)).min();
        match (place(folder, &merged), next) {
            (Some(here), Some(next)) if here > next && !SYSTEM.contains(folder) => {
                merged.remove(here);
                merged.insert(next, folder);
            }
            (Some(_), _) => {}
            (None, next) => merged.insert(next.unwrap_or(merged.len()), folder),
        }
    }
    let front: Vec<&[u8]> =
        given.into_iter().take_while(|folder| !SYSTEM.contains(folder)).filter(|folder| is_whole(folder)).collect();
    let rest = merged.into_iter().filter(|folder| !front.contains(folder));
    front.iter().copied().chain(rest).collect::<Vec<_>>().join(&b':')
}

#[cfg(test)]
mod tests {
    use super::{front, merged};

    #[test]
    fn nothing_of_the_path_is_lost_and_what_was_in_front_stays_there() {
        const SYSTEM: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        for (given, made, wanted) in [
            // Set anew by /etc/profile.
            (format!("/venv/bin:{SYSTEM}"), SYSTEM.to_owned(), format!("/venv/bin:{SYSTEM}")),
            (format!("/venv/bin:/nvm/bin:{SYSTEM}"), SYSTEM.to_owned(), format!("/venv/bin:/nvm/bin:{SYSTEM}")),
            // A start file puts in front what is there already.
            (
                "/venv/bin:/home/me/bin:/usr/bin".to_owned(),
                "/home/me/bin:/venv/bin:/home/me/bin:/usr/bin".to_owned(),
                "/venv/bin:/home/me/bin:/usr/bin".to_owned(),
            ),
            // A start file adds one.
            (
                "/nvm/v20/bin:/usr/bin".to_owned(),
                "/nvm/v18/bin:/nvm/v20/bin:/usr/bin".to_owned(),
                "/nvm/v20/bin:/nvm/v18/bin:/usr/bin".to_owned(),
            ),
            // Started from a desktop: what the login adds is in front.
            ("/usr/bin:/bin".to_owned(), "/shims:/usr/bin:/bin".to_owned(), "/shims:/usr/bin:/bin".to_owned()),
            // Between the folders of the system, and behind them.
            (
                "/usr/local/bin:/opt/venv/bin:/usr/bin:/bin".to_owned(),
                SYSTEM.to_owned(),
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/opt/venv/bin:/usr/bin:/sbin:/bin".to_owned(),
            ),
            (format!("{SYSTEM}:/opt/tool/bin"), SYSTEM.to_owned(), format!("{SYSTEM}:/opt/tool/bin")),
            // Sorted anew, as `path_helper` does.
            (
                "/venv/bin:/usr/local/bin:/opt/x/bin:/usr/bin:/bin".to_owned(),
                "/usr/local/bin:/usr/bin:/bin:/venv/bin:/opt/x/bin".to_owned(),
                "/venv/bin:/usr/local/bin:/opt/x/bin:/usr/bin:/bin".to_owned(),
            ),
            // What is relative is not put back.
            (".::node_modules/.bin:/usr/bin".to_owned(), "/usr/bin".to_owned(), "/usr/bin".to_owned()),
            ("/usr/bin".to_owned(), String::new(), "/usr/bin".to_owned()),
        ] {
            let merged = String::from_utf8(merged(given.as_bytes(), made.as_bytes())).unwrap();
            assert_eq!(merged, wanted, "{given} and {made}");
        }
        assert_eq!(front(b"/a:b:/c:/usr/bin:/d"), [b"/a".to_vec(), b"/c".to_vec()]);
    }
}
