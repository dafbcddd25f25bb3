//! A recording: a header, the boot, then one message a line.
