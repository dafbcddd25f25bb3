//! The shells whose state can be kept: how they are asked for it, and how a command is put behind it.

use std::path::Path;

use super::quoted;

/// Variables that carry the prelude. The first one is enough for almost everybody.
pub(super) const PIECES: [&str; 4] = ["QUIRE_LOGIN", "QUIRE_LOGIN_2", "QUIRE_LOGIN_3", "QUIRE_LOGIN_4"];

/// A shell whose state can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    /// GNU bash.
    Bash,
    /// The Z shell.
    Zsh,
}

/// What a login shell is asked. The answers are separated by marks, so that what the start files print does not matter. Traps
/// come first: while they are set, anything may print. Every word is quoted against aliases.
const BASH: &str = r#"__quire_o=$SHELLOPTS;__quire_s=$BASHOPTS;__quire_t=$(\builtin trap -p);
\builtin trap - DEBUG ERR RETURN EXIT;\builtin set +eux
\builtin printf '\0%s\0' MARK;/usr/bin/env -0
\builtin printf '\0%s\0' MARK;\builtin printf '%s' "$__quire_o"
\builtin printf '\0%s\0' MARK;\builtin printf '%s' "$__quire_s"
\builtin printf '\0%s\0' MARK;\builtin declare -f
\builtin printf '\0%s\0' MARK;\builtin declare -F
\builtin printf '\0%s\0' MARK;\builtin alias -p
\builtin printf '\0%s\0' MARK;\builtin printf '%s' "$__quire_t"
\builtin printf '\0%s\0' MARK;\builtin umask
\builtin printf '\0%s\0' MARK;for __quire_n in c d f l m n s t u v;do
\builtin printf 'ulimit -S -%s %s\nulimit -H -%s %s\n' $__quire_n "$(\builtin ulimit -S -$__quire_n)" $__quire_n "$(\builtin ulimit -H -$__quire_n)"
done 2>/dev/null
\builtin printf '\0%s\0' MARK;\builtin declare -p IFS 2>/dev/null;\builtin printf '\0';IFS=$'\n';\builtin set -f
for __quire_n in $(\builtin compgen -A variable);do
case $__quire_n in IFS);;*)\builtin declare -p "$__quire_n" 2>/dev/null&&\builtin printf '\0';;esac
done
\builtin printf '\0%s\0' MARK;\builtin exit 0
"#;

/// Its traps are told first: a subshell of this one has none to tell.
const ZSH: &str = r#"\builtin zmodload zsh/parameter;__quire_o="${(kvj: :)options}";
\builtin printf '\0%s\0' MARK;\builtin trap
\builtin trap - DEBUG ZERR EXIT;\builtin emulate -R zsh
\builtin printf '\0%s\0' MARK;/usr/bin/env -0
\builtin printf '\0%s\0' MARK;\builtin print -rn -- "$__quire_o"
\builtin printf '\0%s\0' MARK
\builtin printf '\0%s\0' MARK;for __quire_n in ${(ok)functions};do
case ${functions[$__quire_n]} in *builtin\ autoload\ -X*);;*)\builtin functions -- $__quire_n;;esac
done
\builtin printf '\0%s\0' MARK;for __quire_n in ${(ok)functions};do
case ${functions[$__quire_n]} in *builtin\ autoload\ -X*)__quire_f="$(\builtin functions -- $__quire_n)";__quire_f="${__quire_f##*-X}";__quire_f="${__quire_f%%[^a-zA-Z]*}"
\builtin print -r -- "autoload ${__quire_f:+-$__quire_f} -- $__quire_n";;esac
done
\builtin printf '\0%s\0' MARK;\builtin alias -L;\builtin alias -sL
\builtin printf '\0%s\0' MARK;\builtin umask
\builtin printf '\0%s\0' MARK;for __quire_n in c d f l m n s t u v;do
\builtin printf 'ulimit -S -%s %s\nulimit -H -%s %s\n' $__quire_n "$(\builtin ulimit -S -$__quire_n)" $__quire_n "$(\builtin ulimit -H -$__quire_n)"
done 2>/dev/null
\builtin printf '\0%s\0' MARK;for __quire_n in ${(ok)parameters};do
case ${parameters[$__quire_n]} in *hide*|*readonly*special*|scalar*tied*|scalar-export|scalar-export-special);;
array-tied-special)\builtin print -rn -- "$__quire_n=( ${(@qq)${(@P)__quire_n}} )";\builtin printf '\0';;
*)\builtin typeset -p $__quire_n;\builtin printf '\0';;esac
done
\builtin printf '\0%s\0' MARK;\builtin exit 0
"#;

