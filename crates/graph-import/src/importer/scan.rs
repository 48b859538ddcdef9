//! The scan of a handover: partitions of the plain collection, several at once.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use graph_dsl::Scan;
use graph_transport::{Disposition, Error, Page};

use super::fault::{End, Fault, is_overloaded};
use super::handover::count;
use super::objects::{self, Lost, Round};
use super::opening::Opening;
use super::partition::{self, Predicate};
use super::reader::{Reader, smaller_page};
use super::step::{Next, PartitionMove, Step, Stepped, Work};
use super::{ImportError, links};
use crate::store::{Partition, PartitionState, Store};

/// Partitions under way at once, over all streams of a run, each with a page in hand and one on the
/// way, of half a megabyte each: what bounds the memory of scans (cases: I7). The transport's lane
/// decides how many requests are on the wire.
pub(super) const AT_ONCE: usize = 24;
/// A partition of fewer pages is not worth more requests.
const FEWEST_PAGES: u64 = 10;
/// Pages of a plain collection (facts: graph-protocol 4.2).
const PAGE_SIZE: u16 = 999;
/// How often one partition begins again after Graph has forgotten its token.
const RESTARTS: u32 = 3;
/// A delta link that waits longer for its scan is moved on meanwhile (cases: C12: never a day).
const DRAIN_AFTER: Duration = Duration::from_secs(12 * 3_600);

/// How a scan ended.
pub(super) enum Scanned {
    /// Every partition is read.
    Whole,
    /// The delta link of the handover was lost while it went on.
    Lost(Lost),
}

/// What one job of a scan came to.
enum Job {
    Done,
    Split,
    /// The collection cannot be read in these partitions.
    Serial(String),
    Drained,
    Lost(Lost),
}

type Running<'a> = FuturesUnordered<Pin<Box<dyn Future<Output = Result<Job, End>> + Send + 'a>>>;

/// Reads every partition that is not done.
pub(super) async fn read<S: Store>(reader: &Reader<'_, S>, scan: &Scan) -> Result<Scanned, End> {
    loop {
        match read_partitions(reader, scan).await? {
            Job::Serial(reason) => {
                reader.restarted(&reason);
                let next = Next::Scan(partition::whole(), Some(reason));
                reader.step(Step::new(Work::Nothing, next)).await?;
            }
            Job::Lost(lost) => return Ok(Scanned::Lost(lost)),
            Job::Done | Job::Split | Job::Drained => return Ok(Scanned::Whole),
        }
    }
}

async fn read_partitions<S: Store>(reader: &Reader<'_, S>, scan: &Scan) -> Result<Job, End> {
    let share = Share::of(reader).await;
    let mut begun = None;
    let mut open = not_begun(reader, &mut begun).await?;
    let mut running: Running<'_> = FuturesUnordered::new();
    running.push(Box::pin(drain(reader)));
    let mut reading = 0;
    loop {
        while reading < AT_ONCE
            && let Some(partition) = open.pop_front()
        {
            reading += 1;
            running.push(Box::pin(read_partition(reader, scan, partition, share)));
        }
        if reading == 0 {
            return Ok(Job::Done);
        }
        match running.next().await.transpose()? {
            Some(Job::Done) => reading -= 1,
            Some(Job::Split) => {
                reading -= 1;
                open.extend(not_begun(reader, &mut begun).await?);
            }
            Some(Job::Drained) => running.push(Box::pin(drain(reader))),
            Some(other) => return Ok(other),
            None => return Ok(Job::Done),
        }
    }
}

/// Partitions that are open and were not returned before.
async fn not_begun<S: Store>(
    reader: &Reader<'_, S>,
    begun: &mut Option<u64>,
) -> Result<VecDeque<Partition>, ImportError> {
    let stream = reader.plan.name.clone();
    let partitions = reader.writer.call(move |store| store.partitions(&stream)).await?;
    let new = |partition: &Partition| {
        partition.state == PartitionState::Open && begun.is_none_or(|last| partition.place > last)
    };
    let open = partitions.iter().filter(|partition| new(partition)).cloned().collect();
    *begun = partitions.last().map(|partition| partition.place).or(*begun);
    Ok(open)
}

