//! Pure text work: widths, wrapping, cleaning, bounded buffers, shell words.

pub mod clean;
pub mod head_tail;
pub mod shell;
pub mod twins;
pub mod width;
pub mod wrap;
