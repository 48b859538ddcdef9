//! Hints and notes for people, on stderr.

use std::io::Write as _;

/// Prints an error, under `--quiet` too.
pub(crate) fn error(lines: &str) {
    let _ = writeln!(std::io::stderr(), "{}", lines.trim_end());
}

/// Tells a person what they have to do now, under `--quiet` too.
pub(crate) fn ask(lines: &str) {
    let _ = writeln!(std::io::stderr(), "{}", lines.trim_end());
}

/// Says things beside the data; silent under `--quiet`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notice {
    quiet: bool,
}

impl Notice {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    pub(crate) fn is_quiet(self) -> bool {
        self.quiet
    }

    pub(crate) fn say(self, line: &str) {
        if !self.quiet {
            // A closed stderr must not end the work.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}