/// When a partition is read in parts of its own (cases: C9).
#[derive(Clone, Copy)]
struct Share {
    /// Objects that a partition may have. Its parts cost a request each, some fifty, most of them for
    /// nothing: as many as twenty pages in a row are sooner read.
    target: u64,
    /// Not where the collection must be read in one part, or is small enough for it.
    whole_splits: bool,
    parts_split: bool,
}

impl Share {
    async fn of<S: Store>(reader: &Reader<'_, S>) -> Self {
        let state = reader.state().await;
        let counted = state.counted.unwrap_or(0);
        Self {
            target: (2 * fewest(reader)).max(counted / AT_ONCE as u64),
            whole_splits: state.counted.is_none() && state.fallback.is_none(),
            parts_split: state.fallback.is_none(),
        }
    }

    fn splits(self, part: &Partition) -> bool {
        if part.is_whole() { self.whole_splits } else { self.parts_split }
    }
}

/// How many objects are too few for partitions.
fn fewest<S: Store>(reader: &Reader<'_, S>) -> u64 {
    u64::from(page_size(reader)) * FEWEST_PAGES
}

fn page_size<S: Store>(reader: &Reader<'_, S>) -> u16 {
    reader.plan.page_size.map_or(PAGE_SIZE, |size| size.min(PAGE_SIZE))
}

/// The partitions that a scan begins with; one page of the whole collection says with what its names
/// begin.
pub(super) async fn plan<S: Store>(
    reader: &Reader<'_, S>,
    scan: &Scan,
    counted: Option<u64>,
) -> Result<Vec<Partition>, End> {
    let large = counted.is_some_and(|objects| objects > fewest(reader));
    let Some(property) = scan.partition.as_deref().filter(|_| large) else {
        // Without a count its first page tells whether there is more than one.
        return Ok(partition::whole());
    };
    let link = links::partition(reader.client.cloud(), reader.plan, scan, "", page_size(reader))
        .map_err(|error| Fault::Failed(error.into()))?;
    match reader.fetch(&link, false).await {
        Ok(page) => Ok(partition::first(property, Some(&page))),
        Err(Fault::Stopped) => Err(Fault::Stopped.into()),
        // What is wrong the partitions will meet as well, and know what to do.
        Err(_) => Ok(partition::first(property, None)),
    }
}

/// Moves the baseline on once it has waited long enough (cases: C12).
async fn drain<S: Store>(reader: &Reader<'_, S>) -> Result<Job, End> {
    let state = reader.state().await;
    let age = reader.writer.age(state.baseline_at.as_deref()).unwrap_or_default();
    tokio::time::sleep(DRAIN_AFTER.saturating_sub(age)).await;
    let state = reader.state().await;
    Ok(match objects::round(reader, state, None, &mut Opening::none()).await? {
        Round::Complete | Round::TooLarge => Job::Drained,
        Round::Lost(lost) => Job::Lost(lost),
    })
}

async fn read_partition<S: Store>(
    reader: &Reader<'_, S>,
    scan: &Scan,
    part: Partition,
    share: Share,
) -> Result<Job, End> {
    let _place = reader.scans.acquire().await; // never closed
    let mut again = Again { top: page_size(reader), restarts: 0 };
    'walk: loop {
        let cloud = reader.client.cloud();
        let link = links::partition(cloud, reader.plan, scan, &part.prefix, again.top)
            .map_err(|error| Fault::Failed(error.into()))?;
        // The other partitions fetch meanwhile; a page ahead in each would double the memory.
        let mut walk = reader.walk(&link, false).prefetch(false);
        let mut first = true;
        loop {
            let page = match reader.next_page(&mut walk).await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(Job::Done),
                Err(fault) => match again.after(reader, &part, first, fault)? {
                    Some(serial) => return Ok(serial),
                    None => continue 'walk,
                },
            };
            if let Some(end) = keep(reader, scan, &part, page, (first, share)).await? {
                return Ok(end);
            }
            first = false;
        }
    }
}

