//! Edges to objects that no stream knows (cases: B27).

use rusqlite::Connection;

use super::target::Target;
use super::{Link, published, replace};
use crate::sqlite::names::{id_text, table};

/// Edges are kept although their other end is not known: its stream may be behind. One that is older
/// than the last completed run should have been resolved.
pub(super) fn create(
    connection: &Connection,
    links: &[Link],
    targets: &[Target],
) -> rusqlite::Result<()> {
    let known = |target: &Target| {
        let objects = table("object", &target.stream);
        format!("EXISTS (SELECT 1 FROM {objects} o WHERE o.object = e.target)")
    };
    // Only a stream that has been read as a whole says by its silence that there is no such object.
    let missing: String = targets
        .iter()
        .map(|target| {
            let (kind, published) = (target.odata_type(), published(&target.stream));
            [" WHEN '", &kind, "' THEN ", &published, " AND NOT ", &known(target)].concat()
        })
        .collect();
    let nowhere: Vec<String> =
        targets.iter().map(|target| ["NOT ", &known(target)].concat()).collect();
    let nowhere = if nowhere.is_empty() { "1".to_owned() } else { nowhere.join(" AND ") };
    let part = |link: &Link| {
        format!(
            "SELECT '{}' AS stream, {} AS owner_id, {} AS target_id, y.name AS target_type, e.since_run,
             e.since_run < (SELECT max(run) FROM import_run WHERE status = 'completed') AS older_than_a_round
             FROM {} e JOIN import_object_id s ON s.number = e.source JOIN import_object_id m ON m.number = e.target
             JOIN import_edge_type y ON y.number = e.type
             WHERE {} AND CASE y.name WHEN 'unknown' THEN {nowhere}{missing} ELSE 0 END",
            link.stream,
            id_text("s.id"),
            id_text("m.id"),
            table("edge", &link.stream),
            published(&link.stream),
        )
    };
    let parts: Vec<String> = links.iter().map(part).collect();
    let nothing = "SELECT NULL AS stream, NULL AS owner_id, NULL AS target_id, NULL AS target_type,
        NULL AS since_run, NULL AS older_than_a_round WHERE 0";
    let select = if parts.is_empty() { nothing.to_owned() } else { parts.join(" UNION ALL ") };
    replace(connection, "import_dangling", &select)
}
