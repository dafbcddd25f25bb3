//! Commands of the model that write outside: each fails, and the model is told the code that it failed with: F01.

use super::{
    runner::in_every_mode,
    scene::{Call, shell},
};
use crate::sandbox::places::HARM;

/// Beside what is done to the canary.
const ELSEWHERE: [&str; 8] = [
    "echo x > ~/.bashrc",
    "mkdir ~/.ssh",
    "echo x > ../sibling",
    "echo x > $CODEX_HOME/config.toml",
    "echo x > /etc/quire-canary",
    "echo x > /etc/cron.d/quire-canary",
    "echo x > /usr/quire-canary",
    "echo x > /dev/shm/quire-none/file",
];

#[test]
fn the_model_is_told_that_it_failed() {
    in_every_mode(|ground| {
        let ways: Vec<&str> = HARM.iter().chain(&ELSEWHERE).copied().collect();
        let calls: Vec<Call> = ways.iter().map(|way| shell(*way)).collect();
        for (way, told) in ways.iter().zip(ground.exec(&calls)) {
            let code = told.split_once("Process exited with code ").and_then(|(_, rest)| rest.lines().next());
            let code: Option<i32> = code.and_then(|code| code.trim().parse().ok());
            assert!(code.is_some_and(|code| code != 0), "{way}: {told}");
        }
    });
}
