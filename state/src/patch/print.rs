//! From [`Patch`] to text that reads back as the same patch.

use std::fmt;

use super::{Hunk, Patch, Section};

impl fmt::Display for Patch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "*** Begin Patch")?;
        for section in &self.sections {
            match section {
                Section::Add { path, content } => {
                    writeln!(out, "*** Add File: {path}")?;
                    for line in content.split_terminator('\n') {
                        writeln!(out, "+{line}")?;
                    }
                }
                Section::Delete { path } => writeln!(out, "*** Delete File: {path}")?,
                Section::Update { path, move_to, hunks } => {
                    writeln!(out, "*** Update File: {path}")?;
                    if let Some(target) = move_to {
                        writeln!(out, "*** Move to: {target}")?;
                    }
                    hunks.iter().try_for_each(|hunk| print_hunk(hunk, out))?;
                }
            }
        }
        writeln!(out, "*** End Patch")
    }
}

fn print_hunk(hunk: &Hunk, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    if hunk.contexts.is_empty() {
        writeln!(out, "@@")?;
    }
    for context in &hunk.contexts {
        writeln!(out, "@@ {context}")?;
    }
    out.write_str(&hunk.body)?;
    if hunk.at_end { writeln!(out, "*** End of File") } else { Ok(()) }
}
