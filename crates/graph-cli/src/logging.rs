//! Logs for people who ask for them: on stderr, masked by the types that are logged.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// What people must know always, debug of our crates with `-v`, everything with `-vv`. What happens
/// to a stream is told by the progress of the import, not by the log.
pub(crate) fn start(verbose: u8) {
    let filter = match verbose {
        // A connection whose `logging` is on wants its log without a flag.
        0 => "error,graph_transport=warn,graph_transport::log=info,graph_import::sqlite=warn",
        1 => "warn,graph_transport=debug,graph_dsl=debug,graph_import=debug,graph_admin=debug",
        _ => "debug",
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if verbose == 0 {
        log.without_time().with_target(false).init();
    } else {
        log.init();
    }
}
