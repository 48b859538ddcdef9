//! Where one stream of a store stands.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row};
use serde_json::{Value, json};

use crate::command::query::refused;
use crate::failure::Failure;
use crate::quantity::{number, of};
use crate::terminal::escape;

/// How long Graph keeps a delta link of directory objects, as documented (facts: graph-protocol 5.7).
const DELTA_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A certificate is looked for in this many runs.
const RUNS: u32 = 50;

/// A stream, its last certificate, and what the next import goes on with.
#[derive(Debug)]
pub(super) struct Standing {
    stream: String,
    kind: String,
    published: Option<u64>,
    generation: u64,
    phase: String,
    in_round: bool,
    items: u64,
    counted: Option<u64>,
    parts: (u64, u64),
    queued: u64,
    committed_at: Option<String>,
    delta_link_at: Option<Timestamp>,
    delta_link_age: Option<SignedDuration>,
    certificate: Option<Certificate>,
}

#[derive(Debug)]
struct Certificate {
    run: u64,
    verdict: String,
    reason: Option<String>,
    outcome: String,
    objects: u64,
}

/// Outcomes of an optional stream that was not read, as the run itself calls it.
const NOT_READ: [&str; 5] =
    ["missing_permission", "policy_blocked", "not_licensed", "not_in_cloud", "owner_not_read"];

impl Certificate {
    /// One word for the table.
    fn word(&self) -> &str {
        let is_unread = NOT_READ.iter().any(|outcome| self.outcome.starts_with(outcome));
        if is_unread { "not read" } else { &self.verdict }
    }
}

/// All streams, objects before edges.
pub(super) fn read(connection: &Connection, now: Timestamp) -> Result<Vec<Standing>, Failure> {
    let sql = format!(
        "with last as (select stream, max(run) as run from import_certificates
             where run > (select max(run) from import_run) - {RUNS} group by stream)
         select s.stream, s.kind, s.published, s.generation, s.phase, s.cursor is not null, s.items,
             s.counted, s.committed_at, case when s.watermark like '%/delta%' then s.watermark_at end,
             (select count(*) from import_partition p where p.stream = s.stream and p.state = 'done'),
             (select count(*) from import_partition p where p.stream = s.stream),
             (select count(*) from import_queue q where q.stream = s.stream),
             c.run, c.completeness, c.reason, c.outcome, c.objects
         from import_stream s left join last l on l.stream = s.stream
         left join import_certificates c on c.stream = s.stream and c.run = l.run
         order by s.kind = 'edges', s.stream"
    );
    let mut statement = connection.prepare(&sql).map_err(|error| refused(&error))?;
    let rows =
        statement.query_map([], |row| standing(row, now)).map_err(|error| refused(&error))?;
    rows.collect::<Result<_, _>>().map_err(|error| refused(&error))
}

fn standing(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<Standing> {
    let delta_link_at = row.get::<_, Option<String>>(9)?.and_then(|text| text.parse().ok());
    let maybe = |at: usize| {
        row.get::<_, Option<i64>>(at).map(|number| number.and_then(|it| u64::try_from(it).ok()))
    };
    let count = |at: usize| maybe(at).map(Option::unwrap_or_default);
    let certificate = match maybe(13)? {
        Some(run) => Some(Certificate {
            run,
            verdict: row.get(14)?,
            reason: row.get(15)?,
            outcome: row.get(16)?,
            objects: count(17)?,
        }),
        None => None,
    };
    Ok(Standing {
        stream: row.get(0)?,
        kind: row.get(1)?,
        published: maybe(2)?,
        generation: count(3)?,
        phase: row.get(4)?,
        in_round: row.get(5)?,
        items: count(6)?,
        counted: maybe(7)?,
        committed_at: row.get(8)?,
        delta_link_at,
        delta_link_age: delta_link_at.map(|at| now.duration_since(at)),
        parts: (count(10)?, count(11)?),
        queued: count(12)?,
        certificate,
    })
}

impl Standing {
    /// What the next import goes on with; `None` where it begins a round of its own.
    fn goes_on(&self) -> Option<String> {
        let items = number(self.items);
        let of_counted = self.counted.map_or(String::new(), |it| format!(" of {}", number(it)));
        let open = match &*self.phase {
            "full" if self.kind == "edges" => (self.queued > 0)
                .then(|| format!("goes on with the lists of {}", of(self.queued, "owner"))),
            "full" if self.in_round => Some(format!("goes on after {items} items")),
            "full" => Some("reads everything".to_owned()),
            "fence" => Some("goes on with the scan".to_owned()),
            "scan" => {
                let (done, all) = self.parts;
                Some(format!(
                    "goes on with the scan: {items}{of_counted} objects, {done} of {all} parts are read"
                ))
            }
            "catch_up" => Some("goes on with what changed during the scan".to_owned()),
            "verify" => Some("counts what was read".to_owned()),
            "changes" => Some(format!("goes on in the changes, after {items} items")),
            _ => None,
        };
        open.or_else(|| match (self.queued, &*self.kind) {
            (0, _) => None,
            (owners, "edges") => Some(format!("reads the lists of {} again", of(owners, "owner"))),
            (objects, _) => Some(format!("reads {} again", of(objects, "object"))),
        })
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.delta_link_at.and_then(|at| at.checked_add(DELTA_LIFE).ok())
    }

    fn days_left(&self) -> Option<i64> {
        let left = DELTA_LIFE.checked_sub(self.delta_link_age?)?;
        Some(left.as_hours().div_euclid(24))
    }

    fn remarks(&self) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(it @ Certificate { reason: Some(reason), .. }) = &self.certificate {
            said.push(format!("{}: {}", it.word(), escape(reason)));
        }
        said.extend(self.goes_on().map(|next| format!("the next import {next}")));
        if self.days_left().is_some_and(|days| days < 0) {
            let life = "Graph keeps a delta link for 7 days";
            said.push(format!("{life}; the next import may have to read everything again"));
        }
        said
    }

    pub(super) fn row(&self) -> Vec<Value> {
        let certificate = self.certificate.as_ref();
        let generation = match self.published {
            Some(published) => Value::from(published),
            None => Value::from("none yet"),
        };
        let link = match self.days_left() {
            None => Value::Null,
            Some(days) if days < 0 => Value::from("expired"),
            Some(0) => Value::from("expires today"),
            Some(days) => Value::from(format!("{} left", of(days.unsigned_abs(), "day"))),
        };
        vec![
            self.stream.clone().into(),
            certificate.map_or(Value::Null, |it| it.objects.into()),
            generation,
            self.committed_at.clone().into(),
            certificate.map_or(Value::Null, |it| it.run.into()),
            certificate.map_or(Value::Null, |it| it.word().into()),
            link,
        ]
    }

    pub(super) fn json(&self) -> Value {
        let certificate = self.certificate.as_ref();
        json!({
            "stream": self.stream,
            "kind": self.kind,
            "objects": certificate.map(|it| it.objects),
            "published": self.published,
            "generation": self.generation,
            "phase": self.phase,
            "committed_at": self.committed_at,
            "next": self.goes_on(),
            "queued": self.queued,
            "run": certificate.map(|it| it.run),
            "outcome": certificate.map(|it| &it.outcome),
            "completeness": certificate.map(|it| &it.verdict),
            "reason": certificate.and_then(|it| it.reason.as_ref()),
            "delta_link_at": self.delta_link_at.map(|it| it.to_string()),
            "delta_link_age_seconds": self.delta_link_age.map(|it| it.as_secs()),
            "delta_link_expires_at": self.expires_at().map(|it| it.to_string()),
        })
    }
}

