//! What `/proc` says of a process and its descendants.

use std::{collections::BTreeMap, fs, path::PathBuf};

/// Clock ticks a second in `/proc/PID/stat`; the same on every Linux that this runs on.
const TICKS_PER_S: f64 = 100.0;

/// The process and its descendants.
pub(crate) fn tree(pid: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = stat(child).and_then(|fields| fields.get(1)?.parse().ok()) {
            children.entry(parent).or_default().push(child);
        }
    }
    let mut found = Vec::new();
    let mut open = vec![pid];
    while let Some(next) = open.pop() {
        found.push(next);
        open.extend(children.get(&next).into_iter().flatten());
    }
    found
}

/// CPU milliseconds of the tree so far, ended and waited-for children included; steps of 10 ms.
pub(crate) fn cpu_ms(pid: u32) -> f64 {
    let ticks = |pid: &u32| -> f64 {
        let fields = stat(*pid).unwrap_or_default();
        fields.iter().skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum()
    };
    tree(pid).iter().map(ticks).sum::<f64>() / TICKS_PER_S * 1e3
}

/// CPU time of every living thread of a tree, exact: for times in which nothing should happen.
#[derive(Debug)]
pub(crate) struct Threads {
    nanoseconds: BTreeMap<PathBuf, f64>,
}

impl Threads {
    /// As it is now.
    pub(crate) fn of(pid: u32) -> Self {
        let mut nanoseconds = BTreeMap::new();
        for process in tree(pid) {
            for task in fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
                let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
                let spent = text.split_whitespace().next().and_then(|first| first.parse().ok());
                nanoseconds.insert(task.path(), spent.unwrap_or(0.0));
            }
        }
        Self { nanoseconds }
    }

    /// Milliseconds that the threads of now have spent since `before`. Threads that ended meanwhile are not in it.
    pub(crate) fn ms_since(&self, before: &Self) -> f64 {
        let spent = |(task, now): (&PathBuf, &f64)| now - before.nanoseconds.get(task).copied().unwrap_or(0.0);
        self.nanoseconds.iter().map(spent).sum::<f64>() / 1e6
    }
}

/// A size of `/proc/PID/status` in megabytes.
pub(crate) fn status_mb(pid: u32, key: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0 / 1e6
}

/// The fields of `/proc/PID/stat` after the name.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(ToOwned::to_owned).collect())
}
