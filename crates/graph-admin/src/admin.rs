//! The commands of the catalogue over one client.

use graph_dsl::{ArgumentError, Arguments, Envelope, Root, Runner};
use graph_transport::GraphClient;

use crate::catalogue::system;

/// Runs commands of the embedded catalogue through one client.
#[derive(Clone, Debug)]
pub struct Admin {
    runner: Runner,
}

impl Admin {
    /// The catalogue over this client. `$ref` bodies name the client's own cloud.
    pub fn new(client: GraphClient) -> Self {
        Self { runner: Runner::new(client) }
    }

    /// Runs a command by its name or an alias, `user.get`. What Graph answers, a refusal included,
    /// is in the envelope.
    ///
    /// A list that Graph limits per call, such as the ids of `directory_object.get_by_ids` (1000) or
    /// the groups of `user.check_member_groups` (20), may be of any length: it is sent in portions,
    /// one after the other, until one fails.
    ///
    /// # Errors
    /// A name that is not in the catalogue, or arguments that do not fit; nothing was sent then.
    pub async fn run(&self, command: &str, arguments: Arguments) -> Result<Envelope, AdminError> {
        let catalogue = &system().catalogue;
        let unknown = || AdminError::UnknownCommand {
            name: command.to_owned(),
            suggestion: catalogue.suggest(command).map(str::to_owned),
        };
        let plan = catalogue.get(command).ok_or_else(unknown)?;
        plan.bind(&arguments, &self.root()).map_err(AdminError::Arguments)?;
        Ok(self.runner.run(plan, &arguments).await)
    }

    /// The client.
    pub fn client(&self) -> &GraphClient {
        self.runner.client()
    }

    fn root(&self) -> Root {
        let root = self.runner.client().cloud().graph_root();
        Root::new(root).expect("a cloud's root was checked when it was made")
    }
}

/// A call that was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// No such command.
    #[error("find the command `{name}`")]
    UnknownCommand {
        /// As asked for.
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// Arguments that do not fit the command, all of them.
    #[error("bind the arguments: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Arguments(Vec<ArgumentError>),
}
