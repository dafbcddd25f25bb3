//! What a large folder adds to a turn: the same turns in a folder of 200,000 files and in a small one, side by side.
//!
//! The folder is made once a run, as a repository by `git fast-import`, and removed at the end.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use crate::{Bench, Result, report::Sample, subject::Subject};

/// Files of the folder, and how many lie in each of its folders.
const FILES: usize = 200_000;
const IN_FOLDER: usize = 100;
/// Files that differ from the commit in the dirty case, and files that one command changes.
const DIRTY: usize = 5_000;
const CHANGED: usize = 1_000;
/// Rounds after the first.
const ROUNDS: u32 = 10;
/// Runs of each case: they are long, and the turns in them many.
const RUNS: usize = 5;

/// The folder of this run.
static TREE: OnceLock<Tree> = OnceLock::new();

/// What the folder is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Clean,
    Dirty,
    NoGit,
}

pub(crate) fn clean(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    rounds(bench, subject, Case::Clean)
}

pub(crate) fn dirty(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    rounds(bench, subject, Case::Dirty)
}

pub(crate) fn no_git(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    rounds(bench, subject, Case::NoGit)
}

/// A first round and further ones, each beyond the same in the small folder.
fn rounds(bench: &Bench, subject: &Subject, case: Case) -> Result<Vec<Sample>> {
    let large = subject.within(&tree(subject)?.folder(case)?, &bench.server)?;
    // A command that Quire has to observe, in the sandbox, and which changes next to nothing.
    let turn = |rounds: u32| match rounds {
        0 => vec!["mock:plain n=5".to_owned()],
        _ => vec!["-s".to_owned(), "workspace-write".to_owned(), format!("mock:shs n={rounds} cmd='date > now'")],
    };
    let measured = |subject: &Subject| -> Result<[f64; 3]> {
        let run = |rounds: u32| {
            let arguments: Vec<String> = turn(rounds);
            subject.run(&subject.exec(&arguments.iter().map(String::as_str).collect::<Vec<_>>()))
        };
        let (plain, one, all) = (run(0)?, run(1)?, run(1 + ROUNDS)?);
        let (plain_ms, one_ms, all_ms) = (plain.get("wall_ms"), one.get("wall_ms"), all.get("wall_ms"));
        Ok([one_ms - plain_ms, (all_ms - one_ms) / f64::from(ROUNDS), all.get("peak_mb")])
    };
    crate::exec::repeat(bench.runs.min(RUNS), || {
        let [first, further, peak] = measured(&large)?;
        let [small_first, small_further, small_peak] = measured(subject)?;
        Ok(Sample::new()
            .with("first_ms", first)
            .with("further_ms", further)
            .with("first_beyond_ms", first - small_first)
            .with("further_beyond_ms", further - small_further)
            .with("peak_beyond_mb", peak - small_peak))
    })
}

/// What a command takes that changes 1,000 files beyond one that changes one, once the folder is known: in the large folder, and
/// in a small one that holds little but these files.
pub(crate) fn changes(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let tree = tree(subject)?;
    let (large, few) = (tree.folder(Case::Clean)?, tree.few());
    let measured = |folder: &Path| -> Result<f64> {
        let subject = subject.within(folder, &bench.server)?;
        let list = tree.list(folder)?;
        let run = |files: usize| {
            let change = format!("head -n {files} {} | xargs sed -i 1s/^/x/", list.display());
            let turn = format!("mock:shs n=2 cmd='case %i in 0) sleep 2;; *) {change};; esac'");
            subject.run(&subject.exec(&["-s", "danger-full-access", &turn]))
        };
        let base = run(1)?.get("wall_ms");
        Ok(run(CHANGED)?.get("wall_ms") - base)
    };
    crate::exec::repeat(bench.runs.min(RUNS), || {
        let (in_large, in_small) = (measured(&large)?, measured(&few)?);
        Ok(Sample::new().with("changes_ms", in_large).with("changes_beyond_ms", in_large - in_small))
    })
}

