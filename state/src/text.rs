//! Pure text work: widths, wrapping, cleaning, bounded buffers.

pub mod clean;
pub mod head_tail;
pub mod width;
pub mod wrap;
