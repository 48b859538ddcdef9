//! Tokens shared between clients: partitioned by who signs in where (U21).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::Tokens;
use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::credential::Credential;

/// The tokens of several clients in this process. Clones are the same cache.
///
/// Tokens are kept apart by Graph root, login authority and [`Credential::cache_key`]: kind of
/// credential, tenant, client and scope. Whoever may use a cache may use every token in it.
#[derive(Clone, Debug, Default)]
pub struct TokenCache(Arc<Mutex<HashMap<Key, Arc<Tokens>>>>);

#[derive(Debug, Eq, Hash, PartialEq)]
struct Key {
    graph_root: String,
    authority: String,
    continuous_access_evaluation: bool,
    credential: String,
}

impl TokenCache {
    pub(crate) fn tokens(
        &self,
        credential: &Arc<dyn Credential>,
        cloud: &Cloud,
        authority: &Authority,
        continuous_access_evaluation: bool,
    ) -> Arc<Tokens> {
        let new = || {
            let (credential, authority) = (Arc::clone(credential), authority.clone());
            let cloud = cloud.clone();
            Arc::new(Tokens::new(credential, cloud, authority, continuous_access_evaluation))
        };
        let Some(who) = credential.cache_key() else { return new() };
        let key = Key {
            graph_root: cloud.graph_root().to_owned(),
            authority: cloud.authority().to_owned(),
            continuous_access_evaluation,
            credential: who,
        };
        let mut partitions = self.0.lock().expect("no panic while the lock is held");
        Arc::clone(partitions.entry(key).or_insert_with(new))
    }
}
