//! A compiled system: connection, catalogue, streams.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Connection;
use crate::diagnostic::suggest;
use crate::mapping::SchemaMapping;
use crate::plan::CommandPlan;
use crate::stream::StreamPlan;

/// A system file, checked and compiled.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct System {
    /// Its name, `entra`.
    pub name: String,
    /// How Graph is reached; absent in a file that only describes commands or streams.
    pub connection: Option<Connection>,
    /// The commands.
    pub catalogue: Catalogue,
    /// The streams, in the order of the file.
    pub streams: Vec<StreamPlan>,
    /// The schema mappings by name.
    pub mappings: BTreeMap<String, Arc<SchemaMapping>>,
}

/// All commands of a system, found by name or alias.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    plans: BTreeMap<String, Arc<CommandPlan>>,
    aliases: BTreeMap<String, String>,
}

impl System {
    /// The stream with this name.
    pub fn stream(&self, name: &str) -> Option<&StreamPlan> {
        self.streams.iter().find(|stream| stream.name == name)
    }
}

impl Catalogue {
    /// The command with this full name or alias, `user.get`.
    pub fn get(&self, name: &str) -> Option<&CommandPlan> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.plans.get(name).map(Arc::as_ref)
    }

    /// The same, to keep.
    pub(crate) fn shared(&self, name: &str) -> Option<Arc<CommandPlan>> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.plans.get(name).cloned()
    }

    /// Changes a command in its place; plans that hold it keep it as it was.
    pub(crate) fn change(&mut self, name: &str, change: impl FnOnce(&mut CommandPlan)) {
        if let Some(plan) = self.plans.get_mut(name) {
            change(Arc::make_mut(plan));
        }
    }

    /// Every command, sorted by full name.
    pub fn iter(&self) -> impl Iterator<Item = &CommandPlan> {
        self.plans.values().map(Arc::as_ref)
    }

    /// Aliases with the full names of their commands, sorted.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.aliases.iter().map(|(alias, name)| (alias.as_str(), name.as_str()))
    }

    /// The name or alias that was probably meant.
    pub fn suggest(&self, name: &str) -> Option<&str> {
        suggest(name, self.plans.keys().chain(self.aliases.keys()).map(String::as_str))
    }

    /// How many commands there are.
    pub fn len(&self) -> usize {
        self.plans.len()
    }

    /// Whether there is no command.
    pub fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Adds a command and its aliases in place of one with the same name.
    pub(crate) fn insert(&mut self, plan: CommandPlan) {
        let name = plan.full_name();
        self.aliases.remove(&name);
        for alias in &plan.aliases {
            self.aliases.insert(alias.clone(), name.clone());
        }
        self.plans.insert(name, Arc::new(plan));
    }
}
