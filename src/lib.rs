//! The faces of Quire and the shell around its fold.

pub mod cli;
pub mod debug;
pub mod doctor;
pub mod driver;
pub mod early;
pub mod execpolicy;
pub mod exit;
pub mod face;
pub mod faces;
pub mod launch;
pub mod output;
pub mod record;
pub mod run;
pub mod sandbox;
pub mod terminal;
