//! What a national cloud does not have: paths and properties, as the metadata says.
//!
//! The table is made by `cargo xtask simulator-clouds` (facts: graph-protocol 1.2, metadata).

use std::sync::LazyLock;

use super::Cloud;
use crate::protocol::errors::Refusal;
use crate::protocol::path::Path;
use crate::protocol::query::Query;

/// A row of the table.
struct Row {
    /// `{id}` stands for a key.
    segments: Vec<&'static str>,
    /// A type and its property, of the objects at the path; none if the path itself is absent.
    property: Option<(&'static str, &'static str)>,
    clouds: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    include_str!("absent.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (place, clouds) = line.split_once('\t')?;
            let (path, property) = match place.split_once('?') {
                Some((path, property)) => (path, property.split_once('/')),
                None => (place, None),
            };
            Some(Row { segments: path.split('/').skip(1).collect(), property, clouds })
        })
        .collect()
});

impl Row {
    fn is_of(&self, cloud: Cloud) -> bool {
        self.clouds.split(',').any(|name| name == cloud.schema())
    }

    /// Whether the path of a request begins with this one.
    fn begins(&self, texts: &[&str]) -> bool {
        texts.len() >= self.segments.len()
            && self.segments.iter().zip(texts).all(|(own, text)| own == text || *own == "{id}")
    }
}

/// The refusal of a path that a cloud does not have, which names the segment that is missing.
pub(crate) fn path(cloud: Cloud, path: &Path) -> Option<Refusal> {
    // The worldwide cloud has what the simulator knows; its few gaps are other clouds' additions.
    if cloud == Cloud::Global {
        return None;
    }
    let texts = path.texts();
    let row =
        ROWS.iter().find(|row| row.property.is_none() && row.begins(&texts) && row.is_of(cloud))?;
    let missing = row.segments.iter().zip(&texts).rev().find(|(own, _)| **own != "{id}");
    Some(Refusal::no_segment(missing.map_or("", |(_, text)| text)))
}

/// Refuses options that name a property which a cloud does not have.
pub(crate) fn properties(cloud: Cloud, path: &Path, query: &Query) -> Result<(), Refusal> {
    if cloud == Cloud::Global {
        return Ok(());
    }
    let texts = path.texts();
    let asked: Vec<String> = query
        .select
        .iter()
        .flatten()
        .cloned()
        .chain([&query.filter, &query.order_by].into_iter().flatten().flat_map(|it| words(it)))
        .collect();
    for row in ROWS.iter().filter(|row| row.begins(&texts) && row.is_of(cloud)) {
        let Some((kind, property)) = row.property else { continue };
        // The collection, an object in it, or its delta: what lies deeper has another type.
        let rest = &texts[row.segments.len()..];
        if rest.len() <= 1 && asked.iter().any(|name| name == property) {
            return Err(Refusal::malformed(format!(
                "Could not find a property named '{property}' on type 'microsoft.graph.{kind}'."
            )));
        }
    }
    Ok(())
}

/// The names in an expression, literals left out.
fn words(expression: &str) -> Vec<String> {
    let outside = expression.split('\'').step_by(2);
    outside
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(cloud: Cloud, target: &str) -> Option<String> {
        let (path_text, query) = target.split_once('?').unwrap_or((target, ""));
        let read = Path::parse(&format!("/v1.0{path_text}")).unwrap();
        let query = Query::parse(query).unwrap();
        let refusal = path(cloud, &read).or_else(|| properties(cloud, &read, &query).err());
        refusal.map(|refusal| refusal.message)
    }

    #[test]
    fn clouds_lack_what_the_metadata_says() {
        // facts: graph-protocol 1.2 and 5.1.
        let segment = |name: &str| Some(format!("Resource not found for the segment '{name}'."));
        for (cloud, target, expected) in [
            (Cloud::China, "/identityProtection/riskyUsers", segment("identityProtection")),
            (Cloud::UsGovL4, "/identityProtection/riskyUsers", None),
            (Cloud::Bleu, "/identity/conditionalAccess/policies", segment("identity")),
            (Cloud::Bleu, "/policies/conditionalAccessPolicies", None),
            (Cloud::China, "/directory/administrativeUnits/delta", segment("delta")),
            (Cloud::China, "/directory/administrativeUnits", None),
            (Cloud::Usnat, "/devices/delta", segment("delta")),
            (Cloud::Govsg, "/auditLogs/signIns", segment("auditLogs")),
            (Cloud::Govsg, "/invitations", segment("invitations")),
            (Cloud::Govsg, "/users/x/photo/$value", segment("photo")),
            (Cloud::Delos, "/users/x/authentication/methods", segment("authentication")),
            (Cloud::Global, "/identity/conditionalAccess/policies", None),
        ] {
            assert_eq!(refused(cloud, target), expected, "{cloud} {target}");
        }
    }

    #[test]
    fn clouds_lack_properties_too() {
        let message = |name: &str| {
            let (kind, name) = name.split_once('.').unwrap();
            Some(format!(
                "Could not find a property named '{name}' on type 'microsoft.graph.{kind}'."
            ))
        };
        for (cloud, target, expected) in [
            (Cloud::Govsg, "/users?$select=id,signInActivity", message("user.signInActivity")),
            (Cloud::China, "/users?$select=id,signInActivity", None),
            (Cloud::Usnat, "/users?$filter=employeeType eq 'x'", message("user.employeeType")),
            (Cloud::Usnat, "/users?$filter=displayName eq 'employeeType'", None),
            (Cloud::China, "/groups/x?$select=assignedLabels", message("group.assignedLabels")),
            (Cloud::China, "/groups/x/members?$select=assignedLabels", None),
            (
                Cloud::UsGovL5,
                "/applications?$select=verifiedPublisher",
                message("application.verifiedPublisher"),
            ),
        ] {
            assert_eq!(refused(cloud, target), expected, "{cloud} {target}");
        }
    }
}
