//! `graphctl simulate`: a tenant for any Graph client on this machine.

use std::io::{self, Write as _};

use crate::args::SimulateArgs;
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;
use crate::simulation::State;

pub(crate) async fn run(
    args: SimulateArgs,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    let state = State { seed: args.seed, users: args.users, moment: args.moment };
    let simulation = state.start(args.port).await?;
    let (server, simulator) = (&simulation.server, &simulation.simulator);
    let mut out = io::stdout().lock();
    // A system file: save it as ./graphctl.yaml and every command of graphctl talks to this tenant.
    writeln!(out, "name: simulated").map_err(closed)?;
    writeln!(out, "connection:").map_err(closed)?;
    writeln!(out, "  cloud: custom").map_err(closed)?;
    writeln!(out, "  graph_root: {}", server.graph_root()).map_err(closed)?;
    writeln!(out, "  authority: {}", server.authority()).map_err(closed)?;
    writeln!(out, "  allow_insecure_loopback: true").map_err(closed)?;
    writeln!(out, "  auth_type: azure").map_err(closed)?;
    writeln!(out, "  credentials:").map_err(closed)?;
    writeln!(out, "    tenant_id: {}", simulator.tenant_id()).map_err(closed)?;
    writeln!(out, "    client_id: {}", simulator.client_id()).map_err(closed)?;
    writeln!(out, "    client_secret: \"${{{{ENV:SIMULATED_CLIENT_SECRET}}}}\"").map_err(closed)?;
    out.flush().map_err(closed)?;
    drop(out);
    notice.say(&format!(
        "serving {} users at {} until interrupted",
        args.users,
        server.graph_root()
    ));
    notice
        .say(&format!("its secret: export SIMULATED_CLIENT_SECRET={}", simulator.client_secret()));
    interrupts.nth(1).await;
    simulation.server.shutdown().await;
    Ok(Exit::Done)
}
