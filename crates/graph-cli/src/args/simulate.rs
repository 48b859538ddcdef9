//! The flags of `graphctl simulate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use graph_simulator::Cloud;

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  graphctl simulate > graphctl.yaml              then, in another shell, graphctl import
  graphctl simulate --users 100000 --latency 300ms --jitter 150ms --throttle documented
  graphctl simulate --tls ca.pem --cloud china   over TLS; clients trust ca.pem
  graphctl simulate --tenant 2 --tenant 3:5000   three tenants: seeds 1, 2 and 3
  graphctl simulate --faults faults.yaml --churn churn.yaml

A fault plan:                                    A churn script:
  seed: 7                                          steps:
  rules:                                             - every_requests: 50
    - path: /users/delta                               do: { advance: 1 }
      nth: 2                                         - at_request: 3
      fault: { kind: reset_mid_body, after: 512 }      path: /users/delta
    - probability: 0.01                                do: { revoke_tokens: true }
      fault: { kind: status, status: 503 }

Below /simulator it has a status page, statistics as JSON, the truth as NDJSON and as hashes
(/simulator/truth), and the page on which device codes are approved.")]
pub(crate) struct SimulateArgs {
    /// Loopback port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Serve over TLS, and write the certificate that clients must trust to this file (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) tls: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) behaviour: BehaviourArgs,
}

/// What is served.
#[derive(Args, Debug)]
#[command(next_help_heading = "Tenant")]
pub(crate) struct TenantArgs {
    /// Users of the tenant
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub(crate) users: u64,
    /// The same seed, size and moment make the same tenant
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// How often the tenant has moved on
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) moment: u64,
    /// Another tenant, as SEED or SEED:USERS; several times for several
    #[arg(long = "tenant", value_name = "SEED[:USERS]", value_parser = another_tenant)]
    pub(crate) others: Vec<(u64, u64)>,
    /// National cloud: its hosts, audiences and missing resources
    #[arg(long, default_value_t = Cloud::Global, value_name = "NAME", value_parser = PossibleValuesParser::new(Cloud::ALL.map(Cloud::name)).try_map(|name| name.parse::<Cloud>()))]
    pub(crate) cloud: Cloud,
    /// Application permissions of its tokens, separated by commas [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) permissions: Vec<String>,
}

/// How it answers.
#[derive(Args, Debug)]
#[command(next_help_heading = "Behaviour")]
pub(crate) struct BehaviourArgs {
    /// `documented` limits, a number of resource units in 10 seconds, or a YAML file [default: none]
    #[arg(long, value_name = "LIMITS", value_parser = throttle)]
    pub(crate) throttle: Option<ThrottleChoice>,
    /// Faults to inject, a YAML file
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// How the tenant moves on while it is read, a YAML file
    #[arg(long, value_name = "FILE")]
    pub(crate) churn: Option<PathBuf>,
    /// Delay of every answer, such as 300ms
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) latency: Option<Duration>,
    /// The delay is up to this much shorter or longer
    #[arg(long, value_name = "TIME", requires = "latency", value_parser = duration)]
    pub(crate) jitter: Option<Duration>,
    /// Objects on a page of a list without $top [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=999))]
    pub(crate) page_size: Option<u64>,
}

/// Which limits there are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ThrottleChoice {
    Documented,
    ResourceUnits(u32),
    File(PathBuf),
}

fn throttle(text: &str) -> Result<ThrottleChoice, String> {
    Ok(match (text, text.parse()) {
        ("documented", _) => ThrottleChoice::Documented,
        (_, Ok(0)) => return Err("0 units let nothing through: write 1 or more".into()),
        (_, Ok(units)) => ThrottleChoice::ResourceUnits(units),
        _ => ThrottleChoice::File(text.into()),
    })
}

/// `300ms`, `1.5s` or `2s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const HELP: &str = "write milliseconds or seconds, such as 300ms or 1.5s";
    let (number, millis) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1.0),
        (_, Some(number)) => (number, 1_000.0),
        _ => return Err(HELP.into()),
    };
    let number: f64 = number.trim().parse().map_err(|_| HELP)?;
    if !(0.0..=3_600_000.0).contains(&(number * millis)) {
        return Err("write a time of an hour at most".into());
    }
    Ok(Duration::from_secs_f64(number * millis / 1_000.0))
}

fn another_tenant(text: &str) -> Result<(u64, u64), String> {
    const HELP: &str = "write SEED or SEED:USERS, such as 2 or 2:5000";
    let (seed, users) = text.split_once(':').unwrap_or((text, "1000"));
    let users: u64 = users.parse().map_err(|_| HELP)?;
    if !(10..=1_000_000).contains(&users) {
        return Err("a tenant has 10 to 1,000,000 users".into());
    }
    Ok((seed.parse().map_err(|_| HELP)?, users))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("300ms"), Ok(Duration::from_millis(300)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1_500)));
        for text in ["300", "ms", "-1s", "1h", "NaNs", "infs", "99999s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn limits_are_documented_a_number_or_a_file() {
        assert_eq!(throttle("documented"), Ok(ThrottleChoice::Documented));
        assert_eq!(throttle("500"), Ok(ThrottleChoice::ResourceUnits(500)));
        assert_eq!(throttle("limits.yaml"), Ok(ThrottleChoice::File("limits.yaml".into())));
        assert!(throttle("0").is_err());
    }

    #[test]
    fn another_tenant_is_a_seed_with_perhaps_a_size() {
        assert_eq!(another_tenant("2"), Ok((2, 1_000)));
        assert_eq!(another_tenant("2:50"), Ok((2, 50)));
        for text in ["", "x", "1:", "1:5", "1:2:3"] {
            assert!(another_tenant(text).is_err(), "{text}");
        }
    }
}
