//! Tests of the model client: bytes against a reference, streams against reports, and whole requests over TCP.

mod decoding;
mod encoding;
mod faults;
mod growth;
mod inflating;
mod requests;
mod samples;
mod secure;
mod server;
mod shapes;
mod sse_bytes;
mod streams;
mod veiling;