/// Commits one page of a partition; how the partition ends, if it does.
async fn keep<S: Store>(
    reader: &Reader<'_, S>,
    scan: &Scan,
    part: &Partition,
    page: Page,
    (first, share): (bool, Share),
) -> Result<Option<Job>, End> {
    let next = match page.next_link() {
        None => PartitionMove::Done,
        Some(link) => match split(reader, scan, part, &page, (first, share)).await? {
            Some(children) => PartitionMove::Split(children),
            None => PartitionMove::Page(link.clone()),
        },
    };
    let end = match &next {
        PartitionMove::Page(_) => None,
        PartitionMove::Done => Some(Job::Done),
        PartitionMove::Split(_) => Some(Job::Split),
    };
    let predicate = Predicate::new(scan.partition.as_deref(), &part.prefix);
    let items = page.items().len() as u64;
    let work = Work::Scanned(Box::new(page), predicate.clone());
    let stepped = reader.step(Step::new(work, Next::Partition(part.place, next))).await?;
    objects::tell(reader, &reader.state().await, items, &stepped);
    if predicate.is_ignored() {
        let property = scan.partition.as_deref().unwrap_or_default();
        return Ok(Some(Job::Serial(format!(
            "serial scan: Graph ignores startswith({property},…)"
        ))));
    }
    Ok(if matches!(stepped, Stepped::Adopted) { Some(Job::Split) } else { end })
}

/// The parts of a partition whose first page is full and that has more than its share (cases: C9).
async fn split<S: Store>(
    reader: &Reader<'_, S>,
    scan: &Scan,
    part: &Partition,
    page: &Page,
    (first, share): (bool, Share),
) -> Result<Option<Vec<String>>, End> {
    let may = first && share.splits(part);
    let Some(property) = scan.partition.as_deref().filter(|_| may) else { return Ok(None) };
    let too_large = match count::ask(reader, scan, &part.prefix).await? {
        Some(objects) => objects > share.target,
        // Nothing is known of its size: the whole collection may be large, a part of it less so.
        None => part.is_whole(),
    };
    Ok(too_large.then(|| partition::children(&part.prefix, property, page)))
}

/// What a walk may try once more.
struct Again {
    top: u16,
    restarts: u32,
}

impl Again {
    /// What a fault means to a partition: `None` to begin it again.
    fn after<S: Store>(
        &mut self,
        reader: &Reader<'_, S>,
        part: &Partition,
        first: bool,
        fault: Fault,
    ) -> Result<Option<Job>, End> {
        match fault {
            Fault::Failed(error) if is_overloaded(&error) && smaller_page(self.top).is_some() => {
                self.top = smaller_page(self.top).unwrap_or(self.top);
                reader.restarted(&format!("pages are too large for Graph: $top={}", self.top));
                Ok(None)
            }
            Fault::Failed(error) if first && !part.is_whole() && is_refused(&error) => {
                let words = error.graph().map_or_else(String::new, |words| words.code.clone());
                Ok(Some(Job::Serial(format!("serial scan: Graph refuses the filter: {words}"))))
            }
            Fault::Gone { .. } | Fault::Loop if self.restarts < RESTARTS => {
                self.restarts += 1;
                reader.restarted("the page token of a partition expired");
                Ok(None)
            }
            fault => Err(fault.into()),
        }
    }
}

fn is_refused(error: &Error) -> bool {
    matches!(error.disposition(), Disposition::Invalid | Disposition::NotInCloud)
}