/// What the table leaves to be said, each once, with the streams that it is true of.
pub(super) fn remarks(streams: &[Standing]) -> Vec<(String, Vec<&str>)> {
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for stream in streams {
        for text in stream.remarks() {
            match said.iter_mut().find(|(known, _)| *known == text) {
                Some((_, names)) => names.push(&stream.stream),
                None => said.push((text, vec![&stream.stream])),
            }
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use graph_import::Phase;

    use super::*;

    fn standing(phase: &str, kind: &str) -> Standing {
        Standing {
            stream: "users".to_owned(),
            kind: kind.to_owned(),
            published: None,
            generation: 1,
            phase: phase.to_owned(),
            in_round: false,
            items: 0,
            counted: None,
            parts: (0, 0),
            queued: 0,
            committed_at: None,
            delta_link_at: None,
            delta_link_age: None,
            certificate: None,
        }
    }

    /// A4, A9: what was stopped or killed says where it goes on, in every phase.
    #[test]
    fn every_phase_says_what_the_next_import_goes_on_with() {
        let said = |change: fn(&mut Standing), phase, kind| {
            let mut it = standing(phase, kind);
            change(&mut it);
            it.goes_on().unwrap_or_default()
        };
        let nothing: fn(&mut Standing) = |_| {};
        let page: fn(&mut Standing) = |it| (it.in_round, it.items) = (true, 2_400);
        let parts: fn(&mut Standing) =
            |it| (it.items, it.counted, it.parts) = (9_402, Some(12_000), (40, 44));
        let queue: fn(&mut Standing) = |it| it.queued = 149;
        let one: fn(&mut Standing) = |it| it.queued = 1;
        let table = [
            ("idle", "delta", nothing, ""),
            ("fence", "delta", nothing, "goes on with the scan"),
            (
                "scan",
                "delta",
                parts,
                "goes on with the scan: 9,402 of 12,000 objects, 40 of 44 parts are read",
            ),
            ("catch_up", "delta", nothing, "goes on with what changed during the scan"),
            ("verify", "delta", nothing, "counts what was read"),
            ("full", "delta", nothing, "reads everything"),
            ("full", "delta", page, "goes on after 2,400 items"),
            ("changes", "delta", page, "goes on in the changes, after 2,400 items"),
            ("full", "edges", queue, "goes on with the lists of 149 owners"),
            ("idle", "edges", one, "reads the lists of 1 owner again"),
            ("idle", "delta", queue, "reads 149 objects again"),
        ];
        for (phase, kind, change, expected) in table {
            assert_eq!(said(change, phase, kind), expected, "{phase} of {kind}");
        }
        let told = |phase: &Phase| table.iter().any(|(name, ..)| *name == phase.as_str());
        assert!(Phase::ALL.iter().all(told), "no phase is forgotten");
    }

    #[test]
    fn a_delta_link_is_told_by_the_days_that_it_has_left() {
        let aged = |hours: i64| {
            let mut it = standing("idle", "delta");
            it.delta_link_age = Some(SignedDuration::from_hours(hours));
            (it.row()[6].as_str().unwrap_or_default().to_owned(), it.remarks().len())
        };
        assert_eq!(aged(1), ("6 days left".to_owned(), 0));
        assert_eq!(aged(6 * 24 + 1), ("expires today".to_owned(), 0));
        assert_eq!(aged(7 * 24 + 1), ("expired".to_owned(), 1));
    }
}