impl Shell {
    /// The kind of this program, by its name.
    pub(super) fn of(program: &str) -> Option<Self> {
        match Path::new(program).file_name()?.to_str()? {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            _ => None,
        }
    }

    /// Arguments that keep it from reading start files when it is no login shell.
    pub(super) fn plain(self) -> &'static [&'static str] {
        match self {
            Self::Bash => &[],
            Self::Zsh => &["-f"],
        }
    }

    /// A command that makes the shell tell its state.
    pub(super) fn script(self, mark: &str) -> String {
        match self {
            Self::Bash => BASH.replace("MARK", mark),
            Self::Zsh => ZSH.replace("MARK", mark),
        }
    }

    /// `command` with the evaluation of the prelude before it, on the same line, so that line numbers stay right. An alias is known
    /// only to lines that are read after it.
    pub(super) fn words(self, command: &str, pieces: usize, has_aliases: bool) -> String {
        if pieces == 0 {
            return command.to_owned();
        }
        let pieces: String = PIECES.iter().take(pieces).map(|name| format!("${name}")).collect();
        match self {
            Self::Bash if has_aliases => format!("eval \"{pieces}\"\n{command}"),
            // This shell reads the whole text before it begins.
            Self::Zsh if has_aliases => {
                format!("eval \"{pieces}\";eval {}", String::from_utf8_lossy(&quoted(command.as_bytes())))
            }
            Self::Bash | Self::Zsh => format!("eval \"{pieces}\";{command}"),
        }
    }

    /// Variables that a shell sets by itself, or that belong to one process.
    pub(super) fn is_own(self, name: &str) -> bool {
        let own: &[&str] = match self {
            Self::Bash => &BASH_OWN,
            Self::Zsh => &ZSH_OWN,
        };
        name.starts_with("__quire_") || COMMON_OWN.contains(&name) || own.contains(&name)
    }

    /// Options that cannot be set, or that only say how the shell was started.
    pub(super) fn is_fixed(self, option: &str) -> bool {
        match self {
            Self::Bash => matches!(option, "login_shell" | "restricted_shell"),
            Self::Zsh => matches!(
                option,
                "interactive"
                    | "login"
                    | "shinstdin"
                    | "singlecommand"
                    | "privileged"
                    | "restricted"
                    | "zle"
                    | "monitor"
            ),
        }
    }
}

/// Variables of a process, in every shell.
const COMMON_OWN: [&str; 12] = [
    "_",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "LINENO",
    "PPID",
    "HISTCMD",
];

const BASH_OWN: [&str; 25] = [
    "BASH",
    "BASHOPTS",
    "BASHPID",
    "BASH_ALIASES",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_ARGV0",
    "BASH_CMDS",
    "BASH_COMMAND",
    "BASH_ENV",
    "BASH_EXECUTION_STRING",
    "BASH_LINENO",
    "BASH_REMATCH",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "BASH_VERSION",
    "COMP_WORDBREAKS",
    "DIRSTACK",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "PIPESTATUS",
    "SHELLOPTS",
    "UID",
];

const ZSH_OWN: [&str; 20] = [
    "0",
    "ARGC",
    "COLUMNS",
    "EGID",
    "EUID",
    "GID",
    "LINES",
    "TRY_BLOCK_ERROR",
    "TRY_BLOCK_INTERRUPT",
    "TTY",
    "TTYIDLE",
    "UID",
    "USERNAME",
    "ZSH_ARGZERO",
    "ZSH_EXECUTION_STRING",
    "argv",
    "path",
    "pipestatus",
    "signals",
    "status",
];
