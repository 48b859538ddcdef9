//! The wait that a server asks for, in all its forms.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, HeaderName};

/// No server means to be waited for longer; keeps the clock's arithmetic within its range.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Reads the most precise one of `names` (A8): milliseconds for names that end in `-ms`, then whole or
/// fractional seconds, or an HTTP-date (facts: graph-protocol 3.4). A date is compared with the answer's
/// own `Date` where it has one, because this machine's clock may be wrong; `now` is the fallback.
///
/// `None` for an absent or malformed value (A9, A10); zero for a date in the past (A3).
pub(crate) fn server_wait(
    headers: &HeaderMap,
    names: &[HeaderName],
    now: SystemTime,
) -> Option<Duration> {
    let in_milliseconds = |name: &&HeaderName| name.as_str().ends_with("-ms");
    let mut precise = names.iter().filter(in_milliseconds);
    let precise = precise.find_map(|name| seconds(text(headers, name)?, 1_000.0));
    precise.or_else(|| {
        let mut rest = names.iter().filter(|name| !in_milliseconds(name));
        rest.find_map(|name| {
            let text = text(headers, name)?;
            seconds(text, 1.0).or_else(|| until(text, headers, now))
        })
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// A number, or a list of equal numbers as a proxy joins them (A11); rounded up to milliseconds (A6).
fn seconds(text: &str, per_second: f64) -> Option<Duration> {
    let first = text.split(',').next()?.trim();
    let digits = first.starts_with(|c: char| c.is_ascii_digit());
    let value: f64 = digits.then(|| first.parse().ok()).flatten()?;
    let milliseconds = (value / per_second * 1_000.0).ceil();
    Duration::try_from_secs_f64(milliseconds / 1_000.0).ok().map(|wait| wait.min(LONGEST))
}

fn until(text: &str, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let at = httpdate::parse_http_date(text).ok()?;
    let server_now =
        headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(at.duration_since(server_now.unwrap_or(now)).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::RetryConfig;

    fn wait(pairs: &[(&'static str, &str)]) -> Option<Duration> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        server_wait(&headers, &RetryConfig::default().retry_after_headers, SystemTime::UNIX_EPOCH)
    }

    /// A1, A2, A3, A4, A6, A8, A9, A10, A11, A13
    #[test]
    fn every_documented_form_is_read() {
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(wait(&[("retry-after", "120")]), ms(120_000));
        assert_eq!(wait(&[("retry-after", "2.128")]), ms(2_128));
        assert_eq!(wait(&[("retry-after", "0.2491")]), ms(250));
        assert_eq!(wait(&[("retry-after", "0")]), ms(0));
        assert_eq!(wait(&[("retry-after", "10000000000000000000")]), Some(LONGEST));
        assert_eq!(wait(&[("retry-after", "120,120")]), ms(120_000));
        assert_eq!(wait(&[("x-ms-retry-after-ms", "1500"), ("retry-after", "2")]), ms(1_500));
        assert_eq!(wait(&[("retry-after-ms", "soon"), ("retry-after", "2")]), ms(2_000));
        assert_eq!(wait(&[("retry-after", "Thu, 01 Jan 1970 00:01:00 GMT")]), ms(60_000));
        let date = ("date", "Sun, 06 Nov 1994 08:49:00 GMT");
        assert_eq!(wait(&[date, ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]), ms(37_000));
        assert_eq!(wait(&[date, ("retry-after", "Sun, 06 Nov 1994 08:48:00 GMT")]), ms(0));
        for malformed in ["", "-1", "soon", "1e400", "NaN", "inf"] {
            assert_eq!(wait(&[("retry-after", malformed)]), None, "{malformed}");
        }
        assert_eq!(wait(&[]), None);
    }
}
