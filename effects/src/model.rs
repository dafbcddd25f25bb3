//! The model client: a request out, its stream back in, as reports.
//!
//! [`request::run`] sends one request and ends with one last report. It never retries, never waits on its own and
//! never chooses: the core decides what a fault means. No secret leaves this module but in the request itself.

pub mod client;
mod decode;
mod encode;
mod failure;
mod headers;
mod http;
mod inflate;
pub mod items;
mod opening;
mod place;
mod redact;
pub mod request;
mod silence;
mod sse;
mod stream;
mod transport;
mod veiled;
mod wait;

#[cfg(test)]
mod tests;
