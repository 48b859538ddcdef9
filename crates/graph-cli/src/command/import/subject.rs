//! An import that is asked about and not run: what `plan` and `verify` work on.

use std::collections::BTreeSet;
use std::path::Path;

use graph_import::{Importer, SqliteStore};
use graph_transport::{GraphClient, Lanes};

use super::choice;
use crate::args::{ChoiceArgs, Globals, SimulationArgs};
use crate::connect;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;
use crate::simulation::{Simulation, State};
use crate::system;

/// An importer, signed in, over the store at a path.
pub(super) struct Subject {
    pub(super) importer: Importer<SqliteStore>,
    /// The token's application permissions, where it can be read.
    pub(super) granted: Option<BTreeSet<String>>,
    /// What is under way, for the progress.
    pub(super) lanes: Lanes,
    simulation: Option<Simulation>,
}

impl Subject {
    /// Signs in; the store is not opened, and of a simulated tenant nothing is kept.
    pub(super) async fn open(
        args: &SimulationArgs,
        chosen: &ChoiceArgs,
        path: &Path,
        (globals, notice): (&Globals, Notice),
        interrupts: &Interrupts,
    ) -> Result<Self, Failure> {
        if args.simulate {
            let streams = choice::apply(chosen, system::streams(globals)?)?;
            let simulation = State::of_store(path, args)?.start(0).await?;
            let client = simulation.client()?;
            let tenant = connect::tenant(&client, notice).await?;
            let lanes = client.lanes().clone();
            let importer = Importer::new(client, tenant, streams, SqliteStore::new(path))
                .map_err(|error| super::stopped(&error))?
                .reads_hidden_members(true);
            return Ok(Self { importer, granted: None, lanes, simulation: Some(simulation) });
        }
        let loaded = system::load(globals)?;
        let streams = choice::apply(chosen, loaded.system.streams.clone())?;
        let runner = connect::runner(&loaded)?;
        let client: GraphClient = runner.client().clone();
        let signed_in = async {
            let tenant = connect::tenant(&client, notice).await?;
            client.sign_in().await?;
            Ok::<_, Failure>(tenant)
        };
        let tenant = tokio::select! {
            tenant = signed_in => tenant?,
            () = interrupts.nth(1) => return Err(Failure::interrupted()),
        };
        let granted: BTreeSet<String> = runner.granted_permissions().into_iter().collect();
        let hidden = granted.contains("Member.Read.Hidden");
        let lanes = client.lanes().clone();
        let importer = Importer::new(client, tenant, streams, SqliteStore::new(path))
            .map_err(|error| super::stopped(&error))?
            .reads_hidden_members(hidden);
        let granted = (!granted.is_empty()).then_some(granted);
        Ok(Self { importer, granted, lanes, simulation: None })
    }

    /// Lets go of the simulated tenant.
    pub(super) async fn close(self) {
        if let Some(simulation) = self.simulation {
            simulation.server.shutdown().await;
        }
    }
}
