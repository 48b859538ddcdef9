//! The handover: a delta link first, then a scan in partitions, then the changes since the link.
//!
//! Delta wins over the scan for every object that it touches, so nothing that happens meanwhile is
//! lost; and the scan reads pages of 999 in parallel, where a delta round reads small ones in a row.
//! Every step is a commit, so a new process goes on where the last one was.

pub(super) mod count;
mod latest;

use graph_dsl::{Scan, StreamKind, StreamPlan};

use super::fault::End;
use super::objects::{self, Lost, Round};
use super::opening::Opening;
use super::reader::Reader;
use super::scan::{self, Scanned};
use super::step::{Next, Step, Work};
use crate::Event;
use crate::store::{Phase, Store, StreamState};

/// How a handover ended.
pub(super) enum Handed {
    /// Its generation is published.
    Over,
    /// Its generation is published, and shows the tenant as it was in an earlier run.
    BehindTheTenant,
    /// The generation is read in another way.
    FellBack,
}

/// Whether the stream is to be read by a handover where it stands.
pub(super) fn applies(plan: &StreamPlan, state: &StreamState) -> bool {
    let begins = state.is_untouched() && state.fallback.is_none();
    let is_open = state.phase.is_open_generation() && state.phase != Phase::Full;
    matches!(plan.kind, StreamKind::Delta) && plan.scan.is_some() && (begins || is_open)
}

/// Goes on with the handover where it stands, to its end.
pub(super) async fn read<S: Store>(
    reader: &Reader<'_, S>,
    opening: &mut Opening,
) -> Result<Handed, End> {
    let Some(scan) = &reader.plan.scan else { return Ok(Handed::FellBack) };
    let begun = reader.state().await;
    reader.tally.rounds.add(1);
    reader.tally.full.add(1);
    let (stream, resumed) = (&*reader.plan.name, !begun.is_untouched());
    reader.tell(&Event::Round { stream, full: true, resumed });
    if let Some(objects) = begun.counted {
        reader.tell(&Event::Counted { stream, objects });
    }
    let (mut rewound, mut recounts) = (false, 0);
    loop {
        let state = reader.state().await;
        reader.tell(&Event::Phase { stream, phase: state.phase });
        let next = match state.phase {
            Phase::Full if reader.gathers.is_demanded() => {
                Next::FallBack("the edges come with the delta round".to_owned())
            }
            Phase::Full => latest::begin(reader, scan, opening).await?,
            Phase::Fence => {
                // What happened before the delta link the delta will not report, so that the scan must
                // show it; counted from the link on, also over a restart.
                reader.until_shown(state.baseline_at.as_deref()).await?;
                Next::Scan(scan::plan(reader, scan, state.counted).await?, serial(scan))
            }
            Phase::Scan => match scan_anew(reader, scan, opening).await? {
                Scanned::Whole => Next::CatchUp,
                Scanned::Lost(lost) => begin_again(reader, &lost, &mut rewound),
            },
            Phase::CatchUp => match objects::round(reader, state, None, opening).await? {
                Round::Complete | Round::TooLarge => continue,
                Round::Lost(lost) => begin_again(reader, &lost, &mut rewound),
            },
            Phase::Verify => {
                recounts += 1;
                count::verdict(reader, scan, &state, recounts - 1).await?
            }
            // A round that an earlier run began, or has ended, knows nothing of the time since then.
            Phase::Changes | Phase::Idle
                if begun.phase == Phase::Verify || begun.cursor.is_some() =>
            {
                return Ok(Handed::BehindTheTenant);
            }
            Phase::Changes | Phase::Idle => return Ok(Handed::Over),
        };
        let fell_back = matches!(next, Next::FallBack(_));
        reader.step(Step::new(Work::Nothing, next)).await?;
        if fell_back {
            return Ok(Handed::FellBack);
        }
    }
}

/// Goes on with the scan. The first answer of the run is older than what it will see, and a catch-up that
/// knows less than the scan would end in a delta link behind it.
async fn scan_anew<S: Store>(
    reader: &Reader<'_, S>,
    scan: &Scan,
    opening: &mut Opening,
) -> Result<Scanned, End> {
    *opening = Opening::none();
    scan::read(reader, scan).await
}

/// Why the scan of this plan is serial.
fn serial(scan: &Scan) -> Option<String> {
    scan.partition.is_none().then(|| "serial scan: the stream names no partition".to_owned())
}

/// What a lost delta round of a handover means: an expired page token costs that round, a lost
/// baseline the handover.
fn begin_again<S: Store>(reader: &Reader<'_, S>, lost: &Lost, rewound: &mut bool) -> Next {
    reader.restarted(&lost.reason);
    if lost.rewind && !*rewound {
        *rewound = true;
        return Next::Rewind;
    }
    Next::FallBack(format!("the delta link of the handover was lost: {}", lost.reason))
}
