//! The simulated tenant behind `--simulate`: what is kept beside the store, and how it starts.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use graph_simulator::{Server, Simulator, Tenant};
use graph_transport::{ClientSecret, Cloud, CustomCloud, GraphClient, Secret};
use serde::{Deserialize, Serialize};

use crate::args::SimulationArgs;
use crate::exit::Exit;
use crate::failure::Failure;

/// Users of a new tenant where no flag says.
const DEFAULT_USERS: u64 = 1_000;
const DEFAULT_SEED: u64 = 1;

/// Everything that a simulated tenant is a function of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) seed: u64,
    pub(crate) users: u64,
    pub(crate) moment: u64,
}

impl State {
    /// The tenant that belongs to a store, or a new one as the flags say.
    pub(crate) fn of_store(store: &Path, args: &SimulationArgs) -> Result<Self, Failure> {
        let path = beside(store);
        let Some(kept) = read(&path)? else {
            if store.exists() {
                let what = format!("`{}` is not the store of a simulated tenant", store.display());
                return Err(
                    Failure::usage(what).hint("name another --store, or leave --simulate out")
                );
            }
            let (seed, users) =
                (args.seed.unwrap_or(DEFAULT_SEED), args.users.unwrap_or(DEFAULT_USERS));
            return Ok(Self { seed, users, moment: 0 });
        };
        let differs = args.seed.is_some_and(|seed| seed != kept.seed)
            || args.users.is_some_and(|users| users != kept.users);
        if differs {
            let what = format!(
                "`{}` holds a simulated tenant with {} users and seed {}",
                store.display(),
                kept.users,
                kept.seed
            );
            return Err(
                Failure::usage(what).hint("leave --users and --seed out, or name another --store")
            );
        }
        Ok(kept)
    }

    /// Keeps the state beside the store; the old file is replaced whole or not at all.
    pub(crate) fn keep(&self, store: &Path) -> Result<(), Failure> {
        let path = beside(store);
        let write = || {
            let mut file = tempfile_beside(&path)?;
            file.1.write_all(&serde_json::to_vec(self).expect("three numbers serialize"))?;
            file.1.sync_all()?;
            fs::rename(&file.0, &path)
        };
        write().map_err(|source| Failure::file("write", &path, &source))
    }

    /// Starts the tenant on a free loopback port.
    pub(crate) async fn start(&self, port: u16) -> Result<Simulation, Failure> {
        let tenant =
            Tenant::builder().seed(self.seed).users(self.users).moment(self.moment).build();
        let simulator = Simulator::builder(tenant).build();
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let server = simulator.listen(address).await.map_err(|source| {
            Failure::new(Exit::LocalIo, format!("could not listen on {address}")).because(&source)
        })?;
        Ok(Simulation { simulator, server })
    }
}

/// A running simulated tenant.
#[derive(Debug)]
pub(crate) struct Simulation {
    pub(crate) simulator: Simulator,
    pub(crate) server: Server,
}

impl Simulation {
    /// A client that signs in over HTTP with client credentials, as any other would.
    pub(crate) fn client(&self) -> Result<GraphClient, Failure> {
        let cloud = Cloud::custom(CustomCloud {
            graph_root: self.server.graph_root(),
            authority: self.server.authority(),
            ca_bundle: None,
            allow_insecure_loopback: true,
        })
        .map_err(|error| {
            Failure::new(Exit::Failed, "the simulator has no usable address").because(&error)
        })?;
        let secret = Secret::new(self.simulator.client_secret());
        let credential =
            ClientSecret::new(self.simulator.tenant_id(), self.simulator.client_id(), secret);
        GraphClient::builder(cloud, credential)
            .max_concurrent_requests(graph_transport::Concurrency::Auto)
            .build()
            .map_err(|error| graph_transport::Error::from(error).into())
    }
}

/// Where the state of a store's simulated tenant is kept.
pub(crate) fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".simulation.json");
    name.into()
}

fn read(path: &Path) -> Result<Option<State>, Failure> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Failure::file("read", path, &source)),
    };
    serde_json::from_slice(&text).map(Some).map_err(|source| {
        Failure::new(
            Exit::LocalIo,
            format!("`{}` does not describe a simulated tenant", path.display()),
        )
        .because(&source)
        .hint("remove it together with its store to begin with a new tenant")
    })
}

fn tempfile_beside(path: &Path) -> std::io::Result<(PathBuf, fs::File)> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let name = PathBuf::from(name);
    Ok((name.clone(), fs::File::create(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(users: Option<u64>) -> SimulationArgs {
        SimulationArgs { simulate: true, users, seed: None }
    }

    #[test]
    fn the_state_of_a_store_is_kept_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("simulated.db");
        let new = State::of_store(&store, &args(Some(50))).unwrap();
        assert_eq!(new, State { seed: 1, users: 50, moment: 0 });
        State { moment: 3, ..new }.keep(&store).unwrap();
        assert_eq!(State::of_store(&store, &args(None)).unwrap().moment, 3);
        assert_eq!(State::of_store(&store, &args(Some(60))).unwrap_err().exit, Exit::Usage);
        fs::write(beside(&store), "{").unwrap();
        assert_eq!(State::of_store(&store, &args(None)).unwrap_err().exit, Exit::LocalIo);
    }
}
