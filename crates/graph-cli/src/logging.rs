//! Logs for people who ask for them: on stderr, masked by the types that are logged.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Warnings always, debug of our crates with `-v`, everything with `-vv`.
pub(crate) fn start(verbose: u8) {
    let filter = match verbose {
        0 => "warn",
        1 => "warn,graph_transport=debug,graph_dsl=debug,graph_import=debug,graph_admin=debug",
        _ => "debug",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
