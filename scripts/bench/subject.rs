//! A program under test: where it is, where it may write, and one run of it measured by the kernel.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use wait4::Wait4;

use crate::{Options, Result, report::Sample, server::Server};

/// A program under test.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) label: String,
    pub(crate) path: PathBuf,
    /// Its `CODEX_HOME`.
    pub(crate) home: PathBuf,
    /// Its working folder, a git repository.
    pub(crate) work: PathBuf,
    /// Its `HOME`, empty.
    user: PathBuf,
    pub(crate) tui_args: Vec<String>,
    exec_args: Vec<String>,
    /// Further lines of its configuration.
    config: String,
}

impl Subject {
    /// The programs that the options name; the release build of this repository when they name none.
    pub(crate) fn all(options: &Options, server: &Server) -> Result<Vec<Self>> {
        let default = ["quire=target/release/quire".to_owned()];
        let bins = if options.bins.is_empty() { &default[..] } else { &options.bins };
        fs::create_dir_all(&options.data)?;
        let data = options.data.canonicalize()?;
        let work = data.join("work");
        make_repository(&work)?;
        let make = |bin: &String| -> Result<Self> {
            let (label, path) = bin.split_once('=').ok_or_else(|| format!("--bin {bin}: write LABEL=PATH"))?;
            let path = Path::new(path).canonicalize().map_err(|error| format!("{path}: {error}"))?;
            let (home, user) = (data.join(format!("home-{label}")), data.join(format!("user-{label}")));
            fs::create_dir_all(&user)?;
            let subject = Self {
                label: label.to_owned(),
                path,
                home,
                work: work.clone(),
                user,
                tui_args: extra(&options.tui_args, label),
                exec_args: extra(&options.exec_args, label),
                config: own_config(&options.config, label)?,
            };
            subject.write_config(server)?;
            Ok(subject)
        };
        bins.iter().map(make).collect()
    }

    /// The same program in another folder.
    pub(crate) fn within(&self, work: &Path, server: &Server) -> Result<Self> {
        let subject = Self { work: work.to_owned(), ..self.clone() };
        subject.write_config(server)?;
        Ok(subject)
    }

    /// Points the program at the server, as far as configuration can.
    pub(crate) fn write_config(&self, server: &Server) -> Result<()> {
        fs::create_dir_all(&self.home)?;
        let config = format!(
            "model = \"gpt-5.5\"\nmodel_provider = \"bench\"\n\n\
             [model_providers.bench]\nname = \"Bench\"\nbase_url = \"{}\"\nenv_key = \"BENCH_API_KEY\"\n\
             wire_api = \"responses\"\n\n[projects.\"{}\"]\ntrust_level = \"trusted\"\n\n{}",
            server.url,
            self.work.display(),
            self.config
        );
        fs::write(self.home.join("config.toml"), config)?;
        Ok(())
    }

    /// The environment: nothing of the caller's but a path.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        vec![
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("HOME", text(&self.user)),
            ("CODEX_HOME", text(&self.home)),
            ("BENCH_API_KEY", "sk-bench".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("SHELL", "/bin/bash".to_owned()),
            ("USER", "bench".to_owned()),
        ]
    }

    /// Arguments of `exec` with these at the end.
    pub(crate) fn exec(&self, rest: &[&str]) -> Vec<String> {
        let mut arguments = vec!["exec".to_owned()];
        arguments.extend(self.exec_args.iter().cloned());
        arguments.extend(rest.iter().map(|&argument| argument.to_owned()));
        arguments
    }

    /// One run to its end: wall and CPU time with its waited-for children, and peak memory.
    pub(crate) fn run(&self, arguments: &[String]) -> Result<Sample> {
        let begun = Instant::now();
        let mut child = Command::new(&self.path)
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .current_dir(&self.work)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let used = child.wait4()?;
        let wall = begun.elapsed();
        if !used.status.success() {
            return Err(format!("`{}` ended with {}", arguments.join(" "), used.status).into());
        }
        let cpu = used.rusage.utime + used.rusage.stime;
        Ok(Sample::new()
            .with("wall_ms", wall.as_secs_f64() * 1e3)
            .with("cpu_ms", cpu.as_secs_f64() * 1e3)
            .with("peak_mb", used.rusage.maxrss as f64 / 1e6))
    }
}

fn extra(all: &[String], label: &str) -> Vec<String> {
    all.iter()
        .filter_map(|text| text.split_once('=').filter(|(name, _)| *name == label))
        .flat_map(|(_, words)| words.split_whitespace().map(ToOwned::to_owned))
        .collect()
}

/// The text of the files that belong to this program.
fn own_config(all: &[String], label: &str) -> Result<String> {
    let paths = all.iter().filter_map(|text| text.split_once('=').filter(|(name, _)| *name == label));
    let read = |(_, path): (&str, &str)| fs::read_to_string(path).map_err(|error| format!("{path}: {error}").into());
    paths.map(read).collect()
}

/// A small repository, so that no program complains that there is none.
fn make_repository(work: &Path) -> Result<()> {
    fs::create_dir_all(work)?;
    if work.join(".git").exists() {
        return Ok(());
    }
    fs::write(work.join("README.md"), "bench\n")?;
    let commands: [&[&str]; 3] = [
        &["init", "-q"],
        &["add", "."],
        &["-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "-qm", "bench"],
    ];
    for arguments in commands {
        let status = Command::new("git").args(arguments).current_dir(work).status()?;
        if !status.success() {
            return Err(format!("`git {}` ended with {status}", arguments.join(" ")).into());
        }
    }
    Ok(())
}
