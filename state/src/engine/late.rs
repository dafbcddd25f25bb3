//! Reports whose time is over. They are in flight, and yet nothing waits for them any more: something has ended what they were
//! for without waiting. Each way in which that can be has its name here; any other is one that cannot be (`never!`).

/// Why a report finds nothing that waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// The command is forgotten: it was not started, or its end was told and with it everything that was to be said of it.
    CommandForgotten,
    /// The command goes on in the background: what becomes of it is kept with the command, and no call waits.
    CommandInBackground,
    /// What was typed, or a signal, has arrived: only its failure is of interest, and only to a call that typed.
    InputDelivered,
    /// The entry of the command is finished, so what it prints is shown with the next one.
    EntryFinished,
    /// The call was ended by an interrupt, which does not wait for what only reads.
    CallEnded,
    /// The question was answered or withdrawn before its files were read.
    QuestionClosed,
    /// The server says more of an item that it has said to be complete.
    ItemDone,
    /// The server says of an item what does not fit what it has begun, such as text of reasoning.
    ItemDiffers,
}

/// Drops what is too late.
pub fn late<T: Default>(_: Late) -> T {
    T::default()
}
