//! Logs for people who ask for them: on stderr, masked by the types that are logged.

use std::io::IsTerminal as _;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

/// What logs, as long as it lives.
#[derive(Debug)]
pub(crate) struct Logging {
    #[cfg(feature = "otlp")]
    _telemetry: crate::telemetry::Telemetry,
}

/// What people must know always, debug of our crates with `-v`, everything with `-vv`. What happens
/// to a stream is told by the progress of the import, not by the log.
pub(crate) fn start(verbose: u8) -> Logging {
    let filter = match verbose {
        // A connection whose `logging` is on wants its log without a flag.
        0 => "error,graph_transport=warn,graph_transport::log=info,graph_import::sqlite=warn",
        1 => "warn,graph_transport=debug,graph_dsl=debug,graph_import=debug,graph_admin=debug",
        _ => "debug",
    };
    let log = fmt::layer().with_writer(std::io::stderr);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    let log = match verbose {
        0 => log.without_time().with_target(false).boxed(),
        _ => log.boxed(),
    };
    let subscriber = registry().with(log.with_filter(EnvFilter::new(filter)));
    #[cfg(feature = "otlp")]
    {
        let telemetry = crate::telemetry::Telemetry::start();
        subscriber.with(telemetry.layer()).init();
        Logging { _telemetry: telemetry }
    }
    #[cfg(not(feature = "otlp"))]
    {
        subscriber.init();
        Logging {}
    }
}
