//! The clouds that a file claims to work in, as the index knows them.

use crate::connection::CLOUD_NAMES;
use crate::graph_index::{CLOUDS, CloudBits, GraphIndex};

/// Clouds by their names in a file, with their bits in the index.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    named: Vec<(&'static str, CloudBits)>,
}

impl Claims {
    /// The clouds with these names; every cloud of the index when none is named.
    pub(crate) fn of(names: &[String], index: &GraphIndex<'_>) -> Self {
        let wanted =
            |name: &str| names.is_empty() || names.iter().any(|it| it.eq_ignore_ascii_case(name));
        let clouds = CLOUDS.iter().filter(|(name, _, _)| wanted(name));
        let claimed: Vec<(&'static str, CloudBits)> =
            clouds.filter_map(|(name, cloud, _)| Some((*name, index.cloud(cloud)?))).collect();
        if claimed.is_empty() {
            // A name that no cloud has was reported; the worldwide cloud is checked meanwhile.
            let global = index.cloud("prod").map(|bit| (CLOUD_NAMES[0], bit));
            return Self { named: global.into_iter().collect() };
        }
        Self { named: claimed }
    }

    /// The claims without clouds that do not offer a command.
    pub(crate) fn without(&self, unavailable: &[String]) -> Self {
        let offered =
            |(name, _): &&(&'static str, CloudBits)| !unavailable.iter().any(|it| it == name);
        Self { named: self.named.iter().filter(offered).copied().collect() }
    }

    /// One cloud alone, if it is claimed.
    pub(crate) fn only(&self, cloud: &str) -> Self {
        let named = self.named.iter().filter(|(name, _)| *name == cloud);
        Self { named: named.copied().collect() }
    }

    pub(crate) fn bits(&self) -> CloudBits {
        self.named.iter().fold(0, |bits, (_, bit)| bits | bit)
    }

    /// `China (Mooncake) and Bleu`: what people call these clouds.
    pub(crate) fn describe(&self, bits: CloudBits) -> String {
        let mut labels: Vec<&str> = Vec::new();
        for (name, _) in self.named.iter().filter(|(_, bit)| bit & bits != 0) {
            let (_, _, label) =
                CLOUDS.iter().find(|(known, _, _)| known == name).expect("from CLOUDS");
            if !labels.contains(label) {
                labels.push(label);
            }
        }
        match labels.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }

    /// `clouds: { china: false, bleu: false }`: what a command says that is missing there.
    pub(crate) fn exclusion(&self, bits: CloudBits) -> String {
        let named = self.named.iter().filter(|(_, bit)| bit & bits != 0);
        let named: Vec<String> = named.map(|(name, _)| format!("{name}: false")).collect();
        format!("clouds: {{ {} }}", named.join(", "))
    }
}
