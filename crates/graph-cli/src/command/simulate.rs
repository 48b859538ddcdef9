//! `graphctl simulate`: a tenant for any Graph client on this machine.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use graph_simulator::{
    Churn, Cloud, FaultPlan, Latency, Server, Simulator, SimulatorBuilder, Tenant, Throttle,
};

use crate::args::{SimulateArgs, ThrottleChoice};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;

pub(crate) async fn run(
    args: SimulateArgs,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    let simulator = simulator(&args)?.build();
    let server = listen(&simulator, &args).await?;
    let mut out = io::stdout().lock();
    // A system file: save it as ./graphctl.yaml and every command of graphctl talks to this tenant.
    out.write_all(system(&simulator, &server, args.tls.as_deref()).as_bytes()).map_err(closed)?;
    out.flush().map_err(closed)?;
    drop(out);
    introduce(&simulator, &server, &args, notice);
    interrupts.nth(1).await;
    server.shutdown().await;
    Ok(Exit::Done)
}

fn simulator(args: &SimulateArgs) -> Result<SimulatorBuilder, Failure> {
    let (of, behaviour) = (&args.tenant, &args.behaviour);
    let tenant = Tenant::builder().seed(of.seed).users(of.users).moment(of.moment).build();
    let mut builder = Simulator::builder(tenant).cloud(of.cloud);
    for (seed, users) in &of.others {
        builder = builder.another_tenant(Tenant::builder().seed(*seed).users(*users).build(), []);
    }
    if !of.permissions.is_empty() {
        builder = builder.permissions(&of.permissions);
    }
    if let Some(objects) = behaviour.page_size {
        builder = builder.page_size(objects);
    }
    if let Some(path) = &behaviour.faults {
        let plan = FaultPlan::from_yaml(&read(path)?).map_err(|error| refused(path, &error))?;
        builder = builder.faults(plan);
    }
    if let Some(path) = &behaviour.churn {
        let churn = Churn::from_yaml(&read(path)?).map_err(|error| refused(path, &error))?;
        builder = builder.churn(churn);
    }
    if let Some(choice) = &behaviour.throttle {
        builder = builder.throttle(throttle(choice, of.users)?);
    }
    let millis = |time: Option<Duration>| {
        u64::try_from(time.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
    };
    let latency =
        Latency { millis: millis(behaviour.latency), jitter_millis: millis(behaviour.jitter) };
    Ok(builder.latency(latency))
}

fn throttle(choice: &ThrottleChoice, users: u64) -> Result<Throttle, Failure> {
    match choice {
        ThrottleChoice::Documented => Ok(Throttle::for_users(users)),
        ThrottleChoice::ResourceUnits(resource_units) => {
            Ok(Throttle { resource_units: *resource_units, ..Throttle::default() })
        }
        ThrottleChoice::File(path) => {
            serde_yaml::from_str(&read(path)?).map_err(|error| refused(path, &error))
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|source| Failure::file("read", path, &source))
}

/// A file that says something that cannot be meant.
fn refused(path: &Path, error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::usage(format!("`{}` cannot be used", path.display()))
        .because(error)
        .hint("`graphctl simulate --help` shows a fault plan and a churn script")
}

async fn listen(simulator: &Simulator, args: &SimulateArgs) -> Result<Server, Failure> {
    let address = (Ipv4Addr::LOCALHOST, args.port).into();
    let listening = match &args.tls {
        None => simulator.listen(address).await,
        Some(_) => simulator.listen_tls(address).await,
    };
    let server = listening.map_err(|source| {
        Failure::new(Exit::LocalIo, format!("could not listen on {address}")).because(&source)
    })?;
    if let (Some(path), Some(authority)) = (&args.tls, server.certificate_authority()) {
        fs::write(path, authority).map_err(|source| Failure::file("write", path, &source))?;
    }
    Ok(server)
}

/// The system file of a client of the first tenant.
fn system(simulator: &Simulator, server: &Server, ca_bundle: Option<&Path>) -> String {
    let trust = match ca_bundle {
        Some(path) => {
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            format!("ca_bundle: {}", serde_json::json!(path.display().to_string()))
        }
        None => "allow_insecure_loopback: true".to_owned(),
    };
    let mut text = format!(
        "name: simulated\nconnection:\n  cloud: custom\n  graph_root: {}\n  authority: {}\n  {trust}\n",
        server.graph_root(),
        server.authority(),
    );
    // What a client may ask for is checked against the cloud that is simulated.
    if !matches!(simulator.cloud(), Cloud::Global | Cloud::Usnat | Cloud::Ussec) {
        let _ = writeln!(text, "  metadata: {}", simulator.cloud());
    }
    let _ = write!(
        text,
        "  auth_type: azure\n  credentials:\n    tenant_id: {}\n    client_id: {}\n    \
         client_secret: \"${{{{ENV:SIMULATED_CLIENT_SECRET}}}}\"\n",
        simulator.tenant_id(),
        simulator.client_id(),
    );
    text
}

fn introduce(simulator: &Simulator, server: &Server, args: &SimulateArgs, notice: Notice) {
    let url = server.url();
    notice.say(&format!("serving {} users at {url} until interrupted", args.tenant.users));
    notice
        .say(&format!("its secret: export SIMULATED_CLIENT_SECRET={}", simulator.client_secret()));
    for other in simulator.tenants().skip(1) {
        notice.say(&format!(
            "another tenant: {} ({}), client {}, secret {}",
            other.tenant_id(),
            other.tenant().domain(),
            other.client_id(),
            other.client_secret()
        ));
    }
    notice.say(&format!("status: {url}/simulator  statistics: {url}/simulator/statistics"));
    notice.say(&format!(
        "truth: {url}/simulator/truth (hashes), {url}/simulator/truth/users (NDJSON)"
    ));
}
