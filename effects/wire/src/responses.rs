//! The Responses API: what a request body holds and what the stream of its answer says.
//!
//! Requests borrow everything, so that a long conversation is written without a copy in between. Events are read
//! with nothing required and every surprise tolerated: servers leave out, add and mistype what they like.

pub mod event;
pub mod item;
pub mod loose;
pub mod request;

pub use event::{Event, Outputs, REPEATED_ITEMS, Response};
pub use item::{Item, Output, Part, TextPart};
pub use loose::{Count, Text};
pub use request::{Format, Grammar, Metadata, Reasoning, Request, TextFormat, TextOptions, Tool};
