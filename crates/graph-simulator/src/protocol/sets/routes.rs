//! Permissions of the described sets, from the published permission map and a table of its holes.

use std::collections::HashMap;
use std::sync::LazyLock;

use http::Method;

use super::{Paging, all, table};
use crate::identity::Roles;
use crate::protocol::errors::Refusal;

/// Permissions that each open a call; `A+B` needs both.
type Alternatives = Vec<&'static str>;

static ROUTES: LazyLock<HashMap<(&'static str, &'static str), Alternatives>> =
    LazyLock::new(|| {
        let published = table(include_str!("../../../data/routes.tsv"));
        let mended = table(include_str!("../../../data/permissions.tsv"));
        published
            .chain(mended)
            .filter(|row| row[2] != "-")
            .map(|row| ((row[0], row[1]), row[2].split(',').collect()))
            .collect()
    });

/// Refuses roles that do not open a call.
pub(crate) fn authorize(method: &Method, template: &str, roles: &Roles) -> Result<(), Refusal> {
    let open = |alternative: &&str| alternative.split('+').all(|role| roles.has_any(&[role]));
    match ROUTES.get(&(method.as_str(), template)) {
        Some(alternatives) if alternatives.iter().any(open) => Ok(()),
        Some(_) => Err(Refusal::forbidden()),
        // Where nothing is published: what opens the whole directory, or what opens the set itself.
        None => {
            let directory: &[&str] = if *method == Method::GET {
                &["Directory.Read.All", "Directory.ReadWrite.All"]
            } else {
                &["Directory.ReadWrite.All"]
            };
            let parent = template.rsplit_once('/').map_or("", |(parent, _)| parent);
            let near = [(method.as_str(), parent), ("POST", parent), ("PATCH", parent)];
            let of_set = near.iter().filter(|(name, _)| *method != Method::GET || *name == "GET");
            let mut known = of_set.filter_map(|key| ROUTES.get(key)).flatten();
            if roles.has_any(directory) || known.any(open) {
                Ok(())
            } else {
                Err(Refusal::forbidden())
            }
        }
    }
}

/// The least permissions of everything that the sets answer to.
pub(crate) fn least() -> impl Iterator<Item = &'static str> {
    let templates = all().iter().flat_map(|set| {
        let one = set.paging == Paging::One;
        let entity = (!one).then(|| format!("/{}/{{id}}", set.path));
        std::iter::once(format!("/{}", set.path)).chain(entity)
    });
    let mut found: Vec<&'static str> = templates
        .flat_map(|template| {
            let first = |method| ROUTES.get(&(method, template.as_str()))?.first().copied();
            ["GET", "POST", "PATCH", "DELETE", "PUT"].map(first)
        })
        .flatten()
        .flat_map(|alternative| alternative.split('+'))
        .collect();
    found.extend(["IdentityRiskyUser.ReadWrite.All", "ProfilePhoto.Read.All"]);
    found.sort_unstable();
    found.dedup();
    found.into_iter()
}
