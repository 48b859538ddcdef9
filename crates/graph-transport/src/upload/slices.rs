//! Ranges of bytes: which are missing, and which one goes next.

use std::ops::Range;

use super::UploadError;

/// The whole file.
pub(super) fn all(total: u64) -> Vec<Range<u64>> {
    std::iter::once(0..total).collect()
}

/// The next slice to send: the beginning of the first missing range.
pub(super) fn next(missing: &[Range<u64>], slice: u64) -> Option<Range<u64>> {
    let first = missing.first()?;
    Some(first.start..first.end.min(first.start.saturating_add(slice)))
}

/// What is missing after a slice was taken.
pub(super) fn without(missing: &[Range<u64>], sent: &Range<u64>) -> Vec<Range<u64>> {
    let parts = missing.iter().flat_map(|range| {
        let before = range.start..range.end.min(sent.start);
        let after = range.start.max(sent.end)..range.end;
        [before, after]
    });
    parts.filter(|range| range.start < range.end).collect()
}

/// `nextExpectedRanges` (F4): `12345-55232`, `77829-` for the rest, several, or none.
pub(super) fn expected(texts: &[String], total: u64) -> Result<Vec<Range<u64>>, UploadError> {
    let mut ranges: Vec<Range<u64>> =
        texts.iter().map(|text| one(text, total)).collect::<Result<_, _>>()?;
    ranges.sort_by_key(|range| range.start);
    let apart = ranges.windows(2).all(|pair| pair[0].end <= pair[1].start);
    if apart { Ok(ranges) } else { Err(UploadError::Ranges(texts.join(","))) }
}

fn one(text: &str, total: u64) -> Result<Range<u64>, UploadError> {
    let wrong = || UploadError::Ranges(text.to_owned());
    let (start, end) = text.trim().split_once('-').ok_or_else(wrong)?;
    let start: u64 = start.trim().parse().map_err(|_| wrong())?;
    let end = match end.trim() {
        "" => total,
        last => last.parse::<u64>().ok().and_then(|last| last.checked_add(1)).ok_or_else(wrong)?,
    };
    if start < end && end <= total { Ok(start..end) } else { Err(wrong()) }
}
