//! Every bound of the model in one place. Bytes, unless the name says otherwise.

/// Beginning of a command's output that is kept.
pub const OUTPUT_HEAD_BYTES: usize = 512 * 1024;
/// End of a command's output that is kept.
pub const OUTPUT_TAIL_BYTES: usize = 512 * 1024;
/// Largest SSE event that is decoded.
pub const SSE_EVENT_BYTES: usize = 32 * 1024 * 1024;
/// Messages that may wait for the fold, by their text size, before senders have to wait.
pub const INBOX_BYTES: usize = 8 * 1024 * 1024;
/// Messages that may wait for the fold, before streams have to wait: so many are folded before a key is heard.
pub const INBOX_MESSAGES: usize = 1024;
/// Inputs held in a thread's queue.
pub const QUEUE_ITEMS: usize = 100;
/// Longest name of a thread, in characters.
pub const THREAD_NAME_CHARS: usize = 200;
/// Submissions kept for recall with the arrow keys.
pub const RECALL_ITEMS: usize = 1000;
/// Terminal sessions alive at once in one thread.
pub const COMMAND_SESSIONS: usize = 64;
/// Calls that are run of one response; the rest are answered with a refusal.
pub const CALLS_PER_RESPONSE: usize = 200;
/// Pastes above this many characters become a placeholder in the composer.
pub const PASTE_CHARS: usize = 1000;
/// Keyboard quiet before an answer to a question counts, in milliseconds.
pub const QUIET_MS: u64 = 400;
/// How long nothing may follow a letter before it answers a question, in milliseconds.
pub const SETTLE_MS: u64 = 150;
/// A timer that comes so much later says nothing about what was typed meanwhile: the program stood still.
pub const LATE_MS: u64 = 100;
/// How long a second Ctrl-C still counts as "exit", in milliseconds.
pub const EXIT_ARMED_MS: u64 = 1000;
/// Politeness before force when a command is ended, in milliseconds.
pub const KILL_GRACE_MS: u64 = 500;
/// Longest wait that a server's `Retry-After` may impose; above it the turn fails and names the time.
pub const RETRY_AFTER_MS: u64 = 60_000;
/// Lines of a patch that a question can show. What is beyond is counted, and a yes to it is for this once.
pub const ASKED_PATCH_BYTES: usize = 4 * 1024 * 1024;
/// Lines of a patch, or of a turn's diff, that the transcript keeps.
pub const KEPT_PATCH_BYTES: usize = 256 * 1024;
/// Longest unified diff of a turn that is told.
pub const DIFF_TEXT_BYTES: usize = 1024 * 1024;
/// Files of a turn's diff that the transcript keeps.
pub const DIFF_FILES: usize = 500;
/// Paths that are told of a turn that was taken back, and of what stands in the way of that.
pub const TOLD_PATHS: usize = 200;
/// Edits of the draft that undo can take back.
pub const UNDO_EDITS: usize = 5000;
/// Submissions kept for recall, pastes and images included; the newest is kept whatever its size.
pub const RECALL_BYTES: usize = 8 * 1024 * 1024;
/// Turns that the choice of an earlier message knows the changes of.
pub const TALLIED_TURNS: usize = 100;
/// Paths that one warning about changed configuration names.
pub const STEERED_PATHS: usize = 8;

/// Stored threads that are listed at most.
pub const SESSIONS_LISTED: usize = 500;
