//! Times of one form, so that they compare as text.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The places of a time up to its seconds; `0` is any digit.
const SECONDS: &[u8] = b"0000-00-00T00:00:00";

/// A time as Graph sends it, in UTC with three digits of milliseconds: `2031-01-31T12:00:00.000Z`. Takes
/// other offsets as well, times without one, which are UTC, and dates; `None` is anything else
/// (cases: H7). What is finer than a millisecond is cut off.
pub(crate) fn utc(text: &str) -> Option<String> {
    in_utc(text).or_else(|| {
        let without_offset = || {
            let time: DateTime = text.parse().ok()?;
            Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
        };
        let time: Timestamp = text.parse().ok().or_else(without_offset)?;
        Some(format!("{time:.3}"))
    })
}

/// The same of the form that Graph documents, without reckoning.
fn in_utc(text: &str) -> Option<String> {
    let (seconds, rest) = text.split_at_checked(SECONDS.len())?;
    let digits = match rest.strip_suffix('Z')? {
        "" => "",
        fraction => fraction.strip_prefix('.')?,
    };
    let fits = |(byte, place): (u8, &u8)| byte == *place || *place == b'0' && byte.is_ascii_digit();
    let is_time = seconds.bytes().zip(SECONDS).all(fits);
    let is_time = is_time && digits.bytes().all(|it| it.is_ascii_digit());
    is_time.then(|| format!("{seconds}.{digits:0<3.3}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H7
    #[test]
    fn times_of_every_spelling_compare_as_text() {
        let noon = Some("2031-01-31T12:00:00.000Z");
        for (text, expected) in [
            ("2031-01-31T12:00:00Z", noon),
            ("2031-01-31T12:00:00.0000000Z", noon),
            ("2031-01-31T12:00:00.5Z", Some("2031-01-31T12:00:00.500Z")),
            ("2031-01-31T12:00:00.9999999Z", Some("2031-01-31T12:00:00.999Z")),
            ("2031-01-31T14:00:00+02:00", noon),
            ("2031-01-31T12:00:00", noon),
            ("2031-01-31", Some("2031-01-31T00:00:00.000Z")),
            ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00.000Z")),
            ("2031-01-31T12:00:00.Z5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(utc(text).as_deref(), expected, "{text}");
        }
    }
}