/// Removes the folder of this run, if there is one.
pub(crate) fn clean_up() -> Result<()> {
    match TREE.get() {
        Some(tree) => Ok(fs::remove_dir_all(&tree.top)?),
        None => Ok(()),
    }
}

/// The folder of this run, made by whoever asks first.
fn tree(subject: &Subject) -> Result<&'static Tree> {
    if TREE.get().is_none() {
        let made = Tree::make(&subject.work.with_file_name("large"))?;
        drop(TREE.set(made));
    }
    TREE.get().ok_or_else(|| "there is no large folder".into())
}

/// The large folder and a small one beside it.
#[derive(Debug)]
struct Tree {
    top: PathBuf,
}

impl Tree {
    fn make(top: &Path) -> Result<Self> {
        if top.exists() {
            fs::remove_dir_all(top)?;
        }
        let tree = Self { top: top.to_owned() };
        import(&tree.work(), FILES)?;
        import(&tree.few(), CHANGED)?;
        Ok(tree)
    }

    fn work(&self) -> PathBuf {
        self.top.join("work")
    }

    fn few(&self) -> PathBuf {
        self.top.join("few")
    }

    /// The large folder as this case wants it.
    fn folder(&self, case: Case) -> Result<PathBuf> {
        let (work, git, away) = (self.work(), self.work().join(".git"), self.top.join("git"));
        match case {
            Case::NoGit if git.exists() => fs::rename(&git, &away)?,
            Case::Clean | Case::Dirty if away.exists() => fs::rename(&away, &git)?,
            Case::Clean | Case::Dirty | Case::NoGit => {}
        }
        match case {
            Case::Clean => git_in(&work, &["reset", "-q", "--hard"])?,
            Case::Dirty => {
                git_in(&work, &["reset", "-q", "--hard"])?;
                (0..DIRTY).try_for_each(|at| fs::write(work.join(name(at * (FILES / DIRTY))), "changed\n"))?;
            }
            Case::NoGit => {}
        }
        Ok(work)
    }

    /// A file that names those which a command changes, spread over this folder.
    fn list(&self, folder: &Path) -> Result<PathBuf> {
        let step = if folder == self.work() { FILES / CHANGED } else { 1 };
        let list = self.top.join(format!("list-{step}"));
        fs::write(&list, (0..CHANGED).map(|at| name(at * step) + "\n").collect::<String>())?;
        Ok(list)
    }
}

fn name(at: usize) -> String {
    format!("part{}/folder{}/file{at}.txt", at / IN_FOLDER / 20, at / IN_FOLDER)
}

/// A repository of so many files, in one commit and one pack.
fn import(folder: &Path, files: usize) -> Result<()> {
    fs::create_dir_all(folder)?;
    git_in(folder, &["init", "-q"])?;
    let mut child =
        Command::new("git").args(["fast-import", "--quiet"]).current_dir(folder).stdin(Stdio::piped()).spawn()?;
    let input = child.stdin.take().ok_or("git fast-import takes no input")?;
    let mut input = BufWriter::new(input);
    writeln!(input, "commit refs/heads/bench\ncommitter bench <bench@example.com> 0 +0000\ndata 5\nbench")?;
    for at in 0..files {
        let content = format!("alpha {at}\n{}", "The quick brown fox jumps over the lazy dog.\n".repeat(at % 40));
        writeln!(input, "M 644 inline {}\ndata {}\n{content}", name(at), content.len())?;
    }
    input.flush()?;
    drop(input);
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("`git fast-import` ended with {status}").into());
    }
    git_in(folder, &["checkout", "-q", "bench"])
}

fn git_in(folder: &Path, arguments: &[&str]) -> Result<()> {
    let status = Command::new("git").args(arguments).current_dir(folder).status()?;
    if status.success() { Ok(()) } else { Err(format!("`git {}` ended with {status}", arguments.join(" ")).into()) }
}
