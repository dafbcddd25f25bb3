use super::{FILES, runs};

const SHELL: &str = "/bin/bash";

/// What a command of a workspace at `/w` runs, as `files | unwatched`.
fn found(argv: &[&str]) -> String {
    let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
    let runs = runs(&argv, SHELL, "/w", |path| path == "/w" || path.starts_with("/w/"));
    format!("{} | {}", runs.files.join(" "), runs.unwatched.join(", "))
}

#[test]
fn what_is_run_is_found_or_said() {
    let mut wrong = Vec::new();
    for (line, expected) in [
        // Named by a path.
        ("./run now", "/w/run | what `./run` loads"),
        ("../tools/run && python3 -u gen.py", "/tools/run /w/gen.py | what `../tools/run` loads, what `gen.py` loads"),
        ("X=1 ./run", "/w/1 /w/run | what `X` names, what `./run` loads"),
        ("/opt/x/run", "/opt/x/run | what `/opt/x/run` loads"),
        ("~/bin/x", " | what `~/bin/x` runs"),
        // Interpreters.
        ("sh ./s.sh", "/w/s.sh | what `./s.sh` loads"),
        ("bash -x build.sh all", "/w/build.sh | what `build.sh` loads"),
        ("python3.11 gen.py out.txt", "/w/gen.py | what `gen.py` loads"),
        ("/usr/bin/python3 tools/gen.py", "/w/tools/gen.py | what `tools/gen.py` loads"),
        ("/usr/bin/taskset 1 ./run", "/w/run | what `./run` loads"),
        ("venv/bin/python a.py data/x", "/w/venv/bin/python /w/a.py | what `venv/bin/python` loads"),
        ("sh /srv/s.sh", "/srv/s.sh | "),
        ("node scripts/a.js | tee out/log", "/w/scripts/a.js | what `scripts/a.js` loads"),
        ("node -r ./x b.js", "/w/x /w/b.js | what `./x` loads"),
        ("ruby a.rb data/x.csv", "/w/a.rb | what `a.rb` loads"),
        (". ./env.sh; ls", "/w/env.sh | what `./env.sh` loads"),
        ("source env.sh", "/w/env.sh | what `env.sh` loads"),
        ("awk -f x.awk data", "/w/x.awk | what `x.awk` loads"),
        ("sed -f x.sed data", "/w/x.sed | what `x.sed` loads"),
        ("sed -n 1,5p data", " | "),
        ("python3 -m pkg", " | what `python3` runs"),
        ("python3 -c 'print(1)'", " | what `python3` runs"),
        // By a redirection, in whatever place.
        ("bash 0<ci/run.sh", "/w/ci/run.sh | what `bash` runs"),
        ("bash < run.sh", "/w/run.sh | what `bash` runs"),
        ("< run.sh bash", "/w/run.sh | what `bash` runs"),
        ("perl -x ci.pl < ci/run", "/w/ci/run /w/ci.pl | what `ci.pl` loads"),
        ("bash <<< ./x", " | what `bash` runs"),
        ("bash <(cat x.sh)", " | what `bash` runs"),
        ("bash <<EOF\n./x\nEOF", "/w/x | what `bash` runs, what `./x` loads, what `EOF` runs"),
        // Text within text.
        ("sh -c \"$(cat x)\"", " | what `sh` runs"),
        ("bash -c 'python3 a/b.py'", "/w/a/b.py | what `a/b.py` loads, what `bash` runs"),
        ("env -S 'python3 a.py'", "/w/a.py | what `a.py` loads, what `env` runs"),
        ("echo $(./x)", "/w/x | what `./x` loads"),
        ("echo \"`./x`\"", "/w/x | what `./x` loads"),
        ("$RUN x", " | what `$RUN x` runs"),
        ("eval ./x", "/w/x | what `eval` runs"),
        // Programs that run others.
        ("xargs ./x", "/w/x | what `xargs` runs"),
        ("find . -exec ./x {} +", "/w/x | what `find` runs"),
        ("find . -name x", " | "),
        ("taskset 1 ./run", "/w/run | what `taskset` runs"),
        ("timeout 5 python3 a.py", "/w/a.py | what `timeout` runs"),
        ("sudo ./x", "/w/x | what `sudo` runs"),
        ("socat - EXEC:x", " | what `socat` runs"),
        ("java -jar x.jar", "/w/x.jar | what `java` runs"),
        ("psql -f x/y.sql", "/w/x/y.sql | what `psql` runs"),
        // What files of the folder say.
        ("make all", "/w/Makefile /w/makefile /w/GNUmakefile | what `make all` runs"),
        ("npm test", "/w/package.json /w/.npmrc | what `npm test` runs"),
        (
            "cargo test",
            "/w/Cargo.toml /w/build.rs /w/.cargo/config.toml /w/.cargo/config /w/rust-toolchain.toml /w/rust-toolchain | what `cargo test` runs",
        ),
        ("unheard-of", " | what `unheard-of` runs"),
        // Another folder.
        ("cd sub && ./run", "/w/sub/run | what `./run` loads"),
        ("cd $X && ./run", "/w/run | what lies where `cd` leads, what `./run` loads"),
        // Known to run nothing.
        ("rm -rf /", " | "),
        ("/usr/bin/ls /etc", "/etc | what `/etc` loads"),
        ("cp a ../b && curl -s https://a.b > c", " | "),
        ("git push origin main", " | "),
        ("git push --receive-pack=./x .", " | what `git push` runs"),
        ("git push --rec ./x .", "/w/x | what `git push` runs"),
        ("git fetch ext::./x", "/w/ext::./x | what `git fetch` runs"),
        ("git -c alias.x=!./x x", "/w/alias.x=!./x | what `git` runs"),
        ("git unknown", " | what `git unknown` runs"),
        ("LD_PRELOAD=./x.so ls", "/w/x.so | what `LD_PRELOAD` names"),
        ("gh pr list", " | "),
        ("docker compose up", "/w/Dockerfile /w/compose.yaml /w/docker-compose.yml | what `docker compose` runs"),
    ] {
        let found = found(&[SHELL, "-lc", line]);
        if found != expected {
            wrong.push(format!("{line}\n    {found}\n    {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_shell_that_the_call_names_is_a_program_like_others() {
    assert_eq!(found(&["tools/bash", "-lc", "ls"]), "/w/tools/bash | what `tools/bash` loads");
    assert_eq!(found(&["/bin/sh", "-c", "ls"]), "/bin/sh | ");
    assert_eq!(found(&["/w/own", "-lc", "sh ./x"]), "/w/own /w/x | what `/w/own` loads, what `./x` loads");
    assert_eq!(found(&["bash", "-c", "ls"]), " | ");
    assert_eq!(found(&["mybash", "-c", "ls"]), " | what `mybash` runs");
    assert_eq!(found(&["./run", "x"]), "/w/run | what `./run` loads");
}

#[test]
fn of_too_many_the_rest_is_said() {
    let line: Vec<String> = (0..FILES + 5).map(|number| format!("sh s{number}")).collect();
    let argv = [SHELL.to_owned(), "-c".to_owned(), line.join(" && ")];
    let runs = runs(&argv, SHELL, "/w", |_| true);
    assert_eq!(runs.files.len(), FILES);
    assert_eq!(runs.unwatched[0], "5 more files");
    assert!(runs.unwatched.last().unwrap().ends_with("more programs"), "{:?}", runs.unwatched);
    let argv = [SHELL.to_owned(), "-c".to_owned(), format!("echo {}$(", "x ".repeat(200_000))];
    assert!(super::runs(&argv, SHELL, "/w", |_| true).unwatched.contains(&"the rest of the text".to_owned()));
}
